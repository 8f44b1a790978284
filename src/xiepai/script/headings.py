"""One line: may it be a scene heading, and how strongly does it say so by itself?

Classes: ``CERTAIN`` (a scene's number with time or side, or time and side); ``LIKELY`` (a number of any list with
time or side; glued without number; a label 场景：); ``BARE`` (a scene's number and a place); ``ALONE`` (a scene's
number and nothing). The outline decides with the whole script in view. Spoken lines and sentences are refused here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import islice

from xiepai.script import limits, words
from xiepai.script.fields import Fields, fields_of
from xiepai.script.messages import Code
from xiepai.script.scene_numbers import Form
from xiepai.script.scenes import Side, Time
from xiepai.script.shapes import NO_HOUSE, House
from xiepai.script.text import plain, restored, simplified, unadorned

LONG_PLACE = 24
SPOKEN = re.compile(
    r"^[\u4e00-\u9fffA-Za-z0-9·]{1,12}(?:\s?(?:OS|VO|O\.S\.|V\.O\.))?\s*(?:\([^()]*\)|\[[^\[\]]*\])?\s*:"
)
_OPENS = re.compile(r"^\[?\(?(?:第|场|镜|#|\d|SCENE|SC|EP|E\d|S[:.#|-]?\d|INT|EXT|I/E|NO)", re.IGNORECASE)
_QUOTED = re.compile(r"\w.*[“\"](?:INT|EXT|[内外]景)")
"""A heading told of: 如“INT. 公寓 - 夜”."""
_LISTS = re.compile(
    r"^.{0,12}\d+场?\s*[~～至到]\s*第?\d+场?$|^\W*(?:主要|拍摄|本集)?(?:场景|场次)(?:列表|清单|一览|总表|表|统计)"
)
_ACTION = re.compile(r"^[△▲Δ∆▽▼]")
_SHORT_PIECE = 14
_SOMEWHERE = re.compile(
    r"^[^,:;!?“”\"]*[里内外上下中前后旁边口处间室厅房院楼路街道场店馆家园站岸港头山岭坡江河湖海岛村镇县城寨营部队殿宫府寺庙塔亭阁台坛库窖洞林棚所局哨]。?$"
)
"""A place and nothing else behind a list's number: 2、值班室里。"""
_SHORTEST_TOLD = 18
_TELLS = re.compile(r"[。：:](?=.{6})|(?<=\S)\s+(?=\S{4}.*[,，].*[。！？!?])")
"""Where a heading may end and what happens begin."""
_TELLS_WITHIN = 200
"""Looked for no further: the pattern looks ahead from every blank, which on a long line takes its length cubed."""


class Strength(IntEnum):
    """How strongly a line alone says that it is a heading."""

    ALONE = 1
    BARE = 2
    LIKELY = 3
    CERTAIN = 4
    GIVEN = 5


@dataclass(frozen=True, slots=True)
class Heading:
    """What one line says as a heading."""

    strength: Strength
    form: Form
    episode: int | None
    number: str
    time: Time | None
    time_said: str
    side: Side | None
    place: tuple[str, ...]
    settings: tuple[str, ...] = ()
    cast: str = ""
    labelled: tuple[tuple[str, str], ...] = ()
    reasons: tuple[Code, ...] = ()
    is_label: bool = False
    is_shown: bool = False
    """Whether a person showed how it is to be read."""
    tail: str = ""
    """What the line goes on to tell: 第1场 老街 夜。苏晚收起伞。"""

    @property
    def is_complete(self) -> bool:
        """Whether time, side and place are all there, the side said and not guessed."""
        said = self.side is not None and Code.SIDE_FROM_PLACE not in self.reasons
        return said and self.time is not None and bool(self.place)


def heading(line: str, label: str = "", *, is_given: bool = False, house: House = NO_HOUSE) -> Heading | None:
    """Read a line as a heading; None if nothing speaks for it. ``label`` is a number the format keeps apart.

    A line that begins like one and goes on to tell what happens is read up to there; the rest is its ``tail``.

    >>> h = heading("第三集第十二场　夜/外　武进老街·桥头")
    >>> h.strength.name, h.episode, h.number, h.time.value, h.side.value, h.place
    ('CERTAIN', 3, '12', 'night', 'out', ('武进老街', '桥头'))
    >>> [heading(each) for each in ("11-25日，晴", "小美：3-12 日 内 客厅", "夜，外面下着雨", "近日内瓦的会议")]
    [None, None, None, None]
    """
    found = _whole(line, label, is_given=is_given, house=house)
    cuts = [] if is_given or len(line) < _SHORTEST_TOLD else list(islice(_TELLS.finditer(line[:_TELLS_WITHIN]), 8))
    if not cuts:
        return found
    is_long = found is not None and len(found.place) > 2 and "。" in line[:-1]
    if found is not None and not is_long and not any(_is_told(each) for each in found.place):
        return found
    for cut in cuts:
        if not cut.group().strip() and len(line) < limits.HEADING_CHARACTERS // 2:
            continue
        if words.LABEL_END.search(line, 0, cut.start() + 1):
            continue
        head = _whole(line[: cut.start()], label, is_given=False, house=house)
        if not cut.group().strip() and head and not head.is_complete:
            continue
        if head and head.form.is_strong and head.strength is Strength.CERTAIN and head.place:
            is_head = not any(_is_told(each) for each in head.place)
            return replace(head, tail=line[cut.end() :].strip()) if is_head else found
    return found


def _is_told(place: str) -> bool:
    """Whether a piece of a place tells something."""
    return len(place) > _SHORTEST_TOLD // 2 or words.PRONOUN.search(place) is not None


def _whole(line: str, label: str, *, is_given: bool, house: House) -> Heading | None:
    """The whole line as a heading."""
    written = plain(line)
    text = words.labels_opened(simplified(written))
    if not text or len(text) > limits.HEADING_CHARACTERS:
        return None
    is_adorned, text = text != unadorned(text), unadorned(text)
    found = house.numbered(f"{label} {text}" if label and not text.startswith(label) else text)
    if not is_given and _refused(text, found is not None and found.form is Form.LEARNT):
        return None
    if label and found is None:
        found = house.numbered(f"场景{label} {text}")
    rest = found.rest if found else text
    if found and found.number and (end := re.search(rf"(?<![\w.:-]){found.number}[.)\]]*$", rest)):
        rest = rest[: end.start()]
    form = found.form if found else Form.NONE
    own_label = words.LABEL.match(text) is not None and found is None
    fields = fields_of(rest.strip("-:,、.· "), has_number=form.is_strong, glues=house.glues)
    result = _built(fields, found.episode if found else None, found.number if found else "", form, own_label)
    if written != simplified(written):
        result = _as_written(result, written)
    if is_given:
        return replace(result, strength=Strength.GIVEN)
    strength = _strength(result, rest)
    if found and found.is_tight and strength is Strength.CERTAIN and not result.is_complete:
        strength = Strength.LIKELY
    if strength is None or (is_adorned and strength < Strength.CERTAIN):
        return None
    return replace(result, strength=strength)


def _as_written(found: Heading, written: str) -> Heading:
    """Places and people in the signs of the script, though its words were read as simplified ones."""
    place = tuple(restored(each, written) for each in found.place)
    return replace(found, place=place, cast=restored(found.cast, written))


def _refused(text: str, is_learnt: bool) -> bool:
    """What is certainly something else: action, speech, and lines without one sign of a heading."""
    if _ACTION.match(text) or not words.LETTERS.search(text) or _QUOTED.search(text) or _LISTS.match(text):
        return True
    return not is_learnt and bool(SPOKEN.match(text)) and not _OPENS.match(text) and not words.LABEL.match(text)


def _built(fields: Fields, episode: int | None, number: str, form: Form, is_label: bool) -> Heading:
    reasons = [*dict.fromkeys(fields.reasons)]
    if form is Form.WEAK:
        reasons.append(Code.WEAK_NUMBER)
    if sum(map(len, fields.place)) > LONG_PLACE:
        reasons.append(Code.LONG_PLACE)
    return Heading(
        Strength.ALONE, form, episode, number, fields.time, fields.time_said, fields.side, tuple(fields.place),
        tuple(dict.fromkeys(fields.settings)), fields.cast, tuple(fields.labelled.items()), tuple(reasons), is_label,
    )  # fmt: skip


def _strength(found: Heading, rest: str) -> Strength | None:
    side = found.side if Code.SIDE_FROM_PLACE not in found.reasons else None
    if _is_sentence(found, rest, bool(found.time and side)):
        return None
    if found.is_label:
        return _label_strength(found, side)
    if found.form.is_strong:
        if found.time or side:
            return Strength.CERTAIN
        return Strength.BARE if found.place or found.settings else Strength.ALONE
    if not found.place and found.form is Form.NONE:
        return None
    if found.form is Form.NONE and Code.GLUED in found.reasons:
        return Strength.LIKELY if found.time and side else None
    if found.time and side:
        return Strength.CERTAIN
    if found.form is not Form.WEAK:
        return None
    if found.time or side:
        return Strength.LIKELY
    return Strength.BARE if _SOMEWHERE.search(rest) and len(rest) <= 2 * _SHORT_PIECE else None


def _label_strength(found: Heading, side: Side | None) -> Strength | None:
    """A line 场景：客厅 日 内 opens a scene of its own; 时间：夜 and 地点：客厅 do so as a block."""
    if found.place and found.time and found.cast:
        return Strength.CERTAIN
    if found.place and (found.time or side):
        return Strength.LIKELY
    return Strength.BARE if found.place or found.time or side else None


def _is_sentence(found: Heading, rest: str, is_full: bool) -> bool:
    """Whether the would-be place reads like a sentence."""
    place = "".join(found.place)
    if len(place) > 2 * LONG_PLACE or (words.SENTENCE_END.search(place) and not found.is_label):
        return True
    says = found.time or found.settings or all(_SOMEWHERE.search(each) for each in found.place)
    is_listed = found.form is not Form.NONE and bool(says) and _is_list(rest)
    if "。" in rest.rstrip("。") and not is_listed and not (is_full and (found.form.is_strong or _is_list(rest))):
        return True
    if len(place) > 5 and words.PRONOUN.search(place):
        return not (is_full and (len(place) <= 12 or found.form.is_strong))
    return found.form is Form.WEAK and len(place) > LONG_PLACE and not is_full


def _is_list(rest: str) -> bool:
    """Whether full stops only part the fields: 夜。长途客运站。内。"""
    pieces = [each.strip() for each in re.split("[。,]", rest) if each.strip()]
    fields = sum(
        _SOMEWHERE.search(each) is not None or each in words.TIMES or each in words.SIDES or len(each) <= 3
        for each in pieces
    )
    return fields > 0 and all(len(each) <= _SHORT_PIECE or "、" in each for each in pieces)
