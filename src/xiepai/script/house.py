"""The house style of one script, learnt from all of its lines: how it writes numbers nobody foresaw, and what it glues.

A number of no known form (S01E02-3, 景四, EP01-01, or one at the end of the line) is learnt where the lines of one
shape count: the same signs around the digits, the last digits rising by one or beginning again, and beside them a
light or a side on most lines. Lists and house numbers share a shape too, but do not count beside a light.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from xiepai.script import words
from xiepai.script.fields import fields_of
from xiepai.script.messages import Code
from xiepai.script.numerals import number
from xiepai.script.scene_numbers import Form, episode_of, numbered
from xiepai.script.shapes import CLOSING, RUN, UNIT, House, Shape
from xiepai.script.source import Kind, Line
from xiepai.script.text import plain, simplified, unadorned

LONGEST = 90
FEWEST = 3
"""Lines of one shape before it can be learnt."""
SHARE = 0.15
"""How many of the numbered lines a shape must be on: a few places with numbers in them are no house style."""
RISING = 0.65
"""Share of them whose number follows the one before."""
SPEAKING = 0.6
"""Share of them with a light or a side beside the number."""
GLUING = 0.6
"""Share of numbered lines in which light and side stand together."""
MOST_SIGNS = 9
_RUNS = re.compile(RUN)
_NUMERAL = re.compile(r"[〇零一二三四五六七八九十百两]{1,3}[\u4e00-\u9fff]")
"""A place that begins with a numeral: 地点：十里长街 numbers nothing."""
_ENDS = re.compile(rf"[A-Z]?{CLOSING}$", re.IGNORECASE)
_BEFORE = re.compile(r"[^\s,;、|/·\\+~=>\u4e00-\u9fff-]*(?:第|场次|场景|场号|场|景|镜|集|[\[(<#])?\s?$")
_LIST = re.compile(r"[、,]|\.\s")
"""Between two numbers: the first numbers a list, the second belongs to what follows (2. 3号楼)."""
_CLOSES = re.compile(rf"[A-Z]?(?![A-Z])\s*({UNIT}|[#:、.)])")
_GLUED = re.compile(r"^(?:日|夜|晨|昏|晚|暮|黄昏|傍晚|清晨|深夜|白天)(?:内外|内|外)(?!景)")
_SILENT = (Kind.ACTION, Kind.SPEECH, Kind.CUE, Kind.MANNER, Kind.TRANSITION)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A line on which a shape was seen."""

    at: int
    text: str
    values: tuple[int, ...]


def learn(lines: Sequence[Line]) -> House:
    """Look over a script."""
    strong, weak, unknown, glued, episodes = 0, 0, [], 0, 0
    for at, text in _short(lines):
        found = numbered(text)
        if found is None and episode_of(text) is not None:
            episodes += 1
        elif found is None or found.form is Form.WEAK:
            unknown.append((at, text))
            weak += found is not None
        else:
            strong += 1
            glued += bool(_GLUED.match(found.rest))
    least = max(FEWEST, SHARE * (strong + weak))
    shapes = _learnt(lines, unknown, least, episodes > 1, at_end=False)
    if not shapes:
        shapes = _learnt(
            lines, [each for each in unknown if numbered(each[1]) is None], least, episodes > 1, at_end=True
        )
    return House(shapes, strong >= FEWEST and glued >= GLUING * strong)


def _short(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    for at, line in enumerate(lines):
        if line.kind not in _SILENT and line.text and len(line.text) <= LONGEST:
            text = words.labels_opened(simplified(plain(line.text)))
            label = words.LABEL.match(text)
            if _RUNS.search(text) and not (label and _NUMERAL.match(label[2])):
                yield at, unadorned(text)


def _learnt(
    lines: Sequence[Line], unknown: Sequence[tuple[int, str]], least: float, has_episodes: bool, *, at_end: bool
) -> tuple[Shape, ...]:
    by_shape: dict[tuple[tuple[str, ...], str], list[_Seen]] = defaultdict(list)
    for at, text in unknown:
        for signs, closing, values in _tails(text) if at_end else _heads(text):
            by_shape[signs, closing].append(_Seen(at, text, values))
    learnt: list[Shape] = []
    taken: set[int] = set()
    for (signs, closing), seen in sorted(by_shape.items(), key=lambda each: (-len(each[0][0]), -len(each[1]))):
        fresh = [each for each in seen if each.at not in taken]
        if len(fresh) < least or not _counts([each.values for each in fresh]):
            continue
        shape = Shape(signs, closing, _names_episode([each.values for each in fresh], has_episodes), at_end)
        if _speaks(shape, fresh, lines):
            learnt.append(shape)
            taken.update(each.at for each in fresh)
    return tuple(learnt)


_Form = tuple[tuple[str, ...], str, tuple[int, ...]]


def _heads(text: str) -> Iterator[_Form]:
    """Shapes at the beginning: up to the first, the second, the third digits."""
    signs: list[str] = []
    values: list[int] = []
    at = 0
    for match in _RUNS.finditer(text):
        between = text[at : match.start()]
        if len(between.strip()) > MOST_SIGNS - 3 * bool(signs) or len(signs) == 3 or (signs and _LIST.search(between)):
            return
        signs.append(_same(between))
        values.append(number(match.group()))
        at = match.end()
        yield tuple(signs), _closing(text, at), tuple(values)


def _tails(text: str) -> Iterator[_Form]:
    """Shapes at the end: from the last digits, the last but one."""
    runs = list(_RUNS.finditer(text))
    if not runs or not _ENDS.match(text, runs[-1].end()):
        return
    for count in range(1, min(3, len(runs)) + 1):
        chosen = runs[-count:]
        inner = [_same(text[one.end() : other.start()]) for one, other in pairwise(chosen)]
        before = _BEFORE.search(text, 0, chosen[0].start())
        if any(len(each.strip()) > 7 for each in inner):
            return
        signs = (_same(before.group() if before else ""), *inner)
        yield signs, _closing(text, runs[-1].end()), tuple(number(each.group()) for each in chosen)


def _closing(text: str, at: int) -> str:
    """The sign that follows the digits, if it is one that no field begins with."""
    match = _CLOSES.match(text, at)
    return match[1] if match else ""


def _same(signs: str) -> str:
    return re.sub(r"\s+", " ", signs.lower())


def _counts(values: Sequence[tuple[int, ...]]) -> bool:
    """Whether the last number rises by one, or begins again."""
    last = [each[-1] for each in values]
    rises = sum(now == before + 1 for before, now in pairwise(last))
    begins = sum(now <= 1 <= before for before, now in pairwise(last))
    return rises >= max(2, len(last) / 4) and rises + begins >= RISING * (len(last) - 1)


def _names_episode(values: Sequence[tuple[int, ...]], has_episodes: bool) -> bool:
    """Whether the number before the last is the episode: it never falls, and changes where episodes are announced."""
    if len(values[0]) < 2:
        return False
    before = [each[-2] for each in values]
    return all(one <= other for one, other in pairwise(before)) and (len(set(before)) > 1 or not has_episodes)


def _speaks(shape: Shape, seen: Sequence[_Seen], lines: Sequence[Line]) -> bool:
    """Whether most of the lines say a light or a side, or stand above labels that will."""
    said = 0
    for each in seen:
        found = shape.read(each.text)
        if found is None:
            continue
        rest = found.rest.strip("-:,、.· []()")
        if not rest:
            said += labels_below(lines, each.at)
        else:
            fields = fields_of(rest, has_number=True)
            said += bool(fields.time) or (fields.side is not None and Code.SIDE_FROM_PLACE not in fields.reasons)
    return said >= SPEAKING * len(seen)


def labels_below(lines: Sequence[Line], at: int) -> bool:
    """Whether the next written line is a label and its value."""
    for line in lines[at + 1 : at + 4]:
        if line.text.strip():
            return words.LABEL.match(words.labels_opened(simplified(plain(line.text)))) is not None
    return False
