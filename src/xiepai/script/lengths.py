"""How long a scene is: printed lines, from which pages and eighths follow, and estimated seconds on the screen.

Lines are counted from the words, not from the file's layout, so that Word, PDF and plain text of one script agree.
Fifty lines are a page (the field's habit). The width of a line and the pace are assumptions, and parameters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xiepai.script.scenes import Paragraph, Part
from xiepai.script.text import columns


@dataclass(frozen=True, slots=True)
class Pace:
    """Assumed: Chinese characters a printed line holds, characters spoken a minute, seconds an action line takes."""

    characters_a_line: int = 36
    spoken_a_minute: int = 260
    seconds_an_action_line: float = 4.0


USUAL = Pace()


def printed_lines(body: Iterable[Paragraph], pace: Pace = USUAL) -> int:
    """Lines of a scene with its heading; blank lines do not count.

    >>> printed_lines([Paragraph(Part.SPEECH, "好" * 40, who="苏晚"), Paragraph(Part.ACTION, "走。")])
    4
    """
    return 1 + sum(_lines(each, pace) for each in body)


def _lines(each: Paragraph, pace: Pace) -> int:
    said = f"{each.who}{each.voice}{each.manner}：" if each.part is Part.SPEECH else ""
    return max(1, -(-columns(said + each.text) // (2 * pace.characters_a_line)))


def seconds(body: Iterable[Paragraph], pace: Pace = USUAL) -> int:
    """Estimated seconds on the screen.

    >>> seconds([Paragraph(Part.SPEECH, "好" * 130, who="苏晚"), Paragraph(Part.ACTION, "走。")])
    34
    """
    total = 0.0
    for each in body:
        if each.part is Part.SPEECH:
            total += columns(each.text) / 2 * 60 / pace.spoken_a_minute
        elif each.part in (Part.ACTION, Part.TITLE):
            total += _lines(each, pace) * pace.seconds_an_action_line
    return round(total)
