"""What everybody may read of grants: programmes, notices, awards by measure, and figures with the rows behind them.

An award line is one measure of one decision that stands: approved, not replaced by a later one, not taken back.
Refused: drafts, who objected, bank accounts, facts of a company. A figure is the sum of the lines its link lists.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet

from xiepai.grants.masking import mask_code
from xiepai.grants.models import NoticeState, Programme, ProgrammeState, PublicNotice
from xiepai.grants.policies import policy_of
from xiepai.kernel.errors import not_found

#: One line a measure of a decision; where a limit over measures cut the sum, each bears its part, as in what is paid
#: (``services.promising.shares_of``).
_LINES = """
SELECT d.id, d.number, d.decided_at, (d.decided_at AT TIME ZONE 'Asia/Shanghai')::date AS decided_on,
  p.id AS programme_id, p.code AS programme_code, p.name AS programme, p.name_en AS programme_en,
  m.key AS measure, m.fen, o.id AS organisation_id, o.name AS company, o.name_en AS company_en,
  o.uscc, o.town, o.cluster, coalesce(w.title, '') AS work, coalesce(w.title_en, '') AS work_en,
  a.number AS application, a.state AS state,
  CASE WHEN 'sample' IN (a.standing, p.standing, o.standing) THEN 'sample' ELSE 'known' END AS standing,
  coalesce((SELECT sum(y.amount_fen) FROM grants_paymentorder y
    WHERE y.decision_id = d.id AND y.measure = m.key AND y.state = 'paid'), 0)::bigint AS paid_fen
FROM grants_decision d
JOIN grants_application a ON a.id = d.application_id
JOIN grants_programme p ON p.id = a.programme_id
JOIN parties_organisation o ON o.id = a.organisation_id
LEFT JOIN productions_work w ON w.id = a.work_id
CROSS JOIN LATERAL (
  SELECT key, (part + CASE WHEN row_number() OVER (ORDER BY key COLLATE "C") = 1
    THEN d.awarded_fen - sum(part) OVER () ELSE 0 END)::bigint AS fen
  FROM (SELECT key, div(d.awarded_fen::numeric * value::bigint, sum(value::bigint) OVER ()) AS part
    FROM jsonb_each_text(d.by_measure) WHERE value::bigint > 0) parts
) m
WHERE d.outcome = 'approved' AND m.fen > 0 AND p.is_local AND p.state <> 'draft'
  AND a.state IN ('approved', 'paying', 'paid', 'closed', 'recovering')
  AND NOT EXISTS (SELECT 1 FROM grants_decision later WHERE later.replaces_id = d.id)
"""
SORTS = {
    "date": "decided_at", "amount": "fen", "company": "company", "measure": "measure", "programme": "programme",
    "town": "town",
}  # fmt: skip
GROUPS = {
    "measure": "programme_id, measure",
    "year": "extract(year FROM decided_on)::int",
    "town": "town",
    "cluster": "cluster",
    "company": "organisation_id, company, company_en",
    "programme": "programme_id, programme, programme_en",
}


@dataclass(frozen=True)
class AwardFilter:
    """What a list of awards is narrowed by; empty fields do not narrow."""

    programme: str = ""
    measure: str = ""
    year: int | None = None
    town: str | None = None
    company: int | None = None
    words: str = ""
    cluster: str | None = None

    def where(self) -> tuple[str, list[Any]]:
        """The conditions over the lines, and their values."""
        parts: list[tuple[str, list[Any]]] = [
            ("programme_code = %s", [self.programme]) if self.programme else ("", []),
            ("measure = %s", [self.measure]) if self.measure else ("", []),
            ("extract(year FROM decided_on) = %s", [self.year]) if self.year is not None else ("", []),
            ("town = %s", [self.town]) if self.town is not None else ("", []),
            ("cluster = %s", [self.cluster]) if self.cluster is not None else ("", []),
            ("organisation_id = %s", [self.company]) if self.company is not None else ("", []),
            (
                "(company ILIKE %s OR work ILIKE %s OR company_en ILIKE %s OR work_en ILIKE %s)",
                [f"%{_plain(self.words)}%"] * 4,
            )
            if self.words
            else ("", []),
        ]
        kept = [each for each in parts if each[0]]
        return " AND ".join(text for text, _values in kept) or "TRUE", [one for _text, many in kept for one in many]


def _plain(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


@dataclass(frozen=True)
class AwardLine:
    """One measure of one award."""

    id: int
    number: str
    decided_on: date
    programme_id: int
    programme_code: str
    programme: str
    programme_en: str
    measure: str
    fen: int
    organisation_id: int
    company: str
    company_en: str
    identifier: str
    town: str
    cluster: str
    work: str
    work_en: str
    application: str
    state: str
    standing: str
    paid_fen: int


def award_lines(
    wanted: AwardFilter, *, sort: str = "-date", limit: int | None = None, offset: int = 0
) -> list[AwardLine]:
    """The lines, in order; ``limit`` and ``offset`` for a page."""
    where, values = wanted.where()
    key = SORTS.get(sort.lstrip("-"), "decided_at")
    order = f"{key} {'DESC' if sort.startswith('-') else 'ASC'}, id, measure"
    paging = " LIMIT %s OFFSET %s" if limit is not None else ""
    query = f"SELECT * FROM ({_LINES}) lines WHERE {where} ORDER BY {order}{paging}"  # noqa: S608 - names of ours
    with connection.cursor() as cursor:
        cursor.execute(query, [*values, *((limit, offset) if limit is not None else ())])
        names = [column.name for column in cursor.description]
        return [_line(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _line(found: dict[str, Any]) -> AwardLine:
    code = found.pop("uscc")
    found.pop("decided_at")
    return AwardLine(identifier=mask_code(code) if code else "", **found)


def totals(wanted: AwardFilter) -> dict[str, int]:
    """How many lines, awards and companies, and how much."""
    where, values = wanted.where()
    counts = "count(*), count(DISTINCT id), count(DISTINCT organisation_id)"
    sums = "coalesce(sum(fen), 0), coalesce(sum(paid_fen), 0)"
    query = f"SELECT {counts}, {sums} FROM ({_LINES}) lines WHERE {where}"  # noqa: S608 - conditions of ours
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        found = cursor.fetchone()
    return dict(zip(("lines", "awards", "companies", "fen", "paid_fen"), map(int, found), strict=True))


@dataclass(frozen=True)
class Group:
    """One row of the statistics: what it is of, and the filter that lists its lines."""

    label: str
    label_en: str
    lines: int
    companies: int
    fen: int
    rows: AwardFilter


def grouped(wanted: AwardFilter, by: str) -> list[Group]:
    """The lines added up by measure, year, town, cluster, company or programme, the most money first."""
    columns, (where, values) = GROUPS[by], wanted.where()
    query = (
        f"SELECT {columns}, count(*), count(DISTINCT organisation_id), sum(fen) FROM ({_LINES}) lines"  # noqa: S608
        f" WHERE {where} GROUP BY {columns} ORDER BY sum(fen) DESC, {columns}"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        rows = cursor.fetchall()
    known = {each.pk: each for each in Programme.objects.all()}
    return [_group(wanted, by, row[:-3], (int(row[-3]), int(row[-2]), int(row[-1])), known) for row in rows]


def _group(
    wanted: AwardFilter, by: str, key: tuple[Any, ...], sums: tuple[int, int, int], known: dict[int, Programme]
) -> Group:
    if by == "measure":
        programme = known[key[0]]
        zh, en = measure_names(programme).get(key[1], (key[1], key[1]))
        return Group(zh, en, *sums, replace(wanted, programme=programme.code, measure=key[1]))
    if by == "programme":
        code = known[key[0]].code
        return Group(key[1], key[2] or key[1], *sums, replace(wanted, programme=code))
    if by == "company":
        return Group(key[1], key[2] or key[1], *sums, replace(wanted, company=key[0]))
    if by == "town":
        return Group(key[0], key[0], *sums, replace(wanted, town=key[0]))
    if by == "cluster":
        return Group(key[0], key[0], *sums, replace(wanted, cluster=key[0]))
    return Group(str(key[0]), str(key[0]), *sums, replace(wanted, year=int(key[0])))


def measure_names(programme: Programme) -> dict[str, tuple[str, str]]:
    """Measure → its Chinese and English name, by the programme's newest version."""
    version = programme.versions.order_by("-number").first()
    return {each.name: (each.zh, each.en) for each in policy_of(version).at().measures} if version else {}


def public_programmes() -> QuerySet[Programme]:
    """This city's programmes that are or were open, the newest first."""
    rows = Programme.objects.filter(is_local=True).exclude(state=ProgrammeState.DRAFT)
    return rows.prefetch_related("windows", "budgets", "versions", "settings").order_by("-year", "code")


def public_notices() -> QuerySet[PublicNotice]:
    """Every notice that was ever open, the newest first, with its counts."""
    rows = PublicNotice.objects.exclude(opens_on=None).select_related("programme")
    counts = {
        "item_count": Count("items", distinct=True),
        "objection_count": Count("objections", distinct=True),
        "answered_count": Count("objections", filter=~Q(objections__state="received"), distinct=True),
    }
    return rows.annotate(**counts).order_by("-opens_on", "-id")


def public_notice(notice_id: int) -> PublicNotice:
    """One of them; a draft is *not found*."""
    notice = public_notices().filter(pk=notice_id).first()
    if notice is None:
        raise not_found()
    return notice


def is_open(notice: PublicNotice, today: date) -> bool:
    """Whether objections are taken today."""
    return notice.state == NoticeState.OPEN and notice.closes_on is not None and today <= notice.closes_on
