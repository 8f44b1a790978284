"""A script whose headings nobody foresaw: shown one, read whole, hands' work kept, the next draft read alike."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from tests.integration.test_script_import import company, work
from tests.integration.test_script_pages import dropped, scheduler
from tests.productions import Company

from xiepai.kernel.errors import XiepaiError
from xiepai.productions.models import Work
from xiepai.shoots.first_reading import lesson_so_far
from xiepai.shoots.models import Scene, Script
from xiepai.shoots.services import parting, scripts, teaching

__all__ = ["company", "scheduler", "work"]
pytestmark = pytest.mark.django_db

PLACES = ["林家客厅", "老街桥头", "公司走廊", "天台"]
STRANGE = "《无名》\n\n" + "\n".join(
    f"◎ {place} ◎ {light}\n△林溪推门进来。\n林溪：你怎么在这里？\n周屿：来了。\n"
    for place, light in zip(PLACES, "白黑白黑", strict=True)
)
SHOWN = {"text": "◎ 林家客厅 ◎ 白", "place": "林家客厅", "time": "白", "times.黑": "night"}


def read_places(script: Script) -> list[str]:
    script.refresh_from_db()
    return ["-".join(scene["place"]) for scene in script.reading["scenes"]]


def test_a_script_nobody_can_read_becomes_a_draft_that_is_shown_a_heading(work: Work, scheduler: Client) -> None:
    script = dropped(scheduler, work, STRANGE)
    path = f"/scripts/{script.pk}/"
    page = scheduler.get(path).content.decode()
    assert "没有读出场次" in page
    assert f"{path}headings/" in page
    refused = scheduler.post(path + "confirm/", follow=True).content.decode()
    assert "还没有一场" in refused
    lines = scheduler.get(path + "headings/").content.decode()
    assert "◎ 天台 ◎ 黑" in lines
    assert "推门进来" not in lines  # short lines first where nothing was found
    trial = scheduler.get(path + "headings/?line=3").content.decode()
    assert "这样写的有 4 行" in trial
    before = read_places(script)
    asked = scheduler.post(path + "teach/", {"try": "", "line": "3", **SHOWN})
    assert "times.%E9%BB%91=night" in asked["Location"]
    assert read_places(script) == before == []  # trying keeps nothing
    assert "这样写的有 4 行" in scheduler.get(asked["Location"].replace("#teach", "")).content.decode()
    scheduler.post(path + "teach/", SHOWN)
    assert read_places(script) == PLACES
    assert [scene["time"] for scene in script.reading["scenes"]] == ["day", "night"] * 2
    assert "4 场没有场号" in scheduler.get(path).content.decode()
    scheduler.post(path + "teach/", {"number_all": "1"})
    scheduler.post(path + "confirm/")
    assert list(Scene.objects.order_by("position").values_list("number", flat=True)) == ["1", "2", "3", "4"]


def test_what_hands_did_lasts_through_a_reading_of_the_whole(company: Company, work: Work, scheduler: Client) -> None:
    script = dropped(scheduler, work, STRANGE)
    who: dict[str, Any] = {"actor": company.scheduler, "script_id": script.pk}
    lesson = teaching.checked({"examples": [{"text": SHOWN["text"], "parts": {"place": "林家客厅", "time": "白"}}]})
    teaching.teach(**who, lesson=lesson)
    scripts.correct(**who, at=[0], fields={"number": "7", "summary": "林溪回家"})
    scripts.merge_names(**who, kind="cast", names=["周屿"], into="周予")
    scripts.leave_out(**who, at=[1])
    parting.begin_scene(**who, at=0, line=5)
    teaching.teach(**who, lesson=teaching.checked(lesson.to_json() | {"times": {"黑": "night"}}))
    script.refresh_from_db()
    scenes = script.reading["scenes"]
    assert [(scene["line"], scene["number"], scene.get("is_out", False)) for scene in scenes[:3]] == [
        (3, "7", False), (5, "", False), (8, "", True),
    ]  # fmt: skip
    assert scenes[0]["summary"] == "林溪回家"
    assert all("周屿" not in scene["cast"] for scene in scenes)
    parting.join_scene(**who, at=1)
    teaching.teach(**who, lesson=lesson_so_far(script))
    script.refresh_from_db()
    assert [scene["line"] for scene in script.reading["scenes"]] == [3, 8, 13, 18]


def test_the_next_draft_is_read_as_the_last_was_taught(work: Work, scheduler: Client) -> None:
    first = dropped(scheduler, work, STRANGE)
    scheduler.post(f"/scripts/{first.pk}/teach/", SHOWN)
    second = dropped(scheduler, work, STRANGE + "◎ 湖边 ◎ 黑\n△林溪走远。\n", "二稿.txt")
    assert read_places(second) == [*PLACES, "湖边"]
    assert second.reading["scenes"][-1]["time"] == "night"
    usual = dropped(scheduler, work, "1-1 日 内 客厅\n人物：林溪\n△林溪坐下。\n林溪：好。\n△黑场。", "三稿.txt")
    assert not lesson_so_far(usual)


def test_a_heading_that_is_none_is_unlearnt_alone_or_with_its_like(work: Work, scheduler: Client) -> None:
    script = dropped(scheduler, work, STRANGE)
    path = f"/scripts/{script.pk}/"
    scheduler.post(path + "teach/", SHOWN)
    page = scheduler.get(path + "headings/?none=8").content.decode()
    assert "只有这一行不是（剩 3 场）" in page
    scheduler.post(path + "teach/", {"text": "◎ 老街桥头 ◎ 黑", "none": "one"})
    assert read_places(script) == ["林家客厅", "公司走廊", "天台"]
    scheduler.post(path + "teach/", {"forget": "all"})
    assert read_places(script) == ["林家客厅", "公司走廊", "天台"]  # nothing would be left: refused, nothing changed


def test_a_part_that_is_not_in_the_line_is_told_and_strangers_teach_nothing(
    company: Company, work: Work, scheduler: Client
) -> None:
    script = dropped(scheduler, work, STRANGE)
    page = scheduler.get(f"/scripts/{script.pk}/headings/?line=3&place=卧室").content.decode()
    assert "“卧室”不在这一行里" in page
    with pytest.raises(XiepaiError) as refused:
        teaching.teach(actor=company.stranger, script_id=script.pk, lesson=lesson_so_far(script))
    assert refused.value.http_status == 404
    table = dropped(scheduler, work, "集,场,气氛,内外景,拍摄地点\n1,1,日,内,客厅\n", "场景表.csv")
    assert scheduler.get(f"/scripts/{table.pk}/headings/")["Location"] == f"/scripts/{table.pk}/"


def test_a_corrected_scene_is_doubtful_no_longer(work: Work, scheduler: Client) -> None:
    script = dropped(
        scheduler,
        work,
        "第一集\n1-1 客厅\n△林晚进来。\n1-2 夜 内 客厅\n人物：林晚\n△她坐下。\n1-3 日 内 客厅\n林晚：好。",
    )
    assert "没有写日/夜" in scheduler.get(f"/scripts/{script.pk}/").content.decode()
    fields = {"time": "day", "side": "in", "place": "客厅", "cast": "林晚"}
    scheduler.post(f"/scripts/{script.pk}/correct/", {"one": "", "at": "0", "episode": "1", "number": "1", **fields})
    script.refresh_from_db()
    scene = script.reading["scenes"][0]
    assert (scene["confidence"], "no_time" in scene["reasons"]) == (100, False)
    assert "number" not in scene["confirmed"]  # what was sent unchanged is nobody's correction
