"""The stages of a work, from declaration to release, and which may follow which.

Refused: skipping 进组 for anything that is shot. An AI-made work has no set to enter and goes from preparation to
post-production; reshoots (补拍) and a new review after the licence go back a stage.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class WorkState(models.TextChoices):
    """From 报备 to 上线; shelved may come back, withdrawn may not."""

    DECLARED = "declared", _("报备")
    FILED = "filed", _("备案")
    PREPARING = "preparing", _("筹备")
    SHOOTING = "shooting", _("进组")
    WRAPPED = "wrapped", _("杀青")
    POST = "post", _("后期")
    LICENSED = "licensed", _("取得许可")
    RELEASED = "released", _("上线")
    SHELVED = "shelved", _("搁置")
    WITHDRAWN = "withdrawn", _("撤回")


#: The stages in their order.
ORDER = (
    WorkState.DECLARED,
    WorkState.FILED,
    WorkState.PREPARING,
    WorkState.SHOOTING,
    WorkState.WRAPPED,
    WorkState.POST,
    WorkState.LICENSED,
    WorkState.RELEASED,
)
#: Nothing more is written to such a work.
ENDED = (WorkState.RELEASED, WorkState.WITHDRAWN)
_NEXT: dict[str, tuple[WorkState, ...]] = {
    # Only the top class is filed before it is shot; whether a filing number is missing is the checklist's business.
    WorkState.DECLARED: (WorkState.FILED, WorkState.PREPARING),
    WorkState.FILED: (WorkState.PREPARING,),
    WorkState.PREPARING: (WorkState.SHOOTING,),
    WorkState.SHOOTING: (WorkState.WRAPPED,),
    WorkState.WRAPPED: (WorkState.POST, WorkState.SHOOTING),
    WorkState.POST: (WorkState.LICENSED, WorkState.SHOOTING),
    WorkState.LICENSED: (WorkState.RELEASED, WorkState.POST),
}


def next_states(state: str, *, is_shot: bool, resumes_to: str = "") -> tuple[WorkState, ...]:
    """The stages a work may go to from here; *is_shot* is false for a work made without a camera.

    >>> [stage.value for stage in next_states("preparing", is_shot=False)]
    ['post', 'shelved', 'withdrawn']
    """
    if state in ENDED:
        return ()
    if state == WorkState.SHELVED:
        back = (WorkState(resumes_to),) if resumes_to else ()
        return (*back, WorkState.WITHDRAWN)
    onward = _NEXT[state]
    if not is_shot:
        onward = tuple(WorkState.POST if each == WorkState.SHOOTING else each for each in onward)
        onward = tuple(each for each in onward if each != state)
    return (*onward, WorkState.SHELVED, WorkState.WITHDRAWN)


def is_before(state: str, other: str) -> bool:
    """Whether *state* comes before *other* on the way to release."""
    return ORDER.index(WorkState(state)) < ORDER.index(WorkState(other))


def gate_of(state: str, *, is_shot: bool, resumes_to: str = "") -> WorkState | None:
    """The stage ahead at which papers are looked at: 进组 (without a camera: 后期) until then, afterwards the next one.

    A shelved work is looked at where it was left; None where nothing is ahead.

    >>> gate_of("declared", is_shot=True).value, gate_of("declared", is_shot=False).value
    ('shooting', 'post')
    >>> gate_of("post", is_shot=True).value, gate_of("released", is_shot=True)
    ('licensed', None)
    """
    stage = resumes_to if state == WorkState.SHELVED else state
    if stage not in ORDER or stage in ENDED:
        return None
    first = WorkState.SHOOTING if is_shot else WorkState.POST
    return first if is_before(stage, first) else ORDER[ORDER.index(WorkState(stage)) + 1]


def stages_of(*, is_shot: bool) -> tuple[WorkState, ...]:
    """The stages a work passes on its way; without a camera there is no set to enter and no wrap.

    >>> len(stages_of(is_shot=True)) - len(stages_of(is_shot=False))
    2
    """
    return ORDER if is_shot else tuple(s for s in ORDER if s not in (WorkState.SHOOTING, WorkState.WRAPPED))
