"""Word files: paragraphs with their automatic numbers, and tables, in the order they stand.

A table whose head is that of a 场景表 gives rows; in any other a row of short cells is one line (a heading laid out in
cells), a cell of several paragraphs gives lines. Deleted text, drawings and text boxes are not the script.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from docx import Document
from docx.oxml.ns import qn
from lxml.etree import LxmlError

from xiepai.script import columns, limits, words
from xiepai.script.messages import Code, refuse
from xiepai.script.reading import packed
from xiepai.script.reading.numbering import Numbering, numbering_of
from xiepai.script.source import Format, Lines, Row, Source
from xiepai.script.text import plain

_SKIPPED = frozenset(
    map(qn, ("w:del", "w:drawing", "w:pict", "w:object", "w:moveFrom", "w:rPr", "w:pPr", "w:instrText"))
) | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"}
_T, _TAB, _BR, _CR, _P, _TBL, _SDT, _TR, _TC = map(
    qn, ("w:t", "w:tab", "w:br", "w:cr", "w:p", "w:tbl", "w:sdt", "w:tr", "w:tc")
)
_HYPHEN = qn("w:noBreakHyphen")
_DEEPEST = 8
_SHORT_CELL = 40


def read(data: bytes) -> Source:
    """Read a docx."""
    packed.checked(data, "docx")
    try:
        document = Document(io.BytesIO(data))
        body = document.element.body
        numbers = numbering_of(_root(document, "styles"), _root(document, "numbering"))
    except (LxmlError, zipfile.BadZipFile, KeyError, ValueError, AttributeError, TypeError, OSError):
        raise refuse(Code.DAMAGED, kind="docx") from None
    lines, rows = Lines(), list[Row]()
    for block in _blocks(body, 0):
        if block.tag == _P:
            _paragraph(block, numbers, lines)
        else:
            _table(block, numbers, lines, rows)
    kept = tuple(rows) if rows and len(rows) * 3 > sum(bool(each.text) for each in lines.lines) else ()
    return Source(Format.WORD, tuple(lines.lines), kept, problems=tuple(lines.problems))


def _root(document: Any, kind: str) -> Any:
    for relation in document.part.rels.values():
        if relation.reltype.endswith(f"/{kind}") and not relation.is_external:
            part = relation.target_part
            return part.element if hasattr(part, "element") else None
    return None


def _blocks(parent: Any, depth: int) -> Iterator[Any]:
    """Paragraphs and tables, also those inside content controls."""
    for child in parent:
        if child.tag in (_P, _TBL):
            yield child
        elif child.tag == _SDT and depth < _DEEPEST and (content := child.find(qn("w:sdtContent"))) is not None:
            yield from _blocks(content, depth + 1)


def _text(element: Any) -> str:
    """The words of a paragraph; a line break inside it stays one."""
    parts: list[str] = []
    waiting = list(reversed(element))
    while waiting:
        child = waiting.pop()
        if child.tag == _T:
            parts.append(child.text or "")
        elif child.tag == _TAB:
            parts.append("\t")
        elif child.tag in (_BR, _CR):
            parts.append("\n")
        elif child.tag == _HYPHEN:
            parts.append("-")
        elif child.tag not in _SKIPPED:
            waiting.extend(reversed(child))
    return "".join(parts)


def _numbered(element: Any, numbers: Numbering) -> str:
    text, label = _text(element), numbers.label(element)
    return f"{label} {text}" if label and text.strip() else text


def _paragraph(element: Any, numbers: Numbering, lines: Lines) -> None:
    lines.extend(_numbered(element, numbers).split("\n"))


def _cell(cell: Any, numbers: Numbering) -> list[str]:
    return [line for each in cell.findall(_P) for line in _numbered(each, numbers).split("\n") if line.strip()]


def _table(table: Any, numbers: Numbering, lines: Lines, rows: list[Row]) -> None:
    known: dict[int, str] | None = None
    roles: dict[int, str] = {}
    for row in table.findall(_TR):
        cells = [_cell(each, numbers) for each in row.findall(_TC)]
        for inner in row.iter(_TBL):
            _table(inner, numbers, lines, rows)
        flat = [" ".join(each) for each in cells[: limits.SHEET_COLUMNS]]
        if known is None and (known := columns.header(flat)):
            roles = columns.roles(flat, known)
            lines.add("\t".join(flat))
        elif known:
            lines.add("\t".join(flat))
            there = tuple(roles[at] for at, text in enumerate(flat) if at in roles and text.strip())
            rows.append(Row(len(lines.lines), {known[at]: text for at, text in enumerate(flat) if at in known}, there))
        else:
            _row(cells, lines)


def _row(cells: list[list[str]], lines: Lines) -> None:
    """Short cells are one line, a label before its value; a long cell keeps its lines."""
    if all(len(each) <= 1 and len("".join(each)) <= _SHORT_CELL for each in cells):
        lines.add(_joined([each[0] for each in cells if each]))
        return
    for each in cells:
        lines.extend(each)


def _joined(texts: list[str]) -> str:
    said = ""
    for at, text in enumerate(texts):
        is_label = plain(text).rstrip(":").upper() in words.LABELS and at + 1 < len(texts)
        said += text.rstrip("：: ") + "：" if is_label else text + "\t"
    return said.rstrip("\t")
