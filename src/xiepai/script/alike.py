"""Names and places that may be the same one written twice: suggestions with a reason and a confidence, never a deed.

Two names that stand in one cast list are two people. 小美 and 小美妈 are two people. 3号楼 and 5号楼 are two places.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import combinations

from pypinyin import lazy_pinyin

from xiepai.script.scenes import Breakdown
from xiepai.script.text import has_chinese, plain

MOST = 300
"""How many different names are compared with each other."""
_KIN = re.compile(
    r"(?:妈|爸|哥|弟|姐|妹|爷|奶|叔|婶|姨|舅|母|父|妻|夫|嫂|儿子|女儿|外婆|外公|奶奶|爷爷|妈妈|爸爸|母亲|父亲|师父|师傅|助理|秘书|保镖|司机|管家|医生|护士|替身)$"
)
_TITLE = re.compile(
    r"(?:总裁|总|经理|老师|医生|律师|警官|队长|队|董事长|董|教授|先生|小姐|太太|夫人|少爷|大人|将军|同学|师兄|师姐|哥|姐|叔|姨)$"
)
_NUMBERS = re.compile(r"\d+|[甲乙丙丁一二三四五六七八九十]")
_SIDES = re.compile(r"[东西南北左右前后上下内外男女大小老新ABCD]")
_SURNAMES = frozenset(
    [
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "夏侯",
        "令狐",
        "慕容",
        "皇甫",
        "尉迟",
        "公孙",
        "司徒",
        "独孤",
        "南宫",
        "东方",
        "西门",
    ]
)
_FILLING = re.compile(r"[\s\-·/、,，的]+|(?:里面|里|内|中)$")


class Why(StrEnum):
    """Why two may be one."""

    SPACING = "spacing"
    SOUND = "sound"
    SURNAME = "surname"
    TITLE = "title"
    LEVELS = "levels"
    PART = "part"
    LETTER = "letter"


WORDS: dict[Why, tuple[str, str]] = {
    Why.SPACING: ("只差空格、标点或写法", "they differ in spacing or punctuation only"),
    Why.SOUND: ("读音相同，字不同", "they sound the same"),
    Why.SURNAME: ("一个带姓，一个不带", "one has the surname, the other not"),
    Why.TITLE: ("一个带称呼，一个不带", "one has a title, the other not"),
    Why.LEVELS: ("同一地点，分级写法不同", "the same place, its levels written differently"),
    Why.PART: ("一个是另一个的简写", "one is short for the other"),
    Why.LETTER: ("只差一个字", "one character differs"),
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Put ``other`` under ``keep``? Confidence in percent, counts are scenes."""

    kind: str
    keep: str
    other: str
    confidence: int
    why: Why
    keep_count: int
    other_count: int

    def message(self, language: str = "zh") -> str:
        """The suggestion in words."""
        why = WORDS[self.why][language == "en"]
        if language == "en":
            return f"{self.other} ({self.other_count}) → {self.keep} ({self.keep_count})? {why}"
        return f"“{self.other}”（{self.other_count} 场）并入“{self.keep}”（{self.keep_count} 场）？{why}"


def suggestions(found: Breakdown) -> tuple[Suggestion, ...]:
    """Names first, then places, surest first."""
    return (*name_suggestions(found), *place_suggestions(found))


def name_suggestions(found: Breakdown) -> tuple[Suggestion, ...]:
    """Roles that may be one; never two that are in a scene together."""
    counts = found.cast_counts()
    together = {frozenset(pair) for scene in found.scenes for pair in combinations(scene.cast, 2)}
    pairs = (pair for pair in _pairs(counts) if frozenset(pair) not in together)
    return _sorted("name", counts, ((one, other, _name_reason(one, other)) for one, other in pairs))


def place_suggestions(found: Breakdown) -> tuple[Suggestion, ...]:
    """Places that may be one; a place is its levels joined by hyphens."""
    counts = Counter(scene.place_name for scene in found.scenes if scene.place)
    return _sorted("place", counts, ((one, other, _place_reason(one, other)) for one, other in _pairs(counts)))


def _pairs(counts: Counter[str]) -> Iterable[tuple[str, str]]:
    """Every two, the more frequent one first."""
    return combinations([name for name, _count in counts.most_common(MOST)], 2)


def _sorted(
    kind: str, counts: Counter[str], reasons: Iterable[tuple[str, str, tuple[Why, int] | None]]
) -> tuple[Suggestion, ...]:
    found = [
        Suggestion(kind, one, other, reason[1], reason[0], counts[one], counts[other])
        for one, other, reason in reasons
        if reason
    ]
    return tuple(sorted(found, key=lambda each: (-each.confidence, each.keep, each.other)))


def _name_reason(one: str, other: str) -> tuple[Why, int] | None:
    """
    >>> [(r[0].value, r[1]) if (r := _name_reason(*each)) else None for each in (("苏晚", "苏婉"), ("林小满", "小满"))]
    [('sound', 90), ('surname', 85)]
    >>> [
    ...     _name_reason(*each)
    ...     for each in (("小美", "小美妈"), ("黑衣人甲", "黑衣人乙"), ("苏晚", "陆沉"), ("小美", "小芳"))
    ... ]
    [None, None, None, None]
    """
    a, b = plain(one).upper(), plain(other).upper()
    if re.sub(r"[\s·.\-]", "", a) == re.sub(r"[\s·.\-]", "", b):
        return Why.SPACING, 98
    if _NUMBERS.sub("#", a) == _NUMBERS.sub("#", b) or "(" in a + b:
        return None
    short, long = sorted((a, b), key=len)
    if _KIN.search(long) and not _KIN.search(short) and long.startswith(short):
        return None
    if len(a) == len(b) and len(a) > 1 and has_chinese(a) and _sound(a) == _sound(b):
        return Why.SOUND, 90
    if len(short) >= 2 and long.endswith(short) and (len(long) - len(short) == 1 or long[:2] in _SURNAMES):
        return Why.SURNAME, 85
    if (
        long.startswith(short[:1])
        and _TITLE.sub("", long) in (short, short[:1])
        and long != short
        and _TITLE.search(long)
    ):
        return Why.TITLE, 60 if len(_TITLE.sub("", long)) > 1 else 45
    if len(a) == len(b) >= 3 and _differing(a, b) == 1 and not _apart(a, b):
        return Why.LETTER, 55
    return None


def _place_reason(one: str, other: str) -> tuple[Why, int] | None:
    """
    >>> tries = (
    ...     ("苏家-客厅", "苏家客厅"),
    ...     ("苏家别墅-客厅", "苏家-客厅"),
    ...     ("陆家老宅", "陆家老宅内"),
    ...     ("孟河老街", "梦河老街"),
    ... )
    >>> [(r[0].value, r[1]) if (r := _place_reason(*each)) else None for each in tries]
    [('levels', 95), ('part', 60), ('spacing', 92), ('sound', 85)]
    >>> [
    ...     _place_reason(*each)
    ...     for each in (("3号楼", "5号楼"), ("东厢房", "西厢房"), ("客厅", "餐厅"), ("医院-病房", "医院-走廊"))
    ... ]
    [None, None, None, None]
    """
    a, b = plain(one).upper(), plain(other).upper()
    bare_a, bare_b = _FILLING.sub("", a), _FILLING.sub("", b)
    if bare_a == bare_b:
        return (Why.LEVELS, 95) if ("-" in a) != ("-" in b) or a.count("-") != b.count("-") else (Why.SPACING, 92)
    if _apart(bare_a, bare_b):
        return None
    if len(bare_a) == len(bare_b) and len(bare_a) > 1 and has_chinese(bare_a) and _sound(bare_a) == _sound(bare_b):
        return Why.SOUND, 85
    if sorted(re.split("-", a)) == sorted(re.split("-", b)):
        return Why.LEVELS, 80
    short, long = sorted((bare_a, bare_b), key=len)
    is_short = len(short) >= 4 and len(long) - len(short) <= 3 and _is_within(short, long) and short[-2:] == long[-2:]
    if is_short and short[:1] == long[:1]:
        return Why.PART, 60
    return (Why.LETTER, 50) if len(bare_a) == len(bare_b) >= 5 and _differing(bare_a, bare_b) == 1 else None


@lru_cache(maxsize=4 * MOST)
def _sound(text: str) -> tuple[str, ...]:
    return tuple(lazy_pinyin(text))


def _differing(a: str, b: str) -> int:
    return sum(one != other for one, other in zip(a, b, strict=True))


def _apart(a: str, b: str) -> bool:
    """Whether numbers or opposite words keep two apart."""
    return _NUMBERS.findall(a) != _NUMBERS.findall(b) or _SIDES.findall(a) != _SIDES.findall(b)


def _is_within(short: str, long: str) -> bool:
    """Whether the characters of one stand in the other, in order."""
    rest = iter(long)
    return all(sign in rest for sign in short)
