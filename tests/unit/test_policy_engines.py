"""The bulk engines give the oracle's numbers to the fen, refuse what does not fit, and can touch nothing else."""

from __future__ import annotations

import doctest
import importlib
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from tests.policy_engines import SHIPPED, disagreements, mutants, rows_of

from xiepai.policy import Program, duckdb_engine, load, numba_engine, oracle, spark_engine
from xiepai.policy.duckdb_engine import Limits, OutOfTimeError, PopulationError
from xiepai.policy.duckdb_engine.session import locked_down
from xiepai.policy.ir import CrossStep, Order
from xiepai.policy.numba_engine import ValueRangeError
from xiepai.policy.numba_engine.steps import Steps
from xiepai.policy.simulation.population import Columns, draw, thresholds

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiled policies of a test run stay in the run's folder."""
    monkeypatch.setenv("HOME", str(tmp_path_factory.getbasetemp()))


@pytest.fixture
def program() -> Program:
    return load(next(path for path in SHIPPED if path.stem == "bench-city")).at()


@pytest.fixture
def columns(program: Program) -> Columns:
    return draw(program, 400, 11, boundary_heavy=True)


@pytest.fixture
def truth(program: Program, columns: Columns) -> list[int]:
    return oracle.awards(program, rows_of(columns))


@pytest.mark.parametrize(
    "name",
    [
        *(f"xiepai.policy.{name}" for name in ("stages", "sql", "numba_engine", "spark_engine", "simulation")),
        "xiepai.policy.simulation.run",
        "xiepai.policy.simulation.charts",
        "xiepai.policy.duckdb_engine.session",
        "xiepai.policy.duckdb_engine.narrow",
    ],
)
def test_what_docstrings_show_is_so(name: str) -> None:
    module = importlib.import_module(name)
    found = doctest.testmod(module, extraglobs={"np": np})
    assert found.attempted
    assert not found.failed


@pytest.mark.slow
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_engine_agrees_on_a_written_policy(path: Path) -> None:
    assert set(disagreements(load(path).at(), 2_500, 5).values()) == {0}


@pytest.mark.slow
def test_every_engine_agrees_on_random_policies() -> None:
    wrong = {seed: disagreements(program, 1_500, seed) for seed, program in islice(mutants(20_000), 5)}
    assert len(wrong) == 5
    assert {count for counts in wrong.values() for count in counts.values()} == {0}, wrong


def test_a_negative_number_is_divided_downward() -> None:
    policy = load(NEGATIVE).at()
    columns = {"debt": np.array([-100, -99, -1, 0, 1, 700])}
    want = oracle.awards(policy, rows_of(columns))
    assert want == [4_900, 4_900, 4_900, 5_000, 5_000, 5_000]
    assert duckdb_engine.run(policy, columns)["award"].tolist() == want
    assert numba_engine.run(policy, columns)["award"].tolist() == want


NEGATIVE = """
policy: 负数
issuer: 样本
status: sample
in_force: 2026-01-01 ..
facts: {debt: money | 差额 | 证 | -1万元 .. 1万元}
measures:
  a: {clause: 一, text: 样本, pay: "down(1/7 of debt, 1元) + 50元", at_most: 50元}
then: [{round: down to 0.01元, clause: 一}]
examples: [{name: 零, on: 2026-05-01, given: {debt: 0元}, expect: 50元}]
"""


@pytest.mark.parametrize("remainder", ["kept", "first", "largest"])
@pytest.mark.parametrize("per", [(), ("firm",)])
def test_a_sum_beyond_64_bits_is_shared_exactly(remainder: str, per: tuple[str, ...]) -> None:
    random = np.random.default_rng(3)
    columns = {"firm": random.integers(0, 3, 60), "number": random.permutation(60)}
    value = random.integers(2**60, 2**61, 60)
    step = CrossStep("share", 0, 1, per, (Order("number"),), 10**18, "", 7, remainder)
    want = oracle.over_rows(step, value.tolist(), rows_of(columns))
    assert Steps(columns, 60).run(step, value).tolist() == want


def test_orders_that_do_not_fit_one_number_are_ranked() -> None:
    random = np.random.default_rng(4)
    columns = {name: random.integers(-(2**61), 2**61, 300) for name in ("firm", "a", "b")}
    value = random.integers(0, 100, 300)
    step = CrossStep("cap", 0, 1, ("firm",), (Order("a", True), Order("b")), 120, "stop")
    for group in (columns["firm"], random.integers(0, 9, 300)):
        columns["firm"] = group
        want = oracle.over_rows(step, value.tolist(), rows_of(columns))
        assert Steps(columns, 300).run(step, value).tolist() == want


def test_files_and_arrow_give_what_columns_give(
    program: Program, columns: Columns, truth: list[int], tmp_path: Path
) -> None:
    con = duckdb.connect()
    con.register("t", columns)
    con.execute(f"COPY t TO '{tmp_path}/cases.parquet'")
    con.execute(f"COPY t TO '{tmp_path}/cases.csv' (HEADER)")
    relation = con.sql("SELECT * FROM t")
    for source in (tmp_path / "cases.parquet", tmp_path / "cases.csv", _Arrow(relation)):
        assert duckdb_engine.run(program, source)["award"].tolist() == truth
    for name in ("out.parquet", "out.csv", "out.parquet"):
        duckdb_engine.run_to_file(program, tmp_path / "cases.parquet", tmp_path / name)
        found = con.execute(f"SELECT award FROM '{tmp_path / name}' ORDER BY row_no").fetchnumpy()["award"]
        assert found.tolist() == truth
    read = duckdb_engine.columns_of(program, tmp_path / "cases.csv")
    assert numba_engine.run(program, read)["award"].tolist() == truth


class _Arrow:
    """Only what the Arrow interface asks for."""

    def __init__(self, relation: Any) -> None:
        self.relation = relation

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.relation.__arrow_c_stream__(requested_schema)


def test_people_write_words_and_dates(program: Program, columns: Columns, truth: list[int], tmp_path: Path) -> None:
    con = duckdb.connect()
    con.register("t", columns)
    words = "['无', 'city', '省级', 'national'][award + 1] AS award, DATE '1970-01-01' + accepted_at::INT AS 受理日期"
    words += ", CASE cultural WHEN 1 THEN '是' ELSE 'no' END AS 新建文化项目"
    text = f"SELECT * EXCLUDE (award, cultural, accepted_at), {words} FROM t"
    con.execute(f"COPY ({text}) TO '{tmp_path}/cases.csv' (HEADER)")
    assert duckdb_engine.run(program, tmp_path / "cases.csv")["award"].tolist() == truth


def test_what_does_not_fit_is_refused_by_column(program: Program, columns: Columns) -> None:
    wrong = columns | {"revenue": columns["revenue"].astype(float), "episodes": np.full(400, 201)}
    with pytest.raises(PopulationError, match=r"revenue"):
        duckdb_engine.run(program, wrong)
    wrong["revenue"] = columns["revenue"]
    with pytest.raises(PopulationError, match=r"episodes.*201 is outside 0 \.\. 200"):
        duckdb_engine.run(program, wrong)
    with pytest.raises(ValueRangeError, match="episodes"):
        numba_engine.run(program, wrong)
    wrong.pop("episodes")
    with pytest.raises(PopulationError, match=r"episodes .* is missing"):
        duckdb_engine.run(program, wrong)
    with pytest.raises(ValueRangeError, match=r"episodes .* is missing"):
        numba_engine.run(program, wrong)


def test_an_empty_cell_is_refused(program: Program, columns: Columns, tmp_path: Path) -> None:
    con = duckdb.connect()
    con.register("t", columns)
    con.execute(f"COPY (SELECT * REPLACE (nullif(revenue, revenue) AS revenue) FROM t) TO '{tmp_path}/cases.parquet'")
    with pytest.raises(PopulationError, match=r"revenue .*400 cells"):
        duckdb_engine.run(program, tmp_path / "cases.parquet")


def test_a_file_that_is_none_is_refused(program: Program, tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("not parquet", encoding="utf-8")
    for name in ("a.parquet", "missing.csv"):
        with pytest.raises(PopulationError):
            duckdb_engine.run(program, tmp_path / name)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('/etc/*')",
        "COPY (SELECT 1) TO '{folder}/other.csv'",
        "ATTACH '{folder}/other.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET memory_limit = '64GB'",
        "SET enable_external_access = true",
        "SET allowed_paths = ['/etc/hostname']",
        "SELECT getenv('HOME')",
    ],
)
def test_the_database_can_do_nothing_else(text: str, tmp_path: Path) -> None:
    with locked_down([tmp_path / "in.csv"], Limits()) as connection, pytest.raises(duckdb.Error):
        connection.execute(text.format(folder=tmp_path)).fetchall()


def test_a_query_without_end_is_stopped(program: Program, columns: Columns) -> None:
    from xiepai.policy.duckdb_engine.session import stopped_after

    with locked_down([], Limits()) as connection, pytest.raises(OutOfTimeError), stopped_after(connection, 0.2):
        connection.execute("SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b").fetchall()


def test_little_memory_spills_and_stays_right(program: Program, tmp_path: Path) -> None:
    columns = draw(program, 150_000, 2)
    plenty = duckdb_engine.run(program, columns)["award"]
    little = duckdb_engine.run(program, columns, limits=Limits(memory="60MB"))["award"]
    assert (plenty == little).all()


def test_machine_code_is_kept_between_processes(tmp_path: Path) -> None:
    text = (
        "import sys; from xiepai.policy import load, numba_engine\n"
        "from xiepai.policy.simulation.population import draw\n"
        "program = load(sys.argv[1]).at(); numba_engine.run(program, draw(program, 10, 1))\n"
        "kept = numba_engine.engine(program).functions[0].stats; print(sum(kept.cache_hits.values()))"
    )
    policy = next(path for path in SHIPPED if path.stem == "wujin-2025")
    command, space = [sys.executable, "-c", text, str(policy)], {"HOME": str(tmp_path), "PATH": ""}
    runs = [subprocess.run(command, env=space, check=True, capture_output=True, text=True) for _again in range(2)]
    found = [run.stdout.strip() for run in runs]
    assert found == ["0", "1"]


def test_spark_text_needs_no_spark(program: Program) -> None:
    text = spark_engine.query_text(program, "cases")
    assert "pyspark" not in sys.modules
    assert " / " not in text
    assert "//" not in text
    assert " div " in text


def test_thresholds_stand_where_the_policy_turns(program: Program) -> None:
    found = thresholds(program)
    assert {499_999_999, 500_000_000, 500_000_001} <= set(found["investment"])
    assert {6, 7} <= set(found["local_days"])
    assert {5_000, 5_001} <= set(found["local_share"])


def test_a_population_is_drawn_again_from_its_seed(program: Program) -> None:
    one, two, other = (draw(program, 500, seed, boundary_heavy=True) for seed in (1, 1, 2))
    assert all((one[name] == two[name]).all() for name in one)
    assert any((one[name] != other[name]).any() for name in one)
    for spec in program.facts:
        if spec.kind != "key":
            assert spec.low <= one[spec.name].min() <= one[spec.name].max() <= spec.high
    assert sorted(one["application"].tolist()) == list(range(1, 501))
