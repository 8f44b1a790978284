"""Between spans of plain time and the ranges of the database."""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from xiepai.worktime.spans import Span


def as_range(span: Span) -> DateTimeTZRange:
    """The span as the database's half-open range."""
    return DateTimeTZRange(span.start, span.end, "[)")


def as_span(period: Any) -> Span:
    """A database range as a span."""
    return Span(period.lower, period.upper)
