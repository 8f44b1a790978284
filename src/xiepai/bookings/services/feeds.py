"""Calendar feeds: secret, revocable addresses, shown once, that tell what their holder may see today."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet

from xiepai.bookings.access import visible_bookings
from xiepai.bookings.models import Booking, BookingState, FeedKind, FeedToken
from xiepai.bookings.periods import as_range
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import not_found
from xiepai.parties.access import Actor, actor_of, require
from xiepai.parties.models import Organisation, Role
from xiepai.places.models import Cover, Place
from xiepai.worktime.spans import Span

#: A feed shows this much of the past and of the future.
FEED_PAST = timedelta(days=60)
FEED_FUTURE = timedelta(days=400)


def issue_feed(*, actor: Actor, kind: str, target_id: int = 0) -> tuple[FeedToken, str]:
    """A new feed address and its secret, which is shown once. A person's feed is always the actor's own."""
    if actor.person_id is None:
        raise not_found()
    target = actor.person_id if kind == FeedKind.PERSON else target_id
    _check_target(actor, FeedKind(kind), target)
    secret = secrets.token_urlsafe(24)
    with transaction.atomic():
        token = FeedToken.objects.create(kind=kind, target_id=target, person_id=actor.person_id, digest=_digest(secret))
        audit.record("bookings.feed.issued", token, actor=actor, after={"kind": kind, "target_id": target})
    return token, secret


def revoke_feed(*, actor: Actor, feed_id: int) -> None:
    """Close a feed address; who holds it gets nothing from now on."""
    with transaction.atomic():
        token = FeedToken.objects.select_for_update().filter(pk=feed_id, revoked_at=None).first()
        if token is None or (token.person_id != actor.person_id and not actor.is_officer):
            raise not_found()
        token.revoked_at = clock.now()
        token.save(update_fields=["revoked_at"])
        audit.record("bookings.feed.revoked", token, actor=actor, after={"revoked_at": token.revoked_at})


def open_feed(secret: str) -> tuple[str, QuerySet[Booking]]:
    """The name and bookings behind a feed's secret, as its holder may see them today; else not found."""
    token = FeedToken.objects.select_related("person").filter(digest=_digest(secret), revoked_at=None).first()
    if token is None or not token.person.is_active:
        raise not_found()
    now = clock.now()
    window = as_range(Span(now - FEED_PAST, now + FEED_FUTURE))
    rows = visible_bookings(actor_of(token.person)).filter(period__overlap=window)
    rows = rows.exclude(state=BookingState.LEASED).select_related("place", "organisation").order_by("period", "id")
    if token.kind == FeedKind.PLACE:
        return _place_name(token.target_id), rows.filter(place__covers__leaf__in=_leaves(token.target_id)).distinct()
    if token.kind == FeedKind.CREW:
        name = Organisation.objects.filter(pk=token.target_id).values_list("name", flat=True).first()
        return name or "", rows.filter(organisation_id=token.target_id)
    return str(token.person), rows


def _check_target(actor: Actor, kind: FeedKind, target_id: int) -> None:
    if kind == FeedKind.PLACE:
        owner = Place.objects.filter(pk=target_id).values_list("owner_id", flat=True).first()
        if owner is None:
            raise not_found()
        if not actor.is_office and owner not in actor.organisations():
            raise not_found()
        if not actor.is_office:
            require(actor, Role.KEEPER, organisation_id=owner)
    elif kind == FeedKind.CREW and not actor.is_office and target_id not in actor.organisations():
        raise not_found()


def _leaves(place_id: int) -> QuerySet[Cover, int]:
    return Cover.objects.filter(place_id=place_id).values_list("leaf_id", flat=True)


def _place_name(place_id: int) -> str:
    return Place.objects.filter(pk=place_id).values_list("name", flat=True).first() or ""


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
