"""Which columns of which grants rows the journal vouches for, and what must agree beyond single rows.

A row audited by a service is an entry by itself; ledger entries are written down by ``ledger.move``.
"""

from __future__ import annotations

from django.db import models

from xiepai.grants import models as grants
from xiepai.kernel import journal

FIELDS: dict[type[models.Model], tuple[str, ...]] = {
    grants.Application: (
        *("number", "programme_id", "version_id", "organisation_id", "work_id", "state", "step_id"),
        *("asked_fen", "awarded_fen", "decision_hash", "due_at"),
    ),
    grants.Budget: ("programme_id", "measure", "year", "amount_fen"),
    grants.Decision: (
        *("application_id", "number", "outcome", "awarded_fen", "by_measure", "version_id", "evaluated_on"),
        *("sha256", "replaces_id", "decided_by_id", "decided_at"),
    ),
    grants.AwardList: ("programme_id", "version_id", "meeting", "changes", "total_fen", "sha256", "fixed_by_id"),
    grants.LedgerEntry: ("debit_id", "credit_id", "amount_fen", "event", "key", "application_id", "at"),
    grants.BankAccount: (
        *("organisation_id", "holder", "bank", "number", "state", "usable_from", "proposed_by_id", "confirmed_by_id"),
    ),
    grants.PaymentBatch: ("number", "state", "total_fen", "prepared_by_id", "approved_by_id", "file_sha256"),
    grants.PaymentOrder: (
        *("decision_id", "application_id", "organisation_id", "batch_id", "account_id", "measure", "milestone"),
        *("year", "amount_fen", "state", "key", "paid_at", "bank_reference", "released_by_id"),
    ),
    grants.Recovery: ("application_id", "decision_id", "measure", "amount_fen", "returned_fen", "state", "due_on"),
}

_BALANCES = """
SELECT 'grants.ledgeraccount:' || a.id, a.balance_fen || ' <> ' || coalesce(e.fen, 0)
FROM grants_ledgeraccount a LEFT JOIN (
  SELECT account_id, sum(fen) AS fen FROM (
    SELECT credit_id AS account_id, amount_fen AS fen FROM grants_ledgerentry
    UNION ALL SELECT debit_id, -amount_fen FROM grants_ledgerentry
  ) moved GROUP BY account_id
) e ON e.account_id = a.id WHERE a.balance_fen <> coalesce(e.fen, 0) ORDER BY a.id LIMIT 1
"""
_ALLOTTED = """
SELECT 'grants.budget:' || b.id, b.amount_fen || ' <> ' || -a.balance_fen FROM grants_budget b
JOIN grants_ledgeraccount a USING (programme_id, measure, year)
WHERE a.kind = 'source' AND b.amount_fen <> -a.balance_fen ORDER BY b.id LIMIT 1
"""
_BATCHES = """
SELECT 'grants.paymentbatch:' || b.id, b.total_fen || ' <> ' || coalesce(sum(o.amount_fen), 0)
FROM grants_paymentbatch b LEFT JOIN grants_paymentorder o ON o.batch_id = b.id
WHERE b.state IN ('approved', 'sent', 'done') GROUP BY b.id HAVING b.total_fen <> coalesce(sum(o.amount_fen), 0)
ORDER BY b.id LIMIT 1
"""


def watch() -> None:
    """Called once, when the apps are ready."""
    for model, fields in FIELDS.items():
        journal.watch(model, fields)
    journal.prove("balance = entries", _BALANCES)
    journal.prove("budget = allotted", _ALLOTTED)
    journal.prove("batch = orders", _BATCHES)
