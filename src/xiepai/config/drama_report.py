"""A plan in the terminal: the breakdown in a line, its days, its money term by term, its sets, its first call sheet."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rich import box
from rich.table import Table
from rich.text import Text

from xiepai.config.book_report import console
from xiepai.kernel.clock import local
from xiepai.kernel.money import Money
from xiepai.planning.shoot import TERMS, words
from xiepai.shoots import selectors
from xiepai.shoots.documents.sheet_words import pages
from xiepai.shoots.models import CallSheet, Plan, PlanBooking
from xiepai.shoots.selectors_plans import Column, board_view


def print_plan(plan: Plan) -> None:
    """Everything, short."""
    out = console()
    view = board_view(plan)
    totals = selectors.totals(plan.work)
    counts = _("%(n)s 场，%(pages)s 页；%(roles)s 个角色，%(places)s 个剧本场景") % {
        "n": totals["scenes"],
        "pages": pages(totals["eighths"]),
        "roles": selectors.roles(plan.work).count(),
        "places": selectors.story_places(plan.work).count(),
    }
    out.print(Text(f"{plan.work.title} · {plan.name} · {plan.get_state_display()}", style="bold"))
    out.print(Text(counts))
    out.print(_days(view.columns))
    out.print(Text(_money(plan)))
    if said := _solved(plan):
        out.print(Text(said))
    flags = len(view.flags)
    out.print(
        Text(_("%(n)s 面红旗") % {"n": flags} if flags else _("没有红旗"), style="bold red" if flags else "green")
    )
    rows = PlanBooking.objects.filter(plan=plan).select_related("booking__place", "plan_day").order_by("plan_day__day")
    out.print(_bookings(rows))
    sheet = CallSheet.objects.filter(plan=plan).order_by("day", "-version").first()
    if sheet is not None:
        out.print(Text(_call(sheet)))


def _solved(plan: Plan) -> str:
    solve = plan.solves.first()
    if solve is None or not solve.best_fen:
        return ""
    found = _("求解 %(seconds)s 秒：") % {"seconds": solve.seconds}
    if not solve.bound_fen:
        return found + _("最好 %(best)s，还没有算出下界") % {"best": Money(solve.best_fen)}
    gap = f"{100 * (solve.best_fen - solve.bound_fen) / solve.best_fen:.1f}"
    said = {"best": Money(solve.best_fen), "bound": Money(solve.bound_fen), "gap": gap}
    return found + _("最好 %(best)s，不可能低于 %(bound)s（相差 %(gap)s%%）") % said


def _days(columns: Iterable[Column]) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False)
    for name in (_("日期"), _("时段"), _("场次"), _("页数"), _("费用"), _("场地")):
        table.add_column(name, justify="right" if name in {_("场次"), _("页数"), _("费用")} else "left")
    for column in columns:
        if column.day is None or not column.scenes or column.hours is None:
            continue
        places = dict.fromkeys(strip.place.name for strip in column.strips if strip.place)
        table.add_row(
            f"{column.day.day:%m-%d} {column.unit_name}",
            f"{column.hours[0]:%H:%M}–{column.hours[1]:%H:%M}",
            str(column.scenes),
            pages(column.eighths),
            str(Money(column.cost_fen)),
            "、".join(places),
        )
    return table


def _money(plan: Plan) -> str:
    terms = plan.costs.get("terms", {})
    language = "zh" if (get_language() or "zh").startswith("zh") else "en"
    parts = [f"{words.term(term, language)} {Money(terms[term])}" for term in TERMS if terms.get(term)]
    return _("费用") + f" {Money(plan.costs.get('total', 0))} = " + " + ".join(parts)


def _bookings(rows: Iterable[PlanBooking]) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False)
    for name in (_("场地"), _("时段"), _("价格"), _("预订")):
        table.add_column(name, justify="right" if name == _("价格") else "left")
    for row in rows:
        booking = row.booking
        start, end = local(booking.period.lower), local(booking.period.upper)
        table.add_row(
            booking.place.name, f"{start:%m-%d %H:%M}–{end:%H:%M}", str(Money(booking.price_fen)),
            booking.get_state_display(),
        )  # fmt: skip
    return table


def _call(sheet: CallSheet) -> str:
    content = sheet.content
    return _("通告单 %(day)s %(unit)s 第 %(n)s 版：集合 %(call)s，%(scenes)s 场，日落 %(set)s，发给 %(people)s 人") % {
        "day": sheet.day,
        "unit": content.get("unit", ""),
        "n": sheet.version,
        "call": content.get("call", ""),
        "scenes": content.get("scenes", 0),
        "set": content.get("sunset", ""),
        "people": sheet.receipts.count(),
    }
