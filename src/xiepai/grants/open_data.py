"""Awards as open data in the shape of the 360Giving Data Standard: one grant a measure of a decision.

Required of a grant (``REQUIRED``) and of an organisation (``id``, ``name``) is what the standard's schema requires;
a package is an object with ``grants``, of which there is at least one: an empty list is refused. Ids carry the
publisher's prefix, which only 360Giving can register; a recipient is known by its number here, because the credit code
is masked. Amounts in yuan (CNY), exact to the fen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from xiepai.grants.publishing import AwardLine

#: Of an installation that has registered none with 360Giving.
UNREGISTERED = "360G-xiepai"
REQUIRED = (
    "id", "title", "description", "currency", "amountAwarded", "awardDate", "recipientOrganization",
    "fundingOrganization",
)  # fmt: skip
#: The standard asks for titles shorter than this.
LONGEST_TITLE = 140
COLUMNS = (
    "Identifier", "Title", "Description", "Currency", "Amount Awarded", "Amount Disbursed", "Award Date",
    "Recipient Org:Identifier", "Recipient Org:Name", "Recipient Org:City", "Funding Org:Identifier",
    "Funding Org:Name", "Grant Programme:Code", "Grant Programme:Title", "Classifications:Title", "Data Source",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes the list, where it is read, and what it calls measures, towns and clusters."""

    office_id: int
    name: str
    page: str
    names: Callable[[AwardLine], str]
    prefix: str = ""
    licence: str = ""
    towns: Mapping[str, str] = field(default_factory=dict)
    clusters: Mapping[str, str] = field(default_factory=dict)

    @property
    def id_prefix(self) -> str:
        """What every identifier begins with."""
        return self.prefix or UNREGISTERED

    @property
    def id(self) -> str:
        """The identifier of the office as a funder."""
        return f"{self.id_prefix}-org-{self.office_id}"


def as_json(lines: Iterable[AwardLine], publisher: Publisher) -> dict[str, Any]:
    """The package: who published it where, and ``grants``. The standard has no package without any."""
    grants = [_grant(line, publisher) for line in lines]
    if not grants:
        raise ValueError("a 360Giving package holds one grant or more")
    said = "" if publisher.prefix else f"Identifiers begin with {UNREGISTERED}, which is not registered with 360Giving."
    package = {
        "title": f"{publisher.name} · 奖补",
        "description": said,
        "publisher": {"identifier": publisher.id, "name": publisher.name},
        "accessURL": publisher.page,
        "license": publisher.licence,
    }
    kept = {name: value for name, value in package.items() if value}
    return {**kept, "grants": grants}


def rows(lines: Iterable[AwardLine], publisher: Publisher) -> Iterator[list[Any]]:
    """The same as rows with the standard's column titles."""
    yield list(COLUMNS)
    for line in lines:
        found = _grant(line, publisher)
        recipient, programme = found["recipientOrganization"][0], found["grantProgramme"][0]
        yield [
            found["id"], found["title"], found["description"], found["currency"], _yuan(line.fen), _yuan(line.paid_fen),
            found["awardDate"], recipient["id"], recipient["name"], recipient.get("addressLocality", ""), publisher.id,
            publisher.name, programme["code"], programme["title"], found["classifications"][0]["title"], publisher.page,
        ]  # fmt: skip


def _grant(line: AwardLine, publisher: Publisher) -> dict[str, Any]:
    measure, cluster = publisher.names(line), publisher.clusters.get(line.cluster, line.cluster)
    title = f"{line.programme} · {measure}"
    sample = "（样例）" if line.standing == "sample" else ""
    return {
        "id": f"{publisher.id_prefix}-{line.number}-{line.measure}",
        "title": title if len(title) < LONGEST_TITLE else f"{title[: LONGEST_TITLE - 2]}…",
        "description": f"{title}{'：《' + line.work + '》' if line.work else ''}{sample}",
        "currency": "CNY",
        "amountAwarded": float(_yuan(line.fen)),
        "amountDisbursed": float(_yuan(line.paid_fen)),
        "awardDate": line.decided_on.isoformat(),
        "recipientOrganization": [_recipient(line, publisher)],
        "fundingOrganization": [{"id": publisher.id, "name": publisher.name}],
        "grantProgramme": [{"code": line.programme_code, "title": line.programme}],
        "classifications": [
            {"code": line.measure, "title": measure, "vocabulary": "measure"},
            *([{"code": line.cluster, "title": cluster, "vocabulary": "cluster"}] if line.cluster else []),
        ],
        "dataSource": publisher.page,
    }


def _recipient(line: AwardLine, publisher: Publisher) -> dict[str, str]:
    named = {"id": f"{publisher.id_prefix}-org-{line.organisation_id}", "name": line.company}
    town = publisher.towns.get(line.town, line.town)
    return {**named, "addressLocality": town} if town else named


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100
