"""The budget ledger: it balances whatever is done at once, is never negative, and the database holds it to that."""

from __future__ import annotations

import random
import threading
from collections.abc import Generator
from contextlib import suppress
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.grants import NOW
from tests.money import MEASURE, Purser, make_purser

from xiepai.grants import ledger
from xiepai.grants.models import Application, LedgerAccount, LedgerEntry, LedgerKind, PaymentOrder
from xiepai.grants.services import promising
from xiepai.kernel import clock, verifying
from xiepai.kernel.errors import ErrorCode, XiepaiError

K = LedgerKind


@pytest.fixture(autouse=True)
def _december() -> Generator[None, None, None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def purser(db: None) -> Purser:
    return make_purser()


def balances(purser: Purser, measure: str = "") -> dict[str, int]:
    stand = ledger.statement(ledger.Purse(purser.programme.pk, measure, 2026))
    assert stand.is_balanced
    return {str(kind): money.fen for kind, money in stand.balances.items() if money.fen}


@transaction.atomic
def moved(purser: Purser, application: Application, event: str, amount_fen: int, key: str) -> None:
    purse = ledger.purse_of(application, MEASURE)
    ledger.move(
        actor=purser.leader, purse=purse, event=event, amount_fen=amount_fen, key=key,
        application=application, measure=MEASURE,
    )  # fmt: skip


def test_a_budget_follows_what_is_set_and_no_lower_than_what_is_promised(purser: Purser) -> None:
    purser.budget(1000)
    purser.budget(600)
    assert balances(purser) == {"source": -600, "available": 600}
    purser.award(500)
    assert balances(purser) == {"source": -600, "available": 100, "committed": 500}
    with pytest.raises(XiepaiError) as refused:
        purser.budget(499)
    assert refused.value.code is ErrorCode.BUDGET_EXCEEDED
    purser.budget(500)
    assert balances(purser) == {"source": -500, "committed": 500}


def test_an_award_the_budget_does_not_cover_is_refused_whole(purser: Purser) -> None:
    purser.budget(1000)
    purser.award(700)
    with pytest.raises(XiepaiError, match=r"预算不足：可用 ¥3，需要 ¥3\.01"):
        purser.award(301)
    assert balances(purser) == {"source": -1000, "available": 300, "committed": 700}
    assert PaymentOrder.objects.count() == 1


def test_a_measure_with_its_own_budget_draws_from_it_and_stays_where_it_began(purser: Purser) -> None:
    purser.budget(1000)
    application = purser.application()
    with transaction.atomic():
        ledger.reserve(actor=purser.officer, application=application, measure=MEASURE, amount_fen=100, key="r")
    purser.budget(50, measure=MEASURE)
    with transaction.atomic():
        promising.promise(actor=purser.leader, decision=purser.decision(application, {MEASURE: 80}))
    assert balances(purser) == {"source": -1000, "available": 920, "committed": 80}
    purser.award(50)
    assert balances(purser, MEASURE) == {"source": -50, "committed": 50}


def test_a_promise_uses_what_was_reserved_and_happens_once(purser: Purser) -> None:
    purser.budget(1000)
    application = purser.application()
    with transaction.atomic():
        ledger.reserve(actor=purser.officer, application=application, measure=MEASURE, amount_fen=900, key="r")
    decision = purser.decision(application, {MEASURE: 950})
    for _again in range(2):
        with transaction.atomic():
            orders = promising.promise(actor=purser.leader, decision=decision)
    assert [order.amount_fen for order in orders] == [950]
    assert balances(purser) == {"source": -1000, "available": 50, "committed": 950}
    with transaction.atomic():
        assert promising.withdraw_promise(actor=purser.leader, decision=decision, reason="撤销") == 950
    assert balances(purser) == {"source": -1000, "available": 1000}


def test_what_an_application_holds_is_one_question(purser: Purser, django_assert_num_queries: Any) -> None:
    purser.budget(1000)
    application = purser.award(300)
    moved(purser, application, "paid", 200, "paid")
    purse = ledger.purse_of(application, MEASURE)
    with django_assert_num_queries(1):
        held = ledger.held_by(application, purse, MEASURE)
    assert held == {K.AVAILABLE: -300, K.COMMITTED: 100, K.PAID: 200}
    assert ledger.held_by(application, ledger.Purse(purse.programme_id, "script", 2026)) == {}


def test_a_limit_over_measures_is_borne_in_proportion(purser: Purser) -> None:
    purser.budget(10_000)
    decision = purser.decision(purser.application(), {"chain": 200, "location": 100, "premiere": 0})
    decision.awarded_fen = 100
    assert promising.shares_of(decision) == {"chain": 67, "location": 33}
    decision.awarded_fen = 301
    with pytest.raises(XiepaiError, match="多于"):
        promising.promise(actor=purser.leader, decision=decision)


def test_a_key_means_one_movement(purser: Purser) -> None:
    purser.budget(1000)
    application = purser.application()
    moved(purser, application, "reserved", 10, "k")
    moved(purser, application, "reserved", 10, "k")
    assert LedgerEntry.objects.filter(key="k").count() == 1
    with pytest.raises(XiepaiError) as refused:
        moved(purser, application, "reserved", 11, "k")
    assert refused.value.code is ErrorCode.IDEMPOTENCY_MISMATCH


def test_nobody_gives_on_what_another_application_holds(purser: Purser) -> None:
    purser.budget(1000)
    rich, poor = purser.application(), purser.application()
    moved(purser, rich, "reserved", 500, "a")
    with pytest.raises(XiepaiError) as refused:
        moved(purser, poor, "released", 1, "b")
    assert refused.value.code is ErrorCode.BUDGET_EXCEEDED


SQL = {
    "a balance": "UPDATE grants_ledgeraccount SET balance_fen = balance_fen + 1",
    "an account": "DELETE FROM grants_ledgeraccount",
    "an entry": "UPDATE grants_ledgerentry SET amount_fen = 1",
    "an entry deleted": "DELETE FROM grants_ledgerentry",
    "across budgets": "INSERT INTO grants_ledgerentry (debit_id, credit_id, amount_fen, event, key, note)"
    " SELECT a.id, b.id, 1, 'x', 'x', '' FROM grants_ledgeraccount a, grants_ledgeraccount b"
    " WHERE a.kind = 'available' AND a.measure = '' AND b.kind = 'available' AND b.measure <> ''",
    "overdrawn": "INSERT INTO grants_ledgerentry (debit_id, credit_id, amount_fen, event, key, note)"
    " SELECT a.id, b.id, 100000, 'x', 'x', '' FROM grants_ledgeraccount a, grants_ledgeraccount b"
    " WHERE a.kind = 'available' AND a.measure = '' AND b.kind = 'source' AND b.measure = ''",
    "a decision": "UPDATE grants_decision SET awarded_fen = 1",
}


@pytest.mark.parametrize("what", SQL)
def test_the_database_refuses(purser: Purser, what: str) -> None:
    purser.budget(1000)
    purser.budget(10, measure=MEASURE)
    purser.award(10)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SQL[what])


def test_the_statement_shows_the_rows_behind(purser: Purser, django_assert_num_queries: Any) -> None:
    purser.budget(1000)
    purser.award(400)
    with django_assert_num_queries(2):
        stand = ledger.statement(ledger.Purse(purser.programme.pk, "", 2026))
        rows = [(entry.event, entry.amount_fen) for entry in stand.entries]
    assert rows == [("allotted", 1000), ("reserved", 400), ("committed", 400)]
    assert stand.allotted.fen == 1000
    assert [each.balances for each in ledger.statements_of(purser.finance, purser.programme.pk)] == [stand.balances]
    with pytest.raises(XiepaiError):
        ledger.statements_of(purser.producer, purser.programme.pk)


STEPS = st.lists(
    st.tuples(
        st.integers(0, 2), st.sampled_from(sorted(ledger.MOVES.keys() - {"allotted", "cut"})), st.integers(1, 60)
    ),
    max_size=25,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_any_sequence_balances_as_a_plain_model_says(purser: Purser, steps: list[tuple[int, str, int]]) -> None:
    """Against a model of dictionaries: what it allows happens, what it refuses is refused, and the sums agree."""
    with transaction.atomic():
        purser.budget(100)
        owners = [purser.application() for _ in range(3)]
        model: dict[tuple[int | None, str], int] = {(None, "available"): 100}
        for number, (who, event, fen) in enumerate(steps):
            source, target = (str(kind) for kind in ledger.MOVES[event])
            keys = [(None if kind == "available" else who, kind) for kind in (source, target)]
            is_allowed = model.get(keys[0], 0) >= fen
            try:
                moved(purser, owners[who], event, fen, f"s{number}")
                happened = True
            except XiepaiError:
                happened = False
            assert happened is is_allowed
            if happened:
                model[keys[0]] -= fen
                model[keys[1]] = model.get(keys[1], 0) + fen
        totals: dict[str, int] = {"source": -100}
        for (_owner, kind), fen in model.items():
            totals[kind] = totals.get(kind, 0) + fen
        assert balances(purser) == {kind: fen for kind, fen in totals.items() if fen}
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_connections_at_once_neither_overdraw_nor_deadlock() -> None:
    """Six connections, two budgets, moves in random order: sums hold, nothing is negative, nobody is torn out."""
    with clock.frozen(NOW):
        purser = make_purser()
        purser.budget(300)
        purser.budget(200, measure=MEASURE)
        owners = [purser.application() for _ in range(6)]
    errors: list[BaseException] = []

    def work(mine: int) -> None:
        dice = random.Random(mine)
        try:
            for number in range(25):
                two_budgets(dice, mine, number)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    @transaction.atomic
    def two_budgets(dice: random.Random, mine: int, number: int) -> None:
        for place, measure in enumerate(sorted(["", MEASURE])):
            purse = ledger.Purse(purser.programme.pk, measure, 2026)
            event = dice.choice(["reserved", "reserved", "released", "committed", "paid", "bounced", "revoked"])
            with suppress(XiepaiError):
                ledger.move(
                    actor=purser.leader, purse=purse, event=event, amount_fen=dice.randint(1, 40),
                    key=f"{mine}:{number}:{place}", application=owners[mine], measure=measure or "other",
                )  # fmt: skip

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert errors == []
    for measure, allotted in (("", -300), (MEASURE, -200)):
        assert balances(purser, measure)["source"] == allotted
    assert LedgerAccount.objects.exclude(kind="source").order_by("balance_fen")[0].balance_fen >= 0
    assert LedgerEntry.objects.count() > 40
    verdict = verifying.verify()
    assert verdict.is_whole, verdict


TAMPERED = {
    "an application's amount": ("UPDATE grants_application SET awarded_fen = 999", "row_changed"),
    "a decision": ("UPDATE grants_decision SET awarded_fen = 999", "row_changed"),
    "a payment": ("UPDATE grants_paymentorder SET amount_fen = 999", "row_changed"),
    "an entry": ("UPDATE grants_ledgerentry SET amount_fen = amount_fen + 1 WHERE event = 'committed'", "row_changed"),
    "a balance": ("UPDATE grants_ledgeraccount SET balance_fen = balance_fen + 1", "contradiction"),
    "a bank account": ("UPDATE grants_bankaccount SET number = '62220299999999'", "row_changed"),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", TAMPERED)
def test_an_amount_edited_in_the_database_is_found(what: str) -> None:
    purser = make_purser()
    purser.budget(1000)
    purser.award(400)
    purser.account()
    assert verifying.verify().is_whole
    statement, why = TAMPERED[what]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
    found = verifying.verify().broken
    assert found is not None
    assert found.why == why
