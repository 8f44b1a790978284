"""The first pass: every cell read, every row's problems listed, and the order in which rows can be written.

Values wait in a file without a name, so that memory holds only codes. Refused: two rows with one code, rows that
stand under each other in a ring, rows whose parent's row is bad.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Any

from django.utils.translation import gettext as _

from xiepai.places.fields import is_readable, tidy_text
from xiepai.places.loading.report import LONGEST_VALUE, RowIssue
from xiepai.places.models import PlaceKind
from xiepai.places.sheets.cells import LEAVE_AS_IS, CellError
from xiepai.places.sheets.columns import BY_KEY
from xiepai.places.sheets.reading import RawRow, Source
from xiepai.places.vocabulary import Words

UNKNOWN, RING = -1, -2


@dataclass(slots=True)
class Entry:
    """A row that was read: where it stands in the file and in the waiting room."""

    line: int
    code: str
    parent: str
    is_combination: bool
    offset: int
    depth: int = UNKNOWN


class Plan:
    """All rows of a source, read; iterate :meth:`levels` to get what can be written together."""

    def __init__(self, source: Source, words: Words) -> None:
        self.headers = source.headers
        self.issues: list[RowIssue] = []
        self.rows = 0
        self._words = words
        self._entries: list[Entry] = []
        self._lines: dict[str, int] = {}
        self._bad: dict[str, int] = {}
        self._room = TemporaryFile()  # noqa: SIM115 - closed by close()
        try:
            for raw in source.rows:
                self.rows += 1
                self._take(raw)
        except BaseException:
            self._room.close()
            raise
        self.warnings = tuple(source.warnings)
        self._order()

    def close(self) -> None:
        """Give the waiting room back."""
        self._room.close()

    def header(self, key: str) -> str:
        """What the file calls a column."""
        column = BY_KEY.get(key)
        return self.headers.get(key) or (column.header if column else "")

    def refuse(self, line: int, key: str, reason: str, value: Any = "") -> None:
        """Note what is wrong with a row."""
        shown = "" if value is None else str(value)[:LONGEST_VALUE]
        self.issues.append(RowIssue(line, self.header(key) if key else "", reason, shown))

    def fail(self, code: str, line: int) -> None:
        """A row with that code is not written: what stands under it can not be either, unless it is there already."""
        if code:
            self._bad.setdefault(code, line)

    def failed_line(self, code: str) -> int | None:
        """The line of a row with that code that is not written."""
        return self._bad.get(code)

    def names(self, code: str) -> bool:
        """Whether the file has a row with that code."""
        return code in self._lines

    def levels(self) -> Iterator[list[Entry]]:
        """Rows that can be written together: parents before children, combinations last."""
        level: list[Entry] = []
        for entry in sorted(self._entries, key=lambda e: (e.is_combination, e.depth, e.line)):
            if level and (entry.is_combination, entry.depth) != (level[-1].is_combination, level[-1].depth):
                yield level
                level = []
            level.append(entry)
        if level:
            yield level

    def values(self, entry: Entry) -> dict[str, Any]:
        """The values of a row by column key."""
        self._room.seek(entry.offset)
        found: dict[str, Any] = pickle.load(self._room)  # noqa: S301 - written by this process a moment ago
        return found

    def _take(self, raw: RawRow) -> None:
        values: dict[str, Any] = {}
        good = not raw.problem
        if raw.problem:
            self.refuse(raw.line, "", raw.problem)
        for key, cell in raw.cells.items():
            if isinstance(cell, str) and cell.strip() in LEAVE_AS_IS:
                continue
            try:
                _require_readable(cell)
                values[key] = BY_KEY[key].read(cell, self._words)
            except CellError as error:
                self.refuse(raw.line, key, str(error), cell)
                good = False
        code = tidy_text(values.get("code") or "")
        if code in self._lines and code:
            self.refuse(raw.line, "code", _("编号与第 {line} 行重复。").format(line=self._lines[code]), code)
            return
        if code:
            self._lines[code] = raw.line
        if good:
            self._keep(raw.line, code, values)
        else:
            self.fail(code, raw.line)

    def _keep(self, line: int, code: str, values: dict[str, Any]) -> None:
        parent = tidy_text(values.get("parent") or "")
        is_combination = values.get("kind") == PlaceKind.COMBINATION or bool(values.get("parts"))
        entry = Entry(line, code, parent, is_combination, self._room.seek(0, 2))
        pickle.dump({**values, "code": code}, self._room)
        self._entries.append(entry)

    def _order(self) -> None:
        """Depth below the file's own roots; rows in a ring, or hanging on one, are refused."""
        by_code = {entry.code: entry for entry in self._entries if entry.code}
        for entry in self._entries:
            chain: list[Entry] = []
            passed: set[int] = set()
            at: Entry | None = entry
            while at is not None and at.depth == UNKNOWN and id(at) not in passed:
                passed.add(id(at))
                chain.append(at)
                at = by_code.get(at.parent)
            in_ring = at is not None and at.depth in (UNKNOWN, RING)
            depth = at.depth if at is not None else -1
            for one in reversed(chain):
                depth += 1
                one.depth = RING if in_ring else depth
        for entry in self._entries:
            if entry.depth == RING:
                self.refuse(entry.line, "parent", _("上级关系成环。"), entry.parent)
                self.fail(entry.code, entry.line)
        self._entries = [entry for entry in self._entries if entry.depth != RING]


def _require_readable(cell: Any) -> None:
    texts = [cell] if isinstance(cell, str) else cell if isinstance(cell, list) else []
    if not all(is_readable(text) for text in texts if isinstance(text, str)):
        raise CellError(_("含有看不见的控制字符，请删去。"))
