"""A call sheet in words: what ``sheet_content`` gathered, in the reader's language, ready for a page or for print."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from xiepai.kernel import clock
from xiepai.productions.models import Diet, Duty
from xiepai.shoots.models import CallSheet, ElementKind, InsideOutside, TimeOfDay


def pages(eighths: int) -> str:
    """A length as crews write it: whole pages and eighths.

    >>> pages(11), pages(8), pages(3), pages(0)
    ('1 3/8', '1', '3/8', '0')
    """
    whole, rest = divmod(eighths, 8)
    return " ".join(part for part in (str(whole) if whole or not rest else "", f"{rest}/8" if rest else "") if part)


def printed(sheet: CallSheet) -> dict[str, Any]:
    """Everything ``call_sheet.typ`` draws."""
    content = sheet.content
    return {
        "lang": (get_language() or "zh")[:2],
        "title": f"《{content['title']}》" + _("通告单"),
        "unit": content["unit"],
        "version": _("第 %(n)s 版") % {"n": sheet.version},
        "date": day_words(content),
        "standing": _("样例：资料与人名均为演示。") if content["is_sample"] else "",
        "marks": marks(content),
        "head": head(content),
        "hint": "  ".join(part for part in (content.get("banner", ""), content.get("hint", "")) if part),
        "words": {
            "hint": pgettext("call sheet", "提示"),
            "roles": _("演员"),
            "contacts": _("当天联系人"),
            "permits": _("批准文件与场地要求"),
        },
        "role_columns": role_columns(),
        "roles": [role_cells(row) for row in content["roles"]],
        "scene_columns": scene_columns(),
        "groups": [group(row) for row in content["groups"]],
        "contacts": [[note or duty_word(duty), name, phone] for duty, note, name, phone in content["contacts"]],
        "permits": [[permit_name(row), row["number"]] for row in content["permits"]],
        "footer": f"{content['title']} · {clock.local(sheet.sent_at or clock.now()):%Y-%m-%d %H:%M}",
    }


def day_words(content: dict[str, Any]) -> str:
    """The day with its weekday and which shooting day it is."""
    nth = _("第 %(n)s 天，共 %(all)s 天") % {"n": content["shooting_day"], "all": content["days"]}
    return f"{day_name(date.fromisoformat(content['day']))} {nth}"


def day_name(day: date) -> str:
    """A date with its weekday."""
    weekday = [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")][day.weekday()]
    return f"{day:%Y-%m-%d} {weekday}"


def marks(content: dict[str, Any]) -> list[list[str]]:
    """The figures in large type."""
    rows = [
        [_("集合"), content["call"]],
        [_("预计收工"), content["wrap"]],
        [_("场次"), _("%(n)s 场") % {"n": content["scenes"]}],
        [_("页数"), _("%(n)s 页") % {"n": pages(content["eighths"])}],
        [_("日出"), content["sunrise"]],
        [_("日落"), content["sunset"]],
    ]
    return [[name, value or "—"] for name, value in rows]


def head(content: dict[str, Any]) -> list[list[str]]:
    """The lines of the head, those nobody filled left out."""
    counts = "，".join(f"{Diet(code).label} {n}" for code, n in content["meals"])
    rows = [
        [_("导演"), content["director"]],
        [_("天气"), content.get("weather", "")],
        [_("早餐"), content.get("breakfast", "")],
        [_("餐数"), counts],
        [_("最近急救医院"), hospital(content["hospital"])],
    ]
    return [row for row in rows if row[1]]


def hospital(row: dict[str, Any]) -> str:
    """The nearest emergency room; sample data says so."""
    if not row:
        return ""
    far = _("%(n)s 公里") % {"n": f"{row['metres'] / 1000:.1f}"}
    parts = [row["name"], row["address"], row["phone"], far, _("样例") if row["is_sample"] else ""]
    return " · ".join(part for part in parts if part)


def role_columns() -> list[str]:
    """The columns of who comes when."""
    return [_("角色"), pgettext("call sheet", "演员"), _("化妆地"), _("出发"), _("化妆"), _("到场"), _("场次")]


def role_cells(row: dict[str, Any]) -> list[str]:
    """One role."""
    actor = row["actor"] or "—"
    if row["is_minor"]:
        actor += "（" + _("未成年") + "）"
    times = [row["leave"], row["makeup"], row["on_set"]]
    return [row["role"], actor, row["makeup_place"] or "—", *times, "、".join(row["scenes"])]


def scene_columns() -> list[str]:
    """The columns of what is shot."""
    return [_("时间"), _("场号"), _("气氛"), _("主要内容"), _("页数"), _("角色"), _("服化道与备注")]


def group(row: dict[str, Any]) -> dict[str, Any]:
    """The scenes at one place."""
    moves = [_("%(at)s 转场") % {"at": row["moves_at"]}] if row["moves_at"] else []
    return {
        "move": "；".join([*row["notes"], *moves]),
        "place": row["place"] or (_("场地未定") if row["scenes"] else ""),
        "address": " ".join(part for part in (row["address"], row["directions"]) if part),
        "scenes": [scene_cells(scene) for scene in row["scenes"]],
    }


def scene_cells(row: dict[str, Any]) -> list[str]:
    """One scene."""
    light = f"{TimeOfDay(row['time']).label}/{InsideOutside(row['where']).label}"
    roles = "、".join(row["roles"])
    if row["crowd"]:
        roles += (" " if roles else "") + _("群演 %(n)s") % {"n": row["crowd"]}
    things = [f"{ElementKind(kind).label}：{'、'.join(names)}" for kind, names in row["things"].items()]
    story = row["story_place"]
    what = f"【{story}】{row['synopsis']}" if story else row["synopsis"]
    notes = "；".join([*things, *([row["note"]] if row["note"] else [])])
    return [row["starts"], row["scene"], light, what, pages(row["eighths"]), roles, notes]


def duty_word(code: str) -> str:
    """The name of a duty."""
    return str(Duty(code).label)


def permit_name(row: dict[str, str]) -> str:
    """The name of a paper or of the place whose conditions are printed."""
    return (row["name_en"] or row["name"]) if (get_language() or "").startswith("en") else row["name"]
