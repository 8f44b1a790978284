"""What an application asks, what was written, and what is still missing: computed when it is read, kept nowhere.

Facts the house knows or the office has verified are shown and cannot be overwritten; everything else is the company's
word, kept as it was typed even where it cannot be read yet. Complete is: no unknown fact would change what the asked
measures give, and every paper they ask for is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xiepai.grants.knowing import KnownFact, Subject, known_facts, literal
from xiepai.grants.models import Application, Evidence, EvidenceState, MeasureSetting, ProgrammeVersion
from xiepai.grants.policies import policy_of, program_of, said, version_on
from xiepai.grants.replaying import evaluated_on, values_of
from xiepai.grants.sources import uses_of
from xiepai.grants.states import ApplicationState
from xiepai.kernel import clock
from xiepai.policy import Award, FactSpec, PolicyError, Program
from xiepai.policy.award import MeasureResult
from xiepai.policy.facts import number_of
from xiepai.policy.intervals import candidates, range_of

#: What every application says beside the policy's facts; a dot stands in no policy's name of a fact.
FORM_FIELDS: dict[str, tuple[str | Promise, int, bool]] = {
    "form.contact": (_("联系人"), 60, True),
    "form.phone": (_("联系电话"), 30, True),
    "form.statement": (_("补充说明"), 2000, False),
}
#: What the day of the evaluation gives; nobody writes it.
CLOCK_KEYS = ("today",)
LONGEST_VALUE = 120


@dataclass(frozen=True)
class Field:
    """One line of the form. ``value`` is as typed; ``problem`` says why it cannot be read."""

    name: str
    spec: FactSpec | None
    value: str
    by: str = ""
    at: str = ""
    known: KnownFact | None = None
    is_fixed: bool = False
    is_open: bool = False
    problem: str = ""

    @property
    def is_answered(self) -> bool:
        """Whether there is a value that can be read."""
        return bool(self.value) and not self.problem


@dataclass(frozen=True)
class PaperNeed:
    """A paper the asked measures want, and the evidence that is there for it."""

    kind: str
    en: str
    facts: tuple[FactSpec, ...]
    rows: tuple[Evidence, ...]

    @property
    def is_there(self) -> bool:
        """Whether one is there that the office has not refused."""
        return bool(self.rows)


@dataclass(frozen=True)
class Filled:
    """An application as far as it is filled in."""

    application: Application
    version: ProgrammeVersion
    program: Program
    fields: tuple[Field, ...]
    papers: tuple[PaperNeed, ...]
    award: Award

    @cached_property
    def results(self) -> tuple[MeasureResult, ...]:
        """The asked measures as they stand."""
        asked = set(self.application.measures)
        return tuple(each for each in self.award.measures if each.measure.name in asked)

    @property
    def low_fen(self) -> int:
        """At least."""
        return max(0, self.award.result.low) if self.program.result_kind == "money" else 0

    @property
    def high_fen(self) -> int:
        """At most."""
        return max(0, self.award.result.high) if self.program.result_kind == "money" else 0

    @property
    def missing_fields(self) -> tuple[Field, ...]:
        """What must still be answered."""
        return tuple(field for field in self.fields if field.problem or (field.is_open and not field.is_answered))

    @property
    def missing_papers(self) -> tuple[PaperNeed, ...]:
        """What must still be handed in."""
        return tuple(paper for paper in self.papers if not paper.is_there)

    @property
    def failing(self) -> tuple[MeasureResult, ...]:
        """Asked measures that by these facts give nothing."""
        return tuple(each for each in self.results if each.applies is False)

    @property
    def counts(self) -> tuple[int, int]:
        """How many things are there, and how many are asked for."""
        asked = [field for field in self.fields if field.is_open or field.is_answered or field.problem]
        required = [field for field in asked if field.spec is not None or FORM_FIELDS[field.name][2]]
        done = sum(field.is_answered for field in required) + sum(paper.is_there for paper in self.papers)
        return done, len(required) + len(self.papers)

    @property
    def percent(self) -> int:
        """How complete it is, rounded down; 100 only where nothing is missing."""
        done, total = self.counts
        return 100 * done // total if total else 100

    @property
    def is_complete(self) -> bool:
        """Whether it may be handed in."""
        return not self.missing_fields and not self.missing_papers


def version_for(application: Application) -> ProgrammeVersion:
    """A draft follows the version in force; what was handed in keeps its own."""
    if application.state != ApplicationState.DRAFT:
        return application.version
    return version_on(application.programme, clock.today()) or application.version


def fill(application: Application) -> Filled:
    """Read an application: its fields with who wrote them, its papers, what it comes to."""
    version = version_for(application)
    today = clock.today()
    policy = policy_of(version)
    program = policy.at(min(max(today, policy.start), policy.end))
    known = known_facts(version, Subject(application.organisation_id, application.work_id), today)
    names = asked_facts(program, application.measures)
    slug = application.programme.policy_slug
    fields = [_field(program.by_name[name], application.draft, known) for name in names if not is_clock(slug, name)]
    values = {name: known[name].value for name in names if name in known and is_clock(slug, name)}
    values |= {field.name: field.value for field in fields if field.is_answered}
    day = min(max(today, policy.start), policy.end)
    award = policy.evaluate(with_the_rest_lowest(program, names, values), day)
    opened = open_facts(program, application.measures, award.known)
    shown = tuple(_opened(field, opened) for field in fields)
    own = tuple(_own_field(name, application.draft) for name in FORM_FIELDS)
    papers = papers_of(application, program, shown)
    return Filled(application, version, program, (*shown, *own), papers, award)


def award_kept(application: Application) -> Award:
    """What the asked measures came to by the facts, the version and the day the application keeps."""
    version, on = application.version, evaluated_on(application)
    program = program_of(version, on)
    names = asked_facts(program, application.measures)
    given = {name: str(value) for name, value in values_of(application.facts).items() if name in names}
    policy = policy_of(version)
    day = min(max(on, policy.start), policy.end)
    return policy.evaluate(with_the_rest_lowest(program, names, given), day)


def asked_facts(program: Program, measures: Iterable[str]) -> tuple[str, ...]:
    """The facts these measures look at, in the order of the file; keys are not asked."""
    asked = set(measures)
    names = {name for each in program.measures if each.name in asked for name in each.facts}
    return tuple(spec.name for spec in program.facts if spec.name in names and spec.kind != "key")


def is_clock(slug: str, name: str) -> bool:
    """Whether the day of the evaluation is the fact."""
    use = uses_of(slug).get(name)
    return use is not None and use.known.key in CLOCK_KEYS


def with_the_rest_lowest(program: Program, names: Iterable[str], values: Mapping[str, str]) -> dict[str, str]:
    """The values, and what the asked measures do not look at at its lowest: it must award nothing more."""
    asked = set(names)
    rest = {
        spec.name: literal(spec, spec.low if spec.default is None else spec.default)
        for spec in program.facts
        if spec.name not in asked and spec.kind != "key"
    }
    return rest | dict(values)


def open_facts(program: Program, measures: Iterable[str], known: Mapping[str, int]) -> set[str]:
    """Unknown facts one of whose answers would narrow what an asked measure gives, or whether it applies."""
    asked, found = set(measures), set()
    for measure in program.measures:
        if measure.name not in asked:
            continue
        for node in (measure.value.node, measure.applies):
            low, high = range_of(program, node, known)
            if low == high:
                continue
            for name in measure.facts:
                spec = program.by_name[name]
                if spec.kind != "key" and name not in known and name not in found:
                    widths = [range_of(program, node, {**known, name: each}) for each in candidates(program, spec)]
                    if any(top - bottom < high - low for bottom, top in widths):
                        found.add(name)
    return found


def read(spec: FactSpec, value: str) -> int | None:
    """The number a value stands for; None where it cannot be read."""
    try:
        return number_of(spec, value)
    except PolicyError:
        return None


def is_same(spec: FactSpec | None, one: str, other: str) -> bool:
    """Whether two values say the same: ``60万元`` and ``600000.00元`` do."""
    if one == other:
        return True
    if spec is None or not one or not other:
        return False
    number = read(spec, one)
    return number is not None and number == read(spec, other)


def papers_of(application: Application, program: Program, fields: Iterable[Field]) -> tuple[PaperNeed, ...]:
    """The papers the office asks for the measures, and the proofs of what is claimed or open."""
    wanted: dict[str, tuple[str, list[FactSpec]]] = {}
    rows = MeasureSetting.objects.filter(programme=application.programme_id, measure__in=application.measures)
    for setting in rows.order_by("id"):
        for paper in setting.papers:
            wanted.setdefault(str(paper.get("zh") or paper.get("kind")), (str(paper.get("en", "")), []))
    for field in fields:
        if field.spec is None or not field.spec.evidence or field.is_fixed or not _speaks(field):
            continue
        wanted.setdefault(field.spec.evidence, (field.spec.evidence_en, []))[1].append(field.spec)
    there = list(evidence_of(application))
    return tuple(
        PaperNeed(kind, en, tuple(specs), tuple(row for row in there if _serves(row, kind)))
        for kind, (en, specs) in wanted.items()
    )


def evidence_of(application: Application) -> list[Evidence]:
    """What is handed in for the application, or lies with the company for the same work; withdrawn pieces left out."""
    own = Q(application=application)
    lying = Q(application=None, organisation_id=application.organisation_id, work_id=application.work_id)
    rows = Evidence.objects.filter(own | lying).exclude(state=EvidenceState.WITHDRAWN)
    return list(rows.select_related("stored", "uploaded_by", "verified_by").order_by("id"))


def _serves(row: Evidence, kind: str) -> bool:
    return row.kind == kind and row.state != EvidenceState.REJECTED


def _speaks(field: Field) -> bool:
    """Open, or claimed in the company's favour: "no" and nothing need no proof."""
    if field.is_open and not field.is_answered:
        return True
    number = read(field.spec, field.value) if field.spec and field.is_answered else None
    return bool(number) or (number == 0 and field.spec is not None and field.spec.kind in ("choice", "date"))


def _field(spec: FactSpec, draft: Mapping[str, Any], known: Mapping[str, KnownFact]) -> Field:
    fact = known.get(spec.name)
    if fact is not None and not fact.is_claim:
        return Field(spec.name, spec, fact.value, known=fact, is_fixed=True)
    written = draft.get(spec.name)
    if written is None and fact is not None:
        at = fact.stated_at.isoformat() if fact.stated_at else ""
        return Field(spec.name, spec, fact.value, fact.stated_by, at, fact)
    value = str(written["value"]) if written else ""
    by, at = (str(written["by"]), str(written["at"])) if written else ("", "")
    return Field(spec.name, spec, value, by, at, fact, problem=problem_of(spec, value))


def problem_of(spec: FactSpec, value: str) -> str:
    """Why a value cannot be read; empty where it can, and for none."""
    if not value:
        return ""
    try:
        number_of(spec, value)
    except PolicyError as error:
        return said(error, most=1).removeprefix("facts: ")
    return ""


def _own_field(name: str, draft: Mapping[str, Any]) -> Field:
    written = draft.get(name) or {}
    value = str(written.get("value", ""))
    return Field(
        name, None, value, str(written.get("by", "")), str(written.get("at", "")), is_open=FORM_FIELDS[name][2]
    )


def _opened(field: Field, opened: set[str]) -> Field:
    if field.name not in opened:
        return field
    return Field(
        field.name, field.spec, field.value, field.by, field.at, field.known, field.is_fixed, True, field.problem
    )
