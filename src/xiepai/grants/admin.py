"""Grants on the technical back door: to look at, never to change."""

from __future__ import annotations

from django.contrib import admin

from xiepai.grants import models
from xiepai.kernel.admin import LookOnly

#: What a list shows; files and bank accounts' numbers are not among it.
_LISTS: dict[str, tuple[str, ...]] = {
    "Programme": ("code", "name", "year", "policy_slug", "state", "is_local", "standing"),
    "ProgrammeVersion": ("programme", "number", "effective_from", "published_by", "published_at", "sha256"),
    "Window": ("programme", "opens_at", "closes_at"),
    "Budget": ("programme", "measure", "year", "amount_fen"),
    "Step": ("programme", "position", "kind", "role", "term_working_days", "silence", "is_active"),
    "MeasureSetting": ("programme", "measure", "subject", "awards_without_application"),
    "Fact": ("id", "work_id", "organisation_id", "name", "value", "source", "stated_at", "verified_at"),
    "Evidence": ("id", "organisation", "kind", "state", "uploaded_at", "verified_at"),
    "Exclusion": ("organisation", "kind", "since", "until", "source"),
    "Entitlement": ("id", "version_id", "work_id", "organisation_id", "measure", "low_fen", "high_fen", "state"),
    "EvaluationRun": ("id", "started_at", "finished_at", "works", "organisations", "versions", "written"),
    "Application": ("number", "programme", "organisation", "state", "asked_fen", "awarded_fen", "submitted_at"),
    "ApplicationEvent": ("id", "application_id", "kind", "at", "working_days"),
    "CorrectionRequest": ("id", "application_id", "state", "requested_at", "answered_at"),
    "Appeal": ("id", "application_id", "kind", "made_at", "answered_at"),
    "Recusal": ("id", "person", "application_id", "organisation_id", "declared_at"),
    "ReviewAssignment": ("id", "code", "reviewer", "state", "round"),
    "ReviewScore": ("id", "assignment_id", "total", "submitted_at"),
    "PublicNotice": ("number", "title", "programme", "state", "opens_on", "closes_on"),
    "NoticeItem": ("id", "notice_id", "application_id", "applicant", "amount_fen"),
    "Objection": ("id", "notice_id", "state", "received_at", "answered_at"),
    "Decision": ("number", "application_id", "outcome", "awarded_fen", "decided_by", "decided_at"),
    "LedgerAccount": ("programme", "measure", "year", "kind", "balance_fen"),
    "LedgerEntry": ("id", "event", "debit_id", "credit_id", "amount_fen", "at"),
    "BankAccount": ("id", "organisation", "state", "usable_from", "confirmed_at"),
    "PaymentBatch": ("number", "programme", "state", "total_fen", "prepared_by", "approved_by"),
    "PaymentOrder": ("id", "application_id", "measure", "milestone", "amount_fen", "state", "paid_at"),
    "Recovery": ("id", "application_id", "amount_fen", "returned_fen", "state"),
}
_HIDDEN = {"BankAccount": ("number",), "Objection": ("name", "contact")}


def _register(name: str, columns: tuple[str, ...]) -> None:
    fields = {"list_display": columns, "exclude": _HIDDEN.get(name, ()), "__doc__": f"{name}, to look at."}
    admin.register(getattr(models, name))(type(f"{name}Admin", (LookOnly,), fields))


for _name, _columns in _LISTS.items():
    _register(_name, _columns)
