"""The choice core: against brute force on tiny cases, its rules one by one, and its promises at full size."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
from collections.abc import Hashable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xiepai.planning.choice import Leaf, Limits, Need, Option, Problem, Status, Use, greedy, objective, solve


def option(key: str, *uses: Use, fen: int = 0, liked: int = 0, visits: frozenset = frozenset()) -> Option:
    return Option(key, uses, fen, liked, visits)


def brute_force(problem: Problem) -> tuple[int, ...] | None:
    """The best rank over every combination of options; ``None`` when the required needs never fit."""
    best = None
    for picks in itertools.product(*([None, *need.options] for need in problem.needs)):
        chosen: dict[Hashable, Hashable] = {
            need.key: pick.key for need, pick in zip(problem.needs, picks, strict=True) if pick is not None
        }
        if any(need.is_required and need.key not in chosen for need in problem.needs):
            continue
        if objective.clash(problem, chosen) is None:
            rank = objective.rank(problem, chosen)
            best = rank if best is None or rank > best else best
    return best


def uses(leaf: str) -> st.SearchStrategy[Use]:
    return st.builds(
        lambda start, minutes, units, before, after: Use(leaf, start, start + minutes, units, before, after),
        st.integers(0, 6),
        st.integers(1, 5),
        st.integers(1, 2),
        st.integers(0, 2),
        st.integers(0, 2),
    )


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    leaves = tuple(
        Leaf(name, capacity, tuple(draw(st.lists(uses(name), max_size=1))))
        for name, capacity in (("a", 1), ("b", 1), ("rooms", 3))
    )
    needs = []
    for number in range(draw(st.integers(0, 4))):
        options = []
        for place in range(draw(st.integers(0, 3))):
            names = draw(st.sets(st.sampled_from(["a", "b", "rooms"]), min_size=1, max_size=2))
            visits = draw(st.frozensets(st.tuples(st.integers(1, 2), st.sampled_from("XY")), max_size=2))
            taken = tuple(draw(uses(name)) for name in sorted(names))
            fen, liked = draw(st.integers(0, 9)), draw(st.integers(-3, 9))
            options.append(Option(f"o{place}", taken, fen, liked, visits))
        needs.append(Need(f"n{number}", tuple(options), draw(st.integers(1, 2)), draw(st.integers(0, 9)) == 0))
    return Problem(tuple(needs), leaves, draw(st.sampled_from([0, 4])))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_it_is_as_good_as_brute_force(problem: Problem) -> None:
    best = brute_force(problem)
    result = solve(problem)
    if best is None:
        assert result.status is Status.INFEASIBLE
        assert result.chosen == {}
        return
    assert result.status is Status.OPTIMAL
    assert objective.clash(problem, result.chosen) is None
    assert objective.rank(problem, result.chosen) == best
    assert all(level.is_proven for level in result.levels)


@settings(max_examples=100, deadline=None)
@given(problems())
def test_the_first_answer_never_clashes(problem: Problem) -> None:
    assert objective.clash(problem, greedy.construct(problem)) is None


@given(uses("a"), uses("a"))
def test_apart_means_the_higher_buffer_in_either_order(one: Use, other: Use) -> None:
    def meet(a: tuple[int, int], b: tuple[int, int]) -> bool:
        return a[0] < b[1] and b[0] < a[1]

    ahead = meet((one.start - one.before, one.end), (other.start - other.before, other.end))
    behind = meet((one.start, one.end + one.after), (other.start, other.end + other.after))
    assert one.is_apart(other) == other.is_apart(one) == (not ahead and not behind)


def test_more_needs_met_beats_any_price() -> None:
    both = Need("wide", (option("hall", Use("a", 0, 9), Use("b", 0, 9)), option("dear", Use("c", 0, 9), fen=10**9)))
    small = Need("small", (option("a", Use("a", 0, 9)),))
    result = solve(Problem((both, small), (Leaf("a"), Leaf("b"), Leaf("c"))))
    assert result.chosen == {"wide": "dear", "small": "a"}
    assert [level.value for level in result.levels] == [2, 10**9, 0]


def test_a_higher_priority_goes_before_any_number_of_lower_ones() -> None:
    star = Need("star", (option("all", Use("a", 0, 30)),), priority=2)
    rest = tuple(Need(n, (option("part", Use("a", n * 10, n * 10 + 10)),)) for n in range(3))
    assert solve(Problem((star, *rest), (Leaf("a"),))).chosen == {"star": "all"}


def test_a_move_is_worth_what_the_problem_says() -> None:
    first = Need("first", (option("x", Use("a", 0, 5), visits=frozenset({(1, "X")})),))
    near = option("x", Use("b", 5, 9), fen=300, visits=frozenset({(1, "X")}))
    far = option("y", Use("c", 5, 9), fen=100, visits=frozenset({(1, "Y")}))
    leaves = (Leaf("a"), Leaf("b"), Leaf("c"))
    for move_fen, expected in ((199, "y"), (201, "x")):
        result = solve(Problem((first, Need("second", (near, far))), leaves, move_fen))
        assert result.chosen["second"] == expected


def test_preference_decides_between_equal_prices_only() -> None:
    need = Need("n", (option("plain", Use("a", 0, 5), fen=5), option("loved", Use("b", 0, 5), fen=5, liked=3)))
    assert solve(Problem((need,), (Leaf("a"), Leaf("b")))).chosen == {"n": "loved"}


def test_counted_units_follow_the_peak_not_the_sum() -> None:
    taken = (Use("rooms", 0, 10, 15), Use("rooms", 10, 20, 15))
    need = Need("n", (option("r", Use("rooms", 0, 20, 5)),))
    assert solve(Problem((need,), (Leaf("rooms", 20, taken),))).chosen == {"n": "r"}
    assert solve(Problem((need,), (Leaf("rooms", 19, taken),))).chosen == {}


def test_the_first_answer_sees_what_begins_later() -> None:
    need = Need("n", (option("r", Use("rooms", 0, 20, 2)),))
    for held, expected in ((1, {"n": "r"}), (2, {})):
        problem = Problem((need,), (Leaf("rooms", 3, (Use("rooms", 10, 15, held),)),))
        assert greedy.construct(problem) == solve(problem).chosen == expected


def test_required_needs_that_cannot_be_met_are_infeasible() -> None:
    needs = tuple(Need(n, (option("a", Use("a", 0, 5)),), is_required=True) for n in range(2))
    result = solve(Problem(needs, (Leaf("a"),)))
    assert result.status is Status.INFEASIBLE
    assert result.chosen == {}


def crowded(seed: int, needs: int = 61, candidates: int = 20) -> Problem:
    """Like the crew of the field facts that asked for 61 locations in a day, in a base it has to share."""
    dice = random.Random(seed)
    leaves = tuple(Leaf(n, 1 if n < 90 else 40) for n in range(100))
    made = []
    for number in range(needs):
        options = []
        for place in range(candidates):
            leaf = min(int(dice.expovariate(1 / 22)), 99)
            start = 480 + 60 * dice.randrange(12)
            minutes, units = dice.choice((120, 240, 360, 720)), 1 if leaf < 90 else dice.randrange(1, 21)
            use = Use(leaf, start, start + minutes, units, after=30)
            visits = frozenset({(start // 1440, leaf // 12)})
            options.append(Option(place, (use,), 10_000 * dice.randrange(5, 90), dice.randrange(100), visits))
        made.append(Need(number, tuple(options)))
    return Problem(tuple(made), leaves, 50_000)


def test_sixty_one_needs_of_twenty_candidates_are_quick_and_repeatable() -> None:
    problem = crowded(1)
    first, second = solve(problem, seed=7), solve(problem, seed=7)
    assert first.status is Status.OPTIMAL
    assert first.seconds < 8
    assert first == second
    assert first.chosen == second.chosen


def test_when_time_is_over_the_answer_is_feasible_and_says_so() -> None:
    result = solve(crowded(2), limits=Limits(1e-3))
    assert result.status is Status.FEASIBLE
    assert result.chosen
    assert not all(level.is_proven for level in result.levels)


@pytest.mark.parametrize(
    "build",
    [
        lambda: Use("a", 5, 5),
        lambda: Use("a", 0, 5, units=0),
        lambda: Leaf("a", 0),
        lambda: Leaf("a", 1, (Use("b", 0, 1),)),
        lambda: Option("o", ()),
        lambda: Option("o", (Use("a", 0, 1),), -1),
        lambda: Need("n", (option("o", Use("a", 0, 1)), option("o", Use("a", 1, 2)))),
        lambda: Problem((Need("n", (option("o", Use("b", 0, 1)),)),), (Leaf("a"),)),
        lambda: Problem((Need("n", (option("o", Use("a", 0, 2), Use("a", 1, 3)),)),), (Leaf("a"),)),
        lambda: Problem((), (Leaf("a"), Leaf("a"))),
        lambda: Problem((Need("n", ()), Need("n", ())), ()),
        lambda: Limits(0),
    ],
)
def test_values_cannot_be_invalid(build) -> None:
    with pytest.raises(ValueError, match=r"."):
        build()


def test_importing_the_core_does_not_import_the_engine() -> None:
    code = "import sys, xiepai.planning.choice; sys.exit('ortools' in sys.modules or 'django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
