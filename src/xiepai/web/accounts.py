"""How sign-in behaves here: what django-allauth asks us to decide, and what of it is written down.

Attempts are counted in the database besides allauth's own cache, so that several server processes share one
count. Every success, failure and change of credentials is an audit row of the person; a failure for an
address nobody has is only logged (else strangers could fill the trail).
"""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm, ReauthenticateForm, SignupForm
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from xiepai.kernel.errors import XiepaiError
from xiepai.parties import services
from xiepai.parties.limits import count
from xiepai.parties.models import Organisation, Person
from xiepai.parties.rules import check_uscc
from xiepai.web.requests import client_address

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts come by invitation, by signing up as a crew, or from a configured third party."""

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt in the database too."""
        email = str(credentials.get("email", ""))
        try:
            count("sign_in_from", client_address(request))
            count("sign_in_as", email)
        except XiepaiError as refusal:
            raise ValidationError(str(refusal)) from refusal
        super().pre_authenticate(request, **credentials)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write the failure down for the person whose address it was."""
        person = Person.objects.filter(email=str(credentials.get("email", "")).lower()).first()
        if person is None:
            log.info("sign-in failed for an unknown address")
            return
        services.record_security_event(event="parties.sign_in.failed", person=person, method="password")

    def save_user(self, request: HttpRequest, user: Person, form: Any, commit: bool = True) -> Person:
        """Keep the name that was asked for."""
        user.name = form.cleaned_data.get("name", "")[:60]
        saved: Person = super().save_user(request, user, form, commit)
        return saved


class SignInForm(LoginForm):
    """Address and password; the way to a forgotten password stands below the form."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""


class ConfirmForm(ReauthenticateForm):
    """The password once more, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""


class CrewSignupForm(SignupForm):
    """A crew enters the city: a person, who produces, and the company."""

    name = forms.CharField(label=_("您的姓名"), max_length=60, widget=forms.TextInput({"autocomplete": "name"}))
    organisation = forms.CharField(
        label=_("剧组公司名称"), max_length=120, widget=forms.TextInput({"autocomplete": "organization"})
    )
    uscc = forms.CharField(
        label=_("统一社会信用代码"),
        max_length=40,
        required=False,
        help_text=_("可稍后填写。18 位；有疑问时只提示，不拒绝。"),
    )
    field_order = ("name", "organisation", "uscc", "email", "password1", "password2")

    def clean_organisation(self) -> str:
        """A free name."""
        name = " ".join(self.cleaned_data["organisation"].split())
        if Organisation.objects.filter(name=name).exists():
            raise ValidationError(_("已有同名机构；如果是贵单位，请向它的管理员要一份邀请。"))
        return name

    def clean_uscc(self) -> str:
        """As it is stored."""
        return check_uscc(self.cleaned_data["uscc"])[0]

    def save(self, request: HttpRequest) -> Person:
        """Person and crew together, or neither."""
        count("sign_up_from", client_address(request))
        with transaction.atomic():
            person: Person = super().save(request)
            services.sign_up_crew(person=person, name=self.cleaned_data["organisation"], uscc=self.cleaned_data["uscc"])
        return person
