"""Fountain by screenplay-tools, with the Chinese habits its grammar does not know: ``.客厅`` and cues ``@苏晚``.

The parser is fed line by line, so that every element keeps the line it stands on. Actions nobody forced are read with
the Chinese grammar too, since few Chinese writers mark their headings.
"""

from __future__ import annotations

import re

from screenplay_tools.fountain.parser import Parser
from screenplay_tools.screenplay import ElementType, Script

from xiepai.script.reading import plain
from xiepai.script.source import Format, Kind, Line, Source

_CHINESE_HEADING = re.compile(r"^\s*\.(?=[^\s.a-zA-Z0-9])")
_SPACES = re.compile(r"[ \t]{5,}")
_MARK = "0\ue000"
"""Stands before a Chinese forced heading while the parser, which wants a Latin sign there, looks at it."""
_NOTE = re.compile(r"\[\[\d+\]\]|/\*\d+\*/")
_MOST = 2_000
_KINDS = {
    ElementType.HEADING: Kind.HEADING,
    ElementType.SECTION: Kind.SECTION,
    ElementType.CHARACTER: Kind.CUE,
    ElementType.PARENTHETICAL: Kind.MANNER,
    ElementType.DIALOGUE: Kind.SPEECH,
    ElementType.LYRIC: Kind.SPEECH,
    ElementType.TRANSITION: Kind.TRANSITION,
}
_FADE = re.compile(r"^FADE IN:?\s*$", re.IGNORECASE)


def read(data: bytes) -> Source:
    """Read a Fountain file."""
    text, encoding = plain.decoded(data)
    source = plain.read(data)
    found = _parsed([line.text for line in source.lines])
    lines = tuple(found.get(line.number, Line(line.number, "")) for line in source.lines)
    title = next((each[1] for each in _titles(text)), "")
    return Source(Format.FOUNTAIN, lines, title=title, encoding=encoding, problems=source.problems)


def _titles(text: str) -> list[tuple[str, str]]:
    return re.findall(r"^(Title)\s*:\s*(.+)$", text[:2000], re.IGNORECASE | re.MULTILINE)


def _parsed(texts: list[str]) -> dict[int, Line]:
    """Elements by the line they begin on."""
    parser = Parser()
    parser.mergeActions = parser.mergeDialogue = False
    found: dict[int, Line] = {}
    known = 0
    for number, text in enumerate([*texts, ""], 1):
        parser.add_line(_CHINESE_HEADING.sub(f".{_MARK}", _SPACES.sub("    ", text[:_MOST])))
        known = _taken(parser.script, known, number, texts, found)
    parser.finalize()
    _taken(parser.script, known, len(texts) + 1, texts, found)
    return found


def _taken(script: Script, known: int, number: int, texts: list[str], found: dict[int, Line]) -> int:
    """New elements: one that had to wait for this line stands on the line before."""
    fresh = script.elements[known:]
    for at, element in enumerate(fresh):
        waited = element.type in (ElementType.CHARACTER, ElementType.TRANSITION) or len(fresh) > 1
        line = number - 1 if waited and at == 0 and not _stands_here(element, number, texts) else number
        if line in found or not 0 < line <= len(texts):
            line = number
        if 0 < line <= len(texts) and (made := _line(element, line)):
            found[line] = _not_in_speech(made, found.get(line - 1), element)
    return len(script.elements)


def _not_in_speech(made: Line, before: Line | None, element: object) -> Line:
    """A heading nobody forced needs a blank line before it; below a cue it is what is said ("EXT 是外景")."""
    if made.kind is not Kind.HEADING or before is None or not before.text or getattr(element, "forced", False):
        return made
    spoken = before.kind in (Kind.CUE, Kind.MANNER, Kind.SPEECH)
    return Line(made.number, made.text, Kind.SPEECH if spoken else Kind.PLAIN)


def _stands_here(element: object, number: int, texts: list[str]) -> bool:
    """Whether a cue was forced (@) or a transition (>) and so did not wait."""
    text = texts[number - 1].lstrip() if number <= len(texts) else ""
    return text.startswith(("@", ">"))


def _line(element: object, number: int) -> Line | None:
    kind = _KINDS.get(element.type, Kind.PLAIN)  # type: ignore[attr-defined]
    if element.type in (ElementType.NOTE, ElementType.BONEYARD, ElementType.SYNOPSIS, ElementType.PAGEBREAK):  # type: ignore[attr-defined]
        return None
    text = _NOTE.sub("", element.text_raw).replace(_MARK, "")  # type: ignore[attr-defined]
    if kind is Kind.CUE:
        return Line(number, element.name, kind, element.extension or "")  # type: ignore[attr-defined]
    if kind is Kind.HEADING:
        if _FADE.match(text):
            return None
        return Line(number, text, kind, element.scene_number or "")  # type: ignore[attr-defined]
    if kind is Kind.PLAIN and getattr(element, "forced", False):
        kind = Kind.ACTION
    return Line(number, text, kind)
