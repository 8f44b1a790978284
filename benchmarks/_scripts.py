"""Scripts made at random in many house styles, with the truth beside them: what every heading says and where it stands.

``KNOWN`` are the styles the grammar was written against. ``UNSEEN`` were written before anything was tuned and are
for measuring only. Names of places and lines of the body are chosen to mislead: 外婆家, 夜总会, 7-11, 3-1 lead.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from xiepai.script.numerals import chinese

TIMES = {
    "day": ("日", "白天", "上午", "下午", "中午"),
    "night": ("夜", "晚", "深夜", "晚上", "凌晨"),
    "dawn": ("晨", "清晨", "早晨", "黎明"),
    "dusk": ("昏", "黄昏", "傍晚"),
}
ENGLISH_TIMES = {"day": "DAY", "night": "NIGHT", "dawn": "DAWN", "dusk": "DUSK"}
SIDES = {"in": ("内", "内景"), "out": ("外", "外景"), "both": ("内外", "内/外")}
ENGLISH_SIDES = {"in": "INT.", "out": "EXT.", "both": "INT./EXT."}
PLACES = [
    "苏家客厅",
    "外婆家",
    "外滩观景台",
    "内科诊室",
    "夜总会包厢",
    "日料店",
    "晨光小区",
    "晚枫亭",
    "老街-桥头",
    "苏家老宅-二楼-书房",
    "KTV包厢",
    "3号楼天台",
    "202室",
    "陆氏集团-总裁办公室",
    "车内",
    "门外走廊",
    "夜市",
    "日出东方酒店大堂",
    "一号仓库",
    "十字路口",
    "七里香咖啡馆",
    "B座地下车库",
    "医院-ICU病房",
    "午门",
    "集市",
    "第三人民医院-急诊室",
    "九里香茶楼",
    "百草园",
    "淹城遗址-竹林",
    "太湖湾码头",
    "花园洋房-婴儿房",
    "三河镇-祠堂",
    "外交公寓",
    "内蒙古草原",
    "日化厂宿舍",
    "夜校教室",
    "晚报社-排字间",
    "十里长街",
    "千灯古镇",
    "万达影院-放映厅",
    "五楼会议室",
    "南城根-裁缝铺",
    "秋水台",
    "东厢房",
    "1988酒吧",
    "御书房",
    "冷宫",
]
ENGLISH_PLACES = ("LIVING ROOM", "OLD STREET", "HOSPITAL CORRIDOR", "ROOFTOP", "CAR", "LU GROUP LOBBY", "BRIDGE")
PEOPLE = [
    "苏晚",
    "陆沉",
    "王姨",
    "顾北辰",
    "林小满",
    "沈知意",
    "赵大勇",
    "周奶奶",
    "江澄",
    "何东",
    "白露",
    "秦科长",
    "阿强",
    "小豆子",
    "老吴",
    "陈默",
]
HINTS = ("笑", "冷冷地", "哽咽", "压低声音", "看向窗外")
SAID = (
    "你终于回来了。",
    "3-12日，我们在外婆家见。",
    "日内瓦的会议推迟了，内外都在传。",
    "第三场比赛，我一定要赢。",
    "时间不早了，夜里外面冷。",
    "你在1-2楼等我，场景我都熟。",
    "场子太大，十二场戏拍了三天。",
    "EXT 是外景，INT 是内景，记住了吗？",
    "房号 3-12，日租金八百，内有厨房。",
)
DONE = (
    "她推开门，愣在原地。",
    "夜，外面下着雨，屋内一片漆黑。",
    "三天后，内外交困的陆氏集团大门紧闭。",
    "门外传来脚步声，日光灯闪了两下。",
    "他拿出一封旧信，递给苏晚。",
    "晚上的外滩灯火通明，人来人往。",
    "第一场雪落在院子里。",
    "两人擦肩而过，谁也没有回头。",
)
TRAPS = (
    "11-25 是个好日子。",
    "1、带上身份证；",
    "2、晚上八点到外滩集合。",
    "3-1，我们赢了。",
    "7-11便利店门口站着一个人。",
    "第二天 清晨。",
    "12月5日 夜 外滩见。",
    "第三场比赛开始了。",
    "2026-11-25 晴",
    "1-0 领先，全场沸腾。",
    "第十二条 内部资料不得外传",
    "日复一日，夜复一夜。",
)


@dataclass(frozen=True)
class Truth:
    """One scene as it was meant."""

    episode: int | None
    number: str
    time: str | None
    side: str | None
    place: tuple[str, ...]
    cast: tuple[str, ...]


@dataclass
class Script:
    """The lines of a script, and the truth by the index of the line each heading begins on."""

    lines: list[str] = field(default_factory=list)
    truth: dict[int, Truth] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The file."""
        return "\n".join(self.lines) + "\n"


@dataclass(frozen=True)
class Words:
    """The words one heading is written with."""

    truth: Truth
    time: str
    side: str
    place: str
    levels: tuple[str, ...]
    first: bool

    @property
    def cast(self) -> str:
        """The cast list."""
        return "、".join(self.truth.cast)


Style = Callable[[Words], list[str]]
ENGLISH = {"english", "mixed_english"}
LOOSE_NUMBERS = {"glued", "weak_comma", "bracket_pairs", "parenthesis", "weak_chinese"}
"""Styles whose numbers begin again in every episode and do not name it."""


def _glue(words: Words) -> str:
    """A single-character time and side, as people glue them."""
    return {"day": "日", "night": "夜", "dawn": "晨", "dusk": "昏"}[words.truth.time or "day"] + words.side[0]


KNOWN: dict[str, Style] = {
    "dash": lambda w: [f"{w.truth.episode}-{w.truth.number} {w.time} {w.side} {w.place}", f"人物：{w.cast}"],
    "scene": lambda w: [f"第{w.truth.number}场 {w.time} {w.side} {w.place}", f"人物：{w.cast}"],
    "glued": lambda w: [f"{w.truth.number}、{_glue(w)}{w.place}", f"人物：{w.cast}"],
    "labels": lambda w: [
        f"场次：{w.truth.episode}-{w.truth.number}",
        f"时间：{w.time}",
        f"地点：{w.place} {w.side}",
        f"人物：{w.cast}",
    ],
    "bracket_pairs": lambda w: [f"{w.truth.number}. {w.place}［{w.side}］［{w.time}］", f"人物：{w.cast}"],
    "english": lambda w: [f"{w.truth.number}. {w.side} {w.place} - {w.time}"],
    "full_width": lambda w: [
        f"第{chinese(w.truth.episode or 0)}集第{chinese(int(w.truth.number))}场　{w.time}　{w.side}　{w.place}"
    ],
    "inline_cast": lambda w: [f"{w.truth.episode}－{w.truth.number}，{w.time}，{w.side}，{w.place}，人物：{w.cast}"],
}  # fmt: skip
UNSEEN: dict[str, Style] = {
    "vertical": lambda w: [f"{w.truth.episode}-{w.truth.number} {w.place} {w.time}/{w.side}", f"出场人物：{w.cast}"],
    "ancient": lambda w: [
        f"第{chinese(int(w.truth.number))}场",
        f"景：{w.place}　{w.side}",
        f"时：{w.time}",
        f"人：{w.cast}",
    ],
    "markdown": lambda w: [
        f"### 场景 {w.truth.episode}-{w.truth.number}｜{w.place}｜{w.time}｜{w.side}",
        f"**人物**：{w.cast}",
    ],
    "cells": lambda w: [f"场号\t{w.truth.episode}-{w.truth.number}\t{w.time}\t{w.side}\t{w.place}"],
    "mixed_english": lambda w: [f"SC{w.truth.number} {w.side} {w.place} - {w.time}"],
    "boxes": lambda w: [
        f"【第{w.truth.episode}集 第{w.truth.number}场】",
        f"【场景】{w.place}　【时间】{w.time}　【内外】{w.side}",
        f"【人物】{w.cast}",
    ],
    "weak_comma": lambda w: [f"{w.truth.number}. {w.place}，{w.time}，{w.side}", f"角色：{w.cast}"],
    "scene_colon": lambda w: [f"场景{chinese(int(w.truth.number))}：{w.place} {w.time} {w.side}", f"人物：{w.cast}"],
    "tail_glued": lambda w: [f"{w.truth.episode}-{w.truth.number} {w.place}{_glue(w)}", f"人物：{w.cast}"],
    "no_side": lambda w: [f"{w.truth.episode}-{w.truth.number} {w.time} {w.place}", f"人物：{w.cast}"],
    "parenthesis": lambda w: [f"{w.truth.number}、{w.place}（{w.time}/{w.side}）", f"人物：{w.cast}"],
    "two_lines": lambda w: [f"第{w.truth.number}场", f"{w.place}  {w.time}  {w.side}", f"人物：{w.cast}"],
    "short_full": lambda w: [f"{w.truth.episode}集{w.truth.number}场 {w.side} {w.time} {w.place}", f"人物：{w.cast}"],
    "weak_chinese": lambda w: [f"{chinese(int(w.truth.number))}、{w.time}·{w.side}·{w.place}", f"人物：{w.cast}"],
    "bare": lambda w: [f"{w.side} {w.place} {w.time}", f"人物：{w.cast}"],
}  # fmt: skip
FRESH: dict[str, Style] = {
    "hash_scene": lambda w: [
        f"#{w.truth.episode}-{w.truth.number}# {w.side} · {w.place} · {w.time}",
        f"【人物：{w.cast}】",
    ],
    "word_scene": lambda w: [f"第{w.truth.number}场戏　{w.place}　{w.time}　{w.side}", f"演员：{w.cast}"],
    "dots": lambda w: [f"{w.truth.episode}.{w.truth.number} {w.side}·{w.time}·{w.place}", f"人物: {w.cast}"],
    "semicolons": lambda w: [
        f"场次{w.truth.episode}-{w.truth.number}；地点：{w.place}；时间：{w.time}；{w.side}；人物：{w.cast}"
    ],
    "angle": lambda w: [f"〖{w.truth.episode}-{w.truth.number}〗{w.place} / {w.side} / {w.time}", f"出场：{w.cast}"],
    "below": lambda w: [f"{w.truth.episode}-{w.truth.number}", f"{w.time} {w.side} {w.place}", f"人物：{w.cast}"],
    "ep_lower": lambda w: [f"ep{w.truth.episode} sc{w.truth.number} {w.place} {w.time}{w.side[0]}", f"角色：{w.cast}"],
    "number_last": lambda w: [f"{w.truth.number}场：{w.side}，{w.place}，{w.time}", f"人物：{w.cast}"],
    "space_weak": lambda w: [f"{w.truth.number} {w.time} {w.side} {w.place}", f"人物：{w.cast}"],
    "setting": lambda w: [f"{w.truth.episode}-{w.truth.number} {w.time} {w.side} {w.place}（闪回）", f"人物：{w.cast}"],
    "chinese_pair": lambda w: [
        f"第{chinese(w.truth.episode or 0)}集 第{chinese(int(w.truth.number))}场 {w.place}（{w.side}，{w.time}）"
    ],
    "cast_in_brackets": lambda w: [f"{w.truth.episode}-{w.truth.number} {w.time} {w.side} {w.place}（{w.cast}）"],
}  # fmt: skip
"""A second lot, written after the first was tuned on, with places, sayings and traps of its own."""
FRESH_PLACES = [
    "明月楼-雅间",
    "昼夜便利店",
    "晚晴茶社",
    "外贸公司-样品间",
    "内河渡口",
    "夜航船-甲板",
    "日昇昌票号",
    "晓月湾",
    "场部大院",
    "第二中学-操场",
    "九号公馆-地下酒窖",
    "三里屯-后巷",
    "集贤斋",
    "回春堂-药房",
    "幕府山脚",
    "景福宫",
    "内务府-账房",
    "外宾招待所",
    "夜莺酒吧",
    "昏鸦渡",
    "黎明制衣厂",
    "傍山村-村口",
    "暮云寺",
    "午夜电台-直播间",
    "百日红花店",
    "十二楼天台",
    "第六病区",
    "四海钱庄",
    "老场长家",
    "高铁-12车厢",
    "A栋2单元302",
    "云顶-SPA馆",
    "星期八咖啡",
    "一品轩",
    "人民路13号",
]
FRESH_TRAPS = (
    "第3集的预告片开始播放。",
    "注：夜戏，外景，需要洒水车。",
    "4-2 平局！",
    "1. 内服；2. 外用。",
    "三、外部合作事项",
    "日期：11月25日 夜",
    "（内心）场面一度失控。",
    "12点，夜深人静。",
    "9-17岁免票",
    "晚安，外婆。",
    "场景一片混乱，人群四散。",
    "内，是家；外，是天下。",
)
STYLES = KNOWN | UNSEEN | FRESH
_NUMBERLESS = {"bare"}
_SIDELESS = {"no_side"}


def script(style: str, seed: int, episodes: int = 4, scenes: int = 6, body: int = 6) -> Script:
    """A script in a style; the same seed gives the same."""
    rng = random.Random(seed)
    made = Script(["《样例剧本》", "本剧本由程序生成，仅供测试。", ""])
    for episode in range(1, episodes + 1):
        made.lines += [_episode_line(style, episode, rng), ""]
        for number in range(1, rng.randint(2, scenes) + 1):
            _scene(made, style, episode, number, body, rng)
    return made


def _episode_line(style: str, episode: int, rng: random.Random) -> str:
    if style in ENGLISH:
        return f"EPISODE {episode}"
    return rng.choice(
        (
            f"第{episode}集",
            f"第{chinese(episode)}集",
            f"第{episode}集 {rng.choice(('归来', '旧信', '对峙'))}",
            f"【第{episode}集】",
        )
    )


def _scene(made: Script, style: str, episode: int, number: int, body: int, rng: random.Random) -> None:
    words = _words(style, episode, number, rng)
    made.truth[len(made.lines)] = words.truth
    made.lines += STYLES[style](words)
    cast = words.truth.cast
    for _ in range(rng.randint(1, body)):
        made.lines.append(_line(cast, rng, FRESH_TRAPS if style in FRESH else TRAPS))
    made.lines.append("")


def _words(style: str, episode: int, number: int, rng: random.Random) -> Words:
    time, side = rng.choice(list(TIMES)), rng.choices(list(SIDES), (6, 4, 1))[0]
    place = rng.choice(ENGLISH_PLACES if style == "english" else FRESH_PLACES if style in FRESH else PLACES)
    cast = tuple(rng.sample(PEOPLE, rng.randint(1, 4)))
    said_time, said_side = rng.choice(TIMES[time]), rng.choice(SIDES[side])
    if style in ENGLISH:
        said_time, said_side = ENGLISH_TIMES[time], ENGLISH_SIDES[side]
    if ("glued" in style or style == "ep_lower") and side == "both":
        side, said_side = "in", "内"
    levels = (place,) if style in ENGLISH - {"mixed_english"} else tuple(place.split("-"))
    truth = Truth(
        episode,
        "" if style in _NUMBERLESS else str(number),
        time,
        None if style in _SIDELESS else side,
        levels,
        cast,
    )
    return Words(truth, said_time, said_side, place, levels, number == 1)


def _line(cast: tuple[str, ...], rng: random.Random, traps: tuple[str, ...]) -> str:
    kind = rng.random()
    if kind < 0.5:
        hint = rng.choice(("", "", f"（{rng.choice(HINTS)}）", "（OS）", "OS"))
        return f"{rng.choice(cast)}{hint}：{rng.choice(SAID)}"
    if kind < 0.88:
        return f"△{rng.choice(DONE)}"
    return rng.choice(traps)
