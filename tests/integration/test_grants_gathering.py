"""Facts from where they are: bookings used and settled, papers checked, the company's number; and what follows them."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime, timedelta

import pytest
from tests.factories import make_organisation, make_person, make_place
from tests.grants import publish
from tests.productions import Company, give, make_company, make_work
from typer.testing import CliRunner

from xiepai.bookings import services
from xiepai.bookings.services import claiming, handing, settling
from xiepai.config.cli import app
from xiepai.grants.following import follow_changes
from xiepai.grants.gathering import UNKNOWN, gather
from xiepai.grants.knowing import Subject, known_facts
from xiepai.grants.models import Entitlement
from xiepai.grants.selectors import owed_to
from xiepai.kernel import clock
from xiepai.kernel.clock import CITY_ZONE
from xiepai.kernel.money import Money
from xiepai.productions.models import Work
from xiepai.productions.services import update_work
from xiepai.worktime.spans import Span

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 12, 7, tzinfo=CITY_ZONE)
AFTER = DAY + timedelta(days=20)
HOUR_FEN = 10_000


@pytest.fixture(autouse=True)
def _a_week_before() -> Generator[None, None, None]:
    with clock.frozen(DAY - timedelta(days=7)):
        yield


@pytest.fixture
def company() -> Company:
    return make_company()


def shoot(company: Company, work: Work, day: int, *, kind: str = "scenic", hours: int = 4, terms: str = "free") -> None:
    """A booking used, with damage paid for, and settled."""
    owner = make_organisation(kind)
    keeper = make_person("keeper", owner)[1]
    place = make_place(owner, terms=terms)
    begins = DAY + timedelta(days=day, hours=8)
    held = services.place_hold(
        actor=company.scheduler, organisation_id=company.crew.pk, place_id=place.pk, work_id=work.pk,
        span=Span(begins, begins + timedelta(hours=hours)),
    )  # fmt: skip
    booking = services.confirm_booking(actor=company.scheduler, booking_id=held.pk)
    with clock.frozen(begins):
        handing.hand_over(actor=keeper, booking_id=booking.pk)
    with clock.frozen(begins + timedelta(hours=hours)):
        handing.take_back(actor=keeper, booking_id=booking.pk)
        claim = claiming.claim_damage(
            actor=keeper, booking_id=booking.pk, description="墙面划痕", amount=Money.yuan(200)
        )
        claiming.answer_claim(actor=company.scheduler, claim_id=claim.pk, accepted=True)
        settling.settle_booking(actor=keeper, booking_id=booking.pk)


def column(work: Work, name: str) -> int:
    return int(gather(AFTER.date(), [work.pk]).work_columns[name][0])


def test_days_runs_places_and_costs_come_from_bookings(company: Company) -> None:
    work, other = make_work(company), make_work(company, title="没有拍摄")
    for day in (0, 1, 3):
        shoot(company, work, day, kind="base", terms="paid")
    assert (column(work, "local_days"), column(work, "local_run")) == (3, 2)
    assert column(work, "local_cost") == 3 * 4 * HOUR_FEN, "damages are no shooting cost"
    assert column(work, "uses_culture_tourism") == UNKNOWN, "not known is not no"
    shoot(company, work, 4, hours=20)  # over midnight: two days, next to the one before
    assert (column(work, "local_days"), column(work, "local_run")) == (5, 3)
    assert (column(work, "uses_culture_tourism"), column(work, "uses_partner_area")) == (1, 1)
    assert {column(other, name) for name in ("local_days", "local_run", "local_cost")} == {UNKNOWN}


def test_a_booking_that_was_not_used_counts_for_nothing(company: Company) -> None:
    work, begins = make_work(company), DAY + timedelta(hours=8)
    place = make_place(make_organisation("scenic"))
    services.place_hold(
        actor=company.scheduler, organisation_id=company.crew.pk, place_id=place.pk, work_id=work.pk,
        span=Span(begins, begins + timedelta(hours=4)),
    )  # fmt: skip
    assert column(work, "local_days") == UNKNOWN
    assert column(work, "uses_culture_tourism") == UNKNOWN


def test_shooting_here_is_local_for_this_city_only_and_proven(company: Company) -> None:
    wujin, foshan = publish(company.officer), publish(company.officer, "foshan-2025", is_local=False)
    work = make_work(company)
    shoot(company, work, 0)
    here = known_facts(wujin, Subject(company.crew.pk, work.pk), AFTER.date())
    assert here["local_shooting_cost"].value == f"{4 * HOUR_FEN // 100}.00元"
    assert (here["culture_tourism_linkage"].source, here["culture_tourism_linkage"].is_claim) == ("booking", False)
    assert here["production_cost"].is_claim, "what a crew declares is a claim"
    there = known_facts(foshan, Subject(company.crew.pk, work.pk), AFTER.date())
    assert not {"local_share", "supported_spend", "landmarks"} & there.keys()


def test_checked_papers_and_the_companys_number(company: Company) -> None:
    suzhou, foshan = (publish(company.officer, f"{city}-2025", is_local=False) for city in ("suzhou", "foshan"))
    work = make_work(company)
    subject = Subject(company.crew.pk, work.pk)
    give(company, work, "filing-number", accepted=False)
    assert "filing_number" not in known_facts(foshan, subject)
    give(company, work, "filing-number", number="样例-2")
    assert known_facts(foshan, subject)["filing_number"].value == "yes"
    assert "suzhou_legal_person" not in known_facts(suzhou, subject)
    other = make_organisation("crew", uscc="91320505MA1234567X")
    found = known_facts(suzhou, Subject(other.pk))
    assert (found["suzhou_legal_person"].value, found["suzhou_legal_person"].is_claim) == ("yes", True)
    elsewhere = make_organisation("crew", uscc="91320412MA1234567X")
    assert known_facts(suzhou, Subject(elsewhere.pk))["suzhou_legal_person"].value == "no"
    odd = make_organisation("crew", uscc="91320505MA1234567X", uscc_warning="check_digit")
    assert "suzhou_legal_person" not in known_facts(suzhou, Subject(odd.pk))


def test_what_changed_below_is_found_in_the_trail(company: Company) -> None:
    publish(company.officer)
    work, quiet = make_work(company), make_work(company, title="没有变化")
    assert follow_changes() == 0, "the first look only begins"
    shoot(company, work, 0)
    with clock.frozen(AFTER):
        assert follow_changes() >= 1
        row = Entitlement.objects.get(work=work, measure="location")
        assert (row.state, row.low_fen, row.is_proven) == ("owed", 4 * HOUR_FEN // 5, True)
        scenic = Entitlement.objects.get(work=work, measure="scenic_areas")
        assert (scenic.state, scenic.high_fen) == ("owed", 0), "a benefit in kind is owed and costs nothing"
        assert not Entitlement.objects.filter(work=quiet).exists()
        update_work(actor=company.producer, work_id=quiet.pk, synopsis="新的内容提要")
        assert follow_changes() >= 1
        assert not Entitlement.objects.filter(work=quiet).exists()


def test_the_command_prints_what_is_owed_and_why(company: Company) -> None:
    publish(company.officer)
    work = make_work(company)
    shoot(company, work, 0)
    with clock.frozen(AFTER):
        said = CliRunner().invoke(app, ["grants", "owed", work.code]).output
        assert "第3项 取景拍摄 文旅联动取景: ¥80" in said
        assert "✓ 第4项" in said
        explained = CliRunner().invoke(app, ["grants", "owed", work.title, "--explain", "--lang", "en"]).output
        assert "Shooting with culture and tourism: 80 yuan" in explained
        night = CliRunner().invoke(app, ["grants", "nightly"]).output
        assert "1 works" in night
        assert "0 rows written" in night
        assert CliRunner().invoke(app, ["grants", "owed", "XJ99999"]).exit_code == 1
        assert owed_to(company.officer, work_id=work.pk)[0].award.fen is None
