"""What a script is after reading: scenes, frozen, each with where it came from and how sure that is.

Always: a scene points at its source line, its confidence comes with reasons. Never: a value nobody wrote and no
rule gives (a missing time of day stays missing). Lengths are in printed lines; 50 lines are a page, a page has
eight eighths.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from xiepai.script.messages import Code, Problem, confidence
from xiepai.script.source import Format, Source

LINES_A_PAGE = 50


class Time(StrEnum):
    """Light of a scene: what the plan must know. The word of the script is kept beside it."""

    DAY = "day"
    NIGHT = "night"
    DAWN = "dawn"
    DUSK = "dusk"
    CHANGING = "changing"


class Side(StrEnum):
    """Inside, outside, or both."""

    INSIDE = "in"
    OUTSIDE = "out"
    BOTH = "both"


TIME_WORD = {Time.DAY: "日", Time.NIGHT: "夜", Time.DAWN: "晨", Time.DUSK: "昏", Time.CHANGING: "日转夜"}
SIDE_WORD = {Side.INSIDE: "内", Side.OUTSIDE: "外", Side.BOTH: "内外"}


class Mark(StrEnum):
    """What makes a scene dear, slow or in need of a permit."""

    STUNT = "stunt"
    FIGHT = "fight"
    WATER = "water"
    FIRE = "fire"
    FIREWORKS = "fireworks"
    ANIMALS = "animals"
    MINORS = "minors"
    DRONE = "drone"
    NIGHT_STREET = "night_street"
    RAIN = "rain"
    SNOW = "snow"
    VEHICLES = "vehicles"
    WEAPONS = "weapons"
    HEIGHT = "height"
    CROWD = "crowd"
    EFFECTS = "effects"
    INJURY = "injury"
    INTIMACY = "intimacy"
    UNIFORM = "uniform"


class Part(StrEnum):
    """What a paragraph of a scene is."""

    ACTION = "action"
    SPEECH = "speech"
    CAST = "cast"
    NOTE = "note"
    TITLE = "title"
    TRANSITION = "transition"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A piece of a scene: what happens, or who says what; ``voice`` is OS or VO, ``manner`` the hint in brackets."""

    part: Part
    text: str
    line: int = 0
    who: str = ""
    voice: str = ""
    manner: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A mark and the word and line that gave it."""

    mark: Mark
    word: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene of a breakdown."""

    key: str
    episode: int | None
    number: str
    time: Time | None
    time_said: str
    side: Side | None
    place: tuple[str, ...]
    cast: tuple[str, ...] = ()
    crowd: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()
    props: tuple[str, ...] = ()
    costumes: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    marks: tuple[Found, ...] = ()
    notes: tuple[str, ...] = ()
    summary: str = ""
    lines: int = 0
    seconds: int = 0
    line: int = 0
    last_line: int = 0
    heading: str = ""
    body: tuple[Paragraph, ...] = ()
    reasons: tuple[Code, ...] = ()
    given_eighths: int = 0

    @property
    def confidence(self) -> int:
        """100 less what the reasons cost: an order in which to look, not a probability."""
        return confidence(self.reasons)

    @property
    def place_name(self) -> str:
        """The levels of the place, joined."""
        return "-".join(self.place)

    @property
    def pages(self) -> float:
        """Length in pages of 50 lines, to a hundredth."""
        return self.given_eighths / 8 if self.given_eighths else round(self.lines / LINES_A_PAGE, 2)

    @property
    def eighths(self) -> int:
        """Length in eighths of a page, at least one.

        >>> Scene("1", None, "1", None, "", None, (), lines=13).eighths
        3
        """
        return self.given_eighths or max(1, -(-self.lines * 8 // LINES_A_PAGE))

    @property
    def minutes(self) -> float:
        """Estimated minutes on the screen, to a tenth."""
        return round(self.seconds / 60, 1)

    @property
    def mark_names(self) -> tuple[Mark, ...]:
        """The marks, each once."""
        return tuple(dict.fromkeys(each.mark for each in self.marks))

    def facts(self) -> tuple[Any, ...]:
        """What two readings of the same scene must agree on: all but lines, layout and certainty."""
        said = tuple((each.part, each.who, each.voice, each.manner, each.text) for each in self.body)
        return (*self.head(), self.cast, self.crowd, self.settings, self.mark_names, said)

    def head(self) -> tuple[Any, ...]:
        """Episode, number, time, side and place."""
        return (self.episode, self.number, self.time, self.side, self.place)

    def to_json(self) -> dict[str, Any]:
        """Plain data, without the body."""
        return {
            "key": self.key,
            "episode": self.episode,
            "number": self.number,
            "time": self.time,
            "time_said": self.time_said,
            "side": self.side,
            "place": list(self.place),
            "cast": list(self.cast),
            "crowd": list(self.crowd),
            "guests": list(self.guests),
            "props": list(self.props),
            "costumes": list(self.costumes),
            "settings": list(self.settings),
            "marks": [{"mark": each.mark, "word": each.word, "line": each.line} for each in self.marks],
            "notes": list(self.notes),
            "summary": self.summary,
            "lines": self.lines,
            "pages": self.pages,
            "eighths": self.eighths,
            "minutes": self.minutes,
            "line": self.line,
            "last_line": self.last_line,
            "heading": self.heading,
            "confidence": self.confidence,
            "reasons": list(self.reasons),
        }


@dataclass(frozen=True, slots=True)
class Breakdown:
    """All scenes of a script, and what to look at."""

    scenes: tuple[Scene, ...]
    problems: tuple[Problem, ...]
    format: Format
    title: str = ""
    encoding: str = ""
    source: Source | None = None

    def by_key(self) -> dict[str, Scene]:
        """Scenes by key; keys are unique."""
        return {each.key: each for each in self.scenes}

    def cast_counts(self) -> Counter[str]:
        """In how many scenes each role appears."""
        return Counter(name for scene in self.scenes for name in scene.cast)

    def place_counts(self) -> Counter[tuple[str, ...]]:
        """How many scenes each place has."""
        return Counter(scene.place for scene in self.scenes)

    def mark_counts(self) -> Counter[Mark]:
        """How many scenes carry each mark."""
        return Counter(mark for scene in self.scenes for mark in scene.mark_names)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "format": self.format,
            "title": self.title,
            "encoding": self.encoding,
            "scenes": [each.to_json() for each in self.scenes],
            "problems": [each.to_json() for each in self.problems],
        }
