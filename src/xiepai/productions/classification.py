"""Which class a short drama belongs to (分类分层), by the rules in force on a day, and why.

Plain Python. Every date, amount, name and sentence stands in ``classification.toml``; here is only how a rule is
applied: a subject named by the rule lifts a work to the top class whatever it cost, then platform promotion and
choice where the rule of that time names them, then the amount. An amount on a threshold has reached it.

Refused: guessing. Without an investment the class is open; before the first rule on record there is none; where the
text says nothing (hybrid works) the result is marked as assumed. Amounts in fen.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

FEN_OF_WAN = 1_000_000


class Text(NamedTuple):
    """The same words in Chinese and English."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """The words for a reader of *language* (``zh-hans``, ``en`` …)."""
        return self.en if language.startswith("en") else self.zh


class Level(StrEnum):
    """The classes by rank, whatever a rule calls them."""

    TOP = "top"
    MIDDLE = "middle"
    LOW = "low"
    OPEN = "open"


class Basis(StrEnum):
    """What decided."""

    SUBJECT = "subject"
    PLATFORM = "platform"
    CHOICE = "choice"
    AMOUNT = "amount"
    AMOUNT_MISSING = "amount_missing"
    NO_RULE = "no_rule"


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """What a rule asks of a work: how it is made, what was invested (fen, None: not stated), what it is about."""

    making: str
    investment_fen: int | None = None
    subjects: frozenset[str] = frozenset()
    is_interactive: bool = False
    is_platform_promoted: bool = False
    is_filed_as_top: bool = False
    minutes_per_episode: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From how many fen on a work is in the top, in the middle class."""

    top_fen: int
    middle_fen: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule and its time: in force from ``starts`` until the day before ``ends`` (None: still)."""

    id: str
    starts: date
    ends: date | None
    labels: Mapping[Level, Text]
    thresholds: Mapping[str, Thresholds]
    lifts: frozenset[str]
    source: Text
    route: Mapping[Level, Text]
    episode_minutes_below: int | None


@dataclass(frozen=True, slots=True)
class ClassResult:
    """The class and how it came about. ``reasons`` begin with what decided and end with the rule.

    ``lower_fen`` and ``upper_fen`` are the thresholds the amount lies between (None: no such side, or not decided by
    amount). ``route`` is what comes next, from second-hand reports: show it as a hint.
    """

    level: Level
    label: Text
    basis: Basis
    rule: Rule | None
    reasons: tuple[Text, ...]
    amount_fen: int | None = None
    lower_fen: int | None = None
    upper_fen: int | None = None
    is_assumed: bool = False
    route: Text | None = None

    def explanation(self, language: str) -> str:
        """All reasons, one a line."""
        return "\n".join(reason.in_language(language) for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class _Making:
    measure: str
    name: Text
    assumed: Text | None


@dataclass(frozen=True, slots=True)
class _Book:
    """The data file, checked."""

    rules: tuple[Rule, ...]
    makings: Mapping[str, _Making]
    subjects: Mapping[str, Text]
    sentences: Mapping[str, Text]

    def say(self, name: str, **values: Text) -> Text:
        sentence = self.sentences[name]
        return Text(
            sentence.zh.format(**{key: value.zh for key, value in values.items()}),
            sentence.en.format(**{key: value.en for key, value in values.items()}),
        )


def classify(facts: ClassFacts, on: date) -> ClassResult:
    """The class of a work filed on that day. ``ValueError`` for an unknown subject or making, or a negative amount.

    >>> result = classify(ClassFacts("live", 300 * FEN_OF_WAN), date(2026, 9, 1))
    >>> result.label.zh, result.basis.value
    ('一类', 'amount')
    >>> classify(ClassFacts("live", 300 * FEN_OF_WAN - 1), date(2026, 9, 1)).label.en
    'Class 2'
    """
    book = _book()
    _check(facts, book)
    rule = rule_on(on)
    if rule is None:
        first = _day(book.rules[0].starts)
        reasons = (book.say("no_rule", until=first),)
        return ClassResult(Level.OPEN, book.sentences["undetermined"], Basis.NO_RULE, None, reasons)
    return _lifted(facts, rule, book) or _measured(facts, rule, book)


def all_rules() -> tuple[Rule, ...]:
    """Every rule on record, by date."""
    return _book().rules


def rule_on(day: date) -> Rule | None:
    """The rule in force on that day, None before the first."""
    begun = [rule for rule in _book().rules if rule.starts <= day]
    return begun[-1] if begun else None


def thresholds_for(rule: Rule, making: str) -> Thresholds:
    """The thresholds a rule holds a way of making against (hybrid works: those of live action, assumed)."""
    return rule.thresholds[_book().makings[making].measure]


def amount_text(fen: int) -> Text:
    """An amount as the rules write it, exact to the fen.

    >>> amount_text(99_990_000)
    Text(zh='99.99 万元', en='¥999,900')
    """
    return _amount(fen)


def subjects() -> Mapping[str, Text]:
    """The subjects that lift a work, by code."""
    return _book().subjects


def _lifted(facts: ClassFacts, rule: Rule, book: _Book) -> ClassResult | None:
    held = {
        Basis.SUBJECT: bool(facts.subjects),
        Basis.PLATFORM: facts.is_platform_promoted,
        Basis.CHOICE: facts.is_filed_as_top,
    }
    basis = next((basis for basis, is_so in held.items() if is_so and basis.value in rule.lifts), None)
    if basis is None:
        return None
    label = rule.labels[Level.TOP]
    named = [text for code, text in book.subjects.items() if code in facts.subjects]
    touched = Text("、".join(text.zh for text in named), ", ".join(text.en for text in named))
    reasons = (book.say(basis.value, label=label, subjects=touched), *_notes(facts, rule, book))
    return ClassResult(Level.TOP, label, basis, rule, reasons, facts.investment_fen, route=rule.route.get(Level.TOP))


def _measured(facts: ClassFacts, rule: Rule, book: _Book) -> ClassResult:
    making = book.makings[facts.making]
    limits = rule.thresholds[making.measure]
    rests_on_guess = making.assumed is not None and len(set(rule.thresholds.values())) > 1
    guess = (making.assumed,) if making.assumed is not None and rests_on_guess else ()
    notes = (*guess, *_notes(facts, rule, book))
    amount = facts.investment_fen
    if amount is None:
        reasons = (book.say("unknown"), *notes)
        label = book.sentences["undetermined"]
        return ClassResult(Level.OPEN, label, Basis.AMOUNT_MISSING, rule, reasons, is_assumed=rests_on_guess)
    level, lower, upper = _between(amount, limits)
    values = {"made": book.makings[making.measure].name, "amount": _amount(amount), "label": rule.labels[level]}
    values |= {"lower": _amount(lower or 0), "upper": _amount(upper or 0)}
    return ClassResult(
        level,
        rule.labels[level],
        Basis.AMOUNT,
        rule,
        (book.say(level.value, **values), *notes),
        amount,
        lower,
        upper,
        rests_on_guess,
        rule.route.get(level),
    )


def _between(amount: int, limits: Thresholds) -> tuple[Level, int | None, int | None]:
    if amount >= limits.top_fen:
        return Level.TOP, limits.top_fen, None
    if amount >= limits.middle_fen:
        return Level.MIDDLE, limits.middle_fen, limits.top_fen
    return Level.LOW, None, limits.middle_fen


def _notes(facts: ClassFacts, rule: Rule, book: _Book) -> tuple[Text, ...]:
    """What else a reader should know, and the rule itself at the end."""
    notes = []
    if facts.is_interactive:
        notes.append(book.say("interactive", made=book.makings[facts.making].name))
    if (facts.is_platform_promoted or facts.is_filed_as_top) and not {"platform", "choice"} & rule.lifts:
        notes.append(book.sentences["not_lifting"])
    limit = rule.episode_minutes_below
    if limit is not None and facts.minutes_per_episode is not None and facts.minutes_per_episode >= limit:
        notes.append(book.say("episode", minutes=Text(str(limit), str(limit))))
    times = {"from": _day(rule.starts), "source": rule.source}
    if rule.ends is None:
        return (*notes, book.say("rule", **times))
    return (*notes, book.say("rule_between", **times, until=_day(rule.ends)))


def _check(facts: ClassFacts, book: _Book) -> None:
    if facts.making not in book.makings:
        raise ValueError(f"unknown making: {facts.making!r}")
    if unknown := facts.subjects - book.subjects.keys():
        raise ValueError(f"unknown subjects: {sorted(unknown)}")
    if facts.investment_fen is not None and facts.investment_fen < 0:
        raise ValueError("a negative investment")


def _amount(fen: int) -> Text:
    """Exact to the fen: ``99.99 万元``, ``¥999,900``."""
    whole, cents = divmod(fen, 100)
    wan = f"{Decimal(fen).scaleb(-6):f}"
    short = wan.rstrip("0").rstrip(".") if "." in wan else wan
    return Text(f"{short} 万元", f"¥{whole:,}" + (f".{cents:02d}" if cents else ""))


def _day(day: date) -> Text:
    return Text(f"{day.year} 年 {day.month} 月 {day.day} 日", day.isoformat())


@cache
def _book() -> _Book:
    text = files(__package__).joinpath("classification.toml").read_text(encoding="utf-8")
    return read_book(tomllib.loads(text))


def read_book(data: Mapping[str, Any]) -> _Book:
    """The data as values; ``ValueError`` or ``KeyError`` where it cannot be: rules out of order, thresholds crossed."""
    starts = [row["from"] for row in data["rules"]]
    if not starts or starts != sorted(set(starts)):
        raise ValueError("rules must be in the order of their days, one a day")
    makings = {
        code: _Making(row["measure"], Text(*row["name"]), Text(*row["assumed"]) if "assumed" in row else None)
        for code, row in data["making"].items()
    }
    measures = {making.measure for making in makings.values()}
    rules = tuple(_rule(row, ends, measures) for row, ends in zip(data["rules"], [*starts[1:], None], strict=True))
    texts = ({code: Text(*pair) for code, pair in data[name].items()} for name in ("subjects", "sentences"))
    return _Book(rules, makings, *texts)


def _rule(row: Mapping[str, Any], ends: date | None, measures: set[str]) -> Rule:
    thresholds = {}
    for measure in measures:
        top, middle = (int(row[measure][name]) * FEN_OF_WAN for name in ("top", "middle"))
        if not 0 < middle < top:
            raise ValueError(f"{row['id']}: thresholds of {measure}")
        thresholds[measure] = Thresholds(top, middle)
    return Rule(
        id=row["id"],
        starts=row["from"],
        ends=ends,
        labels={Level(level): Text(*pair) for level, pair in row["labels"].items()},
        thresholds=thresholds,
        lifts=frozenset(row["lifts"]),
        source=Text(*row["source"]),
        route={Level(level): Text(*pair) for level, pair in row.get("route", {}).items()},
        episode_minutes_below=row.get("episode_minutes_below"),
    )
