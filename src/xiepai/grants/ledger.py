"""The budget ledger: what is available, reserved, committed, paid and returned, for a measure and a year.

An entry moves a positive amount from one account to another of the same budget, so the accounts of a budget always
sum to zero. The database posts entries to balances, refuses a negative balance, an entry that moves what another
application holds, and every other way to change a balance. A movement has a key and happens once. See
``docs/ledger.md``. The functions here are steps of services: they lock accounts, in the order of their ids, last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet, Sum

from xiepai.grants import access
from xiepai.grants.models import Application, Budget, LedgerAccount, LedgerEntry, LedgerKind, Programme
from xiepai.kernel import clock, journal
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.money import Money
from xiepai.parties.access import Actor

K = LedgerKind


@dataclass(frozen=True, slots=True)
class Purse:
    """One budget: a programme, a measure (empty: the whole programme) and a year."""

    programme_id: int
    measure: str
    year: int


#: What may move where, by the name of the movement.
MOVES: Mapping[str, tuple[LedgerKind, LedgerKind]] = {
    "allotted": (K.SOURCE, K.AVAILABLE),
    "cut": (K.AVAILABLE, K.SOURCE),
    "reserved": (K.AVAILABLE, K.RESERVED),
    "released": (K.RESERVED, K.AVAILABLE),
    "committed": (K.RESERVED, K.COMMITTED),
    "revoked": (K.COMMITTED, K.AVAILABLE),
    "paid": (K.COMMITTED, K.PAID),
    "bounced": (K.PAID, K.COMMITTED),
    "returned": (K.PAID, K.RETURNED),
    "reused": (K.RETURNED, K.AVAILABLE),
}


#: What the database calls it when there is too little.
SHORT = frozenset({"grant_account_not_negative", "grant_entry_own_money"})


def purse_for(programme: Programme, measure: str, year: int | None = None) -> Purse:
    """Where a measure's money lies: its own budget where it has one in that year, else the programme's."""
    year = year or programme.year
    has_own = Budget.objects.filter(programme=programme, measure=measure, year=year).exists()
    return Purse(programme.pk, measure if has_own else "", year)


def purse_of(application: Application, measure: str) -> Purse:
    """Where an application's money for a measure lies: where it lay first, whatever budgets were set since."""
    rows = LedgerEntry.objects.filter(application=application, measure=measure).select_related("debit")
    first = rows.order_by("id").first()
    if first is None:
        return purse_for(application.programme, measure)
    return Purse(first.debit.programme_id, first.debit.measure, first.debit.year)


def move(
    *,
    actor: Actor,
    purse: Purse,
    event: str,
    amount_fen: int,
    key: str,
    application: Application | None = None,
    measure: str = "",
    note: str = "",
) -> LedgerEntry | None:
    """One movement, once: a second with the same key does nothing, with other content it is refused.

    None for an amount of zero. The row lock on its accounts is the last lock a service may take.
    """
    if amount_fen == 0:
        return None
    source, target = MOVES[event]
    with transaction.atomic():
        accounts = _locked(purse)
        known = LedgerEntry.objects.filter(key=key).first()
        if known is not None:
            return _same(known, accounts[source], accounts[target], amount_fen)
        entry = LedgerEntry(
            debit=accounts[source],
            credit=accounts[target],
            amount_fen=amount_fen,
            event=event,
            key=key,
            application=application,
            measure=measure,
            note=note[:200],
            by_id=actor.person_id,
            at=clock.now(),
        )
        _post(entry, accounts[source], amount_fen)
        journal.append(f"grants.ledger.{event}", entry, actor=actor)
    return entry


def _post(entry: LedgerEntry, source: LedgerAccount, amount_fen: int) -> None:
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        if getattr(diagnosis, "constraint_name", "") in SHORT:
            source.refresh_from_db()
            have, want = str(Money(source.balance_fen)), str(Money(amount_fen))
            raise XiepaiError(ErrorCode.BUDGET_EXCEEDED, available=have, needed=want) from error
        raise


def _same(known: LedgerEntry, source: LedgerAccount, target: LedgerAccount, amount_fen: int) -> LedgerEntry:
    if (known.debit_id, known.credit_id, known.amount_fen) != (source.pk, target.pk, amount_fen):
        raise XiepaiError(ErrorCode.IDEMPOTENCY_MISMATCH)
    return known


_OPEN = (
    "INSERT INTO grants_ledgeraccount (programme_id, measure, year, kind, balance_fen)"
    " SELECT %s, %s, %s, kind, 0 FROM unnest(%s::text[]) AS kind ON CONFLICT DO NOTHING"
)


def _locked(purse: Purse) -> dict[LedgerKind, LedgerAccount]:
    """The accounts of a budget, made where there were none, locked in the order of their ids."""
    rows = _accounts(purse).order_by("pk").select_for_update(no_key=True)
    found = list(rows)
    if len(found) < len(K):
        with connection.cursor() as cursor:
            cursor.execute(_OPEN, [purse.programme_id, purse.measure, purse.year, list(K.values)])
        found = list(rows.all())
    return {K(row.kind): row for row in found}


def _accounts(purse: Purse) -> QuerySet[LedgerAccount]:
    return LedgerAccount.objects.filter(programme_id=purse.programme_id, measure=purse.measure, year=purse.year)


def allot(*, actor: Actor, budget: Budget) -> None:
    """Bring what is allotted to a budget's amount; refused where more is promised already. The budget is locked."""
    purse = Purse(budget.programme_id, budget.measure, budget.year)
    accounts = _locked(purse)
    difference = budget.amount_fen + accounts[K.SOURCE].balance_fen  # the source stands below zero by what it gave
    number = LedgerEntry.objects.filter(Q(debit=accounts[K.SOURCE]) | Q(credit=accounts[K.SOURCE])).count() + 1
    event = "allotted" if difference > 0 else "cut"
    move(actor=actor, purse=purse, event=event, amount_fen=abs(difference), key=f"budget:{budget.pk}:{number}")


def reserve(*, actor: Actor, application: Application, measure: str, amount_fen: int, key: str) -> None:
    """Set money aside for an application, so that others cannot have it."""
    purse = purse_of(application, measure)
    _move_for(actor, application, purse, measure, "reserved", amount_fen, key)


def release(*, actor: Actor, application: Application, measure: str, amount_fen: int, key: str) -> None:
    """Give back what was set aside."""
    purse = purse_of(application, measure)
    _move_for(actor, application, purse, measure, "released", amount_fen, key)


def commit(*, actor: Actor, application: Application, measure: str, amount_fen: int, key: str) -> None:
    """Promise money by a decision: what was set aside is used first, the rest of it is given back."""
    purse = purse_of(application, measure)
    _locked(purse)  # what is read from here on still holds when it is written
    held = held_by(application, purse, measure).get(K.RESERVED, 0)
    if LedgerEntry.objects.filter(key=f"{key}:committed").exists():
        return
    if held < amount_fen:
        _move_for(actor, application, purse, measure, "reserved", amount_fen - held, f"{key}:reserved")
    elif held > amount_fen:
        _move_for(actor, application, purse, measure, "released", held - amount_fen, f"{key}:released")
    _move_for(actor, application, purse, measure, "committed", amount_fen, f"{key}:committed")


def revoke(*, actor: Actor, application: Application, measure: str, amount_fen: int, key: str) -> None:
    """Take a promise back that was not paid yet."""
    purse = purse_of(application, measure)
    _move_for(actor, application, purse, measure, "revoked", amount_fen, key)


def _move_for(
    actor: Actor, application: Application, purse: Purse, measure: str, event: str, amount_fen: int, key: str
) -> None:
    move(
        actor=actor, purse=purse, event=event, amount_fen=amount_fen, key=key, application=application, measure=measure
    )


def held_by(application: Application, purse: Purse, measure: str | None = None) -> dict[LedgerKind, int]:
    """What an application holds of a budget, by kind; for one measure where it is named. One query.

    Both accounts of an entry are of one budget, so its debit says of which.
    """
    rows = LedgerEntry.objects.filter(
        application=application, debit__programme=purse.programme_id, debit__measure=purse.measure,
        debit__year=purse.year,
    )  # fmt: skip
    if measure is not None:
        rows = rows.filter(measure=measure)
    held: Counter[LedgerKind] = Counter()
    for source, target, fen in rows.values_list("debit__kind", "credit__kind").annotate(fen=Sum("amount_fen")):
        held[K(source)] -= fen
        held[K(target)] += fen
    return {kind: fen for kind, fen in held.items() if fen}


@dataclass(frozen=True, slots=True)
class Statement:
    """A budget as it stands: its balances, what has gone through each, and the entries behind, oldest first."""

    purse: Purse
    balances: Mapping[LedgerKind, Money]
    entries: QuerySet[LedgerEntry]

    @property
    def allotted(self) -> Money:
        """What was put into the budget."""
        return -self.balances[K.SOURCE]

    @property
    def is_balanced(self) -> bool:
        """Whether the accounts sum to zero, as they must."""
        return not sum(balance.fen for balance in self.balances.values())


def statement(purse: Purse) -> Statement:
    """The statement of a budget; the caller has asked who may read it. Two queries and the entries."""
    balances = {kind: Money(0) for kind in K}
    balances |= {K(row.kind): Money(row.balance_fen) for row in _accounts(purse)}
    entries = LedgerEntry.objects.filter(
        debit__programme_id=purse.programme_id, debit__measure=purse.measure, debit__year=purse.year
    )
    return Statement(purse, balances, entries.select_related("debit", "credit", "application", "by").order_by("id"))


def statements_of(actor: Actor, programme_id: int) -> list[Statement]:
    """Every budget of a programme, for those who read the whole city's grants."""
    access.require_reader(actor)
    return [statement(purse) for purse in purses_of(programme_id)]


def purses_of(programme_id: int) -> list[Purse]:
    """Every budget of a programme that has accounts."""
    rows = LedgerAccount.objects.filter(programme_id=programme_id, kind=K.SOURCE).order_by("year", "measure")
    return [Purse(programme_id, row.measure, row.year) for row in rows]


def entries_of(account: LedgerAccount) -> QuerySet[LedgerEntry]:
    """The entries behind one account's balance; the caller has asked who may read it."""
    rows = LedgerEntry.objects.filter(Q(debit=account) | Q(credit=account))
    return rows.select_related("debit", "credit", "application", "by").order_by("id")
