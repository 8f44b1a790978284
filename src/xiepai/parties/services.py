"""Organisations, their members and people: every change, each with its audit row.

Refuses: a role the kind of organisation does not give, the loss of the last one who manages it, a second
organisation of one name. People join by invitation (``invitations``) or by signing up as a crew.
"""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xiepai.kernel import audit
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor, require
from xiepai.parties.models import Membership, Organisation, OrganisationKind, Person, Role
from xiepai.parties.rules import (
    acting_person,
    check_uscc,
    clean_name,
    invalid,
    managing_roles,
    require_manager,
    require_role_of_kind,
)
from xiepai.parties.selectors import get_organisation


@transaction.atomic
def create_organisation(
    *,
    actor: Actor,
    kind: str,
    name: str,
    name_en: str = "",
    uscc: str = "",
    town: str = "",
    standing: str = "known",
) -> Organisation:
    """A new organisation, by the office. Only an administrator makes another office."""
    makers = (Role.ADMINISTRATOR,) if kind == OrganisationKind.OFFICE else (Role.OFFICER, Role.ADMINISTRATOR)
    require(actor, *makers)
    row = _new_organisation(kind=kind, name=name, name_en=name_en, uscc=uscc, town=town, standing=standing)
    audit.record("parties.organisation.created", row, actor=actor, organisation_id=row.pk)
    return row


@transaction.atomic
def sign_up_crew(*, person: Person, name: str, uscc: str = "", town: str = "") -> Organisation:
    """A crew enters the city by itself: its organisation, and the person as its producer."""
    row = _new_organisation(kind=OrganisationKind.CREW, name=name, uscc=uscc, town=town)
    actor = Actor(person.pk, person.get_short_name())
    audit.record("parties.organisation.signed_up", row, actor=actor, organisation_id=row.pk)
    member = Membership.objects.create(person=person, organisation=row, role=Role.PRODUCER)
    audit.record("parties.member.added", member, actor=actor)
    return row


@transaction.atomic
def update_organisation(
    *, actor: Actor, organisation_id: int, name: str, name_en: str = "", uscc: str = "", town: str = ""
) -> Organisation:
    """Change what an organisation says of itself."""
    row = lock_organisation(actor, organisation_id)
    require_manager(actor, row)
    before = audit.snapshot(row)
    row.name, row.name_en, row.town = clean_name(name, longest=120), " ".join(name_en.split()), town.strip()
    row.uscc, row.uscc_warning = check_uscc(uscc)
    _save_named(row)
    audit.record("parties.organisation.updated", row, actor=actor, before=before, organisation_id=row.pk)
    return row


@transaction.atomic
def set_organisation_active(*, actor: Actor, organisation_id: int, is_active: bool) -> Organisation:
    """Suspend an organisation (its members and tokens act for it no more) or let it act again."""
    row = lock_organisation(actor, organisation_id)
    require(actor, Role.ADMINISTRATOR)
    if not is_active and actor.holds(Role.ADMINISTRATOR, organisation_id=row.pk):
        raise XiepaiError(ErrorCode.LAST_ADMINISTRATOR)
    before = audit.snapshot(row)
    row.is_active = is_active
    row.save(update_fields=["is_active"])
    event = "parties.organisation.resumed" if is_active else "parties.organisation.suspended"
    audit.record(event, row, actor=actor, before=before, organisation_id=row.pk)
    return row


@transaction.atomic
def add_member(*, actor: Actor, organisation_id: int, person_id: int, role: str) -> Membership:
    """Let an existing person act for the organisation in a role."""
    organisation = lock_organisation(actor, organisation_id)
    require_manager(actor, organisation)
    require_role_of_kind(organisation, role)
    person = Person.objects.filter(pk=person_id).first()
    if person is None:
        raise not_found()
    row, is_new = Membership.objects.get_or_create(person=person, organisation=organisation, role=role)
    if not is_new:
        raise XiepaiError(ErrorCode.ALREADY_MEMBER, name=person.get_short_name())
    audit.record("parties.member.added", row, actor=actor)
    return row


@transaction.atomic
def change_role(*, actor: Actor, membership_id: int, role: str) -> Membership:
    """Give a member another role; the last one who manages keeps a managing one."""
    row, organisation = _lock_membership(actor, membership_id)
    require_manager(actor, organisation)
    require_role_of_kind(organisation, role)
    if row.role == role:
        return row
    if role not in managing_roles(organisation.kind):
        _keep_one_manager(organisation, row)
    if Membership.objects.filter(person_id=row.person_id, organisation=organisation, role=role).exists():
        raise XiepaiError(ErrorCode.ALREADY_MEMBER, name=row.person.get_short_name())
    before = audit.snapshot(row)
    row.role = role
    row.save(update_fields=["role"])
    audit.record("parties.member.role_changed", row, actor=actor, before=before)
    return row


@transaction.atomic
def remove_member(*, actor: Actor, membership_id: int) -> None:
    """End a membership; everyone may end his own, except the last one who manages."""
    row, organisation = _lock_membership(actor, membership_id)
    if row.person_id != actor.person_id:
        require_manager(actor, organisation)
    _keep_one_manager(organisation, row)
    audit.record("parties.member.removed", row, actor=actor, before=audit.snapshot(row), after={})
    row.delete()


@transaction.atomic
def update_person(*, actor: Actor, name: str, phone: str = "") -> Person:
    """A person's own name and telephone number."""
    person = Person.objects.select_for_update().filter(pk=acting_person(actor)).first()
    if person is None:
        raise not_found()
    before = audit.snapshot(person)
    person.name, person.phone = clean_name(name, longest=60), phone.strip()
    person.save(update_fields=["name", "phone"])
    audit.record("parties.person.updated", person, actor=actor, before=before)
    return person


@transaction.atomic
def record_security_event(*, event: str, person: Person, **details: str) -> None:
    """Write down a sign-in, a failed one or a change of someone's credentials (``parties.*``, past tense)."""
    actor = Actor(person.pk, person.get_short_name())
    audit.record(event, person, actor=actor, after=dict(details))


def lock_organisation(actor: Actor, organisation_id: int) -> Organisation:
    """The organisation, locked for the rest of the transaction; another's is not found."""
    get_organisation(actor, organisation_id)
    return Organisation.objects.select_for_update().get(pk=organisation_id)


def _lock_membership(actor: Actor, membership_id: int) -> tuple[Membership, Organisation]:
    found = Membership.objects.select_related("person").filter(pk=membership_id).first()
    if found is None:
        raise not_found()
    organisation = lock_organisation(actor, found.organisation_id)
    row = Membership.objects.select_related("person").filter(pk=membership_id).first()
    if row is None:
        raise not_found()
    return row, organisation


def _keep_one_manager(organisation: Organisation, leaving: Membership) -> None:
    managers = Membership.objects.filter(
        organisation=organisation, role__in=managing_roles(organisation.kind), person__is_active=True
    )
    if leaving.role in managing_roles(organisation.kind) and not managers.exclude(pk=leaving.pk).exists():
        raise XiepaiError(ErrorCode.LAST_ADMINISTRATOR)


def _new_organisation(
    *, kind: str, name: str, name_en: str = "", uscc: str = "", town: str = "", standing: str = "known"
) -> Organisation:
    number, warning = check_uscc(uscc)
    row = Organisation(
        kind=OrganisationKind(kind),
        name=clean_name(name, longest=120),
        name_en=" ".join(name_en.split()),
        uscc=number,
        uscc_warning=warning,
        town=town.strip(),
        standing=standing,
    )
    _save_named(row)
    return row


def _save_named(row: Organisation) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise invalid(_("已有同名机构；如果是贵单位，请向它的管理员要一份邀请。")) from error
