"""Places are created, changed, moved and retired by who may, and every write leaves a trail."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from tests.factories import make_organisation, make_person, make_place, make_tariff, make_words

from xiepai.bookings.services import place_hold
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.models import AuditEntry
from xiepai.parties.access import NOBODY, Actor, system
from xiepai.parties.models import Organisation
from xiepai.places.models import Cover, Place, PlaceKind, Term, Visibility
from xiepai.places.services import (
    Joined,
    Part,
    add_term,
    combine_places,
    create_place,
    move_place,
    publish_place,
    rename_term,
    restore_term,
    retire_place,
    retire_term,
    set_parts,
    split_place,
    submit_place,
    unpublish_place,
    update_place,
    verify_place,
)
from xiepai.worktime.spans import Span

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2028, 2, 1, 9, tzinfo=ZONE)
SYSTEM = system("test")


@pytest.fixture(autouse=True)
def _february() -> object:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def base() -> Organisation:
    make_words()
    return make_organisation("base")


@pytest.fixture
def keeper(base: Organisation) -> Actor:
    return make_person("keeper", base)[1]


def hours(start: int, end: int, day: int = 3) -> Span:
    midnight = datetime(2028, 2, day, tzinfo=ZONE)
    return Span(midnight + timedelta(hours=start), midnight + timedelta(hours=end))


def hold(place: Place, span: Span) -> None:
    _person, actor = make_person("scheduler")
    (organisation_id,) = actor.organisations()
    place_hold(actor=actor, organisation_id=organisation_id, place_id=place.pk, span=span)


def refused(expected: ErrorCode, call: Any, /, **arguments: Any) -> XiepaiError:
    with pytest.raises(XiepaiError) as caught:
        call(**arguments)
    assert caught.value.code == expected, caught.value
    return caught.value


def refused_hold(place: Place, span: Span) -> XiepaiError:
    with pytest.raises(XiepaiError) as caught:
        hold(place, span)
    return caught.value


def events(place: Place | Term) -> list[str]:
    rows = AuditEntry.objects.filter(object_type=place._meta.label_lower, object_id=place.pk).order_by("id")
    return [row.event for row in rows]


NEW: dict[str, Any] = {"name": "审讯室", "town": "xitaihu", "categories": ["office"]}


class TestCreate:
    def test_three_fields_are_enough(self, base, keeper) -> None:
        place = create_place(actor=keeper, owner_id=base.pk, **NEW)
        assert place.visibility == Visibility.REVIEW
        assert place.code.startswith("P")
        assert "审讯" in place.search_text.split()
        assert place.sort_key.startswith("shen3")
        entry = AuditEntry.objects.get(event="places.place.created", object_id=place.pk)
        assert entry.organisation_id == base.pk
        assert entry.before is None
        assert entry.after["name"] == "审讯室"
        assert "search_text" not in entry.after

    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"name": " "}, "name"),
            ({"town": ""}, "town"),
            ({"categories": []}, "categories"),
            ({"people_max": -1}, "people_max"),
            ({"area_m2": Decimal("1.23")}, "area_m2"),
            ({"latitude": 31.7}, "longitude"),
            ({"latitude": 91.0, "longitude": 0.0}, "latitude"),
            ({"setting": "underwater"}, "setting"),
            ({"max_minutes": 30}, "max_minutes"),
            ({"name": "a\x00b"}, "name"),
            ({"aliases": ["\ud800"]}, "aliases"),
            ({"locked_fields": ["name"]}, "locked_fields"),
            ({"last_verified_on": date(2030, 1, 1)}, "last_verified_on"),
            ({"code": "a b"}, "code"),
            ({"capacity": 0}, "capacity"),
        ],
    )
    def test_what_cannot_be_is_refused_by_field(self, base, keeper, fields, name) -> None:
        error = refused(ErrorCode.INVALID, create_place, actor=keeper, owner_id=base.pk, **{**NEW, **fields})
        assert name in error.data["fields"]
        assert not Place.objects.exists()

    def test_every_problem_is_named_not_the_first(self, base, keeper) -> None:
        bad = {**NEW, "name": "", "people_max": -1, "setting": "x"}
        error = refused(ErrorCode.INVALID, create_place, actor=keeper, owner_id=base.pk, **bad)
        assert {"name", "people_max", "setting"} == set(error.data["fields"])

    def test_words_come_from_the_vocabularies(self, base, keeper) -> None:
        error = refused(
            ErrorCode.UNKNOWN_TERM, create_place, actor=keeper, owner_id=base.pk, **{**NEW, "categories": ["castle"]}
        )
        assert error.data["term"] == "castle"

    def test_white_space_is_levelled(self, base, keeper) -> None:
        place = create_place(
            actor=keeper,
            owner_id=base.pk,
            **{**NEW, "name": "  大 \t 厅 ", "aliases": ["厅", " 厅", ""], "description": "一\r\n二 \r三\n"},
        )
        assert (place.name, place.aliases, place.description) == ("大 厅", ["厅"], "一\n二\n三")

    def test_a_code_is_given_once(self, base, keeper) -> None:
        create_place(actor=keeper, owner_id=base.pk, code="A-1", **NEW)
        error = refused(ErrorCode.INVALID, create_place, actor=keeper, owner_id=base.pk, code="A-1", **NEW)
        assert "编号" in str(error)

    def test_a_name_that_is_no_field_is_a_slip_of_the_programmer(self, base, keeper) -> None:
        with pytest.raises(TypeError):
            create_place(actor=keeper, owner_id=base.pk, **NEW, version=7)


class TestWhoMay:
    def test_strangers_find_nothing_members_are_told_which_role(self, base) -> None:
        place = make_place(base)
        stranger = make_person("keeper")[1]
        crew = make_person("producer")[1]
        leader = make_person("leader")[1]
        for actor in (stranger, crew, NOBODY):
            refused(ErrorCode.NOT_FOUND, update_place, actor=actor, place_id=place.pk, name="偷")
            refused(ErrorCode.NOT_FOUND, create_place, actor=actor, owner_id=base.pk, **NEW)
        refused(ErrorCode.FORBIDDEN, update_place, actor=leader, place_id=place.pk, name="改")
        member = make_person("scheduler", base)[1]
        refused(ErrorCode.FORBIDDEN, update_place, actor=member, place_id=place.pk, name="改")
        refused(ErrorCode.NOT_FOUND, update_place, actor=leader, place_id=10**9, name="改")

    def test_officers_write_every_place(self, base) -> None:
        place = make_place(base)
        officer = make_person("officer")[1]
        assert update_place(actor=officer, place_id=place.pk, name="新名").name == "新名"

    def test_only_the_office_publishes_keepers_submit_and_hide(self, base, keeper) -> None:
        place = create_place(actor=keeper, owner_id=base.pk, **NEW)
        refused(ErrorCode.FORBIDDEN, publish_place, actor=keeper, place_id=place.pk)
        refused(ErrorCode.FORBIDDEN, create_place, actor=keeper, owner_id=base.pk, visibility="public", **NEW)
        officer = make_person("officer")[1]
        assert publish_place(actor=officer, place_id=place.pk).visibility == Visibility.PUBLIC
        assert unpublish_place(actor=keeper, place_id=place.pk).visibility == Visibility.PRIVATE
        assert submit_place(actor=keeper, place_id=place.pk).visibility == Visibility.REVIEW
        assert events(place)[1:] == [
            "places.place.published",
            "places.place.unpublished",
            "places.place.submitted",
        ]

    def test_a_place_changes_hands_by_the_office_only(self, base, keeper) -> None:
        place, other = make_place(base), make_organisation("scenic")
        refused(ErrorCode.FORBIDDEN, update_place, actor=keeper, place_id=place.pk, owner_id=other.pk)
        officer = make_person("officer")[1]
        assert update_place(actor=officer, place_id=place.pk, owner_id=other.pk).owner_id == other.pk


class TestChange:
    def test_before_and_after_hold_what_changed_only(self, base, keeper) -> None:
        place = make_place(base)
        update_place(actor=keeper, place_id=place.pk, people_max=40, area_m2=Decimal("80.5"))
        entry = AuditEntry.objects.get(event="places.place.updated", object_id=place.pk)
        assert entry.before == {"people_max": None, "area_m2": None}
        assert entry.after == {"people_max": 40, "area_m2": "80.5"}

    def test_writing_what_stands_there_writes_nothing(self, base, keeper) -> None:
        place = make_place(base)
        before = events(place)
        update_place(actor=keeper, place_id=place.pk, name=place.name, categories=list(place.categories))
        assert events(place) == before

    def test_a_new_name_is_found_at_once(self, base, keeper) -> None:
        place = update_place(actor=keeper, place_id=make_place(base).pk, name="派出所")
        assert "派出" in place.search_text.split()

    def test_a_rule_raises_the_version(self, base, keeper) -> None:
        place = make_place(base)
        assert update_place(actor=keeper, place_id=place.pk, min_minutes=120).version == place.version + 1

    def test_verified_today(self, base, keeper) -> None:
        place = make_place(base)
        assert verify_place(actor=keeper, place_id=place.pk).last_verified_on == date(2028, 2, 1)
        refused(ErrorCode.INVALID, verify_place, actor=keeper, place_id=place.pk, on=date(2028, 2, 2))

    def test_capacity_stays_above_what_is_booked(self, base, keeper) -> None:
        place = make_place(base, kind="resource", capacity=2)
        hold(place, hours(9, 12))
        error = refused(ErrorCode.PLACE_HAS_BOOKINGS, update_place, actor=keeper, place_id=place.pk, capacity=1)
        assert error.data["count"] == 1
        assert update_place(actor=keeper, place_id=place.pk, capacity=5).capacity == 5

    def test_a_write_without_a_trail_is_refused_at_commit(self, base) -> None:
        place = make_place(base)
        connection.cursor().execute("SELECT set_config('xiepai.audited', '', true)")
        Place.objects.filter(pk=place.pk).update(name="无痕")
        with pytest.raises(IntegrityError, match="audit"):
            connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


class TestTree:
    def test_moving_under_itself_is_refused(self, base, keeper) -> None:
        site = make_place(base, kind="site")
        child = make_place(base, parent=site)
        error = refused(ErrorCode.PLACE_TREE, move_place, actor=keeper, place_id=site.pk, parent_id=child.pk)
        assert "自己" in str(error)

    def test_bookings_follow_and_a_clash_refuses_the_move(self, base, keeper) -> None:
        site, child = make_place(base, kind="site"), make_place(base)
        hold(site, hours(9, 12))
        hold(child, hours(10, 11))
        refused(ErrorCode.PLACE_HAS_BOOKINGS, move_place, actor=keeper, place_id=child.pk, parent_id=site.pk)
        free = make_place(base)
        moved = move_place(actor=keeper, place_id=free.pk, parent_id=site.pk)
        assert moved.parent_id == site.pk
        assert refused_hold(free, hours(9, 10)).code == ErrorCode.SLOT_TAKEN

    def test_a_keeper_hangs_nothing_under_a_stranger(self, base, keeper) -> None:
        place, foreign = make_place(base), make_place(make_organisation("base"))
        refused(ErrorCode.NOT_FOUND, move_place, actor=keeper, place_id=place.pk, parent_id=foreign.pk)
        refused(ErrorCode.NOT_FOUND, create_place, actor=keeper, owner_id=base.pk, parent_id=foreign.pk, **NEW)

    def test_what_is_counted_has_nothing_under_it(self, base, keeper) -> None:
        rooms, place = make_place(base, kind="resource", capacity=5), make_place(base)
        refused(ErrorCode.PLACE_TREE, move_place, actor=keeper, place_id=place.pk, parent_id=rooms.pk)
        site = make_place(base, kind="site")
        make_place(base, parent=site)
        refused(ErrorCode.PLACE_TREE, update_place, actor=keeper, place_id=site.pk, capacity=3)

    def test_retire_takes_all_below_and_waits_for_bookings(self, base, keeper) -> None:
        site = make_place(base, kind="site")
        child = make_place(base, parent=site)
        hold(child, hours(9, 12))
        assert refused(ErrorCode.PLACE_HAS_BOOKINGS, retire_place, actor=keeper, place_id=site.pk).data["count"] == 1
        with clock.frozen(NOW + timedelta(days=30)):
            retired = retire_place(actor=keeper, place_id=site.pk)
        assert {place.pk for place in retired} == {site.pk, child.pk}
        child.refresh_from_db()
        assert (child.is_bookable, child.visibility) == (False, Visibility.PRIVATE)


class TestDividing:
    def test_a_hall_divides(self, base, keeper) -> None:
        hall = make_place(base, name="演播厅", step_minutes=60)
        hold(hall, hours(9, 12))
        divided = split_place(
            actor=keeper,
            place_id=hall.pk,
            parts=[Part("A厅", people_max=50), Part("B厅"), Part("C厅", code="HALL-C")],
            combinations=[Joined("A+B", ("A厅", "B厅"))],
        )
        a, b, c = divided.parts
        both = divided.combinations[0]
        assert (a.step_minutes, a.people_max, c.code, both.kind) == (60, 50, "HALL-C", PlaceKind.COMBINATION)
        assert set(Cover.objects.filter(place=both).values_list("leaf", flat=True)) == {a.pk, b.pk}
        for place in (c, both):
            make_tariff(place)
        error = refused_hold(c, hours(11, 13))  # the hall's booking has followed to its parts
        assert error.code == ErrorCode.SLOT_TAKEN
        hold(both, hours(13, 14))
        hold(c, hours(13, 14))
        refused(ErrorCode.PLACE_HAS_BOOKINGS, set_parts, actor=keeper, place_id=both.pk, part_ids=[b.pk, c.pk])

    def test_combinations_are_of_parts_of_one_hall(self, base, keeper) -> None:
        hall, stranger = make_place(base), make_place(base)
        one = [Part("A")]
        refused(ErrorCode.PLACE_TREE, split_place, actor=keeper, place_id=hall.pk, parts=one)
        two = [Part("A"), Part("B")]
        unknown = [Joined("X", ("A", "Z"))]
        refused(ErrorCode.PLACE_TREE, split_place, actor=keeper, place_id=hall.pk, parts=two, combinations=unknown)
        assert not hall.children.exists()
        parts = split_place(actor=keeper, place_id=hall.pk, parts=two).parts
        ids = [parts[0].pk, stranger.pk]
        refused(ErrorCode.PLACE_TREE, combine_places, actor=keeper, place_id=hall.pk, name="X", part_ids=ids)
        made = combine_places(actor=keeper, place_id=hall.pk, name="X", part_ids=[part.pk for part in parts])
        refused(ErrorCode.PLACE_TREE, move_place, actor=keeper, place_id=stranger.pk, parent_id=made.pk)
        refused(ErrorCode.PLACE_TREE, update_place, actor=keeper, place_id=made.pk, kind="set")


class TestVocabulary:
    def test_the_office_edits_words(self, base) -> None:
        officer = make_person("officer")[1]
        term = add_term(actor=officer, vocabulary="category", code="ward", zh="病房", en="Ward")
        place = make_place(base, categories=["ward"])
        rename_term(actor=officer, term_id=term.pk, zh="住院部")
        place.refresh_from_db()
        assert "住院" in place.search_text.split()
        retire_term(actor=officer, term_id=term.pk)
        refused(ErrorCode.UNKNOWN_TERM, make_place, owner=base, categories=["ward"])
        update_place(actor=officer, place_id=place.pk, people_max=9)  # what stands there may stay
        restore_term(actor=officer, term_id=term.pk)
        assert events(term) == [
            "places.term.added",
            "places.term.renamed",
            "places.term.retired",
            "places.term.restored",
        ]

    def test_nobody_else(self, keeper) -> None:
        refused(ErrorCode.FORBIDDEN, add_term, actor=keeper, vocabulary="category", code="x", zh="某")
        term = Term.objects.first()
        refused(ErrorCode.FORBIDDEN, rename_term, actor=keeper, term_id=term.pk, zh="某")
        refused(ErrorCode.FORBIDDEN, retire_term, actor=keeper, term_id=term.pk)

    def test_a_word_means_one_code(self, base) -> None:
        refused(ErrorCode.INVALID, add_term, actor=SYSTEM, vocabulary="category", code="bureau", zh="办公室")
        refused(ErrorCode.INVALID, add_term, actor=SYSTEM, vocabulary="category", code="office", zh="别的")
        refused(ErrorCode.INVALID, add_term, actor=SYSTEM, vocabulary="category", code="b c", zh="别的")
        refused(ErrorCode.NOT_FOUND, add_term, actor=SYSTEM, vocabulary="spell", code="b", zh="别的")


@pytest.mark.django_db(transaction=True)
def test_two_moves_at_once_make_no_ring() -> None:
    """A under B and B under A, each on its own connection: one of them is refused."""
    base = make_organisation("base")
    one, two = make_place(base, kind="site"), make_place(base, kind="site")
    barrier, outcomes = threading.Barrier(2), []

    def move(place: Place, parent: Place) -> None:
        try:
            barrier.wait(5)
            move_place(actor=SYSTEM, place_id=place.pk, parent_id=parent.pk)
            outcomes.append("moved")
        except XiepaiError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=move, args=pair) for pair in ((one, two), (two, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["moved", ErrorCode.PLACE_TREE]
    assert Place.objects.filter(parent__isnull=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_booking_made_while_a_place_is_divided_is_met_by_its_parts() -> None:
    """The booking waits for the division, or the division sees the booking; never neither."""
    base = make_organisation("base")
    hall = make_place(base)
    divided = threading.Event()
    outcome: list[object] = []

    def book() -> None:
        divided.wait(5)
        try:
            with clock.frozen(NOW):
                hold(hall, hours(9, 12))
            outcome.append("held")
        except XiepaiError as error:
            outcome.append(error.code)
        finally:
            connection.close()

    thread = threading.Thread(target=book)
    thread.start()
    with clock.frozen(NOW), transaction.atomic():
        parts = split_place(actor=SYSTEM, place_id=hall.pk, parts=[Part("A"), Part("B")]).parts
        divided.set()
        thread.join(1.0)
        assert not outcome  # it waits
    thread.join(20)
    with clock.frozen(NOW):
        make_tariff(parts[0])
        if outcome == ["held"]:
            assert refused_hold(parts[0], hours(9, 12)).code == ErrorCode.SLOT_TAKEN
        else:
            hold(parts[0], hours(9, 12))
