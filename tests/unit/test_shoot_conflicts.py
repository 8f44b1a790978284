"""Conflicts named: true ones, minimal in their model, and found where only set-up and moves are at fault."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.unit.test_shoot_plan import brute_force, days

from xiepai.planning.shoot import (
    Candidate,
    Light,
    Limits,
    Lock,
    Part,
    Person,
    Place,
    Placement,
    Problem,
    Scene,
    Status,
    Travel,
    Unit,
    Window,
    Wish,
    WishKind,
    conflicts,
    solve,
    words,
)
from xiepai.planning.shoot.engine_musts import Musts
from xiepai.planning.shoot.reasons import Kind, Reason

QUIET = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
QUICK = Limits(rounds=50, bound_seconds=1)


def kinds(problem: Problem) -> set[str]:
    found = conflicts.conflict(problem)
    assert found is not None
    return {each.kind.value for each in found}


def only(problem: Problem, reasons: tuple[Reason, ...]) -> Problem:
    """The problem with nothing demanded but what is named; nights are long enough and limits wide."""
    named = {(each.kind, each.subject) for each in reasons}
    moves = (Kind.MOVES, "") in named
    wishes = {each.scenes for each in reasons if each.kind is Kind.WISH}
    return replace(
        problem,
        locks=tuple(each for each in problem.locks if (Kind.LOCK, each.scene) in named),
        wishes=tuple(each for each in problem.wishes if each.scenes in wishes),
        scenes=tuple(
            each if (Kind.LIGHT, each.id) in named else replace(each, light=Light.ANY) for each in problem.scenes
        ),
        places=tuple(
            replace(each, calendar=each.calendar if (Kind.PLACE, each.id) in named else None,
                    setup_minutes=each.setup_minutes if moves else 0) for each in problem.places
        ),
        people=tuple(
            replace(each, calendar=each.calendar if (Kind.PERSON, each.id) in named else None,
                    makeup_minutes=each.makeup_minutes if moves else 0,
                    change_minutes=each.change_minutes if moves else 0) for each in problem.people
        ),
        units=tuple(
            replace(each, days=each.days if (Kind.UNIT_DAYS, each.id) in named else None)
            if (Kind.UNIT_HOURS, each.id) in named
            else replace(each, hours=Window(0, 2400), most_minutes=2400,
                         days=each.days if (Kind.UNIT_DAYS, each.id) in named else None)
            for each in problem.units
        ),
        travel=problem.travel if moves else Travel(0, 0),
    )  # fmt: skip


@st.composite
def tight(draw: st.DrawFn) -> Problem:
    """One unit, two short days, no limits: each order, as early as may be, stands for every plan."""
    spans = st.sampled_from([(Window(0, 1800),), (Window(480, 600),), (Window(420, 520), Window(560, 660)), ()])
    calendars = st.none() | st.tuples(spans, spans)
    people = tuple(
        Person(name, calendar=draw(calendars), makeup_minutes=draw(st.sampled_from([0, 40])), change_minutes=20,
               rest_minutes=0)
        for name in ("ann", "ben")
    )  # fmt: skip
    places = tuple(
        Place(name, site=name, setup_minutes=draw(st.sampled_from([0, 25])), calendar=draw(calendars))
        for name in ("p", "q")
    )
    casts = st.lists(st.sampled_from(["ann", "ben"]), max_size=2, unique=True)
    scenes = tuple(
        Scene(str(n), draw(st.sampled_from([40, 60, 90])), (Candidate(draw(st.sampled_from(["p", "q"]))),),
              tuple(Part(each, draw(st.sampled_from(["", "coat"]))) for each in draw(casts)), (),
              draw(st.sampled_from([Light.ANY, Light.DAY, Light.NIGHT])), True)
        for n in range(draw(st.integers(2, 3)))
    )  # fmt: skip
    kind = draw(st.sampled_from([WishKind.BEFORE, WishKind.NEXT, WishKind.SAME_DAY, WishKind.NOT_FIRST]))
    wishes = (Wish(kind, ("0",) if kind is WishKind.NOT_FIRST else ("0", "1")),) if draw(st.booleans()) else ()
    locks = (Lock("1", day=draw(st.integers(0, 1))),) if draw(st.booleans()) else ()
    long = draw(st.sampled_from([140, 200, 400]))
    unit = Unit("A", Window(420, 420 + long), min(long, 840), long, rest_minutes=0,
                days=draw(st.sampled_from([None, frozenset({0})])))  # fmt: skip
    return Problem(days(2), (unit,), scenes, places, people, wishes=wishes, locks=locks, travel=Travel(10, 30))


@QUIET
@given(tight())
def test_a_named_conflict_is_true_and_minimal(problem: Problem) -> None:
    found = conflicts.conflict(problem)
    if found is None:
        return
    assert found, "something that was said is to blame"
    assert brute_force(problem) is None
    assert brute_force(only(problem, found)) is None, "these demands alone are impossible"
    model = Musts(problem)
    for each in found:
        assert not model.is_impossible([one for one in found if one != each]), each


@QUIET
@given(tight())
def test_what_set_up_and_moves_forbid_is_named(problem: Problem) -> None:
    """Possible with sets dressed and reached in no time, impossible as it is: the time for that is in the conflict."""
    found = conflicts.conflict(problem)
    assume(found is not None)
    easy = only(problem, tuple(each for each in Musts(problem).literals if each.kind is not Kind.MOVES))
    if brute_force(easy) is not None:
        assert found is not None
        assert Kind.MOVES in {each.kind for each in found}


HALF = Unit("A", Window(480, 720), 240, 240)


def two_sets(**changes: object) -> Problem:
    """Two scenes of a hundred minutes at two sites, one unit of four hours, one day."""
    scenes = tuple(Scene(k, 100, (Candidate(k),), (Part("ann"),)) for k in "pq")
    places = tuple(Place(k, site=k, setup_minutes=20) for k in "pq")
    return replace(Problem(days(1), (HALF,), scenes, places, (Person("ann"),)), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({}, {"moves", "unit_hours"}),  # 200 + 2 × 20 + 60 > 240; without way and set-up it fits
        ({"travel": Travel(10, 0)}, None),  # 240 exactly
        ({"units": (replace(HALF, hours=Window(480, 1200), most_minutes=720),),
          "people": (Person("ann", calendar=((Window(500, 740),),)),)}, {"moves", "person"}),
        ({"units": (replace(HALF, hours=Window(480, 1200), most_minutes=720),),
          "people": (Person("ann", limit_minutes=250),)}, {"moves", "person_limit"}),
        ({"units": (replace(HALF, hours=Window(480, 1200), most_minutes=720),),
          "places": (Place("p", site="p", setup_minutes=30, calendar=((Window(600, 720),),)), Place("q", site="q"))},
         {"moves", "place"}),
        ({"people": (Person("ann", calendar=((Window(480, 590),),)),),
          "scenes": (Scene("p", 60, (Candidate("p"),), (Part("ann"),)),),
          "places": (Place("p", calendar=((Window(540, 700),),)),)}, {"person", "place"}),
        ({"scenes": (Scene("p", 60, (Candidate("p"),)),), "wishes": (Wish(WishKind.NOT_FIRST, ("p",)),)}, {"wish"}),
    ],
)  # fmt: skip
def test_only_what_is_to_blame_is_named(changes: dict[str, object], named: set[str] | None) -> None:
    problem = two_sets(**changes)
    result = solve(problem, limits=QUICK)
    if named is None:
        assert (result.violations, conflicts.conflict(problem)) == ((), None)
        return
    assert result.status is Status.INFEASIBLE
    assert kinds(problem) == named


def test_two_units_at_one_set_take_turns() -> None:
    units = (HALF, replace(HALF, id="B"))
    place = Place("p", setup_minutes=20, calendar=((Window(480, 700),),))
    scenes = tuple(Scene(str(n), 100, (Candidate("p"),)) for n in range(2))
    locks = (Lock("0", unit="A"), Lock("1", unit="B"))
    problem = Problem(days(1), units, scenes, (place,), locks=locks)
    found = conflicts.conflict(problem)
    assert found is not None
    assert [each.subject for each in found if each.kind is Kind.LOCK] == ["0", "1"]
    assert {each.kind.value for each in found} == {"lock", "place", "moves"}
    assert conflicts.conflict(replace(problem, locks=locks[:1])) is None, "one unit dresses it once"


def test_the_shortest_way_past_three_sets_counts() -> None:
    """p, q, r in a row: an hour from p to q and from q to r, five from p to r. In order it fits exactly."""
    between = (("p", "q", 60), ("q", "r", 60), ("p", "r", 300))
    scenes = tuple(Scene(k, 60, (Candidate(k),)) for k in "pqr")
    places = tuple(Place(k, site=k) for k in "pqr")
    unit = Unit("A", Window(480, 780), 300, 300)
    problem = Problem(days(1), (unit,), scenes, places, travel=Travel(between=between))
    assert conflicts.conflict(problem) is None
    assert solve(problem, limits=QUICK).violations == ()
    shorter = replace(problem, units=(replace(unit, hours=Window(480, 779)),))
    assert kinds(shorter) == {"moves", "unit_hours"}


def test_the_reason_is_said_in_both_languages() -> None:
    zh, en = (words.reason(Reason(Kind.MOVES, ""), lang) for lang in ("zh", "en"))
    assert "置景" in zh[0]
    assert "set-up" in en[0]
    assert all(itertools.chain(zh, en))


def test_what_a_locked_day_holds_is_nobodys_wish() -> None:
    """Ann plays in A's locked day all morning and B works mornings only: B's hours are to blame, the lock is a fact."""
    long = replace(two_sets(), scenes=(Scene("p", 240, (Candidate("p"),), (Part("ann"),)), two_sets().scenes[1]))
    day = replace(days(1)[0], locked=frozenset("A"))
    held = Placement(0, "A", 480, "p", "p")
    problem = replace(long, days=(day,), units=(HALF, replace(HALF, id="B")), fixed=(held,))
    assert solve(problem, limits=QUICK).status is Status.INFEASIBLE
    assert conflicts.conflict(problem) == (Reason(Kind.UNIT_HOURS, "B"),)
    evening = replace(problem.units[1], hours=Window(480, 960))
    assert solve(replace(problem, units=(HALF, evening)), limits=QUICK).violations == ()
