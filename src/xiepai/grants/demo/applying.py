"""Applications of the demo year as companies hand them in: facts stated, papers attached, drafts written, some checked.

Facts begin as claims with a paper behind them and are verified at the first check, as the office would.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.core.files.base import ContentFile
from django.db import connection

from xiepai.grants.demo.people import Office
from xiepai.grants.demo.programme import Year
from xiepai.grants.demo.scribe import Scribe
from xiepai.grants.knowing import KnownFact, Subject, known_facts, literal, snapshot_of
from xiepai.grants.models import (
    Application,
    Evidence,
    EvidenceState,
    Fact,
    FactSource,
    ProgrammeVersion,
    RecordStanding,
    StoredFile,
)
from xiepai.grants.policies import evaluate, program_of
from xiepai.kernel import audit, clock
from xiepai.parties.access import Actor
from xiepai.parties.models import Organisation
from xiepai.productions.models import Work


@dataclass
class Case:
    """What one application is about, and its rows once they are written."""

    organisation: Organisation
    work: Work | None
    measures: list[str]
    facts: dict[str, str]
    stated: list[Fact] = field(default_factory=list)
    papers: list[Evidence] = field(default_factory=list)
    application: Application | None = None

    @property
    def row(self) -> Application:
        """The application, which must have been written."""
        if self.application is None:
            raise ValueError("not applied for yet")
        return self.application


def drawn_facts(scribe: Scribe, facts: dict[str, str]) -> dict[str, str]:
    """The literals of a case: ``"12..130"`` is an amount of 万元 drawn between the two, to a hundred yuan."""
    found = {}
    for name, text in facts.items():
        low, dots, high = text.partition("..")
        hundreds = scribe.random.randint(int(low) * 100, int(high) * 100) if dots else 0
        found[name] = f"{hundreds / 100:g}万元" if dots else text
    return found


def state_facts(scribe: Scribe, version: ProgrammeVersion, cases: Sequence[Case]) -> None:
    """Claims of the companies, about the work or the company, without papers yet."""
    kinds = {spec.name: spec.kind for spec in program_of(version, clock.today()).facts}
    rows: list[Fact] = []
    for case in cases:
        subject = {"work": case.work} if case.work else {"organisation": case.organisation}
        case.stated = [
            Fact(**subject, name=name, kind=kinds[name], value=value, source=FactSource.PERSON, stated_at=clock.now())
            for name, value in case.facts.items()
        ]
        rows += case.stated
    made = Fact.objects.bulk_create(rows)
    owners = {id(fact): case.organisation.pk for case in cases for fact in case.stated}
    traces = (audit.Trace("grants.fact.stated", row, organisation_id=owners[id(row)]) for row in made)
    audit.record_many(traces, actor=company_actor(cases[0].organisation))


def company_actor(company: Organisation) -> Actor:
    """Somebody of a sample company: nobody there has an account."""
    return Actor(None, f"{company.name} 经办")


def apply(scribe: Scribe, office: Office, year: Year, cases: Sequence[Case]) -> None:
    """Drafts with their facts and papers."""
    version = year.version_at()
    state_facts(scribe, version, cases)
    numbers = _numbers(year, len(cases))
    for case, number in zip(cases, numbers, strict=True):
        case.application = _draft(version, case, number)
    scribe.add([case.row for case in cases], "grants.application.prefilled", company_actor(cases[0].organisation))
    _attach(scribe, version, cases)


def _numbers(year: Year, count: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('grants_application', 'id')) FROM generate_series(1, %s)", [count]
        )
        return [f"{year.programme.code.upper()[:20]}-{row[0]:06d}" for row in cursor.fetchall()]


def _draft(version: ProgrammeVersion, case: Case, number: str) -> Application:
    facts, today = _known(version, case), clock.today()
    award = evaluate(version, _with_the_rest_lowest(version, case, facts), today)
    asked = sum(each.amount.high // each.amount.den for each in award.measures if each.measure.name in case.measures)
    who, when = company_actor(case.organisation).name, clock.now().isoformat()
    typed = {**case.facts, "form.contact": "样例联系人", "form.phone": "000-0000"}
    return Application(
        programme=version.programme, version=version, organisation=case.organisation, work=case.work, number=number,
        measures=case.measures, asked_fen=asked, explanation=award.to_json(), standing=RecordStanding.SAMPLE,
        facts=snapshot_of(
            facts, program_of(version, today), organisation_id=case.organisation.pk, number=number
        ),
        draft={name: {"value": value, "by": who, "at": when} for name, value in typed.items()},
        created_at=clock.now(), state_at=clock.now(),
    )  # fmt: skip


def _with_the_rest_lowest(version: ProgrammeVersion, case: Case, facts: dict[str, KnownFact]) -> dict[str, str]:
    """What the asked measures read, as it is known; what only others read at its lowest: it must award nothing."""
    program = program_of(version, clock.today())
    read = {name for each in program.measures if each.name in case.measures for name in each.facts}
    return {
        spec.name: facts[spec.name].value
        if spec.name in read and spec.name in facts
        else literal(spec, spec.low if spec.default is None else spec.default)
        for spec in program.facts
        if spec.kind != "key"
    }


def _known(version: ProgrammeVersion, case: Case) -> dict[str, KnownFact]:
    return known_facts(version, Subject(case.organisation.pk, case.work.pk if case.work else None))


def _attach(scribe: Scribe, version: ProgrammeVersion, cases: Sequence[Case]) -> None:
    """A paper for every fact that asks for one; each says in itself that it is a sample."""
    specs = program_of(version, clock.today()).by_name
    rows: list[tuple[Case, Fact, Evidence]] = []
    stored: list[StoredFile] = []
    for case in cases:
        for fact in (each for each in case.stated if specs[each.name].evidence and each.value != "no"):
            kind = specs[fact.name].evidence
            file = sample_paper(f"{case.row.number} {fact.name}")
            stored.append(file)
            invoice = f"SAMPLE-{case.row.pk:05d}-{fact.pk}" if fact.kind == "money" else ""
            evidence = Evidence(
                organisation=case.organisation, work=case.work, application=case.row, kind=kind,
                name=f"样例 {kind}.pdf", document_number=invoice, stored=file, uploaded_at=clock.now(),
            )  # fmt: skip
            rows.append((case, fact, evidence))
    StoredFile.objects.bulk_create(stored)
    scribe.add([each for _case, _fact, each in rows], "grants.evidence.attached", company_actor(cases[0].organisation))
    for case, fact, evidence in rows:
        fact.evidence = evidence
        case.papers.append(evidence)
    facts = [fact for _case, fact, _evidence in rows]
    Fact.objects.bulk_update(facts, ["evidence"])
    traces = (
        audit.Trace("grants.fact.proof_attached", fact, after={"evidence_id": each.pk}) for _c, fact, each in rows
    )
    audit.record_many(traces, actor=company_actor(cases[0].organisation))


def sample_paper(words: str) -> StoredFile:
    """A one-page PDF that says what it is, kept under its digest like every other file."""
    data = _pdf(f"SAMPLE - written for the demo - {words}")
    digest = hashlib.sha256(data).hexdigest()
    row = StoredFile(
        sha256=digest, content_type="application/pdf", size_bytes=len(data), scanned_at=clock.now(),
        scan_result="clean", created_at=clock.now(),
    )  # fmt: skip
    row.file.name = f"grants/{digest[:2]}/{digest}.pdf"
    if not row.file.storage.exists(row.file.name):
        row.file.storage.save(row.file.name, ContentFile(data))
    return row


def _pdf(words: str) -> bytes:
    content = f"BT /F1 12 Tf 50 760 Td ({words}) Tj ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Font << /F1 5 0 R >> >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for at, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (at, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<< /Size 7 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(out)
    return out + b"xref\n0 7\n0000000000 65535 f \n" + table + trailer


def verify(scribe: Scribe, office: Office, cases: Sequence[Case]) -> None:
    """The office has checked papers and facts."""
    who = office.officer
    papers = [paper for case in cases for paper in case.papers]
    with scribe.changing(papers, "grants.evidence.verified", who, ["state", "verified_by", "verified_at"]):
        for paper in papers:
            paper.state, paper.verified_by_id = EvidenceState.VERIFIED.value, who.person_id
            paper.verified_at = clock.now()
    facts = [fact for case in cases for fact in case.stated]
    with scribe.changing(facts, "grants.fact.verified", who, ["verified_by", "verified_at"]):
        for fact in facts:
            fact.verified_by_id, fact.verified_at = who.person_id, clock.now()
