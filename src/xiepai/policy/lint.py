"""Clause lint: every number of a clause's text stands in its rule, and the other way round.

Read are Arabic and Chinese numerals with their units (``500万元``, ``三十万元``, ``百分之十``, ``三分之一``, ``两成``,
``2024年6月18日``). Left out: numbers of clauses and documents, years, names with digits, "one". A year also counts as
twelve months or 365 days, a factor of 120 % also as the 20 % more. What is assumed need not stand in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from xiepai.policy import expressions
from xiepai.policy.entries import Report
from xiepai.policy.expressions import Expr, Number
from xiepai.policy.facts import EPOCH
from xiepai.policy.messages import Code, PolicyError
from xiepai.policy.program import Reading
from xiepai.policy.source import Mapping, Sequence, Text, Tree

_CN = "零〇一二两三四五六七八九十百千万亿"
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_SCALES = {"亿元": Fraction(10**8), "万元": Fraction(10**4), "亿": Fraction(10**8), "万": Fraction(10**4)}
_SCALES |= {"%": Fraction(1, 100), "‰": Fraction(1, 1000)}
_UNITS = "年|天|日|个?月|倍|部(?!门)|集|家|分钟|小时|人|项|次|个|平方米|㎡|亩|成|周|名|场|套|以上|以下"
_NUMBER = re.compile(
    rf"(?P<skip>第[\d{_CN}]+|〔\d+〕\s*\d*号?|（[{_CN}\d]{{1,20}}）|[数几][{_CN}]+"
    r"|[A-Za-z]{1,20}\d+\w*|\d+[A-Za-z]+(?<!yuan))"
    r"|(?P<date>(?P<y>\d{4})年(?:(?P<m>\d{1,2})月(?:(?P<d>\d{1,2})日)?)?度?)"
    rf"|(?P<part>百分之[\d.{_CN}]{{1,20}}|千分之[\d.{_CN}]{{1,20}}|[{_CN}\d]{{1,20}}分之[{_CN}\d]{{1,20}})"
    r"|(?P<above>\d{1,20})/(?P<below>\d{1,20})"
    rf"|(?P<num>\d[\d,，]{{0,40}}(?:\.\d{{1,20}})?)\s*(?P<unit>亿元|万元|元|亿|万|%|‰|yuan|年|个?月)?"
    rf"|(?P<cn>[{_CN}]{{1,20}}?)(?P<cn_unit>万元|亿元|元|{_UNITS})"
)
_RULES = (
    "if", "pay", "by", "table", "else", "reaching", "exceeding", "bands", "times", "at_most", "less", "stages", "quota",
    "budget", "split",
)  # fmt: skip
_ONE = frozenset({Fraction(0), Fraction(1)})


@dataclass(frozen=True, slots=True)
class Found:
    """A number, where it is written, and everything it may mean."""

    where: Text
    start: int
    end: int
    values: frozenset[Fraction]


def chinese(numeral: str) -> Fraction:
    """The number a Chinese numeral writes.

    >>> [int(chinese(each)) for each in ("三十", "一百零五", "两千万", "十二亿")]
    [30, 105, 20000000, 1200000000]
    """
    total = section = digit = 0
    for char in numeral:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _TENS:
            section += (digit or 1) * _TENS[char]
            digit = 0
        else:
            total = (total + section + digit or 1) * (10**4 if char == "万" else 10**8)
            section = digit = 0
    return Fraction(total + section + digit)


def numbers_in_text(where: Text) -> list[Found]:
    """The numbers of a clause.

    >>> [sorted(map(str, n.values)) for n in numbers_in_text(Text("超过500万元的，按百分之十奖励，最高三十万元", 1, 1))]
    [['5000000'], ['1/10'], ['300000']]
    >>> numbers_in_text(Text("第3条 4K超高清、IP5、苏办〔2025〕1号、一次性、第一出品方、数百万元", 1, 1))
    []
    """
    content = where.text.replace("％", "%")
    found = []
    for match in _NUMBER.finditer(content):
        values = _values(match)
        if values and not values <= _ONE:
            found.append(Found(where, match.start(), match.end(), frozenset(values)))
    return found


def _values(match: re.Match[str]) -> set[Fraction]:
    if match["skip"]:
        return set()
    if match["date"]:
        return {_day(match)} if match["d"] else set()
    if match["below"]:
        return {Fraction(int(match["above"]), int(match["below"]) or 1)}
    if match["part"]:
        below, _sign, above = match["part"].partition("分之")
        lower = {"百": Fraction(100), "千": Fraction(1000)}.get(below) or _numeral(below)
        return {_numeral(above) / lower} if lower else set()
    number, unit = (match["num"], match["unit"] or "") if match["num"] else (match["cn"], match["cn_unit"])
    value = _numeral(re.sub("[,，]", "", number))
    if unit in ("年", "月", "个月"):
        return {value, value * 12, value * 365} if unit == "年" else {value}
    if unit == "成":
        return {value / 10}
    return {value * _SCALES.get(unit, 1)}


def _numeral(written: str) -> Fraction:
    return Fraction(written) if re.fullmatch(r"\d+(?:\.\d+)?", written) else chinese(written.replace(".", ""))


def _day(match: re.Match[str]) -> Fraction:
    try:
        return Fraction(date(int(match["y"]), int(match["m"]), int(match["d"])).toordinal() - EPOCH)
    except ValueError:
        return Fraction(0)


def _numbers(tree: Expr) -> Iterator[Expr]:
    """The literals of a tree; a fraction of two numbers (``1/3``) is one."""
    inner = tree.inner()
    if tree.op == "/" and all(each.op == "num" and isinstance(each.args[0], Number) for each in inner):
        above, below = (each.args[0].value for each in inner if isinstance(each.args[0], Number))
        if below:
            yield Expr("num", (above / below,), tree.start, tree.end)
            return
    if tree.op in ("num", "date"):
        yield tree
    for each in inner:
        yield from _numbers(each)


class Lint:
    """Compares texts and rules of one reading; what differs is reported where it is written."""

    def __init__(self, reading: Reading, report: Report, seen: set[object] | None = None) -> None:
        """``seen``: what was compared in an earlier version and need not be again where it is the same."""
        self.reading, self.report, self.low = reading, report, reading.lowerer
        self.seen = set() if seen is None else seen
        self.assumed = {name: value for name, value, _reason in reading.program.assumed}
        self.defined = dict(reading.program.defined)

    def run(self) -> None:
        """Measures, gates and steps."""
        for section in ("measures", "require", "exclude"):
            tree = self.reading.root.get(section)
            for _key, each in tree.pairs if isinstance(tree, Mapping) else ():
                self._once(each)
        steps = self.reading.root.get("then")
        for step in steps.items if isinstance(steps, Sequence) else ():
            self._once(step)

    def _once(self, tree: Tree) -> None:
        program = self.reading.program
        key = (id(tree), program.assumed, program.defined)
        if key not in self.seen:
            self.seen.add(key)
            self._compare(tree)

    def _compare(self, tree: Tree) -> None:
        said = tree.get("text") if isinstance(tree, Mapping) else None
        if not isinstance(tree, Mapping) or not isinstance(said, Text):
            return
        rules = [found for name in _RULES for found in self._rule(tree.get(name), name)]
        if len(said.text) > expressions.MAX_LENGTH:
            self.report.add(Code.TOO_LARGE, said, 0, 1, size=len(said.text), limit=expressions.MAX_LENGTH)
            return
        texts = numbers_in_text(said)
        in_rule = {value for each in rules for value in each.values} | self._named(tree)
        in_text = {value for each in texts for value in each.values}
        for each in texts:
            if not each.values & in_rule:
                shown = said.text[each.start : each.end]
                self.report.add(Code.NUMBER_NOT_IN_RULE, said, each.start, each.end - each.start, number=shown)
        for each in rules:
            if not each.values & in_text:
                shown = each.where.text[each.start : each.end]
                width = each.end - each.start
                self.report.add(Code.NUMBER_NOT_IN_TEXT, each.where, each.start, width, number=shown)

    def _rule(self, tree: Tree | None, name: str) -> Iterator[Found]:
        """The numbers of a rule's entry; keys of ladders, tables and factors included."""
        if isinstance(tree, Text):
            yield from self._literals(tree, name)
        elif isinstance(tree, Sequence):
            for each in tree.items:
                yield from self._rule(each, name)
        elif isinstance(tree, Mapping):
            for key, each in tree.pairs:
                yield from self._key(key, name)
                yield from self._rule(each, name)

    def _key(self, key: Text, name: str) -> Iterator[Found]:
        if name == "split":
            return
        if name == "table":
            if found := re.fullmatch(r"\s*(\d+)\s*\.\.\s*(\d+)\s*", key.text):
                low, high = int(found[1]), int(found[2])
                yield Found(key, 0, len(key.text), frozenset(map(Fraction, (low, high, high - low + 1))))
            return
        yield from self._literals(key, name)

    def _literals(self, where: Text, name: str) -> Iterator[Found]:
        try:
            literals = list(_numbers(self.low.parse(where)))
        except PolicyError:
            return
        for each in literals:
            literal = each.args[0]
            if isinstance(literal, Fraction):
                values = {literal}
            elif isinstance(literal, Number):
                value = literal.value / 100 if literal.unit == "money" else literal.value
                values = {value, value - 1} if name == "times" else {value}
            else:
                assert isinstance(literal, date)  # noqa: S101 - what the parser made
                values = {Fraction(literal.toordinal() - EPOCH)}
            if not values <= _ONE:
                yield Found(where, each.start, each.end, frozenset(values))

    def _named(self, tree: Tree) -> set[Fraction]:
        """The numbers of the parameters and definitions a rule names."""
        found: set[Fraction] = set()
        todo = [word for name in _RULES if isinstance(tree, Mapping) for word in _words(tree.get(name))]
        seen: set[str] = set()
        while todo:
            word = todo.pop()
            value = self.assumed.get(word, self.defined.get(word))
            if value is not None and word not in seen:
                seen.add(word)
                where = Text(value, 1, 1)
                todo += _words(where)
                found |= {each for literal in self._literals(where, "") for each in literal.values}
        return found


def _words(tree: Tree | None) -> list[str]:
    if isinstance(tree, Text):
        return [found[0] for found in expressions.WORD.finditer(tree.text)]
    if isinstance(tree, Sequence):
        return [word for each in tree.items for word in _words(each)]
    return [word for key, each in tree.pairs for word in (*_words(key), *_words(each))] if tree else []
