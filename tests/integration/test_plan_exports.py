"""What leaves the house comes back: 场景表 and USS read again, PDFs with every scene, boards another reads."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from django.utils import translation
from tests.productions import Company, make_company, make_work
from tests.studio import december

from xiepai.parties.models import Person
from xiepai.productions.models import Work
from xiepai.script import Scene, read_script
from xiepai.shoots import exchange, tables
from xiepai.shoots.models import CastRole, Plan, RoleKind, ShotState
from xiepai.shoots.models import Scene as Row
from xiepai.shoots.services import boards, scripts
from xiepai.web.spreadsheets import csv_rows, xlsx_bytes

pytestmark = pytest.mark.django_db
DRAMA = Path(__file__).parents[2] / "examples" / "scripts" / "demo-drama.txt"
FIRST = date(2026, 12, 7)


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.fixture
def work(company: Company, tmp_path: Path, settings: Any) -> Work:
    """The sample drama taken into the breakdown."""
    settings.MEDIA_ROOT = tmp_path
    work = make_work(company)
    take(company, work, DRAMA.read_bytes(), DRAMA.name)
    return work


@pytest.fixture
def plan(company: Company, work: Work) -> Plan:
    """Two units: ten scenes and a meal on the first day, three on the third, one of the second unit's."""
    with december():
        plan = boards.create_plan(
            actor=company.scheduler, work_id=work.pk, name="方案一", first_day=FIRST, last_day=date(2026, 12, 9),
            unit_names=["A组", "B组"],
        )  # fmt: skip
        strips = list(plan.strips.order_by("position").values_list("pk", flat=True))
        days = {(day.day.day, day.unit): day.pk for day in plan.days.all()}
        who: dict[str, Any] = {"actor": company.scheduler, "plan_id": plan.pk}
        boards.move_strips(**who, revision=0, strip_ids=strips[:10], plan_day_id=days[7, 0])
        boards.move_strips(**who, revision=1, strip_ids=strips[10:13], plan_day_id=days[9, 0])
        boards.move_strips(**who, revision=2, strip_ids=strips[13:14], plan_day_id=days[9, 1])
        return boards.add_banner(**who, revision=3, plan_day_id=days[7, 0], text="午餐", is_meal=True)


def take(company: Company, work: Work, data: bytes, name: str) -> dict[str, Any]:
    """Import and confirm; what would change."""
    script = scripts.import_script(actor=company.scheduler, work_id=work.pk, data=data, file_name=name)
    scripts.confirm(actor=company.scheduler, script_id=script.pk)
    return dict(script.changes)


def kept(scene: Scene) -> tuple[object, ...]:
    """What a list of scenes must keep."""
    things = (set(scene.props), set(scene.costumes))
    return (*scene.head(), {*scene.cast, *scene.guests}, scene.crowd, *things, scene.eighths, scene.summary)


FORMS = {
    "a.xlsx": lambda work: xlsx_bytes(tables.breakdown(work)),
    "a.csv": lambda work: "".join(csv_rows(tables.breakdown(work))).encode(),
    "a.uss": exchange.work_uss,
}


@pytest.mark.parametrize("name", FORMS)
def test_an_exported_breakdown_is_read_as_the_same_scenes(name: str, company: Company, work: Work) -> None:
    was = read_script(DRAMA.read_bytes(), DRAMA.name).scenes
    again = read_script(FORMS[name](work), name).scenes
    assert [kept(each) for each in again] == [kept(each) for each in was]
    changes = take(company, work, FORMS[name](work), name)
    assert (changes["new"], changes["changed"], changes["gone"], changes["moved"]) == ([], [], [], [])
    assert changes["same"] == len(was)


@pytest.mark.parametrize(("form", "kind"), [("fountain", "text/plain"), ("fdx", "application/xml")])
def test_a_screenplay_comes_back_with_every_scene_and_word(form: str, kind: str, company: Company, work: Work) -> None:
    client = Client()
    client.force_login(Person.objects.get(pk=company.scheduler.person_id))
    path = f"/works/{work.pk}/tables/breakdown.{form}"
    assert path in client.get(f"/works/{work.pk}/breakdown/").content.decode()
    answer = client.get(path)
    assert answer["Content-Type"] == f"{kind}; charset=utf-8"
    assert answer["Content-Disposition"] == f'attachment; filename="breakdown-{work.pk}.{form}"'
    was = read_script(DRAMA.read_bytes(), DRAMA.name).scenes
    again = read_script(answer.content, f"a.{form}").scenes
    assert [each.head() for each in again] == [each.head() for each in was]
    assert [{*each.cast, *each.guests} for each in again] == [{*each.cast, *each.guests} for each in was]
    said = [[(each.who, each.text) for each in scene.body if each.who] for scene in was]
    assert [[(each.who, each.text) for each in scene.body if each.who] for scene in again] == said
    assert sum(map(len, said)) > 40
    Row.objects.filter(work=work, position=0).update(line_from=0, synopsis="苏晚推门。\n雨停了。")
    assert "△苏晚推门。" in client.get(path).content.decode(), "no script tells it: its summary does"
    assert client.get(f"/works/{work.pk}/tables/by-set.{form}").status_code == 404
    stranger = Client()
    stranger.force_login(Person.objects.get(pk=company.stranger.person_id))
    assert stranger.get(path).status_code == 404


def test_a_table_keeps_marks_long_names_and_columns_names_that_roles_have(company: Company, work: Work) -> None:
    before = {str(row): set(row.marks) for row in Row.objects.filter(work=work)}
    notes = {str(row): (row.note,) if row.note else () for row in Row.objects.filter(work=work)}
    longest = CastRole.objects.filter(work=work).exclude(kind=RoleKind.GUEST).order_by("pk")[:2]
    for role, name in zip(longest, ("亚历山大·伊万诺维奇", "道具"), strict=True):
        role.name = name
        role.save()
    head, *rows = tables.breakdown(work)
    assert "演员" in head
    assert all(len(row) == len(head) for row in rows)
    again = read_script(xlsx_bytes(tables.breakdown(work)), "a.xlsx").scenes
    names = {name for scene in again for name in scene.cast}
    assert {"亚历山大·伊万诺维奇", "道具"} <= names
    for scene in again:
        assert before[scene.key] <= {str(mark) for mark in scene.mark_names}, scene.key
        assert scene.notes == notes[scene.key], "marks are no notes"


def test_what_kind_of_scene_it_is_stays_with_the_scene(company: Company, work: Work) -> None:
    text = "第一集\n1-1 日 内 苏家客厅 （闪回）\n人物：苏晚\n△苏晚推门。\n"
    take(company, work, text.encode(), "闪回.txt")
    assert Row.objects.get(work=work, is_removed=False).note == "闪回"


def test_a_plan_as_uss_has_boards_days_and_a_calendar_that_dates_them(work: Work, plan: Plan) -> None:
    with december():
        root = json.loads(exchange.plan_uss(plan))["universalScheduleStandard"]
    board = root["stripboards"][0]
    ids = [key for each in board["boards"] for key in each["breakdownIds"]]
    assert sorted(ids) == sorted(each["id"] for each in root["breakdowns"]), "each sheet lies on one board, once"
    assert [each["name"] for each in board["boards"]] == ["stripboard", "B组", "boneyard"]
    kinds = {each["id"]: each for each in root["breakdowns"]}
    main = [kinds[key] for key in board["boards"][0]["breakdownIds"]]
    assert [each["type"] for each in main] == ["scene"] * 10 + ["banner", "day"] + ["scene"] * 3 + ["day"]
    assert main[10]["description"] == "午餐"
    events = [(each["type"], each["date"][:10]) for each in root["calendars"][0]["events"]]
    assert events == [("start", "2026-12-07"), ("dayOff", "2026-12-08")]
    assert main[0]["time"] == plan.strips.get(scene__position=0).scene.minutes * 60_000  # type: ignore[union-attr]
    assert len(board["boards"][2]["breakdownIds"]) == 43 - 14
    again = read_script(exchange.plan_uss(plan), "a.uss").scenes
    assert len(again) == 43, "days and banners are no scenes"


def words_of(data: bytes) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(data))
    return "".join(page.get_textpage().get_text_range() for page in document).replace("\r\n", "").replace(" ", "")


def test_the_board_on_paper_has_every_day_scene_and_flag_and_no_money(company: Company, plan: Plan) -> None:
    client = Client()
    client.force_login(Person.objects.get(pk=company.scheduler.person_id))
    with december():
        plan = boards.edit_settings(
            actor=company.scheduler, plan_id=plan.pk, revision=plan.revision,
            settings={"most_hours": 2, "day_hours": 1, "crew_day_fen": 7_770_000},
        )  # fmt: skip
        answer = client.get(f"/plans/{plan.pk}/tables/board.pdf")
        text = words_of(answer.content)
    assert answer["Content-Type"] == "application/pdf"
    for scene in Row.objects.filter(work=plan.work):
        assert scene.synopsis.replace(" ", "")[:8] in text, scene
    for said in ("2026-12-07周一A组", "2026-12-09周三B组", "第1天", "午餐", "待排区", "共2天，14场", "一天太长"):
        assert said in text, said
    assert "77,700" not in text
    with december(), translation.override("en"):
        english = words_of(client.get(f"/plans/{plan.pk}/tables/board.pdf", headers={"Accept-Language": "en"}).content)
    assert "Boneyard" in english
    assert "MonA组" in english.replace("Mon.", "Mon")


@pytest.mark.parametrize("table", [*tables.OF_WORK, *tables.OF_PLAN])
def test_every_table_is_a_pdf_too(table: str, company: Company, work: Work, plan: Plan) -> None:
    client = Client()
    client.force_login(Person.objects.get(pk=company.scheduler.person_id))
    where = f"/works/{work.pk}" if table in tables.OF_WORK else f"/plans/{plan.pk}"
    text = words_of(client.get(f"{where}/tables/{table}.pdf").content)
    rows = list(tables.OF_WORK[table](work) if table in tables.OF_WORK else tables.OF_PLAN[table](plan))
    for row in rows[-5:]:
        cells = [str(cell).replace(" ", "") for cell in row if len(str(cell)) > 2 and not str(cell).startswith("2026")]
        assert all(cell[:12] in text for cell in cells), cells


def test_days_out_of_days_run_on_and_an_empty_plan_says_so(company: Company, work: Work) -> None:
    client = Client()
    client.force_login(Person.objects.get(pk=company.scheduler.person_id))
    with december():
        plan = boards.create_plan(
            actor=company.scheduler, work_id=work.pk, name="长", first_day=FIRST, last_day=date(2027, 1, 25)
        )
        assert "还没有内容" in words_of(client.get(f"/plans/{plan.pk}/tables/days-out-of-days.pdf").content)
        strips = list(plan.strips.order_by("position").values_list("pk", flat=True))
        for n, day in enumerate(plan.days.all()[: len(strips)]):
            boards.move_strips(
                actor=company.scheduler, plan_id=plan.pk, revision=n, strip_ids=[strips[n]], plan_day_id=day.pk
            )
        text = words_of(client.get(f"/plans/{plan.pk}/tables/days-out-of-days.pdf").content)
    assert "12-07" in text
    assert "01-18" in text
    assert text.count("苏晚") == 2, "once in each piece"


def test_the_menu_leads_to_every_file(company: Company, work: Work, plan: Plan) -> None:
    client = Client()
    client.force_login(Person.objects.get(pk=company.scheduler.person_id))
    with december():
        page = client.get(f"/plans/{plan.pk}/").content.decode()
        links = {part.split('"')[0] for part in page.split('href="')[1:] if "/tables/" in part.split('"')[0]}
        assert len(links) == 13
        assert {client.get(link).status_code for link in links} == {200}
        page = client.get(f"/works/{work.pk}/breakdown/").content.decode()
    assert f"/works/{work.pk}/tables/breakdown.uss" in page
    assert Row.objects.filter(work=work, shot_state=ShotState.WAITING).count() == 43
