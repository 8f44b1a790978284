"""Numbers as scripts write them: 12, 十二, 一百零三, 一二 (digit by digit), 廿三.

>>> [number(each) for each in ("12", "十二", "二十", "一百零三", "一二", "两", "〇三", "廿三")]
[12, 12, 20, 103, 12, 2, 3, 23]
"""

from __future__ import annotations

DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
TENS = {"十": 10, "百": 100, "千": 1000}
SIGNS = "0-9〇零一二三四五六七八九十百千两廿卅"
"""Inside a character class of a regular expression."""


def number(text: str) -> int:
    """The value of *text*, which holds nothing but signs of numbers."""
    if text.isascii():
        return int(text)
    text = text.replace("廿", "二十").replace("卅", "三十")
    if not any(sign in TENS for sign in text):
        return int("".join(str(DIGITS[sign]) if sign in DIGITS else sign for sign in text))
    total, pending = 0, 0
    for sign in text:
        if sign in TENS:
            total, pending = total + (pending or 1) * TENS[sign], 0
        else:
            pending = DIGITS[sign] if sign in DIGITS else int(sign)
    return total + pending


def chinese(value: int) -> str:
    """The usual Chinese writing of a number below 1,000.

    >>> [chinese(each) for each in (0, 7, 10, 12, 20, 103, 110, 250)]
    ['零', '七', '十', '十二', '二十', '一百零三', '一百一十', '二百五十']
    """
    signs = "零一二三四五六七八九"
    if value < 10:
        return signs[value]
    hundreds, rest = divmod(value, 100)
    tens, ones = divmod(rest, 10)
    said = f"{signs[hundreds]}百" if hundreds else ""
    if tens:
        said += ("" if tens == 1 and not hundreds else signs[tens]) + "十"
    elif hundreds and ones:
        said += "零"
    return said + (signs[ones] if ones else "")
