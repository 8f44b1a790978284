"""Which roles an organisation can give, who manages it, and what is odd about a registration number.

Office roles open every crew's records, so only an office can give them: a producer who could make himself
an officer in his own company would own the city. Registration numbers are warned about, never refused.
"""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from stdnum.cn import uscc as registration
from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength

from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.access import Actor, require
from xiepai.parties.models import Organisation, OrganisationKind, Role

_KEEPERS = (Role.KEEPER,)
_CREW = (Role.PRODUCER, Role.SCHEDULER)

ROLES_OF: dict[str, tuple[Role, ...]] = {
    OrganisationKind.OFFICE: (
        Role.OFFICER,
        Role.REVIEWER,
        Role.FINANCE,
        Role.LEADER,
        Role.ADMINISTRATOR,
        Role.KEEPER,
    ),
    OrganisationKind.CREW: _CREW,
    OrganisationKind.BASE: _KEEPERS,
    OrganisationKind.SCENIC: _KEEPERS,
    OrganisationKind.STREET: _KEEPERS,
    OrganisationKind.HOTEL: _KEEPERS,
    OrganisationKind.VENDOR: _KEEPERS,
    OrganisationKind.ENTERPRISE: (*_KEEPERS, *_CREW),
    OrganisationKind.AGENCY: _KEEPERS,
}
"""The roles a member of an organisation of that kind may hold."""

_MANAGING = (Role.PRODUCER, Role.KEEPER)

USCC_WARNINGS: dict[str, str | Promise] = {
    "length": _("统一社会信用代码应为 18 位，请核对。"),
    "format": _("统一社会信用代码的字符不合规则，请核对。"),
    "check_digit": _("统一社会信用代码的校验位不符，请核对。"),
}


def managing_roles(kind: str) -> tuple[Role, ...]:
    """The roles that manage members of an organisation of that kind."""
    if kind == OrganisationKind.OFFICE:
        return (Role.ADMINISTRATOR,)
    return tuple(role for role in ROLES_OF[kind] if role in _MANAGING)


def may_manage(actor: Actor, organisation: Organisation) -> bool:
    """Whether the actor manages members, invitations and details of that organisation."""
    if actor.holds(*managing_roles(organisation.kind), organisation_id=organisation.pk):
        return True
    return actor.holds(Role.ADMINISTRATOR) or (organisation.kind != OrganisationKind.OFFICE and actor.is_officer)


def require_manager(actor: Actor, organisation: Organisation) -> None:
    """Refuse unless the actor manages that organisation."""
    if not may_manage(actor, organisation):
        require(actor, *managing_roles(organisation.kind), organisation_id=organisation.pk)


def acting_person(actor: Actor) -> int:
    """The person who acts; what must bear a person's name is refused to the system and to nobody."""
    if actor.person_id is None:
        raise XiepaiError(ErrorCode.SIGN_IN_NEEDED)
    return actor.person_id


def require_role_of_kind(organisation: Organisation, role: str) -> None:
    """Refuse a role that organisations of this kind do not give."""
    if role not in ROLES_OF[organisation.kind]:
        raise invalid(_("这类机构没有这个角色。"))


def check_uscc(number: str) -> tuple[str, str]:
    """The number as it is stored, and the code of a warning (a key of ``USCC_WARNINGS``) or "".

    The check digit is that of GB 32100-2015.

    >>> check_uscc("9111 0000 6000 3734 1L")
    ('91110000600037341L', '')
    >>> check_uscc("911100006000373410")
    ('911100006000373410', 'check_digit')
    """
    compact = registration.compact(number)
    if not compact:
        return "", ""
    if len(compact) > 40:
        raise invalid(_("统一社会信用代码最多 40 个字符。"))
    try:
        registration.validate(compact)
    except InvalidLength:
        return compact, "length"
    except InvalidFormat:
        return compact, "format"
    except InvalidChecksum:
        return compact, "check_digit"
    return compact, ""


def clean_name(name: str, *, longest: int) -> str:
    """A name with single spaces; empty and over-long ones are refused."""
    cleaned = " ".join(name.split())
    if not cleaned:
        raise invalid(_("请填写名称。"))
    if len(cleaned) > longest:
        raise invalid(_("名称最多 {longest} 个字。"), longest=longest)
    return cleaned


def invalid(detail: str | Promise, **values: Any) -> XiepaiError:
    """The refusal ``INVALID`` with a reason people can act on."""
    return XiepaiError(ErrorCode.INVALID, detail=str(detail).format(**values))
