"""The words for why: codes and data are stored, the text is made for the reader's language when it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from xiepai.kernel.errors import ErrorCode, XiepaiError

#: Why a place was chosen.
_CHOSEN: dict[str, Any] = {
    "named": _("点名的场地"),
    "name": _("名称符合“{words}”"),
    "category": _("类别符合“{words}”"),
    "text": _("介绍里提到“{words}”"),
    "only": _("唯一可用"),
    "cheapest": _("{count} 处可用，价最低"),
    "given_away": _("更便宜的“{place}”给了第 {line} 行"),
    "fewer_moves": _("{count} 处可用，少一次转场"),
    "holds": _("可容 {holds} 人"),
    "over_people": _("注意：只容 {holds} 人"),
    "sound_sync": _("可同期声"),
    "sound_quiet_hours": _("限时同期声，请核对时段"),
    "sound_unknown": _("同期声未说明，请先问清"),
    "sound_none": _("注意：不宜同期声"),
    "town_unknown": _("不认识镇街“{town}”，未限制"),
}
#: Why a need is not met; every other code is one of the errors a booking would meet.
_UNMET: dict[str, Any] = {
    "pick_gone": _("自选的场地刚被占用"),
    "no_place": _("没有找到“{words}”"),
    "all_taken": _("{count} 处都已被占用"),
    "lost": _("与第 {lines} 行争同一场地，不能都满足"),
    "time_over": _("计算时间用完，还没有排上；请分成几张表再试"),
    "too_small": _("最大的“{place}”只容 {holds} 人，需要 {needed} 人"),
    "no_sound": _("“{place}”不宜同期声"),
    "too_few_units": _("“{place}”只有 {capacity}，需要 {needed}"),
    "other_town": _("{town}没有；别处有“{place}”"),
}


def text(reason: Mapping[str, Any]) -> str:
    """The text of a stored ``{"code", "data"}``; an unknown code is shown as it is."""
    code, data = str(reason["code"]), reason.get("data", {})
    template = _CHOSEN.get(code) or _UNMET.get(code)
    if template is not None:
        return str(template).format(**data)
    try:
        return str(XiepaiError(ErrorCode(code), **data)).rstrip("。")
    except ValueError:
        return code
