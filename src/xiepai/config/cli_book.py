"""``xiepai book FILE``: the main job on the command line. Reads a crew's sheet, books it, prints the report.

Exit codes: 0 every need is booked (or, with ``--dry-run``, could be), 1 the file or the crew is wrong,
2 something could not be met. Nothing of the domain is decided here.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xiepai.config import boot
from xiepai.kernel.errors import ErrorCode, XiepaiError

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from xiepai.bookings.needs import Sheet
    from xiepai.parties.access import Actor
    from xiepai.parties.models import Organisation

BAD_FILE, UNMET = 1, 2
_LANGUAGES = {"zh": "zh-hans", "en": "en"}


def book(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Needs as .xlsx, .csv or .json.")],
    partial: Annotated[bool, typer.Option("--partial", help="Book what fits; without it: all or nothing.")] = False,
    day1: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="What 第1天 means; default: in 7 days.")
    ] = None,
    crew: Annotated[str, typer.Option(help="The crew's name or a member's e-mail; default: the demo crew.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Plan and print, book nothing.")] = False,
    lang: Annotated[str, typer.Option(help="zh or en")] = "zh",
) -> None:
    """Turn a crew's sheet of needs into bookings. 按需求表订景"""
    if lang not in _LANGUAGES:
        raise typer.BadParameter("zh, en", param_hint="--lang")
    boot.start_database()
    boot.set_up_django()
    from django.utils import translation

    with translation.override(_LANGUAGES[lang]):
        code = _run(file, partial, day1.date() if day1 else None, crew, as_json, dry_run)
    if code:
        raise typer.Exit(code)


def _run(file: Path, partial: bool, day_one: date | None, crew: str, as_json: bool, dry_run: bool) -> int:
    from xiepai.bookings.booking_job import book_needs
    from xiepai.config import book_report
    from xiepai.kernel import audit

    try:
        organisation, actor = _crew(crew)
        sheet = _sheet(file, organisation.pk, day_one)
        with audit.origin_is("command"):
            result = book_needs(
                actor=actor, organisation_id=organisation.pk, sheet=sheet, partial=partial, dry_run=dry_run
            )
    except XiepaiError as error:
        book_report.print_refusal(error, as_json=as_json)
        return BAD_FILE
    if as_json:
        typer.echo(book_report.as_json(result))
    else:
        book_report.print_result(result)
    return UNMET if result.unmet or not (result.is_booked or dry_run) else 0


def _sheet(file: Path, organisation_id: int, day_one: date | None) -> Sheet:
    """The sheet; without ``--day1`` one booked before keeps its first day, so that running again changes nothing."""
    from xiepai.bookings.booking_job import first_day_of_earlier_run
    from xiepai.bookings.needs import read_sheet

    data = file.read_bytes()
    sheet = read_sheet(file.name, data, day_one=day_one)
    if day_one is None:
        earlier = first_day_of_earlier_run(organisation_id=organisation_id, digest=sheet.digest)
        if earlier not in (None, sheet.day_one):
            return read_sheet(file.name, data, day_one=earlier)
    return sheet


def _crew(wanted: str) -> tuple[Organisation, Actor]:
    """The crew and the member it acts through: by e-mail, by name, else the demo crew or the only one."""
    from xiepai.parties.access import Actor, actor_of
    from xiepai.parties.models import CREW_ROLES, Membership, Organisation, OrganisationKind, Role

    members = Membership.objects.filter(role__in=CREW_ROLES, organisation__is_active=True, person__is_active=True)
    if "@" in wanted:
        mine = members.filter(person__email=wanted.strip().lower()).select_related("person", "organisation").first()
        if mine is None:
            raise XiepaiError(ErrorCode.NOT_FOUND)
        return mine.organisation, actor_of(mine.person)
    crews = Organisation.objects.filter(kind=OrganisationKind.CREW, is_active=True).order_by("id")
    organisation = _by_name(wanted, crews) if wanted else (crews.filter(standing="sample").first() or _only(crews))
    theirs = members.filter(organisation=organisation).select_related("person").order_by("-role", "id").first()
    if theirs is not None:
        return organisation, actor_of(theirs.person)
    return organisation, Actor(None, organisation.name, frozenset({(organisation.pk, str(Role.SCHEDULER))}))


def _by_name(wanted: str, crews: QuerySet[Organisation]) -> Organisation:
    found = list(crews.filter(name=wanted)) or list(crews.filter(name__icontains=wanted)[:2])
    if len(found) != 1:
        raise _which(crews)
    return found[0]


def _only(crews: QuerySet[Organisation]) -> Organisation:
    found = list(crews[:2])
    if len(found) != 1:
        raise _which(crews)
    return found[0]


def _which(crews: QuerySet[Organisation]) -> XiepaiError:
    from django.utils.translation import gettext as _

    names = "、".join(crews.values_list("name", flat=True)[:8]) or "—"
    return XiepaiError(ErrorCode.INVALID, detail=_("请用 --crew 写明剧组公司：%(names)s") % {"names": names})
