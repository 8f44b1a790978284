"""Awards as open data in the shape of the 360Giving Data Standard: one grant a measure of a decision.

Required there: id, title, description, currency, amountAwarded, awardDate, recipientOrganization, fundingOrganization.
Ids carry a prefix of this installation; a recipient is known by its number here, because the credit code is masked.
Amounts in yuan (CNY), exact to the fen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from xiepai.grants.publishing import AwardLine

PREFIX = "360G-xiepai"
COLUMNS = (
    "Identifier", "Title", "Description", "Currency", "Amount Awarded", "Amount Disbursed", "Award Date",
    "Recipient Org:Identifier", "Recipient Org:Name", "Recipient Org:City", "Funding Org:Identifier",
    "Funding Org:Name", "Grant Programme:Code", "Grant Programme:Title", "Classifications:Title", "Data Source",
)  # fmt: skip


def as_json(lines: Iterable[AwardLine], *, funder: tuple[str, str], source: str, names: Any) -> dict[str, Any]:
    """``{"grants": […]}``; ``funder`` is id and name, ``names(line)`` the measure's name."""
    return {"grants": [_grant(line, funder, source, names(line)) for line in lines]}


def rows(lines: Iterable[AwardLine], *, funder: tuple[str, str], source: str, names: Any) -> Iterator[list[Any]]:
    """The same as rows with the standard's column titles."""
    yield list(COLUMNS)
    for line in lines:
        found = _grant(line, funder, source, names(line))
        recipient, programme = found["recipientOrganization"][0], found["grantProgramme"][0]
        yield [
            found["id"], found["title"], found["description"], found["currency"], _yuan(line.fen), _yuan(line.paid_fen),
            found["awardDate"], recipient["id"], recipient["name"], line.town, funder[0], funder[1],
            programme["code"], programme["title"], found["classifications"][0]["title"], source,
        ]  # fmt: skip


def _grant(line: AwardLine, funder: tuple[str, str], source: str, measure: str) -> dict[str, Any]:
    title = f"{line.programme} · {measure}"
    sample = "（样例）" if line.standing == "sample" else ""
    return {
        "id": f"{PREFIX}-{line.number}-{line.measure}",
        "title": title,
        "description": f"{title}{'：《' + line.work + '》' if line.work else ''}{sample}",
        "currency": "CNY",
        "amountAwarded": float(_yuan(line.fen)),
        "amountDisbursed": float(_yuan(line.paid_fen)),
        "awardDate": line.decided_on.isoformat(),
        "recipientOrganization": [
            {"id": f"{PREFIX}-org-{line.organisation_id}", "name": line.company, "addressLocality": line.town}
        ],
        "fundingOrganization": [{"id": funder[0], "name": funder[1]}],
        "grantProgramme": [{"code": line.programme_code, "title": line.programme}],
        "classifications": [{"code": line.measure, "title": measure, "vocabulary": "measure"}],
        "dataSource": source,
    }


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100
