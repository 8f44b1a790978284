"""Headings of scripts that write none by any rule: 渡船上。 · 老茶馆，中午。 · 在祠堂 · 苏家院子日.

Asked only when nothing else was found, so that a literary script comes to the review page with doubtful scenes in
place of a refusal. A line is taken if it is short, speaks for nobody, and is a place by its last word or says a light.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from xiepai.script import words
from xiepai.script.fields import Fields, fields_of
from xiepai.script.headings import Heading, Strength
from xiepai.script.openings import Opening
from xiepai.script.scene_numbers import Form, order
from xiepai.script.source import Kind, Line
from xiepai.script.text import plain, restored, simplified, unadorned

LONGEST = 18
FEWEST = 2
_ENDS = "。.… "
_NO_PLACE = re.compile(r"[:：!！?？“”\"、;；△▲]")
_DOES = re.compile("[在有了着过得把被朝]|^的|年.*月")
_LED = re.compile(r"^[※◎●○■□▶►☆★◆◇]\s*(?=\w)")
_ORNAMENT = re.compile(r"[^\w\s,，.。·…/()（）\[\]【】*#—-]")
_IN = re.compile(r"^在(?=.{2})|(?<=[,，\s])在(?=.{2})")
_LATER = re.compile(r"^(?:\d+|[一二三四五六七八九十百几数半]+)(?:年|天|日|个月|周|小时|分钟)[之以]?后(?=.{2})")
_SOMEWHERE = re.compile(
    r"(?:[里内外上旁园]|[楼桥树台山月]下|室|厅|房|屋|店|馆|院|楼|街|路|巷|村|镇|场|站|口|门前|门口|桥|边|车|家|殿|堂|府|宫|寺|庙|山|林|监狱|出口|走廊|教室|宿舍|学校|医院|公司|公园|码头|机场)$"
)


def loose(lines: Sequence[Line]) -> dict[int, Heading]:
    """Candidates by index of their line; none if they are too few to be a habit."""
    found: dict[int, Heading] = {}
    for at, line in enumerate(lines):
        if line.kind is Kind.PLAIN and (one := _loose(line.text.strip())):
            found[at] = one
    return found if len(found) >= FEWEST else {}


def counted(openings: Sequence[Opening]) -> list[Opening]:
    """Places behind the numbers of a list (01、校园 · 02、车站) where these count on: scenes without a light."""
    weak = [each for each in openings if each.heading.form is Form.WEAK and each.heading.place]
    numbers = [order(each.heading.number)[0] for each in weak]
    if len(weak) < FEWEST or any(after != before + 1 for before, after in pairwise(numbers)):
        return []
    return weak


def _loose(text: str) -> Heading | None:
    if led := _LED.match(text):
        text = text[led.end() :]
    written = plain(text)
    same = _IN.sub("", unadorned(simplified(written)).rstrip(_ENDS))
    if not 2 <= len(same) <= LONGEST or _NO_PLACE.search(same) or _ORNAMENT.search(text) or words.PRONOUN.search(same):
        return None
    later = _LATER.match(same)
    fields = fields_of(same[later.end() :] if later else same, has_number=True)
    fields.settings.extend([later.group()] if later else [])
    if (
        not fields.place
        or (led and not fields.time)
        or not (fields.time or all(_SOMEWHERE.search(each) for each in fields.place))
    ):
        return None
    if any(
        _DOES.search(each) or words.SENTENCE_END.search(each) or words.NO_NAME.search(each) for each in fields.place
    ):
        return None
    return _heading(fields, written)


def _heading(fields: Fields, written: str) -> Heading:
    place = tuple(restored(each, written) for each in fields.place)
    return Heading(
        Strength.BARE, Form.NONE, None, "", fields.time, fields.time_said, fields.side, place,
        tuple(fields.settings), reasons=tuple(dict.fromkeys(fields.reasons)),
    )  # fmt: skip
