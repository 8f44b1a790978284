"""PDFs with text, by pypdfium2: lines as they stand, page heads and feet left out, wrapped paragraphs joined again.

A line that reaches the right edge goes on in the next one unless that opens something of its own. The edge is where
the paper's margin is; where all lines end before it, the longest are no full ones. A PDF of pictures and one with a
password are refused. pdfium knows no threads, so one file is read at a time.
"""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from threading import Lock

import pypdfium2
import pypdfium2.raw as pdfium

from xiepai.script import limits, words
from xiepai.script.headings import Strength, heading
from xiepai.script.messages import Code, refuse
from xiepai.script.scene_numbers import Form, episode_of
from xiepai.script.source import Format, Lines, Source
from xiepai.script.text import clean, plain

_LOCK = Lock()
_EDGE_LINES = 2
"""How many lines at the top and bottom of a page may be its head and foot."""
_REPEATED = 0.5
_GOING_ON = 0.75
"""Of the lines at the edge so many are followed by one that opens nothing, where the edge is not the margin."""
_LEAST_FULL = 5
_STARTS = re.compile(r"^[\s　]*(?:[△▲Δ∆▽◆▼【\[]|[^\s:：，。！？、“”（(]{1,8}(?:[（(][^）)]{0,20}[）)])?[:：])")
_PAGE_NUMBER = re.compile(r"^[\s\-—–·.第页/共Pp]*\d{1,4}(?:\s*[/／]\s*\d{1,4})?[\s\-—–·.页]*$")
_DIGITS = re.compile(r"\d+")
_DATE = re.compile(r"\d月\d{1,2}$")
_ENOUGH = 20
THIN_GAP = 0.35
"""Of the height of a line; typesetters set Chinese and Latin a quarter apart."""


@dataclass(frozen=True, slots=True)
class _Printed:
    """A printed line: its text, edges in points, and page."""

    text: str
    left: float
    right: float
    height: float
    page: int
    paper: float = 0.0
    """How wide the paper is."""
    top: int = 0
    """Points from the foot of the page."""


def read(data: bytes) -> Source:
    """Read a PDF."""
    with _LOCK:
        pages = _pages(data)
    printed = [each for page in _without_edges(pages) for each in page]
    if sum(len(each.text.strip()) for each in printed) < _ENOUGH:
        raise refuse(Code.SCANNED)
    lines = Lines()
    for text, page in _paragraphs(printed):
        lines.add(text, page=page)
    return Source(Format.PDF, tuple(lines.lines), pages=len(pages), problems=tuple(lines.problems))


def _pages(data: bytes) -> list[list[_Printed]]:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise refuse(Code.ENCRYPTED if "assword" in str(error) else Code.DAMAGED, kind="pdf") from None
    try:
        if len(document) > limits.PAGES:
            raise refuse(Code.TOO_MANY, what="pages", limit=limits.PAGES)
        return [_page(document, number) for number in range(len(document))]
    except pypdfium2.PdfiumError:
        raise refuse(Code.DAMAGED, kind="pdf") from None
    finally:
        document.close()


def _page(document: pypdfium2.PdfDocument, number: int) -> list[_Printed]:
    page = document[number]
    text_page = page.get_textpage()
    try:
        count = text_page.count_chars()
        if count > limits.LINES * 4:
            raise refuse(Code.TOO_MANY, what="lines", limit=limits.LINES)
        signs = [chr(pdfium.FPDFText_GetUnicode(text_page.raw, at)) for at in range(count)]
        _without_thin_gaps(text_page, signs)
        return list(_printed(text_page, signs, number + 1, page.get_width()))
    finally:
        text_page.close()
        page.close()


def _printed(text_page: pypdfium2.PdfTextPage, signs: Sequence[str], page: int, paper: float) -> Iterator[_Printed]:
    start = 0
    for at in range(len(signs) + 1):
        if at == len(signs) or signs[at] in ("\r", "\n"):
            inked = [
                place
                for place in range(start, at)
                if signs[place] and not signs[place].isspace() and signs[place] != "\x00"
            ]
            if inked:
                first, last = _box(text_page, inked[0]), _box(text_page, inked[-1])
                text = clean("".join("-" if sign == "\x02" else sign for sign in signs[start:at]))
                yield _Printed(text, first[0], last[1], max(first[2], last[2]), page, paper, round(first[3]))
            start = at + 1


def _without_thin_gaps(text_page: pypdfium2.PdfTextPage, signs: list[str]) -> None:
    """Blanks pdfium made up where a typesetter only set Chinese and Latin a little apart are none."""
    for at in range(1, len(signs) - 1):
        if signs[at] != " " or signs[at - 1].isascii() == signs[at + 1].isascii():
            continue
        if pdfium.FPDFText_IsGenerated(text_page.raw, at) == 1:
            before, after = _box(text_page, at - 1), _box(text_page, at + 1)
            is_thin = after[0] - before[1] < THIN_GAP * max(before[2], after[2])
            if is_thin and not _divides_heading(signs, at):
                signs[at] = ""


def _divides_heading(signs: list[str], at: int) -> bool:
    """Whether a time or side stands alone on one side of a blank: 外 KTV包厢 keeps it, 8 岁 does not."""
    text = "".join(signs[max(0, at - 6) : at + 7])
    middle = len("".join(signs[max(0, at - 6) : at]))
    if _DATE.search(text[:middle]):
        return False
    before, after = re.split(r"\s", text[:middle])[-1], re.split(r"\s", text[middle + 1 :])[0]
    return any(each in words.TIMES or each in words.SIDES for each in (before, after))


def _box(text_page: pypdfium2.PdfTextPage, at: int) -> tuple[float, float, float, float]:
    """Left, right, height and top of a character as set (its advance, not its ink)."""
    box = pdfium.FS_RECTF()
    if not pdfium.FPDFText_GetLooseCharBox(text_page.raw, at, ctypes.byref(box)):
        return 0.0, 0.0, 0.0, 0.0
    return box.left, box.right, abs(box.top - box.bottom), box.top


def _without_edges(pages: list[list[_Printed]]) -> list[list[_Printed]]:
    """Heads and feet: the same words (but for digits) at the same height of at least half of the pages."""
    counts: Counter[tuple[str, int]] = Counter()
    for page in pages:
        counts.update({_shape(each) for each in _edges(page)})
    least = max(2, _REPEATED * len(pages))
    return [[each for each in page if not _is_edge(each, page, counts, least)] for page in pages]


def _edges(page: list[_Printed]) -> list[_Printed]:
    return [*page[:_EDGE_LINES], *page[-_EDGE_LINES:]]


def _shape(each: _Printed) -> tuple[str, int]:
    return _DIGITS.sub("#", each.text.strip()), each.top


def _is_edge(each: _Printed, page: list[_Printed], counts: Counter[tuple[str, int]], least: float) -> bool:
    if not any(each is other for other in _edges(page)):
        return False
    if _PAGE_NUMBER.match(each.text) and (each is page[0] or each is page[-1]):
        return True
    found = heading(each.text)
    is_heading = found is not None and found.strength >= Strength.CERTAIN
    return counts[_shape(each)] >= least and not is_heading


def _paragraphs(printed: list[_Printed]) -> Iterator[tuple[str, int]]:
    """Lines with their wrapped rest."""
    edge = _right_edge(printed)
    at = 0
    while at < len(printed):
        text, page, last = printed[at].text.strip(), printed[at].page, printed[at]
        while at + 1 < len(printed) and _goes_on(last, printed[at + 1], edge):
            at += 1
            last = printed[at]
            text = _joined(text, last.text.strip())
        yield text, page
        at += 1


def _right_edge(printed: list[_Printed]) -> float:
    """The edge that full lines reach; beyond everything if no line is full.

    Margins are alike on both sides of most papers. Where the longest lines end before the right one they may still be
    full (a wider margin), but then they are many, and what follows them mostly opens nothing: else they are just the
    longest.
    """
    if not printed:
        return 0.0
    rights = sorted(round(each.right) for each in printed)
    edge = float(rights[int(len(rights) * 0.98)])
    size = max(max(each.height for each in printed), 6.0)
    left = sorted(each.left for each in printed)[len(printed) // 50]
    if edge >= max(each.paper for each in printed) - left - 2.2 * size:
        return edge
    full = [following for last, following in pairwise(printed) if last.right >= edge - 2.2 * size]
    going_on = sum(not _opens(each.text) for each in full)
    shorter = sum(edge - 4.4 * size <= each.right < edge - 2.2 * size for each in printed)
    is_edge = len(full) >= max(_LEAST_FULL, 2 * shorter) and going_on >= _GOING_ON * len(full)
    return edge if is_edge else float("inf")


def _goes_on(last: _Printed, following: _Printed, edge: float) -> bool:
    size = max(last.height, 6.0)
    if last.right < edge - 2.2 * size:
        return False
    return not _opens(following.text)


def _opens(text: str) -> bool:
    same = plain(text)
    if _STARTS.match(text) or words.LABEL.match(same) or episode_of(same):
        return True
    found = heading(text)
    return found is not None and (found.strength >= Strength.CERTAIN or found.form is not Form.NONE)


def _joined(text: str, following: str) -> str:
    if text[-1:].isascii() and following[:1].isascii() and text[-1:] != "-":
        return f"{text} {following}"
    return text + following
