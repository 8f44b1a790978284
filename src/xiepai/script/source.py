"""What reading a file gives: numbered lines with what the format itself says about each, or rows of a table.

Lines keep the numbers a person sees beside the script on the review page. A source decides nothing about scenes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from xiepai.script import limits
from xiepai.script.messages import Code, Problem, refuse
from xiepai.script.text import clean


class Format(StrEnum):
    """Kinds of files that are read."""

    TEXT = "txt"
    WORD = "docx"
    PDF = "pdf"
    FOUNTAIN = "fountain"
    FDX = "fdx"
    SHEET = "xlsx"
    CSV = "csv"
    USS = "uss"


READABLE = "docx, txt, md, pdf, fountain, fdx, xlsx, csv, uss"


class Kind(StrEnum):
    """What a format says about a line; ``PLAIN`` where it says nothing."""

    PLAIN = "plain"
    HEADING = "heading"
    SECTION = "section"
    ACTION = "action"
    CUE = "cue"
    MANNER = "manner"
    SPEECH = "speech"
    TRANSITION = "transition"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a script as it will be shown; ``label`` is a scene number the format keeps apart."""

    number: int
    text: str
    kind: Kind = Kind.PLAIN
    label: str = ""
    page: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a 场景表: text by the name of its column (the names of :mod:`xiepai.script.columns`)."""

    number: int
    cells: Mapping[str, str]
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A file as read."""

    format: Format
    lines: tuple[Line, ...] = ()
    rows: tuple[Row, ...] = ()
    title: str = ""
    encoding: str = ""
    pages: int = 0
    problems: tuple[Problem, ...] = field(default=())

    def text(self, number: int) -> str:
        """The line of a number, empty if there is none."""
        return self.lines[number - 1].text if 0 < number <= len(self.lines) else ""


@dataclass(slots=True)
class Lines:
    """Collects lines: numbers them, cleans them, cuts what is too long and refuses too many."""

    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def add(self, text: str, kind: Kind = Kind.PLAIN, label: str = "", page: int = 0) -> None:
        """Add one line."""
        if len(self.lines) >= limits.LINES:
            raise refuse(Code.TOO_MANY, what="lines", limit=limits.LINES)
        number = len(self.lines) + 1
        if len(text) > limits.LINE_CHARACTERS:
            text = text[: limits.LINE_CHARACTERS]
            self.problems.append(Problem(Code.CUT_LINE, number, {"limit": limits.LINE_CHARACTERS}))
        self.lines.append(Line(number, clean(text), kind, label, page))

    def extend(self, texts: Iterable[str], page: int = 0) -> None:
        """Add several lines."""
        for text in texts:
            self.add(text, page=page)
