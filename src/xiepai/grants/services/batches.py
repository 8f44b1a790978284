"""Payment batches: put together by one person, approved by another, carried out by a job that may die at any point.

Each payment leaves in a transaction of its own: the ledger's movement has a key, the order its state, and both are
written together or not at all. So a job killed in the middle goes on where it was, and nothing is paid twice. The
batch is handed to the bank as one file, whose digest is kept. Locks: batch, application, order, ledger accounts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from xiepai.grants import ledger
from xiepai.grants.errors import invalid
from xiepai.grants.models import (
    Application,
    BatchState,
    PaymentBatch,
    PaymentOrder,
    PaymentState,
    Programme,
)
from xiepai.grants.payment_files import bank_file, digest
from xiepai.grants.purposes import purposes_of
from xiepai.grants.services.accounts import usable_accounts
from xiepai.grants.services.moving import move_application
from xiepai.grants.services.promising import payment_state
from xiepai.grants.states import ApplicationState
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.kernel.jobs import enqueue
from xiepai.parties.access import Actor, require, system
from xiepai.parties.models import Role
from xiepai.parties.rules import acting_person

PREPARERS = (Role.FINANCE, Role.OFFICER, Role.ADMINISTRATOR)
APPROVERS = (Role.FINANCE, Role.LEADER, Role.ADMINISTRATOR)


def prepare_batch(*, actor: Actor, programme_id: int, order_ids: Sequence[int], note: str = "") -> PaymentBatch:
    """Put payments together for the bank; each company needs an account that may be used now."""
    require(actor, *PREPARERS)
    person_id = acting_person(actor)
    with transaction.atomic():
        programme = Programme.objects.filter(pk=programme_id).first()
        if programme is None:
            raise not_found()
        orders = _locked_orders(programme, order_ids)
        batch = PaymentBatch.objects.create(
            programme=programme,
            number=_next_number(programme),
            state=BatchState.PREPARED,
            total_fen=sum(order.amount_fen for order in orders),
            prepared_by_id=person_id,
            prepared_at=clock.now(),
            created_at=clock.now(),
            note=note.strip()[:200],
        )
        audit.record("grants.batch.prepared", batch, actor=actor)
        accounts = usable_accounts(order.organisation for order in orders)
        before, purposes = [audit.snapshot(order) for order in orders], purposes_of(orders)
        for order in orders:
            order.state, order.batch, order.account = PaymentState.BATCHED, batch, accounts[order.organisation_id]
            order.purpose = purposes[order.pk]
        _write_many(orders, before, actor, "grants.payment.batched")
    return batch


def approve_batch(*, actor: Actor, batch_id: int) -> PaymentBatch:
    """The second name; a job then carries the batch out."""
    require(actor, *APPROVERS)
    person_id = acting_person(actor)
    with transaction.atomic():
        batch = locked_batch(batch_id)
        _require_state(batch, BatchState.PREPARED, action=_("复核"))
        if batch.prepared_by_id == person_id:
            raise XiepaiError(ErrorCode.FOUR_EYES)
        orders = list(batch.orders.select_related("organisation", "account"))
        if batch.total_fen != sum(order.amount_fen for order in orders) or not orders:
            raise XiepaiError(ErrorCode.CONFLICT)
        accounts = usable_accounts(order.organisation for order in orders)
        if any(accounts[order.organisation_id].pk != order.account_id for order in orders):
            raise XiepaiError(ErrorCode.CONFLICT)
        _write_batch(
            batch, actor, "grants.batch.approved",
            state=BatchState.APPROVED, approved_by_id=person_id, approved_at=clock.now(),
        )  # fmt: skip
        enqueue("grants.send_batch", queue="grants", batch_id=batch.pk)
    return batch


def cancel_batch(*, actor: Actor, batch_id: int, reason: str) -> PaymentBatch:
    """Take a batch apart that has not been approved; its payments may go into another."""
    require(actor, *PREPARERS, *APPROVERS)
    if not reason.strip():
        raise invalid(_("请写理由。"))
    with transaction.atomic():
        batch = locked_batch(batch_id)
        _require_state(batch, BatchState.PREPARED, action=_("取消"))
        orders = list(batch.orders.select_for_update(of=("self",)).order_by("pk"))
        before = [audit.snapshot(order) for order in orders]
        for order in orders:
            order.state, order.batch, order.account, order.purpose = PaymentState.PLANNED, None, None, ""
        _write_many(orders, before, actor, "grants.payment.unbatched")
        _write_batch(batch, actor, "grants.batch.cancelled", state=BatchState.CANCELLED, note=reason.strip()[:200])
    return batch


def send_batch(batch_id: int) -> int:
    """Carry out an approved batch; run again it goes on where it was. How many payments left this time."""
    actor, sent = system("payments"), 0
    keys = list(PaymentOrder.objects.filter(batch_id=batch_id).order_by("pk").values_list("pk", "application_id"))
    for order_id, application_id in keys:
        sent += _send(batch_id, order_id, application_id, actor)
    with transaction.atomic():
        batch = locked_batch(batch_id)
        waiting = batch.orders.filter(state=PaymentState.BATCHED).exists()
        if batch.state == BatchState.APPROVED and not waiting:
            _write_batch(
                batch, actor, "grants.batch.sent",
                state=BatchState.SENT, sent_at=clock.now(), file_sha256=digest(bank_file(batch)),
            )  # fmt: skip
    return sent


def _send(batch_id: int, order_id: int, application_id: int, actor: Actor) -> int:
    """One payment: state and ledger together, or neither."""
    with transaction.atomic():
        if locked_batch(batch_id).state != BatchState.APPROVED:
            return 0
        application = Application.objects.select_for_update(no_key=True).get(pk=application_id)
        order = PaymentOrder.objects.select_for_update(of=("self",)).get(pk=order_id)
        if order.state != PaymentState.BATCHED:
            return 0
        _write(order, actor, "grants.payment.sent", state=PaymentState.SENT)
        if application.state == ApplicationState.APPROVED:
            move_application(application, ApplicationState.PAYING, actor=actor, event="grants.application.paying")
        ledger.move(
            actor=actor,
            purse=ledger.purse_of(application, order.measure),
            event="paid",
            amount_fen=order.amount_fen,
            key=f"{order.key}:paid",
            application=application,
            measure=order.measure,
        )
    return 1


def locked_batch(batch_id: int) -> PaymentBatch:
    """A batch under row lock."""
    batch = PaymentBatch.objects.select_for_update(of=("self",), no_key=True).filter(pk=batch_id).first()
    if batch is None:
        raise not_found()
    return batch


def payable_orders(programme: Programme) -> list[PaymentOrder]:
    """What may go into a batch: planned, released; oldest first."""
    rows = PaymentOrder.objects.filter(
        application__programme=programme, state=PaymentState.PLANNED, released_at__isnull=False
    )
    return list(rows.select_related("organisation", "application__version").order_by("pk"))


def _locked_orders(programme: Programme, order_ids: Sequence[int]) -> list[PaymentOrder]:
    rows = PaymentOrder.objects.select_for_update(of=("self",)).filter(
        pk__in=set(order_ids), application__programme=programme
    )
    orders = list(rows.select_related("organisation", "application__version").order_by("pk"))
    if not orders or len(orders) != len(set(order_ids)):
        raise invalid(_("请选择这个项目的待拨付款项。"))
    for order in orders:
        if order.state != PaymentState.PLANNED or order.released_at is None:
            raise payment_state(order, _("编入批次"))
    return orders


def _next_number(programme: Programme) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('grants_paymentbatch', 'id'))")
        return f"{programme.code.upper()[:18]}-B{int(cursor.fetchone()[0]):05d}"


def _require_state(batch: PaymentBatch, state: BatchState, *, action: str) -> None:
    if batch.state != state:
        label = str(BatchState(batch.state).label)
        raise XiepaiError(ErrorCode.PAYMENT_STATE, number=batch.number, state=label, action=action)


def _write(order: PaymentOrder, actor: Actor, event: str, **values: object) -> None:
    before = audit.snapshot(order)
    for name, value in values.items():
        setattr(order, name, value)
    order.save(update_fields=list(values))
    audit.record(event, order, actor=actor, before=before)


def _write_many(orders: Sequence[PaymentOrder], before: Sequence[dict[str, Any]], actor: Actor, event: str) -> None:
    """Where many orders stand, in as many queries as for one."""
    PaymentOrder.objects.bulk_update(orders, ["state", "batch", "account", "purpose"])
    traces = (audit.Trace(event, order, before=old) for order, old in zip(orders, before, strict=True))
    audit.record_many(traces, actor=actor)


def _write_batch(batch: PaymentBatch, actor: Actor, event: str, **values: object) -> None:
    before = audit.snapshot(batch)
    for name, value in values.items():
        setattr(batch, name, value)
    batch.save(update_fields=[name.removesuffix("_id") for name in values])
    audit.record(event, batch, actor=actor, before=before)
