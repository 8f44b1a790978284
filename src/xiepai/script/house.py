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
from xiepai.script.shapes import CLOSING, RUN, House, Shape
from xiepai.script.source import Kind, Line
from xiepai.script.text import plain, simplified, unadorned

LONGEST = 90
FEWEST = 3
"""Lines of one shape before it can be learnt."""
RISING = 0.65
"""Share of them whose number follows the one before."""
SPEAKING = 0.6
"""Share of them with a light or a side beside the number."""
GLUING = 0.6
"""Share of numbered lines in which light and side stand together."""
MOST_SIGNS = 9
_RUNS = re.compile(RUN)
_ENDS = re.compile(rf"[A-Z]?{CLOSING}$", re.IGNORECASE)
_BEFORE = re.compile(r"[^\s,;、|/·\u4e00-\u9fff-]*(?:第|场次|场景|场号|场|景|镜|集|[\[(<#])?\s?$")
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
    strong, unknown, glued, episodes = 0, [], 0, 0
    for at, text in _short(lines):
        found = numbered(text)
        if found is None and episode_of(text) is not None:
            episodes += 1
        elif found is None or found.form is Form.WEAK:
            unknown.append((at, text))
        else:
            strong += 1
            glued += bool(_GLUED.match(found.rest))
    has_episodes = episodes > 1
    shapes = _learnt(lines, unknown, has_episodes, at_end=False)
    if not shapes:
        shapes = _learnt(lines, [each for each in unknown if numbered(each[1]) is None], has_episodes, at_end=True)
    return House(shapes, strong >= FEWEST and glued >= GLUING * strong)


def _short(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    for at, line in enumerate(lines):
        if line.kind not in _SILENT and line.text and len(line.text) <= LONGEST:
            text = words.labels_opened(simplified(plain(line.text)))
            if _RUNS.search(text):
                yield at, unadorned(text)


def _learnt(
    lines: Sequence[Line], unknown: Sequence[tuple[int, str]], has_episodes: bool, *, at_end: bool
) -> tuple[Shape, ...]:
    by_shape: dict[tuple[str, ...], list[_Seen]] = defaultdict(list)
    for at, text in unknown:
        for signs, values in _tails(text) if at_end else _heads(text):
            by_shape[signs].append(_Seen(at, text, values))
    learnt: list[Shape] = []
    taken: set[int] = set()
    for signs, seen in sorted(by_shape.items(), key=lambda each: (-len(each[0]), -len(each[1]))):
        fresh = [each for each in seen if each.at not in taken]
        if len(fresh) < FEWEST or not _counts([each.values for each in fresh]):
            continue
        shape = Shape(signs, _names_episode([each.values for each in fresh], has_episodes), at_end)
        if _speaks(shape, fresh, lines):
            learnt.append(shape)
            taken.update(each.at for each in fresh)
    return tuple(learnt)


def _heads(text: str) -> Iterator[tuple[tuple[str, ...], tuple[int, ...]]]:
    """Shapes at the beginning: up to the first, the second, the third digits."""
    signs: list[str] = []
    values: list[int] = []
    at = 0
    for match in _RUNS.finditer(text):
        between = text[at : match.start()]
        if len(between.strip()) > MOST_SIGNS - 3 * bool(signs) or len(signs) == 3:
            return
        signs.append(_same(between))
        values.append(number(match.group()))
        at = match.end()
        yield tuple(signs), tuple(values)


def _tails(text: str) -> Iterator[tuple[tuple[str, ...], tuple[int, ...]]]:
    """Shapes at the end: from the last digits, the last but one."""
    runs = list(_RUNS.finditer(text))
    if not runs or not _ENDS.match(text, runs[-1].end()):
        return
    for count in range(1, min(3, len(runs)) + 1):
        chosen = runs[-count:]
        inner = [_same(text[one.end() : other.start()]) for one, other in pairwise(chosen)]
        before = _BEFORE.search(text, 0, chosen[0].start())
        if any(len(each.strip()) > 4 for each in inner):
            return
        yield (_same(before.group() if before else ""), *inner), tuple(number(each.group()) for each in chosen)


def _same(signs: str) -> str:
    return re.sub(r"\s+", " ", signs.lower())


def _counts(values: Sequence[tuple[int, ...]]) -> bool:
    """Whether the last number rises by one, or begins again."""
    last = [each[-1] for each in values]
    good = sum(now == before + 1 or (now <= 1 and before >= now) for before, now in pairwise(last))
    return len(set(last)) >= FEWEST - 1 and good >= RISING * (len(last) - 1)


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
