"""Talent scheduling in DIDP, as its authors model it: the state is the set of cells still to shoot.

A process of its own in the environment of the peers (.venv-bench). It reads one problem as JSON (durations, casts,
costs, seconds, turns) and answers with its best order, whether it is proven, and the seconds of each turn. A cell whose
cast is exactly who is on location is shot at once, and a cell waits for one whose cast has more people, when all of
those came already or come for it: both rules of García de la Banda, Stuckey & Chu (2011) that the published model has.
"""

from __future__ import annotations

import json
import os
import sys
import time

import didppy as dp

clock = time.process_time if os.environ.get("BENCH_CLOCK") == "cpu" else time.perf_counter


def build(given):
    """The model and its transitions' numbers by name."""
    model = dp.Model()
    durations, casts, costs = given["durations"], given["casts"], given["costs"]
    cell = model.add_object_type(number=len(durations))
    person = model.add_object_type(number=len(costs))
    left = model.add_set_var(object_type=cell, target=list(range(len(durations))))
    cast_of = model.add_set_table(casts, object_type=person)
    rate_of = model.add_int_table(costs)
    came = cast_of.union(left.complement())
    kept = cast_of.union(left) & came
    paid = [sum(costs[one] for one in cast) * duration for cast, duration in zip(casts, durations, strict=True)]
    for number, (cast, duration) in enumerate(zip(casts, durations, strict=True)):
        mine = model.create_set_const(object_type=person, value=cast)
        larger = [other for other, theirs in enumerate(casts) if set(theirs) > set(cast)]
        is_next = [~left.contains(other) | ~cast_of[other].issubset(came | mine) for other in larger]
        shoot = {"effects": [(left, left.remove(number))]}
        wait = duration * rate_of[kept - mine] + paid[number]
        model.add_transition(
            dp.Transition(
                name=f"{number}",
                cost=paid[number] + dp.IntExpr.state_cost(),
                preconditions=[left.contains(number), kept == mine],
                **shoot,
            ),
            forced=True,
        )
        model.add_transition(
            dp.Transition(
                name=f"{number}",
                cost=wait + dp.IntExpr.state_cost(),
                preconditions=[left.contains(number), *is_next],
                **shoot,
            )
        )
    model.add_base_case([left.is_empty()])
    model.add_dual_bound(model.add_int_table(paid)[left])
    return model, sum(paid)


def main() -> None:
    """Solve as often as asked; the model is built anew each time, outside the measured seconds."""
    given = json.load(sys.stdin)
    seconds = []
    for _turn in range(given["turns"]):
        model, paid = build(given)
        solver = dp.CABS(model, time_limit=given["seconds"], quiet=True)
        began = clock()
        found = solver.search()
        seconds.append(clock() - began)
    order = [int(step.name) for step in found.transitions]
    bound = found.best_bound if found.best_bound is not None else paid
    print(json.dumps({"order": order, "is_proven": found.is_optimal, "bound": bound - paid, "seconds": seconds}))


if __name__ == "__main__":
    main()
