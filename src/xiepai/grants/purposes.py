"""What the bank is told a payment is for: the application's number, the measure's name, the milestone's.

A bank's field is short and knows few signs, and no bank's own limits are stated anywhere the project could read:
``LONGEST`` bytes in GBK, and GBK's signs, are assumed. Always Chinese, whoever presses the button, since the bank and
the company read it. Refused: a code where there is a name; a number cut short, because payments are found by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xiepai.grants.models import MeasureSetting, PaymentOrder
from xiepai.grants.policies import policy_of

#: Bytes of GBK, two for a Chinese sign (assumed; whoever connects a bank sets that bank's).
LONGEST = 60
CHARSET = "gbk"
_SHORT = "…"


def purposes_of(orders: Iterable[PaymentOrder]) -> dict[int, str]:
    """The purpose of each payment by its id: one query for the milestones, however many; versions are selected."""
    rows = list(orders)
    named = _milestones(rows)
    return {
        row.pk: purpose(
            row.application.number,
            _measure(row),
            named.get((row.application.programme_id, row.measure, row.milestone), row.milestone),
        )
        for row in rows
    }


def purpose(number: str, measure: str, milestone: str = "") -> str:
    """The parts in a row; the measure's name is cut first, then the milestone goes, the number never.

    >>> purpose("XP-2026-0001", "取景拍摄奖补", "首期")
    'XP-2026-0001 取景拍摄奖补 首期'
    >>> purpose("XP-2026-0001", "与文旅场景联动取景并在本地完成后期制作的作品奖补", "首期（百分之六十）")
    'XP-2026-0001 与文旅场景联动取景并… 首期（百分之六十）'
    """
    head, name, tail = fit(number), fit(measure), fit(milestone)
    room = LONGEST - _long(head) - 1
    if tail and _long(name) > (left := room - _long(tail) - 1):
        if left >= _long("四字以上" + _SHORT):
            return f"{head} {cut(name, left)} {tail}"
        tail = ""
    return " ".join(part for part in (head, cut(name, room), tail) if part)


def fit(text: str) -> str:
    """The text in the signs a bank's field knows, on one line; what it does not know is left out.

    >>> fit("短剧\\t“出海”🎬奖补\\n")
    '短剧 “出海”奖补'
    """
    known = text.encode(CHARSET, "ignore").decode(CHARSET)
    return " ".join("".join(sign if sign.isprintable() else " " for sign in known).split())


def cut(text: str, longest: int) -> str:
    """At most so many bytes, whole signs, ending in … where something is left out.

    >>> cut("奖补项目", 8), cut("奖补项目", 7), cut("奖补", 1)
    ('奖补项目', '奖补…', '')
    """
    if _long(text) <= longest:
        return text
    while text and _long(text) > longest - _long(_SHORT):
        text = text[:-1]
    return text.rstrip() + _SHORT if text else ""


def _long(text: str) -> int:
    return len(text.encode(CHARSET))


def _measure(order: PaymentOrder) -> str:
    measures = policy_of(order.application.version).at().measures
    return next((each.zh for each in measures if each.name == order.measure), order.measure)


def _milestones(orders: list[PaymentOrder]) -> Mapping[tuple[int, str, str], str]:
    rows = MeasureSetting.objects.filter(
        programme__in={row.application.programme_id for row in orders if row.milestone}
    ).exclude(milestones=[])
    return {
        (row.programme_id, row.measure, str(each.get("code", ""))): str(each.get("zh") or each.get("code", ""))
        for row in rows
        for each in row.milestones
    }
