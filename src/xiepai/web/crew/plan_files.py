"""Tables and boards of a work and of a plan as files: PDF, XLSX, CSV; USS, Fountain, FDX; a plan as a calendar."""

from __future__ import annotations

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from xiepai.kernel.errors import not_found
from xiepai.productions import selectors as works
from xiepai.productions.models import Work
from xiepai.shoots import access, exchange, tables
from xiepai.shoots.documents.board_print import board_pdf
from xiepai.shoots.documents.table_print import table_pdf
from xiepai.shoots.models import Plan
from xiepai.shoots.plan_calendar import plan_calendar
from xiepai.web.requests import Request
from xiepai.web.spreadsheets import table_file

USS = "application/json; charset=utf-8"
CALENDAR = "text/calendar; charset=utf-8"
PDF = "application/pdf"
#: The breakdown for other software: how it is written and what it is sent as.
EXCHANGED = {
    "uss": (exchange.work_uss, USS),
    "fountain": (exchange.work_fountain, "text/plain; charset=utf-8"),
    "fdx": (exchange.work_fdx, "application/xml; charset=utf-8"),
}


@require_safe
def of_work(request: Request, work_id: int, table: str, form: str) -> HttpResponse | StreamingHttpResponse:
    """顺场表, 顺景表 or the list of elements of a work; ``breakdown`` as USS, Fountain, FDX for other software."""
    work = works.get_work(request.actor, work_id)
    if table == "breakdown" and form in EXCHANGED:
        write, kind = EXCHANGED[form]
        return _file(write(work), kind, f"breakdown-{work_id}.{form}")
    if table not in tables.OF_WORK:
        raise not_found()
    if form == "pdf":
        return _printed(work, table, "", tables.OF_WORK[table](work), f"{table}-{work_id}.pdf")
    return table_file(form, f"{table}-{work_id}", tables.OF_WORK[table](work))


@require_safe
def of_plan(request: Request, plan_id: int, table: str, form: str) -> HttpResponse | StreamingHttpResponse:
    """拍摄计划 or day out of days of a plan; ``board.pdf`` is its stripboard, ``schedule.ics`` its calendar."""
    plan = access.visible_plans(request.actor).filter(pk=plan_id).select_related("work").first()
    if plan is None:
        raise not_found()
    if found := _board_or_feed(request, plan, table, form):
        return found
    if table not in tables.OF_PLAN:
        raise not_found()
    if form == "pdf":
        return _printed(plan.work, table, plan.name, tables.OF_PLAN[table](plan), f"{table}-{plan_id}.pdf")
    return table_file(form, f"{table}-{plan_id}", tables.OF_PLAN[table](plan))


def _board_or_feed(request: Request, plan: Plan, table: str, form: str) -> HttpResponse | None:
    """What is no table of rows."""
    if (table, form) == ("board", "pdf"):
        return _file(board_pdf(plan), PDF, f"board-{plan.pk}.pdf", is_inline=True)
    if (table, form) == ("schedule", "uss"):
        return _file(exchange.plan_uss(plan), USS, f"plan-{plan.pk}.uss")
    if (table, form) == ("schedule", "ics"):
        domain = request.get_host().split(":")[0]
        return _file(plan_calendar(plan, domain=domain), CALENDAR, f"plan-{plan.pk}.ics")
    return None


def _printed(work: Work, table: str, subtitle: str, rows: tables.Rows, name: str) -> HttpResponse:
    words = {
        "breakdown": _("顺场表"),
        "by-set": _("顺景表"),
        "elements": _("元素表"),
        "schedule": _("拍摄计划"),
        "days-out-of-days": _("演员工作日表"),
    }[table]
    return _file(table_pdf(table, f"{work} {words}", subtitle, rows), PDF, name, is_inline=True)


def _file(data: bytes, kind: str, name: str, *, is_inline: bool = False) -> HttpResponse:
    answer = HttpResponse(data, content_type=kind)
    answer["Content-Disposition"] = f'{"inline" if is_inline else "attachment"}; filename="{name}"'
    return answer
