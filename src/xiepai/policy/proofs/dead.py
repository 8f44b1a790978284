"""What stands in the file and does nothing: conditions that never decide, tiers, caps and rules never reached."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from xiepai.policy.facts import amount, show
from xiepai.policy.ir import Measure, Op
from xiepai.policy.proofs.asking import Asking
from xiepai.policy.proofs.findings import Finding, Kind, Status
from xiepai.policy.proofs.terms import negated
from xiepai.policy.speaking import spoken

_MIRROR = {"<": ">", "≥": "≤", "≤": "≥", ">": "<", "=": "=", "≠": "≠"}


def dead(asking: Asking) -> Iterator[Finding]:
    """Only what is dead or unknown is told; the rest is the rule."""
    for measure in asking.program.measures:
        yield from _conditions(asking, measure)
        if not asking.is_choice:
            yield from _caps(asking, measure)
            yield from _tiers(asking, measure)
    if asking.is_choice:
        yield from _rules(asking)


def _told(
    asking: Asking, kind: Kind, measure: Measure, answer: Any, text: str = "", expected: str = ""
) -> Iterator[Finding]:
    """A finding where no case was found in which the thing does something."""
    if not isinstance(answer, dict):
        status = Status.REFUTED if answer is False else Status.UNKNOWN
        said = spoken(text, asking.program, None, "zh"), spoken(text, asking.program, None, "en")
        yield Finding(kind, status, measure.name, (measure.zh, measure.en), {"text": said}, (), expected)


def _search(asking: Asking, true: list[int], false: list[int], positive: list[int] | None = None) -> Any:
    """A case in which some conditions hold, some fail, and some amounts are above 0."""
    nodes, above = asking.program.nodes, positive or []
    if any(not nodes[each].hi for each in true) or any(nodes[each].lo for each in false):
        asking.by["shape"] += 1
        return False

    def holds(column: tuple[int, ...]) -> bool:
        return (
            all(column[each] for each in true)
            and not any(column[each] for each in false)
            and all(column[each] > 0 for each in above)
        )

    if found := asking.search.first(holds):
        asking.by["tried"] += 1
        return found
    claims = [lambda terms, node=node: terms[node] for node in true]
    claims += [lambda terms, node=node: negated(terms[node]) for node in false]
    claims += [lambda terms, node=node: terms[node] > 0 for node in above]
    return asking.possible(*claims)


def _conditions(asking: Asking, measure: Measure) -> Iterator[Finding]:
    """A condition matters where the others hold, it fails, and there would be something to give."""
    nodes = [each.node for each in measure.conditions]
    above = [] if asking.is_choice else [(measure.changes[-1].after if measure.changes else measure.raw).node]
    above = [each for each in above if asking.program.nodes[each].hi > 0]
    for place, condition in enumerate(measure.conditions):
        others = nodes[:place] + nodes[place + 1 :]
        answer = _search(asking, others, [condition.node], above)
        yield from _told(asking, Kind.CONDITION_MATTERS, measure, answer, condition.text, _switched(asking, measure))


def _switched(asking: Asking, measure: Measure) -> str:
    """A parameter or an amendment switches the whole measure off: no surprise."""
    node = asking.program.nodes[measure.applies]
    return "switched" if node.op is Op.CONST and not node.k else ""


def _caps(asking: Asking, measure: Measure) -> Iterator[Finding]:
    """A cap matters where it takes something away."""
    for change in measure.changes:
        if change.what != "at_most" or not change.limit:
            continue
        before, after = change.before, change.after
        if before.node == after.node and before.den == after.den:
            asking.by["shape"] += 1
            yield from _told(asking, Kind.CAP_MATTERS, measure, False, change.text)
            continue
        above, below = before.node, after.node

        def cut(column: Any, one: int = above, other: int = below, a: int = after.den, b: int = before.den) -> Any:
            return column[one] * a > column[other] * b  # terms or numbers

        answer: Any = asking.search.first(lambda column: bool(column[measure.applies] and cut(column)))
        if answer is None:
            answer = asking.possible(lambda terms: terms[measure.applies], cut)
        else:
            asking.by["tried"] += 1
        yield from _told(asking, Kind.CAP_MATTERS, measure, answer, change.text)


def _tiers(asking: Asking, measure: Measure) -> Iterator[Finding]:
    """Every branch of a ladder, a table or a condition inside the formula is taken by some case."""
    for node, path in _branches(asking, measure.raw.node):
        for side in (True, False):
            true = [index for index, holds in [*path, (node, side)] if holds]
            false = [index for index, holds in [*path, (node, side)] if not holds]
            answer = _search(asking, [measure.applies, *true], false)
            if not isinstance(answer, dict):
                text = written(asking, node, side)
                yield from _told(asking, Kind.TIER_MATTERS, measure, answer, text)


def _branches(asking: Asking, top: int) -> Iterator[tuple[int, list[tuple[int, bool]]]]:
    """The conditions of all branches below a node, each once, with the way that leads to it."""
    nodes, seen = asking.program.nodes, set()
    todo: list[tuple[int, list[tuple[int, bool]]]] = [(top, [])]
    while todo:
        index, path = todo.pop()
        if index in seen or nodes[index].is_bool:
            continue
        seen.add(index)
        node = nodes[index]
        if node.op is Op.IF:
            condition, yes, no = node.args
            yield condition, path
            todo += [(yes, [*path, (condition, True)]), (no, [*path, (condition, False)])]
        else:
            todo += [(each, path) for each in node.args]


def written(asking: Asking, index: int, holds: bool) -> str:
    """A condition inside a formula as words: the facts and numbers it compares."""
    node = asking.program.nodes[index]
    signs = {Op.LT: ("<", "≥"), Op.LE: ("≤", ">"), Op.EQ: ("=", "≠")}
    if node.op is Op.NOT:
        return written(asking, node.args[0], not holds)
    if node.op not in signs:
        return ("" if holds else "not ") + _names(asking, index)
    sign = signs[node.op][not holds]
    for one, other, turned in ((*node.args, False), (*node.args[::-1], True)):
        if shown := _against(asking, one, other):
            return f"{_names(asking, other)} {sign if turned else _MIRROR[sign]} {shown}"
    return f"{_names(asking, node.args[0])} {sign} {_names(asking, node.args[1])}"


def _against(asking: Asking, constant: int, side: int) -> str:
    """A constant in the unit of the fact it is compared with."""
    nodes = asking.program.nodes
    node, fact, factor = nodes[constant], nodes[side], 1
    if fact.op is Op.MUL and nodes[fact.args[1]].op is Op.CONST:
        fact, factor = nodes[fact.args[0]], nodes[fact.args[1]].k
    if node.op is not Op.CONST or fact.op is not Op.FACT:
        return ""
    spec = asking.program.by_name[fact.fact]
    if spec.kind in ("date", "choice", "yes/no"):
        return show(spec, node.k)
    return amount(Fraction(node.k, factor * spec.den), spec.kind, spec.unit)


def _names(asking: Asking, index: int) -> str:
    return "、".join(spec.zh for spec in asking.program.facts if spec.name in asking.depends[index])


def _rules(asking: Asking) -> Iterator[Finding]:
    """A rule of a policy that decides a class is reached by some case none of the rules before it takes."""
    earlier: list[int] = []
    for measure in asking.program.measures:
        answer = _search(asking, [measure.applies], earlier)
        yield from _told(asking, Kind.RULE_REACHED, measure, answer, "", _switched(asking, measure))
        earlier.append(measure.applies)
