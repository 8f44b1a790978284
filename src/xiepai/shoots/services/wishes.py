"""Wishes about the order of scenes and their days: said by a person, kept in the plan's settings, obeyed or priced.

A wish must hold (a red flag where it does not) or has a price that breaking it costs. Several scenes at once are as
many wishes: one each for "never first" and for days, one for each neighbouring pair for the others. A wish about days
may be about a place of the script: it holds for whatever scenes play there. A scene (or set) has one "only on"; said
again it takes the place of the first. Refused: scenes and sets that are not on the plan, the same scene twice, the
opposite of a wish that is there, days the plan has not. Every change can be undone like any of the board.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.planning.shoot import WishKind
from xiepai.shoots.models import Plan
from xiepai.shoots.services import boards
from xiepai.shoots.setting_up import row_key as _key

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
        _refuse_many(kept)
        plan.settings = {**plan.settings, "wishes": kept}
    return plan


def add_day_wishes(
    *,
    actor: Actor,
    plan_id: int,
    revision: int,
    kind: WishKind,
    days: Collection[date],
    scene_ids: Sequence[int] = (),
    story_place_id: int | None = None,
    weight_fen: int | None = None,
) -> Plan:
    """Wish scenes, or those of a place of the script, on or off some days of the plan. Raises ``INVALID``."""
    with boards.changing(actor, plan_id, revision, _("加日子要求")) as plan:
        on_board = plan.strips.filter(scene__isnull=False)
        if story_place_id is not None:
            is_known = on_board.filter(scene__story_place=story_place_id).exists() and not scene_ids
        else:
            is_known = set(on_board.values_list("scene_id", flat=True)).issuperset(scene_ids)
        if not is_known:
            raise not_found()
        _refuse_days(plan, kind, days)
        _refuse_price(weight_fen)
        subjects = [[]] if story_place_id is not None else [[pk] for pk in dict.fromkeys(scene_ids)]
        if not subjects:
            raise XiepaiError(ErrorCode.INVALID, detail=_("请选场次或场景。"))
        said = {"kind": kind.value, "days": sorted(day.isoformat() for day in set(days)), "weight_fen": weight_fen}
        kept = rows_of(plan)
        for scenes in subjects:
            row = {**said, "scenes": scenes, **({"story_place": story_place_id} if story_place_id else {})}
            kept = [*(each for each in kept if not _is_replaced(each, row)), row]
        _refuse_many(kept)
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


def _rows(kind: WishKind, scene_ids: list[int], weight_fen: int | None) -> list[Row]:
    if kind.is_about_days:
        raise XiepaiError(ErrorCode.INVALID, detail=_("这种要求说的是日子，请选日子。"))
    groups: list[tuple[int, ...]]
    groups = [(pk,) for pk in scene_ids] if kind is WishKind.NOT_FIRST else list(pairwise(scene_ids))
    if not groups:
        raise XiepaiError(ErrorCode.INVALID, detail=_("这种要求说的是两场戏，请选两场。"))
    if len(set(scene_ids)) != len(scene_ids):
        raise XiepaiError(ErrorCode.INVALID, detail=_("请选两场不同的戏。"))
    _refuse_price(weight_fen)
    return [{"kind": kind.value, "scenes": list(scenes), "weight_fen": weight_fen} for scenes in groups]


def _is_replaced(kept: Row, row: Row) -> bool:
    """Whether a new wish about days takes the place of one that is there: the same, or another "only on"."""
    if kept["kind"] == row["kind"] == WishKind.ONLY_ON:
        return (kept["scenes"], kept.get("story_place")) == (row["scenes"], row.get("story_place"))
    return _key(kept) == _key(row)


def _refuse_days(plan: Plan, kind: WishKind, days: Collection[date]) -> None:
    if not kind.is_about_days:
        raise XiepaiError(ErrorCode.INVALID, detail=_("这种要求说的是次序，不是日子。"))
    own = set(plan.days.values_list("day", flat=True))
    if not days or not own.issuperset(days):
        raise XiepaiError(ErrorCode.INVALID, detail=_("请在计划的日子里选一天或几天。"))
    if own.issubset(days):
        detail = (
            _("选了全部日子：这样等于没有要求。") if kind is WishKind.ONLY_ON else _("选了全部日子：这样哪天也不能拍。")
        )
        raise XiepaiError(ErrorCode.INVALID, detail=detail)


def _refuse_price(weight_fen: int | None) -> None:
    if weight_fen is not None and weight_fen < 0:
        raise XiepaiError(ErrorCode.INVALID, detail=_("价钱不能是负数。"))


def _refuse_many(rows: Sequence[Row]) -> None:
    if len(rows) > MOST_WISHES:
        raise XiepaiError(ErrorCode.INVALID, detail=_("要求最多 {most} 条。").format(most=MOST_WISHES))


def _refuse_opposite(row: Row, kept: Sequence[Row]) -> None:
    if row["kind"] in _IN_ORDER:
        turned = row["scenes"][::-1]
        if any(each["kind"] in _IN_ORDER and each["scenes"] == turned for each in kept):
            raise XiepaiError(ErrorCode.INVALID, detail=_("与已有的次序要求相反，先去掉那一条。"))
