"""How many mistakes in a policy file are caught when it is checked, and by which check.

Mistakes are made systematically from the shipped files (``_mistakes.py``): wrong numbers, units, comparisons, misspelt
and exchanged names, lost lines, exchanged tiers, wrong clauses, wrong examples, broken YAML. A change that leaves the
compiled program the same is no mistake and not counted (unless it changes words or examples). A mistake is caught where
``check`` gives an error; the first error's code says by which check. ``ARGS="--list"`` shows those not caught.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from pathlib import Path

from _hostile import hostile
from _mistakes import OPERATORS, Mistake, mistakes
from report import Report, options
from xiepai.policy import Code, Policy, PolicyError, load
from xiepai.policy.check import check
from xiepai.policy.source import Sequence, Text, Tree

POLICIES = sorted((Path(__file__).resolve().parent.parent / "policies").glob("*.yaml"))
SHAPE = "shape and spelling"
CHECKS = {
    **dict.fromkeys((Code.NUMBER_NOT_IN_RULE, Code.NUMBER_NOT_IN_TEXT), "clause lint"),
    **dict.fromkeys((Code.EXAMPLE_FAILS, Code.NOT_IN_FORCE), "examples"),
    **dict.fromkeys((Code.NEVER_TRUE, Code.ALWAYS_TRUE, Code.CONTRADICTION), "dead conditions"),
    **dict.fromkeys(
        (Code.TYPE_MISMATCH, Code.UNIT_MISSING, Code.NOT_A_CONDITION, Code.NOT_AN_AMOUNT, Code.MONEY_TIMES_MONEY,
         Code.DIVISION, Code.NOT_CONSTANT, Code.FACT_VALUE, Code.FACT_OUT_OF_RANGE, Code.ROUNDING_MISSING),
        "types and units",
    ),
    **dict.fromkeys((Code.UNKNOWN_NAME, Code.UNKNOWN_CHOICE, Code.UNKNOWN_MEASURE, Code.UNKNOWN_FUNCTION), "names"),
    **dict.fromkeys((Code.LADDER_ORDER, Code.ORDER_OPEN, Code.STAGES_SUM, Code.OVERFLOW), "order and bounds"),
}  # fmt: skip
MISSED, SAME, TRACEBACK = "not caught", "no mistake", "traceback"


def same_program(one: Policy, other: Policy) -> bool:
    """Whether two files compute the same: nodes, steps and result of every version."""
    if len(one.versions) != len(other.versions) or (one.start, one.end) != (other.start, other.end):
        return False
    for mine, theirs in zip(one.versions, other.versions, strict=True):
        a, b = mine.program, theirs.program
        if (mine.start, a.nodes, a.cross_steps, a.result, a.splits) != (
            theirs.start,
            b.nodes,
            b.cross_steps,
            b.result,
            b.splits,
        ):
            return False
    return True


def plain(tree: Tree) -> object:
    """A tree without places."""
    if isinstance(tree, Text):
        return tree.text
    if isinstance(tree, Sequence):
        return [plain(each) for each in tree.items]
    return [(key.text, plain(value)) for key, value in tree.pairs]


def outcome(mistake: Mistake, original: Policy) -> tuple[str, str]:
    """The check that caught a mistake, and the code."""
    try:
        policy = load(mistake.text)
        if plain(policy.root) == plain(original.root) or (not mistake.quiet and same_program(policy, original)):
            return SAME, ""
        found = check(policy).errors
    except PolicyError as error:
        found = list(error.diagnostics)
    except Exception as error:
        return TRACEBACK, type(error).__name__
    codes = [each.code for each in found]
    return (CHECKS.get(codes[0], SHAPE), str(codes[0])) if codes else (MISSED, "")


def main() -> None:
    """Make the mistakes, check each, report."""
    parser = options(__doc__ or "")
    parser.add_argument("--most", type=int, default=8, help="places an operator takes in a file")
    parser.add_argument("--list", action="store_true", help="show the mistakes that were not caught")
    asked = parser.parse_args()
    report = Report("policy_mistakes", asked.output)
    originals = {path.name: load(path) for path in POLICIES}
    sound = [path for path in POLICIES if check(originals[path.name]).ok]
    report.row("shipped files without a mistake of their own", len(sound), "files", "higher", goal=len(POLICIES))
    caught: dict[str, Counter[str]] = defaultdict(Counter)
    slowest = 0.0
    for mistake in mistakes(sound, asked.most):
        began = time.perf_counter()
        how, code = outcome(mistake, originals[mistake.file])
        slowest = max(slowest, time.perf_counter() - began)
        caught[mistake.operator][how] += 1
        if asked.list and how in (MISSED, TRACEBACK):
            line = mistake.text.splitlines()[mistake.line - 1].strip()
            print(f"{how} {code} {mistake.operator}: {mistake.file}:{mistake.line}: {line[:230]}")
    tell(report, caught, slowest)
    tell_hostile(report, asked.list)
    report.finish()


def tell(report: Report, caught: dict[str, Counter[str]], slowest: float) -> None:
    """The rows: all, by check, by operator."""
    total = sum(caught.values(), Counter())
    made = total.total() - total[SAME]
    share = 100 * (made - total[MISSED] - total[TRACEBACK]) / made
    report.row("mistakes made", made, "files", "higher", goal=300)
    report.row("caught when checked", share, "%", "higher", goal=97)
    computing = sum((caught[name] for name in caught if not OPERATORS[name][1]), Counter())
    wrong = computing.total() - computing[SAME]
    report.row(
        f"of those in rules ({wrong})", 100 * (wrong - computing[MISSED] - computing[TRACEBACK]) / wrong, "%", "higher"
    )
    report.row("tracebacks", total[TRACEBACK], "files", "lower", goal=0)
    report.row("slowest check of a wrong file", slowest * 1000, "ms", "lower", goal=1000)
    for check_name, count in total.most_common():
        if check_name not in (SAME, TRACEBACK):
            report.row(f"by: {check_name}", count, "files", "higher")
    for name, counts in caught.items():
        one = counts.total() - counts[SAME]
        if one:
            report.row(f"{name} ({one})", 100 * (one - counts[MISSED] - counts[TRACEBACK]) / one, "% caught", "higher")


def tell_hostile(report: Report, listed: bool) -> None:
    """How long the worst of the files made to hurt takes, and how many end in anything but words."""
    slowest, broken = 0.0, 0
    files = hostile()
    for name, text in files.items():
        began = time.perf_counter()
        try:
            check(load(text + "\n"))
        except PolicyError as error:
            error.render()
        except Exception as error:
            broken += 1
            print(f"{TRACEBACK} {name}: {type(error).__name__}")
        took = time.perf_counter() - began
        if listed:
            print(f"{took * 1000:8.1f} ms {name}")
        slowest = max(slowest, took)
    report.row("hostile files", len(files), "files", "higher")
    report.row("tracebacks on hostile files", broken, "files", "lower", goal=0)
    report.row("slowest answer to a hostile file", slowest * 1000, "ms", "lower", goal=1000)


if __name__ == "__main__":
    main()
