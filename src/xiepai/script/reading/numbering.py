"""Word's automatic numbers: they stand nowhere in the paragraph's text and must be counted as Word counts them.

The numbering of a paragraph sits in the paragraph, in its style, or in a style that style is based on. Levels restart
after a higher one moved; an instance may override a start. Number forms Word offers for Chinese are written out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import qn

from xiepai.script.numerals import chinese

_LEVELS = 9
_PLACE = re.compile(r"%([1-9])")
_DEEPEST_STYLE = 20


def _letters(value: int) -> str:
    return chr(ord("A") + (value - 1) % 26) * ((value - 1) // 26 + 1) if value > 0 else ""


def _roman(value: int) -> str:
    said = ""
    for amount, sign in ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
                         (40, "XL"),
                         (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):  # fmt: skip
        said += sign * (value // amount)
        value %= amount
    return said


_CHINESE = (
    "chineseCounting",
    "chineseCountingThousand",
    "chineseLegalSimplified",
    "ideographDigital",
    "japaneseCounting",
    "japaneseDigitalTenThousand",
    "koreanCounting",
    "taiwaneseCounting",
    "taiwaneseCountingThousand",
)
_FORMS: dict[str, Callable[[int], str]] = {
    **dict.fromkeys(_CHINESE, chinese),
    "decimalZero": lambda value: f"{value:02d}",
    "upperLetter": _letters,
    "lowerLetter": lambda value: _letters(value).lower(),
    "upperRoman": _roman,
    "lowerRoman": lambda value: _roman(value).lower(),
    "bullet": lambda value: "",
    "none": lambda value: "",
}


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: where it starts, how it writes, its text with ``%1``."""

    start: int = 1
    form: str = "decimal"
    text: str = "%1."
    style: str = ""

    def write(self, value: int) -> str:
        """One number as this level writes it."""
        return _FORMS.get(self.form, str)(
            min(max(value, 0), 99_999) if self.form not in _CHINESE else min(max(value, 0), 999)
        )


@dataclass(slots=True)
class Numbering:
    """Counts automatic numbers through a document; ask for its paragraphs in order."""

    lists: dict[str, list[Level]] = field(default_factory=dict)
    instances: dict[str, str] = field(default_factory=dict)
    overrides: dict[tuple[str, int], int] = field(default_factory=dict)
    styles: dict[str, tuple[str, str | None, int | None]] = field(default_factory=dict)
    counters: dict[str, list[int | None]] = field(default_factory=dict)
    begun: set[tuple[str, int]] = field(default_factory=set)
    default_style: str = ""

    def label(self, paragraph: Any) -> str:
        """The number Word shows before a paragraph, empty if none."""
        instance, depth = self._of(paragraph)
        levels = self.lists.get(self.instances.get(instance, ""), [])
        if not levels or not 0 <= depth < len(levels):
            return ""
        count = self._count(instance, depth, levels)
        level = levels[depth]
        if level.form in ("bullet", "none"):
            return ""
        return _PLACE.sub(lambda match: self._written(int(match[1]) - 1, levels, count), level.text)

    def _written(self, at: int, levels: list[Level], count: list[int | None]) -> str:
        if at >= len(levels):
            return ""
        value = count[at]
        return levels[at].write(levels[at].start if value is None else value)

    def _count(self, instance: str, depth: int, levels: list[Level]) -> list[int | None]:
        count = self.counters.setdefault(self.instances[instance], [None] * _LEVELS)
        forced = self.overrides.get((instance, depth))
        if forced is not None and (instance, depth) not in self.begun:
            count[depth] = forced
        else:
            value = count[depth]
            count[depth] = levels[depth].start if value is None else value + 1
        self.begun.add((instance, depth))
        for deeper in range(depth + 1, _LEVELS):
            count[deeper] = None
        return count

    def _of(self, paragraph: Any) -> tuple[str, int]:
        """The list instance and level of a paragraph, from itself or from its styles."""
        properties = paragraph.find(qn("w:pPr"))
        instance, depth = _numbered(properties)
        style = _value(properties, "w:pStyle") or self.default_style
        for _ in range(_DEEPEST_STYLE):
            if instance is not None or style not in self.styles:
                break
            based_on, instance, own = self.styles[style]
            if instance is not None:
                depth = own if depth is None and own is not None else depth
                depth = self._level_of(style, instance) if depth is None else depth
            style = based_on
        return ("", 0) if instance in (None, "0") else (str(instance), depth or 0)

    def _level_of(self, style: str, instance: str) -> int | None:
        """The level that names a style as its own."""
        levels = self.lists.get(self.instances.get(instance, ""), [])
        return next((at for at, each in enumerate(levels) if each.style == style), None)


def numbering_of(styles: Any, numbering: Any) -> Numbering:
    """Read the roots of the parts ``styles`` and ``numbering`` (either may be missing)."""
    found = Numbering()
    for style in styles.findall(qn("w:style")) if styles is not None else ():
        name = style.get(qn("w:styleId")) or ""
        instance, depth = _numbered(style.find(qn("w:pPr")))
        found.styles[name] = (_value(style, "w:basedOn"), instance, depth)
        if style.get(qn("w:type")) == "paragraph" and style.get(qn("w:default")) in ("1", "true"):
            found.default_style = name
    if numbering is not None:
        _lists(numbering, found)
    return found


def _lists(root: Any, found: Numbering) -> None:
    for each in root.findall(qn("w:abstractNum")):
        found.lists[each.get(qn("w:abstractNumId")) or ""] = _levels(each)
    for each in root.findall(qn("w:num")):
        name, abstract = each.get(qn("w:numId")) or "", _value(each, "w:abstractNumId")
        own = {}
        for override in each.findall(qn("w:lvlOverride")):
            depth = _whole(override.get(qn("w:ilvl")))
            if (start := _value(override, "w:startOverride")) and depth is not None:
                found.overrides[name, depth] = _whole(start) or 0
            if depth is not None and (level := override.find(qn("w:lvl"))) is not None:
                own[depth] = _level(level)
        if own:
            found.lists[f"{abstract}/{name}"] = [
                own.get(at, level) for at, level in enumerate(found.lists.get(abstract, []))
            ]
        found.instances[name] = f"{abstract}/{name}" if own else abstract


def _levels(abstract: Any) -> list[Level]:
    levels = [Level(form="none", text="")] * _LEVELS
    for each in abstract.findall(qn("w:lvl")):
        depth = _whole(each.get(qn("w:ilvl")))
        if depth is not None and 0 <= depth < _LEVELS:
            levels[depth] = _level(each)
    return levels


def _level(each: Any) -> Level:
    start = _whole(_value(each, "w:start"))
    return Level(
        1 if start is None else start,
        _value(each, "w:numFmt") or "decimal",
        _value(each, "w:lvlText"),
        _value(each, "w:pStyle"),
    )


def _numbered(properties: Any) -> tuple[str | None, int | None]:
    found = properties.find(qn("w:numPr")) if properties is not None else None
    if found is None:
        return None, None
    return _value(found, "w:numId") or None, _whole(_value(found, "w:ilvl"))


def _value(parent: Any, name: str) -> str:
    found = parent.find(qn(name)) if parent is not None else None
    return "" if found is None else str(found.get(qn("w:val")) or "")


def _whole(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"\d{1,6}", text) else None
