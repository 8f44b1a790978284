"""The demo city: who can sign in to it. Everything in it is a sample unless a public report states it.

Refused: demo accounts on an installation the world can reach, unless asked for (``load_demo_city --accounts``):
their password stands here for everyone to read.
"""

from __future__ import annotations

from xiepai.parties.models import Role
from xiepai.places.demo.files import read_rows

__all__ = ["DEMO_PASSWORD", "demo_accounts"]

DEMO_PASSWORD = "xiepai-demo"  # noqa: S105 - known on purpose: the accounts exist on demo machines only


def demo_accounts() -> list[tuple[str, str, str]]:
    """The accounts of the demo city: e-mail, role in the reader's language, organisation; one a role comes first."""
    names = {row["key"]: row["name"] for row in read_rows("organisations")}
    return [(row["email"], str(Role(row["role"]).label), names[row["organisation"]]) for row in read_rows("accounts")]
