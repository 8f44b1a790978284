"""A locked unit's day: it never changes, nothing planned around it breaks a rule, the other unit's day is planned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.unit.test_shoot_plan import days

from xiepai.planning.shoot import (
    Candidate,
    Day,
    Light,
    Limits,
    Part,
    Person,
    Place,
    Placement,
    Plan,
    Problem,
    Rule,
    Scene,
    Status,
    Tariff,
    Travel,
    Unit,
    Weights,
    Window,
    Wish,
    WishKind,
    arrays,
    check,
    cost,
    explaining,
    greedy,
    solve,
)
from xiepai.planning.shoot.engine_numba.changing import compute_all
from xiepai.planning.shoot.floor import floor_fen

NAMES = ("ann", "ben", "cai")
SPANS = ((Window(0, 1800),), (Window(420, 900),), (Window(360, 700), Window(760, 1800)))
QUIET = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def shared(draw: st.DrawFn, scenes: int = 6, dates: int = 3) -> Problem:
    """Two units that share people and sets; nights long enough to press the next morning."""
    spans = st.none() | st.tuples(*[st.sampled_from(SPANS)] * dates)
    people = tuple(
        Person(name, day_fen=30000, calendar=draw(spans), makeup_minutes=draw(st.sampled_from([0, 30])),
               change_minutes=20, rest_minutes=draw(st.sampled_from([0, 600, 900])),
               limit_minutes=draw(st.sampled_from([300, 1800])))
        for name in NAMES
    )  # fmt: skip
    places = tuple(
        Place(name, site=site, tariff=Tariff(6000, 40000), setup_minutes=setup, calendar=draw(spans))
        for name, site, setup in (("p", "x", 15), ("q", "x", 0), ("r", "y", 30))
    )
    casts = st.lists(st.sampled_from(NAMES), max_size=2, unique=True)
    sets = st.lists(st.sampled_from(["p", "q", "r"]), min_size=1, max_size=2, unique=True)
    found = tuple(
        Scene(str(n), draw(st.sampled_from([30, 60, 150])), tuple(Candidate(each) for each in draw(sets)),
              tuple(Part(each, draw(st.sampled_from(["", "coat"]))) for each in draw(casts)), (),
              draw(st.sampled_from([Light.ANY, Light.DAY, Light.NIGHT])), draw(st.booleans()))
        for n in range(scenes)
    )  # fmt: skip
    units = tuple(Unit(name, day_fen=50000, rest_minutes=draw(st.sampled_from([0, 600]))) for name in ("A", "B"))
    wishes: tuple[Wish, ...] = ()
    if draw(st.booleans()):
        wishes = (Wish(draw(st.sampled_from([WishKind.BEFORE, WishKind.SAME_DAY])), ("0", "1")),)
    lit = tuple(replace(each, sunrise=400, sunset=1015) for each in days(dates))  # every time is of five minutes
    return Problem(lit, units, found, places, people, wishes=wishes, travel=Travel(10, 40))


def locking(problem: Problem, plan: Plan, *rows: tuple[int, str]) -> Problem:
    """Units' days locked as a plan has them."""
    dates = tuple(
        replace(day, locked=frozenset(unit for d, unit in rows if d == number))
        for number, day in enumerate(problem.days)
    )
    return replace(problem, days=dates, fixed=tuple(each for each in plan.placements if (each.day, each.unit) in rows))


@QUIET
@given(shared(), st.sets(st.tuples(st.integers(0, 2), st.sampled_from(["A", "B"])), min_size=1, max_size=2))
def test_a_locked_units_day_never_changes_and_the_rest_goes_with_it(
    problem: Problem, rows: set[tuple[int, str]]
) -> None:
    plan = greedy.construct(problem)
    assume(check(problem, plan) == ())
    locked = locking(problem, plan, *rows)
    result = solve(locked, limits=Limits(rounds=400, bound_seconds=0.1), seed=3, start=plan)
    assert result.plan is not None
    assert result.violations == check(locked, result.plan) == ()
    for row in rows:
        assert result.plan.rows().get(row, []) == plan.rows().get(row, []), "as it stood, to the minute"
    assert result.cost_fen is not None
    assert max(floor_fen(locked), result.bound_fen) <= result.cost_fen <= sum(cost(problem, plan).values())
    assert check(problem, result.plan) == (), "it would hold if nothing were locked"


@QUIET
@given(shared(), st.tuples(st.integers(0, 2), st.sampled_from(["A", "B"])), st.randoms(use_true_random=False))
def test_what_the_walk_calls_sound_is_sound(problem: Problem, row: tuple[int, str], random: object) -> None:
    plan = greedy.construct(problem)
    locked = locking(problem, plan, row)
    memory = arrays.pack(locked)
    others = [each.id for each in problem.scenes if each.id not in {one.scene for one in locked.fixed}]
    random.shuffle(others)  # type: ignore[attr-defined]
    drawn = [
        Placement(random.randrange(3), random.choice("AB"), minute, scene, each.candidates[0].place)  # type: ignore[attr-defined]
        for minute, scene in enumerate(others)
        for each in problem.scenes
        if each.id == scene
    ]
    arrays.fill(locked, memory, Plan.of(drawn))
    fen, bad = compute_all(memory.cells)
    found = arrays.read(locked, memory)
    assert [each for each in found.placements if (each.day, each.unit) == row] == list(locked.fixed)
    if bad == 0:
        assert check(locked, found) == ()
        assert fen == sum(cost(locked, found).values())


@QUIET
@given(shared(scenes=4, dates=2), st.sampled_from([(0, "A"), (1, "A")]))
def test_around_a_locked_day_a_scene_finds_whatever_gap_there_is(problem: Problem, row: tuple[int, str]) -> None:
    """One scene is left for the other unit: it is set exactly when the checker takes it at some minute."""
    lone = problem.scenes[-1]
    rest = replace(problem, scenes=problem.scenes[:-1], wishes=())
    plan = greedy.construct(replace(rest, units=rest.units[:1]))
    assume(any((each.day, each.unit) == row for each in plan.placements))
    problem = replace(problem, wishes=(), scenes=tuple(
        each for each in problem.scenes if each is lone or row[0] == next(
            (one.day for one in plan.placements if one.scene == each.id), None)
    ))  # fmt: skip
    locked = locking(problem, plan, row)
    memory, loose = arrays.pack(locked), arrays.pack(replace(locked, spare_minutes=120), is_loose=True)
    own = range(loose.cand_ptr[-2], loose.cand_ptr[-1])
    other = 1 - row[0]  # the day before the locked one, or after it
    for day in (row[0], other):
        for number, candidate in zip(own, lone.candidates, strict=True):
            some = any(
                not check(locked, Plan.of((*locked.fixed, Placement(day, "B", minute, lone.id, candidate.place))))
                for minute in range(0, 1800, 5)
            )
            arrays.fill(locked, memory, Plan.of([Placement(day, "B", 0, lone.id, candidate.place)]))
            placed = any(each.scene == lone.id for each in arrays.read(locked, memory).placements)
            assert some == (compute_all(memory.cells)[1] == 0 and placed)
            assert loose.allow[number, day, 1] or not some, "a proof counts on no reserve"


def two_units() -> tuple[Problem, Plan]:
    """B's day is laid out as badly as can be: three sets back and forth, beside A's locked one."""
    places = tuple(Place(name, site="x", setup_minutes=10, tariff=Tariff(6000)) for name in "pqr")
    scenes = tuple(Scene(str(n), 30, (Candidate("pqr"[n % 3]),), (Part(NAMES[n % 2]),)) for n in range(8))
    people = tuple(Person(name, day_fen=10000, makeup_minutes=30) for name in NAMES[:2])
    units = (Unit("A", day_fen=90000), Unit("B", day_fen=90000))
    weights = Weights(set_move_fen=20000, wait_hour_fen=3000)
    problem = Problem(days(1), units, scenes, places, people, weights=weights)
    sheet = [Placement(0, "A", 600, "0", "p"), Placement(0, "A", 660, "3", "p")]
    sheet += [Placement(0, "B", 700 + 60 * n, str(s), "pqr"[s % 3]) for n, s in enumerate((1, 2, 4, 5, 7, 6))]
    plan = Plan.of(sheet)
    assert check(problem, plan) == ()
    return locking(problem, plan, (0, "A")), plan


def test_the_other_units_day_gets_better() -> None:
    problem, plan = two_units()
    result = solve(problem, limits=Limits(rounds=1500, bound_seconds=0), start=plan)
    assert result.plan is not None
    assert result.status in (Status.OPTIMAL, Status.FEASIBLE)
    assert result.plan.rows()[0, "A"] == plan.rows()[0, "A"]
    before = cost(problem, plan)
    assert result.terms["moves"] == 40000 < before["moves"], "each set once"
    assert result.cost_fen is not None
    assert result.cost_fen < sum(before.values())


@pytest.mark.parametrize(
    ("scene", "start", "rule"),
    [
        ("6", 590, Rule.PLACE_SHARED),  # A dresses the set from 590 on
        ("4", 580, Rule.PERSON_TWICE),
        ("4", 655, Rule.PERSON_TWICE),  # ten minutes of way are missing
    ],
)
def test_the_checker_judges_the_other_unit_against_what_is_locked(scene: str, start: int, rule: Rule) -> None:
    problem, plan = two_units()
    moved = replace(plan.by_scene()[scene], start=start)
    if rule is Rule.PERSON_TWICE:
        cast = {"0": (Part("ben"),), "4": (Part("ben"),)}
        problem = replace(
            problem, scenes=tuple(replace(each, cast=cast.get(each.id, each.cast)) for each in problem.scenes)
        )
    others = (each for each in plan.placements if each.scene != scene)
    assert rule in {each.rule for each in check(problem, Plan.of([*others, moved]))}
    touched = [replace(each, start=each.start + (each.scene == "0")) for each in plan.placements]
    assert Rule.FROZEN in {each.rule for each in check(problem, Plan.of(touched))}


def test_the_night_before_a_locked_day_is_long_enough() -> None:
    """A's second day is locked and begins at seven; on the day before A and its actor end by nine in the evening."""
    person, place = Person("ann", rest_minutes=600, makeup_minutes=30), Place("p")
    scenes = (Scene("late", 300, (Candidate("p"),), (Part("ann"),)), Scene("early", 60, (Candidate("p"),)))
    unit = Unit("A", hours=Window(900, 1440), rest_minutes=600)
    early = Placement(1, "A", 450, "early", "p")
    problem = Problem((*days(1), replace(days(2)[1], locked=frozenset("A"))), (unit,), scenes, (place,), (person,),
                      fixed=(early,))  # fmt: skip
    assert solve(problem, limits=Limits(rounds=50, bound_seconds=0.1)).violations == ()
    whole = replace(problem, scenes=(replace(scenes[0], minutes=400), scenes[1]))
    assert Rule.MISSING in {each.rule for each in solve(whole, limits=Limits(rounds=50, bound_seconds=0.1)).violations}  # type: ignore[attr-defined]
    plan = Plan.of([Placement(0, "A", 1000, "late", "p"), early])
    assert {each.rule for each in check(problem, plan)} == {Rule.UNIT_REST}
    played = replace(problem, scenes=(scenes[0], replace(scenes[1], cast=(Part("ann"),))))
    assert {each.rule for each in check(played, plan)} == {Rule.UNIT_REST, Rule.PERSON_REST}


def test_minutes_kept_in_reserve_lie_before_what_is_locked() -> None:
    problem, _ = two_units()
    memory = arrays.pack(replace(problem, spare_minutes=45))
    row = memory.table(arrays.slots.CAND_ROW)[6]
    windows = memory.table(arrays.slots.WINDOWS)[row, 0]
    assert windows[np.flatnonzero(windows[:, 1])].tolist() == [[0, 590 - 45], [700, 1800]]


def test_why_names_the_day_only_when_every_unit_is_locked() -> None:
    problem, _ = two_units()
    longer = replace(problem, days=(problem.days[0], days(2)[1]))
    assert explaining.forbidding(longer, "1", 0) == ()
    both = replace(longer, days=(replace(longer.days[0], locked=frozenset("AB")), longer.days[1]))
    assert {each.rule for each in explaining.forbidding(both, "1", 0)} == {Rule.FROZEN}
    assert explaining.with_day(problem).days[-1].locked == frozenset()


def test_an_unknown_unit_cannot_be_locked() -> None:
    problem, _ = two_units()
    day: Day = replace(problem.days[0], locked=frozenset({"A", "Z"}))
    with pytest.raises(ValueError, match="locked unit"):
        replace(problem, days=(day,))
