"""Writing many rows of the demo at once as the services write one: changed, audited, journalled, at their time.

Refused: a state that may not follow; a row without its audit row (the database refuses that too).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any, TypeVar

from django.db import models

from xiepai.grants.clock import term_of
from xiepai.grants.errors import require_follow
from xiepai.grants.models import Application, ApplicationEvent, ApplicationState, ClockEvent, Step
from xiepai.kernel import audit, clock
from xiepai.parties.access import Actor
from xiepai.parties.working_days import calendar_of
from xiepai.worktime import terms
from xiepai.worktime.workdays import Calendar, MissingYearError

Row = TypeVar("Row", bound=models.Model)
#: Office hours of the demo, in minutes after midnight: later stations of a day come later.
OPENS, EVERY, LAST = 9 * 60, 25, 17 * 60


@dataclass
class Scribe:
    """The present of the demo, its dates, and how rows are written in bulk."""

    today: date
    now: datetime
    random: Random = field(default_factory=lambda: Random(2026))  # noqa: S311 - a sample, not a secret

    @cached_property
    def calendar(self) -> Calendar:
        """The city's working calendar, read once."""
        return calendar_of()

    def moment(self, days: int, place: int = 0) -> datetime:
        """So many days from today, on the working day before where that one is free; later places come later."""
        day = self.today + timedelta(days=days)
        while not self._is_worked(day):
            day -= timedelta(days=1)
        minutes = min(OPENS + EVERY * place, LAST)
        return clock.at_local_midnight(day) + timedelta(minutes=minutes)

    def _is_worked(self, day: date) -> bool:
        try:
            return self.calendar.of(day).is_worked
        except MissingYearError:  # a year nobody has entered yet: Monday to Friday
            return day.weekday() < 5

    def due(self, step: Step) -> datetime | None:
        """When a step that begins now is due; nothing where it has no term or the year is not known."""
        term = term_of(step)
        try:
            return terms.due(term, clock.now(), self.calendar) if term else None
        except MissingYearError:
            return None

    def add(
        self,
        rows: Sequence[Row],
        event: str,
        actor: Actor,
        *,
        owner: Callable[[Row], int | None] = lambda row: getattr(row, "organisation_id", None),
    ) -> list[Row]:
        """New rows with their audit rows."""
        if not rows:
            return []
        made = type(rows[0])._base_manager.bulk_create(rows)
        audit.record_many((audit.Trace(event, row, organisation_id=owner(row)) for row in made), actor=actor)
        return made

    @contextmanager
    def changing(self, rows: Sequence[Row], event: str, actor: Actor, fields: Collection[str]) -> Iterator[None]:
        """Within the block the rows are changed; at its end these fields are saved and audited."""
        before = [audit.snapshot(row) for row in rows]
        yield
        if not rows:
            return
        type(rows[0])._base_manager.bulk_update(rows, fields)
        traces = (audit.Trace(event, row, before=old) for row, old in zip(rows, before, strict=True))
        audit.record_many(traces, actor=actor)

    def move(
        self,
        rows: Sequence[Application],
        state: ApplicationState,
        event: str,
        actor: Actor,
        *,
        step: Step | None = None,
        reason: str = "",
        **values: Any,
    ) -> None:
        """Take applications into a state (or keep them there) and a step, whose clock then runs."""
        for row in rows:
            if row.state != state:
                require_follow(row.number, row.state, state)
        due = self.due(step) if step else None
        fields = ["state", "state_at", "step", "due_at", *values]
        with self.changing(rows, event, actor, fields):
            for row in rows:
                row.state, row.state_at = state.value, clock.now()
                row.step, row.due_at = step or row.step, due
                for name, value in values.items():
                    setattr(row, name, value)
        self.tick(rows, ClockEvent.DECIDED, actor, reason=reason)
        if due is not None:
            self.tick(rows, ClockEvent.STARTED, actor, step=step)

    def tick(
        self, rows: Sequence[Application], kind: ClockEvent, actor: Actor, *, step: Step | None = None, reason: str = ""
    ) -> None:
        """Lines of the clocks' ledgers: those whose clock does not run are left out, but for a start."""
        running = self._running
        chosen = [row for row in rows if kind == ClockEvent.STARTED or row.pk in running]
        ApplicationEvent.objects.bulk_create(
            ApplicationEvent(
                application=row, step=step or running.get(row.pk), kind=kind, at=clock.now(), reason=reason[:200],
                by_id=actor.person_id, created_at=clock.now(),
            )
            for row in chosen
        )  # fmt: skip
        for row in chosen:
            if kind == ClockEvent.STARTED and step is not None:
                running[row.pk] = step
            elif kind == ClockEvent.DECIDED:
                del running[row.pk]

    @cached_property
    def _running(self) -> dict[int, Step]:
        return {}
