"""Accepting an invitation: with the account one has, or with a new one in the invited address."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.account.utils import perform_login
from django import forms
from django.contrib import messages
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from xiepai.kernel.errors import XiepaiError
from xiepai.parties import invitations
from xiepai.parties.limits import count
from xiepai.parties.models import Invitation, Person
from xiepai.web.requests import Request, client_address, person_of


class JoinForm(forms.Form):
    """A new account: the address is the invitation's, the rest is asked here."""

    name = forms.CharField(label=gettext_lazy("姓名"), max_length=60, widget=forms.TextInput({"autocomplete": "name"}))
    password = forms.CharField(
        label=gettext_lazy("密码"),
        help_text=gettext_lazy("至少 10 个字符，不能全是数字。"),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, *args: object, invitation: Invitation, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.invitation = invitation

    def clean_password(self) -> str:
        """By the rules every password follows."""
        password: str = self.cleaned_data["password"]
        validate_password(password, Person(email=self.invitation.email, name=self.cleaned_data.get("name", "")))
        return password


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@never_cache
def invitation(request: Request, secret: str) -> HttpResponse:
    """Show who invites whom to what; accept by POST."""
    found = invitations.find_invitation(secret)
    form = JoinForm(request.POST if "join" in request.POST else None, invitation=found)
    if request.method == "POST":
        count("accept_from", client_address(request))
        if "accept" in request.POST:
            return _accept(request, secret)
        if form.is_valid() and (answer := _join(request, secret, form)):
            return answer
    has_account = Person.objects.filter(email=found.email).exists()
    context = {"invitation": found, "form": form, "has_account": has_account}
    return render(request, "public/invitation.html", context)


def _accept(request: Request, secret: str) -> HttpResponse:
    member = invitations.accept_invitation(person=person_of(request), secret=secret)
    messages.success(request, _("您已加入“%(name)s”。") % {"name": member.organisation.name})
    return redirect("people:organisation", member.organisation_id)


def _join(request: Request, secret: str, form: JoinForm) -> HttpResponse | None:
    try:
        with transaction.atomic():
            person = invitations.accept_as_new_person(
                secret=secret, name=form.cleaned_data["name"], password=form.cleaned_data["password"]
            )
            # whoever has the secret has read the mail
            EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    except XiepaiError as refusal:
        form.add_error(None, str(refusal))
        return None
    messages.success(request, _("您已加入“%(name)s”。") % {"name": form.invitation.organisation.name})
    answer: HttpResponse = perform_login(request, person, email_verification="none", redirect_url="/")
    return answer
