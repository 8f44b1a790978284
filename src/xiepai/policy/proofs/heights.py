"""How much, and what together: the highest award, whether a measure can pay at all, which two never both pay."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from xiepai.policy.ir import Measure, Value
from xiepai.policy.proofs.asking import Asking, named, settled
from xiepai.policy.proofs.findings import Case, Finding, Kind, Status, money
from xiepai.policy.proofs.search import Facts


def heights(asking: Asking) -> Iterator[Finding]:
    """The highest amount of every measure and of the award."""
    if asking.is_choice:
        return
    best: Facts = {}
    for measure in asking.program.measures:
        if measure.name not in asking.in_kind:
            facts, finding = _highest(asking, *named(measure), None)
            best |= {name: facts[name] for name in measure.facts if name in facts}
            yield finding
    asking.search.add(best)
    yield _highest(asking, *asking.whole, best)[1]


def _highest(
    asking: Asking, name: str, words: tuple[str, str], value: Value, start: Facts | None
) -> tuple[Facts, Finding]:
    search, node = asking.search, value.node
    names = [each for each in search.specs if each in asking.depends[node]]
    facts = search.best(node, names)
    if start is not None:
        other = search.climbed({**search.calm, **start}, node, names)
        facts = max(facts, other, key=lambda each: search.number(each, node))
    facts, status = _raised(asking, facts, value, names)
    reached = search.number(facts, node)
    small = search.smaller(facts, lambda each: search.number(each, node) >= reached)
    search.add(small)
    data = {"amount": money(reached, value.den), "limit_fen": asking.program.nodes[node].hi // value.den}
    return facts, Finding(Kind.HIGHEST, status, name, words, data, (search.case(small, value),))


def _raised(asking: Asking, facts: Facts, value: Value, names: list[str]) -> tuple[Facts, Status]:
    """From a case to the highest: ask for a higher one, halve what is left, climb from each answer."""
    search, node = asking.search, value.node
    low, high = search.number(facts, node), asking.program.nodes[node].hi
    if low == high:
        asking.by["tried"] += 1
        return facts, Status.PROVEN
    aim = low
    while low < high:
        answer = asking.possible(lambda terms, above=aim: terms[node] > above)  # type: ignore[misc]
        if answer is None:
            return facts, Status.UNKNOWN
        if isinstance(answer, dict):
            facts = search.climbed(answer, node, names)
            low = search.number(facts, node)
            aim = low
        elif aim == low:
            return facts, Status.PROVEN
        else:
            high = aim
            aim = low
    return facts, Status.PROVEN


def payments(asking: Asking) -> Iterator[Finding]:
    """Measures that can never pay; those that can are the rule and are not told."""
    if asking.is_choice:
        return
    for measure in asking.program.measures:
        if measure.name in asking.in_kind:
            continue
        answer = _pays(asking, measure)
        if not isinstance(answer, dict):
            status = Status.UNKNOWN if answer is None else Status.REFUTED
            expected = "assumed" if measure.assumed and status is Status.REFUTED else ""
            yield Finding(Kind.CAN_PAY, status, measure.name, (measure.zh, measure.en), expected=expected)


def _pays(asking: Asking, *measures: Measure) -> Facts | bool | None:
    """A case in which all of them pay."""
    nodes = [each.value.node for each in measures]
    if not all(asking.program.nodes[node].hi > 0 for node in nodes):
        asking.by["shape"] += 1
        return False
    if found := asking.search.first(lambda column: all(column[node] > 0 for node in nodes)):
        asking.by["tried"] += 1
        return found
    answer = asking.possible(*(lambda terms, node=node: terms[node] > 0 for node in nodes))
    return asking.search.add(answer) if isinstance(answer, dict) else answer


def overlaps(asking: Asking) -> Iterator[Finding]:
    """For every two measures whether they never both pay; if they can, a case."""
    if asking.is_choice:
        return
    paying = [each for each in asking.program.measures if asking.program.nodes[each.value.node].hi > 0]
    alone = {each.name: _pays(asking, each) for each in paying}
    joined = [set(step.inputs) for step in asking.program.steps if step.what == "highest_of"]
    for one, other in combinations(paying, 2):
        answer = _together(asking, one, other, alone[one.name], alone[other.name])
        only = any({one.name, other.name} <= names for names in joined)
        data = {"other": (other.zh, other.en), "with": other.name, "highest_only": only}
        cases: tuple[Case, ...] = ()
        if isinstance(answer, dict):
            cases = (asking.search.case(_both(asking, answer, one, other), asking.program.result),)
        yield Finding(Kind.NEVER_BOTH, settled(answer), one.name, (one.zh, one.en), data, cases)


def _both(asking: Asking, facts: Facts, *measures: Measure) -> Facts:
    """As little as lets all of them pay."""
    search, nodes = asking.search, [each.value.node for each in measures]
    return search.smaller(facts, lambda tried: all(search.number(tried, node) > 0 for node in nodes))


def _together(
    asking: Asking, one: Measure, other: Measure, first: Facts | bool | None, second: Facts | bool | None
) -> Facts | bool | None:
    """Two measures without a common fact both pay where each does."""
    mine, theirs = asking.depends[one.value.node], asking.depends[other.value.node]
    if isinstance(first, dict) and isinstance(second, dict) and mine.isdisjoint(theirs):
        asking.by["shape"] += 1
        return {**first, **{name: second[name] for name in theirs}}
    return _pays(asking, one, other)
