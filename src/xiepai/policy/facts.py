"""Facts: what a policy asks of a case. ``type | label | evidence | range | default``, one line each.

A fact's number is always a whole numerator over a constant denominator: money in fen, a share in 1/10,000, a
date in days since 1970-01-01, a choice its place in the list. Values given by people are read here too; a
bare number for money, a value outside the range and a float are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from xiepai.policy import expressions
from xiepai.policy.entries import Report, both, near, text
from xiepai.policy.ir import FactSpec
from xiepai.policy.messages import Code, Diagnostic, PolicyError
from xiepai.policy.source import MAX_ENTRIES, Source, Text, Tree

EPOCH = date(1970, 1, 1).toordinal()
_KINDS = {
    "money": "money", "金额": "money", "number": "number", "count": "number", "数": "number", "数量": "number",
    "days": "days", "天数": "days", "date": "date", "日期": "date", "yes/no": "yes/no", "是/否": "yes/no",
    "share": "share", "比例": "share", "key": "key", "编号": "key",
}  # fmt: skip
_RANGES = {
    "money": (0, 10**12), "number": (0, 10**6), "days": (0, 3660), "share": (0, 10**4), "yes/no": (0, 1),
    "date": (date(2000, 1, 1).toordinal() - EPOCH, date(2099, 12, 31).toordinal() - EPOCH), "key": (0, 0),
}  # fmt: skip
TRUE, FALSE = ("yes", "是", "true"), ("no", "否", "false")
_SIMPLE = re.compile(r"(-?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?) ?(%|[^\W\d_]{0,8})")
_UNITS = {"money": "money", "days": "days"}
NAME = re.compile(r"[a-z][a-z0-9_]*")


def read_fact(report: Report, key: Text, tree: Tree) -> FactSpec:
    """One line of ``facts``.

    >>> line = Text("none=无, city=市级 | 奖项 / Award | 证书", 1, 1)
    >>> read_fact(Report(Source("")), Text("award", 1, 1), line).choices
    ('none', 'city')
    """
    line = text(report, tree, key.text)
    parts = [part.strip() for part in line.text.split("|")]
    if len(parts) < 2 or not parts[0] or not parts[1]:
        raise report.source.error(Code.BAD_FACT, line, value=line.text, hint=("write", "money | 总投资 | 备案证"))
    kind, unit, den, choices = _type(report, line, parts[0])
    zh, en = both(parts[1])
    low, high = (0, len(choices) - 1) if kind == "choice" else _RANGES[kind]
    if kind == "number" and den > 1:
        high *= den
    kind = "number" if kind == "share" else kind
    names = tuple(name for name, _label in choices)
    labels = tuple(label for _name, label in choices)
    evidence, _slash, proof_en = (parts[2] if len(parts) > 2 else "").partition(" / ")
    spec = FactSpec(
        key.text, kind, zh, en, evidence.strip(), unit, den, low, high, None, names, labels, proof_en.strip()
    )
    for part in parts[3:]:
        spec = _more(report, line, part, spec)
    return spec


def _type(report: Report, line: Text, written: str) -> tuple[str, str, int, tuple[tuple[str, str], ...]]:
    if re.search("[,，]", written):
        if (count := len(re.findall("[,，]", written)) + 1) > MAX_ENTRIES:
            raise report.source.error(Code.TOO_LARGE, line, 0, 1, size=count, limit=MAX_ENTRIES)
        pairs = [each.strip().partition("=") for each in re.split("[,，]", written)]
        choices = tuple((name.strip(), label.strip() or name.strip()) for name, _sign, label in pairs)
        if not all(re.fullmatch(r"\w+", name) for name, _label in choices) or len(dict(choices)) < len(choices):
            raise report.source.error(Code.BAD_FACT, line, 0, len(written), value=written)
        return "choice", "", 1, choices
    word, *rest = written.split()
    kind = _KINDS.get(word, "")
    if not kind:
        hint = near(word, _KINDS)
        raise report.source.error(Code.BAD_FACT, line, 0, len(written), value=written, hint=hint)
    if kind == "share":
        return "share", "", 10_000, ()
    step = Fraction(1)
    if rest and re.fullmatch(r"0\.0{0,5}1", rest[0]):
        step = Fraction(rest.pop(0))
    if len(rest) > 1 or (rest and kind != "number") or step.numerator != 1:
        raise report.source.error(Code.BAD_FACT, line, 0, len(written), value=written)
    return kind, rest[0] if rest else _UNITS.get(kind, ""), step.denominator, ()


def _more(report: Report, line: Text, part: str, spec: FactSpec) -> FactSpec:
    """A further part: ``low .. high`` or ``default value``."""
    from dataclasses import replace

    where = Text(part, line.line, line.column + max(line.text.find(part), 0), line.exact)
    if ".." in part:
        low, high = (_bound(report, where, each, spec) for each in part.split("..", 1))
        if low > high:
            raise report.source.error(Code.BAD_RANGE, where, value=part)
        return replace(spec, low=low, high=high)
    if found := re.fullmatch(r"(?:default|默认)\s*(.+)", part):
        return replace(spec, default=_bound(report, where, found[1], spec))
    hint = ("write", "0元 .. 100亿元") if spec.kind == "money" else ("write", "default …")
    raise report.source.error(Code.BAD_FACT, where, value=part, hint=hint)


def _bound(report: Report, where: Text, written: str, spec: FactSpec) -> int:
    from dataclasses import replace

    try:
        return number_of(replace(spec, low=-(2**62), high=2**62), written.strip())
    except PolicyError as error:
        found = error.diagnostics[0]
        raise report.source.error(found.code, where, **found.data, hint=found.hint) from None


def number_of(spec: FactSpec, value: object) -> int:
    """The whole number a value stands for; whole numbers of Python are fen for money and the number itself else.

    >>> fact = FactSpec("investment", "money", "总投资", "Investment", "", "money", high=10**12)
    >>> number_of(fact, "500万元"), number_of(fact, 500)
    (500000000, 500)
    """
    if spec.kind == "key":
        return 0
    if isinstance(value, bool) or spec.kind == "yes/no":
        number = _truth(spec, value)
    elif isinstance(value, int):
        number = value * (spec.den if spec.kind == "number" else 1)
    elif isinstance(value, date) and spec.kind == "date":
        number = value.toordinal() - EPOCH
    elif isinstance(value, Fraction) and spec.kind in ("number", "money"):
        number, rest = divmod(value.numerator * (spec.den if spec.kind == "number" else 1), value.denominator)
        if rest:
            raise _refused(spec, value)
    elif isinstance(value, str):
        number = _choice(spec, value) if spec.kind == "choice" else _written(spec, value.strip())
    else:
        raise _refused(spec, value)
    if not spec.low <= number <= spec.high:
        limits = f"{show(spec, spec.low)} .. {show(spec, spec.high)}"
        raise _error(Code.FACT_OUT_OF_RANGE, spec, value=show(spec, number), range=limits)
    return number


def _error(code: Code, spec: FactSpec, **data: object) -> PolicyError:
    hint = data.pop("hint", None)
    return PolicyError([Diagnostic(code, "facts", data={"name": spec.name} | data, hint=hint)])  # type: ignore[arg-type]


def _refused(spec: FactSpec, value: object, hint: tuple[str, str] | None = None) -> PolicyError:
    wanted = "/".join(spec.choices) or spec.kind
    return _error(Code.FACT_VALUE, spec, wanted=wanted, value=str(value)[:60], hint=hint)


def _truth(spec: FactSpec, value: object) -> int:
    if spec.kind == "yes/no":
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, str) and value.strip().lower() in (*TRUE, *FALSE):
            return int(value.strip().lower() in TRUE)
    raise _refused(spec, value, ("write", "yes / no") if spec.kind == "yes/no" else None)


def _choice(spec: FactSpec, value: str) -> int:
    for names in (spec.choices, spec.choice_labels):
        if value in names:
            return names.index(value)
    raise _refused(spec, value, near(value, spec.choices + spec.choice_labels))


def _whole(spec: FactSpec, number: Fraction, value: object) -> int:
    if number.denominator != 1:
        raise _refused(spec, value)
    return int(number)


def _written(spec: FactSpec, value: str) -> int:
    """A value as people write it: a literal, or a sum of literals (``500万元 + 0.01元``)."""
    simple = _SIMPLE.fullmatch(value)
    if simple and len(value) < 30:
        amount, unit = Fraction(simple[1].replace(",", "")), simple[2]
        if spec.kind == "money" and unit in expressions.MONEY:
            return _whole(spec, amount * expressions.MONEY[unit], value)
        if spec.kind == "number" and unit in ("", "%", spec.unit):
            return _whole(spec, amount * spec.den / (100 if unit == "%" else 1), value)
        if spec.kind == "days" and unit in ("天", "日"):
            return _whole(spec, amount, value)
    where = Text(value, 1, 1)
    try:
        tree = expressions.parse(Source(value, "facts"), where, units=[spec.unit] if spec.unit else [])
        found, unit = _sum(tree)
    except (PolicyError, ValueError, ZeroDivisionError):
        raise _refused(spec, value) from None
    if unit != (spec.unit if spec.kind != "date" else "date") and not (spec.kind == "number" and unit == ""):
        missing = {"money": f"{value}元", "days": f"{value}天"}.get(spec.kind) if unit == "" else None
        raise _refused(spec, value, ("write", missing) if missing else None)
    return _whole(spec, found * (spec.den if spec.kind == "number" else 1), value)


def _sum(tree: expressions.Expr) -> tuple[Fraction, str]:
    if tree.op == "num" and isinstance(literal := tree.args[0], expressions.Number):
        return literal.value, literal.unit
    if tree.op == "date" and isinstance(found := tree.args[0], date):
        return Fraction(found.toordinal() - EPOCH), "date"
    parts = [_sum(inner) for inner in tree.inner()]
    if tree.op == "neg":
        return -parts[0][0], parts[0][1]
    if tree.op in ("+", "-") and (parts[0][1] == parts[1][1] or (parts[0][1] == "date" and parts[1][1] == "days")):
        return parts[0][0] + (parts[1][0] if tree.op == "+" else -parts[1][0]), parts[0][1]
    if tree.op == "/" and parts[1][1] == "":
        return parts[0][0] / parts[1][0], parts[0][1]
    raise ValueError(tree.op)


class Reader:
    """Reads the facts of one case, quickly where a value stands as a program hands it over. Keys have no number."""

    def __init__(self, facts: Mapping[str, FactSpec]) -> None:
        self.facts = facts
        self.labels = {spec.en: spec for spec in facts.values()} | {spec.zh: spec for spec in facts.values()}
        self.keys = frozenset(name for name, spec in facts.items() if spec.kind == "key")
        self.plain = {name: _plain(spec) for name, spec in facts.items() if name not in self.keys}

    def numbers(self, given: Mapping[str, object], found: dict[str, int] | None = None) -> dict[str, int]:
        """The numbers of the facts given, added to ``found``; unknown names and wrong values are told together."""
        found, plain = {} if found is None else found, self.plain
        wrong: list[Diagnostic] = []
        for name, value in given.items():
            if name in plain:
                accepts, words, low, high = plain[name]
                if type(value) is accepts:
                    number = value if words is None else words.get(value, high + 1)
                    if low <= number <= high:  # type: ignore[operator]
                        found[name] = number  # type: ignore[assignment]
                        continue
            if name not in self.keys:
                self._slowly(name, value, found, wrong)
        if wrong:
            raise PolicyError(wrong)
        return found

    def _slowly(self, name: str, value: object, found: dict[str, int], wrong: list[Diagnostic]) -> None:
        spec = self.facts.get(name) or self.labels.get(name)
        if spec is None:
            hint = near(name, [*self.facts, *self.labels])
            wrong.append(Diagnostic(Code.UNKNOWN_NAME, "facts", data={"name": name}, hint=hint))
        elif value is not None and spec.kind != "key":
            try:
                found[spec.name] = number_of(spec, value)
            except PolicyError as error:
                wrong.extend(error.diagnostics)


def _plain(spec: FactSpec) -> tuple[type, Mapping[object, int] | None, int, int]:
    """The type a value may have that needs no reading, the words it may be, and its limits."""
    if spec.kind == "yes/no":
        return bool, {False: 0, True: 1}, spec.low, spec.high
    if spec.kind == "choice":
        names: dict[object, int] = {label: place for place, label in enumerate(spec.choice_labels)}
        return str, names | {name: place for place, name in enumerate(spec.choices)}, spec.low, spec.high
    whole = spec.den == 1 and spec.kind in ("money", "days", "number")
    return (int, None, spec.low, spec.high) if whole else (object, None, 0, 0)


def known(facts: Mapping[str, FactSpec], given: Mapping[str, object]) -> dict[str, int]:
    """The numbers of the facts given; unknown names and wrong values are told together."""
    return Reader(facts).numbers(given)


def show(spec: FactSpec, number: int, language: str = "zh") -> str:
    """A fact's number as people write it.

    >>> show(FactSpec("a", "money", "", "", ""), 500_000_001), show(FactSpec("a", "yes/no", "", "", ""), 1)
    ('5,000,000.01元', '是')
    """
    if spec.kind == "yes/no":
        return (("否", "是") if language == "zh" else ("no", "yes"))[number]
    if spec.kind == "choice":
        return (spec.choice_labels if language == "zh" else spec.choices)[number]
    if spec.kind == "date":
        return date.fromordinal(number + EPOCH).isoformat() if 0 < number + EPOCH < 3_652_060 else str(number)
    return amount(Fraction(number, spec.den), spec.kind, spec.unit, language)


def amount(value: Fraction, kind: str, unit: str = "", language: str = "zh") -> str:
    """A number with its unit, exactly: money in yuan, a fraction of a fen as a fraction.

    >>> amount(Fraction(1, 3), "money"), amount(Fraction(200_000_000), "money", "", "en")
    ('0 1/300元', '2,000,000 yuan')
    """
    if kind == "money":
        value, unit = value / 100, "元" if language == "zh" else " yuan"
    elif kind == "days":
        unit = "天" if language == "zh" else " days"
    whole, rest = divmod(abs(value), 1)
    scaled = rest * 1_000_000
    if scaled.denominator == 1:
        digits = f"{int(scaled):06d}".rstrip("0")
        shown = f"{int(whole):,}" + (f".{digits.ljust(2, '0') if kind == 'money' else digits}" if digits else "")
    else:
        shown = f"{int(whole):,} {rest}"
    return f"{'-' if value < 0 else ''}{shown}{unit}"
