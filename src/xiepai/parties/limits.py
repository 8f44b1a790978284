"""How often each guessable or costly thing may be done, in one table. Counted by ``kernel.rates``.

Always: count before the work, and outside its transaction, so that a refused attempt stays counted.
"""

from __future__ import annotations

from dataclasses import dataclass

from xiepai.kernel import rates

MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass(frozen=True, slots=True)
class Limit:
    """At most *calls* in each window of *seconds*."""

    calls: int
    seconds: int


LIMITS: dict[str, Limit] = {
    "sign_in_from": Limit(100, 15 * MINUTE),  # a network address; a base's crews share one
    "sign_in_as": Limit(20, 15 * MINUTE),  # an e-mail address, wherever the guesses come from
    "sign_up_from": Limit(10, HOUR),
    "sign_up_crew": Limit(5, DAY),  # a person who is already here
    "invite": Limit(30, HOUR),
    "accept_from": Limit(30, HOUR),
    "make_token": Limit(20, DAY),
    "wrong_token_from": Limit(60, 15 * MINUTE),  # a network address
    "upload": Limit(120, HOUR),  # a person or token
    "solve": Limit(120, HOUR),  # a person
    "object_from": Limit(10, HOUR),  # a network address
    "preview": Limit(240, MINUTE),  # a person, in each server process
    "evaluate_from": Limit(600, MINUTE),  # a network address, in each server process
    "estimate_pdf_from": Limit(30, MINUTE),  # a network address, in each server process
}
"""Purpose → limit; ``docs/access.md`` repeats the table and a test compares the two."""


def count(purpose: str, whom: object) -> None:
    """Count one call of *purpose* by *whom* (an id, an address); ``RATE_LIMITED`` beyond the limit."""
    limit = LIMITS[purpose]
    rates.check(rates.bucket(purpose, whom), limit.calls, limit.seconds)


def count_here(purpose: str, whom: object) -> None:
    """Count one reading of *purpose* in this process (a GET writes nothing)."""
    limit = LIMITS[purpose]
    rates.check_here(rates.bucket(purpose, whom), limit.calls, limit.seconds)
