"""Names of roles: cast lists taken apart, crowds kept from the cast, spoken names that are none refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from xiepai.script.words import CROWD_NAME, NO_NAME, NOBODY, SPANS, THING

_NOTE = re.compile(r"\s*[（(\[【][^（）()\[\]【】]*[）)\]】]")
_WRAPPED = re.compile(r"^\s*[（(\[【]([^（）()\[\]【】]+)[）)\]】]\s*$")
_AGE = re.compile(
    r"[（(]\s*((?:幼年|童年|少年|小时候|老年|中年|青年|婴儿)|(?:[1-9]|1[0-7]|[一二三四五六七八九]|十[一二三四五六七]?)岁)\s*[）)]"
)
LONGEST = 8
LONGEST_ENGLISH = 24
MOST = 40
"""What is longer in a list of names is no name."""


@dataclass(slots=True)
class Names:
    """Roles, small named roles and crowds of one scene, each in order and once."""

    cast: list[str] = field(default_factory=list)
    crowd: list[str] = field(default_factory=list)
    guests: list[str] = field(default_factory=list)

    def take(self, text: str) -> None:
        """Take a cast list in."""
        for name in names_of(text):
            wanted = self.crowd if CROWD_NAME.search(name) else self.cast
            if name not in wanted and name not in NOBODY:
                wanted.append(name)

    def speaker(self, name: str) -> None:
        """Take somebody who speaks."""
        is_aged = any(each.startswith(f"{name}（") for each in self.cast)
        if name and name not in NOBODY and name not in self.cast and name not in self.guests and not is_aged:
            if CROWD_NAME.search(name):
                self.crowd.extend([name] if name not in self.crowd else [])
            else:
                self.cast.append(name)

    def looks_like_one(self, who: str) -> bool:
        """Whether somebody of this name may speak here."""
        if (
            who in self.cast
            or who in self.guests
            or who in self.crowd
            or who in NOBODY - {"场景", "时间", "地点", "人物"}
        ):
            return True
        if THING.search(who) or SPANS.match(who):
            return False
        longest = LONGEST_ENGLISH if who.isascii() else LONGEST * (1 + len(re.findall("[、&]", who)))
        return len(who) <= longest and not NO_NAME.search(who) and who[0].isalpha() and bool(re.search(r"[^\W_]", who))


def names_of(text: str) -> list[str]:
    """The names of a list.

    >>> names_of("苏晚、陆沉（总裁），苏晚（8岁）；保镖若干 众宾客等")
    ['苏晚', '陆沉', '苏晚（8岁）', '保镖若干', '众宾客']
    """
    if whole := _WRAPPED.match(text):
        text = whole[1]
    pieces = (piece for each in _parts(text) for piece in _and(each))
    return [
        name
        for name in (role(each) for each in pieces)
        if name != "等" and len(name) <= MOST and any(sign.isalnum() for sign in name)
    ]


def _and(text: str) -> list[str]:
    """苏晚和陆沉 are two; 和尚 is one."""
    parts = re.split("[和与及]", text)
    return parts if len(parts) > 1 and all(len(each.strip()) > 1 for each in parts) else [text]


def _parts(text: str) -> Iterator[str]:
    """Pieces between separators, brackets kept whole."""
    depth, start = 0, 0
    for at, sign in enumerate(text):
        depth += (sign in "（([【") - (sign in "）)]】")
        if depth <= 0 and (sign in "、,，;；/|+＋\t\u3000" or (sign == " " and _divides(text, at))):
            yield text[start:at]
            start = at + 1
    yield text[start:]


def _divides(text: str, at: int) -> bool:
    """A blank divides Chinese names; inside an English one it does not."""
    before, after = text[:at].rstrip()[-1:], text[at:].lstrip()[:1]
    return not (before.isascii() and after.isascii() and before.isalnum() and after.isalpha())


def role(text: str) -> str:
    """A name without remarks; an age that asks for another actor stays.

    >>> [role(each) for each in ("陆沉（总裁，30岁）", "苏晚(幼年)", " 阿强等", "王姨。")]
    ['陆沉', '苏晚（幼年）', '阿强', '王姨']
    """
    age = _AGE.search(text)
    name = _NOTE.sub("", text).strip(" 　.。:：·-—*")
    name = re.sub(r"(?<=.{2})等$|^(?:和|及|与)(?=.{2})", "", name)
    return f"{name}（{age[1]}）" if age and name else name
