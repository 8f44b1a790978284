"""Steps over rows on tables: first the groups that change at all, then only these in order.

The input is the table ``i0`` (of step 0) with a row's number, the columns the step groups and orders by, and the
amount ``v``; it becomes ``t0`` with the amount after the step as ``s0``. Rows at zero may be left out. Most groups stay
within their limit: they are found by one aggregate and taken over as they are. A total over all rows is one number of
the query.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import duckdb

from xiepai.policy.ir import LIMIT, CrossStep
from xiepai.policy.sql import DUCKDB
from xiepai.policy.stages import grouping

_BINS = 4096


@dataclass(frozen=True)
class _Step:
    """A step over rows in the words of its tables. ``highest``: no amount before the step is above it."""

    connection: duckdb.DuckDBPyConnection
    step: CrossStep
    number: int
    parts: tuple[str, ...]
    order: str
    highest: int

    @property
    def before(self) -> str:
        return f"i{self.number}"

    @property
    def rows(self) -> str:
        return f"(SELECT * FROM {self.before} WHERE v > 0) AS r"

    @property
    def after(self) -> str:
        return f"t{self.number}"

    @property
    def amount(self) -> str:
        return f"s{self.number}"

    def run(self, text: str) -> None:
        self.connection.execute(text)

    def one(self, text: str) -> int:
        found = self.connection.execute(text).fetchone()
        return int(found[0] or 0) if found else 0

    def keep(self, name: str, text: str) -> None:
        self.run(f"CREATE TEMP TABLE {name} AS {text}")

    def drop(self, *names: str) -> None:
        for name in names:
            self.run(f"DROP TABLE {name}")

    def finish(self, text: str) -> None:
        """The rows after the step: those above zero of a SELECT with ``v`` as their amount."""
        self.keep(self.after, f"SELECT * EXCLUDE (v), v AS {self.amount} FROM ({text}) WHERE v > 0")
        self.drop(self.before)

    def unchanged(self) -> None:
        """The rows after the step are those before it."""
        self.run(f"ALTER TABLE {self.before} RENAME COLUMN v TO {self.amount}")
        self.run(f"ALTER TABLE {self.before} RENAME TO {self.after}")

    def groups(self, more: str) -> str:
        """The start of a SELECT of groups: their columns are ``p0``, ``p1``, …"""
        return f"SELECT {''.join(f'{part} AS p{place}, ' for place, part in enumerate(self.parts))}{more}"

    def grouped(self) -> str:
        return f"GROUP BY {', '.join(self.parts)}"

    def on(self, groups: str, *, is_table: bool = True) -> str:
        """A row belongs to a group. An empty key is a key; where no group has one, equality is quicker."""
        empty = " OR ".join(f"p{place} IS NULL" for place in range(len(self.parts)))
        has_empty = not is_table or self.one(f"SELECT count(*) FROM {groups} WHERE {empty}") > 0
        same = "IS NOT DISTINCT FROM" if has_empty else "="
        return " AND ".join(f"{part} {same} {groups}.p{place}" for place, part in enumerate(self.parts))

    def window(self, order: str) -> str:
        partition = f"PARTITION BY {', '.join(self.parts)} " if self.parts else ""
        return f"OVER ({partition}ORDER BY {order} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"


def carry_out(
    connection: duckdb.DuckDBPyConnection, step: CrossStep, number: int, column: Callable[[str], str], highest: int
) -> None:
    """One step: ``i0`` becomes ``t0``."""
    parts = [DUCKDB.year(column(name)) if year else column(name) for name, year in grouping(step)]
    order = [column(each.fact) + (" DESC" if each.descending else "") for each in step.order]
    one = _Step(connection, step, number, tuple(parts), ", ".join([*order, "row_no"]), highest)
    {"highest": _highest, "quota": _first_come, "cap": _first_come, "share": _share}[step.kind](one)


def _highest(one: _Step) -> None:
    """The highest of each group by an aggregate; only where several rows have it does the order decide."""
    if not one.parts:
        one.finish(f"SELECT * FROM {one.rows} ORDER BY v DESC, {one.order} LIMIT 1")
        return
    one.keep("best", f"{one.groups('max(v) AS most')} FROM {one.rows} {one.grouped()}")
    one.finish(f"SELECT r.* FROM {one.rows} JOIN best ON v = most AND {one.on('best')}")
    if one.one(f"SELECT count(*) FROM {one.after}") > one.one("SELECT count(*) FROM best"):
        several = f"{one.groups('count(*) AS n')} FROM {one.after} {one.grouped()} HAVING count(*) > 1"
        place = f"row_number() {one.window(one.order)} AS place"
        rows = f"SELECT row_no, {place} FROM {one.after} SEMI JOIN ({several}) AS g ON {one.on('g', is_table=False)}"
        one.run(f"DELETE FROM {one.after} WHERE row_no IN (SELECT row_no FROM ({rows}) WHERE place > 1)")
    one.drop("best")


def _first_come(one: _Step) -> None:
    """A quota or a cap: groups within it stay as they are, the others are gone through in order."""
    step = one.step
    if step.kind == "quota":
        taken, after = "count(*)", f"CASE WHEN running <= {step.limit} THEN v ELSE 0 END"
    else:
        taken, after = "sum(v)", f"CASE WHEN running <= {step.limit} THEN v ELSE 0 END"
        if step.overrun == "part":
            after = f"CAST(least(v, greatest({_wide(step.limit)} - (running - v), 0)) AS BIGINT)"
    running = f"{taken} {one.window(one.order)} AS running"
    changed = f"SELECT * EXCLUDE (running) REPLACE ({after} AS v) FROM (SELECT *, {running} FROM "
    if not one.parts:
        if one.one(f"SELECT {taken} FROM {one.rows}") <= step.limit:
            one.unchanged()
        else:
            one.finish(f"{changed}{one.rows})")
        return
    one.keep("over", f"{one.groups('1 AS one')} FROM {one.rows} {one.grouped()} HAVING {taken} > {step.limit}")
    _only_over(one, f"{changed}{one.rows} SEMI JOIN over ON {one.on('over')})")


def _only_over(one: _Step, changed: str) -> None:
    """The groups in ``over`` are replaced by a SELECT of their rows, the others stay."""
    if one.one("SELECT count(*) FROM over"):
        one.finish(f"SELECT * FROM {one.rows} ANTI JOIN over ON {one.on('over')} UNION ALL {changed}")
    else:
        one.unchanged()
    one.drop("over")


def _wide(number: int) -> str:
    return f"CAST({number} AS HUGEINT)"


def _share(one: _Step) -> None:
    """Pro rata in whole units: over all rows with the total as a number, by groups only those over their limit."""
    step = one.step
    if one.parts:
        total = f"{one.groups('sum(v) AS total')} FROM {one.rows} {one.grouped()} HAVING sum(v) > {step.limit}"
        one.keep("over", total)
        _only_over(one, _share_groups(one))
    elif (sum_of_all := one.one(f"SELECT sum(v) FROM {one.rows}")) <= step.limit:
        one.unchanged()
    else:
        _share_all(one, sum_of_all)


def _share_groups(one: _Step) -> str:
    step, product = one.step, f"(CAST(v AS HUGEINT) * {_wide(one.step.limit)})"
    units = f"CAST({product} // (total * {step.unit}) AS BIGINT) AS units"
    rest = f"{product} % (total * {step.unit}) AS rest"
    text = f"SELECT r.*, {units}, {rest} FROM {one.rows} JOIN over ON {one.on('over')}"
    if step.remainder == "kept":
        return f"SELECT * EXCLUDE (units, rest) REPLACE (units * {step.unit} AS v) FROM ({text})"
    order = f"rest DESC, {one.order}" if step.remainder == "largest" else one.order
    given = f"sum(units) OVER (PARTITION BY {', '.join(one.parts)}) AS given"
    text = f"SELECT *, row_number() {one.window(order)} AS place, {given} FROM ({text})"
    more = f"CASE WHEN place <= {step.limit // step.unit} - given THEN 1 ELSE 0 END"
    return f"SELECT * EXCLUDE (units, rest, place, given) REPLACE ((units + {more}) * {step.unit} AS v) FROM ({text})"


def _share_all(one: _Step, total: int) -> None:
    """Over all rows: units and remainders; which rows get one unit more is known but for one bin of remainders."""
    step, parts = one.step, total * one.step.unit
    wide = "BIGINT" if one.highest * step.limit <= LIMIT and parts <= LIMIT else "HUGEINT"
    product = f"(CAST(v AS {wide}) * CAST({step.limit} AS {wide}))"
    divisor = f"CAST({parts} AS {wide})"
    text = f"SELECT *, CAST({product} // {divisor} AS BIGINT) AS units, {product} % {divisor} AS rest FROM {one.rows}"
    if step.remainder == "kept":
        one.finish(f"SELECT * EXCLUDE (units, rest) REPLACE (units * {step.unit} AS v) FROM ({text})")
        return
    one.keep("shares", text)
    left = step.limit // step.unit - one.one("SELECT sum(units) FROM shares")
    more = "FALSE"
    where, order = "TRUE", one.order
    if step.remainder == "largest":
        bins = f"rest // CAST({parts // _BINS + 1} AS {wide})"
        last, left = _last_bin(one, bins, left)
        more, where, order = f"{bins} > {last}", f"{bins} = {last}", f"rest DESC, {one.order}"
    one.keep("first", f"SELECT row_no AS number FROM shares WHERE {where} ORDER BY {order} LIMIT {left}")
    paid = f"(units + CASE WHEN {more} OR number IS NOT NULL THEN 1 ELSE 0 END) * {step.unit}"
    one.finish(
        f"SELECT * EXCLUDE (units, rest, number) REPLACE ({paid} AS v) FROM shares LEFT JOIN first ON row_no = number"
    )
    one.drop("shares", "first")


def _last_bin(one: _Step, bins: str, places: int) -> tuple[int, int]:
    """The bin of remainders in which the places run out, and how many are left for it."""
    found = one.connection.execute(f"SELECT {bins} AS bin, count(*) FROM shares GROUP BY bin ORDER BY bin DESC")
    for place, count in found.fetchall():
        if count >= places:
            return int(place), places
        places -= count
    return -1, 0
