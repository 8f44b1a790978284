"""An office with people for every step, companies with applications handed in. For tests of the grants review."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from django.db import transaction
from tests.factories import make_organisation, make_person
from tests.grants import publish, state

from xiepai.grants.knowing import Subject, known_facts, snapshot_of
from xiepai.grants.models import (
    Application,
    ApplicationState,
    NoticeItem,
    NoticeState,
    Programme,
    ProgrammeVersion,
    PublicNotice,
)
from xiepai.grants.policies import program_of
from xiepai.grants.services import accounts, programmes, proposing, reviewing, scoring
from xiepai.kernel import audit, clock
from xiepai.parties.access import Actor, actor_of, system
from xiepai.parties.models import Organisation, Person, Role

_number = count(1)
MEASURE = "chain"


@dataclass
class Review:
    """Everybody around a programme of this city with a budget."""

    version: ProgrammeVersion
    office: Organisation
    company: Organisation
    people: dict[str, Person]
    experts: list[Person] = field(default_factory=list)

    @property
    def programme(self) -> Programme:
        return self.version.programme

    def actor(self, role: str) -> Actor:
        return actor_of(self.people[role])

    def expert(self, place: int) -> Actor:
        return actor_of(self.experts[place])

    def submit(
        self,
        company: Organisation | None = None,
        *,
        cost: str = "600万元",
        source: str = "office",
        measure: str = MEASURE,
    ) -> Application:
        """An application of a company, handed in; its facts as the office knows them."""
        company = company or self.company
        if measure == MEASURE:
            state(organisation_id=company.pk, source=source, ip_conversion="yes", chain_investment=cost)
        return hand_in(self.version, company, measure)

    def budget(self, amount_fen: int, measure: str = "") -> None:
        programmes.set_budget(
            actor=self.actor("officer"), programme_id=self.programme.pk, measure=measure, year=2026,
            amount_fen=amount_fen,
        )  # fmt: skip

    def to_step(self, application: Application, kind: str) -> Application:
        """Taken over and passed on until it stands in a step of that kind."""
        row = reviewing.take(actor=self.actor("administrator"), application_id=application.pk)
        while row.step is not None and row.step.kind != kind:
            if row.step.kind == "expert_review":
                self.score(row)
            row = reviewing.pass_on(actor=self.actor("administrator"), application_id=row.pk, note="材料齐全")
        return row

    def score(self, application: Application, points: int = 8) -> None:
        """Three experts score alike."""
        rows = scoring.assign_experts(
            actor=self.actor("officer"), application_id=application.pk, person_ids=[each.pk for each in self.experts]
        )
        for row in rows:
            scoring.submit_score(
                actor=actor_of(row.reviewer), assignment_id=row.pk,
                points={"quality": points, "culture": points, "effect": points},
            )  # fmt: skip

    def propose(self, *applications: Application) -> None:
        """The leading group fixes the list as it comes out."""
        leader = self.actor("leader")
        for computed in proposing.listed(leader, self.programme):
            proposing.fix_list(
                actor=leader, programme_id=self.programme.pk, version_id=computed.version.pk,
                meeting="领导小组第1次会议（样例）", seen=computed.sha256,
            )  # fmt: skip
        for application in applications:
            application.refresh_from_db()

    def notice(self, *applications: Application) -> PublicNotice:
        """A public notice that has run and was closed, put in directly."""
        with transaction.atomic():
            row = PublicNotice.objects.create(
                programme=self.programme, number=f"T{next(_number)}", title="公示", working_days=5,
                state=NoticeState.CLOSED,
            )  # fmt: skip
            audit.record("grants.notice.closed", row, actor=system())
            for place, each in enumerate(applications, 1):
                NoticeItem.objects.create(
                    notice=row, application=each, position=place, applicant="样例", amount_fen=each.awarded_fen or 0
                )
                before = audit.snapshot(each)
                each.state = ApplicationState.NOTICED
                each.save(update_fields=["state"])
                audit.record("grants.application.noticed", each, actor=system(), before=before)
        return row

    def account(self, company: Organisation | None = None) -> None:
        company = company or self.company
        row = accounts.propose_account(
            actor=self.actor("officer"), organisation_id=company.pk, holder=company.name, bank="样例银行",
            number=f"62220200{company.pk:08d}",
        )  # fmt: skip
        accounts.confirm_account(actor=self.actor("finance"), account_id=row.pk)


def hand_in(version: ProgrammeVersion, company: Organisation, measure: str) -> Application:
    """Put in directly as a company's page hands it in."""
    number = f"R-{next(_number):05d}"
    known = known_facts(version, Subject(company.pk))
    program = program_of(version, clock.today())
    with transaction.atomic():
        row = Application.objects.create(
            programme=version.programme, version=version, organisation=company, number=number, measures=[measure],
            state=ApplicationState.SUBMITTED, asked_fen=60_000_000, submitted_at=clock.now(), state_at=clock.now(),
            created_at=clock.now() - timedelta(days=1),
            facts=snapshot_of(known, program, organisation_id=company.pk, number=number),
        )  # fmt: skip
        audit.record("grants.application.submitted", row, actor=system())
    return row


def make_review() -> Review:
    """Everybody; no budget yet."""
    office, company = make_organisation("office"), make_organisation("crew", name="晨光影业")
    roles = (Role.OFFICER, Role.FINANCE, Role.LEADER, Role.ADMINISTRATOR)
    people = {role.value: make_person(role, office, email=f"{role.value}@example.com")[0] for role in roles}
    people["officer2"] = make_person(Role.OFFICER, office, email="officer2@example.com")[0]
    people["second"] = make_person(Role.FINANCE, office, email="second@example.com")[0]
    people["producer"] = make_person(Role.PRODUCER, company, email="producer@example.com")[0]
    experts = [make_person(Role.REVIEWER, office, email=f"expert{n}@example.com")[0] for n in range(1, 4)]
    version = publish(actor_of(people["officer"]))
    return Review(version, office, company, people, experts)
