"""The changes a board's one form can ask for, told apart by its pressed button (``do``): read, bounded, performed.

Nothing is decided here: the services lock, permit and refuse; a refusal comes back as words.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Any

from django.utils.translation import gettext as _

from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.planning.shoot import WishKind
from xiepai.shoots.models import Plan, PlanDay, Strip
from xiepai.shoots.services import boards, wishes
from xiepai.web.refusals import HIDDEN
from xiepai.web.requests import Request

MOST_STRIPS = 600


def perform(request: Request, plan: Plan) -> str:
    """Do what was asked; the words of a refusal, or nothing."""
    do, _sign, key = request.POST.get("do", "").partition(":")
    deed = _DEEDS.get(do)
    if deed is None:
        return _("不认识的操作。")
    who = {"actor": request.actor, "plan_id": plan.pk, "revision": _number(request.POST.get("revision", "")) or 0}
    try:
        deed(request, plan, who, key)
    except XiepaiError as refusal:
        if refusal.http_status in HIDDEN:
            raise
        return str(refusal)
    return ""


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() and len(text) < 12 else None


def _ids(request: Request, name: str) -> list[int]:
    found = [number for each in request.POST.getlist(name) if (number := _number(each)) is not None]
    return found[:MOST_STRIPS]


def _ticked(request: Request) -> list[int]:
    """The strips ticked, in the order they stand on the board."""
    ids = _ids(request, "strip")
    if not ids:
        raise XiepaiError(ErrorCode.INVALID, detail=_("先勾选要动的条。"))
    return ids


def _move(request: Request, _plan: Plan, who: dict[str, Any], _key: str) -> None:
    day = request.POST.get("to", "")
    boards.move_strips(**who, strip_ids=_ticked(request), plan_day_id=_number(day))


def _drop(request: Request, _plan: Plan, who: dict[str, Any], _key: str) -> None:
    """What a pointer or a key asks: these strips, onto that day, before that strip."""
    ids = _ids(request, "dragged") or _ticked(request)
    day, before = (_number(request.POST.get(name, "")) for name in ("onto", "before"))
    boards.move_strips(**who, strip_ids=ids, plan_day_id=day, before_id=before)


def _step(up: bool) -> Callable[[Request, Plan, dict[str, Any], str], None]:
    def step(request: Request, plan: Plan, who: dict[str, Any], key: str) -> None:
        """One strip one place up or down in its day."""
        ids = [int(key)] if key.isdigit() else _ticked(request)
        first = Strip.objects.filter(plan=plan, pk=ids[0]).first()
        if first is None:
            raise XiepaiError(ErrorCode.NOT_FOUND)
        line = Strip.objects.filter(plan=plan, plan_day_id=first.plan_day_id).order_by("position", "pk")
        order = list(line.values_list("pk", flat=True))
        rest = [pk for pk in order if pk not in ids]
        at = sum(1 for pk in order[: order.index(ids[0])] if pk not in ids)
        at = max(0, at - 1) if up else min(len(rest), at + 1)
        before = rest[at] if at < len(rest) else None
        boards.move_strips(**who, strip_ids=ids, plan_day_id=first.plan_day_id, before_id=before)

    return step


def _lock(is_locked: bool) -> Callable[[Request, Plan, dict[str, Any], str], None]:
    def lock(request: Request, _plan: Plan, who: dict[str, Any], key: str) -> None:
        days = [int(key)] if key.isdigit() else []
        strips = [] if days else _ticked(request)
        boards.set_locked(**who, is_locked=is_locked, strip_ids=strips, plan_day_ids=days)

    return lock


def _wish(kind: WishKind) -> Callable[[Request, Plan, dict[str, Any], str], None]:
    def wish(request: Request, plan: Plan, who: dict[str, Any], _key: str) -> None:
        """Wish something of the ticked scenes, in the order they stand on the board."""
        rows = Strip.objects.filter(plan=plan, pk__in=_ticked(request), scene__isnull=False)
        order = rows.order_by("plan_day__day", "plan_day__unit", "position", "pk")
        wishes.add_wishes(**who, kind=kind, scene_ids=list(order.values_list("scene_id", flat=True)))

    return wish


def _day_wish(kind: WishKind) -> Callable[[Request, Plan, dict[str, Any], str], None]:
    def wish(request: Request, plan: Plan, who: dict[str, Any], _key: str) -> None:
        """Wish the ticked scenes on or off the day that is chosen beside "move"."""
        day = PlanDay.objects.filter(plan=plan, pk=_number(request.POST.get("to", "")) or 0).first()
        if day is None:
            raise XiepaiError(ErrorCode.INVALID, detail=_("先在“移到”里选一天。"))
        rows = Strip.objects.filter(plan=plan, pk__in=_ticked(request), scene__isnull=False)
        scene_ids = list(rows.order_by("pk").values_list("scene_id", flat=True))
        wishes.add_day_wishes(**who, kind=kind, days=[day.day], scene_ids=scene_ids)

    return wish


def _banner(is_meal: bool) -> Callable[[Request, Plan, dict[str, Any], str], None]:
    def banner(request: Request, _plan: Plan, who: dict[str, Any], key: str) -> None:
        text = request.POST.get(f"text-{key}", "")
        boards.add_banner(**who, plan_day_id=_number(key) or 0, text=text, is_meal=is_meal)

    return banner


def _remove(_request: Request, _plan: Plan, who: dict[str, Any], key: str) -> None:
    boards.remove_banner(**who, strip_id=_number(key) or 0)


def _day(request: Request, plan: Plan, who: dict[str, Any], key: str) -> None:
    day = PlanDay.objects.filter(plan=plan, pk=_number(key) or 0).first()
    try:
        text = request.POST.get(f"call-{key}", "")
        call_at = time.fromisoformat(text) if text else None
    except ValueError as error:
        raise XiepaiError(ErrorCode.INVALID, detail=_("集合时间须如 08:00。")) from error
    banner = request.POST.get(f"over-{key}", day.banner if day else "")
    boards.edit_day(**who, plan_day_id=_number(key) or 0, call_at=call_at, banner=banner)


def _undo(_request: Request, _plan: Plan, who: dict[str, Any], _key: str) -> None:
    boards.undo(**who)


def _redo(_request: Request, _plan: Plan, who: dict[str, Any], _key: str) -> None:
    boards.redo(**who)


_DEEDS: dict[str, Callable[[Request, Plan, dict[str, Any], str], None]] = {
    "move": _move,
    "drop": _drop,
    "up": _step(up=True),
    "down": _step(up=False),
    "lock": _lock(is_locked=True),
    "unlock": _lock(is_locked=False),
    "meal": _banner(is_meal=True),
    "banner": _banner(is_meal=False),
    "remove": _remove,
    "day": _day,
    **{f"wish_{kind.value}": (_day_wish if kind.is_about_days else _wish)(kind) for kind in WishKind},
    "undo": _undo,
    "redo": _redo,
}
