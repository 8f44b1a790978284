"""What changed between two policies: in words (entries by path, old and new) and in money over a population.

Words: every text of both files by its path; a line of a list with a name goes by its name. Money: the oracle
computes every case of a population under both, steps over rows included: who gains, who loses and how much.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from xiepai.policy import oracle
from xiepai.policy.api import Policy
from xiepai.policy.facts import number_of, show
from xiepai.policy.intervals import candidates
from xiepai.policy.ir import FactSpec, Program
from xiepai.policy.messages import Code, Diagnostic, PolicyError
from xiepai.policy.source import Mapping as Tree
from xiepai.policy.source import Sequence as Items
from xiepai.policy.source import Text
from xiepai.policy.source import Tree as AnyTree

MOST_ROWS = 200_000
SECTIONS = (
    *("policy", "issuer", "number", "status", "in_force", "result", "facts", "assume", "let"),
    *("require", "exclude", "measures", "then", "amendments"),
)


@dataclass(frozen=True)
class Change:
    """One entry: where, what it was and what it is now (nothing: not there). ``clause`` and ``text`` of its measure or
    step in the new file, or in the old one where it is gone."""

    path: str
    old: str | None
    new: str | None
    clause: str = ""
    text: str = ""

    @property
    def what(self) -> str:
        """``added``, ``removed`` or ``changed``."""
        return "added" if self.old is None else "removed" if self.new is None else "changed"


def words_changed(old: Policy, new: Policy) -> list[Change]:
    """Every entry that differs, in the order of the files; a measure that is new or gone is one change."""
    before, after = dict(_entries(old.root)), dict(_entries(new.root))
    found, whole = [], set()
    for path in dict.fromkeys([*after, *before]):
        if before.get(path) == after.get(path):
            continue
        part = tuple(path.split("\t")[:2])
        owner = "\t".join(part)
        if part[0] in ("measures", "require", "exclude", "then") and len(part) > 1:
            gone, fresh = not _has(after, owner), not _has(before, owner)
            if gone or fresh:
                if owner not in whole:
                    whole.add(owner)
                    found.append(_whole(owner, before if gone else after, gone))
                continue
        holder = after if _has(after, owner) else before
        said = (holder.get(f"{owner}\tclause", ""), holder.get(f"{owner}\ttext", ""))
        found.append(Change(_shown(path), before.get(path), after.get(path), *said))
    return found


def _has(entries: Mapping[str, str], owner: str) -> bool:
    return any(path == owner or path.startswith(f"{owner}\t") for path in entries)


def _whole(owner: str, entries: Mapping[str, str], gone: bool) -> Change:
    inner = {path.removeprefix(f"{owner}\t"): text for path, text in entries.items() if path.startswith(f"{owner}\t")}
    said = "; ".join(f"{_shown(name)}: {text}" for name, text in inner.items() if name not in ("clause", "text"))
    old, new = (said, None) if gone else (None, said)
    return Change(_shown(owner), old, new, inner.get("clause", ""), inner.get("text", ""))


def _shown(path: str) -> str:
    return path.replace("\t", ".").removeprefix("measures.")


def _entries(root: Tree) -> Iterator[tuple[str, str]]:
    for section in SECTIONS:
        if (tree := root.get(section)) is not None:
            yield from _flat(tree, section)


def _flat(tree: AnyTree, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(tree, Text):
        yield path, tree.text
    elif isinstance(tree, Items):
        for index, each in enumerate(tree.items, 1):
            name = each.get("name") or each.get("from") if isinstance(each, Tree) else None
            yield from _flat(each, f"{path}\t{name.text if isinstance(name, Text) else index}")
    else:
        for key, value in tree.pairs:
            yield from _flat(value, f"{path}\t{key.text}")


@dataclass
class Money:
    """Both totals over a population, in fen; how many gain and lose; the widest gain and loss."""

    rows: int = 0
    old_fen: int = 0
    new_fen: int = 0
    gain: int = 0
    gain_fen: int = 0
    lose: int = 0
    lose_fen: int = 0
    widest_gain: dict[str, Any] = field(default_factory=dict)
    widest_loss: dict[str, Any] = field(default_factory=dict)
    measures: list[dict[str, Any]] = field(default_factory=list)


def money_changed(old: Policy, new: Policy, rows: Sequence[Mapping[str, Any]], on: date | None = None) -> Money:
    """Every row under both; a row holds numbers (keys: any value) for the facts of both policies."""
    programs = old.at(_day(old, on)), new.at(_day(new, on))
    if any(program.result_kind != "money" for program in programs):
        raise PolicyError([Diagnostic(Code.WRONG_SHAPE, new.source.file, data={"name": "result", "wanted": "money"})])
    columns = [oracle.run(program, rows) for program in programs]
    results = [column[program.result.node] for column, program in zip(columns, programs, strict=True)]
    found = Money(len(rows), sum(results[0]), sum(results[1]))
    widest = [0, 0]
    for row, before, after in zip(rows, *results, strict=True):
        change = after - before
        if change > 0:
            found.gain, found.gain_fen = found.gain + 1, found.gain_fen + change
        elif change < 0:
            found.lose, found.lose_fen = found.lose + 1, found.lose_fen - change
        if change > widest[0]:
            widest[0], found.widest_gain = change, _told(programs[1], row, before, after)
        if change < widest[1]:
            widest[1], found.widest_loss = change, _told(programs[1], row, before, after)
    sums = [
        {each.name: sum(column[each.value.node]) // each.value.den for each in program.measures}
        for column, program in zip(columns, programs, strict=True)
    ]
    labels = {each.name: (each.zh, each.en) for program in programs for each in program.measures}
    for name in labels:
        before_fen, after_fen = (each.get(name) for each in sums)
        found.measures.append(
            {"name": name, "zh": labels[name][0], "en": labels[name][1], "old_fen": before_fen, "new_fen": after_fen}
        )
    return found


def _day(policy: Policy, on: date | None) -> date | None:
    return None if on is None else min(max(on, policy.start), policy.end)


def _told(program: Program, row: Mapping[str, Any], before: int, after: int) -> dict[str, Any]:
    facts = {
        spec.name: str(row[spec.name]) if spec.kind == "key" else show(spec, row[spec.name])
        for spec in program.facts
        if spec.kind == "key" or row[spec.name] != max(spec.low, 0)
    }
    return {"facts": facts, "old_fen": before, "new_fen": after}


def specs_of(*policies: Policy) -> dict[str, FactSpec]:
    """The facts of all policies; where two know one by the same name, it must be the same kind."""
    found: dict[str, FactSpec] = {}
    for policy in policies:
        for spec in policy.facts:
            mine = found.setdefault(spec.name, spec)
            if (mine.kind, mine.den, mine.choices) != (spec.kind, spec.den, spec.choices):
                data = {"left": mine.kind, "right": spec.kind, "action": "compare"}
                raise PolicyError([Diagnostic(Code.TYPE_MISMATCH, f"{policy.source.file} {spec.name}", data=data)])
    return found


def drawn(specs: Mapping[str, FactSpec], programs: Sequence[Program], count: int, seed: int) -> list[dict[str, Any]]:
    """A population from the declared ranges: half of the numbers at thresholds, half anywhere."""
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    near = {name: sorted({each for program in programs for each in _near(program, name)}) for name in specs}
    unique = {step.order[-1].fact for program in programs for step in program.cross_steps if step.order}
    return [
        {
            name: f"{place:07d}" if name in unique else _one(chance, spec, near[name], count)
            for name, spec in specs.items()
        }
        for place in range(count)
    ]


def _near(program: Program, name: str) -> list[int]:
    spec = program.by_name.get(name)
    return candidates(program, spec) if spec and spec.kind not in ("key", "yes/no") else []


def _one(chance: random.Random, spec: FactSpec, near: list[int], count: int) -> Any:
    if spec.kind == "key":
        return f"{chance.randrange(max(1, count // 3)):07d}"
    if spec.kind == "yes/no":
        return int(chance.random() < 0.6)
    if near and (spec.kind == "choice" or chance.random() < 0.5):
        return near[chance.randrange(len(near))]
    if spec.kind == "money" and spec.low >= 0:
        top = max(near[-2] if len(near) > 1 else spec.high, 1)
        return min(spec.high, max(spec.low, chance.randrange(2 * top + 1)))
    return chance.randint(spec.low, spec.high)


def read_rows(path: Path, specs: Mapping[str, FactSpec]) -> list[dict[str, Any]]:
    """A population from CSV: a column a fact, values as people write them; an empty cell is the default, no or 0."""
    rows: list[dict[str, Any]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, written in enumerate(csv.DictReader(file), 2):
                if len(rows) >= MOST_ROWS:
                    data = {"size": f"> {MOST_ROWS:,}", "limit": f"{MOST_ROWS:,}"}
                    raise PolicyError([Diagnostic(Code.TOO_LARGE, str(path), line, 1, data=data)])
                rows.append(_row(written, specs, str(path), line))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        detail = getattr(error, "strerror", None) or str(error)
        raise PolicyError([Diagnostic(Code.UNREADABLE, str(path), 1, 1, data={"detail": detail})]) from None
    return rows


def _row(written: Mapping[str | None, Any], specs: Mapping[str, FactSpec], file: str, line: int) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, spec in specs.items():
        value = str(written.get(name) or written.get(spec.zh) or "").strip()
        if spec.kind == "key":
            row[name] = value or f"row {line}"
        elif not value:
            row[name] = max(spec.low, 0) if spec.default is None else spec.default
        else:
            try:
                row[name] = number_of(spec, value)
            except PolicyError as error:
                found = error.diagnostics[0]
                raise PolicyError([Diagnostic(found.code, file, line, 1, data=found.data, hint=found.hint)]) from None
    return row
