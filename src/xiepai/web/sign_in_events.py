"""allauth's signals, written into the audit trail of the person they are about."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.account.internal.flows.manage_email import sync_user_email_address
from allauth.mfa import signals as mfa
from allauth.socialaccount import signals as third_party
from django.contrib.auth.signals import user_logged_out
from django.dispatch import Signal

from xiepai.parties.models import Person
from xiepai.parties.services import record_security_event

EVENTS: tuple[tuple[Signal, str], ...] = (
    (account.user_signed_up, "parties.person.created"),
    (account.password_set, "parties.password.set"),
    (account.password_changed, "parties.password.changed"),
    (account.password_reset, "parties.password.reset"),
    (account.email_added, "parties.email.added"),
    (account.email_changed, "parties.email.changed"),
    (account.email_removed, "parties.email.removed"),
    (mfa.authenticator_added, "parties.second_factor.added"),
    (mfa.authenticator_removed, "parties.second_factor.removed"),
    (user_logged_out, "parties.sign_in.ended"),
)
_kept: list[Any] = []  # signals hold their receivers weakly


def connect() -> None:
    """Called once, when Django is ready."""
    for signal, event in EVENTS:
        receiver = _receiver(event)
        _kept.append(receiver)
        signal.connect(receiver, dispatch_uid=event)
    account.user_logged_in.connect(signed_in, dispatch_uid="parties.sign_in.succeeded")
    mfa.authentication_failed.connect(second_factor_failed, dispatch_uid="parties.sign_in.failed")
    account.email_confirmed.connect(email_confirmed, dispatch_uid="parties.email.confirmed")
    third_party.social_account_added.connect(connected, dispatch_uid="parties.third_party.connected")
    third_party.social_account_removed.connect(disconnected, dispatch_uid="parties.third_party.disconnected")


def signed_in(request: Any, user: Any, **_kwargs: Any) -> None:
    """How someone signed in; his address becomes known to allauth here and not when a page is read."""
    steps = request.session.get("account_authentication_methods", [])
    methods = dict.fromkeys(step.get("type") or step.get("provider") or step.get("method", "") for step in steps)
    record_security_event(event="parties.sign_in.succeeded", person=user, method=" + ".join(methods) or "invitation")
    sync_user_email_address(user)


def second_factor_failed(user: Any, **_kwargs: Any) -> None:
    """The password was right, the code was not."""
    record_security_event(event="parties.sign_in.failed", person=user, method="second factor")


def email_confirmed(email_address: Any, **_kwargs: Any) -> None:
    """An address was confirmed; it is not written out again."""
    record_security_event(event="parties.email.confirmed", person=email_address.user)


def connected(sociallogin: Any, **_kwargs: Any) -> None:
    """A third-party account can sign in from now on."""
    provider = sociallogin.account.provider
    record_security_event(event="parties.third_party.connected", person=sociallogin.user, provider=provider)


def disconnected(socialaccount: Any, **_kwargs: Any) -> None:
    """A third-party account can sign in no more."""
    provider = socialaccount.provider
    record_security_event(event="parties.third_party.disconnected", person=socialaccount.user, provider=provider)


def _receiver(event: str) -> Any:
    def receive(user: Any = None, **_kwargs: Any) -> None:
        if isinstance(user, Person):
            record_security_event(event=event, person=user)

    return receive
