"""The demo city: as large as promised, every invented value flagged, audited, and the same when loaded again."""

from __future__ import annotations

import io
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from xiepai.kernel.models import AuditEntry
from xiepai.parties.access import NOBODY, actor_of
from xiepai.parties.models import Membership, Organisation, Person, Role
from xiepai.places.demo import DEMO_PASSWORD, demo_accounts
from xiepai.places.demo.plan import plan_city
from xiepai.places.models import Contact, Cover, OpeningRule, Photo, Place, Standing, Tariff, Term
from xiepai.places.search import SearchQuery, document, search, sort_key
from xiepai.places.services import update_place

pytestmark = pytest.mark.django_db
STATED = {"西太湖影视基地", "ULIGHT智能光场数字虚拟棚", "环球动漫嬉戏谷", "太湖湾音乐节场地"}


def load(**options: Any) -> str:
    out = io.StringIO()
    call_command("load_demo_city", stdout=out, **options)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # the audit watch speaks at commit; a test never commits
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return out.getvalue()


@pytest.fixture(scope="module")
def _city(django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: Any) -> Any:
    """Load once for the whole file; every test's own changes are rolled back, and so is the city at the end."""
    from django.test import override_settings

    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")):
        outer = transaction.atomic()
        outer.__enter__()
        try:
            load()
            yield
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


@pytest.fixture(autouse=True)
def _in_the_city(_city: None, db: None) -> None:
    """Each test's own transaction stands within the one that holds the city."""


def rows() -> list[Any]:
    """Everything there is to change, in order."""
    tables = (Place, Tariff, Term, Organisation, Person, Membership, OpeningRule, Photo, Contact, AuditEntry)
    return [list(table.objects.order_by("pk").values_list()) for table in tables]


def test_at_least_320_sample_sets() -> None:
    sets = Place.objects.filter(kind="set", standing=Standing.SAMPLE)
    assert sets.count() >= 320
    assert len(set(sets.values_list("name", "owner"))) == sets.count()
    found = Counter(code for codes in sets.values_list("categories", flat=True) for code in codes)
    for needed in ("office", "hospital", "police", "court", "villa", "palace", "republic", "cafe", "bar", "school",
                   "garage", "rooftop", "ancestral-hall"):  # fmt: skip
        assert found[needed] >= 3, needed


def test_nothing_invented_passes_for_a_fact() -> None:
    for place in Place.objects.all():
        if place.standing == Standing.KNOWN:
            assert place.latitude is None, place
            assert not place.is_bookable, place
            assert not place.tariffs.exists(), place
            assert "公开报道" in place.standing_note, place
        else:
            assert place.standing_note, place
    known = Place.objects.exclude(standing=Standing.SAMPLE)
    assert set(known.filter(standing=Standing.ASSUMED).values_list("name", flat=True)) == STATED
    assert known.filter(standing=Standing.KNOWN, categories=["cluster"]).count() == 6
    assert not Tariff.objects.filter(standing=Standing.KNOWN).exists()
    assert not Organisation.objects.filter(standing="known").exclude(name__in=STATED).exists()
    for photo in Photo.objects.all():
        assert "样例" in photo.caption


def test_the_tree_is_whole() -> None:
    depth = {"site", "building", "floor", "set", "part", "combination", "resource"}
    assert set(Place.objects.values_list("kind", flat=True)) == depth
    hall = Place.objects.get(code="XTE-HALL")
    parts = set(Place.objects.filter(parent=hall, kind="part").values_list("pk", flat=True))
    assert len(parts) == 3
    assert set(Cover.objects.filter(place=hall).values_list("leaf_id", flat=True)) == parts
    pair = Place.objects.get(code="XTE-HALL-AB")
    assert Cover.objects.filter(place=pair).count() == 2
    assert not Place.objects.exclude(pk__in=Cover.objects.values("place_id")).exists()
    assert Place.objects.filter(capacity__gt=1).count() >= 15


def test_what_can_be_booked_has_a_price_and_the_rest_none() -> None:
    priced = set(Tariff.objects.values_list("place_id", flat=True))
    for place in Place.objects.all():
        assert (place.pk in priced) is place.is_bookable, place
    kinds = Counter(Tariff.objects.values_list("day_limit_minutes", flat=True))
    assert kinds[840] > 100
    assert kinds[960] > 10
    assert Tariff.objects.filter(valid_to__isnull=False).exists()
    assert set(Tariff.objects.values_list("overtime_step_minutes", flat=True)) == {30, 60}
    assert OpeningRule.objects.filter(opens_minute=510, closes_minute=1020).exists()


def test_every_place_is_found_and_sorted() -> None:
    place = Place.objects.get(code="XTA-101")
    assert place.search_text == document(place)
    assert place.sort_key == sort_key(place.name)
    for words in ("审讯室", "shenxun", "sxs", "嬉戏谷", "xixigu", "霸总", "ULIGHT", "群演"):
        assert search(NOBODY, SearchQuery(words=words)).total, words


def test_audited_row_by_row() -> None:
    assert AuditEntry.objects.filter(event="places.place.created").count() == Place.objects.count()
    assert AuditEntry.objects.filter(event="places.tariff.published").count() == Tariff.objects.count()
    assert AuditEntry.objects.filter(event="places.term.added").count() == Term.objects.count()
    assert set(AuditEntry.objects.values_list("source", flat=True)) == {"command"}


def test_an_account_for_every_role() -> None:
    accounts = demo_accounts()
    assert len(accounts) == Person.objects.count()
    assert set(Membership.objects.values_list("role", flat=True)) == set(Role.values)
    for email, label, organisation in accounts:
        member = Membership.objects.get(person__email=email)
        assert (member.get_role_display(), member.organisation.name) == (label, organisation)
    for role in Role:
        person = Person.objects.get(email=f"{role.value}@demo.xiepai")
        assert actor_of(person).roles == {role.value}
        assert person.check_password(DEMO_PASSWORD)
    assert not Person.objects.filter(is_staff=True).exists()
    assert authenticate(email="scheduler@demo.xiepai", password="wrong") is None


def test_contacts_are_locked_and_reach_nobody() -> None:
    assert Contact.objects.exists()
    for contact in Contact.objects.all():
        assert "phone" in contact.locked_fields
        assert contact.phone.endswith("00000000")


def test_a_second_load_changes_nothing() -> None:
    officer = actor_of(Person.objects.get(email="officer@demo.xiepai"))
    update_place(actor=officer, place_id=Place.objects.get(code="XTA-101").pk, name="改过的名字")
    before = rows()
    started = time.monotonic()
    assert load() == ""
    assert time.monotonic() - started < 3
    assert rows() == before


def test_what_is_missing_is_added() -> None:
    Organisation.objects.filter(name="剧组之家样例公寓").update(name="旧名")
    words = load()
    assert "1 organisations" in words
    assert "places" not in words


@pytest.mark.parametrize("hosts", [["*"], ["xiepai.example.org"], ["127.0.0.1", ".example.org"]])
def test_no_accounts_where_the_world_can_sign_in(settings: Any, hosts: list[str]) -> None:
    Membership.objects.all().delete()
    Person.objects.all().delete()
    settings.ALLOWED_HOSTS = hosts
    load()
    assert not Person.objects.exists()
    load(accounts=True)
    assert Person.objects.count() == len(demo_accounts())


def test_the_plan_is_the_same_every_time() -> None:
    assert plan_city() == plan_city()
    codes = [plan.code for plan in plan_city()]
    assert len(codes) == len(set(codes))


def test_pictures_lie_in_the_media_folder(settings: Any) -> None:
    photos = list(Photo.objects.all())
    assert len({photo.place_id for photo in photos}) == len(photos) > 300
    assert not Place.objects.filter(standing=Standing.SAMPLE, kind="set", photos=None).exists()
    assert not Photo.objects.exclude(place__standing=Standing.SAMPLE).exists()
    assert sum(Path(photo.image.path).stat().st_size for photo in photos) < 20_000_000
