"""From a decision to money: what it awards is committed in the ledger and planned as payments, by milestone.

Part of the service that decides, in its transaction. Refuses a decision whose measures do not add up to its amount
and one the budget does not cover. A milestone is paid once somebody has put a name under its having been reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from xiepai.grants import ledger
from xiepai.grants.errors import invalid
from xiepai.grants.models import (
    Application,
    Decision,
    LedgerKind,
    MeasureSetting,
    Outcome,
    PaymentOrder,
    PaymentState,
)
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor, require
from xiepai.parties.models import Role

#: Who says that a milestone was reached.
RELEASERS = (Role.OFFICER, Role.FINANCE, Role.ADMINISTRATOR)


def promise(*, actor: Actor, decision: Decision) -> list[PaymentOrder]:
    """Commit what a decision awards and plan its payments; again changes nothing. The application is locked."""
    if decision.outcome != Outcome.APPROVED:
        return []
    amounts = shares_of(decision)
    with transaction.atomic():
        orders = []
        for measure in sorted(amounts):
            fen = amounts[measure]
            key = f"decision:{decision.pk}:{measure}"
            ledger.commit(actor=actor, application=decision.application, measure=measure, amount_fen=fen, key=key)
            orders += list(_plan(actor, decision, measure, fen))
    return orders


def shares_of(decision: Decision) -> dict[str, int]:
    """What each measure bears of a decision's amount.

    ``by_measure`` is what the measures give before limits over them; where such a limit cut the sum, each bears its
    part in proportion, in whole fen, what rounding left going to the first by name.
    """
    given = {name: fen for name, fen in sorted(decision.by_measure.items()) if fen > 0}
    total = sum(given.values())
    if total < decision.awarded_fen:
        raise invalid(_("决定的金额多于各条目之和。"))
    if not total:
        return {}
    shares = {name: decision.awarded_fen * fen // total for name, fen in given.items()}
    shares[next(iter(given))] += decision.awarded_fen - sum(shares.values())
    return {name: fen for name, fen in shares.items() if fen}


def _plan(actor: Actor, decision: Decision, measure: str, amount_fen: int) -> Iterator[PaymentOrder]:
    application = decision.application
    for place, (milestone, fen) in enumerate(parts_of(application, measure, amount_fen)):
        key = f"decision:{decision.pk}:{measure}:{milestone}"
        if (known := PaymentOrder.objects.filter(key=key).first()) is not None:
            yield known
            continue
        is_released = place == 0
        order = PaymentOrder.objects.create(
            decision=decision,
            application=application,
            organisation_id=application.organisation_id,
            measure=measure,
            milestone=milestone,
            year=application.programme.year,
            amount_fen=fen,
            key=key,
            planned_at=clock.now(),
            released_at=clock.now() if is_released else None,
            released_by_id=actor.person_id if is_released else None,
        )
        audit.record("grants.payment.planned", order, actor=actor)
        yield order


def parts_of(application: Application, measure: str, amount_fen: int) -> list[tuple[str, int]]:
    """An amount by milestone: whole fen, the last takes what rounding left; one nameless part where there are none."""
    setting = MeasureSetting.objects.filter(programme=application.programme_id, measure=measure).first()
    milestones: list[dict[str, Any]] = setting.milestones if setting else []
    if not milestones:
        return [("", amount_fen)]
    if sum(each["percent"] for each in milestones) != 100:
        raise invalid(_("“{measure}”的分期之和不是 100%。"), measure=measure)
    parts = [(str(each["code"]), amount_fen * int(each["percent"]) // 100) for each in milestones]
    last, fen = parts[-1]
    parts[-1] = (last, fen + amount_fen - sum(part for _code, part in parts))
    return [(code, part) for code, part in parts if part]


def release_milestone(*, actor: Actor, order_id: int, reason: str) -> PaymentOrder:
    """Say that a milestone was reached: its payment may go into a batch."""
    require(actor, *RELEASERS)
    if not reason.strip():
        raise invalid(_("请写达到节点的依据。"))
    with transaction.atomic():
        order = PaymentOrder.objects.select_for_update(of=("self",)).filter(pk=order_id).first()
        if order is None:
            raise not_found()
        if order.state != PaymentState.PLANNED or order.released_at is not None:
            raise payment_state(order, _("放款"))
        before = audit.snapshot(order)
        order.released_at, order.released_by_id = clock.now(), actor.person_id
        order.note = reason.strip()[:200]
        order.save(update_fields=["released_at", "released_by", "note"])
        audit.record("grants.payment.released", order, actor=actor, before=before)
    return order


def withdraw_promise(*, actor: Actor, decision: Decision, reason: str) -> int:
    """Take back what was promised and not handed to the bank yet; how many fen. The application is locked."""
    taken = 0
    with transaction.atomic():
        open_states = (PaymentState.PLANNED,)
        orders = PaymentOrder.objects.select_for_update(of=("self",)).filter(decision=decision, state__in=open_states)
        for order in orders.order_by("pk"):
            before = audit.snapshot(order)
            order.state, order.note = PaymentState.CANCELLED, reason[:200]
            order.save(update_fields=["state", "note"])
            audit.record("grants.payment.cancelled", order, actor=actor, before=before)
            ledger.revoke(
                actor=actor,
                application=decision.application,
                measure=order.measure,
                amount_fen=order.amount_fen,
                key=f"{order.key}:revoked",
            )
            taken += order.amount_fen
    return taken


def payment_state(order: PaymentOrder, action: str) -> XiepaiError:
    """The refusal of a deed a payment's state does not allow."""
    label = str(PaymentState(order.state).label)
    return XiepaiError(ErrorCode.PAYMENT_STATE, number=order.pk, state=label, action=action)


def paid_fen(application: Application, measure: str | None = None) -> int:
    """What was paid to an application and not given back, by the ledger."""
    rows = PaymentOrder.objects.filter(application=application)
    measures = [measure] if measure is not None else sorted(set(rows.values_list("measure", flat=True)))
    return sum(
        ledger.held_by(application, ledger.purse_of(application, name), name).get(LedgerKind.PAID, 0)
        for name in measures
    )


def open_fen(application: Application) -> int:
    """What is promised to an application and has not gone to the bank."""
    states = (PaymentState.PLANNED, PaymentState.BATCHED)
    total = PaymentOrder.objects.filter(application=application, state__in=states).aggregate(fen=Sum("amount_fen"))
    return int(total["fen"] or 0)
