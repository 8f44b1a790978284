"""What can be done with works, one function a deed; see ``docs/guide/productions.md``."""

from xiepai.productions.services.kinds import (
    add_missing_kinds,
    add_paper_kind,
    restore_paper_kind,
    retire_paper_kind,
    update_paper_kind,
)
from xiepai.productions.services.members import add_crew_member, remove_crew_member, update_crew_member
from xiepai.productions.services.papers import accept_paper, reject_paper, submit_paper, withdraw_paper
from xiepai.productions.services.warning import warn_expiring
from xiepai.productions.services.works import advance_work, declare_work, update_work

__all__ = [
    "accept_paper",
    "add_crew_member",
    "add_missing_kinds",
    "add_paper_kind",
    "advance_work",
    "declare_work",
    "reject_paper",
    "remove_crew_member",
    "restore_paper_kind",
    "retire_paper_kind",
    "submit_paper",
    "update_crew_member",
    "update_paper_kind",
    "update_work",
    "warn_expiring",
    "withdraw_paper",
]
