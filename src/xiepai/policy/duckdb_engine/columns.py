"""Columns of a population as the whole numbers a program reads: which types are accepted and how each is read.

Whole numbers are taken as they are (money: fen; a share: its numerator; a choice: its place; a date: days since
1970-01-01); yes/no also as BOOLEAN or words, a choice as its name or label, a date as DATE. A number with a decimal
point is refused: it would be a guess whether it means yuan, and a float has already lost its fen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xiepai.policy.duckdb_engine.session import quoted
from xiepai.policy.ir import FactSpec

_WHOLE = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"}
)
_YES, _NO = ("yes", "true", "是", "1"), ("no", "false", "否", "0")


class PopulationError(Exception):
    """A population does not fit the policy: what is wrong with which column."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How SQL reads a column as the numbers of its fact, and the condition that a cell can be read (NULL is no).

    ``column`` is the column's own name in the input, empty where there is none.
    """

    value: str
    readable: str
    column: str = ""

    def fits(self, spec: FactSpec) -> str:
        """The condition that a cell can be read and lies in the range of its fact; NULL is no."""
        if spec.kind in ("key", "yes/no"):
            return self.readable
        inside = f"{self.value} BETWEEN {spec.low} AND {spec.high}"
        return inside if self.readable == f"{self.value} IS NOT NULL" else f"({self.readable}) AND {inside}"


def readers(facts: list[FactSpec], types: Mapping[str, str]) -> dict[str, Reader]:
    """The reader of each fact and key; every misfit is told at once."""
    found, wrong = {}, []
    for spec in facts:
        try:
            found[spec.name] = _reader(spec, types)
        except PopulationError as error:
            wrong.append(str(error))
    if wrong:
        raise PopulationError("\n".join(wrong))
    return found


def _reader(spec: FactSpec, types: Mapping[str, str]) -> Reader:
    name = next((each for each in (spec.name, spec.zh, spec.en) if each in types), None)
    if name is None:
        if spec.default is None:
            raise PopulationError(f"column {spec.name} ({spec.zh}) is missing and has no default value")
        return Reader(_default(spec), "TRUE")
    column = '"' + name.replace('"', '""') + '"'
    if spec.kind == "key":
        return Reader(column, "TRUE", name)
    text = _typed(spec, column, types[name])
    # One comparison instead of a CASE: reading truth values took an eighth of the first pass.
    is_digit = spec.kind == "yes/no" and types[name] in _WHOLE
    readable = f"{column} BETWEEN 0 AND 1" if is_digit else f"{text} IS NOT NULL"
    if spec.default is None:
        return Reader(text, readable, name)
    return Reader(f"coalesce({text}, {_default(spec)})", f"{column} IS NULL OR {readable}", name)


def _default(spec: FactSpec) -> str:
    if spec.kind == "yes/no":
        return "TRUE" if spec.default else "FALSE"
    return f"CAST({spec.default} AS BIGINT)"


def _typed(spec: FactSpec, column: str, kind: str) -> str:
    whole, words = kind in _WHOLE, kind in ("VARCHAR",) or kind.startswith("ENUM")
    if spec.kind == "yes/no":
        if kind == "BOOLEAN":
            return column
        if whole:
            return f"({column} = 1)"
        if words:
            yes, no = (", ".join(quoted(each) for each in group) for group in (_YES, _NO))
            lower = f"lower(trim(CAST({column} AS VARCHAR)))"
            return f"CASE WHEN {lower} IN ({yes}) THEN TRUE WHEN {lower} IN ({no}) THEN FALSE END"
    elif whole:
        return f"TRY_CAST({column} AS BIGINT)"
    elif spec.kind == "date" and kind == "DATE":
        return f"CAST({column} - DATE '1970-01-01' AS BIGINT)"
    elif spec.kind == "choice" and words:
        return _choice(spec, f"CAST({column} AS VARCHAR)")
    wanted = {"yes/no": "BOOLEAN or 0/1", "date": "DATE", "choice": "a name of the list or its place"}.get(spec.kind)
    unit = " of fen" if spec.kind == "money" else f" over {spec.den}" if spec.den > 1 else ""
    raise PopulationError(f"column {spec.name} ({spec.zh}) is {kind}; wanted: {wanted or f'whole numbers{unit}'}")


def _choice(spec: FactSpec, column: str) -> str:
    labels = spec.choice_labels or spec.choices
    cases = " ".join(
        f"WHEN {quoted(word)} THEN CAST({place} AS BIGINT)"
        for place, pair in enumerate(zip(spec.choices, labels, strict=True))
        for word in dict.fromkeys(pair)
    )
    return f"CASE {column} {cases} END"


def check(spec: FactSpec, low: int | None, high: int | None, missing: int) -> str | None:
    """What is wrong with a column whose least, greatest and number of empty or unreadable cells are known."""
    if missing:
        return f"column {spec.name} ({spec.zh}): {missing} cells are empty or cannot be read"
    if low is not None and high is not None and not (spec.low <= low and high <= spec.high):
        outside = low if low < spec.low else high
        return f"column {spec.name} ({spec.zh}): {outside} is outside {spec.low} .. {spec.high}"
    return None
