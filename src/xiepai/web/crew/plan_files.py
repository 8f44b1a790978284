"""The tables of a work and of a plan as files: CSV, XLSX, and the plan as a calendar."""

from __future__ import annotations

from django.http import HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from xiepai.kernel.errors import not_found
from xiepai.productions import selectors as works
from xiepai.shoots import access, tables
from xiepai.shoots.plan_calendar import plan_calendar
from xiepai.web.requests import Request
from xiepai.web.spreadsheets import table_file


@require_safe
def of_work(request: Request, work_id: int, table: str, form: str) -> HttpResponse | StreamingHttpResponse:
    """场景表, 顺景表 or the list of elements of a work."""
    work = works.get_work(request.actor, work_id)
    if table not in tables.OF_WORK:
        raise not_found()
    return table_file(form, f"{table}-{work_id}", tables.OF_WORK[table](work))


@require_safe
def of_plan(request: Request, plan_id: int, table: str, form: str) -> HttpResponse | StreamingHttpResponse:
    """拍摄计划 or day out of days of a plan; ``schedule.ics`` is its calendar."""
    plan = access.visible_plans(request.actor).filter(pk=plan_id).select_related("work").first()
    if plan is None or table not in tables.OF_PLAN:
        raise not_found()
    if (table, form) == ("schedule", "ics"):
        answer = HttpResponse(
            plan_calendar(plan, domain=request.get_host().split(":")[0]), content_type="text/calendar; charset=utf-8"
        )
        answer["Content-Disposition"] = f'attachment; filename="plan-{plan_id}.ics"'
        return answer
    return table_file(form, f"{table}-{plan_id}", tables.OF_PLAN[table](plan))
