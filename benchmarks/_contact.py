"""Scripts for first contact: a drama with its truth, written in one of the styles of ``_contact_styles``."""

from __future__ import annotations

import random

from _contact_later import STYLES
from _contact_random import mixed_style
from _contact_styles import Heading, Style
from _contact_words import FIFTH, FIRST, FOURTH, MARKS, SECOND, SHORT_TIMES, THIRD, TIMES, Lot
from _scripts import Script, Truth
from xiepai.script.numerals import chinese

LOTS = (FIRST, SECOND, THIRD, FOURTH, FIFTH)
HINTS = ("笑", "冷冷地", "哽咽", "压低声音", "看向窗外", "对电话")


def style_of(name: str) -> Style:
    """The style of this name: one of the written ones, or one put together at random."""
    return STYLES.get(name) or mixed_style(name)


def contact_script(name: str, seed: int, episodes: int = 5, scenes: int = 6) -> Script:
    """A script; the same seed gives the same. The truth stands at every heading's first line."""
    style, rng = style_of(name), random.Random(f"{name} {seed}")
    lot = LOTS[style.lot]
    made = Script([f"《样例{rng.choice('甲乙丙丁')}剧》", "编剧：样例", ""])
    if style.preface:
        made.lines += [*lot.preface, ""]
    running = 0
    for episode in range(1, episodes + 1):
        if style.episodes:
            made.lines += [style.episodes.format(n=episode, z=chinese(episode)), ""]
        for number in range(1, rng.randint(2, scenes) + 1):
            running += 1
            place_in = running if style.running else number
            letter = rng.choice("AB") if style.letters and rng.random() < 0.08 else ""
            write = style.drift if style.drift and episode > episodes // 2 else style.write
            heading = _heading(style, lot, episode, f"{place_in}{letter}", rng)
            _scene(made, style, lot, write(heading), heading)
        made.lines += [rng.choice(("", "【本集完】", "（本集完）")), ""]
    return made


def _heading(style: Style, lot: Lot, episode: int, number: str, rng: random.Random) -> Heading:
    time = rng.choices(list(TIMES), (6, 5, 0, 0) if style.only_day_and_night else (6, 5, 1, 1))[0]
    side = rng.choices(("in", "out", "both"), (7, 5, 0.5))[0]
    place = (rng.choice(lot.owners), rng.choice(lot.rooms)) if rng.random() < 0.65 else (rng.choice(lot.places),)
    cast = rng.sample(lot.people, rng.randint(1, 4))
    if rng.random() < 0.25:
        cast.append(rng.choice(lot.extras))
    mark = rng.choice(MARKS) if rng.random() < 0.1 else ""
    return Heading(
        episode, number, time, rng.choice(TIMES[time]), SHORT_TIMES[time], side, place, tuple(cast), mark, rng
    )


def _scene(made: Script, style: Style, lot: Lot, lines: list[str], heading: Heading) -> None:
    at, written = len(made.lines), " ".join(lines)
    made.lines += lines
    if heading.rng.random() < 0.5:
        made.lines.append("")
    spoke: set[str] = set()
    for _ in range(heading.rng.randint(2, 9)):
        made.lines += _body(style.body, lot, heading, spoke)
    made.lines.append("")
    listed = all(each in written for each in heading.cast)
    made.truth[at] = Truth(
        heading.episode if style.episodes else None,
        heading.number if style.numbered else "",
        heading.time if style.timed else None,
        heading.side if style.sided else None,
        _place(heading, style, written),
        tuple(each for each in heading.cast if each in lot.people and (listed or each in spoke)),
    )


def _place(heading: Heading, style: Style, written: str) -> tuple[str, ...]:
    """The place as it is written: levels that nothing parts are one, and a detail belongs to it."""
    if heading.at("") not in written:
        return heading.place
    detail = next((each for each in ("门外的走廊上", "靠窗的位置") if heading.at("") + each in written), "")
    return (heading.at("") + detail,)


def _body(kind: str, lot: Lot, heading: Heading, spoke: set[str]) -> list[str]:
    rng = heading.rng
    chance = rng.random()
    if chance < 0.1:
        return [rng.choice(lot.traps)]
    if chance < 0.45:
        mark = {"triangle": "△", "markdown": "", "boxed": rng.choice("△▲"), "plain": "", "above": ""}[kind]
        done = rng.choice(lot.done)
        return [f"{mark}{done}", ""] if kind in ("markdown", "above") else [f"{mark}{done}"]
    name, said = rng.choice(heading.cast), rng.choice(lot.said)
    spoke.add(name)
    hint = rng.choice(("", "", "", "（OS）", f"（{rng.choice(HINTS)}）"))
    if kind == "above":
        return [f"{name}{hint}", said, ""]
    if kind == "boxed":
        return [f"【{name}】{hint}：{said}"]
    return [f"**{name}**{hint}：{said}", ""] if kind == "markdown" else [f"{name}{hint}：{said}"]
