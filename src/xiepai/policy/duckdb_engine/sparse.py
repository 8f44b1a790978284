"""A population step by step: each step over rows sees only the rows above zero, and keeps only those.

A row at zero stays at zero in every step and changes no other row, so a step's table holds the rows that still get
something, with the columns later steps read. The next step starts from that table where its amount is proven to be
zero wherever the step before left nothing; else from the input, read again. The outputs are computed in a last pass
over the input, to which what the steps left is joined. Ranges are checked in the first pass, row by row.
"""

from __future__ import annotations

from collections.abc import Mapping

from xiepai.policy.duckdb_engine import over_rows
from xiepai.policy.duckdb_engine.narrow import as_narrow
from xiepai.policy.duckdb_engine.table import Table
from xiepai.policy.ir import CrossStep, FactSpec, Op, Program
from xiepai.policy.sql import DUCKDB, layers, output_columns
from xiepai.policy.stages import LEAVES, plan, to_compute, vanishes


class MisfitError(Exception):
    """A row leaves the range of a fact, or a cell cannot be read: which one is for the caller to say."""


class Walk:
    """The steps of a program over one input, carried out in order; then the query of its outputs."""

    def __init__(self, program: Program, table: Table, facts: list[FactSpec], outputs: Mapping[str, int]) -> None:
        self.program, self.table, self.facts, self.outputs = program, table, facts, outputs
        self.plan = plan(program, outputs.values())
        self.steps = [stage.step for stage in self.plan.stages if stage.step is not None]
        self.base = {number: self._base(number) for number in self.steps}
        self.readers = table.readers(facts)
        self.is_checked = False

    def take_steps(self) -> None:
        """Carry out every step: afterwards ``t0``, ``t1``, … hold the rows each left above zero, as ``s0``, …"""
        for number in self.steps:
            self._rows_of(number)
            step = self._cross(number)
            highest = self.program.nodes[step.value].hi
            over_rows.carry_out(self.table.connection, step, number, self._column, highest)
            self._forget(number)

    def result(self) -> str:
        """One SELECT: every row's number, keys and outputs."""
        wanted = tuple(dict.fromkeys(self.outputs.values()))
        parts, last, names = self._layers(None, self._steps_below(wanted), wanted)
        chosen = output_columns(DUCKDB, self.plan.keys, {name: names[node] for name, node in self.outputs.items()})
        return f"WITH {', '.join(parts)} SELECT row_no, {', '.join(chosen)} FROM {last}"

    def _cross(self, number: int) -> CrossStep:
        return self.program.cross_steps[number]

    def _column(self, name: str) -> str:
        return f"k_{name}" if name in self.plan.keys else f"f_{name}"

    def _steps_below(self, nodes: tuple[int, ...]) -> list[int]:
        """The steps these nodes read directly."""
        inside = to_compute(self.program, nodes, self._amounts())
        read = {arg for index in inside for arg in self.program.nodes[index].args} | set(nodes)
        return sorted({self.program.nodes[index].k for index in read if self.program.nodes[index].op is Op.STEP})

    def _amounts(self) -> dict[int, str]:
        """Every node that is the amount after a step, with its column."""
        nodes = enumerate(self.program.nodes)
        return {index: f"s{node.k}" for index, node in nodes if node.op is Op.STEP}

    def _base(self, number: int) -> int | None:
        """The latest step whose rows at zero are at zero here too."""
        value = self._cross(number).value
        found = [each for each in self._steps_below((value,)) if vanishes(self.program, value, each)]
        return found[-1] if found else None

    def _kept(self, number: int) -> dict[str, int | None]:
        """The columns the table after a step must hold for later ones; a node stands with each that is computed."""
        found: dict[str, int | None] = {}
        for later in (each for each in self.steps if self.base[each] == number):
            found |= self._ordering(later) | self._row_columns(later) | self._kept(later)
        return found

    def _ordering(self, number: int) -> dict[str, int | None]:
        step = self._cross(number)
        names = [each.removeprefix("year:") for each in step.per] + [each.fact for each in step.order]
        return {self._column(name): None for name in names}

    def _row_columns(self, number: int) -> dict[str, int | None]:
        """What a step's amount reads that no step has touched."""
        amounts, value = self._amounts(), self._cross(number).value
        touched = [index for index in to_compute(self.program, (value,), amounts) if self._is_touched(index)]
        read = {arg for index in touched for arg in self.program.nodes[index].args}
        found: dict[str, int | None] = {}
        for index in sorted(read):
            node = self.program.nodes[index]
            if node.op is Op.FACT:
                found[f"f_{node.fact}"] = None
            elif node.op not in LEAVES and not self._is_touched(index):
                found[f"n{index}"] = index
        return found

    def _is_touched(self, index: int) -> bool:
        node = self.program.nodes[index]
        return node.op is Op.STEP or any(self._is_touched(arg) for arg in node.args)

    def _rows_of(self, number: int) -> None:
        """``i0``, …: the rows before a step; the amount is ``v``. A filter here would compute the rules twice."""
        value, base = self._cross(number).value, self.base[number]
        columns = self._ordering(number) | self._kept(number)
        computed = tuple(node for node in columns.values() if node is not None)
        wanted = (value,) if base is not None else (value, *computed)
        known = {node: f"n{node}" for node in self._carried(base)}
        parts, last, names = self._layers(base, self._steps_below((value,)), wanted, known)
        amount = names[value]
        if not self.is_checked:
            amount = f"CASE WHEN fits THEN {amount} ELSE -1 END"
        amount = as_narrow(amount, (-1, self.program.nodes[value].hi))
        narrow = [f"{as_narrow(name, self._ends(name, node))} AS {name}" for name, node in columns.items()]
        text = f"SELECT row_no, {', '.join([*narrow, ''])}{amount} AS v FROM {last}"
        self._run(f"CREATE TEMP TABLE i{number} AS WITH {', '.join(parts)} {text}")
        if not self.is_checked and self._one(f"SELECT min(v) FROM i{number}")[0] == -1:
            raise MisfitError
        self.is_checked = True

    def _ends(self, column: str, node: int | None) -> tuple[int, int] | None:
        """The range of a column that a table keeps: a fact's and a node's are proven, a key's is what the file says."""
        if node is not None:
            found = self.program.nodes[node]
            return None if found.is_bool else (found.lo, found.hi)
        spec = self.program.by_name[column[2:]]
        if spec.kind == "key":
            return self.table.known.ranges.get(self.readers[spec.name].column)
        return None if spec.kind == "yes/no" else (spec.low, spec.high)

    def _widened(self, base: int) -> str:
        """The numbers of a step's table as 64 bits again, before anything is computed from them."""
        columns = self._ordering(base) | self._kept(base)
        names = [name for name, node in columns.items() if name[0] != "k" and self._ends(name, node)]
        return ", ".join(f"CAST({name} AS BIGINT) AS {name}" for name in (*names, f"s{base}"))

    def _carried(self, base: int | None) -> list[int]:
        return [] if base is None else [node for node in self._kept(base).values() if node is not None]

    def _layers(
        self, base: int | None, steps: list[int], wanted: tuple[int, ...], known: Mapping[int, str] | None = None
    ) -> tuple[list[str], str, dict[int, str]]:
        """Row rules over the input, or over what a step left, with the amounts after ``steps`` beside them."""
        first = f"t{base}" if base is not None else "facts"
        parts = [] if base is not None else [f"facts AS ({self._facts()})"]
        joined = [each for each in steps if each != base]
        amounts = "".join(f", CAST(coalesce(t{each}.s{each}, 0) AS BIGINT) AS s{each}" for each in joined)
        joins = "".join(f" LEFT JOIN t{each} ON {first}.row_no = t{each}.row_no" for each in joined)
        widened = f" REPLACE ({self._widened(base)})" if base is not None else ""
        parts.append(f"given AS (SELECT {first}.*{widened}{amounts} FROM {first}{joins})")
        more, last, names = layers(self.program, DUCKDB, "given", {**self._amounts(), **(known or {})}, wanted)
        return parts + more, last, names

    def _facts(self) -> str:
        found = self.readers
        chosen = [f"{found[name].value} AS {self._column(name)}" for name in (*self.plan.facts, *self.plan.keys)]
        fits = " AND ".join(f"({found[spec.name].fits(spec)})" for spec in self.facts if spec.kind != "key")
        rows = self.table.known.rows
        chosen += [f"{fits or 'TRUE'} AS fits", f"{as_narrow(self.table.row, (0, rows) if rows else None)} AS row_no"]
        return f"SELECT {', '.join(chosen)} FROM {self.table.name}"

    def _forget(self, number: int) -> None:
        """Drop what nobody reads any more."""
        later = [each for each in self.steps if each > number]
        read = {number, *self._steps_below(tuple(self.outputs.values()))}
        read |= {each for one in later for each in self._steps_below((self._cross(one).value,))}
        for each in self.steps:
            if each < number and each not in read:
                self._run(f"DROP TABLE IF EXISTS t{each}")

    def _run(self, text: str) -> None:
        self.table.connection.execute(text)

    def _one(self, text: str) -> tuple[int | None, ...]:
        return self.table.connection.execute(text).fetchone() or (None,)
