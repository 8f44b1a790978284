"""Windows: when applications are taken, set, moved and taken away while nobody is hurt by it.

What was handed in stays handed in time: a change or removal that would leave an application outside every window is
refused by name. Refused too: an end before its beginning, a measure the policy does not have. A window may always
end earlier or later than it did, as long as it still holds what has come in.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.grants import access
from xiepai.grants.errors import invalid
from xiepai.grants.models import Application, ApplicationOrigin, Programme, Window
from xiepai.grants.services.programmes import require_measures
from xiepai.grants.states import ApplicationState
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import not_found
from xiepai.parties.access import Actor

S = ApplicationState
SHOWN = 3


def set_window(
    *,
    actor: Actor,
    programme_id: int,
    opens_at: datetime,
    closes_at: datetime,
    measures: Collection[str] = (),
    note: str = "",
    note_en: str = "",
    window_id: int | None = None,
) -> Window:
    """Say when applications are taken (for some measures: all where none are named); a window may be moved."""
    if closes_at <= opens_at:
        raise invalid(_("截止时间须在开始时间之后。"))
    with transaction.atomic():
        programme = access.locked_programme(actor, programme_id)
        require_measures(programme, measures)
        window = Window(programme=programme, created_by_id=actor.person_id, created_at=clock.now())
        before = None
        if window_id is not None:
            window = _window(programme, window_id)
            before = audit.snapshot(window)
        old = _Span.of(window) if before else None
        window.opens_at, window.closes_at = opens_at, closes_at
        window.measures, window.note, window.note_en = list(measures), note.strip()[:200], note_en.strip()[:200]
        if old is not None:
            _require_unhurt(programme, old, _Span.of(window), window.pk)
        window.save()
        audit.record("grants.window.set", window, actor=actor, before=before)
    return window


def remove_window(*, actor: Actor, programme_id: int, window_id: int) -> None:
    """Take applications no longer in that time; refused once some came in that no other window takes."""
    with transaction.atomic():
        programme = access.locked_programme(actor, programme_id)
        window = _window(programme, window_id)
        _require_unhurt(programme, _Span.of(window), None, window.pk)
        audit.record("grants.window.removed", window, actor=actor, before=audit.snapshot(window), after={})
        window.delete()


def takes(window: Window, measure: str, moment: datetime) -> bool:
    """Whether a window takes a measure's applications at a moment."""
    return _Span.of(window).holds(measure, moment)


def drafts_under_way(programme_id: int) -> int:
    """How many applications somebody is still writing: whom an earlier end leaves less time."""
    return Application.objects.filter(programme=programme_id, state=S.DRAFT).count()


@dataclass(frozen=True, slots=True)
class _Span:
    """When a window takes what, apart from its row."""

    opens_at: datetime
    closes_at: datetime
    measures: frozenset[str]

    @classmethod
    def of(cls, window: Window) -> _Span:
        return cls(window.opens_at, window.closes_at, frozenset(window.measures))

    def holds(self, measure: str, moment: datetime) -> bool:
        return self.opens_at <= moment < self.closes_at and (not self.measures or measure in self.measures)


def _window(programme: Programme, window_id: int) -> Window:
    found = Window.objects.filter(programme=programme, pk=window_id).first()
    if found is None:
        raise not_found()
    return found


def _require_unhurt(programme: Programme, old: _Span, new: _Span | None, window_id: int) -> None:
    """Whatever was handed in within the old window must still stand within the new one, or within another."""
    spans = [_Span.of(each) for each in programme.windows.exclude(pk=window_id)]
    spans += [new] if new else []
    rows = Application.objects.filter(
        programme=programme, submitted_at__gte=old.opens_at, submitted_at__lt=old.closes_at
    ).exclude(origin=ApplicationOrigin.AUTOMATIC)
    rows = rows.exclude(state=S.WITHDRAWN).order_by("submitted_at", "id")
    hurt = [
        (number, at)
        for number, at, measures in rows.values_list("number", "submitted_at", "measures")
        if at and any(old.holds(each, at) and not any(span.holds(each, at) for span in spans) for each in measures)
    ]
    if not hurt:
        return
    named = "、".join(
        _("{number}（{at:%Y-%m-%d %H:%M}）").format(number=n, at=clock.local(at)) for n, at in hurt[:SHOWN]
    )
    raise invalid(
        _("有 {n} 件申报是在这个受理期里提交的，改动后就不在任何受理期内：{which}。受理期须包含它们的提交时间和条目。"),
        n=len(hurt), which=named if len(hurt) <= SHOWN else _("{which} 等").format(which=named),
    )  # fmt: skip
