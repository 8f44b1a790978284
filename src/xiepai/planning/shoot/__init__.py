"""A shooting plan: ``Problem`` → :func:`solve` → ``Result``; day, unit, place and time for every scene.

The cheapest way to shoot all scenes under calendars, hours, light, rest, limits and musts, in fen term by term
(``objective``), judged by a checker of its own (``checker``). Refuses problems that name what does not exist.
"""

from xiepai.planning.shoot.checker import Rule, Violation, check
from xiepai.planning.shoot.model import Limits, Placement, Plan, Problem, Progress, Result, Status, Travel
from xiepai.planning.shoot.objective import TERMS, cost, met
from xiepai.planning.shoot.solving import solve
from xiepai.planning.shoot.sun import sun
from xiepai.planning.shoot.values import (
    MOST_REST,
    Candidate,
    CrowdKind,
    Day,
    Extras,
    Light,
    Lock,
    Part,
    Person,
    Place,
    Scene,
    Tariff,
    Unit,
    Weights,
    Window,
    Wish,
    WishKind,
)

__all__ = [
    "MOST_REST", "TERMS", "Candidate", "CrowdKind", "Day", "Extras", "Light", "Limits", "Lock", "Part",
    "Person", "Place", "Placement", "Plan", "Problem", "Progress", "Result", "Rule", "Scene", "Status",
    "Tariff", "Travel", "Unit", "Violation", "Weights", "Window", "Wish", "WishKind", "check", "cost", "met",
    "solve", "sun",
]  # fmt: skip
