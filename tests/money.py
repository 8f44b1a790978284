"""Awards and people for tests of money: a programme with budgets, decisions put in directly, everybody who signs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from django.db import transaction
from tests.factories import make_organisation, make_person
from tests.grants import publish

from xiepai.grants.models import (
    Application,
    ApplicationState,
    BankAccount,
    Decision,
    Outcome,
    PaymentBatch,
    Programme,
    ProgrammeVersion,
)
from xiepai.grants.services import accounts, batches, programmes, promising
from xiepai.kernel import audit, clock
from xiepai.parties.access import Actor, system
from xiepai.parties.models import Organisation, Role

_number = count(1)
MEASURE = "location"


@dataclass(frozen=True)
class Purser:
    """An office with people for every signature, a programme with a budget, and a company with an account."""

    version: ProgrammeVersion
    office: Organisation
    company: Organisation
    producer: Actor
    officer: Actor
    finance: Actor
    second: Actor
    leader: Actor

    @property
    def programme(self) -> Programme:
        return self.version.programme

    def budget(self, amount_fen: int, measure: str = "") -> None:
        programmes.set_budget(
            actor=self.officer, programme_id=self.programme.pk, measure=measure, year=2026, amount_fen=amount_fen
        )

    def award(self, amount_fen: int, measure: str = MEASURE, company: Organisation | None = None) -> Application:
        """An approved application with its decision, promised and planned."""
        with transaction.atomic():
            application = self.application(company, state=ApplicationState.APPROVED, awarded_fen=amount_fen)
            promising.promise(actor=self.leader, decision=self.decision(application, {measure: amount_fen}))
        return application

    def application(self, company: Organisation | None = None, **fields: Any) -> Application:
        with transaction.atomic():
            row = Application.objects.create(
                programme=self.programme,
                version=self.version,
                organisation=company or self.company,
                number=f"T-{next(_number):05d}",
                measures=[MEASURE],
                state_at=clock.now(),
                **fields,
            )
            audit.record("grants.application.prefilled", row, actor=system())
        return row

    def decision(self, application: Application, by_measure: dict[str, int]) -> Decision:
        with transaction.atomic():
            row = Decision.objects.create(
                application=application,
                number=f"{application.number}-D1",
                outcome=Outcome.APPROVED,
                awarded_fen=sum(by_measure.values()),
                by_measure=by_measure,
                version=self.version,
                evaluated_on=date(2026, 12, 1),
                sha256="0" * 64,
                decided_by_id=self.leader.person_id,
            )
            audit.record("grants.decision.made", row, actor=self.leader)
        return row

    def account(self, company: Organisation | None = None, number: str = "6222020000000001") -> BankAccount:
        company = company or self.company
        row = accounts.propose_account(
            actor=self.officer, organisation_id=company.pk, holder=company.name, bank="样例银行", number=number
        )
        return accounts.confirm_account(actor=self.finance, account_id=row.pk)

    def approved_batch(self, *applications: Application) -> PaymentBatch:
        keys = [order.pk for each in applications for order in each.payments.filter(state="planned")]
        batch = batches.prepare_batch(actor=self.finance, programme_id=self.programme.pk, order_ids=keys)
        return batches.approve_batch(actor=self.second, batch_id=batch.pk)


def make_purser() -> Purser:
    """Everybody and everything; no budget yet."""
    office = make_organisation("office")
    company = make_organisation("crew")
    officer = make_person(Role.OFFICER, office)[1]
    return Purser(
        version=publish(officer),
        office=office,
        company=company,
        producer=make_person(Role.PRODUCER, company)[1],
        officer=officer,
        finance=make_person(Role.FINANCE, office)[1],
        second=make_person(Role.FINANCE, office)[1],
        leader=make_person(Role.LEADER, office)[1],
    )
