"""Idempotency keys: the second call with a key gets the first one's answer and writes nothing.

The key is written in the transaction of the change it stands for: a change that fails leaves no key, and a
second caller with the same key waits for the first to end. The same key for another content is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.models import IdempotencyKey

LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What a write answered, and whether it was now or before."""

    status: int
    body: Any
    is_replay: bool


def once(*, owner_id: int, operation: str, key: str, content: bytes, write: Callable[[], tuple[int, Any]]) -> Answer:
    """Run *write* once for this owner, operation and key; *content* is what the key was given with."""
    if not 1 <= len(key) <= LONGEST_KEY or "\x00" in key:
        raise XiepaiError(ErrorCode.INVALID, detail="Idempotency-Key")
    digest = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        with connection.cursor() as cursor:
            # waits here while another transaction holds the same key
            cursor.execute(
                "INSERT INTO kernel_idempotencykey (organisation_id, operation, key, request_digest)"
                " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                [owner_id, operation, key, digest],
            )
            is_first = cursor.rowcount == 1
        rows = IdempotencyKey.objects.filter(organisation_id=owner_id, operation=operation, key=key)
        if not is_first:
            row = rows.get()
            if row.request_digest != digest:
                raise XiepaiError(ErrorCode.IDEMPOTENCY_MISMATCH)
            return Answer(row.status or 200, row.response, True)
        status, body = write()
        plain = json.loads(json.dumps(body, cls=DjangoJSONEncoder))
        rows.update(status=status, response=plain)
    return Answer(status, plain, False)
