"""API tokens: a machine's key to act for one organisation, shown once and stored as a digest.

A token never can do more than the person who made it can do today: its roles were a subset of his when it
was made, and a role he lost since is lost to the token too.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor, actor_of_token, require
from xiepai.parties.models import ApiToken, Membership
from xiepai.parties.rules import acting_person, clean_name, invalid, managing_roles, may_manage
from xiepai.parties.services import lock_organisation

PREFIX = "xp_"
SHOWN = 8


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token and its secret, which is shown once and kept nowhere."""

    token: ApiToken
    secret: str


@transaction.atomic
def create_token(
    *, actor: Actor, organisation_id: int, name: str, roles: Sequence[str], expires_at: datetime | None = None
) -> IssuedToken:
    """A new token of an organisation, in roles the actor holds there himself."""
    organisation = lock_organisation(actor, organisation_id)
    require(actor, *managing_roles(organisation.kind), organisation_id=organisation.pk)
    if not roles:
        raise invalid(_("请至少选一个角色。"))
    for role in roles:
        require(actor, role, organisation_id=organisation.pk)
    if expires_at is not None and expires_at <= clock.now():
        raise invalid(_("到期时间须在将来。"))
    secret = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken.objects.create(
        organisation=organisation,
        name=clean_name(name, longest=60),
        prefix=secret[:SHOWN],
        digest=_digest(secret),
        roles=sorted(set(roles)),
        created_by_id=acting_person(actor),
        expires_at=expires_at,
    )
    audit.record("parties.token.created", row, actor=actor)
    return IssuedToken(row, secret)


@transaction.atomic
def revoke_token(*, actor: Actor, token_id: int) -> None:
    """End a token at once; its maker and those who manage the organisation may."""
    found = ApiToken.objects.filter(pk=token_id).first()
    if found is None:
        raise not_found()
    organisation = lock_organisation(actor, found.organisation_id)
    row = ApiToken.objects.select_for_update().get(pk=token_id)
    if not may_manage(actor, organisation) and row.created_by_id != actor.person_id:
        require(actor, *managing_roles(organisation.kind), organisation_id=organisation.pk)
    if row.revoked_at is not None:
        return
    before = audit.snapshot(row)
    row.revoked_at = clock.now()
    row.save(update_fields=["revoked_at"])
    audit.record("parties.token.revoked", row, actor=actor, before=before)


#: Seconds an accepted token is believed without asking again: a revoked one works at most so long.
BELIEVED_SECONDS = 5.0
_believed: dict[str, tuple[float, Actor]] = {}


def authenticate_quickly(secret: str) -> Actor:
    """As :func:`authenticate_token`, asked at most once in five seconds for the same token."""
    digest, now = _digest(secret), monotonic()
    known = _believed.get(digest)
    if known is not None and now - known[0] < BELIEVED_SECONDS:
        return known[1]
    _believed.pop(digest, None)
    actor = authenticate_token(secret)
    if len(_believed) > 10_000:
        _believed.clear()
    _believed[digest] = (now, actor)
    return actor


def authenticate_token(secret: str) -> Actor:
    """The actor a secret stands for; ``TOKEN_INVALID`` for any other. Notes the day of use once a day."""
    rows = ApiToken.objects.filter(digest=_digest(secret), revoked_at=None, organisation__is_active=True)
    row = rows.filter(created_by__is_active=True).first()
    if row is None or (row.expires_at is not None and row.expires_at <= clock.now()):
        raise XiepaiError(ErrorCode.TOKEN_INVALID)
    held = Membership.objects.filter(person_id=row.created_by_id, organisation_id=row.organisation_id)
    row.roles = sorted(set(row.roles) & set(held.values_list("role", flat=True)))
    if not row.roles:
        raise XiepaiError(ErrorCode.TOKEN_INVALID)
    actor = actor_of_token(row)
    if row.last_used_on != clock.today():
        _note_use(row.pk, actor)
    return actor


@transaction.atomic
def _note_use(token_id: int, actor: Actor) -> None:
    row = ApiToken.objects.select_for_update().get(pk=token_id)
    if row.last_used_on == clock.today():
        return
    before = audit.snapshot(row)
    row.last_used_on = clock.today()
    row.save(update_fields=["last_used_on"])
    audit.record("parties.token.used", row, actor=actor, before=before)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
