"""The technical back door: superusers look at everything, and mend a place or a word through the same services.

Refused: everybody else, adding places and deleting anything (places are retired, words too), and any write that would
go round the checks or the audit trail. Prices, calendars and pictures are only looked at here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from xiepai.kernel.admin import LookOnly, is_superuser
from xiepai.kernel.errors import XiepaiError
from xiepai.parties.access import Actor, actor_of
from xiepai.parties.models import Person
from xiepai.places.fields import WRITABLE, problems_of, state_of
from xiepai.places.models import Blocking, ClosedDay, Contact, OpeningRule, Photo, Place, Tariff, Term
from xiepai.places.services import add_term, rename_term, restore_term, retire_term, update_place
from xiepai.places.vocabulary import read_words

if TYPE_CHECKING:  # Django's own classes take no parameters when they run
    _PlaceForm = ModelForm[Place]
else:
    _PlaceForm = ModelForm


def acting(request: HttpRequest) -> Actor:
    """The superuser as an actor who may write every place, audited under the own name."""
    user = request.user
    if not isinstance(user, Person) or not user.is_superuser:
        raise PermissionError("superusers only")
    return replace(actor_of(user), is_system=True)


class _Mending(LookOnly):
    """Superusers mend too; a refusal of a service is shown above the form, and nothing is written."""

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return is_superuser(request)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except XiepaiError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(request.get_full_path())


class PlaceForm(_PlaceForm):
    """The form finds what the services would refuse, field by field."""

    class Meta:
        model = Place
        fields = sorted(WRITABLE)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors:
            stored = Place.objects.get(pk=self.instance.pk)
            kept = state_of(stored)
            for name, value in values.items():
                setattr(stored, name, value)
            for problem in problems_of(stored, read_words(), kept=kept):
                self.add_error(problem.field, ValidationError(problem.reason))
        return values


@admin.register(Place)
class PlaceAdmin(_Mending):
    """Places: fields are mended through ``update_place``; tree, owner and visibility have pages of their own."""

    form = PlaceForm
    list_display = (
        "code",
        "name",
        "kind",
        "town",
        "owner",
        "visibility",
        "standing",
        "is_bookable",
        "last_verified_on",
    )
    list_filter = ("visibility", "standing", "kind", "is_bookable")
    list_select_related = ("owner",)
    search_fields = ("code", "name")
    ordering = ("sort_key", "id")
    readonly_fields = ("owner", "parent", "visibility", "version", "created_at", "updated_at")

    def save_model(self, request: HttpRequest, obj: Place, form: Any, change: bool) -> None:
        fields = {name: form.cleaned_data[name] for name in form.changed_data}
        update_place(actor=acting(request), place_id=obj.pk, **fields)


@admin.register(Term)
class TermAdmin(_Mending):
    """Words: added, renamed, retired through the services."""

    list_display = ("vocabulary", "code", "zh", "en", "position", "is_active")
    list_filter = ("vocabulary", "is_active")
    search_fields = ("code", "zh", "en")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_superuser(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Term | None = None) -> tuple[str, ...]:
        return ("vocabulary", "code") if obj else ("is_active",)

    def save_model(self, request: HttpRequest, obj: Term, form: Any, change: bool) -> None:
        actor = acting(request)
        if not change:
            made = add_term(
                actor=actor, vocabulary=obj.vocabulary, code=obj.code, zh=obj.zh, en=obj.en, position=obj.position
            )
            obj.pk = made.pk
            return
        rename_term(actor=actor, term_id=obj.pk, zh=obj.zh, en=obj.en, position=obj.position)
        (restore_term if obj.is_active else retire_term)(actor=actor, term_id=obj.pk)


@admin.register(Tariff)
class TariffAdmin(LookOnly):
    """Prices, to look at."""

    list_display = ("place", "valid_from", "valid_to", "hour_fen", "day_fen", "is_free", "standing")
    list_select_related = ("place",)
    search_fields = ("place__code", "place__name")


@admin.register(Blocking)
class BlockingAdmin(LookOnly):
    """Blockings, to look at."""

    list_display = ("place", "period", "reason", "created_by", "lifted_at")
    list_select_related = ("place", "created_by")


@admin.register(OpeningRule, ClosedDay, Photo, Contact)
class OfPlaceAdmin(LookOnly):
    """What belongs to a place, to look at."""

    list_display = ("place", "__str__")
    list_select_related = ("place",)
