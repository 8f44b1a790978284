"""Works from declaration to release: what is missing before 进组, who may do what, and what is written down."""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from tests.factories import make_organisation, make_person, make_place
from tests.productions import NOW, SHOOT, TODAY, Company, give, give_all, make_company, make_work

from xiepai.bookings import services as bookings
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.models import AuditEntry
from xiepai.parties.access import NOBODY, Actor, system
from xiepai.places.demo.files import read_rows
from xiepai.productions import selectors, services
from xiepai.productions.demo import load_works
from xiepai.productions.models import PaperKind, Work
from xiepai.worktime.spans import Span

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _december() -> Generator[None, None, None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.fixture
def work(company: Company) -> Work:
    return make_work(company)


def refusal(deed: Callable[..., Any], **arguments: Any) -> XiepaiError:
    with pytest.raises(XiepaiError) as caught:
        deed(**arguments)
    assert "{" not in str(caught.value)
    return caught.value


def go(company: Company, work: Work, *states: str, actor: Actor | None = None) -> Work:
    for state in states:
        work = services.advance_work(actor=actor or company.producer, work_id=work.pk, state=state)
    return work


def test_from_declaration_to_release(company: Company, work: Work) -> None:
    give_all(company, work)
    go(company, work, "filed", "preparing", "shooting")
    early = SHOOT[1] - timedelta(days=1)
    with clock.frozen(clock.at_local_midnight(early)):
        assert go(company, work, "wrapped", "post").shooting_to == early
        missing = refusal(services.advance_work, actor=company.producer, work_id=work.pk, state="licensed")
        assert missing.code == ErrorCode.PAPERS_MISSING
        assert [item["code"] for item in missing.data["items"]] == ["release-credential"]
        give(company, work, "release-credential")
        done = go(company, work, "licensed", "released")
    assert (done.filed_on, done.release_on) == (TODAY, early)
    events = AuditEntry.objects.filter(object_type="productions.work", object_id=work.pk).order_by("id")
    assert [entry.event.rsplit(".", 1)[1] for entry in events] == ["declared"] + ["advanced"] * 7
    assert events[7].before["state"] == "licensed"
    late = refusal(services.update_work, actor=company.officer, work_id=work.pk, title="改名")
    assert late.code == ErrorCode.WORK_STATE


def test_the_shoot_waits_until_every_required_paper_is_accepted(company: Company, work: Work) -> None:
    go(company, work, "preparing")
    enter = {"actor": company.producer, "work_id": work.pk, "state": "shooting"}
    codes = ["business-licence", "production-licence", "shooting-agreement", "safety-promise"]
    error = refusal(services.advance_work, **enter)
    assert error.http_status == 409
    assert [item["code"] for item in error.data["items"]] == codes
    assert "营业执照（未提交）" in str(error)
    for at, code in enumerate(codes):
        paper = give(company, work, code, accepted=False)
        waiting = refusal(services.advance_work, **enter).data["items"]
        assert [item["state"] for item in waiting] == ["submitted"] + ["missing"] * (3 - at)
        services.accept_paper(actor=company.officer, paper_id=paper.pk)
    assert services.advance_work(**enter).state == "shooting"


def test_a_paper_sent_back_keeps_the_shoot_waiting_and_says_why(company: Company, work: Work) -> None:
    give_all(company, work)
    go(company, work, "preparing")
    licence = work.papers.get(kind__code="business-licence")
    assert refusal(services.reject_paper, actor=company.officer, paper_id=licence.pk, note=" ").code == "invalid"
    services.reject_paper(actor=company.officer, paper_id=licence.pk, note="印章不清")
    error = refusal(services.advance_work, actor=company.producer, work_id=work.pk, state="shooting")
    assert "被退回：印章不清" in str(error)
    give(company, work, "business-licence")
    assert go(company, work, "shooting").state == "shooting"


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "state"),
    [
        (None, None, "accepted"),
        (SHOOT[0], SHOOT[1], "accepted"),
        (SHOOT[0] + timedelta(days=1), None, "short"),
        (None, SHOOT[1] - timedelta(days=1), "short"),
        (None, TODAY, "short"),
        (None, TODAY - timedelta(days=1), "expired"),
    ],
)
def test_a_paper_must_hold_on_every_shooting_day(
    company: Company, work: Work, valid_from: date | None, valid_to: date | None, state: str
) -> None:
    give_all(company, work)
    licence = work.papers.get(kind__code="business-licence")
    services.reject_paper(actor=company.officer, paper_id=licence.pk, note="换新")
    give(company, work, "business-licence", valid_from=valid_from, valid_to=valid_to)
    [item] = [item for item in selectors.detail(company.producer, work.pk).items if item.kind == licence.kind]
    assert (item.state, item.is_missing) == (state, state != "accepted")
    go(company, work, "preparing")
    if state == "accepted":
        assert go(company, work, "shooting").state == "shooting"
    else:
        error = refusal(services.advance_work, actor=company.producer, work_id=work.pk, state="shooting")
        assert error.code == ErrorCode.PAPERS_MISSING


def test_a_renewal_continues_its_predecessor_and_waiting_does_not_displace_it(company: Company, work: Work) -> None:
    middle = SHOOT[0] + timedelta(days=2)
    give_all(company, work, valid_to=middle)
    go(company, work, "preparing")
    for code in ("business-licence", "production-licence", "shooting-agreement", "safety-promise"):
        give(company, work, code, valid_from=middle + timedelta(days=1), valid_to=SHOOT[1])
    assert go(company, work, "shooting").state == "shooting"
    give(company, work, "business-licence", accepted=False)
    assert not selectors.detail(company.producer, work.pk).missing("shooting")


def test_each_minor_and_each_drone_needs_its_own_paper(company: Company) -> None:
    work = make_work(company, minors_count=2, drones_count=1, circumstances=["drones_controlled", "relics"])
    items = {item.kind.code: item for item in selectors.detail(company.producer, work.pk).items}
    assert {code: item.wanted for code, item in items.items() if item.wanted > 1} == {"guardian-consent": 2}
    assert {"drone-registration", "drone-insurance", "flight-application", "relic-agreement"} <= items.keys()
    assert refusal(give, company=company, work=work, code="guardian-consent").code == ErrorCode.INVALID
    for about in ("甲", "甲"):
        give(company, work, "guardian-consent", about=about)
    [consent] = [i for i in selectors.detail(company.producer, work.pk).items if i.kind.code == "guardian-consent"]
    assert (consent.have, consent.state, consent.reason) == (1, "missing", "需要 2 份，已核 1 份；未提交")
    give(company, work, "guardian-consent", about="乙")
    [consent] = [i for i in selectors.detail(company.producer, work.pk).items if i.kind.code == "guardian-consent"]
    assert (consent.have, consent.state) == (2, "accepted")


def test_the_class_decides_what_must_be_filed(company: Company) -> None:
    facts = [
        ({"investment_fen": 300_000_000}, True),
        ({"investment_fen": 299_999_999}, False),
        ({"investment_fen": None}, True),
        ({"investment_fen": 0, "subjects": ["judicial"]}, True),
        ({"investment_fen": 300_000_000 - 1, "making_mode": "ai"}, True),
    ]
    for number, (fields, is_filed) in enumerate(facts):
        work = make_work(company, title=f"第 {number} 部", **fields)
        required = {item.kind.code for item in selectors.detail(company.producer, work.pk).items if item.is_required}
        assert ("filing-number" in required) == is_filed, fields


def test_the_class_is_that_of_the_day_of_filing(company: Company) -> None:
    work = make_work(company, making_mode="ai", investment_fen=80_000_000, filed_on=date(2026, 6, 30))
    assert selectors.detail(company.producer, work.pk).classed.label.zh == "其他"
    services.update_work(actor=company.producer, work_id=work.pk, filed_on=date(2026, 7, 1))
    assert selectors.detail(company.producer, work.pk).classed.label.zh == "重点"
    services.update_work(actor=company.producer, work_id=work.pk, filed_on=None)
    assert selectors.detail(company.producer, work.pk).classed.label.zh == "一类"


def test_a_work_made_without_a_camera_goes_from_preparation_to_post(company: Company) -> None:
    work = make_work(company, making_mode="ai", shooting_from=None, shooting_to=None, investment_fen=1_000)
    go(company, work, "preparing")
    assert "shooting" not in selectors.detail(company.producer, work.pk).next_states
    error = refusal(services.advance_work, actor=company.producer, work_id=work.pk, state="post")
    assert [item["code"] for item in error.data["items"]] == ["business-licence", "production-licence"]
    for code in ("business-licence", "production-licence", "release-credential"):
        give(company, work, code)
    go(company, work, "post", "licensed")
    error = refusal(services.advance_work, actor=company.producer, work_id=work.pk, state="released")
    assert [item["code"] for item in error.data["items"]] == ["ai-label"]


def test_a_reshoot_looks_at_the_papers_again(company: Company, work: Work) -> None:
    give_all(company, work, valid_to=SHOOT[1])
    go(company, work, "preparing", "shooting", "wrapped")
    with clock.frozen(NOW + timedelta(days=60)):
        assert not selectors.detail(company.producer, work.pk).missing("shooting")
        again = {"shooting_from": date(2027, 2, 1), "shooting_to": date(2027, 2, 2)}
        services.update_work(actor=company.producer, work_id=work.pk, **again)
        error = refusal(services.advance_work, actor=company.producer, work_id=work.pk, state="shooting")
        assert {item["state"] for item in error.data["items"]} == {"expired"}


def test_shelved_comes_back_where_it_was_and_withdrawn_never(company: Company, work: Work) -> None:
    give_all(company, work)
    go(company, work, "preparing", "shooting")
    shelved = go(company, work, "shelved")
    assert selectors.detail(company.producer, work.pk).next_states == ("shooting", "withdrawn")
    assert shelved.resumes_to == "shooting"
    services.reject_paper(actor=company.officer, paper_id=work.papers.first().pk, note="作废")
    error = refusal(services.advance_work, actor=company.producer, work_id=work.pk, state="shooting")
    assert error.code == ErrorCode.PAPERS_MISSING
    assert go(company, work, "withdrawn").resumes_to == ""
    assert not selectors.detail(company.producer, work.pk).next_states
    assert make_work(company).pk != work.pk  # the title is free again


@pytest.mark.parametrize("state", ["shooting", "wrapped", "licensed", "released", "declared"])
def test_no_stage_is_skipped(company: Company, work: Work, state: str) -> None:
    assert refusal(services.advance_work, actor=company.officer, work_id=work.pk, state=state).code == "work_state"


def test_the_shoot_needs_its_dates(company: Company) -> None:
    work = make_work(company, shooting_from=None)
    give_all(company, work)
    go(company, work, "preparing")
    enter = {"actor": company.producer, "work_id": work.pk, "state": "shooting"}
    assert "开机" in str(refusal(services.advance_work, **enter))
    services.update_work(actor=company.producer, work_id=work.pk, shooting_from=date(2026, 12, 7))
    with clock.frozen(NOW + timedelta(days=12)):
        assert "已过" in str(refusal(services.advance_work, **enter))


@pytest.mark.parametrize(
    "fields",
    [
        {"title": " "},
        {"title": "名" * 81},
        {"title": "夜\x00奔"},
        {"episodes": 0},
        {"minutes_per_episode": 0},
        {"investment_fen": -1},
        {"investment_fen": 10**16},
        {"subjects": ["weather"]},
        {"making_mode": "clay"},
        {"format": ""},
        {"minors_count": -1},
        {"circumstances": ["flood"]},
        {"shooting_from": date(2026, 12, 13)},
        {"release_on": date(2026, 12, 1)},
        {"filed_on": date(1026, 12, 1)},
    ],
)
def test_what_cannot_be_is_refused_and_named(company: Company, work: Work, fields: dict[str, Any]) -> None:
    error = refusal(services.update_work, actor=company.producer, work_id=work.pk, **fields)
    assert error.code == ErrorCode.INVALID
    assert len(str(error)) > 8
    assert Work.objects.get(pk=work.pk).title == "湖畔来信"


def test_a_company_declares_a_title_once_and_another_company_may_too(company: Company, work: Work) -> None:
    assert "湖畔来信" in str(refusal(make_work, company=company))
    theirs = next(iter(company.stranger.organisations()))
    services.declare_work(actor=company.stranger, organisation_id=theirs, title="湖畔来信")


def test_only_the_office_marks_a_sample_and_only_crews_declare(company: Company) -> None:
    mine = {"organisation_id": company.crew.pk, "title": "样例", "standing": "sample"}
    assert refusal(services.declare_work, actor=company.producer, **mine).code == ErrorCode.FORBIDDEN
    assert services.declare_work(actor=company.officer, **mine).standing == "sample"
    base = {"organisation_id": make_organisation("base").pk, "title": "基地自拍"}
    assert refusal(services.declare_work, actor=company.officer, **base).code == ErrorCode.INVALID
    assert refusal(services.declare_work, actor=company.officer, organisation_id=10**9, title="无").code == "not_found"


def deeds(company: Company, work: Work) -> dict[str, tuple[Callable[..., Any], dict[str, Any], str]]:
    """Every deed on a work, ready to be done, and who does it: crew or office."""
    paper = give(company, work, "business-licence", accepted=False)
    other = give(company, work, "safety-promise", accepted=False)
    member = services.add_crew_member(actor=company.producer, work_id=work.pk, name="张三", duty="camera")
    kind = PaperKind.objects.get(code="ai-label")
    return {
        "declare": (services.declare_work, {"organisation_id": company.crew.pk, "title": "新"}, "crew"),
        "update": (services.update_work, {"work_id": work.pk, "title": "新名"}, "crew"),
        "advance": (services.advance_work, {"work_id": work.pk, "state": "filed"}, "crew"),
        "add member": (services.add_crew_member, {"work_id": work.pk, "name": "李四", "duty": "sound"}, "crew"),
        "change member": (services.update_crew_member, {"member_id": member.pk, "room": "301"}, "crew"),
        "remove member": (services.remove_crew_member, {"member_id": member.pk}, "crew"),
        "submit": (services.submit_paper, {"work_id": work.pk, "kind_code": "filing-number", "number": "1"}, "crew"),
        "withdraw": (services.withdraw_paper, {"paper_id": other.pk}, "crew"),
        "accept": (services.accept_paper, {"paper_id": paper.pk}, "office"),
        "reject": (services.reject_paper, {"paper_id": paper.pk, "note": "不清"}, "office"),
        "kind": (services.update_paper_kind, {"kind_id": kind.pk, "zh": "标识"}, "list"),
    }


@pytest.mark.parametrize(
    ("who", "crew", "office", "word_list"),
    [
        ("producer", "ok", "forbidden", "forbidden"),
        ("scheduler", "ok", "forbidden", "forbidden"),
        ("officer", "ok", "ok", "ok"),
        ("reviewer", "not_found", "not_found", "forbidden"),
        ("leader", "forbidden", "forbidden", "forbidden"),
        ("stranger", "not_found", "not_found", "forbidden"),
        ("keeper", "not_found", "not_found", "forbidden"),
        ("nobody", "not_found", "not_found", "forbidden"),
    ],
)
def test_who_may_do_what(company: Company, work: Work, who: str, crew: str, office: str, word_list: str) -> None:
    others = {"nobody": lambda: NOBODY, "reviewer": lambda: make_person("reviewer")[1]}
    others["leader"] = lambda: make_person("leader")[1]
    actor = others[who]() if who in others else getattr(company, who)
    expected = {"crew": crew, "office": office, "list": word_list}
    for name, (deed, arguments, owner) in deeds(company, work).items():
        found = "ok"
        try:
            with transaction.atomic():
                deed(actor=actor, **arguments)
                transaction.set_rollback(True)
        except XiepaiError as error:
            found = error.code.value
        assert found == expected[owner], name
    is_seen = crew != "not_found"
    assert selectors.works_of(actor).filter(pk=work.pk).exists() == is_seen
    for read in (selectors.get_work, selectors.detail, selectors.contact_sheet):
        if is_seen:
            assert read(actor, work.pk) is not None
        else:
            assert refusal(read, actor=actor, work_id=work.pk).code == ErrorCode.NOT_FOUND
    assert selectors.papers_to_check(actor).exists() == (office == "ok")


def test_the_contact_sheet_is_in_the_order_of_duties_with_meals(company: Company, work: Work) -> None:
    rows = [
        ("孙", "sound", "halal"),
        ("赵", "producer", "regular"),
        ("钱", "director", "halal"),
        ("李", "cast", "special"),
    ]
    for name, duty, diet in rows:
        services.add_crew_member(actor=company.scheduler, work_id=work.pk, name=name, duty=duty, diet=diet)
    sheet = selectors.contact_sheet(company.officer, work.pk)
    assert [member.name for member in sheet] == ["赵", "钱", "孙", "李"]
    assert selectors.meals(sheet) == {"regular": 1, "halal": 2, "special": 1}
    again = {"actor": company.scheduler, "work_id": work.pk, "name": "孙", "duty": "sound"}
    assert "联系表" in str(refusal(services.add_crew_member, **again))


def test_telephone_diet_and_room_never_enter_the_audit_trail(company: Company, work: Work) -> None:
    private = {"phone": "13900000001", "diet": "halal", "room": "B-1207", "note": "过敏"}
    add = {"actor": company.producer, "work_id": work.pk, "name": "张三", "duty": "camera"}
    member = services.add_crew_member(**add, **private)
    services.update_crew_member(actor=company.producer, member_id=member.pk, phone="13900000002", duty="lighting")
    services.remove_crew_member(actor=company.producer, member_id=member.pk)
    entries = AuditEntry.objects.filter(object_type="productions.crewmember", object_id=member.pk).order_by("id")
    assert [entry.event.rsplit(".", 1)[1] for entry in entries] == ["added", "changed", "removed"]
    assert entries[1].after == {"duty": "lighting", "changed": ["duty", "phone"]}
    text = str([(entry.before, entry.after) for entry in entries])
    assert not any(value in text for value in ("1390000000", "halal", "B-1207", "过敏"))


def test_an_account_of_another_company_cannot_be_put_on_the_sheet(company: Company, work: Work) -> None:
    add = {"actor": company.producer, "work_id": work.pk, "name": "谁", "duty": "cast"}
    assert services.add_crew_member(**add, person_id=company.person.pk).person_id == company.person.pk
    theirs = company.stranger.person_id
    assert refusal(services.add_crew_member, **{**add, "name": "某"}, person_id=theirs).code == ErrorCode.NOT_FOUND


def test_a_write_without_an_audit_row_is_refused_at_commit(company: Company, work: Work) -> None:
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('xiepai.audited', '', true)")
    Work.objects.filter(pk=work.pk).update(title="偷改")
    with pytest.raises(DatabaseError, match="audit row"):
        connection.check_constraints()


def test_a_booking_may_be_for_a_work_of_its_own_company_only(company: Company, work: Work) -> None:
    start = clock.at_local_midnight(SHOOT[0]) + timedelta(hours=8)
    slot = {"place_id": make_place().pk, "span": Span(start, start + timedelta(hours=4))}
    mine = {"actor": company.producer, "organisation_id": company.crew.pk, **slot}
    booking = bookings.place_hold(**mine, work_id=work.pk)
    booking.refresh_from_db()
    assert booking.work_id == work.pk
    theirs = services.declare_work(
        actor=company.stranger, organisation_id=next(iter(company.stranger.organisations())), title="别家"
    )
    assert refusal(bookings.place_hold, **mine, work_id=theirs.pk).code == ErrorCode.NOT_FOUND
    assert refusal(bookings.place_hold, **mine, work_id=theirs.pk, pencil=2).code == ErrorCode.NOT_FOUND
    second = bookings.place_hold(**mine, work_id=work.pk, pencil=2)
    assert second.work_id == work.pk
    other = {**mine, "place_id": make_place().pk}
    items = [bookings.SlotRequest(other["place_id"], slot["span"], work_id=theirs.pk)]
    bundle = {"actor": company.producer, "organisation_id": company.crew.pk, "title": "一套"}
    assert refusal(bookings.place_bundle, **bundle, items=items).code == ErrorCode.NOT_FOUND


def test_the_demo_has_a_work_at_every_turn_and_loads_once() -> None:
    names = {row["key"]: row["name"] for row in read_rows("organisations")}
    crews = [make_organisation("crew", name=names[key]) for key in ("crew1", "crew2")]
    said: list[str] = []
    assert (load_works(say=said.append), load_works(say=said.append)) == (6, 0)
    assert said == ["6 works"]
    works = {work.title: selectors.detail(system(), work.pk) for work in Work.objects.filter(organisation__in=crews)}
    assert {detail.work.standing for detail in works.values()} == {"sample"}
    assert {detail.work.state for detail in works.values()} == {
        "declared",
        "filed",
        "preparing",
        "shooting",
        "released",
    }
    assert [item.kind.code for item in works["湖畔来信"].missing("shooting")] == [
        "shooting-agreement",
        "safety-promise",
    ]
    assert any(item.is_expiring for item in works["花木深处"].items)
    assert works["夜航西太湖"].classed.is_assumed
    assert works["武进警事"].classed.basis == "subject"


def test_a_city_without_the_demo_crews_gets_no_works() -> None:
    assert load_works() == 0


def test_a_page_of_a_work_costs_three_queries(company: Company, work: Work, django_assert_num_queries: Any) -> None:
    give_all(company, work)
    with django_assert_num_queries(3):
        selectors.detail(company.producer, work.pk)
    with django_assert_num_queries(1):
        list(selectors.works_of(company.officer, words="湖畔 测试crew", states=["declared"]))
