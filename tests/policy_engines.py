"""Every engine beside the oracle, on one policy and one population: what the tests of the engines share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tests import random_policies

from xiepai.policy import PolicyError, Program, duckdb_engine, load, numba_engine, oracle
from xiepai.policy.compiled import compile_program, shown_nodes
from xiepai.policy.intervals import ranges
from xiepai.policy.ir import Op
from xiepai.policy.simulation.population import Columns, draw

HOME = Path(__file__).resolve().parent.parent
SHIPPED = sorted([*HOME.glob("policies/*.yaml"), *HOME.glob("benchmarks/policy_peers/*.yaml")])


def rows_of(columns: Columns) -> list[dict[str, int]]:
    """Columns as the rows the oracle takes."""
    lists = {name: column.tolist() for name, column in columns.items()}
    return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]


def mutants(first: int) -> Iterator[tuple[int, Program]]:
    """Random policies that the language accepts, with their seeds."""
    for seed in range(first, first + 10_000):
        try:
            yield seed, load(random_policies.Maker(seed).text()).at()
        except PolicyError:
            continue


def disagreements(program: Program, rows: int, seed: int, *, one_by_one: int = 50) -> dict[str, int]:
    """How many rows each engine gets otherwise than the oracle; boundary-heavy cases. Zero everywhere is right.

    The Python function and the intervals know one case only: they are compared on the row rules of every row
    (``python``), and on every shown number of the first ``one_by_one`` rows taken alone (``alone``, ``intervals``).
    """
    columns = draw(program, rows, seed, boundary_heavy=True)
    cases = rows_of(columns)
    truth = oracle.run(program, cases)
    award = np.array(truth[program.result.node])
    found = {
        "duckdb": int((duckdb_engine.run(program, columns)["award"] != award).sum()),
        "numba": int((numba_engine.run(program, columns)["award"] != award).sum()),
        "numba, two threads": int((numba_engine.run(program, columns, threads=2)["award"] != award).sum()),
    }
    return found | _one_case(program, cases, truth, one_by_one)


def _one_case(program: Program, cases: list[dict[str, int]], truth: list[list[int]], few: int) -> dict[str, int]:
    function, places = compile_program(program)
    alone = [node for node in shown_nodes(program) if not _looks_at_rows(program)[node]]
    python = intervals = single = 0
    for index, case in enumerate(cases):
        numbers = function(case)
        python += any(int(numbers[places[node]]) != truth[node][index] for node in alone)
        if index < few:
            mine = oracle.run(program, [case])
            single += any(int(numbers[places[node]]) != mine[node][0] for node in shown_nodes(program))
            facts = {name: value for name, value in case.items() if program.by_name[name].kind != "key"}
            known = ranges(program, facts)
            low_high = (mine[program.result.node][0],) * 2
            intervals += tuple(known[program.result.node]) != low_high
    return {"python": python, "alone": single, "intervals": intervals}


def _looks_at_rows(program: Program) -> list[bool]:
    found: list[bool] = []
    for node in program.nodes:
        found.append(node.op is Op.STEP or any(found[arg] for arg in node.args))
    return found
