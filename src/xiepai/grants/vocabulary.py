"""The facts people may state: what the policies in force ask for, with type and range, and a few that others need.

Refused: a name no policy knows; a value that none of the policies knowing the name can read.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from xiepai.grants.entitling import versions_in_force
from xiepai.grants.errors import invalid
from xiepai.grants.policies import program_of, said
from xiepai.grants.sources import stated_specs
from xiepai.kernel import clock
from xiepai.policy import FactSpec, PolicyError
from xiepai.policy.facts import number_of

LONGEST = 120


def specs_named(name: str) -> list[FactSpec]:
    """What the policies in force mean by a fact of that name; keys are not stated."""
    if name in stated_specs():
        return [stated_specs()[name]]
    today = clock.today()
    found = (program_of(version, today).by_name.get(name) for version in versions_in_force(today))
    return [spec for spec in found if spec is not None and spec.kind != "key"]


def read_value(name: str, value: str) -> tuple[str, str]:
    """The value as it is kept, and its kind; an empty one says that the fact is not known any more."""
    specs = specs_named(name)
    if not specs:
        raise invalid(_("现行政策都不问“{name}”。"), name=name)
    value = value.strip()
    if not value:
        return "", specs[0].kind
    if len(value) > LONGEST:
        raise invalid(_("“{name}”最多 {longest} 个字。"), name=specs[0].zh, longest=LONGEST)
    refusals = []
    for spec in specs:
        try:
            number_of(spec, value)
        except PolicyError as error:
            refusals.append(error)
        else:
            return value, spec.kind
    raise invalid("{why}", why=said(refusals[0], most=1))
