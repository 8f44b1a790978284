"""Plans, violations and conflicts in plain words, Chinese and English: what is wrong, and what would loosen it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from xiepai.planning.shoot.checker import Rule, Violation
from xiepai.planning.shoot.model import Problem

if TYPE_CHECKING:
    from xiepai.planning.shoot.reasons import Reason

TERMS = {
    "cast": ("演员片酬", "cast, days played"), "held": ("演员压组（等待日）", "cast, days held"),
    "waiting": ("现场候戏", "waiting on set"), "hire": ("场租", "hire of sets"), "moves": ("转场", "moves"),
    "crew": ("摄制组", "crew days"), "overtime": ("超时", "overtime"), "crowd": ("群演", "crowd"),
    "late": ("延期", "lateness"), "wishes": ("没做到的要求", "wishes not met"),
}  # fmt: skip
LIGHTS = {
    "any": ("", ""),
    "day": ("日", "day"),
    "night": ("夜", "night"),
    "dawn": ("晨", "dawn"),
    "dusk": ("昏", "dusk"),
}
STATUS = {
    "optimal": ("已证明最优", "proven optimal"), "feasible": ("可行", "feasible"),
    "infeasible": ("无解", "infeasible"), "unknown": ("未找到可行计划", "no feasible plan found"),
}  # fmt: skip
WISHES = {
    "before": ("{0} 拍在 {1} 之前", "{0} before {1}"), "next": ("{0} 拍完紧接着拍 {1}", "{1} right after {0}"),
    "same_day": ("{0} 与 {1} 同一天", "{0} and {1} on one day"),
    "not_first": ("{0} 不排当天第一场", "{0} never first of a day"),
    "only_on": ("{0}只在 {1} 拍", "{0} only on {1}"), "not_on": ("{0}不在 {1} 拍", "{0} not on {1}"),
}  # fmt: skip
_BROKEN = {
    Rule.MISSING: ("没有排进：{scenes}", "not placed: {scenes}"),
    Rule.TWICE: ("排了两次：{scenes}", "placed twice: {scenes}"),
    Rule.NOT_A_CANDIDATE: ("{scenes} 不能在 {subject} 拍", "{scenes} cannot be shot at {subject}"),
    Rule.FROZEN: ("{scenes}：这一天已定，不能改动", "{scenes}: the day is settled and stays as it is"),
    Rule.LOCK: ("{scenes} 被锁定在别处", "{scenes} is locked elsewhere"),
    Rule.LIGHT: ("{scenes} 当时没有合适的光线（{subject}）", "no light for {scenes} then ({subject})"),
    Rule.PLACE_CLOSED: ("{subject} 当时不可用（{scenes}）", "{subject} is not free then ({scenes})"),
    Rule.PLACE_SHARED: ("{subject} 同时被两组使用：{scenes}", "two units at {subject} at once: {scenes}"),
    Rule.PERSON_ABSENT: ("{subject} 不在（{scenes}）", "{subject} is not free ({scenes})"),
    Rule.PERSON_TWICE: ("{subject} 赶不及：{scenes}", "{subject} cannot get from one to the other: {scenes}"),
    Rule.PERSON_REST: ("{subject} 休息少 {minutes} 分钟", "{subject} rests {minutes} minutes too little"),
    Rule.PERSON_LIMIT: ("{subject} 超过每日上限 {minutes} 分钟", "{subject} is {minutes} minutes over the daily limit"),
    Rule.UNIT_ABSENT: ("没有摄制组开工 {subject}", "no unit works that day {subject}"),
    Rule.UNIT_HOURS: ("{subject} 超出工作时段 {minutes} 分钟", "{subject} works {minutes} minutes outside its hours"),
    Rule.UNIT_LONG: ("{subject} 一天太长，多 {minutes} 分钟", "{subject}'s day is {minutes} minutes too long"),
    Rule.UNIT_REST: ("{subject} 休息少 {minutes} 分钟", "{subject} rests {minutes} minutes too little"),
    Rule.UNIT_MOVE: ("{subject} 转场赶不及：{scenes}", "{subject} cannot move in time: {scenes}"),
    Rule.WISH: ("必须满足的要求没有满足：{subject}", "a must is not met: {subject}"),
}
_REASONS = {
    "lock": ("{subject} 被锁定", "{subject} is locked", "解除这个锁定", "lift the lock"),
    "person": (
        "{subject} 的档期", "{subject}'s free days and hours",
        "给 {subject} 多要一天或更长的时段", "get {subject} for another day or longer hours",
    ),
    "place": (
        "{subject} 的空档", "when {subject} is free",
        "换一个时段或加一个备选场景", "ask for other times or add a second place",
    ),
    "light": (
        "{scenes} 要的光线", "the light {scenes} needs",
        "改成内景、改气氛，或延长开工时段", "shoot inside, change the light, or widen the unit's hours",
    ),
    "unit_days": (
        "{subject} 的开工日", "the days {subject} works",
        "让 {subject} 多开工一天", "let {subject} work one more day",
    ),
    "unit_hours": (
        "{subject} 每天的时长", "how long {subject} works a day",
        "加一天、加一组，或放宽每日上限", "add a day or a unit, or allow longer days",
    ),
    "person_limit": (
        "{subject} 的每日上限", "{subject}'s daily limit",
        "把 {subject} 的戏分到更多天", "spread {subject}'s scenes over more days",
    ),
    "moves": (
        "置景、转场、化妆和换装的时间", "the time that set-up, moves, make-up and changes take",
        "缩短这些时间，或让同一场景的戏连着拍", "shorten them, or shoot a set's scenes together",
    ),
    "wish": (
        "要求：{subject}", "the wish: {subject}",
        "放弃这个要求，或给它一个价钱", "drop the wish, or give it a price",
    ),
}  # fmt: skip


def _pick(pair: tuple[str, ...], lang: str, offset: int = 0) -> str:
    return pair[offset + (0 if lang == "zh" else 1)]


def term(name: str, lang: str = "zh") -> str:
    """The name of a cost term."""
    return _pick(TERMS[name], lang)


def status(name: str, lang: str = "zh") -> str:
    """The name of a status."""
    return _pick(STATUS[name], lang)


def wish(kind: str, scenes: Sequence[str], lang: str = "zh", *, dates: Sequence[date] = (), about: str = "") -> str:
    """A wish about the order of scenes or their dates; *about* is the name of the set its scenes have in common.

    >>> wish("before", ("1-3", "1-1")), wish("not_first", ("2-4",), "en")
    ('1-3 拍在 1-1 之前', '2-4 never first of a day')
    >>> wish("only_on", ("1-3", "2-1"), dates=(date(2026, 12, 1), date(2026, 12, 2)), about="客厅")
    '“客厅”的戏只在 12-01、12-02 拍'
    """
    if not dates:
        return _pick(WISHES[kind], lang).format(*scenes)
    said = (f"“{about}”的戏" if lang == "zh" else f"scenes at “{about}”") if about else _listed(scenes, lang)
    said += " " if lang == "zh" and not about else ""
    return _pick(WISHES[kind], lang).format(said, _listed(_spans(dates, lang), lang, 12))


def _spans(dates: Sequence[date], lang: str) -> list[str]:
    """Dates in order, three or more in a row as one.

    >>> _spans([date(2026, 12, day) for day in (1, 2, 3, 5, 6)], "zh")
    ['12-01 至 12-03', '12-05', '12-06']
    """
    runs: list[list[date]] = []
    for each in dates:
        if runs and each - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(each)
        else:
            runs.append([each])
    to = " 至 " if lang == "zh" else " to "
    return [
        text
        for run in runs
        for text in ([f"{run[0]:%m-%d}{to}{run[-1]:%m-%d}"] if len(run) > 2 else [f"{each:%m-%d}" for each in run])
    ]


def _listed(names: Sequence[str], lang: str, most: int = 6) -> str:
    return ("、" if lang == "zh" else ", ").join(names[:most]) + ("…" if len(names) > most else "")


def violation(problem: Problem, each: Violation, lang: str = "zh") -> str:
    """A broken rule, with its day."""
    scenes = _listed(each.scenes, lang)
    subject = _subject(each, lang)
    text = _pick(_BROKEN[each.rule], lang).format(scenes=scenes, subject=subject, minutes=each.minutes)
    return text if each.day is None else f"{problem.days[each.day].date:%m-%d} {text}"


def _subject(each: Violation, lang: str) -> str:
    if each.rule is Rule.LIGHT and each.subject in LIGHTS:
        return _pick(LIGHTS[each.subject], lang)
    return wish(each.subject, each.scenes, lang, dates=each.dates) if each.rule is Rule.WISH else each.subject


def reason(each: Reason, lang: str = "zh") -> tuple[str, str]:
    """One part of a conflict, and what would loosen it."""
    said = _REASONS[each.kind.value]
    scenes = ("、" if lang == "zh" else ", ").join(each.scenes)
    subject = each.subject
    if each.kind.value == "wish":
        subject = wish(each.subject, each.scenes, lang, dates=each.dates, about=each.about)
    return (
        _pick(said, lang).format(subject=subject, scenes=scenes),
        _pick(said, lang, 2).format(subject=subject, scenes=scenes),
    )
