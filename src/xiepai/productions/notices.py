"""Who is told what about works; how it reaches them is the business of ``parties.notices``."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from xiepai.parties.models import CREW_ROLES
from xiepai.parties.notices import members_in, tell
from xiepai.productions.models import Paper, Work


def tell_rejected(paper: Paper) -> None:
    """The office sent a paper back."""
    work = paper.work
    tell(
        members_in(work.organisation_id, CREW_ROLES),
        kind="productions.paper_rejected",
        subject=_("文件被退回：%(work)s %(paper)s") % {"work": work, "paper": paper.kind},
        body=paper.note,
        path=path_of(work),
        organisation_id=work.organisation_id,
    )


def tell_expiring(work: Work, papers: Sequence[Paper]) -> None:
    """Papers of a work end soon: one message for all of them."""
    lines = [_("%(paper)s：%(day)s 到期") % {"paper": paper, "day": paper.valid_to} for paper in papers]
    tell(
        members_in(work.organisation_id, CREW_ROLES),
        kind="productions.papers_expiring",
        subject=_("文件即将到期：%(work)s") % {"work": work},
        body="\n".join(lines),
        path=path_of(work),
        organisation_id=work.organisation_id,
    )


def path_of(work: Work) -> str:
    """The page of a work."""
    return f"/works/{work.pk}/"
