"""API tokens on the page of their organisation; a secret is shown in one answer and never again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties import selectors, tokens
from xiepai.parties.limits import count
from xiepai.parties.models import ApiToken
from xiepai.web.people.forms import TokenForm
from xiepai.web.people.organisations import context_of
from xiepai.web.requests import Request


@require_POST
@never_cache
def create(request: Request, organisation_id: int) -> HttpResponse:
    """Make a token and show its secret."""
    row = selectors.get_organisation(request.actor, organisation_id)
    form = TokenForm(request.POST, actor=request.actor, organisation=row)
    count("make_token", request.actor.person_id)
    fresh = {}
    if form.is_valid():
        try:
            issued = tokens.create_token(
                actor=request.actor,
                organisation_id=organisation_id,
                name=form.cleaned_data["name"],
                roles=form.cleaned_data["roles"],
                expires_at=form.expires_at(),
            )
        except XiepaiError as refusal:
            if refusal.code in {ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN}:
                raise
            form.add_error(None, str(refusal))
        else:
            fresh = {"fresh_token": issued}
            form = TokenForm(actor=request.actor, organisation=row)
    context = context_of(request, row, token_form=form, **fresh)
    return render(request, "people/organisation.html", context, status=422 if form.errors else 200)


@require_POST
def revoke(request: Request, token_id: int) -> HttpResponse:
    """End a token at once."""
    found = ApiToken.objects.filter(pk=token_id).first()
    if found is None:
        raise not_found()
    tokens.revoke_token(actor=request.actor, token_id=token_id)
    messages.success(request, _("令牌已撤销。"))
    return redirect("people:organisation", found.organisation_id)
