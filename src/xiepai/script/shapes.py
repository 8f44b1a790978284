"""Forms of numbers nobody foresaw, once they are learnt: how they look, and how a line is read by them.

:mod:`xiepai.script.house` learns them from a whole script. Known forms come first; a learnt one is asked where they
say nothing, or less (``1/4`` is more than a weak ``1``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from xiepai.script.numerals import number
from xiepai.script.scene_numbers import Form, Numbered, numbered

RUN = r"\d{1,4}|[〇零一二三四五六七八九十百两]{1,5}"
UNIT = r"[集回]?(?:场戏|场景|场|集|回|幕|景|镜|号|段|节)(?!别|[\u4e00-\u9fff]{0,2}\s*[:=|])"
CLOSING = rf"(?:\s*{UNIT})?[\s\])>:、。.,|·/#-]*"
"""What may follow the last digits and is no field."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A form of numbers: what stands before, between and after the digits."""

    signs: tuple[str, ...]
    """Before the first digits, then between each two."""
    closing: str = ""
    """What always follows the last digits."""
    names_episode: bool = False
    at_end: bool = False

    @property
    def pattern(self) -> re.Pattern[str]:
        """As a regular expression, the digits in groups n0, n1, …"""
        return _pattern(self.signs, self.closing, self.at_end)

    def read(self, text: str) -> Numbered | None:
        """The number of a line, and the rest of the line.

        >>> shape = Shape(("s01e", "-"), names_episode=True)
        >>> (shape.read("S01E02-3A 夜/内 教室"), shape.read("S02 夜/内 教室"))
        (Numbered(form=<Form.LEARNT: 'learnt'>, episode=2, number='3A', rest='夜/内 教室', is_tight=False), None)
        """
        match = self.pattern.search(text) if self.at_end else self.pattern.match(text)
        if not match:
            return None
        values = [number(match[f"n{at}"]) for at in range(len(self.signs))]
        rest = text[: match.start()] if self.at_end else text[match.end() :]
        if self.at_end and not re.search(r"\w", rest):
            return None
        episode = values[-2] if self.names_episode and len(values) > 1 else None
        return Numbered(Form.LEARNT, episode, f"{values[-1]}{(match['x'] or '').upper()}", rest.strip())


_PATTERNS: dict[tuple[tuple[str, ...], str, bool], re.Pattern[str]] = {}


def _pattern(signs: tuple[str, ...], closing: str, at_end: bool) -> re.Pattern[str]:
    if (signs, closing, at_end) not in _PATTERNS:
        if len(_PATTERNS) > 256:
            _PATTERNS.clear()
        runs = "".join(_spaced(sign) + rf"(?P<n{at}>{RUN})" for at, sign in enumerate(signs))
        letter = r"(?P<x>[A-Z](?![A-Z0-9]))?"
        if signs == ("",) and not closing and not at_end:
            letter += r"(?=\W|$|(?<=\d\d)[\u4e00-\u9fff](?<![号楼层室年月日点个人岁元分秒级]))"
        before = r"(?:^|(?<=[\s,;|/·\])>-]))" if at_end and not signs[0].strip() else ""
        made = rf"{before}{runs}{letter}{_spaced(closing)}{CLOSING}{'$' if at_end else ''}"
        _PATTERNS[signs, closing, at_end] = re.compile(made, re.IGNORECASE)
    return _PATTERNS[signs, closing, at_end]


def _spaced(signs: str) -> str:
    """Signs as a pattern; how many blanks stand between them is of no account."""
    return r"\s*".join(re.escape(each) for each in signs.split(" "))


@dataclass(frozen=True, slots=True)
class House:
    """What was learnt of a script: its forms of numbers, and whether it glues."""

    shapes: tuple[Shape, ...] = ()
    glues: bool = False
    """Light, side and place stand together without a blank (日内江边): 内江 is no town here."""

    def numbered(self, text: str) -> Numbered | None:
        """The number of a line."""
        known = numbered(text)
        if known is not None and known.form is not Form.WEAK:
            return known
        for shape in self.shapes:
            if (known is None or len(shape.signs) > 1) and (found := shape.read(text)):
                return found
        return known


NO_HOUSE = House()
