"""A heading somebody showed: which of its words are the number, the light, the place; and the lines written alike.

What stands between the parts must stand there in other lines too (digits may be others); a line without any sign of its
own is known by its neighbours. Refuses parts that do not stand in the line, or that overlap.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from xiepai.script import words
from xiepai.script.numerals import SIGNS, number
from xiepai.script.text import clean

PARTS = ("episode", "number", "time", "side", "place", "cast")
LONGEST = 120
LONGEST_PLACE = 40
_RUN = re.compile(rf"\d{{1,4}}[A-Za-z]?|[{SIGNS}]{{1,6}}")
_WORDS = re.compile(r"[^\W\d_]{2,}(?:[^\W\d_]|[、,，\s](?=[^\W\d_]))*")
_SIGN = re.compile(r"\S")
_NO_BRACKET = re.compile(r"[^\s()\[\]【】〔〕<>《》]")
_STOPS = "。！？!?…"

Span = tuple[str, int, int]


class NotInLineError(ValueError):
    """A part that does not stand in the line, or only where another part stands."""

    def __init__(self, part: str, words: str) -> None:
        self.part, self.words = part, words
        super().__init__(f"{part}: {words}")


def same(text: str) -> str:
    """A line as examples look at it: one width, one kind of blank.

    >>> same("客厅　　（夜）")
    '客厅 (夜)'
    """
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", clean(text))).strip()


@dataclass(frozen=True, slots=True)
class Example:
    """One line and its parts, as they stand in it (names of :data:`PARTS`)."""

    text: str
    parts: tuple[tuple[str, str], ...]

    def spans(self) -> tuple[Span, ...]:
        """Where the parts stand, from left to right. Raises :class:`NotInLineError`.

        >>> Example("客厅（1之1）白", (("place", "客厅"), ("episode", "1"), ("number", "1"), ("time", "白"))).spans()
        (('place', 0, 2), ('episode', 3, 4), ('number', 5, 6), ('time', 7, 8))
        """
        text, taken = same(self.text), list[Span]()
        wanted = sorted(self.parts, key=lambda each: (-len(each[1]), PARTS.index(each[0])))
        for name, said in wanted:
            inner = same(said)
            starts = (match.start() for match in re.finditer(re.escape(inner), text)) if inner else iter(())
            at = next((at for at in starts if _is_free(at, at + len(inner), taken)), None)
            if at is None:
                raise NotInLineError(name, said)
            taken.append((name, at, at + len(inner)))
        return tuple(sorted(taken, key=lambda each: each[1]))

    @property
    def has_sign(self) -> bool:
        """Whether the line has anything by which others are known: a number, a light, a side, or a sign around them."""
        spans = self.spans()
        if any(name in ("number", "time", "side") for name, _start, _end in spans):
            return True
        return any(_SIGN.search(each) for each in _between(same(self.text), spans))

    def pattern(self, known: Mapping[str, frozenset[str]], *, is_loose: bool = False) -> re.Pattern[str]:
        """Lines written alike, the parts in named groups. ``known``: words for ``time`` and ``side``."""
        return _pattern(self, tuple(sorted((name, each) for name, each in known.items())), is_loose)


def _is_free(start: int, end: int, taken: Sequence[Span]) -> bool:
    return all(end <= begun or start >= done for _name, begun, done in taken)


def _between(text: str, spans: Sequence[Span]) -> list[str]:
    """What stands before, between and after the parts."""
    edges = [0, *(edge for _name, start, end in spans for edge in (start, end)), len(text)]
    return [text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]


@lru_cache(maxsize=256)
def _pattern(example: Example, known: tuple[tuple[str, frozenset[str]], ...], is_loose: bool) -> re.Pattern[str]:
    text, spans = same(example.text), example.spans()
    gaps = _between(text, spans)
    has_number = any(name == "number" for name, _start, _end in spans)
    made = [_literal(gaps[0], is_loose=is_loose)]
    for at, (name, start, end) in enumerate(spans):
        is_last, after = at == len(spans) - 1, _literal(gaps[at + 1], is_loose=is_loose)
        glued = not gaps[at] and at > 0, not gaps[at + 1] and not is_last
        sign = _SIGN if has_number else _NO_BRACKET
        is_signed = any(sign.search(each) for each in gaps[at : at + 2])
        one = _part(name, text[start:end], dict(known), glued, is_signed=is_signed)
        before = made.pop()
        may_miss = at > 0 and (name == "cast" or (name in ("time", "side") and has_number and _is_known(one)))
        made += [f"(?:{before}{one})?" if may_miss else before + one, after]
    return re.compile("".join(made) + r"\s*$", re.IGNORECASE)


def _is_known(part: str) -> bool:
    return "|" in part


def _literal(text: str, *, is_loose: bool) -> str:
    """What stands between parts: digits may be others; loosely, words nobody named may be too."""
    made, at = "", 0
    for match in re.finditer(r"\d+|\s+" + (f"|{_WORDS.pattern}" if is_loose else ""), text):
        made += re.escape(text[at : match.start()])
        found = match.group()
        made += r"\d+" if found.isdigit() else r"\s+" if found.isspace() else rf"[^{_STOPS}]*?"
        at = match.end()
    return made + re.escape(text[at:])


def _part(
    name: str, said: str, known: Mapping[str, frozenset[str]], glued: tuple[bool, bool], *, is_signed: bool
) -> str:
    """One part as a pattern: numbers as numbers, lights and sides by their words, anything else short.

    Beside a sign (``is_signed``) a light nobody knows may stand; beside blanks alone it would swallow names.
    """
    if name in ("episode", "number"):
        return f"(?P<{name}>{_number(said, is_glued=any(glued))})"
    if name in ("time", "side"):
        vocabulary = {*known.get(name, ()), said} if said.upper() not in known.get(name, ()) else known[name]
        is_open = not any(glued) and (said.upper() not in known.get(name, ()) or is_signed)
        words_of = "|".join(re.escape(each) for each in sorted(vocabulary, key=len, reverse=True))
        return f"(?P<{name}>" + (rf"[^\s\d:：,，、()\[\]【】|/{_STOPS}]{{1,6}}" if is_open else words_of) + ")"
    if name == "cast":
        return rf"(?P<cast>[^{_STOPS}:]*?)"
    return rf"(?P<place>[^{_STOPS}]{{1,{LONGEST_PLACE}}}?)"


def _number(said: str, *, is_glued: bool) -> str:
    if is_glued and said.isdigit():
        return rf"\d{{{len(said)}}}"
    if _RUN.fullmatch(said):
        return _RUN.pattern
    return r"[A-Za-z]{0,3}-?\d{1,4}[A-Za-z]?" if re.search(r"\d", said) else r"\S{1,4}"


def neighbours(lines: Sequence[str], at: int) -> tuple[bool, str]:
    """By what a line without a sign of its own is known: whether a blank stands above it, and what stands below."""
    below = next((each for each in lines[at + 1 : at + 4] if each.strip()), "")
    return at == 0 or not lines[at - 1].strip(), _sort(same(below))


def _sort(text: str) -> str:
    if match := words.LABEL.match(text):
        return words.field_of(match[1]) or "label"
    if not text or text[0] in "△▲Δ∆▽▼([【（":
        return text[:1]
    return "speech" if re.match(r"[^:]{1,12}:", text) else "plain"


def guessed(text: str, found: Mapping[str, object]) -> dict[str, str]:
    """The parts of a line as words that stand in it, from what a reader made of it.

    >>> guessed(
    ...     "第三集第十二场 夜/外 桥头", {"episode": 3, "number": "12", "time": "夜", "side": "外", "place": ("桥头",)}
    ... )
    {'episode': '三', 'number': '十二', 'time': '夜', 'side': '外', 'place': '桥头', 'cast': ''}
    """
    line, parts = same(text), dict.fromkeys(PARTS, "")
    runs = [match.group() for match in re.finditer(rf"\d+[A-Za-z]?|[{SIGNS[3:]}]+", line)]
    for name in ("episode", "number"):
        wanted = str(found.get(name) or "")
        at = next((at for at, each in enumerate(runs) if wanted and _value(each) == wanted.upper()), None)
        if at is not None:
            parts[name], runs = runs[at], runs[at + 1 :]
    for name in ("time", "side", "cast"):
        said = same(str(found.get(name) or ""))
        parts[name] = said if said in line else ""
    levels = found.get("place")
    parts["place"] = _stretch(
        line,
        [same(str(each)) for each in levels if re.search(r"\w", str(each))] if isinstance(levels, Sequence) else [],
    )
    return parts if parts["number"] else _numbered(line, parts)


def _numbered(line: str, parts: dict[str, str]) -> dict[str, str]:
    """Where no form of numbers is known: the digits of the line, the last of them the scene's; names joined by 、."""
    runs = re.findall(r"\d{1,4}", line)
    if not runs or len(runs) > 2:
        return parts
    pieces = [
        each for each in re.split(r"[\s/|,:()\[\]【】〔〕<>《》_=+~-]+", line) if each and not re.search(r"\d", each)
    ]
    names = [each for each in pieces if "、" in each]
    rest = [each for each in pieces if each not in (parts["time"], parts["side"], *names) and len(each) > 1]
    place = parts["place"] if not re.search(r"[\d、]", parts["place"]) else max(rest, key=len, default="")
    if not place:
        return parts
    numbers = {"number": runs[-1], "episode": runs[0] if len(runs) > 1 else ""}
    return parts | numbers | {"place": place, "cast": parts["cast"] or next(iter(names), "")}


def _value(run: str) -> str:
    return run.upper() if run.isascii() and not run.isdigit() else str(number(run))


def _stretch(line: str, levels: Sequence[str]) -> str:
    """From the first level to the last, with what stands between; the first alone where the order is another."""
    if not levels or levels[0] not in line:
        return ""
    start = line.index(levels[0])
    end = start + len(levels[0])
    for _before, level in pairwise(levels):
        at = line.find(level, end)
        if at < 0 or at - end > 3:
            break
        end = at + len(level)
    return line[start:end]


def side_in(text: str) -> str:
    """The word of a line that says the side, if one stands between signs or beside a light."""
    for match in _sides(same(text)):
        return match
    return ""


def _sides(text: str) -> Iterator[str]:
    found = sorted(words.SIDES, key=len, reverse=True)
    yield from (
        each
        for each in found
        if re.search(rf"(?:^|[\s\W]|{'|'.join('日夜晨昏晚')}){re.escape(each)}(?:$|[\s\W])", text)
    )
