"""A program as SQL: whole numbers only, one common table expression a layer, steps over rows as windows.

The dialects are printed here and nowhere translated: transpilers turn exact division into floating point. Names in
the text are ``f_fact``, ``k_key``, ``n12`` (node), ``s0`` (step), ``g0_1`` (group): no word of a policy file but
the names of its facts, which are plain identifiers, gets into a query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from xiepai.policy.ir import CrossStep, FactSpec, Node, Op, Program
from xiepai.policy.stages import LEAVES, Plan, Stage, grouping, plan, to_compute

ROW = "row_no"


@dataclass(frozen=True)
class Dialect:
    """What differs between engines. ``wide`` is a type that holds products of two 64-bit numbers."""

    name: str
    wide: str
    divide: Callable[[str, str], str]
    year: Callable[[str], str]
    count: Callable[[str], str]


DUCKDB = Dialect(
    "duckdb",
    "HUGEINT",
    lambda a, b: f"({a} // {b})",
    lambda days: f"year(DATE '1970-01-01' + CAST({days} AS INTEGER))",
    lambda truth: f"sum(CASE WHEN {truth} THEN 1 ELSE 0 END)",
)
SPARK = Dialect(
    "spark",
    "DECIMAL(38,0)",
    lambda a, b: f"({a} div {b})",
    lambda days: f"year(date_add(DATE '1970-01-01', CAST({days} AS INT)))",
    lambda truth: f"sum(CASE WHEN {truth} THEN 1 ELSE 0 END)",
)
_INFIX = {Op.ADD: "+", Op.SUB: "-", Op.MUL: "*", Op.LT: "<", Op.LE: "<=", Op.EQ: "="}


def query(
    program: Program, dialect: Dialect, source: str, columns: Mapping[str, str], outputs: Mapping[str, int],
    tie: str | None = None,
) -> str:  # fmt: skip
    """One SELECT over ``source``: the outputs by name, and every key the steps read.

    ``columns`` gives the expression of each fact and key in the source, as a whole number (yes/no: a truth value);
    ``tie`` is a last word on the order of rows (the row's number in its file).
    """
    printer = _Printer(plan(program, outputs.values()), dialect, tie is not None)
    printer.source(source, columns, tie)
    for stage in printer.plan.stages:
        printer.stage(stage)
        if stage.step is not None:
            printer.step(stage)
    chosen = output_columns(dialect, printer.plan.keys, {name: printer.known(node) for name, node in outputs.items()})
    row = [ROW] if tie is not None else []
    return printer.text() + f"\nSELECT {', '.join(row + chosen)} FROM {printer.last}"


def output_columns(dialect: Dialect, keys: Iterable[str], outputs: Mapping[str, str]) -> list[str]:
    """The columns of a result: every key, then the outputs, whose expressions are given by name."""
    names = [f"k_{name} AS {_quote(dialect, name)}" for name in keys if name not in outputs]
    return names + [f"{text} AS {_quote(dialect, name)}" for name, text in outputs.items()]


def layers(
    program: Program, dialect: Dialect, first: str, known: Mapping[int, str], wanted: tuple[int, ...]
) -> tuple[list[str], str, dict[int, str]]:
    """Row rules over the table ``first``, whose columns hold the facts and the nodes ``known``: table expressions, the
    name of the last, and how each node of ``wanted`` is read there.
    """
    stage = Stage(to_compute(program, wanted, known), wanted, None)
    printer = _Printer(Plan(program, wanted, (stage,), (), ()), dialect, False)
    printer.names, printer.last = dict(known), first
    printer.stage(stage)
    return printer.parts, printer.last, {index: printer.known(index) for index in wanted}


def expression(dialect: Dialect, node: Node, args: list[str], inner: list[Node]) -> str:
    """One node from its printed arguments.

    >>> half = Node(Op.FLOOR_DIV, (0,), 2, lo=-2, hi=3)
    >>> expression(DUCKDB, half, ["x"], [Node(Op.FACT, lo=-3, hi=7)])
    '((x // 2) - CASE WHEN x % 2 < 0 THEN 1 ELSE 0 END)'
    """
    if node.op is Op.FLOOR_DIV:
        whole = dialect.divide(args[0], str(node.k))
        return whole if inner[0].lo >= 0 else f"({whole} - CASE WHEN {args[0]} % {node.k} < 0 THEN 1 ELSE 0 END)"
    if node.op in (Op.AND, Op.OR):
        return f"({_truth(args[0], inner[0])} {node.op.upper()} {_truth(args[1], inner[1])})"
    if node.op is Op.NOT:
        return f"(NOT {_truth(args[0], inner[0])})"
    if node.op is Op.IF:
        yes, no = args[1:] if node.is_bool else (_number(args[1], inner[1]), _number(args[2], inner[2]))
        return f"CASE WHEN {_truth(args[0], inner[0])} THEN {yes} ELSE {no} END"
    if node.op in (Op.MIN, Op.MAX):
        name = "least" if node.op is Op.MIN else "greatest"
        return f"{name}({_number(args[0], inner[0])}, {_number(args[1], inner[1])})"
    if node.op is Op.EQ and inner[0].is_bool and inner[1].is_bool:
        return f"({args[0]} = {args[1]})"
    return f"({_number(args[0], inner[0])} {_INFIX[node.op]} {_number(args[1], inner[1])})"


def constant(node: Node) -> str:
    """A constant; always 64 bits, so that no engine chooses a narrower type and overflows it."""
    if node.is_bool:
        return "TRUE" if node.k else "FALSE"
    return f"CAST({node.k} AS BIGINT)"


def _truth(text: str, node: Node) -> str:
    return text if node.is_bool else f"({text} <> 0)"


def _number(text: str, node: Node) -> str:
    return f"CAST({text} AS BIGINT)" if node.is_bool else text


def _quote(dialect: Dialect, name: str) -> str:
    mark = "`" if dialect.name == "spark" else '"'
    return mark + name.replace(mark, mark * 2) + mark


class _Printer:
    def __init__(self, found: Plan, dialect: Dialect, has_row: bool) -> None:
        self.plan, self.dialect, self.has_row = found, dialect, has_row
        self.parts: list[str] = []
        self.last = ""
        self.names: dict[int, str] = {}
        self.groups: dict[tuple[str, bool], str] = {}

    def text(self) -> str:
        return "WITH " + ",\n".join(self.parts)

    def add(self, name: str, body: str) -> None:
        self.parts.append(f"{name} AS ({body})")
        self.last = name

    def known(self, index: int) -> str:
        """How a node is read now: a column, a fact, a constant."""
        node = self.plan.node(index)
        if node.op is Op.CONST:
            return constant(node)
        return f"f_{node.fact}" if node.op is Op.FACT else self.names[index]

    def source(self, source: str, columns: Mapping[str, str], tie: str | None) -> None:
        chosen = [f"{columns[name]} AS f_{name}" for name in self.plan.facts]
        chosen += [f"{columns[name]} AS k_{name}" for name in self.plan.keys]
        chosen += [f"{tie} AS {ROW}"] if tie is not None else []
        self.add("facts", f"SELECT {', '.join(chosen or ['1 AS nothing'])} FROM {source}")

    def stage(self, stage: Stage) -> None:
        """The row rules of a stage, in layers: a node read twice is a column, computed before its readers."""
        uses, read_twice = self.plan.uses(stage), self._read_twice(stage)
        inline: dict[int, str] = {}
        level: dict[int, int] = {}
        layers: dict[int, list[tuple[int, str]]] = {}
        for index in stage.nodes:
            node = self.plan.node(index)
            args = [inline.get(arg) or self.known_or_named(arg) for arg in node.args]
            text = expression(self.dialect, node, args, [self.plan.node(arg) for arg in node.args])
            level[index] = max((level.get(arg, 0) for arg in node.args), default=0)
            if uses.get(index, 0) > 1 or index in stage.frontier or index in read_twice:
                layers.setdefault(level[index], []).append((index, text))
                level[index] += 1
            else:
                inline[index] = text
        number = len(self.parts)
        for depth, each in sorted(layers.items()):
            self.names |= {index: f"n{index}" for index, _text in each}
            self.add(f"q{number}_{depth}", f"SELECT *, {', '.join(f'{t} AS n{i}' for i, t in each)} FROM {self.last}")

    def known_or_named(self, index: int) -> str:
        node = self.plan.node(index)
        return self.known(index) if node.op in LEAVES or index in self.names else f"n{index}"

    def _read_twice(self, stage: Stage) -> set[int]:
        """A floor division of a number that may be negative reads its argument twice."""
        divisions = [self.plan.node(index) for index in stage.nodes if self.plan.node(index).op is Op.FLOOR_DIV]
        return {node.args[0] for node in divisions if self.plan.node(node.args[0]).lo < 0}

    def _carried(self, stage: Stage) -> list[str]:
        later = [each for each in self.plan.stages if each.step is not None and each.step >= (stage.step or 0)]
        columns = [name for each in later for name in self._keys(self.plan.cross(each))]
        columns += [f"k_{name}" for name in self.plan.keys] + ([ROW] if self.has_row else [])
        columns += [self.known(index) for index in stage.frontier if self.plan.node(index).op is not Op.CONST]
        return list(dict.fromkeys(columns))

    def _keys(self, step: CrossStep) -> list[str]:
        columns = [self._column(each.fact) for each in step.order]
        return columns + [self._column(name) for name, _year in grouping(step)]

    def _column(self, name: str) -> str:
        return f"k_{name}" if name in self.plan.keys else f"f_{name}"

    def step(self, stage: Stage) -> None:
        """A step over rows: windows, then the amount after it as ``s0``."""
        step, number = self.plan.cross(stage), stage.step
        value = self.known(step.value)
        carried = ", ".join(self._carried(stage))
        self.add(f"b{number}", f"SELECT {carried}, {value} AS v{number} FROM {self.last}")
        parts = [self.dialect.year(self._column(name)) if year else self._column(name) for name, year in grouping(step)]
        partition = f"PARTITION BY {', '.join(parts)}" if parts else ""
        order = [self._column(each.fact) + (" DESC" if each.descending else "") for each in step.order]
        order += [ROW] if self.has_row else []
        {"highest": self._highest, "quota": self._quota, "cap": self._cap, "share": self._share}[step.kind](
            step, carried, f"v{number}", f"s{number}", partition, order
        )
        for index, node in enumerate(self.plan.program.nodes):
            if node.op is Op.STEP and node.k == number:
                self.names[index] = f"s{number}"

    def _window(self, partition: str, order: Iterable[str], running: bool = True) -> str:
        rows = " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW" if running else ""
        return f"OVER ({partition} ORDER BY {', '.join(order) or '1'}{rows})"

    def _highest(self, _step: CrossStep, carried: str, v: str, s: str, partition: str, order: list[str]) -> None:
        place = f"row_number() {self._window(partition, [f'{v} DESC', *order], False)}"
        self.add(f"w{s}", f"SELECT {carried}, CASE WHEN {place} = 1 THEN {v} ELSE 0 END AS {s} FROM {self.last}")

    def _quota(self, step: CrossStep, carried: str, v: str, s: str, partition: str, order: list[str]) -> None:
        place = f"{self.dialect.count(f'{v} > 0')} {self._window(partition, order)}"
        after = f"CASE WHEN {place} <= {step.limit} THEN {v} ELSE 0 END"
        self.add(f"w{s}", f"SELECT {carried}, {after} AS {s} FROM {self.last}")

    def _cap(self, step: CrossStep, carried: str, v: str, s: str, partition: str, order: list[str]) -> None:
        running = f"sum({self._wide(v)}) {self._window(partition, order)}"
        self.add(f"w{s}", f"SELECT *, {running} AS r{s} FROM {self.last}")
        limit = self._wide(str(step.limit))
        left = f"CAST(least({self._wide(v)}, greatest({limit} - (r{s} - {v}), 0)) AS BIGINT)"
        after = left if step.overrun == "part" else f"CASE WHEN r{s} <= {limit} THEN {v} ELSE 0 END"
        self.add(f"x{s}", f"SELECT {carried}, {after} AS {s} FROM {self.last}")

    def _wide(self, text: str) -> str:
        return f"CAST({text} AS {self.dialect.wide if self.dialect.name == 'duckdb' else 'DECIMAL(19,0)'})"

    def _share(self, step: CrossStep, carried: str, v: str, s: str, partition: str, order: list[str]) -> None:
        """Pro rata in whole units; what is left goes one unit each to the first or the largest remainders."""
        total = self._total(s, f"sum({self._wide(v)})", "total", partition)
        product, parts = f"({self._wide(v)} * {self._wide(str(step.limit))})", f"({total} * {step.unit})"
        if step.remainder == "kept":
            share = f"CAST({self.dialect.divide(product, parts)} AS BIGINT) * {step.unit}"
            after = f"CASE WHEN {total} <= {step.limit} THEN {v} ELSE {share} END"
            self.add(f"y{s}", f"SELECT {carried}, {after} AS {s} FROM {self.last}")
            return
        units = (
            f"CASE WHEN {total} <= {step.limit} THEN 0 ELSE CAST({self.dialect.divide(product, parts)} AS BIGINT) END"
        )
        rest = f"CASE WHEN {total} <= {step.limit} THEN 0 ELSE {product} % {parts} END"
        self.add(f"x{s}", f"SELECT *, {units} AS u{s}, {rest} AS r{s} FROM {self.last}")
        given = self._total(f"u{s}", f"sum(u{s})", "given", partition)
        first = [
            f"CASE WHEN {v} > 0 THEN 0 ELSE 1 END",
            *([f"r{s} DESC"] if step.remainder == "largest" else []),
            *order,
        ]
        place = f"row_number() {self._window(partition, first, False)}"
        self.add(f"y{s}", f"SELECT *, {place} AS p{s} FROM {self.last}")
        more = f"CASE WHEN {v} > 0 AND p{s} <= {step.limit // step.unit} - {given} THEN 1 ELSE 0 END"
        after = f"CASE WHEN {total} <= {step.limit} THEN {v} ELSE (u{s} + {more}) * {step.unit} END"
        self.add(f"z{s}", f"SELECT {carried}, {after} AS {s} FROM {self.last}")

    def _total(self, s: str, total: str, name: str, partition: str) -> str:
        """The total of a group beside each of its rows."""
        column = f"{name}_{s}"
        self.add(f"t{s}", f"SELECT *, {total} OVER ({partition}) AS {column} FROM {self.last}")
        return column


def fact_kinds(found: Plan) -> list[FactSpec]:
    """The facts and keys a plan reads."""
    return [found.program.by_name[name] for name in (*found.facts, *found.keys)]
