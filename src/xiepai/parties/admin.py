"""People and organisations on the technical back door: to look at; they are changed on their own pages."""

from __future__ import annotations

from django.contrib import admin

from xiepai.kernel.admin import LookOnly
from xiepai.parties.models import Membership, Organisation, Person


@admin.register(Person)
class PersonAdmin(LookOnly):
    """People, without their passwords."""

    list_display = ("email", "name", "is_active", "is_superuser", "last_login", "created_at")
    search_fields = ("email", "name")
    exclude = ("password",)


@admin.register(Organisation)
class OrganisationAdmin(LookOnly):
    """Organisations."""

    list_display = ("name", "kind", "uscc", "standing", "is_active", "created_at")
    list_filter = ("kind", "standing", "is_active")
    search_fields = ("name", "uscc")


@admin.register(Membership)
class MembershipAdmin(LookOnly):
    """Who acts for whom."""

    list_display = ("person", "organisation", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("person", "organisation")
