"""Small problems solved whole: every plan is in the model at its own price, so what it proves is proven."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from tests.unit.test_shoot_locked import shared
from tests.unit.test_shoot_plan import brute_force, problems, small

from xiepai.planning.shoot import Limits, Plan, Problem, Status, arrays, check, cost, engine_exact, greedy, solve
from xiepai.planning.shoot.engine_cpsat import cp_model
from xiepai.planning.shoot.engine_exact import Exact, is_small

QUIET = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def priced(problem: Problem, plan: Plan) -> int | None:
    """What the model says a plan costs; ``None`` when it does not allow it."""
    exact, by_scene = Exact(problem, arrays.pack(problem)), plan.by_scene()
    for s, scene in enumerate(problem.scenes):
        there = by_scene[scene.id]
        exact.model.add(exact.start[s] == there.start)
        for node, literal in exact.at.items():
            here = (problem.places[node.place].id, node.day, problem.units[node.unit].id)
            if node.scene == s and here != (there.place, there.day, there.unit):
                exact.model.add(literal == 0)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    return round(solver.objective_value) if solver.solve(exact.model) == cp_model.OPTIMAL else None


@QUIET
@given(shared())
def test_a_plan_costs_in_the_model_what_it_costs(problem: Problem) -> None:
    plan = greedy.construct(problem)
    assume(check(problem, plan) == ())
    assert priced(problem, plan) == sum(cost(problem, plan).values())


@pytest.mark.parametrize("plan", [greedy.construct(small()), greedy.by_rule(small())])
def test_crowds_and_light_are_priced_too(plan: Plan) -> None:
    assert priced(small(), plan) == sum(cost(small(), plan).values())


@QUIET
@given(problems())
def test_what_is_called_optimal_is_no_dearer_than_any_order(problem: Problem) -> None:
    result = solve(problem, limits=Limits(rounds=300, bound_seconds=2), seed=1)
    best = brute_force(problem)
    if best is None or result.cost_fen is None or result.violations:
        return
    assert result.bound_fen <= min(best, result.cost_fen)
    if result.status is Status.OPTIMAL:
        assert result.cost_fen <= best


def test_a_small_plan_is_proven_with_its_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound without minutes stays below the cost: overtime and waiting are paid for by the clock."""
    result = solve(small(), limits=Limits(rounds=500, bound_seconds=5))
    assert result.status is Status.OPTIMAL
    assert result.bound_fen == result.cost_fen
    again = solve(small(), limits=Limits(rounds=500, bound_seconds=5))
    assert again == result
    monkeypatch.setattr(engine_exact, "MOST_SCENES", 0)
    before = solve(small(), limits=Limits(rounds=500, bound_seconds=5))
    assert before.status is Status.FEASIBLE
    assert (before.cost_fen, before.bound_fen < result.bound_fen) == (result.cost_fen, True)


def test_settled_and_big_problems_are_left_to_the_bound() -> None:
    problem = small()
    assert is_small(problem, arrays.pack(problem))
    frozen = replace(problem, days=(replace(problem.days[0], is_frozen=True), problem.days[1]))
    assert not is_small(frozen, arrays.pack(frozen))
    many = replace(problem, scenes=tuple(replace(problem.scenes[n % 4], id=str(n)) for n in range(13)), wishes=())
    assert not is_small(many, arrays.pack(many))
