"""What can be done with bookings, one function a deed; see ``docs/bookings.md``."""

from xiepai.bookings.periods import as_range, as_span
from xiepai.bookings.services.bundling import place_bundle
from xiepai.bookings.services.changing import change_booking, name_work, try_change
from xiepai.bookings.services.claiming import CLAIM_HOURS, answer_claim, claim_damage, claim_until, decide_claim
from xiepai.bookings.services.deciding import (
    approve_booking,
    confirm_booking,
    decline_booking,
    extend_hold,
    keep_lease,
)
from xiepai.bookings.services.ending import (
    cancel_booking,
    expire_overdue,
    fee_to_cancel,
    hand_back,
    mark_no_show,
    settle,
    start_use,
)
from xiepai.bookings.services.handing import add_pictures, hand_over, record_extra, sign_handover, take_back
from xiepai.bookings.services.settling import account_of, in_words, settle_booking
from xiepai.bookings.services.taking import (
    SlotRequest,
    lease_slot,
    place_hold,
    repeat_spans,
)
from xiepai.bookings.services.waiting import (
    accept_offer,
    decline_offer,
    join_waiting_list,
    offer_freed,
    withdraw_waiting,
)

__all__ = [
    "CLAIM_HOURS",
    "SlotRequest",
    "accept_offer",
    "account_of",
    "add_pictures",
    "answer_claim",
    "approve_booking",
    "as_range",
    "as_span",
    "cancel_booking",
    "change_booking",
    "claim_damage",
    "claim_until",
    "confirm_booking",
    "decide_claim",
    "decline_booking",
    "decline_offer",
    "expire_overdue",
    "extend_hold",
    "fee_to_cancel",
    "hand_back",
    "hand_over",
    "in_words",
    "join_waiting_list",
    "keep_lease",
    "lease_slot",
    "mark_no_show",
    "name_work",
    "offer_freed",
    "place_bundle",
    "place_hold",
    "record_extra",
    "repeat_spans",
    "settle",
    "settle_booking",
    "sign_handover",
    "start_use",
    "take_back",
    "try_change",
    "withdraw_waiting",
]
