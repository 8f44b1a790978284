"""How the database's refusals become the domain's: by the name of the constraint that refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, IntegrityError, connection, transaction

from xiepai.bookings.rules import text_of
from xiepai.kernel.errors import ErrorCode, XiepaiError

_ISOLATION = "XP001"


@contextmanager
def refusals(**data: Any) -> Iterator[None]:
    """Turn the wall's refusals into :class:`XiepaiError`; *data* fills the message.

    ``period`` is a span; it is put into words only when something is refused.

    Inside a transaction a savepoint is set, so that a refusal leaves it usable.
    """
    try:
        if connection.in_atomic_block:
            with transaction.atomic():
                yield
        else:
            yield
    except IntegrityError as error:
        raise _translated(error, data) from error
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", None) == _ISOLATION:
            raise XiepaiError(ErrorCode.ISOLATION_LEVEL, level=_level()) from error
        raise


def _translated(error: IntegrityError, data: dict[str, Any]) -> Exception:
    if "period" in data:
        data = {**data, "period": text_of(data["period"])}
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
    if name.startswith("occupancy_no_overlap") or name == "blocking_meets_bookings":
        return XiepaiError(ErrorCode.SLOT_TAKEN, **data)
    if name == "occupancy_counted_peak":
        return XiepaiError(ErrorCode.NOT_ENOUGH_UNITS, **{"free": "?", "needed": "?", **data})
    return error


def _level() -> str:
    return str(connection.settings_dict.get("OPTIONS", {}).get("isolation_level", "?"))
