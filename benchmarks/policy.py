"""Policies: one case explained, a million rows, ten million from Parquet; each beside OpenFisca in the same run.

The policy is benchmarks/policy_peers/bench-city.yaml (a sample that gathers every shape); the same rules stand beside
it in OpenFisca and in C. OpenFisca runs in its own process and environment (.venv-bench). Results
are compared to the fen: ours with the oracle, OpenFisca's with ours. Every time is the best of several passes in one
process; numba and C use one thread, DuckDB every core, reading and writing Parquet. The machine's load is a row: other
work slows all sides, not evenly; ARGS="--clock cpu" then counts processor time (of all threads) instead of the clock
on the wall. ARGS="--most 1000000" leaves the largest size out.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from report import FOLDER, Report, options
from xiepai.policy import FactSpec, Program, duckdb_engine, load, numba_engine, oracle
from xiepai.policy.check import check
from xiepai.policy.facts import EPOCH
from xiepai.policy.simulation.population import draw

HERE = Path(__file__).resolve().parent
PEERS = HERE / "policy_peers"
POLICY = PEERS / "bench-city.yaml"
SHAPES = HERE.parent / "examples/policy/shapes.yaml"
BENCH_PYTHON = HERE.parent / ".venv-bench/bin/python"
PEER = "OpenFisca-core 46"
GIGABYTE = 1e9


def clock() -> float:
    """Seconds on the wall, or of processor with --clock cpu; the peer's process is told by its environment."""
    return time.process_time() if os.environ.get("BENCH_CLOCK") == "cpu" else time.perf_counter()


def cases(program: Program, rows: int) -> dict[str, np.ndarray]:
    """A population in which one of fifty is on the dishonesty list, not every second one."""
    columns = draw(program, rows, 7)
    columns["dishonest"] = (np.random.default_rng(8).random(rows) < 0.02).astype(np.int64)
    return columns


def best(work: Callable[[], Any], times: int) -> float:
    """The least seconds of several passes."""
    found = []
    for _again in range(times):
        start = clock()
        work()
        found.append(clock() - start)
    return min(found)


def quantiles(seconds: list[float]) -> tuple[float, float]:
    """Median and 99th percentile in microseconds."""
    ordered = sorted(seconds)
    return statistics.median(ordered) * 1e6, ordered[int(len(ordered) * 0.99)] * 1e6


def gross_node(program: Program) -> int:
    """The amount after the row rules, in whole fen: what C and OpenFisca's row rules give too."""
    return next(step.after.node for step in program.steps if step.name == "fen")


class OpenFisca:
    """The peer in its own process; what it answers is seconds, memory and, in bulk, awards."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def ask(self, *words: str) -> dict[str, Any]:
        """One run."""
        command = [str(BENCH_PYTHON), str(PEERS / "openfisca_city.py"), *words]
        found = subprocess.run(command, check=True, capture_output=True, text=True)
        return json.loads(found.stdout.splitlines()[-1])

    def bulk(self, columns: dict[str, np.ndarray], times: int) -> tuple[float, float, dict[str, np.ndarray], int]:
        """Best seconds to calculate and from input to result, the amounts in fen, resident bytes."""
        source, out = self.folder / "cases.npz", self.folder / "awards.npz"
        np.savez(source, **columns)
        found = self.ask("bulk", str(source), str(out), str(times))
        whole = [fill + calculate for fill, calculate in zip(found["fill"], found["calculate"], strict=True)]
        amounts = {name: np.rint(column.astype(float) * 100).astype(np.int64) for name, column in np.load(out).items()}
        source.unlink()
        out.unlink()
        return min(found["calculate"]), min(whole), amounts, found["rss"]


def person(spec: FactSpec, number: int) -> object:
    """A fact as a program hands it over: truth values, words of a list, dates, exact shares, fen."""
    if spec.kind == "date":
        return date.fromordinal(number + EPOCH)
    if spec.kind == "choice":
        return spec.choices[number]
    return bool(number) if spec.kind == "yes/no" else Fraction(number, spec.den) if spec.den > 1 else number


def one_case(report: Report, program: Program, peer: OpenFisca) -> None:
    """One case with its whole explanation: a dictionary of what a person knows goes in, plain values come out.

    Ours: every condition with its clause and whether it holds, the formula's amount, every change with the amount
    before it, its limit and the amount after it, every step, every share, all as numbers; no text is put together.
    OpenFisca likewise: the situation its web API takes, calculated with trace, the tree of traced values in memory
    (inputs and results of every variable; it knows no clause and no condition). Three more of its ways stand beside it:
    handed out as its web API does (``get_serialized_flat_trace``); with NumPy arrays ready made instead of a situation,
    the fastest there is; and that without the filling in. Ours has no such short cut: the dictionary is always read.
    """
    columns = cases(program, 200)
    given = [{name: person(program.by_name[name], int(columns[name][row])) for name in columns} for row in range(200)]
    middle, high = explained(given)
    source = peer.folder / "one.npz"
    np.savez(source, **columns)
    found = peer.ask("single", str(source), "1000")
    theirs = {name: quantiles(found[name]) for name in ("traced", "serialized", "calculate")}
    arrays = quantiles([a + b for a, b in zip(found["fill"], found["calculate"], strict=True)])
    what, row = "one case, explained", report.row
    row(f"{what}, p50", middle, "µs", "lower", theirs["traced"][0] / 100, f"{PEER}, trace, p50", theirs["traced"][0])
    row(f"{what}, p99", high, "µs", "lower", 100, f"{PEER}, trace, p99", theirs["traced"][1])
    for name, (peer_middle, _high) in (
        ("trace serialized", theirs["serialized"]),
        ("trace, arrays ready made", arrays),
        ("trace, arrays ready made, calculate only", theirs["calculate"]),
    ):
        row(f"{what}, p50", middle, "µs", "lower", None, f"{PEER}, {name}", peer_middle)
    policy = load(POLICY)
    for name, work in (("text", lambda award: award.explain()), ("JSON", lambda award: award.to_json())):
        seconds = [best(lambda case=case: work(policy.evaluate(case)), 1) for case in given]  # noqa: B023 - used at once
        row(f"one case, explained as {name}, p50", quantiles(seconds)[0], "µs", "lower")


def explained(given: list[dict[str, object]]) -> tuple[float, float]:
    """Median and 99th percentile of evaluating and explaining a case, over 10,000 of them."""
    policy, seconds = load(POLICY), []
    for turn in range(10_500):
        start = clock()
        award = policy.evaluate(given[turn % len(given)])
        _shown = (award.result, award.measures, award.steps, award.splits)
        seconds.append(clock() - start)
    return quantiles(seconds[500:])


def load_and_check(report: Report) -> None:
    """Every shipped file read and checked with its examples, fifty times."""
    for path in [*sorted((HERE.parent / "policies").glob("*.yaml")), SHAPES]:
        seconds = []
        for _again in range(50):
            start = clock()
            assert check(load(path)).ok, path
            seconds.append(clock() - start)
        report.row(f"load + check, {path.name}, median", statistics.median(seconds) * 1e3, "ms", "lower", 15)
        report.row(f"load + check, {path.name}, best", min(seconds) * 1e3, "ms", "lower")


def compare(report: Report, program: Program, peer: OpenFisca, rows: int) -> None:
    """A population in memory: numba beside OpenFisca and C, and who is right."""
    columns = cases(program, rows)
    gross = gross_node(program)
    compiled = numba_engine.engine(program)
    prepared = compiled.prepare(columns, rows)
    compute = best(lambda: compiled.compute(prepared, rows), 7)
    whole = best(lambda: compiled.compute(compiled.prepare(columns, rows), rows), 7)
    peer_compute, peer_whole, amounts, rss = peer.bulk(columns, 3)
    size = f"{rows:,} rows"
    ns = 1e9 / rows
    report.row(
        f"{size}, numba, calculate",
        compute * ns,
        "ns/row",
        "lower",
        peer_compute * ns / 10,
        f"{PEER}, calculate",
        peer_compute * ns,
    )
    report.row(
        f"{size}, numba, input to result",
        whole * ns,
        "ns/row",
        "lower",
        peer_whole * ns / 20,
        f"{PEER}, input to result",
        peer_whole * ns,
    )
    report.row(f"{size}, {PEER}, resident", rss / GIGABYTE, "GB", "lower")
    ours = numba_engine.run(program, columns, {"gross": gross, "award": program.result.node})
    for name in ("gross", "award"):
        wrong = int((ours[name] != amounts[name]).sum())
        worst = int(np.abs(ours[name] - amounts[name]).max()) / 100
        report.row(f"{size}, {PEER}, wrong rows ({name}; worst by {worst:,.2f} yuan)", wrong, "rows", "lower")
    sample = {name: column[:20_000] for name, column in columns.items()}
    rows_of = [
        dict(zip(sample, row, strict=True))
        for row in zip(*(column.tolist() for column in sample.values()), strict=True)
    ]
    truth = np.array(oracle.awards(program, rows_of))
    mine = (numba_engine.run(program, sample)["award"] != truth).sum() + (
        duckdb_engine.run(program, sample)["award"] != truth
    ).sum()
    report.row("20,000 rows, numba and DuckDB beside the oracle, wrong rows", int(mine), "rows", "lower", 0)
    ceiling(report, program, columns, rows, ours, compute)


def ceiling(
    report: Report, program: Program, columns: dict[str, np.ndarray], rows: int, truth: dict[str, np.ndarray],
    compute: float,
) -> None:  # fmt: skip
    """The row rules, and the whole policy, in C by hand, if there is a compiler."""
    if not shutil.which("gcc"):
        print("  C: skipped, there is no gcc")
        return
    library = FOLDER / "city.so"
    subprocess.run(
        ["gcc", "-O3", "-march=native", "-shared", "-fPIC", "-o", str(library), str(PEERS / "city.c")], check=True
    )
    peer = ctypes.CDLL(str(library))
    rules = numba_engine.engine(program, (gross_node(program),))
    prepared = rules.prepare(columns, rows)
    gross, paid = np.zeros(rows, np.int64), np.zeros(rows, np.int64)
    order = [spec.name for spec in program.facts if spec.name in rules.plan.facts]
    pointers = [*(ctypes.c_void_p(prepared[name].ctypes.data) for name in order), ctypes.c_void_p(gross.ctypes.data)]
    row_rules = lambda: peer.city(ctypes.c_int64(rows), *pointers)  # noqa: E731
    in_c = best(row_rules, 9)
    assert (gross == truth["gross"]).all(), "the C version gives other amounts"
    keys = 1 + max(int(columns["work"].max()), int(columns["enterprise"].max()))
    names = ("work", "enterprise", "accepted_at", "application", "tax_paid")
    after = [*(ctypes.c_void_p(columns[name].ctypes.data) for name in names), ctypes.c_void_p(gross.ctypes.data)]
    after += [ctypes.c_void_p(paid.ctypes.data)]
    steps = lambda: peer.city_steps(ctypes.c_int64(rows), ctypes.c_int64(keys), *after)  # noqa: E731
    whole_in_c = best(lambda: (row_rules(), steps()), 9)
    assert (paid == truth["award"]).all(), "the C version pays other awards"
    mine = best(lambda: rules.compute(prepared, rows), 9)
    ns, size = 1e9 / rows, f"{rows:,} rows, numba"
    report.row(f"{size}, row rules only", mine * ns, "ns/row", "lower", 3 * in_c * ns, "C, gcc -O3", in_c * ns)
    report.row(
        f"{size}, whole policy", compute * ns, "ns/row", "lower", 3 * whole_in_c * ns, "C, gcc -O3", whole_in_c * ns
    )


def from_parquet(report: Report, program: Program, peer: OpenFisca, rows: int) -> None:
    """DuckDB from Parquet to Parquet in a process of its own, its highest resident memory beside it."""
    source = parquet(program, rows)
    found = child(source)
    peer_seconds, name = None, f"{PEER}, input to result"
    if psutil.virtual_memory().available > rows * 1_400:
        peer_seconds = peer.bulk(cases(program, rows), 1)[1]
    else:
        print(f"  {PEER}: skipped at {rows:,} rows, too little memory free")
    ns = 1e9 / rows
    goal = peer_seconds and peer_seconds * ns / 4
    other = (name, peer_seconds * ns) if peer_seconds else (None, None)
    report.row(f"{rows:,} rows, DuckDB, Parquet to Parquet", found["seconds"] * ns, "ns/row", "lower", goal, *other)
    report.row(f"{rows:,} rows, DuckDB, resident", found["rss"] / GIGABYTE, "GB", "lower", 1)


def parquet(program: Program, rows: int) -> Path:
    """The population as a file, written in slices so that this process stays small."""
    import duckdb

    path = FOLDER / f"policy-{rows}.parquet"
    with duckdb.connect() as connection:
        connection.register("drawn", cases(program, rows))
        connection.execute(f"COPY drawn TO '{path}' (FORMAT PARQUET)")
    return path


def child(source: Path) -> dict[str, float]:
    """DuckDB in a fresh process."""
    command = [sys.executable, __file__, "--child", str(source)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])


def run_child(source: Path) -> None:
    """What the fresh process does: two passes, the better counts."""
    program = load(POLICY).at()
    out = FOLDER / "policy-out.parquet"
    seconds = best(lambda: duckdb_engine.run_to_file(program, source, out), 2)
    print(json.dumps({"seconds": seconds, "rss": highest_resident()}))


def highest_resident() -> int:
    """Bytes, of this program alone: the figure of getrusage is inherited from the parent that forked it."""
    line = next(each for each in Path("/proc/self/status").read_text().splitlines() if each.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def growth(report: Report, program: Program, peer: OpenFisca, most: int) -> None:
    """From a thousand rows to ten million: nanoseconds a row."""
    compiled = numba_engine.engine(program)
    for power in range(3, 8):
        rows = 10**power
        if rows > most:
            break
        columns = cases(program, rows)
        mine = best(lambda c=columns, n=rows: compiled.compute(compiled.prepare(c, n), n), 3) * 1e9 / rows
        theirs = peer.bulk(columns, 2)[1] * 1e9 / rows if rows <= 1_000_000 else None
        name = f"{PEER}, input to result" if theirs else None
        report.row(f"growth, {rows:,} rows, numba", mine, "ns/row", "lower", None, name, theirs)
        if rows < 10_000_000:
            bulk = child(parquet(program, rows))["seconds"] * 1e9 / rows
            report.row(f"growth, {rows:,} rows, DuckDB", bulk, "ns/row", "lower", None, name, theirs)


def main() -> None:
    """Measure all and write the rows."""
    parser = options(__doc__ or "")
    parser.add_argument("--most", type=int, default=10_000_000, help="the largest population")
    parser.add_argument("--part", choices=("all", "case"), default="all", help="case: one case, loading, and no more")
    parser.add_argument("--clock", choices=("wall", "cpu"), default=os.environ.get("BENCH_CLOCK", "wall"))
    parser.add_argument("--child", type=Path, help=argparse_hidden())
    given = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    os.environ["BENCH_CLOCK"] = given.clock
    if given.child:
        run_child(given.child)
        return
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; seconds: {given.clock}")
    report, program, peer = Report("policy", given.output), load(POLICY).at(), OpenFisca(FOLDER)
    report.row("load of the machine before", os.getloadavg()[0], "processes", "lower")
    one_case(report, program, peer)
    load_and_check(report)
    if given.part == "case":
        report.finish()
        return
    compare(report, program, peer, min(1_000_000, given.most))
    from_parquet(report, program, peer, given.most)
    growth(report, program, peer, given.most)
    report.row("load of the machine after", os.getloadavg()[0], "processes", "lower")
    report.finish()


def argparse_hidden() -> str:
    """The option of the fresh process is not for people."""
    import argparse

    return argparse.SUPPRESS


if __name__ == "__main__":
    main()
