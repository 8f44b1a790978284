"""Proofs about a policy: what it can pay at most, what never pays together, where more gives less.

Every claim is proven for all cases in the declared ranges, or refuted by a case that ``Policy.evaluate`` reproduces, or
said to be unknown. Steps over rows count as they stand for one case by itself. The only sub-package that knows z3.

>>> from xiepai.policy import load
>>> policy = load('''
... policy: 示例
... issuer: 示例市
... status: sample
... in_force: 2026-01-01 ..
... facts: {revenue: money | 收入, leading: yes/no | 头部平台}
... measures:
...   hit: {clause: 一, text: 收入达到100万元的奖励10万元。, if: leading, by: revenue, reaching: {100万元: 10万元}}
... examples:
...   - {name: 达到, on: 2026-05-01, given: {revenue: 100万元, leading: yes}, expect: 10万元}
... ''')
>>> report = prove(policy)
>>> print(report.of(Kind.HIGHEST, "award")[0].message("en"))
the award: at most 100,000 yuan
>>> [each.message("en") for each in report.of(Kind.NO_CLIFF)]
['one unit of 收入 at 1,000,000 yuan moves the award by 100,000 yuan']
"""

from __future__ import annotations

import time
from datetime import date

from xiepai.policy.api import Policy
from xiepai.policy.proofs.asking import Asking
from xiepai.policy.proofs.dead import dead
from xiepai.policy.proofs.findings import Case, Finding, Kind, Report, Status
from xiepai.policy.proofs.growth import CLIFF_FEN, cliffs, growth
from xiepai.policy.proofs.heights import heights, overlaps, payments

SECONDS = 5.0


def prove(policy: Policy, on: date | None = None, *, cliff_fen: int = CLIFF_FEN, seconds: float = SECONDS) -> Report:
    """All findings on the version in force on a day (without a day the newest). ``cliff_fen``: a change by one unit
    that moves the award by more than this is a cliff. ``seconds``: what is not settled by then is unknown."""
    started = time.perf_counter()
    asking = Asking(policy, on, seconds)
    findings = [
        *heights(asking),
        *payments(asking),
        *overlaps(asking),
        *growth(asking),
        *cliffs(asking, cliff_fen),
        *dead(asking),
    ]
    used = str(on or max(policy.version(on).start, policy.start))
    return Report(
        policy.title,
        policy.status,
        used,
        asking.program,
        tuple(findings),
        dict(asking.by),
        time.perf_counter() - started,
    )


__all__ = ["Case", "Finding", "Kind", "Report", "Status", "prove"]
