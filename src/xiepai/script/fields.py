"""The fields of a heading after its number: time, side, place in levels, cast, what kind of scene; in any order.

The rest of the line is cut at separators; each piece is asked what it is: a time, a side, both glued, glued to a
place, a setting (闪回), weather; what answers to nothing is place. Stop words keep 外婆 from being outside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from xiepai.script import words
from xiepai.script.messages import Code
from xiepai.script.scenes import Side, Time
from xiepai.script.text import has_chinese

_TIME = "|".join(sorted((re.escape(each) for each in words.TIMES), key=len, reverse=True))
_SIDE = "室内外|屋内外|内外景|内转外|外转内|内/外|外/内|内外|外内|内景|外景|室内|室外|屋内|屋外|内|外"
_LONG_SIDE = "内外景|内景|外景|室内|室外"
_LONG_TIME = "|".join(
    each for each in sorted(words.TIMES, key=len, reverse=True) if len(each) > 1 and has_chinese(each)
)
_CUT = re.compile(
    r"[\s,;、|/·:\-()\[\]<>。+#_~=\\^$\"“”]+|\*+(?!\d)|\.(?=\s|$|[^\w])|(?<=[A-Za-z\u4e00-\u9fff])\.(?=[\u4e00-\u9fff])|→"
)
_BOTH = re.compile(rf"^(?:({_TIME})({_SIDE}|INT/EXT|INT|EXT)戏?|({_SIDE})({_TIME})戏?)$", re.IGNORECASE)
_FRONT = re.compile(rf"^(?:({_TIME})({_SIDE})|({_SIDE})({_TIME})(?=\S{{2}}))(.+)$")
_FRONT_SIDE = re.compile(rf"^({_LONG_SIDE})(.+)$")
_BACK = re.compile(rf"^(.+?)(?:({_TIME})({_SIDE})|({_LONG_SIDE})|({_LONG_TIME})|(内外|外内|内景|外景|内|外)({_TIME}))$")
_FRONT_TIME = re.compile(rf"^({_LONG_TIME}|[日夜晨昏晚暮])(.{{2,}})$")
_BACK_TIME = re.compile(r"^(.{2,}?)([日夜晨昏晚])$")
_ENGLISH_SIDES = re.compile(r"^(?:INT\.?\s*/\s*EXT|EXT\.?\s*/\s*INT|I/E|INT|EXT)\b\.?", re.IGNORECASE)
_ENGLISH_TIMES = re.compile(r"\b(LATE NIGHT|EARLY MORNING|MAGIC HOUR)\b", re.IGNORECASE)
_CLOCK = re.compile(r"(?<![\d.:])[0-2]?\d:[0-5]\d(?![\d:])|(?<!\d)[0-2]?\d[点时][0-5]\d分?")
_DATE = re.compile(
    r"(?<!\d)(?:19|20)\d{2}(?:([.\-/])\d{1,2}(?:\1\d{1,2})?(?!\d)|年(?:\d{1,2}月(?:\d{1,2}[日号])?)?)|(?<!\d)\d{1,2}月\d{1,2}[日号]"
)
_ENGLISH_BOTH = re.compile(r"\bINT\.?\s*/\s*EXT\b\.?|\bEXT\.?\s*/\s*INT\b\.?", re.IGNORECASE)
_LETTERS = re.compile(r"(?<![A-Za-z])([DN])\s*[/-]\s*(?=(?:INT|EXT|内|外)(?![A-Za-z]))")
_MANY = re.compile(r"\(([^()]*[、][^()]*)\)\s*$")
_BOTH_SIDES = re.compile(r"(?<![\u4e00-\u9fff])室?(?:内\s*[/、]\s*室?外|外\s*[/、]\s*室?内)(?![\u4e00-\u9fff])")
_TITLE = re.compile(r"[\[(](?:字幕|旁白|画外音)\s*:?\s*([^\[\]()]*)[\])]")
_SHOT = re.compile(r"^(.{2,}?)(大?远景|中?近景|中景|大?全景|特写)$")
_ROOM = re.compile(r"^(.+室)内$")
"""驾驶室内 is inside the 驾驶室."""
_SIDE_BEHIND = re.compile(r"\s(?=(?:内外?景|外景|INT|EXT)\s*:)")
_QUOTED = re.compile(r"(?<=[\u4e00-\u9fff])“([^“”\s]{1,8})”")
_QUOTES = {0xE000: "「", 0xE001: "」"}
_LONG_LABEL = 16
_TOLD = re.compile(r"^(?:这里|此处|注意|本场|这场|男主|女主|需要|请|备注)|换装$|[拍改删]$")
"""A remark behind a heading that is whole."""
_LABEL_WORDS = frozenset(("地点", "场景", "时间", "内外"))
_REMARK = re.compile(
    r"\(([^()]*(?:[已未待补重]拍|扉页|[A-D]\s?组|(?:约|≈|~|^)\d+(?:秒|s|分钟)|\d\s?镜)[^()]*"
    r"|[^()、]{1,6}(?:段|线|版|部分))\)"
)
"""Brackets in which a crew notes what is shot already, or how long it takes."""
_ON_THE_DAY = re.compile(r"^(\S{2,8})(当[晚夜天日])$")
_INSIDE_TIME = re.compile(rf"({_LONG_TIME})|(?:^|(?<=[春夏秋冬季年天月号日]))([日夜晨昏晚])(?![期子常元报用记前后])")
_ALONE_BOTH = re.compile(
    rf"^(?:({'|'.join(words.ALONE_TIMES)})({_SIDE})戏?|({_SIDE})({'|'.join(words.ALONE_TIMES)}))戏?$"
)


@dataclass(slots=True)
class Fields:
    """What a heading says."""

    time: Time | None = None
    time_said: str = ""
    side: Side | None = None
    place: list[str] = field(default_factory=list)
    settings: list[str] = field(default_factory=list)
    cast: str = ""
    labelled: dict[str, str] = field(default_factory=dict)
    reasons: list[Code] = field(default_factory=list)
    glues: bool = False
    """Whether this script glues light, side and place: then no stop word keeps them together."""

    def set_time(self, word: str) -> None:
        """A second, different light makes the scene a changing one."""
        found = words.TIMES.get(word.upper()) or words.ALONE_TIMES[word]
        if word in words.SAID_WITH_LIGHT:
            self.settings.append(words.SAID_WITH_LIGHT[word])
        if self.time not in (None, found):
            self.time, self.time_said = Time.CHANGING, f"{self.time_said}/{word}"
        elif self.time is None:
            self.time, self.time_said = found, word

    def set_side(self, word: str) -> None:
        """A second, different side makes it both."""
        found = words.SIDES[word.upper().replace("/", "").replace(".", "") if word[:1] in "内外" else word.upper()]
        self.side = found if self.side in (None, found) else Side.BOTH


def fields_of(text: str, *, has_number: bool, glues: bool = False) -> Fields:
    """Read the plain rest of a heading.

    >>> f = fields_of("日内苏家老宅-客厅 (闪回) 人物:苏晚、陆沉", has_number=True)
    >>> f.time_said, f.side.value, f.place, f.settings, f.cast
    ('日', 'in', ['苏家老宅', '客厅'], ['闪回'], '苏晚、陆沉')
    >>> [fields_of(each, has_number=True).side for each in ("日 外婆家", "日 外滩")]
    [None, None]
    """
    found = Fields(glues=glues)
    if title := _TITLE.search(text):
        found.settings.append(title[1].strip())
        text = f"{text[: title.start()]} {text[title.end() :]}"
    parts = words.INNER_LABEL.split(text)
    _read(parts[0], "", found)
    for label, value in zip(parts[1::2], parts[2::2], strict=True):
        _labelled(words.field_of(label), value.strip(), found)
    if has_number:
        _deferred(found)
    _from_place(found)
    return found


def _labelled(name: str, value: str, found: Fields) -> None:
    if name == "cast":
        found.cast = value
    elif name == "place":
        _read(_first_sentence(value), name, found)
    elif name == "time" and "|" in value:
        light, _, rest = value.partition("|")
        _read(light, name, found)
        _read(rest, "", found)
    elif name == "time" and (match := _SIDE_BEHIND.search(value)):
        _read(value[: match.start()], name, found)
        _read(value[match.start() :], "", found)
    elif name in ("time", "side", "weather"):
        _read(value, name, found)
    else:
        found.labelled[name] = value


def _first_sentence(value: str) -> str:
    """地点:码头。江风很大,没有人。: only what stands before the full stop is where, unless fields follow it.

    Of a long description parted by commas (书房,窗帘拉着,…) the first is where.
    """
    first, *rest = value.split("。")
    pieces = first.split(",")
    if len(first) > _LONG_LABEL and len(pieces) > 1:
        at = next((at for at, each in enumerate(pieces) if not says_light_or_side(each)), 0)
        first, rest = ",".join(pieces[: at + 1]), [*pieces[at + 1 :], *rest]
    return " ".join([first, *(each for each in rest if says_light_or_side(each))])


def says_light_or_side(text: str) -> bool:
    """Whether a text is a light or a side and nothing else."""
    return text.strip() in words.TIMES or text.strip() in words.SIDES


def _read(text: str, label: str, found: Fields) -> None:
    for remark in [each.group() for each in _REMARK.finditer(text)]:
        found.settings.extend(each.strip() for each in remark.strip("()").split(",") if each.strip())
        text = text.replace(remark, " ", 1)
    if match := _MANY.search(text):
        found.cast, text = match[1], text[: match.start()]
    for pattern in (_CLOCK, _DATE):
        for said in [each.group() for each in pattern.finditer(text)]:
            found.settings.append(said)
            text = text.replace(said, " ", 1)
    text = _QUOTED.sub("\ue000\\1\ue001", text)
    text = _LETTERS.sub(lambda match: "日 " if match[1] == "D" else "夜 ", text)
    text = _ENGLISH_BOTH.sub(" 内外 ", _BOTH_SIDES.sub(" 内外 ", text.strip()))
    if match := _ENGLISH_SIDES.match(text):
        found.set_side(re.sub(r"[\s.]", "", match.group()).upper())
        text = text[match.end() :]
    if match := _ENGLISH_TIMES.search(text):
        found.set_time(match[1].upper())
        text = f"{text[: match.start()]} - {text[match.end() :]}"
    at, before, is_place = 0, "", False
    for cut in [*_CUT.finditer(text), None]:
        piece = text[at : cut.start() if cut else len(text)].strip(". ")
        if piece and not _is_known(piece, label, found):
            _place(piece, before if is_place else ";", label, found)
            is_place = True
        elif piece:
            is_place = False
        if cut:
            before = cut.group() if piece or not before.strip() else before + cut.group()
            at = cut.end()


def is_setting(piece: str) -> bool:
    """Whether a word says what kind of scene it is (闪回, 三年后, 大雨) and not where."""
    is_weather = piece in words.WEATHER or bool(words.SEASON.match(piece) or words.STORM.search(piece))
    return is_weather or piece.upper() in words.SETTINGS or words.SPANS.match(piece) is not None


def _is_known(piece: str, label: str, found: Fields) -> bool:
    upper = piece.upper()
    if upper in words.TIMES or piece in words.ALONE_TIMES:
        found.set_time(upper if piece.isascii() else piece)
    elif upper in words.SIDES and (has_chinese(piece) or piece.isupper()):
        found.set_side(upper)
    elif is_setting(piece):
        found.settings.append(piece)
    elif piece == "场":
        found.settings.append("加场")
    elif piece in _LABEL_WORDS:
        return True
    elif match := words.LATER_DAY.match(piece):
        found.settings.append(match[1])
        found.set_time(match[2])
    elif match := _ON_THE_DAY.match(piece):
        found.settings.append(piece)
        found.set_time({"当天": "日", "当日": "日"}.get(match[2], match[2]))
    elif match := _BOTH.match(piece) or _ALONE_BOTH.match(piece):
        found.set_time(match[1] or match[4])
        found.set_side(match[2] or match[3])
        found.reasons.append(Code.GLUED)
    elif label == "weather":
        found.settings.append(piece)
    elif label == "time":
        return False
    else:
        return _is_glued(piece, found)
    return True


def _is_glued(piece: str, found: Fields) -> bool:
    """日内X, 内景X, X日外, X外景, X黄昏; never where the cut would go through a word."""
    if (match := _FRONT.match(piece)) and (cut := _side_and_place(match[2] or match[3], match[5], found.glues)):
        _glued(found, match[1] or match[4], *cut)
    elif (match := _FRONT_SIDE.match(piece)) and not words.GLUE_STOP.match(match[2]):
        found.set_side(match[1])
        found.reasons.append(Code.GLUED)
        if not _is_glued(match[2], found):
            _lit_place(match[2], found)
    elif match := _SHOT.match(piece):
        found.settings.append(match[2])
        if not _is_known(match[1], "", found):
            _place(match[1], " ", "", found)
    elif match := _ROOM.match(piece):
        _glued(found, None, "内", match[1])
    elif (match := _BACK.match(piece)) and not _ends_in_word(match[1], match[2] or match[6] or ""):
        if (match[2] or match[6]) and len(match[1]) == 1:
            return False
        if match[5] and found.place and len(match[1]) < 3 and not _is_somewhere(match[1]):
            found.set_time(match[5])
            found.settings.append(piece)
            return True
        _glued(found, match[2] or match[5] or match[7], match[3] or match[4] or match[6], match[1])
    else:
        return False
    return True


def _lit_place(piece: str, found: Fields) -> None:
    """内景祠堂夜: behind a side that is glued to the place, one sign at its end is the light."""
    match = _BACK_TIME.match(piece)
    if match and found.time is None and not words.BACK_STOP.search(piece):
        found.set_time(match[2])
        piece = match[1]
    _place(piece, " ", "", found)


def _ends_in_word(before: str, glued: str) -> bool:
    """Whether a light of one sign is the end of a longer word: 生日, 昨夜."""
    return len(glued) < 2 and words.BACK_STOP.search(before + glued) is not None


def _is_somewhere(word: str) -> bool:
    return bool(words.IN_WORDS.search(word) or words.OUT_WORDS.search(word))


def _side_and_place(side: str, place: str, glues: bool) -> tuple[str, str] | None:
    """日内外婆家 is inside at 外婆家: where the place would begin inside a word, the side gives a character back."""
    if not words.GLUE_STOP.match(place):
        return side, place
    if side in ("内外", "外内"):
        return side[0], side[1] + place
    return (side, place) if glues else None


def _glued(found: Fields, time: str | None, side: str | None, place: str) -> None:
    if time:
        found.set_time(time)
    if side:
        found.set_side(side)
    found.reasons.append(Code.GLUED)
    if place in words.TIMES:
        found.set_time(place)
    else:
        _place(place, " ", "", found)


def _place(piece: str, before: str, label: str, found: Fields) -> None:
    """A piece of the place: a level of its own, or the rest of a name that only a blank or 、 divides."""
    piece = piece.translate(_QUOTES)
    if label == "time":
        found.settings.append(piece)
        if found.time is None and (match := _INSIDE_TIME.search(piece)):
            found.set_time(match[1] or match[2])
        return
    cut = before.strip()
    if found.place and label != "place" and (found.time or found.side) and _TOLD.search(piece):
        found.settings.append(piece)
        return
    if (
        found.place
        and cut in ("、", "", "&", "+")
        and (cut or not has_chinese(found.place[-1] + piece) or _is_tail(found.place[-1], piece))
    ):
        found.place[-1] = f"{found.place[-1]}{cut or ' '}{piece}"
    else:
        found.place.append(piece)


def _is_tail(last: str, piece: str) -> bool:
    """Whether a blank inside a name of mixed writing divides nothing: ``Lucy 的家``, ``KTV 包厢`` stay one."""
    return last.isascii() or piece.isascii()


def _deferred(found: Fields) -> None:
    """A single time word glued to a place (夜客厅, 苏家客厅夜) counts only after a number and if nothing else did."""
    if found.time is not None:
        return
    for index, piece in enumerate(found.place):
        if (match := _FRONT_TIME.match(piece)) and not words.FRONT_STOP.match(piece):
            word, rest = match[1], match[2]
        elif (match := _BACK_TIME.match(piece)) and not words.BACK_STOP.search(piece):
            word, rest = match[2], match[1]
        else:
            continue
        found.set_time(word)
        found.reasons.append(Code.GLUED)
        found.place[index] = rest
        return


def _from_place(found: Fields) -> None:
    """客厅内 is the 客厅, inside; 门外 and 街道 are outside by themselves."""
    if not found.place:
        return
    last = found.place[-1]
    if match := words.INSIDE_ENDING.match(last):
        found.place[-1] = match[1]
        side: Side | None = Side.INSIDE
    elif words.IN_WORDS.search(last) or last.endswith("内"):
        side = Side.INSIDE
    else:
        side = Side.OUTSIDE if words.OUT_WORDS.search(last) else None
    if found.side is None and side is not None:
        found.side = side
        found.reasons.append(Code.SIDE_FROM_PLACE)
