"""A crew's sheet of needs: a file in, frozen values out, or every bad row with its line, column and reason.

``read_sheet`` is the one door. Nothing is written here and nothing of the city is known: whether a place
exists is for ``bookings.matching`` to find out.
"""

from xiepai.bookings.needs.files import MAX_ROWS
from xiepai.bookings.needs.model import NeedRow, RowProblem, Sheet
from xiepai.bookings.needs.sheet import DAYS_AHEAD, HEADERS, read_sheet

__all__ = ["DAYS_AHEAD", "HEADERS", "MAX_ROWS", "NeedRow", "RowProblem", "Sheet", "read_sheet"]
