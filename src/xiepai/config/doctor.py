"""``xiepai doctor``: what is wrong with this installation, and the cure for each finding.

Exit code 1 when something is broken; a warning alone is not. A check that fails in a way nobody foresaw is
itself a finding, never a traceback.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from xiepai.config import doctor_database, doctor_machine
from xiepai.config.doctor_findings import Finding, State, broken

COLOURS = {State.OK: "green", State.WARNING: "yellow", State.BROKEN: "red"}


def examine() -> Iterator[Finding]:
    """Run every check; those of the database only where there is one."""
    yield from map(_run, doctor_machine.CHECKS)
    reached = _run(doctor_database.server)
    yield reached
    if reached.state is not State.BROKEN:
        yield from map(_run, doctor_database.CHECKS)


def _run(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:
        return broken(check.__name__.replace("_", " "), f"{type(error).__name__}: {error}", "see the message")


def report(*, as_json: bool) -> int:
    """Print the findings as a table or as JSON; the exit code."""
    findings = list(examine())
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))  # noqa: T201
    else:
        _print_table(findings)
    return 1 if any(finding.state is State.BROKEN for finding in findings) else 0


def _print_table(findings: list[Finding]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("State", "Check", "Found", "Cure"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        state = Text(finding.state.value, style=COLOURS[finding.state])
        table.add_row(state, finding.check, Text(finding.found), Text(finding.cure))
    Console().print(table)
    count = {state: sum(finding.state is state for finding in findings) for state in State}
    Console().print(f"\n{count[State.BROKEN]} broken, {count[State.WARNING]} warnings, {count[State.OK]} in order")
