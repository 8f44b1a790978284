"""Second pass: one line of rule becomes a small tree. Chinese and English words mean the same.

Numbers carry their unit (``500万元``, ``7.5%``, ``7天``) and are exact fractions; full-width signs count as
ASCII ones. Names are facts, parameters and definitions, by their name or by their Chinese label; a run of
Chinese is cut at the longest names it contains (``总投资超过500万元``). No meaning is checked here.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache

from xiepai.policy.messages import Code, PolicyError
from xiepai.policy.source import Source, Text

MONEY = {"元": 100, "万元": 1_000_000, "亿元": 10_000_000_000, "yuan": 100}
SCALES = {"万": Fraction(10_000), "亿": Fraction(100_000_000), "%": Fraction(1, 100), "‰": Fraction(1, 1000)}
DAYS = ("天", "日", "days", "day")
FUNCTIONS = {"min": "min", "max": "max", "count": "count", "excess": "excess", "down": "down"}
FUNCTIONS |= {"取小": "min", "取大": "max", "满足项数": "count", "超出部分": "excess", "向下取整": "down"}
WORDS = {
    "且": "and", "并且": "and", "和": "and", "and": "and", "或": "or", "或者": "or", "or": "or", "非": "not",
    "不是": "not", "not": "not", "若": "if", "如果": "if", "if": "if", "则": "then", "then": "then", "否则": "else",
    "else": "else", "of": "*", "的": "*", "乘以": "*", "除以": "/", "加": "+", "减": "-", "in": "in", "属于": "in",
    "is": "==", "为": "==", "等于": "==", "不等于": "!=", "大于": ">", "超过": ">", "高于": ">", "above": ">",
    "不低于": ">=", "不少于": ">=", "达到": ">=", "小于": "<", "低于": "<", "不足": "<", "below": "<",
    "不超过": "<=", "不高于": "<=", "不大于": "<=", "不多于": "<=", "是": "yes", "否": "no", "yes": "yes", "no": "no",
}  # fmt: skip
_ASCII = str.maketrans("（），、＞＜＝＋－＊／％×÷−０１２３４５６７８９．　", "(),,><=+-*/%*/-0123456789. ") | {
    ord("≥"): "\u2265",
    ord("≤"): "\u2264",
}
_TOKEN = re.compile(
    r"(?P<date>\d{4}-\d{1,2}-\d{1,2})(?!\d)|(?P<num>\d[\d,_]*(?:\.\d+)?)|(?P<op>>=|<=|==|!=|≥|≤|≠|[-+*/<>=(),%‰])"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*|[\u3400-\u9fff]+)"
)
_MISTYPED = {
    "=>": ">=", "=<": "<=", "> =": ">=", "< =": "<=", "<>": "!=", "&&": "and", "||": "or", "at least": ">=",
    "at most": "<=", "no less than": ">=", "not less than": ">=", "no more than": "<=", "not more than": "<=",
    "more than": ">", "less than": "<", "greater than": ">", "up to": "<=", "大于等于": ">=", "大于或等于": ">=",
    "小于等于": "<=", "小于或等于": "<=", "不小于": ">=", "至少": ">=", "最少": ">=", "至多": "<=", "最多": "<=",
    "多于": ">", "少于": "<",
}  # fmt: skip
_OTHERWISE = re.compile("|".join(re.escape(each) for each in sorted(_MISTYPED, key=len, reverse=True)), re.IGNORECASE)
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[\u3400-\u9fff]+")
_SIGNS = {"≥": ">=", "≤": "<=", "≠": "!=", "=": "=="}
_LEVEL = {
    "or": 1,
    "and": 2,
    "==": 4,
    "!=": 4,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "in": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
}
_COMPARES = frozenset(op for op, level in _LEVEL.items() if level == 4)
MAX_NODES, MAX_NESTING, MAX_LENGTH = 120, 30, 2000


@dataclass(frozen=True, slots=True)
class Expr:
    """A node: ``op``, its arguments (nodes or plain values), and where it stands in its text."""

    op: str
    args: tuple[object, ...]
    start: int
    end: int

    def inner(self) -> tuple[Expr, ...]:
        """The arguments that are nodes."""
        return tuple(each for each in self.args if isinstance(each, Expr))


@dataclass(frozen=True, slots=True)
class Number:
    """A literal: exact value (money in fen), its unit (``money``, ``days``, ``""`` or a counting word), its writing."""

    value: Fraction
    unit: str
    written: str


def parse(source: Source, where: Text, names: Collection[str] = (), units: Collection[str] = ()) -> Expr:
    """The tree of an expression; ``names`` are the Chinese words known, ``units`` the counting words.

    >>> text = Text("investment 超过 500万元 且 cultural", 1, 1)
    >>> parse(Source(text.text), text).op
    'and'
    >>> parse(Source("10% of fixed_assets"), Text("10% of fixed_assets", 1, 1)).inner()[0].args[0].value
    Fraction(1, 10)
    """
    return _Parser(source, where, names, units).whole()


@lru_cache(maxsize=64)
def _vocabulary(names: frozenset[str], units: frozenset[str]) -> tuple[list[str], list[str]]:
    """The units, and the Chinese words, longest first."""
    known = (each for each in {*names, *WORDS, *FUNCTIONS, *DAYS} if each and each[0] > "~")
    return (
        sorted({*MONEY, *SCALES, *DAYS, *units}, key=lambda each: (-len(each), each)),
        sorted(known, key=lambda each: (-len(each), each)),
    )


class _Parser:
    def __init__(self, source: Source, where: Text, names: Collection[str], units: Collection[str]) -> None:
        self.source, self.where, self.count, self.nesting = source, where, 0, 0
        self.units, self.known = _vocabulary(frozenset(names), frozenset(units))
        if len(where.text) > MAX_LENGTH:
            raise self.fail(Code.TOO_LARGE, 0, 1, size=len(where.text), limit=MAX_LENGTH)
        self.text = where.text.translate(_ASCII)
        self.tokens = list(self._tokens())
        self.at = 0

    def fail(self, code: Code, start: int, end: int, **data: object) -> PolicyError:
        return self.source.error(code, self.where, start, max(1, end - start), **data)

    def _tokens(self):  # type: ignore[no-untyped-def]
        position, text = 0, self.text
        while position < len(text):
            if text[position] in " \t\n":
                position += 1
                continue
            self._mistyped(position)
            found = _TOKEN.match(text, position)
            if not found:
                raise self.fail(Code.EXPRESSION, position, position + 1, detail=text[position : position + 8])
            kind, value = str(found.lastgroup), found[0]
            if kind == "word" and value[0] > "~":
                value = next((each for each in self.known if text.startswith(each, position)), value)
            start, position = position, position + len(value)
            if kind == "num":
                number, position = self._number(value, start, position)
                yield ("num", number, start, position)
            elif kind == "date":
                yield ("date", self._date(value, start), start, position)
            else:
                op = _SIGNS.get(value) or WORDS.get(value) or (value if kind == "op" else None)
                yield ("op", op, start, position) if op else ("name", value, start, position)
        yield ("end", "", len(text), len(text))

    def _mistyped(self, position: int) -> None:
        """A sign or word that people write for one of ours is told with what to write; names come first."""
        found = _OTHERWISE.match(self.text, position)
        if not found or any(self.text.startswith(each, position) and len(each) >= len(found[0]) for each in self.known):
            return
        if found[0][-1].isascii() and self.text[found.end() :][:1].isidentifier() and found[0][-1].isalpha():
            return
        raise self.fail(
            Code.EXPRESSION, position, found.end(), detail=found[0], hint=("write", _MISTYPED[found[0].lower()])
        )

    def _number(self, digits: str, start: int, position: int) -> tuple[Number, int]:
        plain = digits.replace(",", "").replace("_", "")
        grouped = re.fullmatch(r"\d{1,3}([,_]\d{3})+(\.\d+)?", digits) or not re.search("[,_]", digits)
        if not grouped or len(plain) > 24 or (len(plain) > 1 and plain[0] == "0" and plain[1] != "."):
            raise self.fail(Code.BAD_NUMBER, start, position, value=digits[:30], hint=("quote", ""))
        rest = self.text[position:]
        gap = len(rest) - len(rest.lstrip(" "))
        for unit in self.units:
            if rest.startswith(unit, gap) and (unit[-1] > "z" or not rest[gap + len(unit) :][:1].isalnum()):
                position += gap + len(unit)
                written = self.text[start:position]
                if unit in SCALES:
                    return Number(Fraction(plain) * SCALES[unit], "", written), position
                dimension = "money" if unit in MONEY else "days" if unit in DAYS else unit
                return Number(Fraction(plain) * MONEY.get(unit, 1), dimension, written), position
        return Number(Fraction(plain), "", digits), position

    def _date(self, value: str, start: int) -> date:
        try:
            return date(*(int(part) for part in value.split("-")))
        except ValueError:
            raise self.fail(Code.BAD_DATE, start, start + len(value), value=value) from None

    def whole(self) -> Expr:
        found = self.expression(0)
        kind, _value, start, end = self.tokens[self.at]
        if kind != "end":
            raise self.fail(Code.EXPRESSION, start, end, detail=self.text[start:end])
        return found

    def take(self, wanted: str = ""):  # type: ignore[no-untyped-def]
        token = self.tokens[self.at]
        if wanted and token[1] != wanted:
            shown = self.text[token[2] : token[3]] or "…"
            raise self.fail(Code.EXPRESSION, token[2], token[3], detail=shown, hint=("write", wanted))
        self.at += 1
        return token

    def expression(self, level: int) -> Expr:
        self.count += 1
        self.nesting += 1
        if self.count > MAX_NODES or self.nesting > MAX_NESTING:
            limit = MAX_NODES if self.count > MAX_NODES else MAX_NESTING
            raise self.fail(Code.TOO_DEEP, 0, len(self.text), limit=limit)
        left = self._first()
        while True:
            kind, op, start, end = self.tokens[self.at]
            mine = _LEVEL.get(op) if kind == "op" else None
            if mine is None or mine <= level:
                self.nesting -= 1
                return left
            self.take()
            if op == "in":
                left = Expr("in", (left, *self._list(start, end)), left.start, self.tokens[self.at - 1][3])
                continue
            right = self.expression(mine)
            if mine == 4 and left.op in _COMPARES:
                raise self.fail(
                    Code.EXPRESSION, start, end, detail=self.text[start:end], hint=("write", "a < b and b < c")
                )
            left = Expr(op, (left, right), left.start, right.end)

    def _first(self) -> Expr:
        kind, value, start, end = self.take()
        if kind in ("num", "date"):
            return Expr(kind, (value,), start, end)
        if kind == "name":
            if self.tokens[self.at][1] == "(":
                return Expr("call", (value, *self._list(start, end)), start, self.tokens[self.at - 1][3])
            return Expr("name", (value,), start, end)
        if value in ("yes", "no"):
            return Expr("bool", (value == "yes",), start, end)
        if value == "(":
            inside = self.expression(0)
            self.take(")")
            return inside
        if value in ("not", "-"):
            inner = self.expression(3 if value == "not" else 6)
            return Expr("not" if value == "not" else "neg", (inner,), start, inner.end)
        if value == "if":
            condition = self.expression(0)
            self.take("then")
            yes = self.expression(0)
            self.take("else")
            no = self.expression(0)
            return Expr("if", (condition, yes, no), start, no.end)
        raise self.fail(Code.EXPRESSION, start, end, detail=self.text[start:end] or "…")

    def _list(self, start: int, end: int) -> list[Expr]:
        self.take("(")
        found = [self.expression(0)]
        while self.tokens[self.at][1] == ",":
            self.take()
            found.append(self.expression(0))
        self.take(")")
        return found


def literals(node: Expr) -> list[Expr]:
    """The numbers and dates of an expression in reading order: what ``--set`` and the clause lint address."""
    found = [node] if node.op in ("num", "date") else [each for inner in node.inner() for each in literals(inner)]
    return sorted(found, key=lambda each: each.start)
