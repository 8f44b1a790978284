"""Awards, fields and steps of grants as pages show them, in the reader's language; nothing is decided here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from xiepai.grants.drafting import FORM_FIELDS, Field, read
from xiepai.grants.knowing import KnownFact
from xiepai.grants.models import FactSource
from xiepai.grants.sources import known_keys
from xiepai.grants.wording import measure_words
from xiepai.kernel import clock
from xiepai.policy import Award, FactSpec
from xiepai.policy.explaining import assumptions, changed, formula, over_rows
from xiepai.policy.facts import EPOCH, show
from xiepai.policy.messages import word
from xiepai.policy.speaking import spoken
from xiepai.web import formats

UNITS = ("万元", "元")
FEN_OF = {"万元": 1_000_000, "元": 100}


def language() -> str:
    """The language awards are told in."""
    return "en" if formats.is_english() else "zh"


def said(row: Any) -> str:
    """The name of a fact or a measure."""
    return str(row.en or row.zh) if formats.is_english() else str(row.zh)


@dataclass(frozen=True)
class MeasureLine:
    """One measure of an award: its clause, what decided, the formula with its figures, caps, and what it comes to."""

    name: str
    clause: str
    label: str
    text: str
    applies: bool | None
    is_in_kind: bool
    conditions: tuple[tuple[bool | None, str], ...]
    formula: str
    changes: tuple[str, ...]
    amount: str
    missing: tuple[str, ...]


def measure_lines(award: Award, among: Collection[str] | None = None) -> list[MeasureLine]:
    """The measures of an award, or those named, in the order of the file."""
    tongue, program = language(), award.program
    return [
        MeasureLine(
            found.measure.name,
            found.measure.clause,
            said(found.measure),
            found.measure.text,
            found.applies,
            found.measure.is_in_kind,
            tuple((each.state, spoken(each.text, program, None, tongue)) for each in found.conditions),
            formula(award, found, tongue),
            tuple(changed(each, program, tongue) for each in found.changes),
            found.amount.show(tongue),
            tuple(said(program.by_name[name]) for name in found.missing),
        )
        for found in award.measures
        if among is None or found.measure.name in among
    ]


def step_lines(award: Award) -> list[tuple[str, str, str]]:
    """What comes after the measures: its clause, what it does, the amount before and after."""
    tongue, program = language(), award.program
    lines = []
    for each in award.steps:
        gives_nothing = each.after.is_certain and not each.after.low
        if each.before == each.after and (each.step.cross is None or gives_nothing):
            continue
        does = f"{word(each.step.what, tongue)} {spoken(each.step.formula, program, None, tongue)}".strip()
        rows = over_rows(each.step, program, tongue)
        lines.append(
            (each.step.clause, f"{does} {rows}".strip(), f"{each.before.show(tongue)} → {each.after.show(tongue)}")
        )
    return lines


def assumed_lines(award: Award) -> list[tuple[str, str, str]]:
    """What the source does not say and this figure rests on."""
    return assumptions(award, language())


@dataclass(frozen=True)
class Input:
    """A field as its input needs it: the kind of widget, what stands in it, its unit."""

    field: Field
    label: str
    widget: str
    value: str
    unit: str = ""
    suffix: str = ""
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    longest: int = 120

    @property
    def key(self) -> str:
        """What ids of the row end in."""
        return self.field.name.replace(".", "-")


def input_of(field: Field) -> Input:
    """How a field is typed."""
    spec = field.spec
    if spec is None:
        words, longest, _required = FORM_FIELDS[field.name]
        widget = "long" if field.name == "form.statement" else "text"
        return Input(field, str(words), widget, field.value, longest=longest)
    label, value = said(spec), field.value
    if spec.kind == "yes/no":
        number = read(spec, value) if value else None
        return Input(field, label, "yes/no", "" if number is None else ("yes" if number else "no"))
    if spec.kind == "choice":
        labels = spec.choice_labels if language() == "zh" else spec.choices
        return Input(field, label, "choice", value, choices=tuple(zip(spec.choices, labels, strict=True)))
    if spec.kind == "money":
        amount, unit = split_money(spec, value)
        return Input(field, label, "money", amount, unit)
    if spec.kind == "date":
        return Input(field, label, "date", value)
    if spec.kind == "days":
        return Input(field, label, "number", value.removesuffix("天"), suffix="天")
    suffix = "%" if spec.den == 10_000 else spec.unit
    return Input(field, label, "number", value.removesuffix(suffix) if suffix else value, suffix=suffix)


def split_money(spec: FactSpec, value: str) -> tuple[str, str]:
    """A literal as number and unit, in 万元 where that needs no more than two decimals; as typed if it is none.

    >>> split_money(FactSpec("cost", "money", "", "", "", high=10**12), "600000.00元")
    ('60', '万元')
    """
    number = read(spec, value) if value else None
    if number is None:
        unit = next((each for each in UNITS if value.endswith(each)), UNITS[0])
        return value.removesuffix(unit), unit
    unit = UNITS[0] if number % 10_000 == 0 else UNITS[1]
    return f"{(Decimal(number) / FEN_OF[unit]).normalize():f}", unit


def literal_of(spec: FactSpec | None, value: str, unit: str) -> str:
    """What was typed as the policy reads it; what cannot be read stays as typed."""
    text = value.strip()
    if spec is None or not text:
        return text
    if spec.kind == "money":
        bare = text.replace(",", "").replace("，", "")
        return f"{bare}{unit}" if unit in UNITS and is_number(bare) else text
    if is_number(text) and spec.kind == "days":
        return f"{text}天"
    return f"{text}%" if is_number(text) and spec.den == 10_000 else text


def is_number(text: str) -> bool:
    """Whether it is digits with perhaps a point."""
    try:
        return Decimal(text).is_finite() and text[:1] not in "+-" and "e" not in text.lower()
    except InvalidOperation:
        return False


def shown_value(spec: FactSpec | None, value: str) -> str:
    """A literal as people read it."""
    number = read(spec, value) if spec is not None and value else None
    if spec is None or number is None:
        return value
    if spec.kind == "date":
        return formats.day(date.fromordinal(number + EPOCH))
    return show(spec, number, language())


def source_of(known: KnownFact) -> str:
    """Where a fact is from, in the reader's language."""
    return _source(known.source, known.reference, known.stated_by)


def kept_source(kept: Mapping[str, Any]) -> str:
    """The same of a fact an application keeps."""
    said_by = str(kept.get("stated_by") or "")
    return _source(str(kept.get("source", "")), str(kept.get("reference") or ""), said_by)


def _source(source: str, reference: str, stated_by: str) -> str:
    known = {each.zh: each for each in known_keys().values()}.get(reference)
    if known is not None:
        return known.en if formats.is_english() else known.zh
    label = str(FactSource(source).label) if source in FactSource.values else source
    return " · ".join(part for part in (label, reference, stated_by) if part)


def iso_moment(text: str) -> str:
    """An instant kept as text."""
    try:
        return formats.moment(datetime.fromisoformat(text))
    except ValueError:
        return text


def clock_time(value: datetime) -> str:
    """The time of day: "10:03"."""
    return f"{clock.local(value):%H:%M:%S}"


def minute(value: datetime) -> str:
    """The time of day as a time field holds it: "18:00"."""
    return f"{clock.local(value):%H:%M}"


#: What pages of grants call.
FILTERS: dict[str, Any] = {
    "fact_label": said,
    "fact_value": shown_value,
    "measure_name": measure_words,
    "fact_source": source_of,
    "kept_source": kept_source,
    "iso_moment": iso_moment,
    "clock_time": clock_time,
    "minute": minute,
}
