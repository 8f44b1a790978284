"""Scripts over HTTP: dropped, corrected, names merged, taken over; nonsense told, strangers refused."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.integration.test_script_import import FIRST, company, work
from tests.productions import Company

from xiepai.parties.models import Person
from xiepai.productions.models import Work
from xiepai.shoots.models import CastRole, Scene, Script, ScriptState

__all__ = ["company", "work"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def scheduler(company: Company) -> Client:
    client = Client()
    client.force_login(Person.objects.get(pk=company.scheduler.person_id))
    return client


def dropped(client: Client, work: Work, text: str = FIRST, name: str = "湖畔来信.txt") -> Script:
    answer = client.post(f"/works/{work.pk}/scripts/", {"file": SimpleUploadedFile(name, text.encode())})
    script = Script.objects.latest("pk")
    assert answer["Location"] == f"/scripts/{script.pk}/"
    return script


def test_from_a_file_to_the_breakdown(work: Work, scheduler: Client) -> None:
    script = dropped(scheduler, work)
    path = f"/scripts/{script.pk}/"
    page = scheduler.get(path).content.decode()
    assert "△林晚推门进来，手里拿着一封信。" in page
    assert "读出 3 场" in page
    assert "可能是同一个" in page  # 沈家-客厅 and 沈家客厅
    scheduler.post(path + "merge/", {"kind": "cast", "name": ["晚晚"], "into": "林晚"})
    scheduler.post(path + "correct/", {"at": ["0", "2"], "time": "night"})
    one = {"one": "", "at": "1", "episode": "1", "number": "2", "time": "dusk", "side": "out", "place": "湖边-栈道"}
    scheduler.post(path + "correct/", {**one, "cast": "林晚、邮差", "summary": "等信"})
    answer = scheduler.post(path + "confirm/")
    assert answer["Location"] == f"/works/{work.pk}/breakdown/"
    found = list(Scene.objects.order_by("position").values_list("number", "time_of_day", "synopsis"))
    assert [row[:2] for row in found] == [("1", "night"), ("2", "dusk"), ("3", "night")]
    assert found[1][2] == "等信"
    assert not CastRole.objects.filter(name="晚晚").exists()
    assert "已采用" in scheduler.get(f"/works/{work.pk}/scripts/").content.decode()
    download = scheduler.get(path + "file/")
    assert b"".join(download.streaming_content).decode() == FIRST


def test_a_heading_that_is_none_is_left_out(work: Work, scheduler: Client) -> None:
    script = dropped(scheduler, work)
    scheduler.post(f"/scripts/{script.pk}/correct/", {"at": ["1"], "leave_out": ""})
    assert "不是场次" in scheduler.get(f"/scripts/{script.pk}/").content.decode()
    scheduler.post(f"/scripts/{script.pk}/correct/", {"at": ["1"], "take_in": ""})
    scheduler.post(f"/scripts/{script.pk}/confirm/")
    assert Scene.objects.count() == 3


def test_nonsense_is_told_on_the_page(work: Work, scheduler: Client) -> None:
    answer = scheduler.post(f"/works/{work.pk}/scripts/", {"file": SimpleUploadedFile("a.txt", b"nothing here")})
    assert answer.status_code == 422
    script = dropped(scheduler, work)
    answer = scheduler.post(f"/scripts/{script.pk}/correct/", {"at": ["99999"], "time": "night"}, follow=True)
    assert "没有这一场" in answer.content.decode()
    answer = scheduler.post(f"/scripts/{script.pk}/correct/", {"time": "night"}, follow=True)
    assert "先勾选场次" in answer.content.decode()
    scheduler.post(f"/scripts/{script.pk}/discard/")
    script.refresh_from_db()
    assert script.state == ScriptState.DISCARDED
    answer = scheduler.post(f"/scripts/{script.pk}/confirm/", follow=True)
    assert "已经核对过" in answer.content.decode()


def test_what_a_script_says_is_text_never_markup(work: Work, scheduler: Client) -> None:
    hostile = FIRST.replace("许舟", "<script>alert(1)</script>")
    page = scheduler.get(f"/scripts/{dropped(scheduler, work, hostile).pk}/").content.decode()
    assert "<script>alert(1)" not in page


def test_a_stranger_finds_no_script(company: Company, work: Work, scheduler: Client) -> None:
    script = dropped(scheduler, work)
    stranger = Client()
    stranger.force_login(Person.objects.get(pk=company.stranger.person_id))
    assert stranger.get(f"/scripts/{script.pk}/").status_code == 404
    assert stranger.get(f"/scripts/{script.pk}/file/").status_code == 404
    assert stranger.post(f"/scripts/{script.pk}/confirm/").status_code == 404
    assert stranger.get(f"/works/{work.pk}/scripts/").status_code == 404


def test_a_missed_heading_begins_a_scene_and_a_wrong_one_goes_back(work: Work, scheduler: Client) -> None:
    text = FIRST + "\n到了医院走廊\n护士：别跑！\n△许舟追着推车跑。\n"
    script = dropped(scheduler, work, text)
    path, line = f"/scripts/{script.pk}/", text.split("\n").index("到了医院走廊") + 1
    before = script.reading["scenes"][2]
    corrected = {"one": "", "at": "2", "summary": "手写的内容"}
    scheduler.post(path + "correct/", corrected)
    answer = scheduler.post(path + "correct/", {"begin": f"2:{line}"})
    assert answer["Location"].endswith("#s3")
    script.refresh_from_db()
    above, below = script.reading["scenes"][2:]
    assert (above["last_line"], below["line"], below["last_line"]) == (line - 1, line, before["last_line"])
    assert "护士" in before["cast"]
    assert "护士" not in above["cast"]
    assert below["cast"] == ["护士"]
    assert (below["number"], below["episode"]) == ("", above["episode"])
    assert above["summary"] == "手写的内容", "what a person wrote stays"
    refusal = scheduler.post(path + "confirm/", follow=True).content.decode()
    assert "场号缺失或重复" in refusal
    for nonsense in ({"begin": "2:1"}, {"begin": f"99:{line}"}, {"join": "0"}):
        said = scheduler.post(path + "correct/", nonsense, follow=True).content.decode()
        assert "这一行不在" in said or "没有这一场" in said or "上面没有别的场次" in said
    assert scheduler.post(path + "correct/", {"begin": "x"}).status_code == 404
    assert scheduler.post(path + "correct/", {"join": "3"})["Location"].endswith("#s2")
    script.refresh_from_db()
    assert len(script.reading["scenes"]) == 3
    assert script.reading["scenes"][2]["cast"] == before["cast"]
    assert script.reading["scenes"][2]["eighths"] == before["eighths"]


def test_a_table_has_no_lines_to_cut(work: Work, scheduler: Client) -> None:
    sheet = "集,场,气氛,内外景,主场景,主要内容\n1,1,日,内,沈家,开门\n1,2,夜,外,湖边,等信\n"
    script = dropped(scheduler, work, sheet, "场景表.csv")
    page = scheduler.get(f"/scripts/{script.pk}/").content.decode()
    assert "并入上一场" not in page
    said = scheduler.post(f"/scripts/{script.pk}/correct/", {"join": "1"}, follow=True).content.decode()
    assert "没有这一场" in said
