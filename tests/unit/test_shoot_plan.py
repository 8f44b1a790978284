"""The shooting plan: against brute force on tiny cases, its checker on seeded faults, locks, reasons, determinism."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xiepai.planning.shoot import (
    Candidate,
    CrowdKind,
    Day,
    Extras,
    Light,
    Limits,
    Lock,
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
    Unit,
    Window,
    Wish,
    WishKind,
    arrays,
    check,
    conflicts,
    cost,
    explaining,
    greedy,
    improving,
    solve,
    sun,
)
from xiepai.planning.shoot.floor import floor_fen

ROUNDS = Limits(rounds=3000, bound_seconds=1)
FIRST = date(2026, 12, 1)


def days(number: int) -> tuple[Day, ...]:
    return tuple(Day(FIRST + timedelta(days=each), 402, 1016) for each in range(number))


def small(**changes: object) -> Problem:
    """Four scenes, two days, one unit, a person who is away on the second day."""
    problem = Problem(
        days=days(2),
        units=(Unit("A", day_fen=1000000, overtime_fen=100000),),
        scenes=(
            Scene("1", 60, (Candidate("hall"),), (Part("ann"),)),
            Scene("2", 60, (Candidate("hall"),), (Part("ben"),)),
            Scene(
                "3", 60, (Candidate("street"),), (Part("ann", "coat"), Part("ben")), light=Light.DAY, is_outside=True
            ),
            Scene("4", 60, (Candidate("street"),), (Part("ben"),), (Extras("crowd", 5),), Light.NIGHT, True),
        ),
        places=(
            Place("hall", site="x", tariff=Tariff(30000, 200000), setup_minutes=20),
            Place("street", site="y", setup_minutes=15),
        ),
        people=(
            Person("ann", day_fen=100000, makeup_minutes=30, calendar=((Window(0, 1800),), ())),
            Person("ben", day_fen=50000, change_minutes=15),
        ),
        crowds=(CrowdKind("crowd", day_fen=13500, overtime_fen=1350),),
    )
    return replace(problem, **changes)  # type: ignore[arg-type]


def brute_force(problem: Problem) -> int | None:
    """The least cost over every assignment and order; ``None`` when every one breaks a rule."""
    from xiepai.planning.shoot.engine_numba.changing import compute_all

    # packed without its wishes: only the checker and the objective judge them
    bare = replace(problem, wishes=())
    memory, least = arrays.pack(bare), None
    slots = [(day, unit.id) for day in range(len(problem.days)) for unit in problem.units]
    choices = [[(slot, each.place) for slot in slots for each in scene.candidates] for scene in problem.scenes]
    for order in itertools.permutations(range(len(problem.scenes))):
        for picks in itertools.product(*choices):
            placements = []
            for minute, number in enumerate(order):
                (day, unit), place = picks[number]
                placements.append(Placement(day, unit, minute, problem.scenes[number].id, place))
            arrays.fill(bare, memory, Plan.of(placements))
            compute_all(memory.cells)
            plan = arrays.read(bare, memory)
            if not check(problem, plan):
                found = sum(cost(problem, plan).values())
                least = found if least is None else min(least, found)
    return least


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    windows = st.sampled_from([(Window(0, 1800),), (Window(540, 720),), (Window(0, 600), Window(700, 1800)), ()])
    calendars = st.none() | st.tuples(windows, windows)
    people = tuple(
        Person(name, day_fen=draw(st.integers(0, 5)) * 10000, calendar=draw(calendars), makeup_minutes=30,
               change_minutes=20, limit_minutes=draw(st.sampled_from([240, 1800])))
        for name in ("ann", "ben")
    )  # fmt: skip
    hours, dates = st.sampled_from([None, 10000]), st.sampled_from([None, 30000])
    places = tuple(
        Place(name, site=name[0], tariff=Tariff(draw(hours), draw(dates)),
              setup_minutes=15, calendar=draw(calendars))
        for name in ("p", "q")
    )  # fmt: skip
    scenes = []
    for number in range(draw(st.integers(1, 3))):
        names = draw(st.lists(st.sampled_from(["p", "q"]), min_size=1, max_size=2, unique=True))
        cast = draw(st.lists(st.sampled_from(["ann", "ben"]), max_size=2, unique=True))
        looks = st.sampled_from(["", "coat"])
        scenes.append(
            Scene(str(number), draw(st.sampled_from([30, 60, 120])), tuple(Candidate(each) for each in names),
                  tuple(Part(each, draw(looks)) for each in cast), (), draw(st.sampled_from(list(Light))),
                  draw(st.booleans()))
        )  # fmt: skip
    wishes: tuple[Wish, ...] = ()
    if len(scenes) > 1:
        kind = draw(st.sampled_from([WishKind.BEFORE, WishKind.NEXT, WishKind.SAME_DAY]))
        wishes = (Wish(kind, ("0", "1"), draw(st.sampled_from([None, 5000]))),)
    about_days = draw(st.sampled_from([None, WishKind.ONLY_ON, WishKind.NOT_ON]))
    if about_days is not None:
        dates = tuple(FIRST + timedelta(days=each) for each in sorted(draw(st.sets(st.integers(0, 2), min_size=1))))
        mine = tuple(each.id for each in scenes[: draw(st.integers(1, len(scenes)))])
        wishes += (Wish(about_days, mine, draw(st.sampled_from([None, 5000])), dates),)
    units = (Unit("A", day_fen=50000, overtime_fen=5000, day_minutes=300), Unit("B", day_fen=40000))
    return Problem(days(2), units[: draw(st.integers(1, 2))], tuple(scenes), places, people, wishes=wishes)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems())
def test_no_order_is_cheaper_than_the_plan_found(problem: Problem) -> None:
    best = brute_force(problem)
    result = solve(problem, limits=ROUNDS, seed=1)
    if best is None:
        assert result.status in (Status.INFEASIBLE, Status.UNKNOWN)
    else:
        assert result.violations == ()
        assert result.bound_fen <= best
        assert result.cost_fen is not None
        assert result.cost_fen <= best


def test_the_plan_at_hand_holds_and_every_term_adds_up() -> None:
    result = solve(small(), limits=ROUNDS)
    assert result.status in (Status.OPTIMAL, Status.FEASIBLE)
    assert result.plan is not None
    assert check(small(), result.plan) == ()
    assert result.cost_fen == sum(cost(small(), result.plan).values())
    assert {each.day for each in result.plan.placements} == {0}, "one day is cheaper than two"


def test_the_same_seed_gives_the_same_plan() -> None:
    first, second = (solve(small(), limits=ROUNDS, seed=7) for _ in range(2))
    assert first == second


def test_units_days_are_raced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(improving, "CHANGES_A_SCENE", 1)
    scenes = tuple(Scene(str(n), 36, (Candidate(f"set {n % 9}"),), (Part(f"person {n % 7}"),)) for n in range(60))
    problem = small(
        days=days(4), scenes=scenes, crowds=(),
        units=(Unit("A", day_fen=3000000, overtime_fen=300000), Unit("B", day_fen=2000000, overtime_fen=200000)),
        places=tuple(Place(f"set {n}", setup_minutes=20) for n in range(9)),
        people=tuple(Person(f"person {n}", day_fen=50000 * n) for n in range(7)),
    )  # fmt: skip
    limits = Limits(rounds=4000, bound_seconds=0)
    raced, again = (solve(problem, limits=limits, seed=1) for _ in range(2))
    assert raced == again
    assert floor_fen(problem) <= (raced.cost_fen or 0)
    monkeypatch.setattr(improving, "RACED_SCENES", 1000)
    alone = solve(problem, limits=limits, seed=1)
    assert raced.violations == alone.violations == ()
    assert raced.terms["crew"] < alone.terms["crew"], "no small change empties a day"


def test_first_plans_are_made_without_the_search() -> None:
    for plan in (greedy.construct(small()), greedy.by_rule(small())):
        assert check(small(), plan) == ()


SOUND = (
    Placement(0, "A", 480, "1", "hall"),
    Placement(0, "A", 540, "2", "hall"),
    Placement(0, "A", 700, "3", "street"),
    Placement(0, "A", 1050, "4", "street"),
)


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        (Rule.MISSING, {3: None}),
        (Rule.LIGHT, {3: Placement(0, "A", 900, "4", "street")}),
        (Rule.PERSON_ABSENT, {0: Placement(1, "A", 480, "1", "hall")}),
        (Rule.UNIT_MOVE, {2: Placement(0, "A", 610, "3", "street")}),
        (Rule.UNIT_HOURS, {0: Placement(0, "A", 370, "1", "hall")}),
        (Rule.NOT_A_CANDIDATE, {0: Placement(0, "A", 480, "1", "street")}),
        (Rule.UNIT_LONG, {0: Placement(0, "A", 390, "1", "hall"), 3: Placement(0, "A", 1300, "4", "street")}),
    ],
)
def test_the_checker_finds_a_seeded_fault(rule: Rule, changes: dict[int, Placement | None]) -> None:
    assert check(small(), Plan.of(SOUND)) == ()
    placements = [changes.get(number, each) for number, each in enumerate(SOUND)]
    found = {each.rule for each in check(small(), Plan.of(each for each in placements if each is not None))}
    assert rule in found


def test_the_checker_finds_people_and_places_shared_by_two_units() -> None:
    problem = small(units=(Unit("A"), Unit("B")))
    plan = Plan.of((*SOUND[:1], Placement(0, "B", 500, "2", "hall"), Placement(0, "B", 700, "3", "street"),
                    Placement(0, "A", 1050, "4", "street")))  # fmt: skip
    assert Rule.PLACE_SHARED in {each.rule for each in check(problem, plan)}
    late = replace(SOUND[3], day=0, start=1380)
    again = Placement(1, "A", 400, "2", "hall")
    plan = Plan.of((SOUND[0], SOUND[2], late, again))
    assert {Rule.PERSON_REST, Rule.UNIT_REST} <= {each.rule for each in check(small(), plan)}


def test_locks_and_frozen_days_stay() -> None:
    lock = Lock("2", day=1, unit="A")
    result = solve(small(locks=(lock,)), limits=ROUNDS)
    assert result.plan is not None
    assert result.plan.by_scene()["2"].day == 1
    frozen = (replace(days(2)[0], is_frozen=True), days(2)[1])
    later = small(days=frozen, fixed=SOUND[:1], people=(Person("ann", day_fen=1), Person("ben", day_fen=1)))
    again = solve(later, limits=ROUNDS)
    assert again.plan is not None
    assert again.violations == ()
    assert {each.scene: each.day for each in again.plan.placements} == {"1": 0, "2": 1, "3": 1, "4": 1}
    assert again.plan.by_scene()["1"] == SOUND[0]


def test_a_conflict_is_minimal_and_lifting_any_part_of_it_gives_a_plan() -> None:
    wish = Wish(WishKind.SAME_DAY, ("1", "2"))
    problem = small(wishes=(wish,), locks=(Lock("2", day=1), Lock("4", day=0)))
    result = solve(problem, limits=ROUNDS)
    assert result.status is Status.INFEASIBLE
    found = conflicts.conflict(problem)
    assert found is not None
    assert {each.kind.value for each in found} == {"lock", "person", "wish"}
    assert [each.subject for each in found if each.kind == "lock"] == ["2"], "the other lock is not to blame"
    loosened = (
        replace(problem, wishes=()),
        replace(problem, locks=problem.locks[1:]),
        replace(problem, people=(Person("ann"), Person("ben"))),
    )
    for easier in loosened:
        assert conflicts.conflict(easier) is None
        assert solve(easier, limits=ROUNDS).violations == ()


def test_a_must_about_dates_is_named_whole_in_a_conflict_and_forbids_days_in_why() -> None:
    """ "1" can be shot on the first day only; the second wish is about a set and not to blame."""
    second = (FIRST + timedelta(days=1),)
    wish = Wish(WishKind.ONLY_ON, ("1", "2"), dates=second, about="hall")
    problem = small(wishes=(wish, Wish(WishKind.NOT_ON, ("4",), dates=second)))
    assert solve(problem, limits=ROUNDS).status is Status.INFEASIBLE
    found = conflicts.conflict(problem)
    assert found is not None
    assert [(each.kind.value, each.subject, each.dates, each.about) for each in found] == [
        ("person", "ann", (), ""), ("wish", "only_on", second, "hall"),
    ]  # fmt: skip
    result = solve(replace(problem, wishes=problem.wishes[1:]), limits=ROUNDS)
    assert result.plan is not None
    (other,) = explaining.why(replace(problem, wishes=problem.wishes[1:]), result.plan, "4")
    assert [(each.rule, each.dates) for each in other.forbidden] == [(Rule.WISH, second)]


def test_a_price_for_dates_is_paid_when_that_is_cheaper() -> None:
    """A second day costs about 12,000: "2" and "4" off the first day are wished for 3,000 each, then for 14,000."""
    for fen, is_paid in ((300_000, True), (1_400_000, False)):
        wish = Wish(WishKind.NOT_ON, ("2", "4"), fen, (FIRST,))
        result = solve(small(wishes=(wish,)), limits=ROUNDS)
        assert result.plan is not None
        assert result.terms["wishes"] == (2 * fen if is_paid else 0)
        assert {result.plan.by_scene()[each].day for each in ("2", "4")} == ({0} if is_paid else {1})


def test_too_much_for_the_days_is_said_so() -> None:
    many = tuple(Scene(str(number), 400, (Candidate("hall"),)) for number in range(6))
    found = conflicts.conflict(small(scenes=many))
    assert found is not None
    assert [each.kind.value for each in found] == ["unit_hours"]


def test_why_says_what_forbids_a_day_and_what_it_costs() -> None:
    problem = small()
    result = solve(problem, limits=ROUNDS)
    assert result.plan is not None
    (other,) = explaining.why(problem, result.plan, "1")
    assert [each.rule for each in other.forbidden] == [Rule.PERSON_ABSENT]
    (other,) = explaining.why(problem, result.plan, "2")
    assert other.plan is not None
    assert other.more_fen == sum(cost(problem, other.plan).values()) - (result.cost_fen or 0)
    assert other.more["crew"] == 1000000


def test_one_more_day_is_planned_anew() -> None:
    problem = small(days=days(1), people=(Person("ann", day_fen=1), Person("ben", day_fen=1)))
    result = solve(problem, limits=ROUNDS)
    found = explaining.one_more_day(problem, result, limits=ROUNDS)
    assert len(explaining.with_day(problem).days) == 2
    assert sum(found.more.values()) <= 0, "a day more is never worse: it may stay empty"


def test_a_run_can_be_watched_and_stopped() -> None:
    seen: list[int] = []
    result = solve(
        small(), limits=Limits(rounds=6000, bound_seconds=0), on_progress=lambda each: bool(seen.append(each.rounds))
    )
    assert len(seen) == 2, "the first plan, then the end"
    assert result.plan is not None
    assert result.rounds == 0


@pytest.mark.parametrize(
    ("on", "place", "rise", "fall"),
    [
        (date(2024, 6, 21), (39.9, 116.4), 4 * 60 + 46, 19 * 60 + 46),  # Beijing, published almanac times
        (date(2024, 12, 21), (31.23, 121.47), 6 * 60 + 48, 16 * 60 + 56),  # Shanghai
    ],
)
def test_the_sun_rises_and_sets_as_the_almanac_says(on: date, place: tuple[float, float], rise: int, fall: int) -> None:
    found = sun(on, *place)
    assert abs(found[0] - rise) <= 2
    assert abs(found[1] - fall) <= 2


def test_a_problem_cannot_be_invalid() -> None:
    for changes in (
        {"locks": (Lock("9"),)},
        {"days": ()},
        {"scenes": (*small().scenes, small().scenes[0])},
        {"fixed": SOUND[:1]},
        {"wishes": (Wish(WishKind.BEFORE, ("1", "9")),)},
        {"wishes": (Wish(WishKind.NOT_ON, ("1", "9"), dates=(FIRST,)),)},
    ):
        with pytest.raises(ValueError, match=r"."):
            small(**changes)
