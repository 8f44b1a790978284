"""The clock of an application: replayed to the second; warned, reported upward, decided by silence, each once."""

from __future__ import annotations

import random
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from tests.grants import NOW
from tests.money import Purser, make_purser

from xiepai.grants import clock as clocks
from xiepai.grants.models import Application, ApplicationEvent, ApplicationState, Silence, Step, StepKind
from xiepai.grants.services import clocking, steps
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties import working_days
from xiepai.parties.models import Notice
from xiepai.parties.working_days import calendar_of
from xiepai.worktime import terms

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _december() -> Generator[None, None, None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def purser() -> Purser:
    purser = make_purser()
    steps.add_missing_steps(actor=purser.officer, programme_id=purser.programme.pk)
    if 2027 not in working_days.known_year_numbers():
        working_days.declare_year(actor=purser.officer, year=2027, source="样例")
    return purser


def step(purser: Purser, kind: str = StepKind.FIRST_CHECK, **fields: Any) -> Step:
    row = Step.objects.get(programme=purser.programme, kind=kind)
    return steps.update_step(actor=purser.officer, step_id=row.pk, **fields) if fields else row


@transaction.atomic
def started(purser: Purser, at: Step) -> Application:
    application = purser.application(state=ApplicationState.IN_REVIEW, step=at)
    clocks.start(application=application, step=at, actor=purser.officer)
    return application


def due(application: Application) -> str:
    application.refresh_from_db()
    return f"{clock.local(application.due_at):%m-%d %H:%M}" if application.due_at else "—"


def at(days: float) -> Any:
    return clock.frozen(NOW + timedelta(days=days))


def test_a_pause_adds_the_time_really_suspended(purser: Purser) -> None:
    application = started(purser, step(purser, term_working_days=3))  # Tuesday 9:00
    assert due(application) == "12-04 18:00"
    with at(1), transaction.atomic():
        clocks.pause(application=application, actor=purser.officer, reason="请补正")
        assert due(application) == "—"
    with clock.frozen(NOW + timedelta(days=2, hours=2)), transaction.atomic():  # one office day and two hours later
        clocks.resume(application=application, actor=purser.officer)
        clocks.resume(application=application, actor=purser.officer)  # a second one finds nothing to do
    assert due(application) == "12-08 11:00"
    with at(3):
        clocking.extend_term(actor=purser.officer, application_id=application.pk, working_days=2, reason="材料较多")
    assert due(application) == "12-10 11:00"
    with at(4), transaction.atomic():
        clocks.end(application=application, actor=purser.officer)
    assert due(application) == "—"
    kinds = list(ApplicationEvent.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["started", "paused", "resumed", "extended", "decided"]


def test_an_extension_needs_a_reason_and_a_running_clock(purser: Purser) -> None:
    application = started(purser, step(purser, term_working_days=3))
    say: dict[str, Any] = {"actor": purser.officer, "application_id": application.pk}
    for wrong in ({"working_days": 0, "reason": "x"}, {"working_days": 5, "reason": " "}):
        with pytest.raises(XiepaiError):
            clocking.extend_term(**say, **wrong)
    with pytest.raises(XiepaiError):
        clocking.extend_term(actor=purser.finance, application_id=application.pk, working_days=5, reason="x")
    with at(10), pytest.raises(XiepaiError, match="没有在计"):
        clocking.extend_term(**say, working_days=5, reason="太晚")


def test_the_rows_replay_to_the_same_second_as_the_pure_core(purser: Purser) -> None:
    """Random pauses and extensions through the services; afterwards the rows alone give the same due time."""
    for seed in range(8):
        dice, moment = random.Random(seed), NOW
        promised = step(purser, term_working_days=dice.randint(3, 15))
        with clock.frozen(moment):
            application = started(purser, promised)
        ledger, kept = [terms.Event(terms.What.STARTED, moment)], application.due_at
        for _turn in range(4):
            moment += timedelta(seconds=dice.randint(1, 100_000))
            with clock.frozen(moment), transaction.atomic():
                if clocks.standing(application).status not in (terms.Status.RUNNING, terms.Status.WARNED):
                    break
                if dice.random() < 0.4:
                    clocks.extend(application=application, actor=purser.officer, working_days=2, reason="样例")
                    ledger.append(terms.Event(terms.What.EXTENDED, moment, days=2))
                else:
                    clocks.pause(application=application, actor=purser.officer, reason="样例")
                    ledger.append(terms.Event(terms.What.PAUSED, moment))
                    moment += timedelta(seconds=dice.randint(1, 400_000))
                    with clock.frozen(moment):
                        clocks.resume(application=application, actor=purser.officer)
                    ledger.append(terms.Event(terms.What.RESUMED, moment))
                kept = application.due_at
        term = clocks.term_of(promised)
        assert term is not None
        assert terms.standing(term, ledger, calendar_of(), moment).due == kept
        application = Application.objects.get(pk=application.pk)
        for later in (0, 400):
            assert clocks.standing(application, at=moment + timedelta(days=later)).due == kept


def test_the_sweep_warns_and_reports_upward_once(purser: Purser) -> None:
    application = started(purser, step(purser, term_working_days=3, warn_days=1))
    assert clocking.sweep() == clocking.Swept()
    with at(3.1):  # Friday morning: less than a working day is left
        assert clocking.sweep() == clocking.Swept(warned=1)
        assert clocking.sweep() == clocking.Swept()
        clocking.extend_term(actor=purser.officer, application_id=application.pk, working_days=1, reason="延长")
        assert clocking.sweep() == clocking.Swept()
    with at(6.1):
        assert clocking.sweep() == clocking.Swept(warned=1)  # the new due time has a warning of its own
    with at(8):
        assert clocking.sweep() == clocking.Swept(escalated=1)
        assert clocking.sweep() == clocking.Swept()
    told = set(Notice.objects.filter(subject__contains="逾期").values_list("person_id", flat=True))
    assert purser.leader.person_id in told
    application.refresh_from_db()
    assert application.state == ApplicationState.IN_REVIEW  # silence says nothing here


def test_silence_consents_where_the_step_says_so(purser: Purser) -> None:
    application = started(purser, step(purser, term_working_days=3, silence=Silence.APPROVE))
    with at(3):
        assert clocking.sweep().silent == 0
    with at(4):
        assert clocking.sweep().silent == 1
        assert clocking.sweep().silent == 0
        application.refresh_from_db()
        assert application.step is not None
        assert (application.state, application.step.kind) == ("in_review", StepKind.FORMAL_CHECK)
        assert clocks.standing(application).status is terms.Status.RUNNING  # the next step's own time


def test_silence_refuses_where_the_step_says_so(purser: Purser) -> None:
    application = started(purser, step(purser, term_working_days=3, silence=Silence.REJECT))
    other = started(purser, step(purser, StepKind.FORMAL_CHECK, term_working_days=30))
    with at(6):
        assert clocking.sweep().silent == 1
        assert clocking.sweep() == clocking.Swept()
    assert (due(application), application.state) == ("—", "rejected")
    other.refresh_from_db()
    assert other.state == "in_review"


def test_a_step_without_a_term_promises_nothing(purser: Purser) -> None:
    application = started(purser, step(purser, StepKind.PERFORMANCE_CHECK))
    assert due(application) == "—"
    assert clocks.standing(application).status is terms.Status.WAITING
    with transaction.atomic():
        clocks.pause(application=application, actor=purser.officer, reason="x")
    assert not ApplicationEvent.objects.exists()


def test_a_term_into_an_unknown_year_names_the_page(purser: Purser) -> None:
    late = step(purser, term_working_days=500)
    with clock.frozen(datetime(2027, 12, 1, 1, tzinfo=UTC)), pytest.raises(XiepaiError) as refused:
        started(purser, late)
    assert refused.value.code is ErrorCode.MISSING_YEAR
    assert "/office/calendar-days/?year=" in str(refused.value)


def test_one_application_that_cannot_be_counted_does_not_stop_the_sweep(purser: Purser) -> None:
    first = started(purser, step(purser, term_working_days=3, silence=Silence.REJECT))
    started(purser, step(purser, StepKind.FORMAL_CHECK, term_working_days=3))
    step(purser, StepKind.FORMAL_CHECK, term_working_days=500)  # reaches a year nobody has entered
    with at(6):
        assert clocking.sweep().silent == 1
    first.refresh_from_db()
    assert first.state == "rejected"


def test_events_are_never_changed(purser: Purser) -> None:
    started(purser, step(purser, term_working_days=3))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE grants_applicationevent SET at = at - interval '1 day'")
