"""One value as the text of one cell, and back. What is written can be read again to the same value.

Reading is kinder than writing: full-width digits, thousands separators, several spellings of yes. Refused, with a
reason for people: text where a number is due, a number with a fraction where whole ones are due, half a date.
A text that a spreadsheet would take for a formula is written with a leading apostrophe, which reading takes off.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from xiepai.kernel.money import Money

#: Stands where the reader may not see a value; read back, it means: leave it as it is.
HIDDEN = "（预留后可见）"
#: Stands where a value does not fit a cell; read back, it means the same.
TOO_LONG = "（内容过长，保持不变）"
LEAVE_AS_IS = frozenset({HIDDEN, TOO_LONG})
LONGEST_CELL = 32_000  # a spreadsheet's cell ends at 32,767

_FORMULA = "=+-@＝＋－＠\t\r\n'"
_SEPARATORS = "、,，;；|\n"
_SPECIAL = re.compile(r"([\\、,，;；|\n])")
_YES = frozenset({"是", "true", "yes", "y", "1", "√", "✓"})
_NO = frozenset({"否", "false", "no", "n", "0", "×", "✗"})
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]00:00(?::00)?)?")
_CLOCK = re.compile(r"(\d{1,2})\s*[:：时点]\s*(\d{1,2})?\s*分?(?::00)?")
_MINUTES = re.compile(r"(\d+(?:\.\d+)?)\s*(分钟?|min|小时|h|天|d)?", re.IGNORECASE)
_MINUTES_OF = {"小": 60, "h": 60, "天": 1440, "d": 1440}


class CellError(ValueError):
    """A cell that cannot be read; the message says why."""


def armoured(text: str) -> str:
    """*text* as it may stand in a spreadsheet's cell without being taken for a formula."""
    return "'" + text if text[:1] in _FORMULA and text else text


def bare(text: str) -> str:
    """The inverse of :func:`armoured`."""
    return text[1:] if text[:1] == "'" and text[1:2] and text[1] in _FORMULA else text


def escape(text: str) -> str:
    """*text* as an item of a list: separators and the backslash get a backslash before them."""
    return _SPECIAL.sub(r"\\\1", text)


def split(text: str, separators: str = _SEPARATORS) -> list[str]:
    """The items of a list, trimmed, empty ones dropped, backslashes resolved.

    >>> split(r"一、二，三\\、四;")
    ['一', '二', '三、四']
    """
    items, item, signs = [], "", iter(text)
    for sign in signs:
        if sign == "\\":
            item += next(signs, "")
        elif sign in separators:
            items.append(item)
            item = ""
        else:
            item += sign
    return [trimmed for piece in [*items, item] if (trimmed := piece.strip())]


def split_raw(text: str, separators: str) -> list[str]:
    """Like :func:`split`, but backslashes stay: for cells whose items are lists themselves."""
    items, item, signs = [], "", iter(text)
    for sign in signs:
        if sign == "\\":
            item += sign + next(signs, "")
        elif sign in separators:
            items.append(item)
            item = ""
        else:
            item += sign
    return [trimmed for piece in [*items, item] if (trimmed := piece.strip())]


def unescape(text: str) -> str:
    """One item with its backslashes resolved."""
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def join(items: Iterable[str]) -> str:
    """The inverse of :func:`split`."""
    return "、".join(escape(item) for item in items)


def read_list(cell: Any) -> list[str]:
    """A list from a cell or a JSON array."""
    if isinstance(cell, list | tuple):
        if not all(isinstance(item, str) for item in cell):
            raise CellError(_("应为一组文字。"))
        return list(cell)
    return split(read_text(cell))


def read_text(cell: Any) -> str:
    """Text; a number that a spreadsheet made of a text of digits becomes these digits again."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return _("是") if cell else _("否")
    if isinstance(cell, int | float | Decimal):
        return write_number(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, str):
        return cell
    raise CellError(_("应为文字。"))


def write_number(value: float | Decimal) -> str:
    """A number without exponent and without zeros nobody said."""
    if isinstance(value, float):
        value = Decimal(repr(value))
    text = format(Decimal(value), "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def read_decimal(cell: Any, *, places: int | None = None) -> Decimal | None:
    """A number, None for an empty cell. *places*: the most decimals that can be kept."""
    if isinstance(cell, bool | list | dict | date | time):
        raise CellError(_("应为数字。"))
    if isinstance(cell, float):
        cell = repr(cell)
    text = unicodedata.normalize("NFKC", read_text(cell)).replace(",", "").strip() if isinstance(cell, str) else cell
    if text is None or text == "":
        return None
    try:
        number = Decimal(text)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise CellError(_("应为数字。")) from error
    if not number.is_finite() or abs(number) > Decimal(10) ** 15:
        raise CellError(_("数字太大。"))
    if places is not None and number != round(number, places):
        raise CellError(_("最多 {places} 位小数。").format(places=places) if places else _("应为整数。"))
    return number


def read_int(cell: Any) -> int | None:
    """A whole number, None for an empty cell."""
    number = read_decimal(cell, places=0)
    return None if number is None else int(number)


def read_float(cell: Any) -> float | None:
    """A coordinate in degrees, None for an empty cell."""
    number = read_decimal(cell)
    return None if number is None else round(float(number), 7)


def read_minutes(cell: Any) -> int | None:
    """Minutes; ``2小时`` and ``1天`` are understood. None for an empty cell."""
    if not isinstance(cell, str):
        return read_int(cell)
    text = unicodedata.normalize("NFKC", cell).replace(",", "").strip()
    if not text:
        return None
    found = _MINUTES.fullmatch(text)
    if not found or len(found[1]) > 12:
        raise CellError(_("应为分钟数，例如 90，或 2小时。"))
    minutes = Decimal(found[1]) * _MINUTES_OF.get((found[2] or "分")[0].lower(), 1)
    if minutes != int(minutes):
        raise CellError(_("应为整分钟。"))
    return int(minutes)


def read_bool(cell: Any) -> bool | None:
    """Yes or no, None for an empty cell."""
    if isinstance(cell, bool):
        return cell
    word = unicodedata.normalize("NFKC", read_text(cell)).strip().casefold()
    if not word:
        return None
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise CellError(_("应为“是”或“否”。"))


def write_bool(value: bool) -> str:
    """是 or 否."""
    return "是" if value else "否"


def read_day(cell: Any) -> date | None:
    """A day: a spreadsheet's date, ``2026-10-01``, ``2026/10/1`` or ``2026年10月1日``; None for an empty cell."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = unicodedata.normalize("NFKC", read_text(cell)).strip()
    if not text:
        return None
    found = _DATE.fullmatch(text)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else _no_day()
    except ValueError as error:
        raise CellError(_("没有这一天。")) from error


def _no_day() -> date:
    raise CellError(_("应为日期，例如 2026-10-01。"))


def read_clock(cell: Any) -> int | None:
    """A time of day as minutes from midnight, 24:00 included; None for an empty cell."""
    if isinstance(cell, datetime):
        cell = cell.time()
    if isinstance(cell, time):
        return cell.hour * 60 + cell.minute
    text = unicodedata.normalize("NFKC", read_text(cell)).strip()
    if not text:
        return None
    found = _CLOCK.fullmatch(text)
    if not found or int(found[1]) > 24 or int(found[2] or 0) > 59 or int(found[1]) * 60 + int(found[2] or 0) > 1440:
        raise CellError(_("应为时刻，例如 22:00。"))
    return int(found[1]) * 60 + int(found[2] or 0)


def write_clock(minute: int) -> str:
    """Minutes from midnight as ``HH:MM``."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def read_yuan(cell: Any) -> int | None:
    """An amount in yuan (``300``, ``1,234.50``, ``¥300``, ``2万元``) as fen; None for an empty cell."""
    if isinstance(cell, str):
        text = unicodedata.normalize("NFKC", cell).replace("¥", "").strip()
        if not text:
            return None
        try:
            return Money.parse(text).fen
        except (ValueError, OverflowError) as error:
            raise CellError(_("应为金额（元），例如 300 或 1234.50。")) from error
    number = read_decimal(cell, places=2)
    return None if number is None else int(number * 100)


def write_yuan(fen: int) -> str:
    """Fen as yuan."""
    return write_number(Decimal(fen).scaleb(-2))
