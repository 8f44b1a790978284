"""House styles put together at random from parts: number, order, joints, brackets, labels, cast.

Every kind of part has some that a style of the ``mixed`` set may use, and some that are kept for ``mixed_held``: there
every style has at least one part that no style of the first set has. The same name gives the same style.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from _contact_styles import Heading, Style
from xiepai.script.numerals import chinese

Write = Callable[[Heading], str]


@dataclass(frozen=True)
class Parts:
    """Parts anyone may use, parts kept back, and parts found later."""

    common: Sequence[object]
    kept: Sequence[object]
    later: Sequence[object]


def _n(text: str) -> str:
    return text


PAIRS = Parts(
    ("{e}-{n}", "{e}—{n}", "第{e}集第{n}场", "场{e}-{n}", "[{e}-{n}]", "{e}集{n}场", "EP{e:02}-{n:02}"),
    ("{e}/{n}", "E{e} S{n}", "第{ez}集·第{nz}场", "（{e}-{n}）", "{e}_{n}", "集{e}场{n}", "{e}:{n}"),
    ("{e}集-{n}场", "Ep.{e} Scene {n}", "{e}~{n}", "第{e}集 {n}", "<{e}-{n}>", "{e:02}{n:02}", "场号{e}-{n}："),
)
SINGLES = Parts(
    ("第{n}场", "第{nz}场", "{n}、", "{n}.", "{nz}、", "场景{n}", "SC{n}", "#{n}"),
    ("Scene {n}", "场次{n}", "{n:02}", "No.{n}", "{n}）", "第 {n} 场戏", "S{n}", "【{n}】", "场{nz}", "{n}场"),
    ("Sc.{n}", "S#{n}", "第{n}段", "戏{n}", "{n}#", "N{n}", "（{nz}）"),
)
JOINTS = Parts(
    (" ", "　", "，", "  ", " / ", " · ", " | ", "\t"),
    ("/", "、", "；", "·", " - ", ", ", "｜", "——", " • "),
    (" ~ ", "+", " // ", "＞", " – ", "。", "\\", "  |  "),
)
LEVELS = Parts(
    ("-", "·", "", ""),
    ("—", "/", "_", " "),
    ("→", "・", "之", " / "),
)
WRAPS = Parts(
    ("{}", "{}", "{}", "【{}】", "**{}**", "## {}"),
    ("「{}」", "◆{}", "■ {}", "〔{}〕", "— {} —", "[{}]", "＊{}", "《{}》"),
    ("===={}====", "▌{}", "> {}", "“{}”", "▶ {}", "~{}~", "〖{}〗"),
)
SIDES = Parts(
    ({"in": "内", "out": "外", "both": "内外"}, {"in": "内景", "out": "外景", "both": "内外景"}),
    ({"in": "室内", "out": "室外", "both": "室内/室外"}, {"in": "INT", "out": "EXT", "both": "INT/EXT"}),
    (
        {"in": "INT.", "out": "EXT.", "both": "INT./EXT."},
        {"in": "屋内", "out": "屋外", "both": "屋内外"},
        {"in": "內", "out": "外", "both": "內外"},
    ),
)
LIGHTS = Parts(
    ("short", "said"),
    (
        {"day": "日景", "night": "夜景", "dawn": "晨景", "dusk": "黄昏"},
        {"day": "白", "night": "夜", "dawn": "早", "dusk": "傍晚"},
    ),
    (
        {"day": "日戏", "night": "夜戏", "dawn": "晨戏", "dusk": "黄昏戏"},
        {"day": "DAY", "night": "NIGHT", "dawn": "DAWN", "dusk": "DUSK"},
        {"day": "大白天", "night": "大半夜", "dawn": "天刚亮", "dusk": "太阳下山"},
    ),
)
SLOTS = Parts(
    ("{}", "{}", "{}", "（{}）", "[{}]"),
    ("【{}】", "<{}>", "［{}］", "({})", "〈{}〉"),
    ("「{}」", "『{}』", "{{{{{}}}}}", "*{}*", "〔{}〕"),
)
BOTH = Parts(
    ("{t}{s}", "{t}/{s}", "{t} {s}"),
    ("{s}{t}", "{t}，{s}", "{t}·{s}", "{t}-{s}", "{s}/{t}"),
    ("{t}+{s}", "{t}|{s}", "{s}、{t}", "{t}（{s}）", "{t}{s}戏"),
)
CAST = Parts(
    ("人物：", "出场人物：", "角色：", "人："),
    ("【人物】", "登场：", "参演：", "（人物）", "人物 ", "[人物] ", "主要人物：", "▲人物："),
    ("人物—", "出镜：", "演员表：", "Cast: ", "★人物：", "本场人物：", "出场人员："),
)
NAMES = Parts(
    ("、", "，", " "),
    ("/", "；", ",", "　", "和"),
    ("·", " / ", "＋", "|"),
)
LABELS = Parts(
    (("时间", "地点", "内外"), ("时", "景", "内外景")),
    (("时段", "场地", "内/外"), ("日夜", "拍摄地点", "景别"), ("光线", "场景", "内外")),
    (("TIME", "LOCATION", "INT/EXT"), ("时辰", "所在", "里外"), ("时间设定", "场景设定", "内外景")),
)
EPISODES = Parts(
    ("第{n}集", "第{z}集", "【第{n}集】", "第{n}集：重逢"),
    ("EP{n}", "◎第{z}集", "《第{n}集》", "= 第{n}集 =", "E{n:02}"),
    ("【EP.{n}】", "第 {z} 集", "——第{n}集——", "# 第{n}集", "EPISODE {n}: 重逢", "第{n}集（上）"),
)
KINDS = ("mixed", "mixed_held", "mixed_later")
ORDERS = ("tsp", "stp", "pts", "pst", "spt", "tps")


class Pen:
    """Chooses parts for one style; counts those of the newest kind it may use."""

    def __init__(self, rng: random.Random, kind: int) -> None:
        self.rng, self.kind, self.newest = rng, kind, 0

    def part(self, parts: Parts) -> object:
        """One part."""
        kinds = (parts.common, parts.kept, parts.later)
        if self.kind and self.rng.random() < 0.4:
            self.newest += 1
            return self.rng.choice(kinds[self.kind])
        older = [each for kind in kinds[: max(1, self.kind)] for each in kind]
        return self.rng.choice(older)


def mixed_style(name: str) -> Style:
    """The style of this name."""
    rng, kind = random.Random(name), KINDS.index(name.split()[0])
    for _ in range(50):
        pen = Pen(rng, kind)
        style = _style(pen)
        if pen.newest or not kind:
            return style
    raise AssertionError(name)


def _style(pen: Pen) -> Style:
    rng = pen.rng
    kind = rng.choices(("pair", "single", "running", "none"), (5, 3, 1.5, 1))[0]
    number = "" if kind == "none" else str(pen.part(PAIRS if kind == "pair" else SINGLES))
    joint, levels, wrap = str(pen.part(JOINTS)), str(pen.part(LEVELS)), str(pen.part(WRAPS))
    if levels.strip() == joint.strip():
        levels = ""
    fields = _fields(pen, joint, levels)
    gap = rng.choice((" ", " ", "　", "", "：")) if number[-1:] not in "、.）)】" else ""
    last = bool(number) and rng.random() < 0.1
    cast = _cast(pen)

    def write(heading: Heading) -> list[str]:
        said = number.format(
            e=heading.episode, n=int(heading.number), ez=chinese(heading.episode), nz=chinese(int(heading.number))
        )
        body = fields(heading)
        first = f"{body[0]}{joint}{said}" if last else f"{said}{gap or (' ' if body[0][:1].isdigit() else '')}{body[0]}"
        return cast(heading, [wrap.format(first), *body[1:]] if first else body[1:])

    return Style(
        write,
        rng.randint(0, 2 + (pen.kind == 2)),
        body=rng.choice(("triangle", "triangle", "plain", "above", "boxed")),
        numbered=bool(number),
        running=kind == "running",
        episodes="" if kind == "running" and rng.random() < 0.5 else str(pen.part(EPISODES)),
        preface=rng.random() < 0.4,
        blank_levels=levels == " ",
    )


def _fields(pen: Pen, joint: str, levels: str) -> Callable[[Heading], list[str]]:
    rng = pen.rng
    sides, light = pen.part(SIDES), pen.part(LIGHTS)
    slot, both = str(pen.part(SLOTS)), str(pen.part(BOTH))
    order, shape = rng.choice(ORDERS), rng.choices(("apart", "together", "labels"), (5, 3, 1.5))[0]
    labels = pen.part(LABELS)
    below = rng.random() < 0.5
    bracketed_place = rng.random() < 0.08 and slot != "{}"

    def words(heading: Heading) -> dict[str, str]:
        time = (
            {"short": heading.short_time, "said": heading.said_time}.get(light)
            if isinstance(light, str)
            else light[heading.time]
        )  # type: ignore[index]
        return {"t": str(time), "s": sides[heading.side], "p": heading.at(levels)}  # type: ignore[index]

    def write(heading: Heading) -> list[str]:
        said = words(heading)
        if shape == "labels":
            named = dict(zip("tps", labels, strict=True))  # type: ignore[call-overload]
            each = [f"{named[key]}：{said[key]}" for key in order]
            return ["", *each] if below else [(joint if joint.isspace() else "　").join(each)]
        if shape == "together":
            pair = slot.format(both.format(**said))
            return [
                f"{pair}{joint}{said['p']}" if order[0] in "ts" else f"{said['p']}{joint if slot == '{}' else ''}{pair}"
            ]
        if bracketed_place:
            return [joint.join(slot.format(said[key]) if key == "p" else said[key] for key in order)]
        return [joint.join(said[key] if key == "p" else slot.format(said[key]) for key in order)]

    return write


def _cast(pen: Pen) -> Callable[[Heading, list[str]], list[str]]:
    label, names = str(pen.part(CAST)), str(pen.part(NAMES))
    where = pen.rng.choices(("below", "none", "brackets", "inline"), (6, 1.5, 1, 1))[0]

    def write(heading: Heading, lines: list[str]) -> list[str]:
        cast = heading.cast_by(names)
        if where == "below":
            return [*lines, f"{label}{cast}"]
        if where == "brackets":
            return [*lines, f"（{heading.cast_by('、')}）"]
        return [f"{lines[0]}　人物：{heading.cast_by('、')}", *lines[1:]] if where == "inline" else lines

    return write
