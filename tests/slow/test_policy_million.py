"""A million boundary-heavy cases: oracle, compiled Python, intervals, DuckDB, numba and, where it is, Spark.

Run by ``make test-slow``. How many cases were compared, and whether Spark was among the engines, is printed.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.policy_engines import HOME, SHIPPED, disagreements, mutants

from xiepai.policy import Program, duckdb_engine, load, spark_engine
from xiepai.policy.simulation.population import draw

PARTS, MUTANTS_A_PART, ROWS = 9, 5, 20_000
SHIPPED_ROWS = 25_000
SPARK_ROWS, SPARK_MUTANTS = 10_000, 8
SITE = next(iter(sorted((HOME / ".venv-spark/lib").glob("python3.*/site-packages"))), None)


def test_the_cases_are_a_million() -> None:
    assert PARTS * MUTANTS_A_PART * ROWS + len(SHIPPED) * SHIPPED_ROWS >= 1_000_000


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_engine_agrees_on_a_shipped_policy(path: Path) -> None:
    assert set(disagreements(load(path).at(), SHIPPED_ROWS, 1, one_by_one=300).values()) == {0}


@pytest.mark.parametrize("part", range(PARTS))
def test_every_engine_agrees_on_random_policies(part: int) -> None:
    found = {
        seed: disagreements(program, ROWS, seed, one_by_one=300)
        for seed, program in islice(mutants(100_000 * part), MUTANTS_A_PART)
    }
    assert len(found) == MUTANTS_A_PART
    assert {count for counts in found.values() for count in counts.values()} == {0}, found


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    if SITE is None or shutil.which("java") is None:
        pytest.skip(f"Spark skipped: {spark_engine.HOW_TO_GET}")
    sys.path.append(str(SITE))
    try:
        with spark_engine.session() as session:
            yield session
    finally:
        sys.path.remove(str(SITE))


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_spark_agrees_with_duckdb(spark: Any, tmp_path: Path) -> None:
    """DuckDB was compared with the oracle above; here Spark gives its numbers on the shipped and on random policies."""
    programs: list[tuple[object, Program]] = [(path.stem, load(path).at()) for path in SHIPPED]
    programs += islice(mutants(0), SPARK_MUTANTS)
    wrong = {}
    for name, program in programs:
        columns = draw(program, SPARK_ROWS, 9, boundary_heavy=True)
        source, out = tmp_path / "cases.parquet", tmp_path / "awards"
        duckdb_engine.write_columns({**columns, "row_no": np.arange(SPARK_ROWS)}, source)
        spark_engine.run_to_file(spark, program, source, out, tie="row_no")
        found = duckdb_engine.read_columns(sorted(out.glob("*.parquet")), ["row_no", "award"])
        awards = found["award"][np.argsort(found["row_no"])]
        wrong[name] = int((awards != duckdb_engine.run(program, columns)["award"]).sum())
    assert len(wrong) == len(SHIPPED) + SPARK_MUTANTS
    assert set(wrong.values()) == {0}, wrong
