"""From needs to a plan: which places, at which times, at what price, why these, and why not the others.

Reads only. A bounded number of queries: at most a few searches a distinct wording, then every place, rule,
tariff and occupancy of all candidates at once. Whether a plan really holds is for the booking wall to say.
"""

from xiepai.bookings.matching.plan import MOVE_FEN, Plan, make_plan
from xiepai.bookings.matching.ways import Way

__all__ = ["MOVE_FEN", "Plan", "Way", "make_plan"]
