"""Handing in: window, exclusion, completeness; what is kept; asked back and answered; taken back."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.grants import NOW, TODAY, publish
from tests.productions import PDF, Company, make_company, make_work, picture

from xiepai.grants import clock as terms
from xiepai.grants import selectors, selectors_company
from xiepai.grants.drafting import award_kept
from xiepai.grants.models import Application, CorrectionRequest, Entitlement, Fact, ProgrammeVersion, Step
from xiepai.grants.replaying import awards_together
from xiepai.grants.services import (
    applications,
    clocking,
    evidence,
    exclusions,
    facts,
    programmes,
    refusing,
    reviewing,
    steps,
    submitting,
    windows,
)
from xiepai.grants.services.answering import answer_question
from xiepai.grants.services.moving import move_application
from xiepai.grants.states import ApplicationState
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.models_notices import Notice
from xiepai.productions.models import Work

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(tmp_path: Path, settings: Any) -> Generator[None, None, None]:
    settings.MEDIA_ROOT = tmp_path
    with clock.frozen(NOW):
        yield


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.fixture
def version(company: Company) -> ProgrammeVersion:
    return publish(company.officer)


@pytest.fixture
def work(company: Company, version: ProgrammeVersion) -> Work:
    row = make_work(company, investment_fen=300_000_000)
    answer_question(actor=company.producer, work_id=row.pk, name="culture_tourism_linkage", value="yes")
    return row


@pytest.fixture
def draft(company: Company, work: Work) -> Application:
    owed = Entitlement.objects.get(work=work, measure="location")
    return applications.start_application(actor=company.producer, entitlement_id=owed.pk)


def open_window(company: Company, version: ProgrammeVersion, **fields: Any) -> None:
    windows.set_window(
        actor=company.officer,
        programme_id=version.programme_id,
        **{"opens_at": NOW - timedelta(days=1), "closes_at": NOW + timedelta(days=30), **fields},
    )


def complete(company: Company, draft: Application, cost: str = "60万元") -> None:
    applications.save_fields(
        actor=company.producer,
        application_id=draft.pk,
        values={"local_shooting_cost": cost, "form.phone": "0519-000"},
    )
    for kind, data in (("取景协议", PDF), ("发票与合同", picture())):
        evidence.attach_evidence(
            actor=company.producer,
            organisation_id=company.crew.pk,
            work_id=draft.work_id,
            application_id=draft.pk,
            kind=kind,
            data=data,
        )


def hand_in(company: Company, draft: Application, **fields: Any) -> Application:
    return submitting.submit_application(
        **{"actor": company.producer, "application_id": draft.pk, "is_true": True, **fields}
    )


def code_of(deed: Any, *args: Any, **given: Any) -> ErrorCode:
    with pytest.raises(XiepaiError) as error:
        deed(*args, **given)
    return error.value.code


def take(company: Company, row: Application) -> Step:
    """The office takes it over: its first check begins."""
    row.refresh_from_db()
    step = Step.objects.get(programme=row.programme_id, kind="first_check")
    row.step, row.accepted_at = step, clock.now()
    row.save(update_fields=["step", "accepted_at"])
    move_application(row, ApplicationState.IN_REVIEW, actor=company.officer, event="grants.application.moved")
    terms.start(application=row, step=step, actor=company.officer)
    return step


def ask_back(company: Company, row: Application) -> CorrectionRequest:
    asked = CorrectionRequest.objects.create(
        application=row, step=row.step, items=[{"field": "local_shooting_cost", "note": "发票对不上"}]
    )
    audit.record("grants.correction.requested", asked, actor=company.officer)
    move_application(row, ApplicationState.RETURNED, actor=company.officer, event="grants.application.moved")
    terms.pause(application=row, actor=company.officer, reason="待补正")
    return asked


def test_it_is_handed_in_whole_and_keeps_what_it_rests_on(
    company: Company, version: ProgrammeVersion, draft: Application, work: Work
) -> None:
    open_window(company, version)
    complete(company, draft)
    row = hand_in(company, draft)
    assert (row.state, row.asked_fen, row.version_id) == ("submitted", 12_000_000, version.pk)
    assert row.submitted_at == NOW
    stated = Fact.objects.get(work=work, name="local_shooting_cost", superseded_by=None)
    assert (stated.source, stated.evidence.kind) == ("person", "发票与合同")
    assert row.facts["local_shooting_cost"]["fact"] == stated.pk
    assert set(row.facts) == {"culture_tourism_linkage", "local_shooting_cost", "enterprise", "application"}
    assert awards_together(version, [row.facts], TODAY)[0][0] == row.asked_fen
    with clock.frozen(NOW + timedelta(days=40)):
        assert award_kept(Application.objects.get(pk=row.pk)).fen == row.asked_fen
    assert hand_in(company, draft).submitted_at == NOW, "twice is once"
    assert Notice.objects.filter(subject__contains=row.number).exists()
    assert stated in selectors.claims_to_verify(company.officer)
    facts.verify_fact(actor=company.officer, fact_id=stated.pk)


def test_outside_the_window_nothing_is_taken(company: Company, version: ProgrammeVersion, draft: Application) -> None:
    complete(company, draft)
    assert code_of(hand_in, company, draft) is ErrorCode.WINDOW_CLOSED
    open_window(company, version, opens_at=NOW + timedelta(days=1))
    assert code_of(hand_in, company, draft) is ErrorCode.WINDOW_CLOSED
    open_window(company, version, measures=["script"])
    assert code_of(hand_in, company, draft) is ErrorCode.WINDOW_CLOSED
    open_window(company, version, opens_at=NOW - timedelta(days=9), closes_at=NOW)
    assert code_of(hand_in, company, draft) is ErrorCode.WINDOW_CLOSED, "the end is not within"
    assert not Fact.objects.filter(name="local_shooting_cost").exists(), "a refusal states nothing"
    open_window(company, version, measures=["location"])
    assert hand_in(company, draft).state == "submitted"


def test_refused_incomplete_unpromised_excluded_failing_and_by_others(
    company: Company, version: ProgrammeVersion, draft: Application
) -> None:
    open_window(company, version)
    with pytest.raises(XiepaiError, match="本地取景费用、联系电话、取景协议、发票与合同"):
        hand_in(company, draft)
    complete(company, draft)
    assert code_of(hand_in, company, draft, is_true=False) is ErrorCode.INVALID
    for who in (company.stranger, company.keeper):
        assert code_of(hand_in, company, draft, actor=who) is ErrorCode.NOT_FOUND
        assert code_of(submitting.withdraw_application, actor=who, application_id=draft.pk) is ErrorCode.NOT_FOUND
    listed = exclusions.list_exclusion(
        actor=company.officer, organisation_id=company.crew.pk, kind="dishonesty", source="样例", since=TODAY
    )
    assert code_of(hand_in, company, draft) is ErrorCode.COMPANY_EXCLUDED
    exclusions.lift_exclusion(actor=company.officer, exclusion_id=listed.pk, until=TODAY)
    with clock.frozen(NOW + timedelta(days=1)):
        applications.save_fields(
            actor=company.producer, application_id=draft.pk, values={"culture_tourism_linkage": "no"}
        )
        with pytest.raises(XiepaiError, match="文旅联动取景"):
            hand_in(company, draft)
        applications.save_fields(
            actor=company.producer, application_id=draft.pk, values={"culture_tourism_linkage": "yes"}
        )
        assert hand_in(company, draft).state == "submitted"
        assert code_of(applications.save_fields,
            actor=company.producer, application_id=draft.pk, values={"form.phone": "1"}
        ) is ErrorCode.APPLICATION_STATE  # fmt: skip


def test_a_draft_follows_an_amendment_what_is_handed_in_keeps_its_version(
    company: Company, version: ProgrammeVersion, draft: Application
) -> None:
    open_window(company, version)
    complete(company, draft)
    text = version.policy_text.replace("location_rate: 20%", "location_rate: 10%").replace(
        "expect: {location: 12万元}", "expect: {location: 6万元}"
    )
    text = text.replace(
        "local_shooting_cost: 100万元 + 5元}, expect: 20万元", "local_shooting_cost: 200万元 + 10元}, expect: 20万元"
    )
    text = text.replace(
        "culture_tourism_linkage: yes, local_shooting_cost: 60万元}, expect: 242万元",
        "culture_tourism_linkage: yes, local_shooting_cost: 60万元}, expect: 236万元",
    )
    second = programmes.publish_programme_version(
        actor=company.officer, programme_id=version.programme_id, policy_text=text, effective_from=TODAY
    )
    row = hand_in(company, draft)
    assert (row.version_id, row.asked_fen) == (second.pk, 6_000_000)


def test_asked_back_the_clock_stands_still_until_the_answer(
    company: Company, version: ProgrammeVersion, draft: Application
) -> None:
    open_window(company, version)
    complete(company, draft)
    row = hand_in(company, draft)
    take(company, row)
    due = Application.objects.get(pk=row.pk).due_at
    ask_back(company, row)
    row.refresh_from_db()
    assert row.due_at is None
    answer = {"actor": company.scheduler, "application_id": row.pk, "is_true": True, "answer": "已换发票"}
    with clock.frozen(NOW + timedelta(days=2)):
        assert code_of(submitting.answer_correction, **{**answer, "actor": company.stranger}) is (ErrorCode.NOT_FOUND)
        assert code_of(submitting.answer_correction, **{**answer, "is_true": False}) is ErrorCode.INVALID
        applications.save_fields(
            actor=company.scheduler, application_id=row.pk, values={"local_shooting_cost": "50万元"}
        )
        asked = submitting.answer_correction(**answer)
        assert (asked.state, asked.answered_by_id) == ("answered", company.scheduler.person_id)
        row.refresh_from_db()
        assert (row.state, row.asked_fen) == ("in_review", 10_000_000)
        assert row.due_at - due == timedelta(days=1), "of the days that count one stood still"
        assert code_of(submitting.answer_correction, **answer) is ErrorCode.APPLICATION_STATE
        (station,) = [each for each in selectors_company.stations_of(row) if each.state == "here"]
        assert [(pause.since, pause.until) for pause in station.pauses] == [(NOW, NOW + timedelta(days=2))]
    history = selectors.history_of(company.producer, name="local_shooting_cost", work_id=row.work_id)
    assert [fact.value for fact in history] == ["500000.00元", "600000.00元"]


def test_taken_back_with_a_reason_and_begun_anew(
    company: Company, version: ProgrammeVersion, draft: Application, work: Work
) -> None:
    open_window(company, version)
    complete(company, draft)
    row = hand_in(company, draft)
    take(company, row)
    ask_back(company, row)
    give_up = {"actor": company.producer, "application_id": row.pk}
    assert code_of(submitting.withdraw_application, **give_up) is ErrorCode.INVALID
    gone = submitting.withdraw_application(reason="改报明年", **give_up)
    assert (gone.state, gone.due_at) == ("withdrawn", None)
    assert CorrectionRequest.objects.get(application=row).state == "cancelled"
    assert submitting.withdraw_application(**give_up).state == "withdrawn"
    owed = Entitlement.objects.get(work=work, measure="location")
    again = applications.start_application(actor=company.producer, entitlement_id=owed.pk)
    assert again.pk != row.pk
    _row, taken = applications.copy_from(actor=company.producer, application_id=again.pk, source_id=row.pk)
    assert "form.phone" in taken
    assert hand_in_code(company, again) is ErrorCode.INVALID, "papers of the other one are its own"


def hand_in_code(company: Company, draft: Application) -> ErrorCode:
    return code_of(hand_in, company, draft)


def test_two_applications_for_one_measure_are_not_handed_in(
    company: Company, version: ProgrammeVersion, draft: Application, work: Work
) -> None:
    open_window(company, version)
    answer_question(actor=company.producer, work_id=work.pk, name="original_script", value="yes")
    owed = Entitlement.objects.get(work=work, measure="script")
    second = applications.start_application(actor=company.producer, entitlement_id=owed.pk)
    assert second.pk != draft.pk
    complete(company, draft)
    hand_in(company, draft)
    applications.choose_measures(actor=company.producer, application_id=second.pk, measures=["location"])
    complete(company, second)
    with pytest.raises(XiepaiError, match=draft.number):
        hand_in(company, second)


def local(moment: Any) -> str:
    return f"{clock.local(moment):%m-%d %H:%M:%S}"


def test_the_term_of_acceptance_runs_from_the_hand_in_and_adds_what_was_suspended(
    company: Company, version: ProgrammeVersion, draft: Application
) -> None:
    open_window(company, version)
    complete(company, draft)
    moment = NOW + timedelta(hours=1, seconds=7)  # Tuesday 10:00:07
    with clock.frozen(moment):
        row = hand_in(company, draft)
    assert (row.state, row.step.kind, local(row.due_at)) == ("submitted", "application", "12-08 18:00:00")
    (station,) = [each for each in selectors_company.stations_of(row) if each.state == "here"]
    assert (station.step.kind, station.began_at, station.due_at) == ("application", moment, row.due_at)
    with clock.frozen(NOW + timedelta(days=1, hours=1, seconds=20)):  # Wednesday 10:00:20
        reviewing.ask_correction(actor=company.officer, application_id=row.pk, note="发票看不清")
    row.refresh_from_db()
    assert (row.state, row.due_at, row.accepted_at) == ("returned", None, None)
    with clock.frozen(NOW + timedelta(days=2, hours=5, seconds=50)):  # Thursday 14:00:50
        submitting.answer_correction(actor=company.producer, application_id=row.pk, is_true=True)
        row.refresh_from_db()
        # Wednesday from 10:00:20 (6 h 29 min 40 s), Thursday until 14:00:50 (3 h 30 min 50 s): 10 h 0 min 30 s
        assert (row.state, local(row.due_at)) == ("submitted", "12-10 11:30:30")
    with clock.frozen(NOW + timedelta(days=3)):
        row = reviewing.take(actor=company.officer, application_id=row.pk)
        assert (row.state, row.step.kind, row.accepted_at) == ("in_review", "first_check", clock.now())
        assert local(row.due_at) == "12-18 18:00:00", "ten working days of its own"
    kinds = [(each.kind, each.step.kind) for each in row.events.order_by("id").select_related("step")]
    assert kinds == [
        *((each, "application") for each in ("started", "paused", "resumed", "decided")),
        ("started", "first_check"),
    ]


def test_acceptance_nobody_gives_is_reported_and_given_by_silence_where_the_step_says_so(
    company: Company, version: ProgrammeVersion, draft: Application
) -> None:
    open_window(company, version)
    complete(company, draft)
    row = hand_in(company, draft)
    with clock.frozen(NOW + timedelta(days=9)):
        assert clocking.sweep() == clocking.Swept(escalated=1)
        steps.update_step(actor=company.officer, step_id=row.step_id, silence="approve")
        assert clocking.sweep().silent == 1
        row.refresh_from_db()
        assert (row.state, row.step.kind, row.accepted_at) == ("in_review", "first_check", clock.now())


def test_an_answer_while_a_refusal_is_heard_does_not_start_the_clock(
    company: Company, version: ProgrammeVersion, draft: Application
) -> None:
    open_window(company, version)
    complete(company, draft)
    row = hand_in(company, draft)
    officer: dict[str, Any] = {"actor": company.officer, "application_id": row.pk}
    reviewing.ask_correction(**officer, note="发票看不清")
    refusing.announce_refusal(**officer, reason="投入不实")
    submitting.answer_correction(actor=company.producer, application_id=row.pk, is_true=True)
    row.refresh_from_db()
    assert (row.state, row.due_at) == ("submitted", None)
    assert code_of(reviewing.take, **officer) is ErrorCode.APPLICATION_STATE
    with clock.frozen(NOW + timedelta(hours=1)):
        refusing.lift_refusal(**officer, reason="另有凭证")
    row.refresh_from_db()
    assert local(row.due_at) == "12-08 18:00:00", "the pause lay before the first day that counts"
    assert reviewing.take(**officer).state == "in_review"
