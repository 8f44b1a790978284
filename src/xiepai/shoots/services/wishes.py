"""Wishes about the order of scenes: said by a person, kept in the plan's settings, obeyed or priced by the planner.

A wish must hold (a red flag where it does not) or has a price that breaking it costs. Several scenes at once are as
many wishes: one each for "never first", one for each neighbouring pair for the others. Refused: scenes that are not on
the plan, the same scene twice, the opposite of a wish that is there. Every change can be undone like any of the board.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.planning.shoot import WishKind
from xiepai.shoots.models import Plan
from xiepai.shoots.services import boards
from xiepai.shoots.setting_up import wish_key

MOST_WISHES = 300
Row = dict[str, Any]
_IN_ORDER = (WishKind.BEFORE, WishKind.NEXT)


def rows_of(plan: Plan) -> list[Row]:
    """The wishes of a plan as they are kept."""
    return list(plan.settings.get("wishes", ()))


def add_wishes(
    *,
    actor: Actor,
    plan_id: int,
    revision: int,
    kind: WishKind,
    scene_ids: Sequence[int],
    weight_fen: int | None = None,
) -> Plan:
    """Wish something of scenes, in the order given; the same wish again only gets the new price. Raises ``INVALID``."""
    with boards.changing(actor, plan_id, revision, _("加次序要求")) as plan:
        known = set(plan.strips.filter(scene__isnull=False).values_list("scene_id", flat=True))
        if not known.issuperset(scene_ids):
            raise not_found()
        wanted = _rows(kind, list(scene_ids), weight_fen)
        kept = rows_of(plan)
        for row in wanted:
            _refuse_opposite(row, kept)
            kept = [*(each for each in kept if _key(each) != _key(row)), row]
        if len(kept) > MOST_WISHES:
            raise XiepaiError(ErrorCode.INVALID, detail=_("次序要求最多 {most} 条。").format(most=MOST_WISHES))
        plan.settings = {**plan.settings, "wishes": kept}
    return plan


def drop_wish(*, actor: Actor, plan_id: int, revision: int, key: str) -> Plan:
    """Take a wish back; one that is not there is not found."""
    with boards.changing(actor, plan_id, revision, _("去次序要求")) as plan:
        kept = [row for row in rows_of(plan) if _key(row) != key]
        if len(kept) == len(rows_of(plan)):
            raise not_found()
        plan.settings = {**plan.settings, "wishes": kept}
    return plan


def _key(row: Mapping[str, Any]) -> str:
    return wish_key(row["kind"], row["scenes"])


def _rows(kind: WishKind, scene_ids: list[int], weight_fen: int | None) -> list[Row]:
    groups: list[tuple[int, ...]]
    groups = [(pk,) for pk in scene_ids] if kind is WishKind.NOT_FIRST else list(pairwise(scene_ids))
    if not groups:
        raise XiepaiError(ErrorCode.INVALID, detail=_("这种要求说的是两场戏，请选两场。"))
    if len(set(scene_ids)) != len(scene_ids):
        raise XiepaiError(ErrorCode.INVALID, detail=_("请选两场不同的戏。"))
    if weight_fen is not None and weight_fen < 0:
        raise XiepaiError(ErrorCode.INVALID, detail=_("价钱不能是负数。"))
    return [{"kind": kind.value, "scenes": list(scenes), "weight_fen": weight_fen} for scenes in groups]


def _refuse_opposite(row: Row, kept: Sequence[Row]) -> None:
    if row["kind"] in _IN_ORDER:
        turned = row["scenes"][::-1]
        if any(each["kind"] in _IN_ORDER and each["scenes"] == turned for each in kept):
            raise XiepaiError(ErrorCode.INVALID, detail=_("与已有的次序要求相反，先去掉那一条。"))
