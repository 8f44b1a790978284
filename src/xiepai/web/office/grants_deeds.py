"""What the office does on an application's page: one address, the deed named in the form, a service for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from xiepai.grants.models import Application, FactSource
from xiepai.grants.services import (
    deciding,
    evidence,
    facts,
    performing,
    proposing,
    recusing,
    refusing,
    reviewing,
    scoring,
)
from xiepai.grants.services.clocking import extend_term
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.web.office.grants import attempt, fen, number, numbers
from xiepai.web.office.grants_application import get_application
from xiepai.web.requests import Request

Deed = Callable[[Request, Application], Any]


@require_POST
def deed(request: Request, application_id: int) -> HttpResponse:
    """Do what the form says; what is refused is said on the page."""
    row = get_application(request, application_id)
    found = DEEDS.get(request.POST.get("deed", ""))
    if found is None:
        raise XiepaiError(ErrorCode.INVALID, detail="deed")
    does, said, place = found
    attempt(request, lambda: does(request, row), str(said))
    if request.POST.get("deed") == "recuse":
        return redirect("office:grants")
    return redirect(redirect("office:grant", row.pk).url + place)


def _common(request: Request, row: Application) -> dict[str, Any]:
    return {"actor": request.actor, "application_id": row.pk}


def _seen(request: Request, row: Application) -> dict[str, Any]:
    return {**_common(request, row), "seen": request.POST.get("seen", "")}


def _note(request: Request, name: str = "note") -> str:
    return request.POST.get(name, "")


def _return(request: Request, row: Application) -> Any:
    fields, notes = request.POST.getlist("field"), request.POST.getlist("field_note")
    items = [{"field": a, "note": b} for a, b in zip(fields, notes, strict=False) if b.strip()]
    days = number(request, "days", reviewing.CORRECTION_DAYS)
    return reviewing.ask_correction(**_seen(request, row), items=items, note=_note(request), working_days=days)


def _refuse(request: Request, row: Application) -> Any:
    days = number(request, "days", refusing.REBUTTAL_DAYS)
    return refusing.announce_refusal(**_seen(request, row), reason=_note(request), working_days=days)


def _answer(request: Request, row: Application) -> Any:
    return refusing.answer_appeal(
        actor=request.actor, appeal_id=number(request, "appeal"), is_upheld=request.POST.get("upheld") == "1",
        answer=_note(request),
    )  # fmt: skip


def _recuse(request: Request, row: Application, person_id: int | None = None) -> Any:
    whole = request.POST.get("whole") == "1"
    return recusing.recuse(
        actor=request.actor, reason=_note(request), person_id=person_id,
        application_id=None if whole else row.pk, organisation_id=row.organisation_id if whole else None,
    )  # fmt: skip


def _recuse_other(request: Request, row: Application) -> Any:
    person_id = number(request, "person")
    if not person_id or person_id == request.actor.person_id:  # without a choice it must not become one's own
        raise XiepaiError(ErrorCode.INVALID, detail=_("请选择要回避的人员。"))
    return _recuse(request, row, person_id)


def _extend(request: Request, row: Application) -> Any:
    return extend_term(**_common(request, row), working_days=number(request, "days"), reason=_note(request))


def _verify_fact(request: Request, row: Application) -> Any:
    done = facts.verify_fact(
        actor=request.actor, fact_id=number(request, "fact"), evidence_id=number(request, "evidence") or None
    )
    proposing.reread_facts(**_common(request, row))
    return done


def _set_fact(request: Request, row: Application) -> Any:
    about: dict[str, Any] = {"work_id": row.work_id} if row.work_id else {"organisation_id": row.organisation_id}
    done = facts.state_fact(
        actor=request.actor, name=_note(request, "name"), value=_note(request, "value"), source=FactSource.OFFICE,
        source_ref=_note(request), **about,
    )  # fmt: skip
    proposing.reread_facts(**_common(request, row))
    return done


def _paper(request: Request, row: Application) -> Any:
    check = evidence.verify_evidence if request.POST.get("accept") == "1" else evidence.reject_evidence
    return check(actor=request.actor, evidence_id=number(request, "evidence"), note=_note(request))


def _assign(request: Request, row: Application) -> Any:
    return scoring.assign_experts(**_common(request, row), person_ids=numbers(request, "expert"))


def _cancel(request: Request, row: Application) -> Any:
    scoring.cancel_assignment(actor=request.actor, assignment_id=number(request, "assignment"), reason=_note(request))


def _moderate(request: Request, row: Application) -> Any:
    return scoring.moderate(**_common(request, row), kind=_note(request, "kind"), note=_note(request))


def _decide(request: Request, row: Application) -> Any:
    return deciding.decide(actor=request.actor, application_ids=[row.pk], meeting=_note(request))


def _performance(request: Request, row: Application) -> Any:
    return performing.check_performance(
        **_common(request, row), result=_note(request, "result"), findings=_note(request),
        measure=_note(request, "measure"), recover_fen=fen(request, "recover"),
        due_on=parse_date(_note(request, "due_on") or "") if _note(request, "due_on") else None,
    )  # fmt: skip


DEEDS: dict[str, tuple[Deed, Any, str]] = {
    "take": (lambda q, r: reviewing.take(**_seen(q, r)), gettext_lazy("已受理。"), ""),
    "pass": (lambda q, r: reviewing.pass_on(**_seen(q, r), note=_note(q)), gettext_lazy("已转入下一环节。"), ""),
    "skip": (lambda q, r: reviewing.skip_step(**_seen(q, r), reason=_note(q)), gettext_lazy("已略过这一环节。"), ""),
    "return": (_return, gettext_lazy("已退回补正，企业会收到通知；时限暂停。"), ""),
    "cancel_correction": (
        lambda q, r: reviewing.cancel_correction(**_common(q, r), reason=_note(q)),
        gettext_lazy("已撤销补正，时限恢复。"),
        "",
    ),
    "refuse": (_refuse, gettext_lazy("已告知企业拟不予通过；等待申辩。"), ""),
    "lift": (
        lambda q, r: refusing.lift_refusal(**_common(q, r), reason=_note(q)),
        gettext_lazy("已撤回，继续审核。"),
        "",
    ),
    "final": (lambda q, r: refusing.make_final(**_common(q, r)), gettext_lazy("已不予通过。"), ""),
    "answer": (_answer, gettext_lazy("已答复。"), "#appeals"),
    "recuse": (_recuse, gettext_lazy("已登记回避。"), ""),
    "recuse_other": (_recuse_other, gettext_lazy("已登记回避。"), "#recusals"),
    "extend": (_extend, gettext_lazy("已延长时限。"), "#clock"),
    "verify_fact": (_verify_fact, gettext_lazy("已核实。"), "#facts"),
    "set_fact": (_set_fact, gettext_lazy("已核定。"), "#facts"),
    "reread": (
        lambda q, r: proposing.reread_facts(**_common(q, r)),
        gettext_lazy("已按现在核实的事实重算。"),
        "#facts",
    ),
    "paper": (_paper, gettext_lazy("已记下核对结果。"), "#papers"),
    "assign": (_assign, gettext_lazy("已请专家评审。"), "#review"),
    "cancel": (_cancel, gettext_lazy("已取消分派。"), "#review"),
    "moderate": (_moderate, gettext_lazy("已记下复核。"), "#review"),
    "decide": (_decide, gettext_lazy("已作出决定，款项已列入待拨付。"), ""),
    "performance": (_performance, gettext_lazy("已记下绩效评价。"), ""),
}
"""The name of a deed → what does it, what is said, where on the page it stands."""
