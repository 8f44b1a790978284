"""What a person taught about one script: which lines are headings and their parts, which are none, words for lights.

A taught heading counts whatever it looks like; the rest of the script is read as before, or, if so wanted, only lines
like the taught ones open scenes. Plain data both ways, so that it can be kept and used for the next draft.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from xiepai.script import words
from xiepai.script.examples import LONGEST, PARTS, Example, guessed, neighbours, same, side_in
from xiepai.script.fields import fields_of
from xiepai.script.headings import Heading, Strength, heading
from xiepai.script.messages import Code
from xiepai.script.numerals import number
from xiepai.script.scene_numbers import Form, numbered
from xiepai.script.scenes import Side, Time
from xiepai.script.source import Kind, Line
from xiepai.script.text import plain

FEWEST = 3
"""Where strict likeness finds fewer lines, words nobody named may differ."""
MOST = 12


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was taught. ``none``: lines that are no headings; ``none_alike``: nor is any line written like these."""

    examples: tuple[Example, ...] = ()
    none: tuple[str, ...] = ()
    none_alike: tuple[str, ...] = ()
    times: Mapping[str, Time] = field(default_factory=dict)
    sides: Mapping[str, Side] = field(default_factory=dict)
    is_only: bool = False

    def __bool__(self) -> bool:
        return bool(self.examples or self.none or self.none_alike)

    def known(self) -> dict[str, frozenset[str]]:
        """Words for light and side, those taught among them."""
        return {
            "time": frozenset((*words.TIMES, *words.ALONE_TIMES, *(each.upper() for each in self.times))),
            "side": frozenset((*words.SIDES, *(each.upper() for each in self.sides))),
        }

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "examples": [{"text": each.text, "parts": dict(each.parts)} for each in self.examples],
            "none": list(self.none),
            "none_alike": list(self.none_alike),
            "times": {word: str(time) for word, time in self.times.items()},
            "sides": {word: str(side) for word, side in self.sides.items()},
            "is_only": self.is_only,
        }


NO_LESSON = Lesson()


def lesson_of(data: Mapping[str, Any] | None) -> Lesson:
    """A lesson from plain data. Raises ``ValueError`` for parts that do not stand in their line, and unknown words.

    >>> lesson = lesson_of({"examples": [{"text": "◎客厅", "parts": {"place": "客厅", "cast": ""}}]})
    >>> lesson.examples, lesson_of(lesson.to_json()) == lesson
    ((Example(text='◎客厅', parts=(('place', '客厅'),)),), True)
    """
    data = data or {}
    examples = tuple(_example(each) for each in data.get("examples", ())[:MOST])
    return Lesson(
        examples,
        tuple(map(str, data.get("none", ()))),
        tuple(map(str, data.get("none_alike", ()))),
        {str(word): Time(time) for word, time in data.get("times", {}).items()},
        {str(word): Side(side) for word, side in data.get("sides", {}).items()},
        bool(data.get("is_only")),
    )


def _example(data: Mapping[str, Any]) -> Example:
    said = data.get("parts", {})
    made = Example(str(data["text"])[:LONGEST], tuple((name, str(said[name])) for name in PARTS if said.get(name)))
    if not made.parts:
        raise ValueError("an example without parts")
    made.spans()
    return made


def guess(line: Line, lesson: Lesson) -> dict[str, str]:
    """The parts of a line as words that stand in it: by an example that fits, else what the reader would take."""
    for example in lesson.examples:
        if match := example.pattern(lesson.known()).match(same(line.text)):
            return dict.fromkeys(PARTS, "") | {name: (said or "").strip() for name, said in match.groupdict().items()}
    found = heading(line.text, line.label, is_given=True)
    if found is None:
        return dict.fromkeys(PARTS, "") | {"place": same(line.text)[:LONGEST]}
    said = Code.SIDE_FROM_PLACE not in found.reasons
    values = {
        "episode": found.episode, "number": "" if line.label else found.number, "time": found.time_said,
        "side": side_in(line.text) if found.side and said else "", "place": found.place, "cast": found.cast,
    }  # fmt: skip
    return guessed(line.text, values)


def shown(lines: Sequence[Line], lesson: Lesson) -> dict[int, Heading]:
    """The headings the examples show, by index of their line.

    >>> lines = [Line(n, text) for n, text in enumerate(("◎客厅 白", "他走了。", "◎后巷 黑", "◎这是谁？"), 1)]
    >>> lesson = Lesson((Example("◎客厅 白", (("place", "客厅"), ("time", "白"))),), times={"黑": Time.NIGHT})
    >>> {at: (each.place, each.time.value) for at, each in shown(lines, lesson).items()}
    {0: (('客厅',), 'day'), 2: (('后巷',), 'night')}
    """
    texts = [same(line.text) for line in lines]
    not_so = {same(each) for each in lesson.none}
    found: dict[int, Heading] = {}
    for example in lesson.examples:
        alike = _alike(lines, texts, example, lesson, is_loose=False)
        if len(alike) < FEWEST:
            loose = _alike(lines, texts, example, lesson, is_loose=True)
            alike = loose if len(loose) >= FEWEST else alike
        found |= {at: each for at, each in alike.items() if at not in found and texts[at] not in not_so}
    return dict(sorted(found.items()))


def _alike(
    lines: Sequence[Line], texts: Sequence[str], example: Example, lesson: Lesson, *, is_loose: bool
) -> dict[int, Heading]:
    pattern = example.pattern(lesson.known(), is_loose=is_loose)
    own = same(example.text)
    first = next((at for at, text in enumerate(texts) if text == own), None)
    beside = None if example.has_sign or first is None else neighbours(texts, first)
    like = lines[first] if first is not None else None
    found = {}
    for at, text in enumerate(texts):
        if not text or len(text) > LONGEST or (like and at != first and not _is_of_a_kind(lines[at], like)):
            continue
        if beside is not None and (neighbours(texts, at) != beside or len(text) > max(12, 2 * len(own)) or ":" in text):
            continue
        if match := pattern.match(text):
            found[at] = _heading(match.groupdict(), lines[at], lesson)
    return found


def _is_of_a_kind(line: Line, like: Line) -> bool:
    return bool(line.label) == bool(like.label) and line.kind is like.kind


def _heading(said: Mapping[str, str | None], line: Line, lesson: Lesson) -> Heading:
    place = fields_of(said.get("place") or "", has_number=False)
    label = numbered(f"场景{line.label}") if line.label and not said.get("number") else None
    time, side = _time(said.get("time") or "", lesson), _side(said.get("side") or "", lesson)
    whole = (said.get("place") or "").strip()
    levels = tuple(each for each in place.place if re.search(r"\w", each)) or ((whole,) if whole else ())
    return Heading(
        Strength.GIVEN, Form.LEARNT, _value(said.get("episode")) or (label.episode if label else None),
        _number(said.get("number")) or (label.number if label else ""),
        time or (place.time if not said.get("time") else None), said.get("time") or place.time_said,
        side or (place.side if not said.get("side") else None), levels, tuple(place.settings),
        (said.get("cast") or "").strip(" ()[]【】"), (), tuple(dict.fromkeys(place.reasons)), is_shown=True,
    )  # fmt: skip


def _value(text: str | None) -> int | None:
    said = _number(text)
    return int(said) if said.isdigit() else None


def _number(text: str | None) -> str:
    if not text:
        return ""
    tail = text[-1] if text[-1].isascii() and text[-1].isalpha() and len(text) > 1 else ""
    head = text.removesuffix(tail)
    try:
        return f"{number(head)}{tail.upper()}"
    except ValueError:
        return text.upper()


def _time(word: str, lesson: Lesson) -> Time | None:
    known = {each.upper(): time for each, time in lesson.times.items()}
    return known.get(word.upper()) or words.TIMES.get(word.upper()) or words.ALONE_TIMES.get(word)


def _side(word: str, lesson: Lesson) -> Side | None:
    known = {each.upper(): side for each, side in lesson.sides.items()}
    return known.get(word.upper()) or words.SIDES.get(word.upper())


def unknown_words(lines: Sequence[Line], lesson: Lesson) -> dict[str, Counter[str]]:
    """Words that stand where a light or a side should, and that nobody knows: ``time`` and ``side``, how often each."""
    found: dict[str, Counter[str]] = {"time": Counter(), "side": Counter()}
    for example in lesson.examples:
        pattern = example.pattern(lesson.known())
        for line in lines:
            match = pattern.match(same(line.text)) if len(line.text) <= LONGEST else None
            said = match.groupdict() if match else {}
            if said.get("time") and _time(said["time"], lesson) is None:
                found["time"][said["time"]] += 1
            if said.get("side") and _side(said["side"], lesson) is None:
                found["side"][said["side"]] += 1
    return found


def taught(lines: Sequence[Line], candidates: Mapping[int, Heading], lesson: Lesson) -> dict[int, Heading]:
    """The candidates of a script with what was taught: the examples' lines in, what is none out."""
    if not lesson:
        return dict(candidates)
    kept = {} if lesson.is_only else _without(lines, candidates, lesson)
    return dict(sorted((kept | shown(lines, lesson)).items()))


def _without(lines: Sequence[Line], candidates: Mapping[int, Heading], lesson: Lesson) -> dict[int, Heading]:
    exact = {same(each) for each in (*lesson.none, *lesson.none_alike)}
    forms = {_form(each) for text in lesson.none_alike for each in [heading(text, is_given=True)] if each}
    forms |= {
        _form(each) for at, each in candidates.items() if same(lines[at].text) in {same(x) for x in lesson.none_alike}
    }
    return {
        at: each
        for at, each in candidates.items()
        if same(lines[at].text) not in exact and (lines[at].kind is Kind.HEADING or _form(each) not in forms)
    }


def _form(found: Heading) -> tuple[Any, ...]:
    """What makes headings of one form: how the number is written, whether light and side are there."""
    side = found.side if Code.SIDE_FROM_PLACE not in found.reasons else None
    return found.form, found.is_label, found.time is not None, side is not None


def with_labels(found: Heading, labels: Sequence[str]) -> Heading:
    """A shown heading with what labels below it say, where it says nothing itself."""
    below = heading(" ".join(map(plain, labels)), is_given=True)
    if below is None:
        return found
    return replace(
        found,
        time=found.time or below.time,
        time_said=found.time_said or below.time_said,
        side=found.side or below.side,
        place=found.place or below.place,
        settings=tuple(dict.fromkeys((*found.settings, *below.settings))),
    )
