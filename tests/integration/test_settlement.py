"""Handover with meters, damage claims within 48 hours, and the account that closes a booking."""

from __future__ import annotations

import io
from collections.abc import Generator
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import openpyxl
import pypdfium2
import pytest
from django.db import transaction
from django.utils import translation
from tests.factories import make_organisation, make_person, make_place

from xiepai.bookings import services
from xiepai.bookings.documents.settlement import settlement_pdf, settlement_xlsx
from xiepai.bookings.models import Booking
from xiepai.bookings.services import claiming, handing, settling
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.money import Money
from xiepai.parties.access import system
from xiepai.places.models import TariffExtra
from xiepai.worktime.spans import Span

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
DAY = datetime(2026, 12, 7, tzinfo=ZONE)


def at(hours: float) -> object:
    return clock.frozen(DAY + timedelta(hours=hours))


@pytest.fixture(autouse=True)
def _a_week_before() -> Generator[None, None, None]:
    with clock.frozen(DAY - timedelta(days=7)):
        yield


@pytest.fixture
def people() -> dict[str, object]:
    base = make_organisation("base")
    crew, scheduler = make_person("scheduler")
    return {
        "base": base,
        "crew": crew.memberships.get().organisation_id,
        "scheduler": scheduler,
        "keeper": make_person("keeper", base)[1],
        "officer": make_person("officer")[1],
    }


@pytest.fixture
def booking(people) -> Booking:
    place = make_place(people["base"])
    with transaction.atomic():
        tariff = place.tariffs.get()
        TariffExtra.objects.create(tariff=tariff, code="power", label="电费", unit="度", unit_fen=200)
        TariffExtra.objects.create(tariff=tariff, code="manager", label="场务", unit="天", unit_fen=30_000)
        tariff.deposit_fen, tariff.overtime_fen = 100_000, 15_000
        tariff.save()
        audit.record("places.tariff.published", tariff, actor=system())
    held = services.place_hold(
        actor=people["scheduler"],
        organisation_id=people["crew"],
        place_id=place.pk,
        span=Span(DAY + timedelta(hours=8), DAY + timedelta(hours=12)),
    )
    return services.confirm_booking(actor=people["scheduler"], booking_id=held.pk)


def use(people, booking, *, out: float = 12.5, power: tuple[str, str] = ("100.5", "162.75")) -> None:
    with at(8):
        handing.hand_over(
            actor=people["keeper"], booking_id=booking.pk, readings={"power": Decimal(power[0])}, condition="完好"
        )
    with at(out):
        handing.take_back(actor=people["keeper"], booking_id=booking.pk, readings={"power": Decimal(power[1])})


def code_of(deed, **arguments) -> str:
    with pytest.raises(XiepaiError) as caught:
        deed(**arguments)
    assert str(caught.value)
    return caught.value.code


def test_time_overtime_extras_and_damages_less_the_deposit(people, booking) -> None:
    use(people, booking)
    with at(13):
        handing.record_extra(actor=people["keeper"], booking_id=booking.pk, code="manager", quantity=Decimal(1))
        claim = claiming.claim_damage(
            actor=people["keeper"], booking_id=booking.pk, description="墙面划痕", amount=Money.yuan(200)
        )
    settle = {"actor": people["keeper"], "booking_id": booking.pk}
    assert code_of(settling.settle_booking, **settle) == ErrorCode.CLAIM_OPEN
    claiming.answer_claim(actor=people["scheduler"], claim_id=claim.pk, accepted=True)
    settlement = settling.settle_booking(**settle)
    amounts = {line["code"]: line["amount_fen"] for line in settlement.lines}
    assert amounts == {
        "hour": 4 * 10_000,
        "late": 15_000,  # half an hour late is one started hour
        "manager": 30_000,
        "power": 12_450,  # 62.25 kWh at 2 yuan
        f"claim-{claim.pk}": 20_000,
    }
    assert settlement.total_fen == sum(amounts.values())
    assert settlement.balance_fen == settlement.total_fen - 100_000


def test_a_settled_account_never_changes(people, booking) -> None:
    use(people, booking)
    settlement = settling.settle_booking(actor=people["keeper"], booking_id=booking.pk)
    extra = {"actor": people["keeper"], "booking_id": booking.pk, "code": "manager", "quantity": Decimal(3)}
    assert code_of(handing.record_extra, **extra) == ErrorCode.WRONG_STATE
    fresh = Booking.objects.get(pk=booking.pk)
    assert settling.account_of(fresh).total.fen == settlement.total_fen


def test_a_closed_account_is_read_in_either_language_and_stays_the_same_sum(people, booking) -> None:
    with transaction.atomic():
        booking.tariff.extras.filter(code="power").update(label_en="Power")
        audit.record("places.tariff.published", booking.tariff, actor=system())
    use(people, booking)
    closed = settling.settle_booking(actor=people["keeper"], booking_id=booking.pk)
    account = settling.account_of(booking)
    with translation.override("en"):
        read = settling.in_words(account, booking)
    words = {line.code: (line.label, line.unit) for line in read.lines}
    assert words["power"] == ("Power", "kWh")
    assert words["hour"] == ("By the hour", "hours")
    assert words["late"][0] == "Beyond the time booked"
    assert read.total == account.total == Money(closed.total_fen)
    assert next(line.label for line in account.lines if line.code == "power") == "电费"


def test_claims_come_within_48_hours_and_the_office_decides_disputes(people, booking) -> None:
    use(people, booking, out=12)
    claim_it = {"actor": people["keeper"], "booking_id": booking.pk, "description": "灯架", "amount": Money(5000)}
    with at(12 + 48.1):
        assert code_of(claiming.claim_damage, **claim_it) == ErrorCode.CLAIM_TOO_LATE
    with at(12 + 48):
        claim = claiming.claim_damage(**claim_it)
    answer = {"actor": people["scheduler"], "claim_id": claim.pk, "accepted": False}
    assert code_of(claiming.answer_claim, **answer) == ErrorCode.INVALID
    claiming.answer_claim(**answer, answer="原来就坏了")
    decide = {"claim_id": claim.pk, "upheld": False, "answer": "进场照片可见"}
    assert code_of(claiming.decide_claim, actor=people["keeper"], **decide) == ErrorCode.FORBIDDEN
    assert claiming.decide_claim(actor=people["officer"], **decide).state == "rejected"
    assert settling.settle_booking(actor=people["keeper"], booking_id=booking.pk).total_fen == 40_000 + 12_450


def test_meters_do_not_run_backwards_and_unknown_meters_are_refused(people, booking) -> None:
    with at(8):
        unknown = {"actor": people["keeper"], "booking_id": booking.pk, "readings": {"water": Decimal(1)}}
        assert code_of(handing.hand_over, **unknown) == ErrorCode.INVALID
    with pytest.raises(XiepaiError) as caught:
        use(people, booking, power=("100", "99"))
    assert caught.value.code == ErrorCode.READING_BACKWARDS
    booking.refresh_from_db()
    assert booking.state == "in_use"


def test_another_crew_finds_no_claim(people, booking) -> None:
    use(people, booking)
    claim = claiming.claim_damage(actor=people["keeper"], booking_id=booking.pk, description="地板", amount=Money(100))
    stranger = make_person("scheduler")[1]
    assert code_of(claiming.answer_claim, actor=stranger, claim_id=claim.pk, accepted=True) == ErrorCode.NOT_FOUND


def test_the_document_says_the_same_as_the_sheet_and_the_account(people, booking) -> None:
    use(people, booking)
    Booking.objects.filter(pk=booking.pk).update(title='=HYPERLINK("x") #set text(red) 《夜奔》')
    settlement = settling.settle_booking(actor=people["keeper"], booking_id=booking.pk)
    fresh = Booking.objects.select_related("place__owner", "organisation", "tariff").get(pk=booking.pk)
    pdf = settlement_pdf(fresh)
    assert pdf.startswith(b"%PDF-")
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    assert settlement.number in text.replace("\r\n", "")
    assert str(Money(settlement.total_fen)) in text
    assert "《夜奔》" in text.replace("\r\n", "")
    sheet = openpyxl.load_workbook(io.BytesIO(settlement_xlsx(fresh))).active
    values = [cell for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None]
    assert settlement.total_fen / 100 in values
    assert '=HYPERLINK("x") #set text(red) 《夜奔》' in values
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
