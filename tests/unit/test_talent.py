"""The order of scenes: against brute force with every engine, its reductions, its honesty, and its limits."""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xiepai.planning.talent import (
    ENGINES,
    Actor,
    Limits,
    Problem,
    Progress,
    Result,
    Scene,
    Status,
    arrival,
    bounds,
    compiling,
    objective,
    reduction,
    solve,
    subsets,
)


def build(scenes: list[tuple[str, int]], costs: dict[str, int]) -> Problem:
    return Problem(
        tuple(Scene(number, duration, frozenset(cast)) for number, (cast, duration) in enumerate(scenes)),
        tuple(Actor(name, cost) for name, cost in costs.items()),
    )


def drawn(seed: int, scenes: int, people: int, share: float = 0.4, longest: int = 5, dearest: int = 100) -> Problem:
    dice = random.Random(seed)
    names = [chr(65 + person) for person in range(people)]
    made = [("".join(n for n in names if dice.random() < share), dice.randint(1, longest)) for _ in range(scenes)]
    return build(made, {name: dice.randint(1, dearest) for name in names})


LARGE = drawn(11, 30, 13)
LARGE_FEW = drawn(5, 14, 9)


def paid_by_day(problem: Problem, order: tuple) -> int:
    """A checker of its own: one list of who is there for each unit of time, then holes filled and days counted."""
    casts = {scene.key: (scene.cast, scene.duration) for scene in problem.scenes}
    days = [cast for key in order for cast in [casts[key][0]] * casts[key][1]]
    total = 0
    for actor in problem.actors:
        is_there = [actor.key in cast for cast in days]
        while is_there and not is_there[0]:
            is_there.pop(0)
        while is_there and not is_there[-1]:
            is_there.pop()
        total += actor.cost * len(is_there)
    return total


def brute_force(problem: Problem) -> int:
    """Of an order and the same read backwards one suffices."""
    orders = itertools.permutations(scene.key for scene in problem.scenes)
    return min(paid_by_day(problem, order) for order in orders if not order or order[0] <= order[-1])


def checked(problem: Problem, **wishes: object) -> Result:
    """The result, when what it says of itself is true."""
    result = solve(problem, **wishes)  # type: ignore[arg-type]
    assert sorted(result.order) == sorted(scene.key for scene in problem.scenes)
    assert paid_by_day(problem, result.order) == objective.cost(problem, result.order) == result.cost
    assert result.bound <= result.cost
    assert (result.status is Status.OPTIMAL) == (result.bound == result.cost)
    return result


@st.composite
def problems(draw: st.DrawFn, most: int = 6) -> Problem:
    names = "ABCDEF"[: draw(st.integers(0, 6))]
    casts = st.sets(st.sampled_from(names)) if names else st.just(set())
    numbers = st.sampled_from([1, 1, 2, 7, 60])
    scenes = draw(st.lists(st.tuples(casts.map("".join), numbers), max_size=most))
    return build(scenes, {name: draw(st.sampled_from([0, 1, 1, 5, 100])) for name in names})


@settings(max_examples=100, deadline=None)
@given(problems(), st.integers(0, 3))
def test_every_engine_is_as_good_as_brute_force_on_odd_cases(problem: Problem, seed: int) -> None:
    best = brute_force(problem)
    for engine in ("auto", "arrival", "subsets"):
        result = checked(problem, engine=engine, seed=seed)
        assert (result.status, result.cost) == (Status.OPTIMAL, best), engine


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.3, 0.45]))
def test_every_engine_is_as_good_as_brute_force_on_dense_cases(seed: int, share: float) -> None:
    problem = drawn(seed, 7, 6, share)
    best = brute_force(problem)
    for engine in ("auto", "arrival", "subsets"):
        result = checked(problem, engine=engine, seed=seed)
        assert (result.status, result.cost) == (Status.OPTIMAL, best), engine
    improved = checked(problem, engine="improve", seed=seed, limits=Limits(rounds=1))
    assert improved.bound <= best <= improved.cost


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_cp_sat_is_as_good_as_brute_force(seed: int) -> None:
    problem = drawn(seed, 7, 6, 0.4)
    result = checked(problem, engine="cpsat")
    assert (result.status, result.cost) == (Status.OPTIMAL, brute_force(problem))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(5, 12), st.integers(3, 9), st.sampled_from([0.25, 0.4, 0.6]))
def test_two_exact_searches_that_share_nothing_agree(seed: int, scenes: int, people: int, share: float) -> None:
    problem = drawn(seed, scenes, people, share, longest=random.Random(seed).choice((1, 5, 400)))
    by_arrivals, by_subsets = checked(problem, engine="arrival"), checked(problem, engine="subsets")
    assert by_arrivals.status is by_subsets.status is Status.OPTIMAL
    assert by_arrivals.cost == by_subsets.cost


def test_who_could_leave_may_have_to_stay_past_an_arrival() -> None:
    """Twice, mirrored: somebody cheap with a long scene alone waits until the dear ones, whom others keep, are gone.

    A search that lets everybody go as soon as all their scenes are open misses this optimum in both directions.
    """
    long, scenes, costs = 1000, [("u", 1000)], {"u": 1000}
    for i, j, k, x, y in ("ijkxy", "IJKXY"):
        scenes += [(f"u{j}{k}", long), (f"u{i}{j}{k}", long), (i, 100), (j + x, 1), (k + y, 1), (x + y, 1)]
        costs |= {i: 1, j: 1000, k: 1000, x: 1, y: 1}
    problem = build(scenes, costs)
    for engine in ("arrival", "subsets", "auto"):
        result = checked(problem, engine=engine)
        assert (result.status, result.cost) == (Status.OPTIMAL, 13_008_216), engine


@settings(max_examples=80, deadline=None)
@given(problems())
def test_what_is_taken_out_costs_the_same_in_every_best_order(problem: Problem) -> None:
    items = reduction.reduce(problem)
    parts = [item for item in items if isinstance(item, reduction.Part)]
    orders = [min(itertools.permutations(range(len(part.durations))), key=part.waiting) for part in parts]
    order = [problem.scenes[place].key for place in reduction.scenes_in(items, orders)]
    waiting = sum(part.waiting(best) for part, best in zip(parts, orders, strict=True))
    assert paid_by_day(problem, tuple(order)) == objective.pay_at_work(problem) + waiting == brute_force(problem)
    for part in parts:
        everybody = range(len(part.costs))
        assert all(1 < sum(cast >> one & 1 for cast in part.casts) < len(part.casts) for one in everybody)
        assert len(set(part.casts)) == len(part.casts)


def test_scenes_that_share_nobody_are_parts_of_their_own() -> None:
    one, other = drawn(3, 7, 5), drawn(4, 7, 5)
    moved = tuple(Scene(100 + s.key, s.duration, frozenset(p.lower() for p in s.cast)) for s in other.scenes)
    both = Problem(one.scenes + moved, one.actors + tuple(Actor(a.key.lower(), a.cost) for a in other.actors))
    assert checked(both).cost == checked(one).cost + checked(other).cost
    assert sum(isinstance(item, reduction.Part) for item in reduction.reduce(both)) == 2


def part_of(problem: Problem) -> reduction.Part:
    (part,) = (item for item in reduction.reduce(problem) if isinstance(item, reduction.Part))
    return part


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([1, 2, 5, 30]), st.booleans())
def test_a_pass_that_dropped_labels_never_claims_more_than_is_true(seed: int, width: int, is_limited: bool) -> None:
    for part in (p for p in reduction.reduce(drawn(seed, 10, 8)) if isinstance(p, reduction.Part)):
        least = subsets.search(part)[1]
        found = arrival.search(part, width, least + 1 if is_limited else 10**9)
        assert found.bound <= least <= found.waiting
        if found.order is not None:
            assert least <= part.waiting(found.order) <= found.waiting


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_looking_below_the_optimum_finds_nothing_and_proves_it(seed: int) -> None:
    for part in (p for p in reduction.reduce(drawn(seed, 9, 7)) if isinstance(p, reduction.Part)):
        order, least = subsets.search(part)
        assert order is not None
        assert part.waiting(order) == least
        assert subsets.search(part, least) == (None, least)
        assert subsets.search(part, least + 1) == (order, least)
        assert arrival.search(part, 10**6, least) == arrival.Pass(None, least, least)


def test_subsets_ended_early_know_nothing() -> None:
    assert subsets.search(part_of(LARGE_FEW), is_over=lambda: True) == (None, 0)


def test_memory_says_how_many_cells_and_labels_fit() -> None:
    part = part_of(LARGE_FEW)
    assert subsets.fits(part, 1)
    assert not subsets.fits(part_of(LARGE), 1000)
    assert arrival.widest(part, 1000) > 10 * arrival.widest(part, 10) > 0
    result = checked(LARGE_FEW, engine="subsets", limits=Limits(memory_mb=1))
    assert result.status is Status.OPTIMAL


def test_a_pass_stopped_in_the_middle_still_bounds() -> None:
    part = part_of(drawn(5, 14, 9))
    least = subsets.search(part)[1]
    for after in range(0, 18, 3):
        asked = itertools.count()
        found = arrival.search(part, 10**6, 10**9, lambda asked=asked, after=after: next(asked) >= after)
        assert found.order is None
        assert found.bound <= least


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 6))
def test_groups_of_people_bound_the_whole(seed: int, size: int) -> None:
    for part in (p for p in reduction.reduce(drawn(seed, 10, 9)) if isinstance(p, reduction.Part)):
        assert 0 <= bounds.by_groups(part, size, 1000, 0, lambda: False) <= subsets.search(part)[1]


def test_the_same_seed_gives_the_same_answer() -> None:
    limits = Limits(seconds=600, rounds=1)
    first, again = checked(LARGE, limits=limits, seed=7), checked(LARGE, limits=limits, seed=7)
    assert first == again
    assert first.status is Status.FEASIBLE
    assert {solve(drawn(8, 15, 6), seed=3).order for _ in range(3)} == {solve(drawn(8, 15, 6), seed=3).order}


def test_progress_only_ever_gets_better_and_ends_at_the_answer() -> None:
    heard: list[Progress] = []
    result = checked(LARGE, limits=Limits(seconds=600, rounds=1), progress=heard.append)
    assert [at.cost for at in heard] == sorted((at.cost for at in heard), reverse=True)
    assert [at.bound for at in heard] == sorted(at.bound for at in heard)
    assert (heard[-1].cost, heard[-1].bound, heard[-1].gap) == (result.cost, result.bound, result.gap)


def test_it_stops_when_asked_with_the_best_so_far() -> None:
    heard: list[Progress] = []
    result = checked(LARGE, limits=Limits(seconds=600), progress=heard.append, stop=lambda: len(heard) > 2)
    assert result.status is Status.FEASIBLE
    assert result.cost == heard[-1].cost


def test_when_time_is_over_the_answer_is_feasible_and_says_so() -> None:
    for engine in ENGINES:
        result = checked(LARGE, limits=Limits(seconds=1e-6), engine=engine)
        assert result.status is Status.FEASIBLE
        assert 0 < result.gap < 1


def test_more_people_than_a_machine_word() -> None:
    dice = random.Random(1)
    names = [f"p{number}" for number in range(90)]
    scenes = tuple(Scene(n, dice.randint(1, 4), frozenset(dice.sample(names, 9))) for n in range(40))
    problem = Problem(scenes, tuple(Actor(name, dice.randint(1, 50)) for name in names))
    assert len(part_of(problem).costs) > arrival.PEOPLE
    for engine in ("auto", "arrival", "subsets", "improve"):
        checked(problem, engine=engine, limits=Limits(seconds=600, rounds=1))


def test_amounts_beyond_32_bits_stay_exact() -> None:
    small = drawn(21, 12, 7)
    factor = 10**9 + 7
    large = Problem(small.scenes, tuple(Actor(actor.key, actor.cost * factor) for actor in small.actors))
    for engine in ("arrival", "subsets"):
        assert checked(large, engine=engine).cost == checked(small).cost * factor


def test_nothing_to_order() -> None:
    assert checked(build([], {})).order == ()
    assert checked(build([("", 3)], {"A": 5})).cost == 0
    assert checked(build([("A", 3), ("AB", 1)], {"A": 5, "B": 2})).engine == "reduction"


def test_an_order_names_every_scene_once() -> None:
    problem = drawn(1, 4, 3)
    for wrong in ([0, 1, 2], [0, 1, 2, 2], [0, 1, 2, 9]):
        with pytest.raises(objective.CheckError, match="exactly once"):
            objective.cost(problem, wrong)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Scene("1", 0, frozenset()),
        lambda: Actor("A", -1),
        lambda: build([("B", 1)], {"A": 1}),
        lambda: Problem((), (Actor("A", 1), Actor("A", 2))),
        lambda: Problem((Scene(1, 1, frozenset()), Scene(1, 2, frozenset())), ()),
        lambda: build([("A", 2**40)], {"A": 2**40}),
        lambda: Limits(0),
        lambda: Limits(rounds=0),
    ],
)
def test_values_cannot_be_invalid(make) -> None:
    with pytest.raises(ValueError, match=r"."):
        make()


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(KeyError):
        solve(drawn(1, 3, 2), engine="oracle")


def test_without_a_folder_to_keep_it_the_code_still_runs_and_says_so(tmp_path: Path) -> None:
    """As on a read-only system: no cache folder of numba's can be written, so nothing is kept."""
    code = (
        "import logging, sys; logging.basicConfig()\n"
        "from numba.core import caching\n"
        "caching.CacheImpl._locator_classes = []\n"
        "from xiepai.planning.talent import compiling\n"
        "double = compiling.compiled(lambda x: 2 * x)\n"
        "sys.exit(0 if compiling.call(double, 21) == 42 and not compiling.is_kept() else 1)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert "compiled anew in each process" in found.stderr


def test_a_full_disk_does_not_lose_the_answer(caplog: pytest.LogCaptureFixture) -> None:
    compiling._unkept.clear()
    calls = []

    def once(value: int) -> int:
        calls.append(value)
        if len(calls) == 1:
            raise OSError(28, "No space left on device")
        return value

    try:
        assert compiling.call(once, 5) == 5
        assert not compiling.is_kept()
        assert "No space left" in caplog.text
    finally:
        compiling._unkept.clear()


def test_importing_the_core_does_not_import_or_tools() -> None:
    code = "import sys, xiepai.planning.talent; sys.exit('ortools' in sys.modules or 'django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, env=dict(os.environ)).returncode == 0
