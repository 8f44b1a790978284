"""Bank accounts: proposed by one person, confirmed by another, and after a change used only some working days later.

A number is never changed: a changed one is a further row, and the old one is retired. Refused: confirming one's own
proposal, and a change while a payment to the company is on its way to the bank.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from xiepai.grants import access
from xiepai.grants.errors import invalid
from xiepai.grants.models import AccountState, BankAccount, PaymentOrder, PaymentState
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor, require
from xiepai.parties.models import CREW_ROLES, Organisation, Role
from xiepai.parties.notices import members_in, tell
from xiepai.parties.rules import acting_person
from xiepai.parties.working_days import calendar_of, known_years
from xiepai.worktime import terms

#: Working days between the confirmation of a changed account and its first use: time for the company to object.
COOLING_WORKING_DAYS = 3
CONFIRMERS = (Role.FINANCE, Role.OFFICER, Role.ADMINISTRATOR)
_NUMBER = re.compile(r"^\d{8,32}$")


@dataclass(frozen=True, slots=True)
class Flag:
    """Why somebody should look twice at an account before money goes there."""

    is_changed: bool
    is_cooling: bool
    holder_differs: bool

    @property
    def is_raised(self) -> bool:
        """Whether there is anything to look at."""
        return self.is_changed or self.is_cooling or self.holder_differs


def propose_account(
    *, actor: Actor, organisation_id: int, holder: str, bank: str, number: str, note: str = ""
) -> BankAccount:
    """Name the account a company is to be paid on; a second person of the office confirms it."""
    access.require_company(actor, organisation_id)
    digits = re.sub(r"[\s-]", "", number)
    if not _NUMBER.match(digits):
        raise invalid(_("账号须为 8 到 32 位数字。"))
    if not holder.strip() or not bank.strip():
        raise invalid(_("请写户名和开户行。"))
    with transaction.atomic():
        row = BankAccount.objects.create(
            organisation_id=organisation_id,
            holder=holder.strip()[:120],
            bank=bank.strip()[:120],
            number=digits,
            note=note.strip()[:200],
            proposed_by_id=acting_person(actor),
            proposed_at=clock.now(),
        )
        audit.record("grants.account.proposed", row, actor=actor)
    return row


def confirm_account(*, actor: Actor, account_id: int) -> BankAccount:
    """Put a second name under an account: it takes the place of the one before, after the cooling days."""
    require(actor, *CONFIRMERS)
    person_id = acting_person(actor)
    with transaction.atomic():
        row, old = _locked(account_id)
        if row.proposed_by_id == person_id:
            raise XiepaiError(ErrorCode.FOUR_EYES)
        _require_nothing_on_its_way(row.organisation_id)
        if old is not None:
            _write(old, actor, "grants.account.retired", state=AccountState.RETIRED)
        usable = _cooled(clock.now()) if _has_history(row) else clock.now()
        _write(
            row,
            actor,
            "grants.account.confirmed",
            state=AccountState.ACTIVE,
            usable_from=usable,
            confirmed_by_id=person_id,
            confirmed_at=clock.now(),
        )
        _tell(row)
    return row


def reject_account(*, actor: Actor, account_id: int, reason: str) -> BankAccount:
    """Do not accept a proposed account."""
    require(actor, *CONFIRMERS)
    if not reason.strip():
        raise invalid(_("请写理由。"))
    with transaction.atomic():
        row, _old = _locked(account_id)
        _write(row, actor, "grants.account.rejected", state=AccountState.REJECTED, note=reason.strip()[:200])
    return row


def accounts_of(actor: Actor, organisation_id: int) -> QuerySet[BankAccount]:
    """A company's accounts, newest first: for the office and for the company itself."""
    if not access.sees_all(actor):
        access.require_company(actor, organisation_id)
    rows = BankAccount.objects.filter(organisation_id=organisation_id)
    return rows.select_related("proposed_by", "confirmed_by", "organisation").order_by("-id")


def waiting_accounts(actor: Actor) -> QuerySet[BankAccount]:
    """Accounts that wait for a second person."""
    access.require_reader(actor)
    rows = BankAccount.objects.filter(state=AccountState.PROPOSED)
    return rows.select_related("organisation", "proposed_by").order_by("id")


def flag_of(account: BankAccount) -> Flag:
    """What to look at twice: another account before it, not yet usable, a holder that is not the company."""
    return Flag(
        is_changed=_has_history(account),
        is_cooling=account.usable_from is not None and account.usable_from > clock.now(),
        holder_differs=account.holder != account.organisation.name,
    )


def usable_accounts(companies: Iterable[Organisation]) -> dict[int, BankAccount]:
    """The account money may go to now, by company; refused for the first that has none. One query."""
    wanted = {company.pk: company.name for company in companies}
    rows = BankAccount.objects.filter(organisation__in=wanted, state=AccountState.ACTIVE)
    found = {row.organisation_id: row for row in rows}
    for key, name in wanted.items():
        if (reason := _why_not_usable(found.get(key))) is not None:
            raise XiepaiError(ErrorCode.ACCOUNT_UNUSABLE, company=name, reason=reason)
    return found


def _why_not_usable(row: BankAccount | None) -> str | None:
    if row is None:
        return _("还没有第二人确认的账户")
    if row.usable_from is not None and row.usable_from <= clock.now():
        return None
    when = f"{clock.local(row.usable_from):%Y-%m-%d %H:%M}" if row.usable_from else "—"
    return _("账户刚刚更换，%(when)s 起可用") % {"when": when}


def _locked(account_id: int) -> tuple[BankAccount, BankAccount | None]:
    """A proposed account and the one it would take the place of, all of the company's rows locked in order."""
    owner = BankAccount.objects.filter(pk=account_id).values_list("organisation_id", flat=True).first()
    if owner is None:
        raise not_found()
    locked = BankAccount.objects.select_for_update(of=("self",)).filter(organisation_id=owner)
    rows = {row.pk: row for row in locked.select_related("organisation").order_by("pk")}
    row = rows[account_id]
    if row.state != AccountState.PROPOSED:
        raise invalid(_("这个账户已经处理过。"))
    return row, next((each for each in rows.values() if each.state == AccountState.ACTIVE), None)


def _has_history(row: BankAccount) -> bool:
    before = (AccountState.ACTIVE, AccountState.RETIRED)
    return BankAccount.objects.filter(organisation_id=row.organisation_id, pk__lt=row.pk, state__in=before).exists()


def _require_nothing_on_its_way(organisation_id: int) -> None:
    states = (PaymentState.BATCHED, PaymentState.SENT)
    if PaymentOrder.objects.filter(organisation_id=organisation_id, state__in=states).exists():
        raise invalid(_("这家企业有款项正在拨付，待银行回单后再更换账户。"))


def _cooled(moment: datetime) -> datetime:
    with known_years():
        return terms.due(terms.Term(COOLING_WORKING_DAYS), moment, calendar_of())


def _write(row: BankAccount, actor: Actor, event: str, **values: object) -> None:
    before = audit.snapshot(row)
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))
    audit.record(event, row, actor=actor, before=before)


def _tell(row: BankAccount) -> None:
    """The company learns of it at once: if it did not ask for the change, it says so before money moves."""
    when = f"{clock.local(row.usable_from):%Y-%m-%d %H:%M}" if row.usable_from else ""
    subject = _("收款账户已确认：尾号 %(tail)s，%(when)s 起可用") % {"tail": row.number[-4:], "when": when}
    tell(
        members_in(row.organisation_id, CREW_ROLES),
        kind="grants",
        subject=subject,
        body=_("如果不是贵公司提出的更换，请立即联系协拍办。"),
        path="/grants/",
        organisation_id=row.organisation_id,
    )
