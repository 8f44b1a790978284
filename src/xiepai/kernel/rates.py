"""How often a caller may do something: calls counted in fixed windows, by one statement.

Always: count before the costly or guessable step, outside any transaction that may roll back (a refused
attempt must stay counted). Never: a name or address of a person in a bucket; hash it with :func:`bucket`.
The table is unlogged: a crash of the server forgets the counts, which harms nobody.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from datetime import UTC, datetime, timedelta

from django.db import connection

from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError

_COUNT = (
    "INSERT INTO kernel_ratewindow (bucket, window_start, calls) VALUES (%s, %s, 1)"
    " ON CONFLICT (bucket, window_start) DO UPDATE SET calls = kernel_ratewindow.calls + 1 RETURNING calls"
)


def bucket(purpose: str, *parts: object) -> str:
    """A bucket's name: the purpose readable, whom it counts only as a digest."""
    digest = hashlib.sha256("\n".join(str(part).lower() for part in parts).encode()).hexdigest()[:24]
    return f"{purpose}:{digest}"


def check(bucket_name: str, limit: int, seconds: int) -> None:
    """Count one call and refuse with ``RATE_LIMITED`` beyond *limit* calls in a window of *seconds*."""
    now = clock.now()
    start = datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [bucket_name, start])
        (calls,) = cursor.fetchone()
    if calls > limit:
        left = (start + timedelta(seconds=seconds) - now).total_seconds()
        raise XiepaiError(ErrorCode.RATE_LIMITED, seconds=max(1, round(left)))


_HERE: OrderedDict[tuple[str, int], int] = OrderedDict()
_LOCK = threading.Lock()
_ROOM = 20_000


def check_here(bucket_name: str, limit: int, seconds: int) -> None:
    """The same for what reads only: counted in this process's memory, because a GET may write nothing.

    Several processes let through as many times the limit; a restart forgets. Good for sparing the machine, not for
    guarding a secret.
    """
    now = time.time()
    key = (bucket_name, int(now // seconds))
    with _LOCK:
        calls = _HERE[key] = _HERE.pop(key, 0) + 1
        if len(_HERE) > _ROOM:
            _HERE.popitem(last=False)
    if calls > limit:
        raise XiepaiError(ErrorCode.RATE_LIMITED, seconds=max(1, round((key[1] + 1) * seconds - now)))
