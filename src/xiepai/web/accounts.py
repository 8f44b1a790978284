"""How sign-in behaves here: what django-allauth asks us to decide."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Accounts come by invitation or by signing up as a crew."""
