"""A keeper's pages over HTTP: the list, a place's details, pictures, contacts, tree, calendar, tariffs."""

from __future__ import annotations

import io
from collections.abc import Generator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from PIL import Image
from tests.factories import make_organisation, make_person, make_place

from xiepai.bookings import services
from xiepai.bookings.models import Booking
from xiepai.kernel import clock
from xiepai.kernel.models import AuditEntry
from xiepai.places.models import Blocking, Contact, Photo, Place, Tariff
from xiepai.places.services.calendar import days_of, rules_of
from xiepai.worktime.spans import Span

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 12, 1, 9, tzinfo=ZONE)
DAY = datetime(2026, 12, 7, tzinfo=ZONE)


@pytest.fixture(autouse=True)
def _december() -> Generator[None, None, None]:
    with clock.frozen(NOW):
        yield


class Stage:
    """A base with a keeper and one set, another base's set, a crew, the office."""

    def __init__(self) -> None:
        self.base = make_organisation("base", name="西太湖样例基地")
        self.place = make_place(self.base, name="审讯室", approval="keeper")
        self.foreign = make_place(name="别家的法庭")
        person, self.keeper = make_person("keeper", self.base)
        self.client, self.office = Client(), Client()
        self.client.force_login(person)
        self.office.force_login(make_person("officer")[0])
        crew_person, self.scheduler = make_person("scheduler")
        self.crew = crew_person.memberships.get().organisation_id

    def hold(self, place: Place, start: int = 8, end: int = 12) -> Booking:
        span = Span(DAY + timedelta(hours=start), DAY + timedelta(hours=end))
        return services.place_hold(
            actor=self.scheduler, organisation_id=self.crew, place_id=place.pk, span=span, title="第3集"
        )

    def get(self, view: str, *arguments: object, **query: str) -> str:
        answer = self.client.get(reverse(f"keeper:{view}", args=arguments), query)
        assert answer.status_code == 200, answer.content.decode()
        return answer.content.decode()

    def post(self, view: str, *arguments: object, **data: object) -> HttpResponse:
        return self.client.post(reverse(f"keeper:{view}", args=arguments), data, follow=True)  # type: ignore[return-value]


@pytest.fixture
def stage() -> Stage:
    return Stage()


def picture(colour: str = "teal") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (900, 600), colour).save(out, "JPEG")
    return SimpleUploadedFile(f"{colour}.jpg", out.getvalue(), content_type="image/jpeg")


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


def details_of(place: Place, **changes: object) -> dict[str, object]:
    """What the form of a place posts when nothing but *changes* was typed."""
    from xiepai.web.keeper.forms import PlaceForm

    form = PlaceForm(place=place)
    values = {name: form[name].value() for name in form.fields}
    plain = {name: value for name, value in values.items() if value not in (None, False)}
    return {**plain, **changes}


def test_the_list_shows_the_own_places_and_what_they_lack(stage: Stage) -> None:
    make_place(stage.base, name="没价目的走廊", parent=stage.place, priced=False)
    page = stage.get("home")
    assert "审讯室" in page
    assert "没价目的走廊" in page
    assert "别家的法庭" not in page
    assert "没价目的走廊" in stage.get("home", lack="tariff")
    narrowed = stage.get("home", lack="tariff")
    assert reverse("keeper:place", args=[stage.place.pk]) not in narrowed
    assert "没有符合条件的场地" in stage.get("home", q="不存在")


def test_the_list_is_a_tree_until_it_is_sorted(stage: Stage) -> None:
    child = make_place(stage.base, name="一楼", parent=stage.place)
    tree = stage.get("home")
    assert f'depth d1"><a href="{reverse("keeper:place", args=[child.pk])}' in tree
    assert f'depth d0"><a href="{reverse("keeper:place", args=[child.pk])}' in stage.get("home", sort="-code")


def test_requests_and_handovers_stand_on_the_home_page(stage: Stage) -> None:
    booking = stage.hold(stage.place)
    services.confirm_booking(actor=stage.scheduler, booking_id=booking.pk)
    assert "前答复" in stage.get("home")
    services.approve_booking(actor=stage.keeper, booking_id=booking.pk)
    assert "今天没有进场和撤场" in stage.get("home")
    with clock.frozen(DAY + timedelta(hours=7)):
        page = stage.get("home")
        assert "没有等待答复的申请" in page
        assert "今天没有进场和撤场" not in page
        assert f"<b>{round(100 * 4 / 24)}%</b>" in page  # four of the only set's 24 hours


def test_another_bases_place_is_not_found_anywhere(stage: Stage) -> None:
    for name in ("place", "photos", "contacts", "structure", "calendar", "tariffs", "tariff_example"):
        answer = stage.client.get(reverse(f"keeper:{name}", args=[stage.foreign.pk]))
        assert answer.status_code == 404, name
    for name in ("publish", "move", "divide", "retire", "hours", "closed", "block", "rules"):
        answer = stage.client.post(reverse(f"keeper:{name}", args=[stage.foreign.pk]), {"deed": "private"})
        assert answer.status_code == 404, name
    stage.foreign.refresh_from_db()
    assert stage.foreign.visibility == "public"


def test_parts_of_another_place_are_not_reached_through_an_own_one(stage: Stage) -> None:
    other = Photo.objects.create(place=stage.foreign, width=1, height=1, sha256="x", image="a.jpg", thumbnail="b.jpg")
    AuditEntry.objects.count()
    from xiepai.kernel import audit
    from xiepai.parties.access import system

    audit.record("places.photo.added", stage.foreign, actor=system())
    answer = stage.client.post(reverse("keeper:photo", args=[stage.place.pk, other.pk]), {"deed": "remove"})
    assert answer.status_code == 404
    assert Photo.objects.filter(pk=other.pk).exists()


def test_a_place_needs_three_things_and_begins_in_review(stage: Stage) -> None:
    refused = stage.post("new", name="县衙", owner_id=stage.base.pk)
    assert refused.status_code == 422
    assert not Place.objects.filter(name="县衙").exists()
    from xiepai.web.keeper.forms import PlaceForm

    blank = PlaceForm()
    data = {name: blank[name].value() for name in blank.fields if blank[name].value() not in (None, False, [])}
    data |= {"name": "县衙", "town": "jiaze", "categories": ["street"], "owner_id": stage.base.pk}
    done = stage.post("new", **{**data, "parent_id": stage.place.pk, "is_bookable": "on"})
    place = Place.objects.get(name="县衙")
    assert (place.visibility, place.parent_id, place.owner_id) == ("review", stage.place.pk, stage.base.pk)
    assert "等协拍办公开" in text(done)
    assert "没有照片" in text(done) or "还没有照片" in text(done)


def test_only_what_was_changed_is_written(stage: Stage) -> None:
    before = AuditEntry.objects.filter(object_id=stage.place.pk, event="places.place.updated").count()
    assert "已保存" in text(stage.post("place", stage.place.pk, **details_of(stage.place)))
    assert AuditEntry.objects.filter(object_id=stage.place.pk, event="places.place.updated").count() == before
    stage.post("place", stage.place.pk, **details_of(stage.place, people_max="45", aliases="一号审讯室、小黑屋"))
    stage.place.refresh_from_db()
    assert (stage.place.people_max, stage.place.aliases) == (45, ["一号审讯室", "小黑屋"])
    entry = AuditEntry.objects.filter(object_id=stage.place.pk, event="places.place.updated").latest("id")
    assert set(entry.after) == {"people_max", "aliases"}


def test_a_wrong_field_is_named_at_the_field(stage: Stage) -> None:
    answer = stage.post("place", stage.place.pk, **details_of(stage.place, latitude="31.7"))
    assert answer.status_code == 422
    assert "经度和纬度要一起填" in text(answer)


def test_pictures_come_several_at_once_are_ordered_described_and_removed(stage: Stage) -> None:
    bad = SimpleUploadedFile("not.jpg", b"no picture", content_type="image/jpeg")
    address = reverse("keeper:photos", args=[stage.place.pk])
    answer = stage.client.post(address, {"pictures": [picture("teal"), picture("navy"), bad], "caption": "大门"})
    assert answer.status_code == 422
    assert "not.jpg" in text(answer)  # type: ignore[arg-type]
    first, second = Photo.objects.filter(place=stage.place)
    assert (first.caption, second.caption) == ("大门", "大门")
    stage.post("photo", stage.place.pk, second.pk, deed="first")
    assert list(Photo.objects.filter(place=stage.place)) == [second, first]
    stage.post("photo", stage.place.pk, second.pk, deed="caption", caption="后院")
    stage.post("photo", stage.place.pk, first.pk, deed="remove")
    (left,) = Photo.objects.filter(place=stage.place)
    assert (left.pk, left.caption) == (second.pk, "后院")
    assert stage.client.post(reverse("keeper:photo", args=[stage.place.pk, left.pk]), {"deed": "?"}).status_code == 404


def test_contacts_have_a_lock_per_field(stage: Stage) -> None:
    stage.post("contacts", stage.place.pk, name="王站长", phone="13800000000", locked_fields=["phone"])
    contact = Contact.objects.get(place=stage.place)
    assert contact.locked_fields == ["phone"]
    stage.post("contacts", stage.place.pk, contact=contact.pk, name="王站长", phone="13900000000")
    contact.refresh_from_db()
    assert (contact.phone, contact.locked_fields) == ("13900000000", [])
    stage.post("contact_remove", stage.place.pk, contact.pk)
    assert not Contact.objects.filter(place=stage.place).exists()


def test_the_office_publishes_and_the_keeper_submits(stage: Stage) -> None:
    stage.post("publish", stage.place.pk, deed="private")
    stage.place.refresh_from_db()
    assert stage.place.visibility == "private"
    assert stage.post("publish", stage.place.pk, deed="public").status_code == 403
    stage.post("publish", stage.place.pk, deed="review")
    stage.office.post(reverse("keeper:publish", args=[stage.place.pk]), {"deed": "public"})
    stage.place.refresh_from_db()
    assert stage.place.visibility == "public"


def test_a_hall_divides_moves_and_retires(stage: Stage) -> None:
    stage.post("divide", stage.place.pk, parts="A厅 200\nB厅 150.5\nC厅", joined="A+B厅=A厅、B厅")
    names = {row.name: row for row in Place.objects.filter(parent=stage.place)}
    assert set(names) == {"A厅", "B厅", "C厅", "A+B厅"}
    assert str(names["B厅"].area_m2) == "150.5"
    stage.post("divide", stage.place.pk, name="B+C厅", part_ids=[names["B厅"].pk, names["C厅"].pk])
    assert Place.objects.filter(parent=stage.place, kind="combination").count() == 2
    refused = stage.post("move", stage.place.pk, parent_id=names["A厅"].pk)
    assert "不能放在它自己下面" in text(refused)
    booking = stage.hold(stage.place)
    assert "预订" in text(stage.post("retire", stage.place.pk))
    services.cancel_booking(actor=stage.scheduler, booking_id=booking.pk)
    stage.post("retire", stage.place.pk)
    assert not Place.objects.filter(owner=stage.base, is_bookable=True).exists()


def test_weekly_hours_are_written_day_by_day(stage: Stage) -> None:
    days = {f"day{day}": "08:00-12:00,14:00-次日02:00" for day in range(5)}
    stage.post("hours", stage.place.pk, **days, other="2027-07-01至2027-08-31 每天 全天")
    rules = rules_of(stage.place)
    assert len(rules) == 5 * 2 + 7
    assert "08:00-12:00,14:00-次日02:00" in stage.get("calendar", stage.place.pk)
    bad = stage.post("hours", stage.place.pk, day0="八点到十点")
    assert bad.status_code == 422
    assert "看不懂" in text(bad)
    assert rules_of(stage.place) == rules
    stage.post("hours", stage.place.pk)
    assert rules_of(stage.place) == ()


def test_closed_days_and_blockings_respect_bookings_and_can_be_undone(stage: Stage) -> None:
    stage.hold(stage.place)
    refused = stage.post("closed", stage.place.pk, first="2026-12-06", last="2026-12-08", reason="盘点")
    assert "预订" in text(refused)
    assert days_of(stage.place) == {}
    stage.post("closed", stage.place.pk, first="2026-12-20", last="2026-12-22", reason="盘点")
    assert len(days_of(stage.place)) == 3
    stage.post("closed", stage.place.pk, first="2026-12-21", last="2026-12-21", open="1")
    assert sorted(days_of(stage.place)) == [date(2026, 12, 20), date(2026, 12, 22)]
    refused = stage.post("block", stage.place.pk, first="2026-12-07", start="09:00", end="10:00", reason="检修")
    assert not Blocking.objects.exists()
    stage.post(
        "block", stage.place.pk, first="2026-12-08", last="2026-12-09", reason="检修", override_roles=["officer"]
    )
    blocking = Blocking.objects.get()
    assert clock.local(blocking.period.upper) == DAY + timedelta(days=3)
    assert blocking.override_roles == ["officer"]
    page = stage.get("calendar", stage.place.pk, month="2026-12")
    assert "检修" in page
    assert "盘点" in page
    stage.post("unblock", stage.place.pk, blocking.pk)
    blocking.refresh_from_db()
    assert blocking.lifted_at is not None


def test_booking_rules_are_changed_on_the_calendar(stage: Stage) -> None:
    from xiepai.web.keeper.forms import RULES

    data = {name: getattr(stage.place, name) for name in RULES}
    stage.post("rules", stage.place.pk, **{**data, "buffer_after_minutes": 45, "min_minutes": 120})
    stage.place.refresh_from_db()
    assert (stage.place.buffer_after_minutes, stage.place.min_minutes) == (45, 120)
    bad = stage.post("rules", stage.place.pk, **{**data, "max_minutes": 30, "min_minutes": 120})
    assert "不能短于最短时长" in text(bad)


PRICE = {
    "valid_from": "2027-01-01",
    "hour_fen": "300",
    "day_fen": "3,000",
    "day_limit": "14",
    "overtime_fen": "400",
    "overtime_step_minutes": "60",
    "night_fen": "50",
    "night_from_minute": "22:00",
    "night_to_minute": "06:00",
    "deposit_fen": "2000",
    "cancellation": "48小时:50%、24小时:100%",
    "standing": "sample",
    "x_label_0": "用电",
    "x_unit_0": "度",
    "x_fen_0": "1.5",
}


def test_a_tariff_shows_its_arithmetic_before_it_is_published(stage: Stage) -> None:
    shown = stage.get("tariff_example", stage.place.pk, **PRICE)
    assert "4 小时 × ¥300 = ¥1,200" in shown
    assert "1 天 × ¥3,000 + 2 超时小时 × ¥400 = ¥3,800" in shown
    assert "8 小时 × ¥300 + 6 夜间小时 × ¥50 = ¥2,700" in shown
    assert Tariff.objects.filter(place=stage.place).count() == 1
    assert "¥" not in stage.get("tariff_example", stage.place.pk, **{**PRICE, "hour_fen": "很多"})


def test_a_tariff_is_published_closes_the_old_one_and_can_be_withdrawn(stage: Stage) -> None:
    stage.post("tariffs", stage.place.pk, **PRICE)
    old, new = Tariff.objects.filter(place=stage.place).order_by("valid_from")
    assert old.valid_to == new.valid_from == date(2027, 1, 1)
    assert (new.hour_fen, new.night_from_minute, new.day_limit_minutes) == (30_000, 1320, 840)
    assert new.cancellation == [[48, 50], [24, 100]]
    (extra,) = new.extras.all()
    assert (extra.label, extra.unit_fen) == ("用电", 150)
    refused = stage.post("tariffs", stage.place.pk, **{**PRICE, "valid_from": "2026-11-01"})
    assert refused.status_code == 422
    stage.post("tariff_withdraw", stage.place.pk, new.pk)
    old.refresh_from_db()
    assert (old.valid_to, Tariff.objects.filter(place=stage.place).count()) == (None, 1)


def test_an_export_has_the_chosen_rows_and_columns(stage: Stage) -> None:
    make_place(stage.base, name="走廊", visibility="review")
    answer = stage.client.get(reverse("keeper:export"), {"kind": "csv", "visibility": "review", "column": ["name"]})
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").split()  # type: ignore[attr-defined]
    assert lines[0] == "编号,名称"
    assert len(lines) == 2
    assert lines[1].endswith("走廊")
    assert stage.client.get(reverse("keeper:export"), {"kind": "exe"}).status_code == 404


def test_pages_ask_little_of_the_database(stage: Stage, django_assert_max_num_queries: object) -> None:
    for number in range(12):
        make_place(stage.base, name=f"第{number}间", parent=stage.place)
    for name in ("home", "place", "calendar", "tariffs", "photos", "contacts", "structure"):
        with django_assert_max_num_queries(30):  # type: ignore[operator]
            stage.get(name, *([] if name == "home" else [stage.place.pk]))
