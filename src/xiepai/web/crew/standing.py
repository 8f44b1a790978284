"""Where a booking stands, for people: its steps from the hold to the settled account, and who must act next.

Pure words about rows that were read elsewhere; decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from xiepai.bookings.models import ENDED, Booking, BookingState, ClaimState, DamageClaim
from xiepai.places.models import Approval

S = BookingState
CREW, KEEPER, OFFICE, NOBODY = "crew", "keeper", "office", ""
_USUAL = (S.HELD, S.CONFIRMED, S.IN_USE, S.HANDED_BACK, S.SETTLED)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: *standing* is ``done``, ``here``, ``ahead`` or ``ended`` (it stopped here)."""

    code: str
    label: str
    at: datetime | None
    standing: str


@dataclass(frozen=True, slots=True)
class Next:
    """What happens next, who must act (``crew``, ``keeper``, ``office`` or nobody), and until when."""

    who: str
    text: str
    until: datetime | None = None

    @property
    def who_label(self) -> str:
        """The side that must act, in words."""
        return {CREW: _("剧组"), KEEPER: _("场地方"), OFFICE: _("协拍办")}.get(self.who, _("无需操作"))


def steps_of(row: Booking, moments: Mapping[str, datetime]) -> list[Step]:
    """The steps behind, the present one and those ahead; an ended booking shows no steps that will not come."""
    state = S(row.state)
    path = list(_USUAL)
    if row.place.approval == Approval.KEEPER or S.REQUESTED in moments:
        path.insert(1, S.REQUESTED)
    if state == S.LEASED:
        path.insert(0, S.LEASED)
    if state in ENDED and state != S.SETTLED:
        path = [*(step for step in path if step in moments), state]
    here = path.index(state) if state in path else 0
    return [_step(row, step, at, here, moments) for at, step in enumerate(path)]


def _step(row: Booking, step: BookingState, at: int, here: int, moments: Mapping[str, datetime]) -> Step:
    if at < here:
        standing = "done"
    elif at > here:
        standing = "ahead"
    elif step == S.SETTLED:
        standing = "done"
    else:
        standing = "ended" if step in ENDED else "here"
    moment = None if at > here else moments.get(step) or (row.state_at if at == here else None)
    return Step(step.value, str(step.label), moment, standing)


def next_of(row: Booking, claims: Sequence[DamageClaim], claim_until: datetime | None) -> Next:
    """The next thing to happen."""
    if row.state == S.HANDED_BACK:
        return _after_use(claims, claim_until)
    if row.state == S.HELD and row.pencil == 2:
        return Next(NOBODY, _("第二预留：前一个预留放弃或到期后自动转正，届时通知剧组。"))
    asks = row.place.approval == Approval.KEEPER
    found = {
        S.LEASED: Next(CREW, _("填完并预留，否则临时占位会释放。"), row.expires_at),
        S.HELD: Next(CREW, _("提交审批") if asks else _("确认预订"), row.expires_at),
        S.REQUESTED: Next(KEEPER, _("批准或拒绝"), row.approval_due_at),
        S.CONFIRMED: Next(KEEPER, _("开始时与剧组做进场交接"), row.period.lower),
        S.IN_USE: Next(KEEPER, _("用完后与剧组做撤场交接"), row.period.upper),
    }
    return found.get(S(row.state)) or Next(NOBODY, _("这个预订已经结束。"))


def _after_use(claims: Sequence[DamageClaim], claim_until: datetime | None) -> Next:
    states = {claim.state for claim in claims}
    if ClaimState.DISPUTED in states:
        return Next(OFFICE, _("裁定有异议的索赔"))
    if ClaimState.CLAIMED in states:
        return Next(CREW, _("认可索赔，或提出异议"))
    return Next(KEEPER, _("核对费用并结算；如有损坏，请先在期限内索赔"), claim_until)
