"""What the demo year is about: works, lots of applications, and works nobody has applied for yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from xiepai.grants.demo import applying
from xiepai.grants.demo.applying import Case, company_actor, drawn_facts
from xiepai.grants.demo.journey import Lot
from xiepai.grants.demo.people import LOADER, Office
from xiepai.grants.demo.programme import Year
from xiepai.grants.demo.scribe import Scribe
from xiepai.grants.entitling import evaluate_everybody
from xiepai.grants.models import Entitlement, OwedState
from xiepai.grants.services.exclusions import list_exclusion
from xiepai.grants.services.owed import award_without_application, invite
from xiepai.kernel import clock
from xiepai.parties.models import Organisation, OrganisationKind
from xiepai.productions.demo_year import Names, add_works
from xiepai.productions.models import Work

WORKS = 320
#: Applications of companies for themselves: every so many.
EVERY_COMPANY = 9
#: Companies whose works all ask for the measure with a limit per company: the second one meets it.
TWICE = (30, 31)


@dataclass
class Subjects:
    """The works of the year, the lots, drafts still being written, and what is only stated."""

    works: list[Work]
    companies: list[Organisation]
    lots: list[Lot]
    drafts: list[Case]
    only_stated: list[Case]

    @classmethod
    def of_the_year(cls, scribe: Scribe, said: dict[str, Any], companies: list[Organisation]) -> Subjects:
        """Draw them: older lots ask for older works, and no work or company asks for the same twice."""
        names = Names([tuple(each) for each in said["titles"]["first"]], [tuple(e) for e in said["titles"]["second"]])
        works = add_works(LOADER, companies, names, count=WORKS, today=scribe.today, random=scribe.random)
        cases = _cases(scribe, said, works, companies)
        size = said["lots"]["size"]
        lots = [
            Lot(number, handed_in, [next(cases) for _each in range(size)])
            for number, handed_in in enumerate(said["lots"]["handed_in"])
        ]
        drafts = [next(cases) for _each in range(said["lots"]["drafts"])]
        return cls(works, companies, lots, drafts, list(cases))

    def finish(self, scribe: Scribe, office: Office, year: Year, said: dict[str, Any]) -> None:
        """What stands at the present: drafts, facts without applications, exclusions, doubles, what is owed."""
        with clock.frozen(scribe.moment(-12)):
            applying.apply(scribe, office, year, self.drafts)
        half = len(self.only_stated) // 2
        for case in self.only_stated[half::2]:
            case.facts.popitem()  # the last fact, the amount where there is one, is not said yet
        with clock.frozen(scribe.moment(-70)):
            applying.state_facts(scribe, year.versions[-1], self.only_stated)
        self._check_some(scribe, office, self.only_stated[:half])
        self._exclude(scribe, office, said["exclusions"])
        self._double(scribe)
        evaluate_everybody()
        self._award_some(scribe, office, year)
        evaluate_everybody()

    def _check_some(self, scribe: Scribe, office: Office, cases: Sequence[Case]) -> None:
        """The office has looked some facts up itself: they are proven without a company's word."""
        facts = [fact for case in cases for fact in case.stated]
        with (
            clock.frozen(scribe.moment(-55)),
            scribe.changing(facts, "grants.fact.verified", office.officer, ["verified_by", "verified_at"]),
        ):
            for fact in facts:
                fact.verified_by_id, fact.verified_at = office.officer.person_id, clock.now()

    def _exclude(self, scribe: Scribe, office: Office, rows: Sequence[dict[str, Any]]) -> None:
        for row in rows:
            since, until = scribe.moment(row["since"]), row.get("until")
            with clock.frozen(since):
                list_exclusion(
                    actor=office.officer, organisation_id=self.companies[row["company"]].pk, kind=row["kind"],
                    source=row["source"], since=since.date(),
                    until=scribe.today + timedelta(days=until) if until is not None else None,
                )  # fmt: skip

    def _double(self, scribe: Scribe) -> None:
        """One invoice number in two applications, one file in two others: the office sees both flagged."""
        one, other = self.lots[-2].cases[0], self.lots[-4].cases[0]
        first = next(each for each in one.papers if each.document_number)
        second = next(each for each in other.papers if each.document_number)
        who = company_actor(one.organisation)
        with (
            clock.frozen(scribe.moment(-6)),
            scribe.changing([first], "grants.evidence.attached", who, ["document_number"]),
        ):
            first.document_number = second.document_number
        third, fourth = self.lots[-2].cases[2].papers[0], self.lots[-5].cases[2].papers[0]
        with clock.frozen(scribe.moment(-6)), scribe.changing([third], "grants.evidence.attached", who, ["stored"]):
            third.stored = fourth.stored

    def _award_some(self, scribe: Scribe, office: Office, year: Year) -> None:
        """A few proven entitlements are awarded without application, others invited."""
        proven = Entitlement.objects.filter(
            version=year.versions[-1], measure="location", state=OwedState.OWED, is_proven=True, is_excluded=False,
            work__in=[case.work.pk for case in self.only_stated if case.work],
        )  # fmt: skip
        with clock.frozen(scribe.moment(-4)):
            for row in proven.order_by("id")[:4]:
                award_without_application(actor=office.officer, entitlement_id=row.pk)
        maybe = Entitlement.objects.filter(version=year.versions[-1], state=OwedState.MAYBE).exclude(measure="")
        with clock.frozen(scribe.moment(-2)):
            for row in maybe.order_by("-high_fen", "id")[:3]:
                invite(actor=office.officer, entitlement_id=row.pk, message="样例：您可能应得奖补，欢迎申报。")


def _cases(
    scribe: Scribe, said: dict[str, Any], works: Sequence[Work], companies: Sequence[Organisation]
) -> Iterator[Case]:
    """Cases in the order of the works' ages; now and then a company asks for itself."""
    own = iter([each for each in companies if each.kind == OrganisationKind.ENTERPRISE])
    chain = next(at for at, ask in enumerate(said["asks"]) if ask["measures"] == ["chain"])
    by_company = {company.pk: company for company in companies}
    for at, work in enumerate(works):
        if at % EVERY_COMPANY == EVERY_COMPANY - 1 and (company := next(own, None)) is not None:
            ask = said["company_asks"][at // EVERY_COMPANY % len(said["company_asks"])]
            yield Case(company, None, list(ask["measures"]), drawn_facts(scribe, ask["facts"]))
        place = chain if at % len(companies) in TWICE else scribe.random.randrange(len(said["asks"]))
        ask = said["asks"][place]
        facts = drawn_facts(scribe, ask["facts"])
        yield Case(by_company[work.organisation_id], work, list(ask["measures"]), facts)
