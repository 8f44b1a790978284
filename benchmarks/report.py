"""Rows of a benchmark: what was measured, in which unit, against which goal and which peer, in the same run.

A row is ``{what, value, unit, better, goal, peer, peer_value, ratio}``; ``better`` is ``higher`` or ``lower``
and ``ratio`` is above 1 when Xiepai is better than its peer. As a command (``make bench-report``) this file
measures nothing: it prints what the last runs wrote.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).resolve().parent.parent / "build" / "bench"


class Report:
    """The rows of one benchmark; :meth:`finish` prints them and writes ``build/bench/NAME.json``."""

    def __init__(self, name: str, output: Path | None = None) -> None:
        self.name = name
        self.output = output or FOLDER / f"{name}.json"
        self.rows: list[dict[str, Any]] = []

    def row(
        self,
        what: str,
        value: float,
        unit: str,
        better: Literal["higher", "lower"],
        goal: float | None = None,
        peer: str | None = None,
        peer_value: float | None = None,
    ) -> None:
        """Keep one figure. A goal is met when *value* is not worse than it."""
        ratio = None
        if peer_value and value:
            ratio = value / peer_value if better == "higher" else peer_value / value
        self.rows.append(
            {
                "what": what,
                "value": value,
                "unit": unit,
                "better": better,
                "goal": goal,
                "peer": peer,
                "peer_value": peer_value,
                "ratio": ratio,
            }
        )
        print(f"  {what}: {_number(value)} {unit}", flush=True)

    def finish(self) -> bool:
        """Print the table, write the JSON; whether every goal was met."""
        show(self.name, self.rows)
        self.output.parent.mkdir(parents=True, exist_ok=True)
        self.output.write_text(json.dumps(self.rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return all(goal_met(row) is not False for row in self.rows)


def goal_met(row: dict[str, Any]) -> bool | None:
    """Whether a row reaches its goal; None when it has none."""
    if row["goal"] is None:
        return None
    return bool(row["value"] >= row["goal"] if row["better"] == "higher" else row["value"] <= row["goal"])


def show(name: str, rows: Sequence[dict[str, Any]]) -> None:
    """The rows as a table with the machine and the time above it."""
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    table = Table(title=f"{name} · {datetime.now(UTC):%Y-%m-%d %H:%M} UTC · {machine}", title_justify="left")
    table.add_column("what", overflow="fold")
    for column in ("value", "unit", "goal", "met"):
        table.add_column(column, justify="left" if column == "unit" else "right", no_wrap=True)
    table.add_column("peer", overflow="fold")
    table.add_column("ratio", justify="right", no_wrap=True)
    for row in rows:
        met = goal_met(row)
        goal = "" if row["goal"] is None else f"{'≥' if row['better'] == 'higher' else '≤'} {_number(row['goal'])}"
        peer = "" if row["peer"] is None else f"{row['peer']}: {_number(row['peer_value'])}"
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f} ×"
        verdict = {None: "", True: "yes", False: "NO"}[met]
        table.add_row(row["what"], _number(row["value"]), row["unit"], goal, verdict, peer, ratio)
    Console(width=None if sys.stdout.isatty() else 150).print(table)


def options(description: str) -> argparse.ArgumentParser:
    """The command line every benchmark has: where to write."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--output", type=Path, help="file the rows are written to")
    return parser


def _number(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) < 10 else f"{value:,.1f}"


def main() -> None:
    """Print the rows of every benchmark that has been run."""
    options("Show what the benchmarks measured").parse_args()
    files = sorted(FOLDER.glob("*.json"))
    for path in files:
        show(path.stem, json.loads(path.read_text(encoding="utf-8")))
    if not files:
        print("Nothing measured yet: make bench")


if __name__ == "__main__":
    main()
