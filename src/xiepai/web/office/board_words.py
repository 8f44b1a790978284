"""The words of the board: a bar, a row and a site as people read, hear, print and export them."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from xiepai.bookings.board import BLOCKED, TAKEN, Bar, Row
from xiepai.bookings.models import BookingState
from xiepai.web import formats
from xiepai.worktime.spans import Span


def bar_writer() -> Callable[[Bar], str]:
    """What a bar is, in words, for screen readers, print and list; a thousand bars share the words for their states."""
    states = {state: state_words(state) for state in (*BookingState.values, TAKEN, BLOCKED)}

    def write(bar: Bar) -> str:
        first, second = (bar.title, bar.crew) if bar.booking_id else (states[bar.state], bar.reason)
        parts = [first, second, formats.span(bar.span.start, bar.span.end), states[bar.state] if bar.booking_id else ""]
        return " · ".join(part for part in parts if part)

    return write


def words_of(span: Span, crew: str, title: str, state: str) -> str:
    """``用途 · 剧组 · 12月3日 08:00–20:00 · 已确认``: what tells two bars apart comes first."""
    parts = [title, crew, formats.span(span.start, span.end), state_words(state)]
    return " · ".join(part for part in parts if part)


def state_words(state: str) -> str:
    """A bar's state; a bar need not be a booking one may know of."""
    if state == TAKEN:
        return _("已占用")
    return _("停用中") if state == BLOCKED else str(BookingState(state).label)


def row_words(row: Row) -> str:
    """The name of a row in the reader's language."""
    return row.name_en if row.name_en and formats.is_english() else row.name


def site_words(row: Row) -> str:
    """What the row belongs to, in the reader's language."""
    return row.site_en if formats.is_english() else row.site
