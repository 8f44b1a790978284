"""Telling people: a notice in the app, a mail, and the group chats of their organisation.

Always: notices are written and jobs enqueued in the transaction of the change they tell of. Never: a
mail or a webhook within a request. A chat that fails is retried by its job and shows its last error.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from xiepai.kernel import audit, clock
from xiepai.kernel.errors import not_found
from xiepai.kernel.tasks import send_mail
from xiepai.parties.access import Actor, require
from xiepai.parties.models import Membership, Organisation, Person, Role
from xiepai.parties.models_notices import Channel, ChannelKind, Notice
from xiepai.parties.webhooks import check_address

#: Who may set up an organisation's group chats.
CHANNEL_ROLES = (Role.PRODUCER, Role.KEEPER, Role.OFFICER, Role.ADMINISTRATOR)


def members_in(organisation_id: int, roles: Collection[str]) -> list[Person]:
    """An organisation's active people in one of *roles*."""
    rows = Membership.objects.filter(organisation_id=organisation_id, role__in=roles, person__is_active=True)
    people = {row.person_id: row.person for row in rows.select_related("person")}
    return [people[key] for key in sorted(people)]


def officers() -> list[Person]:
    """The film-service officers of the city."""
    rows = Membership.objects.filter(
        organisation__kind="office", role=Role.OFFICER, person__is_active=True
    ).select_related("person")
    return sorted({row.person for row in rows}, key=lambda person: person.pk)


def tell(
    people: Iterable[Person], *, kind: str, subject: str, body: str, path: str, organisation_id: int | None = None
) -> int:
    """Notify people, and the group chats of the organisation; returns how many people were told."""
    from xiepai.parties.tasks import post_to_channel

    told = list(people)
    link = settings.PUBLIC_URL.rstrip("/") + path
    with transaction.atomic():
        Notice.objects.bulk_create(
            Notice(person=person, kind=kind, subject=subject[:160], body=body, path=path) for person in told
        )
        if told:
            addresses = sorted({person.email for person in told})
            send_mail.defer(to=addresses, subject=f"[协拍] {subject}", body=f"{body}\n\n{link}\n")
        for channel in Channel.objects.filter(organisation_id=organisation_id or 0, is_active=True):
            if channel.wants(kind):
                post_to_channel.defer(channel_id=channel.pk, text=f"{subject}\n{body}\n{link}")
    return len(told)


def notices_of(actor: Actor) -> QuerySet[Notice]:
    """The actor's own notices, newest first."""
    return Notice.objects.filter(person_id=actor.person_id or 0)


def unread_count(actor: Actor) -> int:
    """How many notices the actor has not read."""
    return Notice.objects.filter(person_id=actor.person_id or 0, read_at=None).count()


def mark_read(*, actor: Actor, notice_ids: Collection[int] | None = None) -> int:
    """Mark own notices as read: those named, or all."""
    rows = Notice.objects.filter(person_id=actor.person_id or 0, read_at=None)
    if notice_ids is not None:
        rows = rows.filter(pk__in=notice_ids)
    return rows.update(read_at=clock.now())


def channels_of(actor: Actor, organisation_id: int) -> QuerySet[Channel]:
    """The group chats of an organisation, for those who may set them up."""
    _require_setter(actor, organisation_id)
    return Channel.objects.filter(organisation_id=organisation_id).order_by("id")


def add_channel(
    *, actor: Actor, organisation_id: int, kind: str, url: str, secret: str = "", events: Sequence[str] = ()
) -> Channel:
    """Let an organisation's notices (of some *events*, or all) be posted to a group chat."""
    _require_setter(actor, organisation_id)
    check_address(ChannelKind(kind), url)
    with transaction.atomic():
        channel = Channel.objects.create(
            organisation_id=organisation_id, kind=kind, url=url, secret=secret, events=sorted(events)
        )
        audit.record("parties.channel.added", channel, actor=actor, after={"kind": kind, "events": channel.events})
    return channel


def choose_events(*, actor: Actor, channel_id: int, events: Sequence[str]) -> Channel:
    """Post only of these events to the chat; none: of all."""
    with transaction.atomic():
        channel = _locked_channel(actor, channel_id)
        before = {"events": channel.events}
        channel.events = sorted(events)
        channel.save(update_fields=["events"])
        audit.record("parties.channel.changed", channel, actor=actor, before=before, after={"events": channel.events})
    return channel


def try_channel(*, actor: Actor, channel_id: int, text: str) -> None:
    """Post a test to the chat, by the same job as every notice."""
    from xiepai.parties.tasks import post_to_channel

    with transaction.atomic():
        channel = _locked_channel(actor, channel_id)
        audit.record("parties.channel.tried", channel, actor=actor, after={})
        post_to_channel.defer(channel_id=channel.pk, text=text)


def remove_channel(*, actor: Actor, channel_id: int) -> None:
    """Post to this chat no longer."""
    with transaction.atomic():
        channel = _locked_channel(actor, channel_id)
        audit.record("parties.channel.removed", channel, actor=actor, before={"kind": channel.kind}, after={})
        channel.delete()


def organisation_of(actor: Actor, channel_id: int) -> int:
    """Whose chat it is, for who may set it up; else not found."""
    found = Channel.objects.filter(pk=channel_id).values_list("organisation_id", flat=True).first()
    if found is None:
        raise not_found()
    _require_setter(actor, found)
    return found


def _locked_channel(actor: Actor, channel_id: int) -> Channel:
    organisation_of(actor, channel_id)
    channel = Channel.objects.select_for_update(of=("self",)).filter(pk=channel_id).first()
    if channel is None:
        raise not_found()
    return channel


def _require_setter(actor: Actor, organisation_id: int) -> None:
    if not Organisation.objects.filter(pk=organisation_id).exists():
        raise not_found()
    if not actor.is_office and organisation_id not in actor.organisations():
        raise not_found()
    if not actor.is_officer:
        require(actor, *CHANNEL_ROLES, organisation_id=organisation_id)
