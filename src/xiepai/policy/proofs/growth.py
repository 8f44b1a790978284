"""What happens when one fact changes and nothing else: more lowers, yes lowers, one unit moves a lot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xiepai.policy.facts import show
from xiepai.policy.ir import Condition, FactSpec, Op, Value
from xiepai.policy.proofs import shape
from xiepai.policy.proofs.asking import Asking, settled
from xiepai.policy.proofs.findings import Finding, Kind, Status, money
from xiepai.policy.proofs.search import Facts
from xiepai.policy.proofs.shape import Way
from xiepai.policy.proofs.terms import either, negated

CLIFF_FEN = 1_000_000
_MEASURED = ("money", "number", "days", "date")
_MOST_CLIFFS = 8


def growth(asking: Asking) -> Iterator[Finding]:
    """For every fact with an order: more of it never lowers a measure or the award."""
    known = _declared(asking)
    for spec in asking.program.facts:
        if spec.kind not in (*_MEASURED, "yes/no"):
            continue
        directions = shape.ways(asking.program, spec.name)
        kind = Kind.YES_NEVER_LOWERS if spec.kind == "yes/no" else Kind.MORE_NEVER_LOWERS
        shown: list[tuple[Facts, Facts]] = []
        for name, words, value in asking.targets(spec.name):
            data = {"fact": (spec.zh, spec.en), "name": spec.name}
            answer = _lowered(asking, spec, value, directions[value.node], shown)
            shown += [answer] if isinstance(answer, tuple) else []
            cases = (
                tuple(asking.search.case(each, value, [spec.name]) for each in answer)
                if isinstance(answer, tuple)
                else ()
            )
            status = Status.REFUTED if cases else settled(False if answer is False else None)
            expected = known.get(spec.name, "") if status is Status.REFUTED else ""
            yield Finding(kind, status, name, words, data, cases, expected)


def _declared(asking: Asking) -> dict[str, str]:
    """Facts that are meant to lower an award: used in exclusions or deductions and nowhere else; dates."""
    found = {spec.name: "date" for spec in asking.program.facts if spec.kind == "date"}
    used_for: dict[str, set[str]] = {}
    for measure in asking.program.measures:
        parts = [(_refuses(asking, each), each.node) for each in measure.conditions]
        parts.append(("formula", measure.raw.node))
        parts += [
            ("deduction" if each.what == "less" else "change", each.limit.node)
            for each in measure.changes
            if each.limit
        ]
        for what, node in parts:
            for name in asking.depends[node]:
                used_for.setdefault(name, set()).add(what)
    for step in asking.program.steps:
        if step.what == "less":
            for name in asking.depends[step.after.node] - asking.depends[step.before.node]:
                used_for.setdefault(name, set()).add("deduction")
    for name, uses in used_for.items():
        if len(uses) == 1 and uses <= {"exclusion", "deduction"}:
            found[name] = next(iter(uses))
    return found


def _refuses(asking: Asking, condition: Condition) -> str:
    """What a condition is: one that only says "not this" is an exclusion."""
    node = asking.program.nodes[condition.node]
    plain = node.op is Op.NOT and asking.program.nodes[node.args[0]].op is Op.FACT
    return "exclusion" if plain or (condition.clause and condition.text.startswith("not (")) else "condition"


def _lowered(
    asking: Asking, spec: FactSpec, value: Value, way: Way, shown: list[tuple[Facts, Facts]]
) -> tuple[Facts, Facts] | bool | None:
    """Two cases, the second with more of the fact and less for it; False if there are none. ``shown``: what a part of
    the award was lowered by, which often lowers the award."""
    worse = asking.is_choice
    if way is Way.FLAT or way is (Way.DOWN if worse else Way.UP):
        asking.by["shape"] += 1
        return False
    search = asking.search
    lower = (pair for pair in shown if search.number(pair[1], value.node) < search.number(pair[0], value.node))
    tried = next(lower, None) or _tried(asking, spec, value.node, worse)
    if tried:
        asking.by["tried"] += 1
        return tried
    node = value.node

    def claim(before: Any, after: Any, x: Any, y: Any) -> list[Any]:
        more = [negated(x), y] if spec.kind == "yes/no" else [x < y]
        return [*more, after[node] > before[node] if worse else after[node] < before[node]]

    answer = asking.pair(spec.name, claim)
    if not isinstance(answer, dict):
        return answer
    later = answer.pop(f"{spec.name}'")
    return _smaller(asking, answer, spec.name, later, node, worse)


def _tried(asking: Asking, spec: FactSpec, node: int, worse: bool) -> tuple[Facts, Facts] | None:
    search = asking.search
    options = search.options[spec.name]
    for facts in search.likely():
        numbers = [search.number({**facts, spec.name: option}, node) for option in options]
        for place in range(len(options) - 1):
            fell = numbers[place + 1] - numbers[place]
            if (fell > 0) if worse else (fell < 0):
                start = {**facts, spec.name: options[place]}
                return _smaller(asking, start, spec.name, options[place + 1], node, worse)
    return None


def _smaller(asking: Asking, facts: Facts, name: str, later: int, node: int, worse: bool) -> tuple[Facts, Facts]:
    """The two cases with as little in them as shows it."""
    search, first = asking.search, facts[name]

    def holds(tried: Facts) -> bool:
        one, other = ({**tried, name: number} for number in (first, later))
        fell = search.number(other, node) - search.number(one, node)
        return fell > 0 if worse else fell < 0

    small = search.smaller(facts, holds)
    return {**small, name: first}, {**small, name: later}


def cliffs(asking: Asking, limit_fen: int = CLIFF_FEN) -> Iterator[Finding]:
    """For every measured fact: where one unit more moves the award by more than the limit."""
    if asking.is_choice:
        return
    for spec in asking.program.facts:
        name, words, value = asking.whole
        if spec.kind not in _MEASURED or spec.name not in asking.depends[value.node]:
            continue
        found, status = _jumps(asking, spec, value, limit_fen)
        data = {"fact": (spec.zh, spec.en), "name": spec.name, "limit": money(limit_fen)}
        if not found:
            yield Finding(Kind.NO_CLIFF, status, name, words, data)
        for number, (before, after) in sorted(found.items()):
            jump = asking.search.number(after, value.node) - asking.search.number(before, value.node)
            at = {"at": (show(spec, number), show(spec, number, "en")), "jump": money(jump), "jump_fen": jump}
            at |= {"complete": status is not Status.UNKNOWN}
            cases = tuple(asking.search.case(each, value, [spec.name]) for each in (before, after))
            yield Finding(
                Kind.NO_CLIFF, Status.REFUTED, name, words, data | at, cases, "date" if spec.kind == "date" else "step"
            )


def _jumps(asking: Asking, spec: FactSpec, value: Value, limit: int) -> tuple[dict[int, tuple[Facts, Facts]], Status]:
    """Where it jumps, and whether it is proven that it jumps nowhere else."""
    search, name, node = asking.search, spec.name, value.node
    directions = shape.ways(asking.program, name)
    turning = shape.turning_points(
        asking.program, name, directions, asking.depends, lambda index, number: search.alone(index, name, number)
    )
    points = sorted({point for each in turning.values() for point in each if spec.low <= point < spec.high})
    found = {}
    for point in points[:200]:
        if pair := _jump_at(asking, name, point, node, limit):
            found[point + 1] = pair
    if shape.steepest(asking.program, name, turning.keys())[node] <= limit:
        asking.by["shape"] += 1
        return found, Status.PROVEN
    return _elsewhere(asking, spec, node, limit, points, found)


def _elsewhere(
    asking: Asking, spec: FactSpec, node: int, limit: int, points: list[int], found: dict[int, tuple[Facts, Facts]]
) -> tuple[dict[int, tuple[Facts, Facts]], Status]:
    """Jumps that hang on another fact as well (a share, a part of a sum): one of them is shown."""
    if pair := _jump_tried(asking, spec, node, limit, points):
        asking.by["tried"] += 1
        return found | {pair[1][spec.name]: pair}, Status.UNKNOWN

    def claim(before: Any, after: Any, x: Any, y: Any) -> list[Any]:
        moved = after[node] - before[node]
        return [y == x + 1, either(moved > limit, moved < -limit), *(x != point for point in points)]

    answer = asking.pair(spec.name, claim)
    if isinstance(answer, dict):
        later = answer.pop(f"{spec.name}'")
        before, after = _smallest_jump(asking, answer, spec.name, later, node, limit)
        return found | {later: (before, after)}, Status.UNKNOWN
    return found, Status.PROVEN if answer is False else Status.UNKNOWN


def _jump_tried(asking: Asking, spec: FactSpec, node: int, limit: int, points: list[int]) -> tuple[Facts, Facts] | None:
    """A case of the pool that one more unit moves by more than the limit, away from the turning points."""
    search = asking.search
    options = [each for each in search.options[spec.name] if each < spec.high and each not in points]
    for facts in search.likely():
        for option in options:
            one, other = (search.number({**facts, spec.name: number}, node) for number in (option, option + 1))
            if abs(other - one) > limit:
                return _smallest_jump(asking, {**facts, spec.name: option}, spec.name, option + 1, node, limit)
    return None


def _jump_at(asking: Asking, name: str, point: int, node: int, limit: int) -> tuple[Facts, Facts] | None:
    """The case of the pool in which one more unit at a point moves the award most."""
    search = asking.search
    best: tuple[int, Facts] | None = None
    for facts in search.pool:
        one, other = (search.number({**facts, name: number}, node) for number in (point, point + 1))
        moved = abs(other - one)
        if moved > limit and (best is None or moved > best[0]):
            best = moved, facts
    if best is None:
        return None
    return _smallest_jump(asking, best[1] | {name: point}, name, point + 1, node, best[0] - 1)


def _smallest_jump(asking: Asking, facts: Facts, name: str, later: int, node: int, limit: int) -> tuple[Facts, Facts]:
    search, first = asking.search, facts[name]

    def holds(tried: Facts) -> bool:
        one, other = (search.number({**tried, name: number}, node) for number in (first, later))
        return abs(other - one) > limit

    small = search.smaller(facts, holds)
    return {**small, name: first}, {**small, name: later}
