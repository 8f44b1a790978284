"""Ways of writing a heading, in sets that were all written before any of them was tried.

``DEV`` is for learning, ``HELD`` and ``SEALED`` for measuring before and after; more stand in ``_contact_later``,
written when the reader had learnt from these (``docs/script.md`` has the figures). All follow forms that writing
guides and format checkers for short dramas, television and film describe; none copies a script.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from xiepai.script.numerals import chinese

SIDE_WORDS = {"in": "内", "out": "外", "both": "内外"}
ENGLISH_SIDES = {"in": "INT", "out": "EXT", "both": "INT/EXT"}
ENGLISH_TIMES = {"day": "DAY", "night": "NIGHT", "dawn": "DAWN", "dusk": "DUSK"}
FULL = str.maketrans("0123456789", "０１２３４５６７８９")


@dataclass(frozen=True)
class Heading:
    """What one heading is to say."""

    episode: int
    number: str
    time: str
    said_time: str
    short_time: str
    side: str
    place: tuple[str, ...]
    cast: tuple[str, ...]
    mark: str
    rng: random.Random

    @property
    def s(self) -> str:
        """The side in its shortest form."""
        return SIDE_WORDS[self.side]

    @property
    def sj(self) -> str:
        """The side as 内景, 外景."""
        return self.s + "景"

    @property
    def glued(self) -> str:
        """Time and side in two letters."""
        return self.short_time + self.s

    def at(self, joint: str) -> str:
        """The place with its levels joined."""
        return joint.join(self.place)

    def cast_by(self, joint: str) -> str:
        """The cast, joined."""
        return joint.join(self.cast)

    @property
    def zh(self) -> str:
        """The number in Chinese."""
        return chinese(int(self.number))


@dataclass(frozen=True)
class Style:
    """A way to write a script."""

    write: Callable[[Heading], list[str]]
    lot: int
    body: str = "triangle"
    numbered: bool = True
    sided: bool = True
    timed: bool = True
    running: bool = False
    """Numbers run on through all episodes."""
    letters: bool = False
    """Some scenes were put in later and carry a letter (12A)."""
    episodes: str = "第{n}集"
    """How an episode is announced; empty where there are none."""
    preface: bool = False
    blank_levels: bool = False
    """Levels of the place stand apart by a blank only: read as one or as several, both are right."""
    only_day_and_night: bool = False
    drift: Callable[[Heading], list[str]] | None = None
    """From the middle of the script headings are written so."""


def pick(heading: Heading, *forms: str) -> str:
    """One of several forms."""
    return heading.rng.choice(forms)


def _slot(heading: Heading) -> str:
    return pick(heading, f"{heading.said_time} {heading.s}", f"{heading.glued}")


DEV: dict[str, Style] = {
    "a_glued": Style(
        lambda h: [f"{h.episode}-{h.number}{h.glued}{pick(h, '', ' ')}{h.at('-')}{h.mark}", f"人物：{h.cast_by('，')}"],
        0,
        letters=True,
    ),
    "a_cast_first": Style(
        lambda h: [f"人物：{h.cast_by('、')}", f"场景：{h.at('')}，{h.short_time}，{h.s}"],
        0,
        numbered=False,
        body="plain",
    ),
    "a_chang": Style(
        lambda h: [
            f"场{h.episode}-{h.number} {h.at('·')} {h.said_time} {h.s}",
            f"出场人物：{h.cast_by(' ')}",
        ],
        0,
        preface=True,
    ),
    "a_markdown": Style(
        lambda h: [
            f"## 场景{h.zh}：{h.at('·')}",
            "",
            f"**时间**：{h.said_time}　**内外**：{h.s}",
            f"**人物**：{h.cast_by('、')}",
            "",
        ],
        0,
        body="markdown",
        episodes="# 第{n}集 风起",
    ),
    "a_boxes": Style(
        lambda h: [f"【场景 {h.number}：{h.at('')} - {h.s}（{h.said_time}）】", f"【人物：{h.cast_by('、')}】"],
        0,
        body="boxed",
        episodes="【第{n}集】",
    ),
    "a_film": Style(
        lambda h: [f"{h.number}．{h.at('，')}，{h.said_time}，{h.s}{h.mark}"],
        0,
        body="above",
        running=True,
        episodes="",
        preface=True,
    ),
    "a_act_cast": Style(
        lambda h: [f"第{h.zh}场，{h.at('')}，{h.short_time}，{h.cast_by('、')}"],
        0,
        sided=False,
        episodes="第 {n} 集",
    ),
    "a_parens": Style(
        lambda h: [
            f"场景{h.number}，地点：（{h.at('')}）时间：（{h.said_time}）内外：（{h.s}）",
            f"人物：（{h.cast_by('、')}）",
        ],
        0,
        body="plain",
    ),
    "a_bold": Style(
        lambda h: [f"**{h.episode}-{h.number}{h.short_time} {h.s} {h.at(' ')}**", f"人物：{h.cast_by('、')}"],
        0,
        episodes="**第{n}集：归途**",
        blank_levels=True,
        preface=True,
    ),
    "a_tail_first": Style(
        lambda h: [f"{h.at('')} {h.glued}{h.mark}"],
        0,
        numbered=False,
        body="plain",
        preface=True,
    ),
    "a_english": Style(
        lambda h: [
            f"{ENGLISH_SIDES[h.side]}. {h.at(' - ')} - {ENGLISH_TIMES[h.time]}",
        ],
        0,
        numbered=False,
        body="above",
    ),
    "a_pipes": Style(
        lambda h: [f"{h.episode}-{h.number} | {h.at('-')} | {h.short_time} | {h.s} | {h.cast_by('、')}"],
        0,
    ),
}

HELD: dict[str, Style] = {
    "b_ep_sc": Style(
        lambda h: [f"## EP{h.episode:03}-SC{int(h.number):03} {h.s} · {h.at('·')} · {h.said_time}"],
        1,
        body="markdown",
        episodes="# EP00{n} 【旧案】",
    ),
    "b_taiwan": Style(
        lambda h: [
            f"S:{h.number}",
            f"景：{h.at('')}（{h.s.replace('内', '內')}）",
            f"時：{h.said_time}",
            f"人：{h.cast_by('、')}",
        ],
        1,
        running=True,
        episodes="",
    ),
    "b_half_glued": Style(
        lambda h: [f"{h.episode}-{h.number}{h.glued} {h.at('-')}", f"人：{h.cast_by(' ')}"],
        1,
        letters=True,
        preface=True,
    ),
    "b_subtitle": Style(
        lambda h: [
            f"{h.episode}-{h.number} {h.at('')} {h.glued}{pick(h, '', '', '【字幕：三年前】')}",
            f"人物：{h.cast_by(',')}",
        ],
        1,
        episodes="第{n}集",
        preface=True,
    ),
    "b_tv_box": Style(
        lambda h: [f"{h.number}、{h.at('')}    {h.short_time}    {h.s}", f"　　　人物：{h.cast_by('、')}"],
        1,
        running=True,
        episodes="第{z}集",
        body="plain",
    ),
    "b_place_box": Style(
        lambda h: [f"【{h.at('·')}】{h.short_time}·{h.s}　第{h.number}场", f"登场：{h.cast_by('、')}"],
        1,
        episodes="◎ 第{z}集 ◎",
    ),
    "b_three_lines": Style(
        lambda h: [f"第{h.zh}场", f"时间：{h.said_time}", f"地点：{h.at('')}（{h.sj}）", f"人物：{h.cast_by('、')}"],
        1,
        body="above",
    ),
    "b_weather": Style(
        lambda h: [
            f"#{h.number} {h.sj} {h.at(' ')} {h.said_time}{pick(h, '', '/雨', '（大雪）', '，雾')}",
        ],
        1,
        running=True,
        episodes="",
        blank_levels=True,
    ),
    "b_act": Style(
        lambda h: [f"第{h.zh}场　{h.at('－')}　【{h.said_time}／{h.s}】", f"（{h.cast_by('、')}）"],
        1,
        episodes="第{z}集",
    ),
    "b_full": Style(
        lambda h: [
            f"{str(h.episode).translate(FULL)}－{h.number.translate(FULL)}　{h.short_time}　{h.s}　{h.at('／')}",
            f"出场：{h.cast_by('　')}",
        ],
        1,
        preface=True,
    ),
    "b_drift": Style(
        lambda h: [f"{h.episode}-{h.number} {h.short_time} {h.s} {h.at('-')}", f"人物：{h.cast_by('、')}"],
        1,
        drift=lambda h: [f"场景{h.number}：{h.at('-')}（{h.said_time}，{h.s}）", f"【{h.cast_by('、')}】"],
        preface=True,
    ),
    "b_bare_slash": Style(
        lambda h: [f"{h.sj}/{h.at('')}/{h.said_time}", f"人物:{h.cast_by('/')}"],
        1,
        numbered=False,
        episodes="Episode {n}",
    ),
}

SEALED: dict[str, Style] = {
    "c_circled": Style(
        lambda h: [f"（{h.number}）{h.at('')} {h.s} {h.said_time}", f"人物：{h.cast_by('、')}"],
        2,
        episodes="第{z}集",
    ),
    "c_season": Style(
        lambda h: [f"S01E{h.episode:02}-{h.number} {h.said_time}/{h.s} {h.at('-')}", f"角色：{h.cast_by('、')}"],
        2,
        letters=True,
    ),
    "c_duration": Style(
        lambda h: [
            f"{h.episode}-{h.number}　{h.s}　{h.at('-')}　{h.short_time}（{h.rng.randint(10, 90)}秒）",
            f"◆人物：{h.cast_by('、')}",
        ],
        2,
        preface=True,
    ),
    "c_first_long": Style(
        lambda h: [
            f"场号：{h.episode}—{h.number}    场景：{h.at('')}    气氛：{h.short_time}    内外：{h.s}",
            f"人物：{h.cast_by('、')}    道具：手机、旧书包",
        ],
        2,
        body="plain",
    ),
    "c_side_box": Style(
        lambda h: [f"{h.number}.［{h.s}］［{h.short_time}］{h.at('—')}", f"——{h.cast_by('、')}"],
        2,
        running=True,
        episodes="",
        preface=True,
    ),
    "c_story_day": Style(
        lambda h: [
            f"第{h.episode}-{h.number}场 {h.at(' ')} {h.said_time} {h.s} 第{h.rng.randint(1, 9)}天",
            f"演员：{h.cast_by(' ')}",
        ],
        2,
        blank_levels=True,
        preface=True,
    ),
    "c_switch": Style(
        lambda h: [f"{h.episode}.{h.number} {h.at('/')} {pick(h, h.sj + ' ' + h.said_time, h.glued)}{h.mark}"],
        2,
        episodes="第{n}集 下",
    ),
    "c_sentence": Style(
        lambda h: [f"{h.said_time}。{h.at('')}。{h.s}。"],
        2,
        numbered=False,
        body="above",
        episodes="{z}",
    ),
    "c_split": Style(
        lambda h: [f"{h.episode}-{h.number}", h.at(" "), f"{h.short_time}/{h.s}", f"人物：{h.cast_by('、')}"],
        2,
        blank_levels=True,
    ),
    "c_jing": Style(
        lambda h: [f"景{h.zh}　{h.at('')}　{h.sj}　{h.said_time}", f"人：{h.cast_by('、')}"],
        2,
        body="plain",
        episodes="第{z}回",
    ),
    "c_timeless": Style(
        lambda h: [f"{h.episode}-{h.number} {h.sj} {h.at('-')}", f"人物：{h.cast_by('、')}"],
        2,
        timed=False,
    ),
    "c_cast_tail": Style(
        lambda h: [f"{h.number}，{h.short_time}{h.s}，{h.at('-')}。{h.cast_by('、')}。"],
        2,
        running=True,
        episodes="【第{z}集开始】",
    ),
}
