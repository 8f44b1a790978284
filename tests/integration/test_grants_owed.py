"""Who is owed: facts from where they are, ranges where some are missing, only changes written, awards at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.factories import make_organisation, make_person
from tests.grants import NOW, TODAY, fund, publish, state
from tests.productions import PDF, Company, make_company, make_work

from xiepai.grants import selectors, tasks
from xiepai.grants.entitling import evaluate_everybody, evaluate_subjects
from xiepai.grants.models import Application, Decision, Entitlement, EvaluationRun, Fact, ProgrammeVersion
from xiepai.grants.replaying import decision_digest, replay
from xiepai.grants.services import evidence, exclusions, facts, owed, programmes
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.access import Actor
from xiepai.parties.models_notices import Notice
from xiepai.productions.models import Work

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    with clock.frozen(NOW):
        yield make_company()


@pytest.fixture
def version(company: Company) -> ProgrammeVersion:
    return fund(publish(company.officer), company.officer)


@pytest.fixture
def work(company: Company) -> Work:
    return make_work(company, investment_fen=300_000_000)


def row_of(work: Work, measure: str) -> Entitlement:
    return Entitlement.objects.get(work=work, measure=measure)


def test_nothing_known_is_nothing_owed(version: ProgrammeVersion, work: Work) -> None:
    assert evaluate_everybody().written == 0
    assert not Entitlement.objects.exists()


def test_a_claim_makes_it_possible_evidence_makes_it_proven(
    company: Company, version: ProgrammeVersion, work: Work
) -> None:
    say = {"actor": company.producer, "work_id": work.pk}
    facts.state_fact(name="culture_tourism_linkage", value="是", **say)
    evaluate_subjects(work_ids=[work.pk])
    row = row_of(work, "location")
    assert (row.state, row.low_fen, row.high_fen) == ("maybe", 0, 20_000_000)
    assert (row.next_fact, row.missing["facts"]) == ("local_shooting_cost", ["local_shooting_cost"])
    cost = facts.state_fact(name="local_shooting_cost", value="60万元", **say)
    evaluate_subjects(work_ids=[work.pk])
    row = row_of(work, "location")
    assert (row.state, row.low_fen, row.high_fen, row.is_proven) == ("owed", 12_000_000, 12_000_000, False)
    assert row.missing["claims"] == ["culture_tourism_linkage", "local_shooting_cost"]
    assert row.missing["papers"] == ["取景协议", "发票与合同"]
    with pytest.raises(XiepaiError, match="证明材料"):
        facts.verify_fact(actor=company.officer, fact_id=cost.pk)
    paper = evidence.attach_evidence(
        actor=company.producer, organisation_id=company.crew.pk, work_id=work.pk, kind="发票与合同", data=PDF
    )
    for fact in Fact.objects.filter(work=work):
        facts.verify_fact(actor=company.officer, fact_id=fact.pk, evidence_id=paper.pk)
    evaluate_subjects(work_ids=[work.pk])
    assert row_of(work, "location").is_proven
    assert row_of(work, "").low_fen == 12_000_000


def test_a_corrected_value_keeps_the_old_one_and_an_empty_one_withdraws(
    company: Company, version: ProgrammeVersion, work: Work
) -> None:
    say = {"actor": company.producer, "work_id": work.pk, "name": "local_shooting_cost"}
    first = facts.state_fact(value="60万元", **say)
    assert facts.state_fact(value="60万元", **say) == first
    second = facts.state_fact(value="70万元", **say)
    history = selectors.history_of(company.producer, name="local_shooting_cost", work_id=work.pk)
    assert [(fact.value, fact.superseded_by_id) for fact in history] == [("70万元", None), ("60万元", second.pk)]
    with pytest.raises(XiepaiError) as refused:
        facts.withdraw_fact(actor=company.producer, fact_id=first.pk)
    assert refused.value.code is ErrorCode.CONFLICT
    facts.withdraw_fact(actor=company.producer, fact_id=second.pk)
    assert evaluate_everybody().written == 0
    with pytest.raises(XiepaiError, match="moon"):
        facts.state_fact(actor=company.producer, work_id=work.pk, name="moon", value="yes")
    with pytest.raises(XiepaiError):
        facts.state_fact(value="六十", **say)


def test_another_company_knows_nothing_of_it(company: Company, version: ProgrammeVersion, work: Work) -> None:
    state(work_id=work.pk, culture_tourism_linkage="yes", local_shooting_cost="60万元")
    evaluate_everybody()
    assert selectors.find_entitlements(company.producer).count() == 1
    assert not selectors.find_entitlements(company.stranger).exists()
    for refused in (
        lambda: selectors.owed_to(company.stranger, work_id=work.pk),
        lambda: facts.state_fact(actor=company.stranger, work_id=work.pk, name="premium", value="yes"),
        lambda: selectors.owed_to(company.keeper, work_id=work.pk),
    ):
        with pytest.raises(XiepaiError) as error:
            refused()
        assert error.value.code is ErrorCode.NOT_FOUND


def test_only_what_changed_is_written(company: Company, version: ProgrammeVersion, work: Work) -> None:
    other = make_work(company, title="另一部")
    for each in (work, other):
        state(work_id=each.pk, culture_tourism_linkage="yes", local_shooting_cost="60万元")
    assert evaluate_everybody().written == 4
    assert evaluate_everybody().written == 0
    untouched = row_of(other, "location").computed_at
    with clock.frozen(NOW + timedelta(days=1)):
        assert evaluate_everybody().written == 0, "a further day is no change"
        facts.state_fact(
            actor=company.officer, source="office", work_id=work.pk, name="local_shooting_cost", value="50万元"
        )
        assert evaluate_everybody().written == 2
    assert row_of(work, "location").low_fen == 10_000_000
    assert row_of(other, "location").computed_at == untouched
    with clock.frozen(NOW):
        exclusions.list_exclusion(
            actor=company.officer, organisation_id=company.crew.pk, kind="dishonesty", source="样例", since=TODAY
        )
        assert evaluate_everybody().written == 4
        assert row_of(other, "location").is_excluded


def test_what_is_no_longer_owed_says_so_and_a_closed_programme_owes_nothing(
    company: Company, version: ProgrammeVersion, work: Work
) -> None:
    state(work_id=work.pk, culture_tourism_linkage="yes", local_shooting_cost="60万元")
    evaluate_everybody()
    facts.state_fact(
        actor=company.officer, source="office", work_id=work.pk, name="culture_tourism_linkage", value="no"
    )
    evaluate_subjects(work_ids=[work.pk])
    assert row_of(work, "location").state == "none"
    programmes.close_programme(actor=company.officer, programme_id=version.programme_id)
    evaluate_everybody()
    assert not Entitlement.objects.exists()


def test_company_facts_serve_its_works_and_its_own_measures(company: Company, work: Work) -> None:
    publish(company.officer)
    publish(company.officer, "suzhou-2025", is_local=False)
    crew = company.crew.pk
    state(organisation_id=crew, founded_on="2023-05-01", suzhou_legal_person="yes", new_technology="yes")
    state(organisation_id=crew, chain_investment="300万元")
    state(work_id=work.pk, first_producer="yes", head_platform="yes", good_result="yes")
    evaluate_everybody()
    chain = Entitlement.objects.get(work=None, organisation=crew, measure="chain")
    assert (chain.state, chain.low_fen, chain.is_proven) == ("owed", 30_000_000, True)
    investment = row_of(work, "investment")
    assert (investment.state, investment.low_fen, investment.is_proven) == ("owed", 60_000_000, False)
    assert investment.missing["claims"] == ["actual_investment"]
    assert not Entitlement.objects.filter(work=work, measure="chain").exists()
    found = selectors.owed_to(company.producer, work_id=work.pk)
    assert [each.version.programme.is_local for each in found] == [True, False]
    years = found[1].facts["full_accounting_years"]
    assert (years.value, years.is_claim) == ("2", False)


def ready(company: Company, version: ProgrammeVersion, work: Work, cost: str = "60万元") -> Entitlement:
    state(work_id=work.pk, culture_tourism_linkage="yes", local_shooting_cost=cost)
    evaluate_subjects(work_ids=[work.pk])
    programmes.update_measure_setting(
        actor=company.officer, programme_id=version.programme_id, measure="location", awards_without_application=True
    )
    return row_of(work, "location")


def test_the_office_awards_without_application_in_one_press(
    company: Company, version: ProgrammeVersion, work: Work
) -> None:
    row = ready(company, version, work)
    application = owed.award_without_application(actor=company.officer, entitlement_id=row.pk)
    assert (application.state, application.origin, application.awarded_fen) == ("approved", "automatic", 12_000_000)
    decision = Decision.objects.get(application=application)
    assert decision.by_measure == {"location": 12_000_000}
    assert decision.sha256 == decision_digest(
        version, decision.facts, decision.by_measure, decision.explanation, decision.evaluated_on
    )
    location = replay(decision, decision.evaluated_on).measures[2].amount
    assert (location.is_certain, location.low // location.den) == (True, 12_000_000)
    with pytest.raises(XiepaiError) as refused:
        owed.award_without_application(actor=company.officer, entitlement_id=row.pk)
    assert refused.value.code is ErrorCode.NOT_OWED


def test_what_is_not_marked_not_proven_or_kept_out_is_not_awarded(
    company: Company, version: ProgrammeVersion, work: Work
) -> None:
    state(work_id=work.pk, source="person", culture_tourism_linkage="yes", local_shooting_cost="60万元")
    evaluate_subjects(work_ids=[work.pk])
    row = row_of(work, "location")
    award = {"actor": company.officer, "entitlement_id": row.pk}
    with pytest.raises(XiepaiError, match="须申报"):
        owed.award_without_application(**award)
    programmes.update_measure_setting(
        actor=company.officer, programme_id=version.programme_id, measure="location", awards_without_application=True
    )
    with pytest.raises(XiepaiError, match="本地取景费用"):
        owed.award_without_application(**award)
    for code, actor in ((ErrorCode.FORBIDDEN, company.producer), (ErrorCode.FORBIDDEN, make_person("leader")[1])):
        with pytest.raises(XiepaiError) as refused:
            owed.award_without_application(actor=actor, entitlement_id=row.pk)
        assert refused.value.code is code
    exclusions.list_exclusion(
        actor=company.officer,
        organisation_id=company.crew.pk,
        kind="abnormal",
        source="样例名录",
        since=date(2026, 1, 1),
    )
    with pytest.raises(XiepaiError) as refused:
        owed.award_without_application(**award)
    assert refused.value.code is ErrorCode.COMPANY_EXCLUDED
    assert not Application.objects.exists()


def test_shared_limits_hold_over_what_was_awarded_before(company: Company, version: ProgrammeVersion) -> None:
    crews = [company.crew, make_organisation("crew")]
    programmes.update_measure_setting(
        actor=company.officer, programme_id=version.programme_id, measure="chain", awards_without_application=True,
        subject="work",
    )  # fmt: skip
    given = []
    for place, (crew, cost) in enumerate([(crews[0], 700), (crews[0], 600), (crews[1], 600), (crews[0], 100)]):
        work = Work.objects.create(organisation=crew, title=f"第{place}部")
        state(work_id=work.pk, new_technology="yes", chain_investment=f"{cost}万元")
        evaluate_subjects(work_ids=[work.pk])
        row = row_of(work, "chain")
        try:
            made = owed.award_without_application(actor=company.officer, entitlement_id=row.pk)
            given.append(made.awarded_fen)
        except XiepaiError as refused:
            given.append(refused.code)
    assert given == [70_000_000, 30_000_000, 60_000_000, ErrorCode.NOT_OWED]


def test_invited_and_prefilled(company: Company, version: ProgrammeVersion, work: Work) -> None:
    row = ready(company, version, work)
    owed.invite(actor=company.officer, entitlement_id=row.pk, message="请来申报。")
    assert Notice.objects.filter(person=company.person, body="请来申报。").exists()
    draft = owed.prefill(
        actor=company.producer, version_id=version.pk, organisation_id=company.crew.pk, work_id=work.pk,
        measures=["location"],
    )  # fmt: skip
    assert (draft.state, draft.asked_fen) == ("draft", 12_000_000)
    assert draft.facts["local_shooting_cost"]["value"] == "600000.00元"
    assert draft.facts["enterprise"]["value"] == str(company.crew.pk)
    again = owed.prefill(
        actor=company.producer, version_id=version.pk, organisation_id=company.crew.pk, work_id=work.pk,
        measures=["location"],
    )  # fmt: skip
    assert again == draft


def test_the_same_file_twice_is_kept_once_and_shown(company: Company, version: ProgrammeVersion) -> None:
    other = make_organisation("crew")
    hand_in = {"kind": "发票", "data": PDF, "document_number": "No. 7"}
    one = evidence.attach_evidence(actor=company.producer, organisation_id=company.crew.pk, **hand_in)
    two = evidence.attach_evidence(actor=company.officer, organisation_id=other.pk, **hand_in)
    assert one.stored_id == two.stored_id
    assert selectors.same_elsewhere(company.officer, one) == [two]
    with pytest.raises(XiepaiError):
        selectors.same_elsewhere(company.producer, one)
    evidence.verify_evidence(actor=company.officer, evidence_id=one.pk)
    with pytest.raises(XiepaiError):
        evidence.withdraw_evidence(actor=company.producer, evidence_id=one.pk)
    evidence.withdraw_evidence(actor=company.officer, evidence_id=two.pk)
    assert selectors.same_elsewhere(company.officer, one) == []


def test_an_evaluation_asked_for_twice_waits_once_and_the_jobs_do_it(
    company: Company, version: ProgrammeVersion, work: Work
) -> None:
    say = {"actor": company.producer, "work_id": work.pk}
    facts.state_fact(name="culture_tourism_linkage", value="yes", **say)
    facts.state_fact(name="local_shooting_cost", value="60万元", **say)
    waiting = ProcrastinateJob.objects.filter(status="todo", queue_name="grants")
    assert [job.args for job in waiting.filter(task_name="grants.evaluate_work")] == [{"work_id": work.pk}]
    assert waiting.filter(task_name="grants.evaluate_everybody").count() == 1, "publishing asks for everybody"
    tasks.evaluate_work(work_id=work.pk)
    assert row_of(work, "location").state == "owed"
    Entitlement.objects.all().delete()
    tasks.evaluate_company(organisation_id=company.crew.pk)
    assert row_of(work, "location").state == "owed"
    tasks.nightly(timestamp=0)
    assert EvaluationRun.objects.get().written == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_at_once_one_awards_and_the_other_is_told() -> None:
    with clock.frozen(NOW):
        company = make_company()
        version = fund(publish(company.officer), company.officer)
        row = ready(company, version, make_work(company))
    officers = [company.officer, make_person("officer")[1]]
    gate = Barrier(2)

    def press(officer: Actor) -> str:
        with clock.frozen(NOW):
            gate.wait(timeout=30)
            try:
                return owed.award_without_application(actor=officer, entitlement_id=row.pk).state
            except XiepaiError as refused:
                return refused.code.value
            finally:
                connection.close()

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(press, officers))
    assert said == ["approved", "not_owed"]
    assert Decision.objects.count() == 1
