"""Money of whole applications: whatever order it is promised, paid, returned and asked back in, the ledger adds up."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.grants import NOW
from tests.money import Purser, make_purser

from xiepai.grants import ledger
from xiepai.grants.models import (
    Application,
    LedgerAccount,
    LedgerKind,
    PaymentBatch,
    PaymentOrder,
    PaymentState,
    Recovery,
)
from xiepai.grants.payment_files import order_number
from xiepai.grants.services import bank_results, batches, promising, recoveries
from xiepai.kernel import clock, verifying
from xiepai.kernel.errors import XiepaiError

ALLOTTED = 1_000
#: A deed, an amount, and which of the rows it may be done to.
STEPS = st.lists(st.tuples(st.integers(0, 10), st.integers(1, 400), st.integers(0, 7)), min_size=5, max_size=40)


@pytest.fixture(autouse=True)
def _december() -> Generator[None, None, None]:
    with clock.frozen(NOW):
        yield


@dataclass
class Office:
    """Deeds by number; what is refused is refused."""

    purser: Purser
    numbers: count[int] = field(default_factory=count)
    done: int = 0

    def act(self, deed: int, fen: int, which: int) -> None:
        """One deed, as somebody would try it."""
        deeds: tuple[Callable[[int, int], object], ...] = (
            self.award, self.award, self.prepare, self.send, self.answer, self.again, self.recover, self.give_back,
            self.waive, self.reuse, self.withdraw,
        )  # fmt: skip
        with suppress(XiepaiError), transaction.atomic():
            deeds[deed](fen, which)
            self.done += 1

    def award(self, fen: int, _which: int) -> None:
        self.purser.award(fen)

    def prepare(self, _fen: int, _which: int) -> None:
        keys = [order.pk for order in batches.payable_orders(self.purser.programme)]
        batches.prepare_batch(actor=self.purser.finance, programme_id=self.purser.programme.pk, order_ids=keys)

    def send(self, _fen: int, which: int) -> None:
        for batch in _one(PaymentBatch.objects.filter(state="prepared"), which):
            batches.approve_batch(actor=self.purser.second, batch_id=batch.pk)
            batches.send_batch(batch.pk)

    def answer(self, fen: int, which: int) -> None:
        for batch in _one(PaymentBatch.objects.filter(state="sent"), which):
            orders = batch.orders.filter(state=PaymentState.SENT).select_related("application__programme")
            lines = [
                bank_results.Line(
                    order_number(order), order.amount_fen,
                    PaymentState.FAILED if (order.pk + fen) % 3 == 0 else PaymentState.PAID, f"B{order.pk}", "",
                )
                for order in orders
            ]  # fmt: skip
            bank_results.import_results(actor=self.purser.finance, batch_id=batch.pk, lines=lines)

    def again(self, _fen: int, which: int) -> None:
        for order in _one(PaymentOrder.objects.filter(state=PaymentState.FAILED), which):
            bank_results.plan_again(actor=self.purser.finance, order_id=order.pk, reason="更正")

    def recover(self, fen: int, which: int) -> None:
        for row in _one(Application.objects.filter(state__in=["paid", "recovering"]), which):
            recoveries.order_recovery(
                actor=self.purser.finance, application_id=row.pk, measure="location", amount_fen=fen, reason="不合规"
            )

    def give_back(self, fen: int, which: int) -> None:
        for row in _one(Recovery.objects.filter(state__in=["ordered", "partly"]), which):
            reference = f"R{next(self.numbers)}"
            recoveries.record_return(actor=self.purser.finance, recovery_id=row.pk, amount_fen=fen, reference=reference)

    def waive(self, _fen: int, which: int) -> None:
        for row in _one(Recovery.objects.filter(state="partly"), which):
            recoveries.waive_recovery(actor=self.purser.leader, recovery_id=row.pk, reason="破产")

    def reuse(self, _fen: int, which: int) -> None:
        for row in _one(Recovery.objects.filter(state__in=["returned", "waived"]), which):
            recoveries.reuse_returned(actor=self.purser.leader, recovery_id=row.pk, reason="再用")

    def withdraw(self, _fen: int, which: int) -> None:
        for row in _one(Application.objects.filter(state="approved"), which):
            promising.withdraw_promise(actor=self.purser.leader, decision=row.decisions.get(), reason="撤销")


def _one(rows: object, which: int) -> list:  # type: ignore[type-arg]
    found = list(rows.order_by("pk"))  # type: ignore[attr-defined]
    return [found[which % len(found)]] if found else []


def fen_of(rows: object, name: str = "amount_fen") -> int:
    """A sum, nothing being zero."""
    return int(rows.aggregate(fen=Sum(name))["fen"] or 0)  # type: ignore[attr-defined]


def adds_up(purser: Purser) -> None:
    """Every account is what the rows of the services say it is."""
    stand = ledger.statement(ledger.Purse(purser.programme.pk, "", 2026))
    assert stand.is_balanced
    assert not LedgerAccount.objects.exclude(kind="source").filter(balance_fen__lt=0).exists()
    fen = {kind: stand.balances[kind].fen for kind in LedgerKind}
    assert fen[LedgerKind.SOURCE] == -ALLOTTED
    orders = PaymentOrder.objects
    promised = fen_of(orders.filter(state__in=[PaymentState.PLANNED, PaymentState.BATCHED]))
    failed = orders.filter(state=PaymentState.FAILED)
    waiting = [each for each in failed if not orders.filter(key=f"{each.key}:again").exists()]
    assert fen[LedgerKind.COMMITTED] == promised + sum(each.amount_fen for each in waiting)
    gone = fen_of(orders.filter(state__in=[PaymentState.SENT, PaymentState.PAID]))
    back = fen_of(Recovery.objects.all(), "returned_fen")
    assert fen[LedgerKind.PAID] == gone - back
    assert 0 <= fen[LedgerKind.RETURNED] <= back


@given(STEPS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_ledger_adds_up_whatever_is_done_in_whatever_order(db: None, steps: list[tuple[int, int, int]]) -> None:
    with transaction.atomic():
        purser = make_purser()
        purser.budget(ALLOTTED)
        purser.account()
        office = Office(purser)
        # two payments on their way, so that every deed has something to be done to
        for deed in (0, 0, 2, 3, 4):
            office.act(deed, 60, 0)
        assert office.done == 5
        for deed, fen, which in steps:
            office.act(deed, fen, which)
            adds_up(purser)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        verdict = verifying.verify()
        assert verdict.is_whole, verdict
        transaction.set_rollback(True)
