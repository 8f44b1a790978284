"""The demo year of grants: every state, samples only, kept promises about clocks and ledgers, the journal whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from django.db import connection, models
from tests.demo_year import the_year, undone

from xiepai.config import award_report
from xiepai.grants import clock as clocks
from xiepai.grants.cases import asked_only, replay_list
from xiepai.grants.demo import load_award, load_year
from xiepai.grants.journalling import FIELDS
from xiepai.grants.models import (
    AppealKind,
    Application,
    ApplicationState,
    AuditSample,
    AwardList,
    Decision,
    Entitlement,
    Evidence,
    Exclusion,
    Moderation,
    Objection,
    Outcome,
    PaymentBatch,
    PaymentOrder,
    Recovery,
    ReviewScore,
)
from xiepai.grants.policies import policy_of
from xiepai.grants.publishing import AwardFilter, award_lines
from xiepai.grants.replaying import replay, values_of
from xiepai.grants.selectors import same_elsewhere
from xiepai.grants.services.appealing import ANSWER_DAYS, working_days_on
from xiepai.grants.services.deciding import is_intact
from xiepai.grants.services.sampling import is_reproducible
from xiepai.kernel import clock, verifying
from xiepai.kernel.models import JournalEntry
from xiepai.parties.access import system
from xiepai.parties.models import Organisation
from xiepai.parties.working_days import calendar_of
from xiepai.policy import Program
from xiepai.policy.facts import number_of
from xiepai.policy.simulation import simulate
from xiepai.productions.models import Work
from xiepai.worktime.terms import Status

__all__ = ["the_year"]
RUNNING = (Status.RUNNING, Status.WARNED, Status.OVERDUE, Status.ESCALATED)


def year(test: Any) -> Any:
    """A test of the loaded year; what it changes is taken back."""
    return pytest.mark.django_db(pytest.mark.usefixtures("the_year")(test))


@year
def test_every_state_stands_in_it_and_all_of_it_is_a_sample() -> None:
    states = Counter(Application.objects.values_list("state", flat=True))
    assert set(states) == set(ApplicationState.values)
    assert states.total() >= 120
    assert Work.objects.filter(standing="sample").count() >= 300
    assert not Application.objects.exclude(standing="sample").exists()
    applicants = set(Application.objects.values_list("organisation_id", flat=True))
    assert not Organisation.objects.filter(pk__in=applicants).exclude(standing="sample").exists()
    versions = Counter(Application.objects.values_list("version__number", flat=True))
    assert min(versions[1], versions[2]) >= 20


@year
def test_loading_it_again_changes_nothing() -> None:
    before = Application.objects.count(), JournalEntry.objects.count()
    assert load_year() == 0
    assert load_award() is not None
    assert (Application.objects.count(), JournalEntry.objects.count()) == before


@year
def test_what_a_plausible_year_has_is_there() -> None:
    assert {"rejected", "upheld", "received"} == set(Objection.objects.values_list("state", flat=True))
    assert {"ordered", "partly", "returned"} == set(Recovery.objects.values_list("state", flat=True))
    assert {"done", "sent"} <= set(PaymentBatch.objects.values_list("state", flat=True))
    assert {"paid", "planned", "sent", "failed"} <= set(PaymentOrder.objects.values_list("state", flat=True))
    assert {"accepted", "again"} == set(Moderation.objects.values_list("kind", flat=True))
    assert {"owed", "maybe"} <= set(Entitlement.objects.values_list("state", flat=True))
    assert Entitlement.objects.filter(is_excluded=True).exists()
    assert Exclusion.objects.count() == 3
    assert ReviewScore.objects.count() > 200
    assert all(is_reproducible(row) for row in AuditSample.objects.all())
    doubles = [row for row in Evidence.objects.all() if same_elsewhere(system(), row)]
    assert len(doubles) == 4
    assert award_lines(AwardFilter())


@year
def test_the_shown_due_times_come_out_again_from_the_clocks_events() -> None:
    calendar, late, shown = calendar_of(), 0, 0
    for row in Application.objects.prefetch_related("events__step").order_by("id"):
        standing = clocks.standing(row, events=row.events.all(), calendar=calendar)
        runs = standing.status in RUNNING
        if row.state == "appealed":  # the step's clock is over; the office is on the term of its answer
            said = row.appeals.get(answered_at=None)
            assert row.due_at == said.due_at == working_days_on(ANSWER_DAYS[AppealKind.APPEAL], said.made_at)
            continue
        assert row.due_at == (standing.due if runs else None), (row.number, row.state, standing.status)
        shown += runs
        late += runs and row.state == "in_review" and row.due_at < clock.now()
    assert shown > 20
    assert late
    handed_in = Application.objects.filter(state__in=("submitted", "returned"), accepted_at=None)
    assert {row.step.kind for row in handed_in.select_related("step")} == {"application"}
    assert {(row.state, row.due_at is None) for row in handed_in} == {("submitted", False), ("returned", True)}


@year
def test_the_award_goes_from_settled_bookings_to_a_decision_that_explains_itself() -> None:
    found = load_award()
    assert found is not None
    decision = found.decisions.get()
    assert decision.facts["local_shooting_cost"]["source"] == "booking"
    told = award_report.told(decision, "zh")
    assert "第3项" in told
    assert "20% × 100,800元 = 20,160元" in told
    assert "最高 20万元: 20,160元 → 20,160元" in told
    assert "假设: 取景支持比例 = 20%" in told
    assert "¥20,160" in told
    assert decision.sha256 in told
    assert "新建文化项目" not in told


@year
def test_the_journal_of_the_year_is_whole_and_its_times_are_of_the_year() -> None:
    assert verifying.verify().is_whole
    first = JournalEntry.objects.earliest("at").at
    assert (clock.now() - first).days > 280
    assert not JournalEntry.objects.filter(at__gt=clock.now()).exists()


def _watched() -> Iterator[Any]:
    for model, fields in FIELDS.items():
        for field in fields:
            yield pytest.param(model, field, id=f"{model.__name__}.{field}")


@year
@pytest.mark.parametrize(("model", "field"), list(_watched()))
def test_an_edited_field_is_found(model: type[models.Model], field: str) -> None:
    """Whoever switches the triggers off and types an UPDATE is found, whichever field it is."""
    table, column = model._meta.db_table, model._meta.get_field(field.removesuffix("_id")).column
    with undone(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f"SELECT id FROM {table} ORDER BY {column} IS NULL, id DESC LIMIT 1")
        [key] = cursor.fetchone()
        cursor.execute(f"UPDATE {table} SET {column} = {_other(model, field)} WHERE id = %s", [key])
        assert cursor.rowcount == 1
        broken = verifying.verify().broken
        assert broken is not None
        assert broken.why == "row_changed"
        assert broken.subject == f"{model._meta.label_lower}:{key}"


def _other(model: type[models.Model], field: str) -> str:
    """SQL for a value that is not the present one."""
    kind = model._meta.get_field(field.removesuffix("_id"))
    column = kind.column
    if isinstance(kind, models.DateTimeField):
        return f"{column} + interval '1 second'"
    if isinstance(kind, models.DateField):
        return f"{column} + 1"
    if isinstance(kind, models.JSONField):
        return """'{"location": 1}'"""
    if isinstance(kind, models.CharField | models.TextField):
        return f"left('x' || {column}, {kind.max_length or 200})"
    return f"coalesce({column}, 0) + 100000"


@year
def test_every_decision_comes_out_again_from_what_it_kept() -> None:
    lists = {row.pk: replay_list(row) for row in AwardList.objects.select_related("version__programme")}
    decisions = Decision.objects.select_related("application", "version__programme")
    assert len(decisions) > 70
    for row in decisions:
        assert is_intact(row), row.number
        assert row.awarded_fen == sum(row.by_measure.values()), row.number
        if row.outcome != Outcome.APPROVED:
            continue
        if "list" in row.explanation:
            assert lists[row.explanation["list"]][row.application.number] == row.awarded_fen
        else:
            award = replay(row, row.evaluated_on)
            own = {each.measure.name: each.amount for each in award.measures}
            assert {name: own[name].low // own[name].den for name in row.by_measure} == row.by_measure
            assert all(own[name].is_certain for name in row.by_measure)


@year
def test_the_lists_of_the_year_are_what_a_simulation_gives() -> None:
    """The same cases through the engine of simulations, steps over rows included; somewhere a company's limit bites."""
    bites = 0
    lists = AwardList.objects.select_related("version__programme").order_by("id")
    assert lists
    for kept in lists:
        program = policy_of(kept.version).at(kept.evaluated_on)
        cases = [asked_only(kept.version, case["measures"], case["facts"]) for case in kept.cases]
        together = simulate(program, _columns(program, cases), engine="duckdb").awards.tolist()
        found = dict(zip([case["number"] for case in kept.cases], together, strict=True))
        assert {number: found[number] for number in kept.outcome} == {
            number: said["fen"] for number, said in kept.outcome.items()
        }
        alone = [simulate(program, _columns(program, [case]), engine="duckdb").fen for case in cases[-8:]]
        bites += alone != together[-8:]
    assert bites


def _columns(program: Program, cases: list[dict[str, Any]]) -> dict[str, Any]:
    """Whole numbers as a population has them; keys as ranks, so that their order stays."""
    rows = [values_of(case) for case in cases]
    columns = {}
    for spec in program.facts:
        if spec.kind == "key":
            ranks = {text: at for at, text in enumerate(sorted({str(row.get(spec.name, "")) for row in rows}))}
            columns[spec.name] = np.array([ranks[str(row.get(spec.name, ""))] for row in rows])
        else:
            lowest = spec.low if spec.default is None else spec.default
            columns[spec.name] = np.array(
                [number_of(spec, row[spec.name]) if spec.name in row else lowest for row in rows]
            )
    return columns
