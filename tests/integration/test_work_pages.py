"""Works over HTTP: a crew's pages, papers handed in and checked, what keeps 进组 waiting, the office's lists."""

from __future__ import annotations

import io
import re
from collections.abc import Generator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.factories import make_person, make_place
from tests.productions import NOW, PDF, SHOOT, Company, give, give_all, make_company, make_work

from xiepai.bookings import services as bookings
from xiepai.kernel import clock
from xiepai.productions import services
from xiepai.productions.models import CrewMember, Paper, PaperKind, Work
from xiepai.worktime.spans import Span

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _december(tmp_path: Path, settings: Any) -> Generator[None, None, None]:
    settings.MEDIA_ROOT = tmp_path
    with clock.frozen(NOW):
        yield


class Stage:
    """A company with a work, and a browser for each who looks at it."""

    def __init__(self) -> None:
        self.company: Company = make_company()
        self.work = make_work(self.company)
        self.crew = self._browser(self.company.person)
        self.officer = self._browser(make_person("officer")[0])
        self.leader = self._browser(make_person("leader")[0])
        self.stranger = self._browser(make_person("producer")[0])
        self.base = f"/works/{self.work.pk}/"

    @staticmethod
    def _browser(person: Any) -> Client:
        client = Client()
        client.force_login(person)
        return client

    def go(self, state: str) -> Any:
        return self.crew.post(f"{self.base}stage/", {"state": state}, follow=True)

    def state(self) -> str:
        return Work.objects.get(pk=self.work.pk).state

    def hand_in(self, code: str, **fields: str) -> Any:
        return self.crew.post(f"{self.base}papers/new/", {"kind": code, "number": "样例-1", **fields})


@pytest.fixture
def stage() -> Stage:
    return Stage()


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


FORM = {
    "title": "湖上灯火",
    "making_mode": "ai",
    "format": "vertical",
    "episodes": "60",
    "minutes_per_episode": "1.5",
    "investment": "79.999999",
    "minors_count": "",
    "drones_count": "0",
}


def test_a_work_is_declared_and_its_page_shows_class_rule_and_threshold(stage: Stage) -> None:
    answer = stage.crew.post("/works/new/", {**FORM, "crew": str(stage.company.crew.pk)})
    work = Work.objects.get(title="湖上灯火")
    assert answer["Location"] == f"/works/{work.pk}/"
    assert (work.investment_fen, work.minors_count, work.organisation) == (79_999_999, 0, stage.company.crew)
    page = text(stage.crew.get(f"/works/{work.pk}/"))
    for words in ("二类", "达到 30 万元、不足 80 万元", "第 16 号令，2026 年 9 月 1 日起", "二手资料"):
        assert words in page
    stage.crew.post(f"/works/{work.pk}/edit/", {**FORM, "investment": "80", "filed_on": "2026-08-31"})
    page = text(stage.crew.get(f"/works/{work.pk}/"))
    assert "达到 80 万元，归入“重点”" in page
    assert "2026 年 7 月 1 日起，2026 年 9 月 1 日前" in page
    assert "按备案日（2026-08-31）的规定计算" in page


@pytest.mark.parametrize(
    ("given", "label"),
    [
        ({"investment": "299.999999"}, "二类"),
        ({"investment": "300"}, "一类"),
        ({"investment": "300", "filed_on": "2025-12-31"}, "重点"),
        ({"investment": "0", "subjects": "military"}, "一类"),
        ({"investment": ""}, "未定"),
        ({"investment": "many"}, "未定"),
        ({"investment": "300", "filed_on": "2024-05-31"}, "未定"),
    ],
)
def test_the_class_is_shown_while_the_amount_is_typed(stage: Stage, given: dict[str, str], label: str) -> None:
    page = text(stage.crew.get("/works/class/", {"making_mode": "live", **given}))
    assert f'<p class="class-name">{label}' in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"title": " "}, "必填"),
        ({"investment": "abc"}, "输入一个数"),
        ({"shooting_from": "2026-12-08", "shooting_to": "2026-12-07"}, "不能早于开机日期"),
        ({"episodes": "0"}, "1"),
    ],
)
def test_a_form_that_cannot_be_is_shown_again_and_nothing_is_kept(
    stage: Stage, fields: dict[str, str], words: str
) -> None:
    answer = stage.crew.post("/works/new/", {**FORM, "crew": str(stage.company.crew.pk), **fields})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Work.objects.count() == 1


def test_a_work_is_not_declared_for_another_company(stage: Stage) -> None:
    other = make_person("producer")[0].memberships.get().organisation_id
    assert stage.crew.post("/works/new/", {**FORM, "crew": str(other)}).status_code == 422
    officer = stage.officer.post("/works/new/", {**FORM, "crew": str(other)})
    assert officer.status_code == 302
    assert Work.objects.get(title="湖上灯火").organisation_id == other


def test_missing_papers_block_the_shoot_until_each_is_given_and_checked(stage: Stage) -> None:
    stage.go("preparing")
    codes = ["business-licence", "production-licence", "shooting-agreement", "safety-promise"]
    answer = stage.go("shooting")
    assert answer.redirect_chain == [(f"{stage.base}?want=shooting#refused", 302)]
    page = text(answer)
    assert "还不能转到“进组”" in page
    assert all(f"papers/#kind-{code}" in page for code in codes)
    for code in codes:
        assert stage.state() == "preparing"
        assert stage.hand_in(code)["Location"] == f"{stage.base}papers/"
        assert "还不能转到“进组”" in text(stage.go("shooting"))  # handed in is not checked
        paper = Paper.objects.get(kind__code=code)
        stage.officer.post(f"/office/papers/{paper.pk}/", {"decision": "accept", "back": "queue"})
    assert "文件已齐，现在可以转到“进组”" in text(stage.crew.get(stage.base, {"want": "shooting"}))
    stage.go("shooting")
    assert stage.state() == "shooting"


def test_the_checklist_tells_what_blocks_from_what_is_needed_later(stage: Stage) -> None:
    give(stage.company, stage.work, "business-licence")
    page = text(stage.crew.get(f"{stage.base}papers/"))
    blocking, rest = page.split('id="later-title"')
    later, settled = rest.split('id="settled-title"')
    assert "kind-safety-promise" in blocking
    assert "缺 3 项" in blocking
    assert "kind-release-credential" in later
    assert "kind-business-licence" in settled


def test_a_stage_that_does_not_follow_is_refused_with_its_reason(stage: Stage) -> None:
    page = text(stage.go("released"))
    assert "不能转到“上线”" in page
    assert stage.state() == "declared"
    assert stage.go("nonsense").status_code == 404


def test_a_paper_with_a_file_is_downloaded_as_it_came_and_never_shown_in_a_page(stage: Stage) -> None:
    upload = SimpleUploadedFile("营业执照.pdf", PDF, "text/html")
    stage.crew.post(f"{stage.base}papers/new/", {"kind": "business-licence", "file": upload, "valid_to": "2027-12-31"})
    paper = Paper.objects.get()
    page = text(stage.crew.get(f"/papers/{paper.pk}/"))
    assert paper.sha256 in page
    assert "至 2027年12月31日" in page
    answer = stage.crew.get(f"/papers/{paper.pk}/file/")
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert b"".join(stage.officer.get(f"/papers/{paper.pk}/file/").streaming_content) == PDF
    assert stage.stranger.get(f"/papers/{paper.pk}/file/").status_code == 404
    stage.crew.post(f"/papers/{paper.pk}/withdraw/")
    paper.refresh_from_db()
    assert paper.state == "withdrawn"
    assert stage.crew.get(f"/papers/{paper.pk}/file/").status_code == 404


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "business-licence"}, "请上传文件或填写编号"),
        ({"kind": "guardian-consent", "number": "1"}, "请写明这份文件是谁的"),
        ({"kind": "nonsense", "number": "1"}, "nonsense"),
        ({"kind": "business-licence", "number": "1", "valid_from": "2027-01-02", "valid_to": "2027-01-01"}, "不能早于"),
        ({"kind": "business-licence", "file": SimpleUploadedFile("a.pdf", b"<script>")}, "PDF、JPEG、PNG"),
    ],
)
def test_a_paper_that_cannot_be_is_refused_in_its_form(stage: Stage, fields: dict[str, Any], words: str) -> None:
    answer = stage.crew.post(f"{stage.base}papers/new/", fields)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Paper.objects.exists()


def test_the_office_sends_a_paper_back_with_a_reason_the_crew_reads(stage: Stage) -> None:
    stage.hand_in("business-licence")
    paper = Paper.objects.get()
    queue = text(stage.officer.get("/office/papers/"))
    assert f"/papers/{paper.pk}/" in queue
    check = f"/office/papers/{paper.pk}/"
    assert "请写明退回原因" in text(stage.officer.post(check, {"decision": "reject", "note": " "}, follow=True))
    stage.officer.post(check, {"decision": "reject", "note": "印章不清", "back": "queue"})
    assert "被退回：印章不清" in text(stage.crew.get(f"{stage.base}papers/"))
    assert f"/papers/{paper.pk}/" not in text(stage.officer.get("/office/papers/"))
    assert stage.crew.post(check, {"decision": "accept"}).status_code == 403
    assert stage.officer.post(check, {"decision": "burn"}).status_code == 422
    paper.refresh_from_db()
    assert paper.state == "rejected"


def test_the_queue_is_narrowed_by_kind_and_words(stage: Stage) -> None:
    stage.hand_in("business-licence")
    stage.hand_in("safety-promise", number="甲-7")
    kind = PaperKind.objects.get(code="safety-promise")
    licence, promise = Paper.objects.order_by("id")
    shown = [
        set(re.findall(r"/papers/(\d+)/", text(stage.officer.get("/office/papers/", query))))
        for query in ({}, {"q": "湖畔"}, {"kind": str(kind.pk)}, {"q": "甲-7"}, {"q": "无此"})
    ]
    both = {str(licence.pk), str(promise.pk)}
    assert shown == [both, both, {str(promise.pk)}, {str(promise.pk)}, set()]


def test_people_are_added_changed_and_taken_off(stage: Stage) -> None:
    sheet = f"{stage.base}people/"
    line = {"name": "张三", "duty": "camera", "diet": "halal", "phone": "000-0000", "room": "801"}
    assert stage.crew.post(sheet, line).status_code == 302
    assert stage.crew.post(sheet, line).status_code == 422  # twice the same
    member = CrewMember.objects.get()
    page = text(stage.crew.get(sheet))
    assert "回民 1" in page
    assert f"/works/people/{member.pk}/remove/" in page
    stage.crew.post(f"/works/people/{member.pk}/", {**line, "duty": "lighting"})
    member.refresh_from_db()
    assert member.duty == "lighting"
    lines = b"".join(stage.crew.get(f"{stage.base}people.csv").streaming_content).decode().splitlines()
    assert lines[1] == "灯光,,张三,000-0000,回民,801,"
    assert f"/works/people/{member.pk}/remove/" not in text(stage.leader.get(sheet))
    assert stage.stranger.post(f"/works/people/{member.pk}/remove/").status_code == 404
    stage.crew.post(f"/works/people/{member.pk}/remove/")
    assert not CrewMember.objects.exists()


def test_lists_are_narrowed_sorted_and_written_to_files(stage: Stage) -> None:
    make_work(stage.company, title="大制作", investment_fen=300_000_000, shooting_from=None, shooting_to=None)
    make_work(stage.company, title="智绘", making_mode="ai", investment_fen=30_000_000)
    names = ("湖畔来信", "大制作", "智绘")

    def shown(client: Client, address: str, **query: str) -> list[str]:
        page = text(client.get(address, query))
        return sorted((name for name in names if name in page), key=page.index)

    for client, address in ((stage.crew, "/works/"), (stage.officer, "/office/works/")):
        assert shown(client, address) == ["智绘", "大制作", "湖畔来信"]
        assert shown(client, address, level="top") == ["大制作"]
        assert shown(client, address, level="middle") == ["智绘"]
        assert shown(client, address, making="ai") == ["智绘"]
        assert shown(client, address, state="shooting") == []
        assert shown(client, address, state="open", sort="investment") == ["智绘", "湖畔来信", "大制作"]
        assert shown(client, address, sort="-investment")[0] == "大制作"
        assert shown(client, address, q=f"xj{stage.work.pk:05d}") == ["湖畔来信"]
    assert shown(stage.stranger, "/works/") == []
    assert shown(stage.officer, "/office/works/", crew=str(stage.company.crew.pk)) == ["智绘", "大制作", "湖畔来信"]
    rows = b"".join(stage.crew.get("/works.csv", {"level": "top"}).streaming_content).decode().splitlines()
    assert len(rows) == 2
    assert "第 16 号令" in rows[1]
    book = openpyxl.load_workbook(io.BytesIO(stage.officer.get("/office/works.xlsx").content))
    table = list(book.active.iter_rows(values_only=True))
    assert (len(table), table[1][1], table[1][8]) == (4, "智绘", 300_000)
    assert stage.crew.get("/works.pdf").status_code == 404
    assert stage.crew.get("/office/works/").status_code == 403


def test_another_company_finds_nothing_and_an_onlooker_of_the_office_writes_nothing(stage: Stage) -> None:
    stage.hand_in("business-licence")
    paper = Paper.objects.get()
    for address in (stage.base, f"{stage.base}papers/", f"{stage.base}people/", f"{stage.base}edit/"):
        assert stage.stranger.get(address).status_code == 404
    for address in (f"{stage.base}stage/", f"{stage.base}edit/", f"{stage.base}papers/new/", f"{stage.base}people/"):
        assert stage.stranger.post(address, {**FORM, "state": "preparing"}).status_code == 404
        assert stage.leader.post(address, {**FORM, "state": "preparing"}).status_code in {403, 422}
    assert stage.stranger.get(f"/papers/{paper.pk}/").status_code == 404
    assert stage.stranger.post(f"/papers/{paper.pk}/withdraw/").status_code == 404
    assert 'name="decision"' not in text(stage.leader.get(f"/papers/{paper.pk}/"))
    assert 'name="state"' not in text(stage.leader.get(stage.base))
    assert (stage.state(), Paper.objects.get().state) == ("declared", "submitted")


def test_the_office_edits_the_checklist_and_every_work_is_held_against_it(stage: Stage) -> None:
    give_all(stage.company, stage.work)
    stage.go("preparing")
    line = {
        "zh": "消防方案",
        "needed_by": "shooting",
        "per_piece": "work",
        "standing": "known",
        "required_when": "live",
    }
    assert stage.officer.post("/office/paper-kinds/new/", {**line, "code": "fire-plan"}).status_code == 302
    assert "消防方案" in text(stage.go("shooting"))
    kind = PaperKind.objects.get(code="fire-plan")
    edit = f"/office/paper-kinds/{kind.pk}/"
    stage.officer.post(edit, {**line, "zh": "用火方案", "required_when": ["fireworks", "prop_guns"]})
    kind.refresh_from_db()
    assert (kind.zh, kind.required_when) == ("用火方案", ["fireworks", "prop_guns"])
    stage.officer.post(edit, {**line, "required_when": "live"})
    assert "还不能转到“进组”" in text(stage.go("shooting"))
    stage.officer.post(f"{edit}state/", {"is_active": "0"})
    stage.go("shooting")
    assert stage.state() == "shooting"
    assert "已停用" in text(stage.officer.get("/office/paper-kinds/"))
    assert "已改文件种类" in text(stage.officer.get(f"/history/productions.paperkind/{kind.pk}/"))
    assert stage.officer.post("/office/paper-kinds/new/", {**line, "code": "fire-plan"}).status_code == 422
    assert stage.crew.post(edit, line).status_code == 403


def test_works_are_read_over_the_api(stage: Stage) -> None:
    give(stage.company, stage.work, "business-licence")
    listed = stage.crew.get("/api/v1/works", {"level": "low", "making": "live", "state": ["declared"]}).json()
    assert [row["code"] for row in listed["rows"]] == [stage.work.code]
    assert listed["rows"][0]["class"] == {"level": "low", "label": {"zh": "三类", "en": "Class 3"}}
    assert stage.crew.get("/api/v1/works", {"level": "top"}).json()["total"] == 0
    one = stage.crew.get(f"/api/v1/works/{stage.work.pk}").json()
    assert (one["class"]["rule"], one["class"]["upper_fen"], one["gate"]) == ("2026-09", 100_000_000, "shooting")
    assert one["investment"] == {"fen": 50_000_000, "text": "¥500,000"}
    checklist = stage.crew.get(f"/api/v1/works/{stage.work.pk}/checklist").json()
    assert checklist["blocking"] == ["production-licence", "shooting-agreement", "safety-promise"]
    states = {row["kind"]: (row["state"], row["is_missing"]) for row in checklist["rows"]}
    assert states["business-licence"] == ("accepted", False)
    assert states["release-credential"] == ("missing", True)
    for path in ("", "/checklist"):
        assert stage.stranger.get(f"/api/v1/works/{stage.work.pk}{path}").status_code == 404
    assert stage.stranger.get("/api/v1/works").json()["total"] == 0
    assert Client().get("/api/v1/works").status_code == 401


def test_what_is_booked_for_a_work_stands_on_its_page_and_leads_back(stage: Stage) -> None:
    place = make_place(name="审讯室")
    start = clock.at_local_midnight(SHOOT[0]) + timedelta(hours=8)
    span = Span(start, start + timedelta(hours=4))
    booking = bookings.place_hold(
        actor=stage.company.producer,
        organisation_id=stage.company.crew.pk,
        place_id=place.pk,
        span=span,
        work_id=stage.work.pk,
    )
    page = text(stage.crew.get(stage.base))
    assert booking.code in page
    assert "审讯室" in page
    assert f'href="{stage.base}"' in text(stage.crew.get(f"/bookings/{booking.pk}/"))
    other = make_work(stage.company, title="另一部")
    assert booking.code not in text(stage.crew.get(f"/works/{other.pk}/"))


def test_the_first_page_counts_what_waits(stage: Stage) -> None:
    stage.hand_in("business-licence")
    assert "部作品还缺下一阶段的文件" in text(stage.crew.get("/"))
    assert "份文件待核对" in text(stage.officer.get("/"))


def test_the_stages_show_the_days_they_were_entered_on(stage: Stage) -> None:
    services.advance_work(actor=stage.company.producer, work_id=stage.work.pk, state="filed")
    page = text(stage.crew.get(stage.base))
    done, here = page.split('class="here" aria-current="step"')
    assert "12月1日" in done.rsplit('class="done"', 1)[1]
    assert "12月1日" in here.split("</li>")[0]
    assert Work.objects.get(pk=stage.work.pk).filed_on == date(2026, 12, 1)


def test_pages_ask_the_database_as_little_for_many_works_as_for_few(stage: Stage) -> None:
    def queries(client: Client, address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    pages = [
        (stage.crew, "/works/"),
        (stage.officer, "/office/works/"),
        (stage.crew, "/"),
        (stage.officer, "/office/papers/"),
    ]
    stage.hand_in("business-licence")
    few = [queries(*page) for page in pages]
    for number in range(12):
        work = make_work(stage.company, title=f"第 {number} 部")
        give(stage.company, work, "business-licence", accepted=False)
    assert [queries(*page) for page in pages] == few
    for page in (stage.base, f"{stage.base}papers/", f"{stage.base}people/", "/works/new/"):
        assert queries(stage.crew, page) < 30
