"""A plan for people (board and money on a terminal, 拍摄计划 as a workbook) and for machines (JSON)."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from xiepai.planning.shoot import Problem, Progress, Result, Status, preparing, words
from xiepai.planning.shoot.checker import Violation
from xiepai.planning.shoot.explaining import Alternative, Comparison
from xiepai.planning.shoot.messages import PlanFileError
from xiepai.planning.shoot.model import Placement
from xiepai.planning.shoot.reasons import Reason
from xiepai.planning.shoot.values import Scene

WEEKDAYS = ("一二三四五六日", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
PIPED_WIDTH = 110
FIRST_USE = (
    "首次使用，正在编译求解程序（约十秒，不占限时）；已有第一个计划，Ctrl-C 即停。",
    "Compiling the search (first use, about ten seconds, not taken from the limit); a plan is there, Ctrl-C stops.",
)


def _console(*, stderr: bool = False) -> Console:
    width = shutil.get_terminal_size((PIPED_WIDTH, 40)).columns
    return Console(width=max(72, min(width, 160)), stderr=stderr, highlight=False)


def _say(lang: str, zh: str, en: str) -> str:
    return zh if lang == "zh" else en


def yuan(fen: int) -> str:
    """Whole yuan, with a sign only when it is negative."""
    return f"{'-' if fen < 0 else ''}¥{abs(fen) // 100:,}"


def hour(minute: int) -> str:
    """Minutes of a day as a clock; past midnight as 25:10."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


class Watch:
    """Progress on standard error while a plan is sought: at most a line a second."""

    def __init__(self, lang: str) -> None:
        self.lang, self.last, self.out = lang, 0.0, _console(stderr=True)
        self.is_told = False

    def __call__(self, progress: Progress) -> None:
        """One event."""
        if time.monotonic() - self.last < 1 or progress.cost_fen is None:
            return
        self.last = time.monotonic()
        if progress.rounds == 0 and progress.seconds > 1 and not self.is_told and not preparing.is_ready():
            self.is_told = True
            self.out.print(_say(self.lang, *FIRST_USE))
        gap = f"{100 * progress.gap:.1f} %" if progress.gap is not None and progress.bound_fen else "–"
        best = yuan(progress.cost_fen)
        text = _say(self.lang, f"{best}，未满足 {progress.violations}，差距 {gap}",
                    f"{best}, {progress.violations} broken, gap {gap}")  # fmt: skip
        self.out.print(f"{progress.seconds:6.1f} s  {text}", markup=False)


def print_faults(error: PlanFileError, *, lang: str) -> None:
    """What is wrong with the file."""
    out = _console(stderr=True)
    out.print(Text(_say(lang, "文件有误：", "The file cannot be planned:"), style="bold red"))
    colon = _say(lang, "：", ": ")
    for each in error.faults:
        out.print(Text(f"  {each.place(lang)}{colon}{each.message(lang)}"))


def print_result(problem: Problem, result: Result, *, lang: str) -> None:
    """The board, day by day, then the money."""
    out = _console()
    if problem.title:
        out.print(Text(problem.title, style="bold"))
    out.print(Text(_head(problem, result, lang)))
    if result.plan is None:
        return
    rows = result.plan.rows()
    for number, day in enumerate(problem.days):
        week = WEEKDAYS[0 if lang == "zh" else 1][day.date.weekday()]
        label = _say(lang, f"第{number + 1}天 {day.date} 周{week}", f"Day {number + 1} {week} {day.date}")
        light = f"☀ {hour(day.sunrise)}–{hour(day.sunset)}"
        out.print()
        out.print(Text(f"{label}  {light}", style="bold"))
        for unit in problem.units:
            if (number, unit.id) in rows:
                out.print(_board(problem, unit.id, rows[number, unit.id], lang))
    out.print()
    out.print(_money(result, lang))
    for each in result.violations[:20]:
        assert isinstance(each, Violation)  # noqa: S101 - what the checker gives
        out.print(Text(f"✗ {words.violation(problem, each, lang)}", style="red"))


def _head(problem: Problem, result: Result, lang: str) -> str:
    placed = len(result.plan.placements) if result.plan is not None else 0
    has_plan = result.status in (Status.OPTIMAL, Status.FEASIBLE)  # a try that breaks a must has no gap
    gap = f"{100 * result.gap:.1f} %" if result.gap is not None and has_plan else "–"
    state = words.status(result.status.value, lang)
    return _say(
        lang,
        f"{state} · 共计 {len(problem.days)} 天 {placed}/{len(problem.scenes)} 场 · 与下界差距 {gap} · "
        f"{result.seconds:.1f} 秒",
        f"{state} · {len(problem.days)} days, {placed}/{len(problem.scenes)} scenes · gap to the bound {gap} · "
        f"{result.seconds:.1f} s",
    )


def _board(problem: Problem, unit: str, row: list[Placement], lang: str) -> Table:
    scenes = {each.id: each for each in problem.scenes}
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False, header_style="bold")
    names = (
        ("时间", "场", "气氛", "场景", "页", "人物")
        if lang == "zh"
        else ("time", "scene", "light", "place", "pages", "cast")
    )
    table.add_column(unit, no_wrap=True)
    for name in names[1:]:
        table.add_column(name, overflow="fold")
    before = None
    for each in row:
        scene = scenes[each.scene]
        end = each.start + scene.minutes
        place = each.place if each.place != before else "〃"
        before = each.place
        table.add_row(
            Text(f"{hour(each.start)}–{hour(end)}"), Text(each.scene), Text(mood(scene, lang)), Text(place),
            Text(f"{scene.eighths}/8" if scene.eighths else ""), Text("、".join(part.person for part in scene.cast)),
        )  # fmt: skip
    return table


def mood(scene: Scene, lang: str) -> str:
    """日外, night in …"""
    light = words.LIGHTS[scene.light.value][0 if lang == "zh" else 1]
    return light + (_say(lang, "外", " out") if scene.is_outside else _say(lang, "内", " in"))


def _money(result: Result, lang: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 2, 0, 0), pad_edge=False, show_edge=False, header_style="bold")
    table.add_column(_say(lang, "费用", "money"))
    table.add_column(_say(lang, "金额", "amount"), justify="right")
    for name, fen in result.terms.items():
        if fen:
            table.add_row(words.term(name, lang), yuan(fen))
    table.add_row(Text(_say(lang, "合计", "total"), style="bold"), Text(yuan(result.cost_fen or 0), style="bold"))
    table.add_row(_say(lang, "下界（不可能更低）", "no plan costs less than"), yuan(result.bound_fen))
    return table


@dataclass
class Found:
    """What was asked beside the plan."""

    conflict: tuple[Reason, ...] | None = None
    why: tuple[Alternative, ...] = ()
    one_more: Comparison | None = None


def print_found(problem: Problem, result: Result, found: Found, scene: str, *, lang: str) -> None:
    """What was asked beside the plan, or why there is none."""
    if result.status in (Status.INFEASIBLE, Status.UNKNOWN):
        _print_conflict(result, found.conflict, lang=lang)
    if found.why:
        print_why(problem, result, scene, found.why, lang=lang)
    if found.one_more is not None:
        print_one_more(found.one_more, lang=lang)


def _print_conflict(result: Result, found: tuple[Reason, ...] | None, *, lang: str) -> None:
    """The smallest conflict, each part with what would loosen it."""
    out = _console(stderr=True)
    if not found and result.status is Status.INFEASIBLE:
        out.print(_say(lang, "已证明排不下；没能归结到几条可以放宽的要求。",
                       "Proven impossible; no few demands to loosen were found to be the cause."))  # fmt: skip
        return
    if not found:
        out.print(_say(lang, "场次与天数本身排得下；在时间内没有找到可行的次序。多给些时间，或放宽上面列出的约束。",
                       "The scenes fit the days as such; no order that holds was found in time. Give it longer, or "
                       "loosen what is listed above."))  # fmt: skip
        return
    head = _say(
        lang, "以下要求不能同时满足，去掉任何一条即可：", "These cannot hold together; any one less and they can:"
    )
    out.print(Text(head, style="bold"))
    for each in found:
        what, cure = words.reason(each, lang)
        out.print(Text(f"· {what} → {cure}"))


def print_why(problem: Problem, result: Result, scene: str, found: tuple[Alternative, ...], *, lang: str) -> None:
    """What the scene would cost on every other day, or what forbids it."""
    assert result.plan is not None  # noqa: S101 - said by the caller
    out, here = _console(), result.plan.by_scene()[scene]
    day = problem.days[here.day].date
    out.print()
    out.print(Text(_say(lang, f"{scene} 为何在 {day}：", f"Why {scene} is on {day}:"), style="bold"))
    for each in found:
        if each.forbidden:
            said = "；".join(dict.fromkeys(words.violation(problem, one, lang) for one in each.forbidden[:3]))
        else:
            parts = " ".join(f"{words.term(term, lang)} {yuan(fen)}" for term, fen in each.more.items())
            said = f"{'+' if (each.more_fen or 0) >= 0 else ''}{yuan(each.more_fen or 0)}  {parts}"
        out.print(Text(f"  {problem.days[each.day].date:%m-%d}  {said}"))


def print_one_more(found: Comparison, *, lang: str) -> None:
    """What another day would buy."""
    out = _console()
    total = sum(found.more.values())
    out.print()
    out.print(Text(_say(lang, f"多一天：{yuan(total)}", f"One more day: {yuan(total)}"), style="bold"))
    for name, fen in found.more.items():
        if fen:
            out.print(Text(f"  {words.term(name, lang)} {yuan(fen)}"))


def as_json(problem: Problem, result: Result, found: Found) -> dict[str, Any]:
    """Plain data; ``conflict``, ``why`` and ``one_more_day`` where they were asked or needed."""
    scenes = {each.id: each for each in problem.scenes}
    placements = result.plan.placements if result.plan is not None else ()
    return {
        "status": result.status.value, "cost_fen": result.cost_fen, "bound_fen": result.bound_fen, "gap": result.gap,
        "terms_fen": result.terms, "seed": result.seed, "rounds": result.rounds, "engine": result.engine,
        "violations": [
            words.violation(problem, each, "en") for each in result.violations if isinstance(each, Violation)
        ],
        "plan": [
            {
                "scene": each.scene, "date": problem.days[each.day].date.isoformat(), "unit": each.unit,
                "start": hour(each.start), "end": hour(each.start + scenes[each.scene].minutes), "place": each.place,
            }
            for each in placements
        ],
        **_found_json(problem, found),
    }  # fmt: skip


def _found_json(problem: Problem, found: Found) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if found.conflict:
        more["conflict"] = [
            dict(zip(("what", "loosens"), words.reason(each, "en"), strict=True)) for each in found.conflict
        ]
    if found.why:
        more["why"] = [
            {
                "date": problem.days[each.day].date.isoformat(), "more_fen": each.more_fen, "terms_fen": each.more,
                "forbidden": [words.violation(problem, one, "en") for one in each.forbidden],
            }
            for each in found.why
        ]  # fmt: skip
    if found.one_more is not None:
        more["one_more_day"] = {"status": found.one_more.after.status.value, "terms_fen": found.one_more.more}
    return more


def write_xlsx(problem: Problem, result: Result, path: Path, *, lang: str) -> None:
    """拍摄计划 with the trade's columns, and a sheet of the money."""
    assert result.plan is not None  # noqa: S101 - said by the caller
    scenes = {each.id: each for each in problem.scenes}
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet(_say(lang, "拍摄计划", "Shooting plan"))
        names = (
            "日期",
            "组别",
            "时间",
            "集",
            "场",
            "气氛",
            "内外景",
            "拍摄地点",
            "页数",
            "角色",
            "群众演员",
            "特殊提醒",
            "主要内容",
        )
        sheet.write_row(0, 0, names, bold)
        for line, each in enumerate(result.plan.placements, 1):
            scene = scenes[each.scene]
            sheet.write_row(line, 0, (
                problem.days[each.day].date.isoformat(), each.unit,
                f"{hour(each.start)}–{hour(each.start + scene.minutes)}", scene.episode or "", each.scene,
                words.LIGHTS[scene.light.value][0], "外" if scene.is_outside else "内", each.place,
                scene.eighths / 8, "、".join(part.person for part in scene.cast),
                " ".join(f"{one.kind}{one.heads}" for one in scene.crowd), " ".join(scene.marks), scene.title,
            ))  # fmt: skip
        sheet.freeze_panes(1, 0)
        money = book.add_worksheet(_say(lang, "费用", "Money"))
        for line, (name, fen) in enumerate(result.terms.items()):
            money.write_row(line, 0, (words.term(name, lang), fen / 100))
