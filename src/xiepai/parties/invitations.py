"""Invitations: the secret travels by mail, only its digest stays here.

An invitation holds for 14 days, is used once, can be revoked, and gives exactly one role in one
organisation. Inviting the same person to the same role again replaces the earlier invitation.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.parties.limits import count
from xiepai.parties.models import Invitation, Membership, Person
from xiepai.parties.rules import acting_person, clean_name, invalid, require_manager, require_role_of_kind
from xiepai.parties.services import lock_organisation

VALID_DAYS = 14


@dataclass(frozen=True, slots=True)
class IssuedInvitation:
    """An invitation and its secret, which exists only in this value and in the mail."""

    invitation: Invitation
    secret: str


def digest(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def invite(*, actor: Actor, organisation_id: int, email: str, role: str) -> IssuedInvitation:
    """Invite someone to act for an organisation in a role; at most 30 an hour a person."""
    count("invite", actor.person_id)
    with transaction.atomic():
        organisation = lock_organisation(actor, organisation_id)
        require_manager(actor, organisation)
        require_role_of_kind(organisation, role)
        email = _clean_email(email)
        member = Membership.objects.filter(person__email=email, organisation=organisation, role=role)
        if (found := member.select_related("person").first()) is not None:
            raise XiepaiError(ErrorCode.ALREADY_MEMBER, name=found.person.get_short_name())
        for earlier in _open().filter(organisation=organisation, email=email, role=role):
            _revoke(actor, earlier)
        secret = secrets.token_urlsafe(32)
        row = Invitation.objects.create(
            organisation=organisation,
            email=email,
            role=role,
            digest=digest(secret),
            invited_by_id=acting_person(actor),
            expires_at=clock.now() + timedelta(days=VALID_DAYS),
        )
        audit.record("parties.invitation.issued", row, actor=actor)
    return IssuedInvitation(row, secret)


@transaction.atomic
def revoke_invitation(*, actor: Actor, invitation_id: int) -> None:
    """Take an open invitation back."""
    found = Invitation.objects.filter(pk=invitation_id).first()
    if found is None:
        raise not_found()
    organisation = lock_organisation(actor, found.organisation_id)
    require_manager(actor, organisation)
    row = _open().select_for_update().filter(pk=invitation_id).first()
    if row is None:
        raise XiepaiError(ErrorCode.INVITATION_INVALID)
    _revoke(actor, row)


def find_invitation(secret: str) -> Invitation:
    """The open invitation a secret belongs to, with its organisation."""
    rows = _open().select_related("organisation", "invited_by")
    row = rows.filter(digest=digest(secret), organisation__is_active=True).first()
    if row is None:
        raise XiepaiError(ErrorCode.INVITATION_INVALID)
    return row


@transaction.atomic
def accept_invitation(*, person: Person, secret: str) -> Membership:
    """Someone with an account accepts; the invitation is used up."""
    row = _lock(secret)
    actor = Actor(person.pk, person.get_short_name())
    member, is_new = Membership.objects.get_or_create(person=person, organisation=row.organisation, role=row.role)
    if is_new:
        audit.record("parties.member.added", member, actor=actor)
    before = audit.snapshot(row)
    row.accepted_at = clock.now()
    row.save(update_fields=["accepted_at"])
    audit.record("parties.invitation.accepted", row, actor=actor, before=before)
    return member


@transaction.atomic
def accept_as_new_person(*, secret: str, name: str, password: str) -> Person:
    """Someone without an account accepts: the account takes the invited e-mail address."""
    row = _lock(secret)
    try:
        with transaction.atomic():
            person = Person.objects.create_user(row.email, password, name=clean_name(name, longest=60))
    except IntegrityError as error:
        raise invalid(_("这个电子邮箱已有账号，请先登录再接受邀请。")) from error
    actor = Actor(person.pk, person.get_short_name())
    audit.record("parties.person.created", person, actor=actor)
    accept_invitation(person=person, secret=secret)
    return person


def _open() -> QuerySet[Invitation]:
    return Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=clock.now())


def _lock(secret: str) -> Invitation:
    row = find_invitation(secret)
    locked = _open().select_for_update(of=("self",)).select_related("organisation").filter(pk=row.pk).first()
    if locked is None:
        raise XiepaiError(ErrorCode.INVITATION_INVALID)
    return locked


def _revoke(actor: Actor, row: Invitation) -> None:
    before = audit.snapshot(row)
    row.revoked_at = clock.now()
    row.save(update_fields=["revoked_at"])
    audit.record("parties.invitation.revoked", row, actor=actor, before=before)


def _clean_email(email: str) -> str:
    cleaned = email.strip().lower()
    try:
        validate_email(cleaned)
    except ValidationError as error:
        raise invalid(_("请填写有效的电子邮箱。")) from error
    return cleaned
