"""The refusals of grants: each with words a person can act on."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from xiepai.grants.states import ApplicationState, may_follow
from xiepai.kernel.errors import ErrorCode, XiepaiError


def invalid(detail: str | Promise, **values: Any) -> XiepaiError:
    """``INVALID`` with a reason."""
    return XiepaiError(ErrorCode.INVALID, detail=str(detail).format(**values))


def wrong_state(number: str, state: str, action: str) -> XiepaiError:
    """The refusal of a deed an application's state does not allow."""
    label = str(ApplicationState(state).label)
    return XiepaiError(ErrorCode.APPLICATION_STATE, number=number, state=label, action=action)


def require_follow(number: str, state: str, target: str) -> None:
    """Refuse a state that does not follow the present one."""
    if not may_follow(state, target):
        raise wrong_state(number, state, _("转到“{state}”").format(state=ApplicationState(target).label))


def policy_refused(reasons: str) -> XiepaiError:
    """A policy text that does not load or fails its own check."""
    return XiepaiError(ErrorCode.POLICY_INVALID, reasons=reasons)
