"""Simulating: totals are what adding up the oracle gives, every engine says the same, and the command line tells it."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import numpy as np
import pytest
from tests.policy_engines import HOME, SHIPPED, rows_of
from typer.testing import CliRunner

from xiepai.config.cli_policy import app
from xiepai.policy import Program, load, oracle
from xiepai.policy.simulation import SimulationError, cases_of, simulate

pytestmark = pytest.mark.unit
CITY = HOME / "benchmarks/policy_peers/bench-city.yaml"
CLASSES = next(path for path in SHIPPED if path.stem == "classification")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path_factory.getbasetemp()))


@pytest.fixture(scope="module")
def program() -> Program:
    return load(CITY).at()


def run(*words: object) -> tuple[int, str]:
    found = CliRunner().invoke(app, ["simulate", *(str(word) for word in words)])
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found.exit_code, found.output


def test_totals_are_the_oracles(program: Program) -> None:
    columns, drawn = cases_of(program, "random:3000", 3)
    found = simulate(program, "random:3000", seed=3, engine="duckdb")
    truth = oracle.run(program, rows_of(columns))
    assert drawn == found.drawn == "random:3000, seed 3"
    assert found.fen == sum(truth[program.result.node])
    assert found.awards.tolist() == truth[program.result.node]
    for measure, mine in zip(program.measures, found.measures, strict=True):
        values = truth[measure.value.node]
        assert (mine.fen, mine.cases) == (sum(values) // measure.value.den, sum(value > 0 for value in values))
        capped = [
            change.before.node is not None
            and truth[change.before.node][row] * change.after.den > truth[change.after.node][row] * change.before.den
            and bool(truth[measure.applies][row])
            for change in measure.changes
            if change.what == "at_most"
            for row in range(3000)
        ]
        assert mine.capped == sum(capped), measure.name
    pool = next(step for step in found.steps if step.name == "pool")
    assert pool.limit_fen == 5_000_000_000
    assert pool.after_fen <= pool.limit_fen < pool.before_fen
    assert found.curve.paid[-1] == found.fen
    assert found.curve.cases[-1] == 3000


def test_engines_say_the_same(program: Program) -> None:
    one, two = (simulate(program, "random:5000", seed=1, engine=engine) for engine in ("numba", "duckdb"))
    assert {**one.to_json(), "engine": ""} == {**two.to_json(), "engine": ""}
    assert (one.awards == two.awards).all()


def test_the_command_prints_totals_and_writes_files(tmp_path: Path) -> None:
    out, chart = tmp_path / "out.parquet", tmp_path / "chart.svg"
    options = ("--population", "random:2000", "--engine", "duckdb", "--out", out, "--chart", chart)
    code, said = run(CITY, *options)
    assert code == 0
    assert "随机样本，不代表实际申报" in said
    assert "100.0%" in said
    code, plain = run(CITY, "--population", "random:2000", "--engine", "duckdb", "--json")
    fen = json.loads(plain)["fen"]
    table = duckdb.connect().execute(f"SELECT sum(award_fen), count(*), count(DISTINCT application) FROM '{out}'")
    assert table.fetchone() == (fen, 2000, 2000)
    assert chart.read_text(encoding="utf-8").startswith("<?xml")
    code, again = run(CITY, "--population", out, "--engine", "duckdb", "--out", out, "--json")
    assert json.loads(again)["fen"] == fen


def test_a_changed_figure_changes_the_total() -> None:
    words = ("--population", "random:500", "--engine", "duckdb", "--json")
    before, after = (json.loads(run(CITY, *words, *more)[1]) for more in ((), ("--set", "then.6.budget=100万元")))
    assert after["fen"] <= 100_000_000 < before["fen"]
    assert after["changes"] == {"then.6.budget": "100万元"}


def test_a_policy_that_classifies_is_counted_by_class(tmp_path: Path) -> None:
    code, said = run(
        CLASSES, "--population", "random:400", "--engine", "duckdb", "--json", "--chart", tmp_path / "c.png"
    )
    assert code == 0
    assert sum(json.loads(said)["classes"].values()) == 400
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "words",
    [
        ("--population", "random:many"),
        ("--population", "random:0"),
        ("--population", "missing.parquet"),
        ("--population", "missing.csv", "--engine", "duckdb"),
        ("--population", "random:10", "--set", "nothing.here=1"),
    ],
)
def test_what_does_not_work_is_said_in_one_line(words: tuple[str, ...]) -> None:
    code, said = run(CITY, *words)
    assert code == 1
    assert "Traceback" not in said
    assert said.strip()


def test_values_outside_their_range_name_the_column(program: Program) -> None:
    columns = cases_of(program, "random:10", 1)[0] | {"episodes": np.full(10, 999)}
    for engine in ("numba", "duckdb"):
        with pytest.raises(SimulationError, match="episodes"):
            simulate(program, columns, engine=engine)
