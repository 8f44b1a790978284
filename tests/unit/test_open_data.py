"""Awards in the 360Giving Data Standard: what its JSON schema requires, in its names and types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from xiepai.grants import open_data
from xiepai.grants.publishing import AwardLine

LINE = AwardLine(
    id=7, number="D-7", decided_on=date(2026, 12, 1), programme_id=1, programme_code="wujin-2026", programme="武进奖补",
    programme_en="", measure="script", fen=15_000_001, organisation_id=3, company="甲影视", company_en="",
    identifier="9132**********3Z4K", town="jiaze", cluster="", work="春江", work_en="", application="A-1", state="paid",
    standing="sample", paid_fen=100,
)  # fmt: skip
#: The schema's required fields of a grant and their JSON types; an organisation needs ``id`` and ``name``.
REQUIRED: Mapping[str, type] = {
    "id": str, "title": str, "description": str, "currency": str, "amountAwarded": float, "awardDate": str,
    "recipientOrganization": list, "fundingOrganization": list,
}  # fmt: skip
#: What the schema knows of a grant beside them, of those that are written.
OPTIONAL = {"amountDisbursed", "grantProgramme", "classifications", "dataSource"}


def publisher(**fields: Any) -> open_data.Publisher:
    given = {"office_id": 1, "name": "协拍办", "page": "https://example.com/awards/", "names": lambda _line: "剧本奖励"}
    return open_data.Publisher(**{**given, "towns": {"jiaze": "嘉泽镇"}, **fields})


def test_a_grant_has_every_required_field_in_its_type_and_no_name_the_schema_lacks() -> None:
    assert set(open_data.REQUIRED) == set(REQUIRED)
    (grant,) = open_data.as_json([LINE], publisher())["grants"]
    assert {name: type(grant[name]) for name in REQUIRED} == dict(REQUIRED)
    assert grant.keys() - REQUIRED.keys() == OPTIONAL
    assert (grant["amountAwarded"], grant["currency"], grant["awardDate"]) == (150_000.01, "CNY", "2026-12-01")
    for name in ("recipientOrganization", "fundingOrganization"):
        (organisation,) = grant[name]
        assert all(isinstance(organisation[key], str) and organisation[key] for key in ("id", "name"))
    assert grant["recipientOrganization"][0]["addressLocality"] == "嘉泽镇"
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", grant["awardDate"])
    assert LINE.identifier not in str(grant)


def test_a_package_says_who_published_it_and_that_its_prefix_is_nobodys() -> None:
    package = open_data.as_json([LINE], publisher())
    assert package["publisher"] == {"identifier": "360G-xiepai-org-1", "name": "协拍办"}
    assert "not registered" in package["description"]
    assert "license" not in package
    said = publisher(prefix="360G-wujin", licence="https://example.com/licence")
    package = open_data.as_json([LINE], said)
    assert package["grants"][0]["id"] == "360G-wujin-D-7-script"
    assert "description" not in package
    assert package["license"] == "https://example.com/licence"


def test_titles_keep_below_the_length_the_standard_asks_for() -> None:
    (grant,) = open_data.as_json([LINE], publisher(names=lambda _line: "条" * 200))["grants"]
    assert len(grant["title"]) < open_data.LONGEST_TITLE
    assert "条" * 200 in grant["description"]


def test_rows_carry_the_same_under_the_standards_column_titles() -> None:
    titles, row = open_data.rows([LINE], publisher())
    said = dict(zip(titles, row, strict=True))
    assert (said["Identifier"], str(said["Amount Awarded"])) == ("360G-xiepai-D-7-script", "150000.01")
    assert (said["Recipient Org:Name"], said["Recipient Org:City"]) == ("甲影视", "嘉泽镇")
    assert (said["Funding Org:Identifier"], said["Award Date"]) == ("360G-xiepai-org-1", "2026-12-01")
