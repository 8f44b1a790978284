"""Who sees and writes works: the crew's producers and schedulers their own, the office all; the office checks papers.

Refused: telling a stranger that a work exists (*not found*); a check by who may only write, a write by who may only
read (*forbidden*, with the roles that would do).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import QuerySet

from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor, require_crew
from xiepai.parties.models import CREW_ROLES, Role
from xiepai.productions.models import CrewMember, Paper, Work

CHECKERS = (Role.OFFICER, Role.ADMINISTRATOR)


def visible_works(actor: Actor) -> QuerySet[Work]:
    """The works an actor may know of."""
    if actor.is_office:
        return Work.objects.all()
    return Work.objects.filter(organisation__in=actor.organisations(*CREW_ROLES))


def visible_papers(actor: Actor) -> QuerySet[Paper]:
    """The papers of those works."""
    return Paper.objects.filter(work__in=visible_works(actor))


def visible_members(actor: Actor) -> QuerySet[CrewMember]:
    """The people on the contact sheets of those works."""
    return CrewMember.objects.filter(work__in=visible_works(actor))


def may_write(actor: Actor, work: Work) -> bool:
    """Whether the actor writes for the work's crew (officers may act for every crew)."""
    return actor.is_officer or actor.holds(*CREW_ROLES, organisation_id=work.organisation_id)


def may_check(actor: Actor) -> bool:
    """Whether the actor checks papers and edits the checklist."""
    return actor.is_officer


def require_declarer(actor: Actor, organisation_id: int) -> None:
    """Refuse who does not plan for that company; the office's readers, who know of it, are told which roles do."""
    if actor.is_office and not actor.is_officer and not actor.holds(*CREW_ROLES, organisation_id=organisation_id):
        raise _forbidden(sorted(CREW_ROLES))
    require_crew(actor, organisation_id)


def require_checker(actor: Actor) -> None:
    """Refuse who does not check papers for the office."""
    if not may_check(actor):
        raise _forbidden(CHECKERS)


def require_writer_of(actor: Actor, work_id: int) -> None:
    """Refuse who does not write for the work's crew; not found for who may not know of it."""
    work = visible_works(actor).filter(pk=work_id).first()
    if work is None:
        raise not_found()
    if not may_write(actor, work):
        raise _forbidden(sorted(CREW_ROLES))


def check_works(organisation_id: int, work_ids: Collection[int | None]) -> None:
    """Not found unless each named work (None: none named) is that company's; one query, none without a name.

    For the floors above, whose rows belong to a work: who acts for the company is checked there.
    """
    named = {work_id for work_id in work_ids if work_id is not None}
    if named and Work.objects.filter(pk__in=named, organisation=organisation_id).count() < len(named):
        raise not_found()


def require_sight_of(actor: Actor, paper_id: int) -> None:
    """Not found for who may not know of the paper."""
    if not visible_papers(actor).filter(pk=paper_id).exists():
        raise not_found()


def locked_work(actor: Actor, work_id: int) -> Work:
    """The work under row lock for a write by *actor*; not found for who may not know of it."""
    work = (
        visible_works(actor)
        .select_for_update(of=("self",), no_key=True)
        .select_related("organisation")
        .filter(pk=work_id)
        .first()
    )
    if work is None:
        raise not_found()
    if not may_write(actor, work):
        raise _forbidden(sorted(CREW_ROLES))
    return work


def locked_paper(actor: Actor, paper_id: int) -> Paper:
    """The paper with its work, both under row lock, the work first; writers of the work only."""
    work_id = visible_papers(actor).filter(pk=paper_id).values_list("work_id", flat=True).first()
    if work_id is None:
        raise not_found()
    work = locked_work(actor, work_id)
    paper = Paper.objects.select_for_update(of=("self",)).select_related("kind").filter(pk=paper_id).first()
    if paper is None:
        raise not_found()
    paper.work = work
    return paper


def _forbidden(roles: Iterable[str]) -> XiepaiError:
    return XiepaiError(ErrorCode.FORBIDDEN, needed="、".join(str(Role(role).label) for role in roles))
