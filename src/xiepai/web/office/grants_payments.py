"""Money on its way: payments put into batches, approved by a second person, files for the bank and what it answered.

Accounts wait here for their second person too. Rules are the services'; nobody approves what he prepared.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from xiepai.grants.models import (
    BatchState,
    PaymentBatch,
    PaymentOrder,
    PaymentState,
    Programme,
    Recovery,
    RecoveryState,
)
from xiepai.grants.payment_files import bank_file, batch_sheet, order_number
from xiepai.grants.services import accounts, bank_results, batches, promising, recoveries
from xiepai.grants.wording import Milestones
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.web.office.grants import attempt, fen, number, numbers
from xiepai.web.requests import Request
from xiepai.web.spreadsheets import XLSX

SHOWN = 100
LARGEST_ANSWER = 5_000_000


@require_safe
def payments(request: Request) -> HttpResponse:
    """What may be paid, batches, accounts that wait, milestones not reached, recoveries."""
    planned = PaymentOrder.objects.filter(state=PaymentState.PLANNED, released_at__isnull=True)
    returned = PaymentOrder.objects.filter(state=PaymentState.FAILED)
    again = set(PaymentOrder.objects.filter(key__endswith=":again").values_list("key", flat=True))
    programmes = [(each, batches.payable_orders(each)) for each in Programme.objects.filter(is_local=True)]
    waiting = list(accounts.waiting_accounts(request.actor))
    open_recoveries = Recovery.objects.filter(state__in=(RecoveryState.ORDERED, RecoveryState.PARTLY))
    rows = PaymentBatch.objects.select_related("programme", "prepared_by", "approved_by").order_by("-id")
    context = {
        "programmes": [(each, orders) for each, orders in programmes if orders],
        "planned": list(planned.select_related("organisation", "application__version")[:SHOWN]),
        "returned": [
            row
            for row in returned.select_related("organisation", "application__version")
            if f"{row.key}:again" not in again
        ],
        "milestones": Milestones(each.pk for each, _orders in programmes),
        "accounts": [(row, accounts.flag_of(row)) for row in waiting],
        "recoveries": list(
            open_recoveries.select_related("application", "application__organisation").order_by("id")[:SHOWN]
        ),
        "batches": list(rows[:SHOWN]),
        "me": request.actor.person_id,
        "today": clock.today(),
    }
    return render(request, "office/grant_payments.html", context)


@require_safe
def batch(request: Request, batch_id: int) -> HttpResponse:
    """One batch with its payments."""
    found = _batch(batch_id)
    orders = found.orders.select_related("organisation", "application", "account").order_by("pk")
    context = {
        "batch": found,
        "orders": [(row, order_number(row)) for row in orders],
        "may_approve": found.state == BatchState.PREPARED
        and found.prepared_by_id != request.actor.person_id
        and request.actor.holds(*batches.APPROVERS),
        "is_mine": found.prepared_by_id == request.actor.person_id,
        "may_import": found.state in (BatchState.SENT, BatchState.DONE)
        and request.actor.holds(*bank_results.IMPORTERS),
    }
    return render(request, "office/grant_batch.html", context)


@require_safe
def batch_file(request: Request, batch_id: int, form: str) -> HttpResponse:
    """The sheet for people or the bank's file."""
    found = _batch(batch_id)
    if form == "xlsx":
        answer = HttpResponse(batch_sheet(found), content_type=XLSX)
    elif form == "csv" and found.state in (BatchState.APPROVED, BatchState.SENT, BatchState.DONE):
        answer = HttpResponse(bank_file(found), content_type="text/csv; charset=utf-8")
    else:
        raise not_found()
    answer["Content-Disposition"] = f'attachment; filename="{found.number}.{form}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
def prepare(request: Request, programme_id: int) -> HttpResponse:
    """Put the chosen payments together."""
    done = attempt(
        request,
        lambda: batches.prepare_batch(
            actor=request.actor, programme_id=programme_id, order_ids=numbers(request, "order"),
            note=request.POST.get("note", ""),
        ),
        _("批次已编好，请另一人复核。"),
    )  # fmt: skip
    return redirect("office:grant_batch", done.pk) if done else redirect("office:grant_payments")


@require_POST
def batch_deed(request: Request, batch_id: int) -> HttpResponse:
    """Approve, cancel, or take in what the bank answered."""
    found, wanted = _batch(batch_id), request.POST.get("deed")
    if wanted == "approve":
        deed: Any = lambda: batches.approve_batch(actor=request.actor, batch_id=found.pk)  # noqa: E731
        said = _("已复核，正在送出。")
    elif wanted == "cancel":
        deed = lambda: batches.cancel_batch(  # noqa: E731
            actor=request.actor, batch_id=found.pk, reason=request.POST.get("note", "")
        )
        said = _("批次已取消，款项可以重新编批。")
    elif wanted == "import":
        deed = lambda: bank_results.import_results(  # noqa: E731
            actor=request.actor, batch_id=found.pk, lines=bank_results.read_results(_uploaded(request))
        )
        said = _("回单已导入。")
    else:
        raise XiepaiError(ErrorCode.INVALID, detail="deed")
    attempt(request, deed, said)
    return redirect("office:grant_batch", found.pk)


@require_POST
def deed(request: Request) -> HttpResponse:
    """Accounts, milestones, returned payments and recoveries."""
    actor, note, wanted = request.actor, request.POST.get("note", ""), request.POST.get("deed", "")
    key = number(request, "id")
    deeds: dict[str, tuple[Any, str]] = {
        "confirm": (lambda: accounts.confirm_account(actor=actor, account_id=key), _("账户已确认。")),
        "reject": (lambda: accounts.reject_account(actor=actor, account_id=key, reason=note), _("账户未通过。")),
        "release": (
            lambda: promising.release_milestone(actor=actor, order_id=key, reason=note),
            _("已放款，可以编批。"),
        ),
        "again": (lambda: bank_results.plan_again(actor=actor, order_id=key, reason=note), _("已重新安排拨付。")),
        "returned": (
            lambda: recoveries.record_return(
                actor=actor, recovery_id=key, amount_fen=fen(request, "amount"), reference=note
            ),
            _("已记下退回。"),
        ),
        "waive": (lambda: recoveries.waive_recovery(actor=actor, recovery_id=key, reason=note), _("已免除。")),
    }
    if wanted not in deeds:
        raise XiepaiError(ErrorCode.INVALID, detail="deed")
    attempt(request, *deeds[wanted])
    return redirect("office:grant_payments")


def _uploaded(request: Request) -> bytes:
    file = request.FILES.get("file")
    if file is None or (file.size or 0) > LARGEST_ANSWER:
        raise XiepaiError(ErrorCode.INVALID, detail=_("请选择回单文件（CSV，5 MB 以内）。"))
    return file.read()


def _batch(batch_id: int) -> PaymentBatch:
    found = PaymentBatch.objects.select_related("programme", "prepared_by", "approved_by").filter(pk=batch_id).first()
    if found is None:
        raise not_found()
    return found
