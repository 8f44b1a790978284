"""Handover, damage, settlement and the page of one booking over HTTP, as crew, keeper, officer and stranger."""

from __future__ import annotations

import io
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from icalendar import Calendar
from PIL import Image
from tests.factories import make_organisation, make_person, make_place
from tests.productions import make_company, make_work
from tests.studio import DAY_ONE, at, december

from xiepai.bookings import services
from xiepai.bookings.models import Booking, DamageClaim, Handover, HandoverPhoto, Settlement
from xiepai.kernel import audit, clock
from xiepai.parties.access import system
from xiepai.parties.models import Person
from xiepai.parties.models_notices import Notice
from xiepai.places.models import TariffExtra

pytestmark = pytest.mark.django_db
SIGNED = {"keeper_present": "张场务", "crew_present": "李制片"}


@pytest.fixture(autouse=True)
def _december(tmp_path: Path, settings: Any) -> Generator[None, None, None]:
    settings.MEDIA_ROOT = tmp_path
    with december():
        yield


def photo_with_exif(colour: str = "teal") -> bytes:
    """A JPEG that says where it was taken, larger than what is kept."""
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    exif.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", (3000, 1500), colour).save(out, "JPEG", exif=exif)
    return out.getvalue()


class Stage:
    """A priced room with a power meter and a deposit, its keeper, a crew and an officer."""

    def __init__(self) -> None:
        self.base = make_organisation("base")
        self.place = make_place(self.base, name="审讯室")
        with transaction.atomic():
            tariff = self.place.tariffs.get()
            TariffExtra.objects.create(tariff=tariff, code="power", label="电费", unit="度", unit_fen=200)
            TariffExtra.objects.create(tariff=tariff, code="manager", label="场务", unit="天", unit_fen=30_000)
            tariff.deposit_fen, tariff.overtime_fen = 100_000, 15_000
            tariff.save()
            audit.record("places.tariff.published", tariff, actor=system())
        self.person, self.scheduler = make_person("scheduler")
        self.crew = self.person.memberships.get().organisation_id
        self.keeper = make_person("keeper", self.base)[0]
        self.as_crew, self.as_keeper = client_of(self.person), client_of(self.keeper)
        self.as_officer, self.as_stranger = client_of(make_person("officer")[0]), client_of(make_person("scheduler")[0])

    def booking(self) -> Booking:
        held = services.place_hold(
            actor=self.scheduler, organisation_id=self.crew, place_id=self.place.pk, span=at(8, 12), title="第3集"
        )
        return services.confirm_booking(actor=self.scheduler, booking_id=held.pk)

    def used(self) -> Booking:
        booking = self.booking()
        with clock.frozen(at(8, 12).start):
            data = {**SIGNED, "reading-power": "100.5", "album": [upload()]}
            assert self.as_keeper.post(f"/bookings/{booking.pk}/hand-over/", data).status_code == 302
        with clock.frozen(at(8, 12).end + timedelta(minutes=30)):
            data = {**SIGNED, "reading-power": "162.75"}
            assert self.as_keeper.post(f"/bookings/{booking.pk}/take-back/", data).status_code == 302
        return booking


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def upload(colour: str = "teal", name: str = "a.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, photo_with_exif(colour), "image/jpeg")


@pytest.fixture
def stage() -> Stage:
    return Stage()


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_a_handover_keeps_meters_names_and_pictures_without_their_place(stage: Stage) -> None:
    booking = stage.booking()
    form = page(stage.as_keeper, f"/bookings/{booking.pk}/hand-over/")
    assert 'capture="environment"' in form
    assert 'name="reading-power"' in form
    assert 'name="reading-manager"' not in form  # by the day, not by a meter
    data = {**SIGNED, "reading-power": "100.5", "condition": "墙面完好", "camera": upload(), "album": [upload("red")]}
    answer = stage.as_keeper.post(f"/bookings/{booking.pk}/hand-over/", data)
    assert answer["Location"] == f"/bookings/{booking.pk}/"
    row = Handover.objects.get()
    assert (row.readings, row.condition, row.keeper_present, row.crew_present) == (
        {"power": "100.5"},
        "墙面完好",
        "张场务",
        "李制片",
    )
    photo = HandoverPhoto.objects.first()
    assert HandoverPhoto.objects.count() == 2
    seen = stage.as_crew.get(f"/handover-pictures/{photo.pk}/large.jpg")
    kept = b"".join(seen.streaming_content)
    with Image.open(io.BytesIO(kept)) as picture:
        assert (max(picture.size), dict(picture.getexif())) == (2000, {})
    assert b"SecretPhone" not in kept
    assert stage.as_stranger.get(f"/handover-pictures/{photo.pk}/large.jpg").status_code == 404
    assert Client().get(f"/media/{photo.image.name}").status_code == 404
    assert "墙面完好" in page(stage.as_crew, f"/bookings/{booking.pk}/")


def test_a_handover_that_is_wrong_says_where_and_changes_nothing(stage: Stage) -> None:
    booking = stage.booking()
    for wrong in ({}, {**SIGNED, "reading-power": "-1"}, {**SIGNED, "reading-power": "much"}):
        assert stage.as_keeper.post(f"/bookings/{booking.pk}/hand-over/", wrong).status_code == 422
    text = SimpleUploadedFile("a.jpg", b"<script>", "image/jpeg")
    answer = stage.as_keeper.post(f"/bookings/{booking.pk}/hand-over/", {**SIGNED, "album": [text]})
    assert answer.status_code == 422
    assert "JPEG" in answer.content.decode()
    assert not Handover.objects.exists()
    booking.refresh_from_db()
    assert booking.state == "confirmed"
    assert stage.as_crew.get(f"/bookings/{booking.pk}/hand-over/").status_code == 403
    assert stage.as_stranger.post(f"/bookings/{booking.pk}/hand-over/", SIGNED).status_code in {403, 404}


def test_a_meter_that_runs_backwards_is_told_at_its_field(stage: Stage) -> None:
    booking = stage.booking()
    stage.as_keeper.post(f"/bookings/{booking.pk}/hand-over/", {**SIGNED, "reading-power": "100"})
    form = page(stage.as_keeper, f"/bookings/{booking.pk}/take-back/")
    assert "进场读数 100" in form
    answer = stage.as_keeper.post(f"/bookings/{booking.pk}/take-back/", {**SIGNED, "reading-power": "99"})
    assert answer.status_code == 422
    booking.refresh_from_db()
    assert booking.state == "in_use"


def test_the_crew_signs_from_its_own_account_and_either_side_adds_pictures(stage: Stage) -> None:
    booking = stage.used()
    row = Handover.objects.get(direction="out")
    assert stage.as_keeper.post(f"/handovers/{row.pk}/sign/").status_code == 403
    assert stage.as_stranger.post(f"/handovers/{row.pk}/sign/").status_code == 404
    stage.as_crew.post(f"/handovers/{row.pk}/sign/")
    row.refresh_from_db()
    assert row.signed_by == stage.person
    for client in (stage.as_crew, stage.as_keeper):  # the same file again is kept once
        client.post(f"/handovers/{row.pk}/pictures/", {"album": [upload("green")]})
    assert row.photos.count() == 1
    assert stage.as_stranger.post(f"/handovers/{row.pk}/pictures/", {"album": [upload()]}).status_code == 404
    assert "在线签认" in page(stage.as_keeper, f"/bookings/{booking.pk}/")


def test_damage_is_claimed_disputed_decided_and_settled_with_the_arithmetic_on_the_page(stage: Stage) -> None:
    booking = stage.used()
    where = f"/bookings/{booking.pk}/"
    with clock.frozen(at(8, 12).end + timedelta(hours=2)):
        stage.as_keeper.post(f"{where}extra/", {"code": "manager", "quantity": "1"})
        data = {"description": "墙面划痕", "amount": "200", "camera": upload("blue")}
        assert stage.as_keeper.post(f"{where}claim/", data).status_code == 302
        claim = DamageClaim.objects.get()
        assert claim.photos.count() == 1
        stage.as_keeper.post(f"{where}settle/")
        assert not Settlement.objects.exists()
        stage.as_crew.post(f"/claims/{claim.pk}/answer/", {"dispute": "", "answer": ""})
        claim.refresh_from_db()
        assert claim.state == "claimed"  # a dispute needs words
        stage.as_crew.post(f"/claims/{claim.pk}/answer/", {"dispute": "", "answer": "原来就有"})
        assert stage.as_keeper.post(f"/claims/{claim.pk}/decide/", {"uphold": "", "answer": "x"}).status_code == 403
        assert "原来就有" in page(stage.as_officer, where)
        assert booking.code in page(stage.as_officer, "/office/settlements/")
        stage.as_officer.post(f"/claims/{claim.pk}/decide/", {"uphold": "", "answer": "进场照片无划痕"})
        claim.refresh_from_db()
        assert (claim.state, claim.answer, claim.decision) == ("upheld", "原来就有", "进场照片无划痕")
        stage.as_keeper.post(f"{where}settle/")
    seen = page(stage.as_crew, where)
    for line in (
        "4 小时 × ¥100 = ¥400",
        "1 小时 × ¥150 = ¥150",
        "162.75 − 100.5",
        "62.25 度 × ¥2 = ¥124.50",
        "1 天 × ¥300 = ¥300",
        "1 项 × ¥200 = ¥200",
        "¥1,174.50 − ¥1,000 = ¥174.50",
    ):
        assert line in seen, line
    subjects = set(Notice.objects.values_list("kind", flat=True))
    assert {"bookings.handover", "bookings.damage", "bookings.settled"} <= subjects


def test_a_claim_after_48_hours_is_refused_with_the_deadline(stage: Stage) -> None:
    booking = stage.used()
    with clock.frozen(at(8, 12).end + timedelta(hours=49)):
        answer = stage.as_keeper.post(f"/bookings/{booking.pk}/claim/", {"description": "灯", "amount": "1"})
    assert answer.status_code == 422
    assert "48" in answer.content.decode()
    assert not DamageClaim.objects.exists()


def settle(stage: Stage) -> Settlement:
    booking = stage.used()
    stage.as_keeper.post(f"/bookings/{booking.pk}/settle/")
    return Settlement.objects.get(booking=booking)


def test_settlements_are_found_sorted_and_exported_by_whom_they_concern(stage: Stage) -> None:
    row = settle(stage)
    assert row.number in page(stage.as_officer, "/office/settlements/?q=审讯&balance=back&sort=total")
    assert f">{row.number}<" not in page(stage.as_officer, "/office/settlements/?balance=due")
    assert f">{row.number}<" not in page(stage.as_officer, "/office/settlements/?until=2020-01-01")
    assert row.number in page(stage.as_crew, f"/settlements/?q={row.number}")
    assert row.number not in page(stage.as_stranger, "/settlements/")
    assert stage.as_crew.get("/office/settlements/").status_code == 403
    text = b"".join(stage.as_crew.get("/settlements.csv").streaming_content).decode()
    assert f"{row.total_fen / 100:.2f}" in text
    assert row.number in text
    book = openpyxl.load_workbook(io.BytesIO(stage.as_officer.get("/office/settlements.xlsx").content))
    cells = [cell for line in book.active.iter_rows(values_only=True, min_row=2) for cell in line]
    assert row.number in cells
    assert row.balance_fen / 100 in cells
    assert stage.as_crew.get("/settlements.pdf").status_code == 404


def test_the_page_says_what_comes_next_and_who_must_act(stage: Stage) -> None:
    stage.place.approval = "keeper"
    with transaction.atomic():
        stage.place.save()
        audit.record("places.place.updated", stage.place, actor=system())
    held = services.place_hold(
        actor=stage.scheduler, organisation_id=stage.crew, place_id=stage.place.pk, span=at(14, 16)
    )
    where = f"/bookings/{held.pk}/"
    seen = page(stage.as_crew, where)
    assert "轮到您" in seen
    assert "data-until=" in seen
    assert "提交审批" in seen
    assert "轮到您" not in page(stage.as_keeper, where)
    stage.as_crew.post(f"{where}confirm/")
    assert "轮到您" in page(stage.as_keeper, where)
    stage.as_keeper.post(f"{where}decline/", {"note": "检修"})
    seen = page(stage.as_crew, where)
    assert 'class="ended"' in seen
    assert "检修" in seen
    assert "进场交接" not in seen


def test_a_booking_moves_to_another_place_of_the_keeper_and_names_its_work(stage: Stage) -> None:
    booking, other = stage.booking(), make_place(stage.base, name="法庭")
    form = {"place": other.pk, "day": f"{DAY_ONE}", "start": "9:00", "end": "11:00", "version": booking.version}
    stage.as_crew.post(f"/bookings/{booking.pk}/change/", form)
    booking.refresh_from_db()
    assert (booking.place, booking.price_fen) == (other, 20_000)
    elsewhere = make_place(name="别家")
    stage.as_crew.post(f"/bookings/{booking.pk}/change/", {**form, "place": elsewhere.pk, "version": booking.version})
    booking.refresh_from_db()
    assert booking.place == other
    company = make_company()
    foreign = make_work(company)
    assert stage.as_crew.post(f"/bookings/{booking.pk}/name-work/", {"work": foreign.pk}).status_code == 404
    company.crew, company.producer = stage.person.memberships.get().organisation, stage.scheduler
    mine = make_work(company, title="夜奔")
    stage.as_crew.post(f"/bookings/{booking.pk}/name-work/", {"work": mine.pk})
    booking.refresh_from_db()
    assert booking.work == mine
    assert "夜奔" in page(stage.as_crew, f"/bookings/{booking.pk}/")


def test_one_booking_as_ics_has_the_uid_of_the_feeds(stage: Stage) -> None:
    booking = stage.booking()
    event = Calendar.from_ical(stage.as_crew.get(f"/bookings/{booking.pk}.ics").content).walk("VEVENT")[0]
    assert str(event["uid"]).startswith(f"booking-{booking.pk}@")
    assert stage.as_stranger.get(f"/bookings/{booking.pk}.ics").status_code == 404


def test_pages_ask_a_bounded_number_of_queries(stage: Stage, django_assert_max_num_queries: Any) -> None:
    booking = stage.used()
    for number in range(5):
        Booking.objects.get(pk=booking.pk)
        stage.as_keeper.post(f"/bookings/{booking.pk}/claim/", {"description": f"灯{number}", "amount": "1"})
    for client, path in (
        (stage.as_keeper, f"/bookings/{booking.pk}/"),
        (stage.as_crew, f"/bookings/{booking.pk}/"),
        (stage.as_officer, "/office/settlements/"),
        (stage.as_crew, "/bookings/"),
    ):
        with django_assert_max_num_queries(30):
            assert client.get(path).status_code == 200


def test_the_list_is_filtered_by_days_and_exported(stage: Stage) -> None:
    booking = stage.booking()
    assert booking.code in page(stage.as_crew, f"/bookings/?since={DAY_ONE}&until={DAY_ONE}")
    assert booking.code not in page(stage.as_crew, f"/bookings/?since={DAY_ONE + timedelta(days=1)}")
    book = openpyxl.load_workbook(io.BytesIO(stage.as_crew.get("/bookings.xlsx").content))
    assert booking.code in [cell.value for cell in book.active["A"]]
