"""Changing who acts for an organisation: inviting, taking invitations back, roles, leaving."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties import invitations, selectors, services
from xiepai.parties.models import Invitation, Membership
from xiepai.web import mails
from xiepai.web.people.forms import InvitationForm
from xiepai.web.people.organisations import context_of
from xiepai.web.requests import Request, person_of


@require_POST
def invite(request: Request, organisation_id: int) -> HttpResponse:
    """Invite by mail; the link is also shown once, to be passed on by WeChat."""
    row = selectors.get_organisation(request.actor, organisation_id)
    form = InvitationForm(request.POST, kind=row.kind)
    fresh = {}
    if form.is_valid():
        try:
            issued = invitations.invite(actor=request.actor, organisation_id=organisation_id, **form.cleaned_data)
        except XiepaiError as refusal:
            if refusal.code in {ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN}:
                raise
            form.add_error(None, str(refusal))
        else:
            link = request.build_absolute_uri(reverse("public:invitation", args=[issued.secret]))
            fresh = {"fresh_link": link, "is_sent": mails.send_invitation(issued.invitation, link)}
            form = InvitationForm(kind=row.kind)
            fresh["fresh_email"] = issued.invitation.email
    context = context_of(request, row, invitation_form=form, **fresh)
    return render(request, "people/organisation.html", context, status=422 if form.errors else 200)


@require_POST
def revoke(request: Request, invitation_id: int) -> HttpResponse:
    """Take an invitation back."""
    found = Invitation.objects.filter(pk=invitation_id).first()
    if found is None:
        raise not_found()
    invitations.revoke_invitation(actor=request.actor, invitation_id=invitation_id)
    messages.success(request, _("邀请已撤回。"))
    return redirect("people:organisation", found.organisation_id)


@require_POST
def change_role(request: Request, membership_id: int) -> HttpResponse:
    """Give a member another role."""
    organisation_id = _organisation_of(membership_id)
    try:
        services.change_role(actor=request.actor, membership_id=membership_id, role=request.POST.get("role", ""))
    except XiepaiError as refusal:
        return _back_with(request, organisation_id, refusal)
    messages.success(request, _("角色已更改。"))
    return redirect("people:organisation", organisation_id)


@require_POST
def remove(request: Request, membership_id: int) -> HttpResponse:
    """End a membership, or leave."""
    organisation_id = _organisation_of(membership_id)
    try:
        services.remove_member(actor=request.actor, membership_id=membership_id)
    except XiepaiError as refusal:
        return _back_with(request, organisation_id, refusal)
    messages.success(request, _("成员已移除。"))
    still_there = request.actor.is_office or Membership.objects.filter(
        person=person_of(request), organisation_id=organisation_id
    )
    return redirect("people:organisation", organisation_id) if still_there else redirect("people:organisations")


def _organisation_of(membership_id: int) -> int:
    found = Membership.objects.filter(pk=membership_id).values_list("organisation_id", flat=True).first()
    if found is None:
        raise not_found()
    return found


def _back_with(request: Request, organisation_id: int, refusal: XiepaiError) -> HttpResponse:
    if refusal.code in {ErrorCode.NOT_FOUND, ErrorCode.FORBIDDEN}:
        raise refusal
    messages.error(request, str(refusal))
    return redirect("people:organisation", organisation_id)
