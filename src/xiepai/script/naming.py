"""Words for times, sides, marks, reasons and parts in both languages, and the order of scene keys."""

from __future__ import annotations

import re

from xiepai.script.scenes import Mark, Side, Time

WORDS: dict[str, tuple[str, str]] = {
    Time.DAY: ("日", "day"),
    Time.NIGHT: ("夜", "night"),
    Time.DAWN: ("晨", "dawn"),
    Time.DUSK: ("昏", "dusk"),
    Time.CHANGING: ("日夜变化", "changing"),
    Side.INSIDE: ("内", "inside"),
    Side.OUTSIDE: ("外", "outside"),
    Side.BOTH: ("内外", "both"),
    Mark.STUNT: ("特技", "stunt"),
    Mark.FIGHT: ("打戏", "fight"),
    Mark.WATER: ("水戏", "water"),
    Mark.FIRE: ("火戏", "fire"),
    Mark.FIREWORKS: ("烟花爆竹", "fireworks"),
    Mark.ANIMALS: ("动物", "animals"),
    Mark.MINORS: ("未成年人", "minors"),
    Mark.DRONE: ("航拍", "drone"),
    Mark.NIGHT_STREET: ("夜间街道", "street at night"),
    Mark.RAIN: ("雨", "rain"),
    Mark.SNOW: ("雪", "snow"),
    Mark.VEHICLES: ("车船", "vehicles"),
    Mark.WEAPONS: ("刀枪", "weapons"),
    Mark.HEIGHT: ("高处", "height"),
    Mark.CROWD: ("群演", "crowd"),
    Mark.EFFECTS: ("特效", "effects"),
    Mark.INJURY: ("伤妆血迹", "wounds, blood"),
    Mark.INTIMACY: ("亲密戏", "intimacy"),
    Mark.UNIFORM: ("制服", "uniforms"),
}


def word(name: str, language: str = "zh") -> str:
    """The word for a value of this core.

    >>> word(Mark.DRONE), word(Time.DUSK, "en")
    ('航拍', 'dusk')
    """
    return WORDS[name][language == "en"]


_MARKS = {words[0]: name for name, words in WORDS.items() if isinstance(name, Mark)}


def mark_of(text: str) -> Mark | None:
    """The mark a Chinese word of this house names.

    >>> mark_of("火戏"), mark_of("火锅")
    (<Mark.FIRE: 'fire'>, None)
    """
    return _MARKS.get(text)


def sort_key(key: str) -> tuple[tuple[int, str], ...]:
    """Sorts scene keys as people count: 1-2 before 1-10 before 1-10A.

    >>> sorted(("1-10A", "1-2", "1-10"), key=sort_key)
    ['1-2', '1-10', '1-10A']
    """
    return tuple((int(digits or 0), letters) for digits, letters in re.findall(r"(\d+)|(\D+)", key))
