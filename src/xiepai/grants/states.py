"""The states of an application and which may follow which, as data.

Refused: leaving an end (paid back, refused for good, withdrawn); deciding before the public notice where a programme
has one is the business of its steps, not of this table.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ApplicationState(models.TextChoices):
    """From draft to paid; sent back, objected to, refused and asked back on the way."""

    DRAFT = "draft", _("填写中")
    SUBMITTED = "submitted", _("已提交")
    IN_REVIEW = "in_review", _("审核中")
    RETURNED = "returned", _("待补正")
    PROPOSED = "proposed", _("拟奖补")
    NOTICED = "noticed", _("公示中")
    APPROVED = "approved", _("已批准")
    PAYING = "paying", _("拨付中")
    PAID = "paid", _("已拨付")
    CLOSED = "closed", _("已办结")
    REJECTED = "rejected", _("未通过")
    APPEALED = "appealed", _("申诉中")
    WITHDRAWN = "withdrawn", _("已撤回")
    RECOVERING = "recovering", _("追回中")
    RECOVERED = "recovered", _("已追回")


_S = ApplicationState
NEXT: dict[str, tuple[ApplicationState, ...]] = {
    _S.DRAFT: (_S.SUBMITTED, _S.APPROVED, _S.WITHDRAWN),  # approved: awarded without application
    _S.SUBMITTED: (_S.IN_REVIEW, _S.RETURNED, _S.REJECTED, _S.WITHDRAWN),
    _S.IN_REVIEW: (_S.RETURNED, _S.PROPOSED, _S.APPROVED, _S.REJECTED, _S.WITHDRAWN),
    _S.RETURNED: (_S.SUBMITTED, _S.IN_REVIEW, _S.REJECTED, _S.WITHDRAWN),
    _S.PROPOSED: (_S.NOTICED, _S.APPROVED, _S.IN_REVIEW, _S.REJECTED, _S.WITHDRAWN),
    _S.NOTICED: (_S.APPROVED, _S.PROPOSED, _S.IN_REVIEW, _S.REJECTED, _S.WITHDRAWN),
    _S.APPROVED: (_S.PAYING, _S.PAID, _S.REJECTED, _S.RECOVERING),
    _S.PAYING: (_S.PAID, _S.APPROVED, _S.RECOVERING),
    _S.PAID: (_S.CLOSED, _S.RECOVERING),
    _S.CLOSED: (_S.RECOVERING,),
    _S.REJECTED: (_S.APPEALED,),
    _S.APPEALED: (_S.IN_REVIEW, _S.REJECTED),
    _S.RECOVERING: (_S.RECOVERED, _S.PAID, _S.CLOSED),
    _S.WITHDRAWN: (),
    _S.RECOVERED: (),
}
#: The company still writes.
WRITABLE = (_S.DRAFT, _S.RETURNED)
#: The office is at work on it.
OPEN = (_S.SUBMITTED, _S.IN_REVIEW, _S.RETURNED, _S.PROPOSED, _S.NOTICED, _S.APPEALED)
#: Money is promised or has gone.
AWARDED = (_S.APPROVED, _S.PAYING, _S.PAID, _S.CLOSED)


def may_follow(state: str, target: str) -> bool:
    """Whether an application may go from one state to another.

    >>> may_follow("draft", "submitted"), may_follow("withdrawn", "draft")
    (True, False)
    """
    return target in NEXT[state]
