"""Reading entries: which names a mapping may hold, several mistakes collected, a suggestion for each misspelling."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import date

from xiepai.policy.ir import OverflowFound
from xiepai.policy.messages import Code, Diagnostic, PolicyError
from xiepai.policy.source import Mapping, Sequence, Source, Text, Tree


class Report:
    """Collects mistakes so that a reader sees them at once; ``close`` raises them together."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.found: list[Diagnostic] = []

    def add(self, code: Code, where: Tree | None, start: int = 0, width: int = 0, **data: object) -> None:
        """Note one mistake and go on."""
        self.found.append(self.source.diagnostic(code, where, start, width, **data))

    @contextmanager
    def collect(self, where: Tree | None = None) -> Iterator[None]:
        """What fails inside is noted, and reading goes on after it."""
        try:
            yield
        except PolicyError as error:
            self.found.extend(error.diagnostics)
        except OverflowFound as error:
            self.found.append(overflow(self.source, where, error))

    def close(self) -> None:
        """Raise what was found, if anything was."""
        if self.found:
            places = {(each.line, each.column, each.code, str(each.data)): each for each in reversed(self.found)}
            raise PolicyError([places[place] for place in sorted(places)])


def enormous(number: int) -> str:
    """A number beyond 64 bits, short.

    >>> enormous(3 * 10**20)
    '10^20'
    """
    return f"10^{len(str(number)) - 1}"


def overflow(source: Source, where: Tree | None, error: OverflowFound) -> Diagnostic:
    """A value beyond 64 bits: the fact to narrow, or the number itself where no fact is in it."""
    if error.fact:
        return source.diagnostic(Code.OVERFLOW, where, value=enormous(error.bound), fact=error.fact)
    return source.diagnostic(Code.BAD_NUMBER, where, value=enormous(error.bound))


def near(name: str, names: Iterable[str]) -> tuple[str, str] | None:
    """A hint for a misspelt name, if one is close.

    >>> near("investmnt", ["investment", "award"])
    ('did_you_mean', 'investment')
    """
    found = difflib.get_close_matches(name[:60], list(names), 1, 0.5)
    return ("did_you_mean", found[0]) if found else None


def entries(
    report: Report, tree: Tree | None, allowed: Collection[str], required: Collection[str] = (), name: str = ""
) -> dict[str, Tree]:
    """The entries of a mapping by name; unknown and missing ones are noted."""
    found = {key.text: value for key, value in pairs(report, tree, name)}
    for key, _value in pairs(report, tree, name):
        if key.text not in allowed:
            report.add(Code.UNKNOWN_ENTRY, key, name=key.text, hint=near(key.text, allowed))
    for each in required:
        if each not in found and not any(near(key, [each]) for key in found if key not in allowed):
            report.add(Code.MISSING_ENTRY, tree, width=1, name=each)
    return found


def pairs(report: Report, tree: Tree | None, name: str = "") -> tuple[tuple[Text, Tree], ...]:
    """The pairs of a mapping; nothing where there is none, a mistake where it is something else."""
    if tree is None:
        return ()
    if not isinstance(tree, Mapping):
        raise report.source.error(Code.WRONG_SHAPE, tree, name=name or "?", wanted="mapping")
    return tree.pairs


def items(report: Report, tree: Tree | None, name: str = "") -> tuple[Tree, ...]:
    """The items of a list; a single entry counts as a list of one."""
    if tree is None:
        return ()
    if isinstance(tree, Mapping):
        raise report.source.error(Code.WRONG_SHAPE, tree, name=name or "?", wanted="list")
    return tree.items if isinstance(tree, Sequence) else (tree,)


def text(report: Report, tree: Tree | None, name: str = "") -> Text:
    """A scalar that is not empty."""
    if tree is None:
        raise report.source.error(Code.MISSING_ENTRY, None, name=name or "?")
    if not isinstance(tree, Text) or not tree.text.strip():
        raise report.source.error(Code.WRONG_SHAPE, tree, width=1, name=name or "?", wanted="text")
    return tree


def words(tree: Tree | None) -> str:
    """The text of a scalar, or nothing."""
    return tree.text.strip() if isinstance(tree, Text) else ""


def both(label: str) -> tuple[str, str]:
    """A label in Chinese and English, written ``总投资 / Total investment``; one alone serves as both.

    >>> both("总投资 / Total investment"), both("总投资")
    (('总投资', 'Total investment'), ('总投资', '总投资'))
    """
    zh, slash, en = label.partition(" / ")
    return zh.strip(), (en.strip() if slash else zh.strip())


def day(report: Report, where: Text, value: str) -> date:
    """A day written 2026-01-31."""
    try:
        return date.fromisoformat(value.strip())
    except ValueError:
        raise report.source.error(Code.BAD_DATE, where, value=value) from None
