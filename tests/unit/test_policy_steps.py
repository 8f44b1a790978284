"""DuckDB's and numba's steps over rows give the oracle's numbers, ties included; a file's statistics decide nothing."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from tests.policy_engines import rows_of

from xiepai.policy import duckdb_engine, load, oracle
from xiepai.policy.duckdb_engine import PopulationError, over_rows
from xiepai.policy.duckdb_engine.session import Limits, locked_down
from xiepai.policy.ir import CrossStep, Order
from xiepai.policy.numba_engine.steps import Steps

pytestmark = pytest.mark.unit

PER: list[tuple[str, ...]] = [(), ("firm",), ("firm", "year:day")]
ORDER = (Order("day", True), Order("number"))


def _after(step: CrossStep, columns: dict[str, Any], value: Any) -> list[int]:
    with locked_down([], Limits()) as connection:
        frame = {**{f"c_{name}": column for name, column in columns.items()}, "v": value}
        connection.register("given", frame)
        numbered = "SELECT *, row_number() OVER () AS row_no FROM given"
        firm = "CASE WHEN c_firm = 0 THEN NULL ELSE c_firm END AS c_firm"
        connection.execute(f"CREATE TEMP TABLE i3 AS SELECT * REPLACE ({firm}) FROM ({numbered})")
        over_rows.carry_out(connection, step, 3, lambda name: f"c_{name}", int(value.max()))
        found = dict(connection.execute("SELECT row_no, s3 FROM t3").fetchall())
    return [found.get(row + 1, 0) for row in range(len(value))]


@pytest.mark.parametrize("per", PER)
@pytest.mark.parametrize(("size", "zeros"), [(3, 0.4), (10**6, 0.7), (2**57, 0.4)])
def test_every_step_is_the_oracles(per: tuple[str, ...], size: int, zeros: float) -> None:
    random = np.random.default_rng(6)
    rows = 300
    columns = {
        "firm": random.integers(0, 40, rows), "day": random.integers(20_500, 21_300, rows),
        "number": random.permutation(rows),
    }  # fmt: skip
    value = np.where(random.random(rows) < zeros, 0, random.integers(0, size, rows, endpoint=True))
    groups = {(): 1, ("firm",): 40}.get(per, 80)
    total = int(value.sum(dtype=object)) // groups
    steps = [CrossStep("highest", 0, 1, per, ORDER), *(CrossStep("quota", 0, 1, per, ORDER, each) for each in (0, 2))]
    for limit, overrun in product((0, total // 2 + 1, 100 * total), ("part", "stop")):
        steps.append(CrossStep("cap", 0, 1, per, ORDER, limit, overrun))
    for limit, unit, remainder in product((1, total // 2 + 1, 100 * total), (1, 7), ("kept", "first", "largest")):
        steps.append(CrossStep("share", 0, 1, per, ORDER, min(limit, 2**62), "", unit, remainder))
    for step in steps:
        want = oracle.over_rows(step, value.tolist(), rows_of(columns))
        assert _after(step, columns, value) == want, step
        assert Steps(columns, rows).run(step, value).tolist() == want, step


TWO_POOLS = """
policy: 两个池
issuer: 样本
status: sample
in_force: 2026-01-01 ..
facts:
  cost: money | 成本 | 证 | 0元 .. 1万元
  rent: money | 租金 | 证 | 0元 .. 1万元
  firm: key | 企业
  number: key | 编号
measures:
  a: {clause: 一, text: 样本, pay: "10% of cost", at_most: 500元}
  b: {clause: 二, text: 样本, pay: "20% of rent", at_most: 700元}
then:
  - {name: fen, round: down to 0.01元, clause: 三}
  - {name: per_firm, highest_per: firm, order: [number], clause: 三}
  - {name: topped, at_most: rent, clause: 三}
  - {name: pool, budget: 3000元, shortfall: first come, order: [number], overrun: stop, clause: 三}
examples: [{name: 零, on: 2026-05-01, given: {cost: 0元}, expect: 0元}]
"""


def test_every_node_of_every_row_can_be_asked_for() -> None:
    program = load(TWO_POOLS).at()
    random = np.random.default_rng(2)
    columns = {name: random.integers(0, 1_000_000, 200, endpoint=True) for name in ("cost", "rent")}
    columns |= {"firm": random.integers(0, 60, 200), "number": random.permutation(200)}
    outputs = {f"n{index}": index for index in range(len(program.nodes))}
    found = duckdb_engine.run(program, columns, outputs)
    truth = oracle.run(program, rows_of(columns))
    for name, index in outputs.items():
        assert found[name].astype(np.int64).tolist() == truth[index], program.nodes[index]


def test_statistics_of_a_file_decide_nothing(tmp_path: Path) -> None:
    """Statistics say 1,000,000, a cell holds 1,000,001: DuckDB as it comes believes the statistics."""
    program = load(TWO_POOLS).at()
    cost = np.array([5, 1_000_001, 7])
    frame = {"cost": cost, "rent": cost * 0, "firm": cost * 0, "number": np.arange(3)}
    path = tmp_path / "cases.parquet"
    with duckdb.connect() as connection:
        connection.register("given", frame)
        connection.execute(f"COPY given TO '{path}' (COMPRESSION uncompressed)")
        data, number = path.read_bytes(), (1_000_001).to_bytes(8, "little")
        page, statistics = data[: data.index(number) + 8], data[data.index(number) + 8 :]
        assert number in statistics
        path.write_bytes(page + statistics.replace(number, (1_000_000).to_bytes(8, "little")))
        assert connection.execute(f"SELECT max(cost) FROM '{path}'").fetchone() == (1_000_000,)
    with pytest.raises(PopulationError, match=r"cost .*1000001 is outside"):
        duckdb_engine.run(program, path)


@pytest.mark.parametrize("offset", [-(2**62), -(2**31), -(2**15), 0, 2**15 - 90, 2**31 - 90, 2**62])
def test_keys_of_every_width_group_alike(tmp_path: Path, offset: int) -> None:
    """Numbers at the ends of 16, 32 and 64 bits: what a table in memory keeps is narrow, what it says is not."""
    program = load(TWO_POOLS).at()
    random = np.random.default_rng(3)
    columns = {name: random.integers(0, 1_000_000, 300, endpoint=True) for name in ("cost", "rent")}
    columns |= {"firm": random.integers(0, 90, 300) + offset, "number": random.permutation(300) + offset}
    path = tmp_path / "cases.parquet"
    duckdb_engine.write_columns(columns, path)
    outputs = {f"n{index}": index for index in range(len(program.nodes))}
    found = duckdb_engine.run(program, path, outputs)
    truth = oracle.run(program, rows_of(columns))
    for name, index in outputs.items():
        assert found[name].astype(np.int64).tolist() == truth[index], program.nodes[index]


def test_a_key_outside_the_statistics_of_its_file_is_refused(tmp_path: Path) -> None:
    program = load(TWO_POOLS).at()
    firm = np.array([5, 100_000, 7])
    frame = {"cost": firm * 0, "rent": firm * 0, "firm": firm, "number": np.arange(3)}
    path = tmp_path / "cases.parquet"
    with duckdb.connect() as connection:
        connection.register("given", frame)
        connection.execute(f"COPY given TO '{path}' (COMPRESSION uncompressed)")
    data, number = path.read_bytes(), (100_000).to_bytes(8, "little")
    page, statistics = data[: data.index(number) + 8], data[data.index(number) + 8 :]
    assert number in statistics
    path.write_bytes(page + statistics.replace(number, (9).to_bytes(8, "little")))
    with pytest.raises(PopulationError, match=r"statistics do not agree"):
        duckdb_engine.run(program, path)


def test_a_truth_value_that_is_none_is_refused() -> None:
    text = TWO_POOLS.replace("  firm: key", "  local: yes/no | 本地 | 证\n  firm: key")
    program = load(text.replace('pay: "10% of cost"', 'if: local, pay: "10% of cost"')).at()
    columns = {name: np.arange(3) for name in ("cost", "rent", "firm", "number")}
    for wrong in (np.array([0, 1, 2]), np.array(["是", "no", "也许"], dtype=object)):
        with pytest.raises(PopulationError, match=r"local .*1 cells"):
            duckdb_engine.run(program, columns | {"local": wrong})
