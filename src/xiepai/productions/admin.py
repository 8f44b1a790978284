"""Works, papers and the checklist on the technical back door: to look at, never to change."""

from __future__ import annotations

from django.contrib import admin

from xiepai.kernel.admin import LookOnly
from xiepai.productions.models import CrewMember, Paper, PaperKind, Work


@admin.register(Work)
class WorkAdmin(LookOnly):
    """Works."""

    list_display = ("code", "title", "organisation", "making_mode", "state", "shooting_from", "shooting_to", "standing")
    list_filter = ("state", "making_mode", "standing")
    list_select_related = ("organisation",)
    search_fields = ("title", "title_en", "organisation__name")


@admin.register(Paper)
class PaperAdmin(LookOnly):
    """Papers; their files are handed out by the faces only."""

    list_display = ("id", "work", "kind", "state", "number", "valid_from", "valid_to", "submitted_at")
    list_filter = ("state", "kind")
    list_select_related = ("work", "kind")
    exclude = ("file", "about")


@admin.register(PaperKind)
class PaperKindAdmin(LookOnly):
    """The checklist."""

    list_display = ("position", "code", "zh", "needed_by", "per_piece", "source_grade", "standing", "is_active")


@admin.register(CrewMember)
class CrewMemberAdmin(LookOnly):
    """Who is on which contact sheet."""

    list_display = ("work", "name", "duty")
    list_select_related = ("work",)
    fields = ("work", "name", "duty", "duty_note")
