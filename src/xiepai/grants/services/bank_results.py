"""What the bank answered: a file read whole before anything is written, each line applied once.

A paid line closes its payment; a returned one (退票) gives the money back to what is promised, and the payment can be
planned again. Refused as a whole: unknown or foreign numbers, another amount than was ordered, a line that says
the opposite of what was booked before.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.grants import ledger
from xiepai.grants.errors import invalid
from xiepai.grants.models import Application, BatchState, PaymentBatch, PaymentOrder, PaymentState
from xiepai.grants.payment_files import order_number
from xiepai.grants.services.batches import locked_batch
from xiepai.grants.services.moving import move_application
from xiepai.grants.services.promising import payment_state
from xiepai.grants.states import ApplicationState
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.money import Money
from xiepai.parties.access import Actor, require
from xiepai.parties.models import Role

#: Columns of the result file, in any order; see docs/ledger.md. No bank's format is stated, so this one is a sample.
COLUMNS = ("number", "amount", "result", "reference", "reason")
RESULTS = {"paid": PaymentState.PAID, "returned": PaymentState.FAILED}
IMPORTERS = (Role.FINANCE, Role.OFFICER, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the bank's answer."""

    number: str
    amount_fen: int
    state: PaymentState
    reference: str
    reason: str


@dataclass(frozen=True, slots=True)
class Booked:
    """What an import did."""

    paid: int
    returned: int
    known: int


def read_results(content: bytes) -> list[Line]:
    """The lines of a result file (CSV, UTF-8); the first wrong one is named."""
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise XiepaiError(ErrorCode.FILE_UNREADABLE, detail=str(error)) from error
    if not rows or not set(COLUMNS[:3]) <= set(rows[0]):
        raise XiepaiError(ErrorCode.FILE_UNREADABLE, detail=_("须有列：%(names)s") % {"names": "、".join(COLUMNS)})
    return [_line(row, place) for place, row in enumerate(rows, 2)]


def _line(row: dict[str, str | None], place: int) -> Line:
    said = {name: (row.get(name) or "").strip() for name in COLUMNS}
    try:
        amount, state = Money.parse(said["amount"]).fen, RESULTS[said["result"]]
    except (ValueError, KeyError) as error:
        raise XiepaiError(
            ErrorCode.FILE_UNREADABLE, detail=_("第 %(line)d 行：%(what)s") % {"line": place, "what": str(error)}
        ) from error
    return Line(said["number"], amount, state, said["reference"], said["reason"])


def import_results(*, actor: Actor, batch_id: int, lines: Sequence[Line]) -> Booked:
    """Book what the bank answered; the same file again changes nothing."""
    require(actor, *IMPORTERS)
    with transaction.atomic():
        batch = locked_batch(batch_id)
        if batch.state not in (BatchState.SENT, BatchState.DONE):
            label = str(BatchState(batch.state).label)
            raise XiepaiError(ErrorCode.PAYMENT_STATE, number=batch.number, state=label, action=_("导入回单"))
        orders = _matched(batch, lines)
        done = [_book(actor, order, line) for order, line in orders]
        _close(batch, actor)
    paid, returned = done.count(PaymentState.PAID), done.count(PaymentState.FAILED)
    return Booked(paid, returned, len(done) - paid - returned)


def _matched(batch: PaymentBatch, lines: Sequence[Line]) -> list[tuple[PaymentOrder, Line]]:
    """Each line's payment, applications locked before payments, both in order; nothing is written before all fit."""
    keys = sorted(set(batch.orders.values_list("application_id", flat=True)))
    list(Application.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))
    rows = batch.orders.select_for_update(of=("self",)).select_related("application__programme").order_by("pk")
    by_number = {order_number(order): order for order in rows}
    seen: set[str] = set()
    for line in lines:
        order = by_number.get(line.number)
        if order is None or line.number in seen:
            raise invalid(_("回单里的编号 {number} 不在这个批次或重复。"), number=line.number)
        if order.amount_fen != line.amount_fen:
            raise invalid(
                _("编号 {number} 应为 {due}，回单是 {told}。"),
                number=line.number, due=Money(order.amount_fen), told=Money(line.amount_fen),
            )  # fmt: skip
        if order.state in RESULTS.values() and order.state != line.state:
            raise payment_state(order, _("改记回单"))
        seen.add(line.number)
    return [(by_number[line.number], line) for line in lines]


def _book(actor: Actor, order: PaymentOrder, line: Line) -> PaymentState | None:
    """Book one line; None where it was booked before."""
    if order.state != PaymentState.SENT:
        return None
    before = audit.snapshot(order)
    order.state, order.bank_reference, order.note = line.state, line.reference[:80], line.reason[:200] or order.note
    order.paid_at = clock.now() if line.state is PaymentState.PAID else None
    order.save(update_fields=["state", "bank_reference", "note", "paid_at"])
    if line.state is PaymentState.PAID:
        audit.record("grants.payment.paid", order, actor=actor, before=before)
        _all_paid(order.application, actor)
        return line.state
    audit.record("grants.payment.returned", order, actor=actor, before=before)
    ledger.move(
        actor=actor,
        purse=ledger.purse_of(order.application, order.measure),
        event="bounced",
        amount_fen=order.amount_fen,
        key=f"{order.key}:bounced",
        application=order.application,
        measure=order.measure,
        note=line.reason,
    )
    return line.state


def _all_paid(application: Application, actor: Actor) -> None:
    """The application is paid when none of its payments waits any more (a returned one was planned again or waits)."""
    application.refresh_from_db(fields=["state"])
    gone = (PaymentState.PAID, PaymentState.CANCELLED)
    waits = PaymentOrder.objects.filter(application=application).exclude(state__in=gone)
    replaced = {f"{key}:again" for key in waits.filter(state=PaymentState.FAILED).values_list("key", flat=True)}
    again = set(PaymentOrder.objects.filter(key__in=replaced).values_list("key", flat=True))
    is_open = waits.exclude(state=PaymentState.FAILED).exists() or replaced - again
    if application.state == ApplicationState.PAYING and not is_open:
        move_application(application, ApplicationState.PAID, actor=actor, event="grants.application.paid")


def _close(batch: PaymentBatch, actor: Actor) -> None:
    if batch.state == BatchState.SENT and not batch.orders.filter(state=PaymentState.SENT).exists():
        before = audit.snapshot(batch)
        batch.state, batch.done_at = BatchState.DONE, clock.now()
        batch.save(update_fields=["state", "done_at"])
        audit.record("grants.batch.done", batch, actor=actor, before=before)


def plan_again(*, actor: Actor, order_id: int, reason: str) -> PaymentOrder:
    """Plan a payment again that the bank returned, once: a further order, released, for the account of that day."""
    require(actor, *IMPORTERS)
    if not reason.strip():
        raise invalid(_("请写理由。"))
    with transaction.atomic():
        old = PaymentOrder.objects.select_for_update(of=("self",)).filter(pk=order_id).first()
        if old is None or old.state != PaymentState.FAILED:
            raise invalid(_("只有退票的款项可以重新拨付。"))
        key = f"{old.key}:again"
        if PaymentOrder.objects.filter(key=key).exists():
            raise invalid(_("这笔退票已经重新安排。"))
        order = PaymentOrder.objects.create(
            decision_id=old.decision_id,
            application_id=old.application_id,
            organisation_id=old.organisation_id,
            measure=old.measure,
            milestone=old.milestone,
            year=old.year,
            amount_fen=old.amount_fen,
            key=key,
            planned_at=clock.now(),
            released_at=clock.now(),
            released_by_id=actor.person_id,
            note=reason.strip()[:200],
        )
        audit.record("grants.payment.planned", order, actor=actor)
    return order
