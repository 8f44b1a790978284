"""One's own name and telephone, and the ways to sign in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from xiepai.parties import services
from xiepai.parties.models import Person
from xiepai.web.requests import Request, person_of


class PersonForm(forms.ModelForm):
    """What people read of someone."""

    class Meta:
        model = Person
        fields = ("name", "phone")
        widgets = {
            "name": forms.TextInput({"autocomplete": "name"}),
            "phone": forms.TextInput({"autocomplete": "tel", "inputmode": "tel"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True


@require_http_methods(["GET", "POST"])
def me(request: Request) -> HttpResponse:
    """Show and change one's own details."""
    person = person_of(request)
    form = PersonForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        services.update_person(actor=request.actor, **form.cleaned_data)
        messages.success(request, _("已保存。"))
        return redirect("people:me")
    return render(request, "people/me.html", {"form": form, "person": person})
