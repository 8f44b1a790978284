"""Scripts, plans and call sheets on the technical back door: to look at, never to change."""

from __future__ import annotations

from django.contrib import admin

from xiepai.kernel.admin import LookOnly
from xiepai.shoots.models import CallSheet, Plan, Scene, Script, Solve


@admin.register(Script)
class ScriptAdmin(LookOnly):
    """Scripts; their files are handed out by the faces only."""

    list_display = ("id", "work", "version", "title", "state", "source_format", "created_at")
    list_filter = ("state", "source_format")
    list_select_related = ("work",)
    exclude = ("file", "text", "reading")


@admin.register(Scene)
class SceneAdmin(LookOnly):
    """Breakdowns."""

    list_display = ("id", "work", "episode", "number", "time_of_day", "inside_outside", "story_place", "shot_state")
    list_filter = ("time_of_day", "inside_outside", "shot_state")
    list_select_related = ("work", "story_place")


@admin.register(Plan)
class PlanAdmin(LookOnly):
    """Plans."""

    list_display = ("id", "work", "name", "state", "first_day", "last_day", "revision")
    list_filter = ("state",)
    list_select_related = ("work",)


@admin.register(Solve)
class SolveAdmin(LookOnly):
    """Solves."""

    list_display = ("id", "plan", "state", "status", "best_fen", "bound_fen", "asked_at")
    list_filter = ("state", "status")
    list_select_related = ("plan",)


@admin.register(CallSheet)
class CallSheetAdmin(LookOnly):
    """Call sheets."""

    list_display = ("id", "work", "day", "unit", "version", "state", "sent_at")
    list_filter = ("state",)
    list_select_related = ("work",)
