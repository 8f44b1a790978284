"""The tables of shooting plans, gathered for Django; each group stands in a module of its own."""

from __future__ import annotations

from xiepai.shoots.models_plans import (
    Plan,
    PlanBooking,
    PlanChange,
    PlanDay,
    PlanState,
    Solve,
    SolveKind,
    SolveState,
    Strip,
    StripKind,
)
from xiepai.shoots.models_scripts import (
    Candidate,
    CastRole,
    ElementKind,
    InsideOutside,
    RoleKind,
    Scene,
    SceneElement,
    Script,
    ScriptState,
    ShotState,
    StoryPlace,
    TimeOfDay,
)
from xiepai.shoots.models_sheets import CallSheet, EmergencyRoom, Receipt, ReceiptState, SheetState, Wrap, WrapResult

__all__ = [
    "CallSheet",
    "Candidate",
    "CastRole",
    "ElementKind",
    "EmergencyRoom",
    "InsideOutside",
    "Plan",
    "PlanBooking",
    "PlanChange",
    "PlanDay",
    "PlanState",
    "Receipt",
    "ReceiptState",
    "RoleKind",
    "Scene",
    "SceneElement",
    "Script",
    "ScriptState",
    "SheetState",
    "ShotState",
    "Solve",
    "SolveKind",
    "SolveState",
    "StoryPlace",
    "Strip",
    "StripKind",
    "TimeOfDay",
    "Wrap",
    "WrapResult",
]
