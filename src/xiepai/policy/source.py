"""First pass: a policy file becomes a tree of plain texts, each of which knows its line and column.

YAML is read as raw scalars: nothing is guessed to be a number, a date or a truth value. Refused, before the rest
of the file is looked at: more than 256 KB, more than twelve levels or 300 entries in one place, anchors, aliases,
tags, several documents, an entry written twice, invisible or control characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from xiepai.policy.messages import Code, Diagnostic, PolicyError

MAX_BYTES = 256 * 1024
MAX_DEPTH = 12
MAX_ENTRIES = 300
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar: its text and where it begins (line and column from 1). ``exact``: columns count one to one."""

    text: str
    line: int
    column: int
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Tree, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """Names and what they stand for, in the order of the file."""

    pairs: tuple[tuple[Text, Tree], ...]
    line: int
    column: int

    def get(self, name: str) -> Tree | None:
        """What stands under a name."""
        return next((value for key, value in self.pairs if key.text == name), None)


Tree = Text | Sequence | Mapping


class Source:
    """The text of a file, and the one maker of diagnostics that point into it."""

    def __init__(self, text: str, file: str = "policy.yaml") -> None:
        self.text, self.file, self.lines = text, file, text.splitlines()
        self.trees: dict[object, Any] = {}
        """What was already read of this text: an amended version repeats nearly all of it."""

    def diagnostic(self, code: Code, where: Tree | None, start: int = 0, width: int = 0, **data: object) -> Diagnostic:
        """A mistake at a node; ``start`` and ``width`` point into its text."""
        hint = data.pop("hint", None)
        line, column = (where.line, where.column) if where else (1, 1)
        if isinstance(where, Text):
            column += start if where.exact else 0
            width = width or len(where.text) - start
        source = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        width = max(1, min(width or 1, len(source) - column + 1))
        return Diagnostic(code, self.file, line, column, width, source[:200], dict(data), hint)  # type: ignore[arg-type]

    def error(self, code: Code, where: Tree | None, start: int = 0, width: int = 0, **data: object) -> PolicyError:
        """The same as an exception."""
        return PolicyError([self.diagnostic(code, where, start, width, **data)])


def parse(source: Source) -> Mapping:
    """The tree of a file; raises :class:`PolicyError` at the first thing that is not plain YAML.

    >>> tree = parse(Source("policy: 示例\\nif: [a, b > 5元]\\n"))
    >>> tree.get("if").items[1]
    Text(text='b > 5元', line=2, column=9, exact=True)
    """
    _check_characters(source)
    events = _events(source)
    root: Tree | None = None
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            raise _at(source, Code.YAML_FEATURE, event, feature="---")
        if isinstance(event, yaml.NodeEvent):
            root = _tree(source, event, events, 1)
    if not isinstance(root, Mapping):
        _refuse_wide_colon(source, 1, len(source.lines))
        raise source.error(Code.WRONG_SHAPE, root, name=source.file, wanted="mapping")
    return root


def _check_characters(source: Source) -> None:
    size = len(source.text.encode("utf-8", "replace"))
    if size > MAX_BYTES:
        raise source.error(Code.TOO_LARGE, None, size=f"{size:,} B", limit=f"{MAX_BYTES:,} B")
    if found := _ODD.search(source.text):
        line = source.text.count("\n", 0, found.start()) + 1
        column = found.start() - source.text.rfind("\n", 0, found.start())
        raise source.error(Code.ODD_CHARACTER, Text("?", line, column), char=f"U+{ord(found[0]):04X}")


# Control characters, soft hyphen, zero-width and bidirectional marks, lone surrogates, private use.
_ODD = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff\ud800-\udfff"
    "\ue000-\uf8ff\U000e0000-\U0010ffff]"
)


def _events(source: Source) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(source.text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if mark:  # YAML notices only when the next line does not fit
            _refuse_wide_colon(source, max(1, mark.line - 1), mark.line + 1)
        where = Text(" ", mark.line + 1, mark.column + 1) if mark else None
        raise source.error(Code.YAML, where, detail=error.problem or str(error)) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise source.error(Code.YAML, None, detail=type(error).__name__) from None


_WIDE = re.compile(r"\s*(?:- )?([^\s:#'\"：][^:#'\"：]{0,60})：")
_WIDE_ENTRY = re.compile(r"\s*(?:- )?([a-z_][a-z0-9_]*)：")


def _refuse_wide_colon(source: Source, first: int, last: int, names: re.Pattern[str] = _WIDE) -> None:
    """An entry whose name ends in a full-width colon, in the lines where YAML lost its way; the last one counts."""
    for line in range(min(last, len(source.lines)), first - 1, -1):
        if found := names.match(source.lines[line - 1]):
            where = Text("：", line, found.end())
            raise source.error(Code.WIDE_COLON, where, name=found[1], hint=("write", f"{found[1]}: "))


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _at(source: Source, code: Code, event: yaml.Event, **data: Any) -> PolicyError:
    return source.error(code, Text(" ", *_place(event)), **data)


def _tree(source: Source, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Tree:
    if depth > MAX_DEPTH:
        raise _at(source, Code.TOO_DEEP, event, limit=MAX_DEPTH)
    if isinstance(event, yaml.AliasEvent):
        raise _at(source, Code.YAML_FEATURE, event, feature=f"*{event.anchor}")
    anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
    if anchor or tag not in (None, "!"):
        raise _at(source, Code.YAML_FEATURE, event, feature=f"&{anchor}" if anchor else str(tag))
    line, column = _place(event)
    if isinstance(event, yaml.ScalarEvent):
        return _text(source, event, line, column)
    if isinstance(event, yaml.SequenceStartEvent):
        items = []
        while not isinstance(inner := next(events), yaml.SequenceEndEvent):
            items.append(_tree(source, inner, events, depth + 1))
            _count(source, items, inner)
        return Sequence(tuple(items), line, column)
    return _mapping(source, events, depth, line, column)


def _count(source: Source, entries: list[Any], event: yaml.Event) -> None:
    if len(entries) > MAX_ENTRIES:
        raise _at(source, Code.TOO_LARGE, event, size=f"> {MAX_ENTRIES}", limit=MAX_ENTRIES)


def _text(source: Source, event: yaml.ScalarEvent, line: int, column: int) -> Text:
    """A scalar; where the text stands in the file letter for letter, its columns count exactly."""
    if not event.style and event.end_mark and event.end_mark.line > line - 1:  # more than one line, not quoted
        _refuse_wide_colon(source, line + 1, event.end_mark.line + (event.end_mark.column > 0), _WIDE_ENTRY)
    column += 1 if event.style in ("'", '"') else 0
    exact = line <= len(source.lines) and source.lines[line - 1].startswith(event.value, column - 1)
    return Text(event.value, line, column, exact)


def _mapping(source: Source, events: Iterator[yaml.Event], depth: int, line: int, column: int) -> Mapping:
    pairs: list[tuple[Text, Tree]] = []
    seen: dict[str, int] = {}
    while not isinstance(inner := next(events), yaml.MappingEndEvent):
        key = _tree(source, inner, events, depth + 1)
        value = _tree(source, next(events), events, depth + 1)
        if not isinstance(key, Text):
            raise source.error(Code.WRONG_SHAPE, key, name="?", wanted="text")
        if key.text in seen:
            raise source.error(Code.DUPLICATE_ENTRY, key, name=key.text, first=seen[key.text])
        seen[key.text] = key.line
        pairs.append((key, value))
        _count(source, pairs, inner)
    return Mapping(tuple(pairs), line, column)
