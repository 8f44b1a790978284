"""Special marks of a scene: the words of heading and body that mean a stunt, water, fire, animals, a child, a drone …

A mark always carries the word and the line that gave it: it is a question to the 统筹, not a finding. Words that only
look alike (马上, 火锅, 水杯) are kept out by what may not follow or precede.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from xiepai.script.mark_words import ENGLISH, WORDS
from xiepai.script.scenes import Found, Mark, Paragraph, Part, Side, Time
from xiepai.script.words import STREET

_FINDERS = tuple((mark, re.compile(pattern, re.IGNORECASE)) for mark, pattern in WORDS.items())
_ANY = re.compile("|".join(f"(?:{pattern})" for pattern in WORDS.values()), re.IGNORECASE)
_ENGLISH_FINDERS = tuple((mark, re.compile(pattern, re.IGNORECASE)) for mark, pattern in ENGLISH.items())


def marks_of(
    head: Iterable[str], place: tuple[str, ...], time: Time | None, side: Side | None, body: Iterable[Paragraph],
    crowd: tuple[str, ...], cast: tuple[str, ...], line: int,
) -> tuple[Found, ...]:  # fmt: skip
    """Every mark once, with the first word that gave it."""
    found: dict[Mark, Found] = {}
    for each in _all(head, place, time, side, body, crowd, cast, line):
        found.setdefault(each.mark, each)
    return tuple(sorted(found.values(), key=lambda each: list(Mark).index(each.mark)))


def _all(
    head: Iterable[str], place: tuple[str, ...], time: Time | None, side: Side | None, body: Iterable[Paragraph],
    crowd: tuple[str, ...], cast: tuple[str, ...], line: int,
) -> Iterator[Found]:  # fmt: skip
    for text in (*head, *place, *cast, *crowd):
        yield from in_text(text, line)
    if crowd:
        yield Found(Mark.CROWD, crowd[0], line)
    if time is Time.NIGHT and side in (Side.OUTSIDE, Side.BOTH) and (match := STREET.search("-".join(place))):
        yield Found(Mark.NIGHT_STREET, match.group(), line)
    for paragraph in body:
        if paragraph.part in (Part.ACTION, Part.NOTE, Part.CAST):
            yield from in_text(paragraph.text, paragraph.line)


def in_text(text: str, line: int) -> Iterator[Found]:
    """Marks of one text.

    >>> [each.mark.value for each in in_text("她跌入湖里，马上爬起来，身后的火锅翻了", 1)]
    ['water']
    """
    if _ANY.search(text):
        for mark, finder in _FINDERS:
            if match := finder.search(text):
                yield Found(mark, match.group(), line)
    if text.isascii():
        for mark, finder in _ENGLISH_FINDERS:
            if match := finder.search(text):
                yield Found(mark, match.group(), line)
