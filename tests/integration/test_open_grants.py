"""Awards in the open: lines that add up, figures with their rows, 360Giving's fields, nothing secret."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories import make_organisation, make_person
from tests.grants import make_programme, publish

from xiepai.grants import publishing
from xiepai.grants.models import Application, Decision, PaymentBatch, PaymentOrder
from xiepai.grants.publishing import AwardFilter
from xiepai.kernel import audit
from xiepai.parties.access import system
from xiepai.parties.models import Organisation

pytestmark = pytest.mark.django_db
USCC = "91320412MA1X2Y3Z4K"


def made(model: Any, **fields: Any) -> Any:
    """A row put in directly, its trail with it."""
    row = model.objects.create(**fields)
    audit.record("test.row.made", row, actor=system())
    return row


class Books:
    """Two companies in two towns with awards under one programme, and what must not be counted."""

    def __init__(self) -> None:
        person, officer = make_person("officer")
        self.version = publish(officer, name="武进奖补")
        self.one = make_organisation("crew", name="甲影视", uscc=USCC, town="jiaze", standing="sample")
        Organisation.objects.filter(pk=self.one.pk).update(cluster="xitaihu-drama")
        self.other = make_organisation("crew", name="乙影视", town="")
        self.first = self.award(self.one, {"script": 10_000_000, "release": 5_000_001}, state="paid")
        self.award(self.other, {"script": 2_000_000})
        self.award(self.other, {"script": 999}, state="in_review")
        replaced = self.award(self.other, {"chain": 700})
        self.decide(replaced.application, {"chain": 0}, "revoked", replaces=replaced)
        batch = made(
            PaymentBatch,
            programme=self.version.programme,
            number="B-1",
            state="done",
            total_fen=4_000_000,
            prepared_by=person,
            approved_by=make_person("leader")[0],
        )
        made(
            PaymentOrder,
            batch=batch,
            decision=self.first,
            application=self.first.application,
            organisation=self.one,
            measure="script",
            year=2026,
            amount_fen=4_000_000,
            state="paid",
            key="k1",
        )

    def award(self, company: Organisation, by_measure: dict[str, int], state: str = "approved") -> Decision:
        application = made(
            Application,
            programme=self.version.programme,
            version=self.version,
            organisation=company,
            number=f"A-{Application.objects.count()}",
            state=state,
            measures=list(by_measure),
        )
        return self.decide(application, by_measure, "approved")

    def decide(self, application: Application, by_measure: dict[str, int], outcome: str, **fields: Any) -> Decision:
        return made(
            Decision,
            application=application,
            number=f"D-{Decision.objects.count()}",
            outcome=outcome,
            awarded_fen=sum(by_measure.values()),
            by_measure=by_measure,
            version=self.version,
            evaluated_on=date(2026, 5, 1),
            sha256="0" * 64,
            **fields,
        )


@pytest.fixture
def books() -> Books:
    return Books()


def test_only_awards_that_stand_are_counted(books: Books) -> None:
    totals = publishing.totals(AwardFilter())
    assert totals == {"lines": 3, "awards": 2, "companies": 2, "fen": 17_000_001, "paid_fen": 4_000_000}
    lines = publishing.award_lines(AwardFilter(), sort="-amount")
    assert [(line.company, line.measure, line.fen) for line in lines] == [
        ("甲影视", "script", 10_000_000),
        ("甲影视", "release", 5_000_001),
        ("乙影视", "script", 2_000_000),
    ]
    assert [line.paid_fen for line in lines] == [4_000_000, 0, 0]
    assert {line.standing for line in lines if line.company == "甲影视"} == {"sample"}


def test_every_figure_is_the_sum_of_the_rows_its_link_lists(books: Books) -> None:
    client = Client()
    for by in publishing.GROUPS:
        groups = publishing.grouped(AwardFilter(), by)
        assert sum(each.fen for each in groups) == 17_000_001
        for each in groups:
            assert publishing.totals(each.rows)["fen"] == each.fen
            assert publishing.totals(each.rows)["lines"] == each.lines
    page = client.get("/awards/statistics/").content.decode()
    links = [part.split('"')[0].replace("&amp;", "&") for part in page.split('<li><a href="')[1:]]
    links = [each for each in links if each.startswith("/awards/?")]
    assert len(links) == 2 + 1 + 2 + 2 + 2
    for link in links:
        rows = list(csv.reader(io.StringIO(_csv(client, f"/awards.csv?{urlsplit(link).query}"))))
        assert len(rows) > 1, parse_qs(urlsplit(link).query)


def _csv(client: Client, address: str) -> str:
    return b"".join(client.get(address).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]


def test_filters_sort_and_hostile_words(books: Books) -> None:
    client = Client()
    for query, found in {
        "q=甲": 2, "measure=script": 2, "town=jiaze": 2, "no_town=1": 1,
        "cluster=xitaihu-drama": 2, "no_cluster=1": 1, f"company={books.one.pk}": 2, "q=%25": 0,
        "programme=nowhere": 3, "company=99999999999999999999": 3, "q=%00": 3, "measure=%00": 3, "year=1066": 3,
    }.items():  # fmt: skip
        answer = client.get(f"/awards.json?{query}")
        grants = json.loads(answer.content)["grants"] if answer.status_code == 200 else []
        assert len(grants) == found, query
        assert client.get(f"/awards/?{query}&sort=-amount&page=9").status_code == 200
        assert client.get(f"/awards/statistics/?{query}").status_code == 200


def test_open_data_has_the_fields_of_the_standard_and_no_identifier(books: Books) -> None:
    answer = Client().get("/awards.json")
    data = json.loads(answer.content)
    needed = {"id", "title", "description", "currency", "amountAwarded", "awardDate"}
    organisations = {"recipientOrganization", "fundingOrganization"}
    for grant in data["grants"]:
        assert needed | organisations <= grant.keys()
        assert grant["currency"] == "CNY"
        date.fromisoformat(grant["awardDate"])
        for name in organisations:
            assert grant[name][0]["id"]
            assert grant[name][0]["name"]
    assert len({grant["id"] for grant in data["grants"]}) == 3
    assert sum(round(grant["amountAwarded"] * 100) for grant in data["grants"]) == 17_000_001
    rows = list(csv.DictReader(io.StringIO(_csv(Client(), "/awards.csv"))))
    assert {"Identifier", "Amount Awarded", "Award Date", "Recipient Org:Name", "Funding Org:Name"} <= rows[0].keys()
    assert sorted(row["Amount Awarded"] for row in rows) == ["100000", "20000", "50000.01"]
    page = Client().get("/awards/").content.decode()
    for text in (answer.content.decode(), page):
        assert USCC not in text
    assert "9132**********3Z4K" in page


def test_programmes_show_what_is_published_only(books: Books) -> None:
    make_programme(code="hidden-draft", name="未发布的项目")
    page = Client().get("/programmes/").content.decode()
    assert "武进奖补" in page
    assert "未发布的项目" not in page
    assert "¥170,000.01" in page
    table = Client().get("/awards/statistics/town.csv").content.decode("utf-8-sig")
    assert "150000.01" in table
    assert Client().get("/awards/statistics/nothing.csv").status_code == 404
    assert Client().get("/awards.exe").status_code == 404


def test_an_empty_package_is_refused_as_the_standard_has_none() -> None:
    """360Giving's package schema wants one grant or more."""
    Books()
    for form in ("json", "csv"):
        address = reverse("public:awards_file", args=[form])
        assert Client().get(address).status_code == 200
        answer = Client().get(address, {"q": "没有这家"})
        assert answer.status_code == 422
        assert "360Giving" in answer.content.decode()
    assert "awards.json" in Client().get(reverse("public:awards")).content.decode()
    assert "awards.json" not in Client().get(reverse("public:awards"), {"q": "没有这家"}).content.decode()
