"""Jobs of the bookings: the minute's sweep, the offer of a freed slot, and long lists of needs."""

from __future__ import annotations

from datetime import datetime

from procrastinate.contrib.django import app

from xiepai.kernel.jobs import as_job
from xiepai.worktime.spans import Span


@app.task(name="bookings.offer_freed_slot", queue="bookings", retry=5)
@as_job
def offer_freed_slot(place_id: int, start: str, end: str) -> None:
    """Offer a slot that came free down the waiting list."""
    from xiepai.bookings.services.waiting import offer_freed

    offer_freed(place_id, Span(datetime.fromisoformat(start), datetime.fromisoformat(end)))


@app.periodic(cron="* * * * *")
@app.task(name="bookings.sweep", queue="bookings", queueing_lock="bookings.sweep", pass_context=False)
@as_job
def sweep(timestamp: int) -> None:
    """Every minute: end overdue holds, let late entries leave the line, remind and escalate."""
    from xiepai.bookings.services.ending import expire_overdue
    from xiepai.bookings.services.reminding import remind_and_escalate
    from xiepai.bookings.services.waiting import pass_by

    expire_overdue()
    pass_by()
    remind_and_escalate()


@app.task(name="bookings.work_draft", queue="bookings", retry=2)
@as_job
def work_draft(draft_id: int, person_id: int, version: int, book: int, partial: int) -> None:
    """Search or book a long list of needs."""
    from xiepai.bookings import need_drafts

    need_drafts.work_draft(
        draft_id=draft_id, person_id=person_id, version=version, book=bool(book), partial=bool(partial)
    )
