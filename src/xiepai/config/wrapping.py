"""Lines of Chinese and figures for a terminal: broken where a reader would, never inside a price or a time.

Prose breaks at spaces and beside wide characters, yet closing punctuation may not begin a line, nor opening end
one, and a mark like 〔样例〕 stays whole. Figures (times, sums) break at spaces only. What is wider than its
column is broken one step finer. Widths count terminal cells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rich.cells import cell_len

_CLOSING = set("；，。、：！？”’）〕》】;,.:!?)–-%")
_OPENING = set("“‘（〔《【(¥–-")
_GLUE = "\u00a0"


def wrapped(text: str, width: int, *, is_figures: bool = False) -> str:
    """*text* with line ends so that no line is wider than *width* cells (at least 2); its own line ends stay."""
    steps = (_words, _runs, _signs) if is_figures else (_runs, _signs)
    if not is_figures:
        text = re.sub(r"(?<=\d) (?=[^\W\d_])", _GLUE, text)  # a figure keeps its unit: 35 人
    width = max(width, 2)
    return "\n".join(line for part in text.split("\n") for line in _lines(part, width, steps)).replace(_GLUE, " ")


def keep_terms(arithmetic: str) -> str:
    """A sum whose terms are not torn apart: wrapped as figures it breaks before ``+`` and ``=`` only."""
    text = re.sub(r"(?<=\d) (?=\w)| (?=×)|(?<=×) ", _GLUE, arithmetic)
    return re.sub(r"(?<= [+=]) ", _GLUE, text)


def _lines(text: str, width: int, steps: tuple[Callable[[str], Iterator[str]], ...]) -> Iterator[str]:
    line = ""
    for piece in _fitting(text, width, steps):
        if line and cell_len((line + piece).rstrip(" ")) > width:
            yield line.rstrip(" ")
            line = ""
        line += piece
    yield line.rstrip(" ")


def _fitting(text: str, width: int, steps: tuple[Callable[[str], Iterator[str]], ...]) -> Iterator[str]:
    """Pieces that fit: by the coarsest step, and by finer ones where a piece is too wide."""
    for piece in steps[0](text):
        if cell_len(piece.rstrip(" ")) > width and len(steps) > 1:
            yield from _fitting(piece, width, steps[1:])
        else:
            yield piece


def _words(text: str) -> Iterator[str]:
    yield from re.findall(r" *[^ ]+ *", text)


def _runs(text: str) -> Iterator[str]:
    piece, is_marked = "", False
    for at, sign in enumerate(text):
        piece += sign
        is_marked = sign == "〔" or (is_marked and sign != "〕")
        following = text[at + 1 : at + 2]
        if following and not is_marked and _may_break(sign, following):
            yield piece
            piece = ""
    if piece:
        yield piece


def _signs(text: str) -> Iterator[str]:
    yield from text


def _may_break(sign: str, following: str) -> bool:
    if _GLUE in (sign, following) or following == " " or following in _CLOSING or sign in _OPENING:
        return False
    return sign == " " or cell_len(sign) > 1 or cell_len(following) > 1
