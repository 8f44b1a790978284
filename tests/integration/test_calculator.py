"""The calculator over HTTP: the address is the state, nothing is written, and no query string makes it fail."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings as configured
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xiepai.kernel import rates
from xiepai.parties import limits
from xiepai.policy.asking import Sheet
from xiepai.policy.cities import calculator

pytestmark = pytest.mark.django_db
PROJECT = {"yes": "new_culture_project", "f.investment": "600万元", "f.fixed_assets": "3000万元"}


@pytest.fixture(autouse=True)
def _uncounted() -> None:
    rates._HERE.clear()


def get(path: str, **query: Any) -> Any:
    return Client().get(f"/calculator/{path}?{urlencode(query)}")


def page(**query: Any) -> str:
    answer = get("", **query)
    assert answer.status_code == 200
    return answer.content.decode()


def estimate(**query: Any) -> dict[str, Any]:
    answer = get("estimate.json", **query)
    assert answer.status_code == 200
    return json.loads(answer.content)


def test_the_page_asks_one_question_and_shows_every_city() -> None:
    text = page()
    assert text.count('id="question-title"') == 1
    for name in ("武进", "苏州", "大同", "佛山", "瓯海", "部分条文", "不是承诺"):
        assert name in text
    assert "0 – 650万元" in text


def test_an_answer_from_a_form_leads_to_the_address_that_holds_it() -> None:
    answer = get("", ask="investment", value="600", unit="万元", yes="new_culture_project")
    assert answer.status_code == 302
    assert answer["Location"] == "/calculator/?yes=new_culture_project&f.investment=600%E4%B8%87%E5%85%83#question"
    for typed, held in (("１，２００", "1200万元"), ("1.5亿", "1.5亿元"), ("88元", "88元")):
        said = get("", ask="investment", value=typed, unit="万元")["Location"]
        assert urlencode({"f.investment": held}) in said
    assert "f.local_share=80%25" in get("", ask="local_share", value="80")["Location"]
    assert urlencode({"f.local_run": "9天"}) in get("", ask="local_run", value="9")["Location"]


def test_the_clause_shows_its_formula_conditions_cap_and_assumption() -> None:
    text = page(**PROJECT)
    for words in ("200万元 – 650万元", "10% × 30,000,000元 = 3,000,000元", "最高 200万元: 3,000,000元 → 2,000,000元"):
        assert words in text
    assert "报道写“不超过10%”，暂按上限计算" in text


def test_answers_are_changed_skipped_and_cleared() -> None:
    assert 'value="600"' in page(**PROJECT, change="investment")
    assert "还不知道" in page(skip="new_culture_project")
    both = page(yes="premium", no="premium")
    assert "既答了是又答了否" in both
    refused = estimate(no=",".join(key for key, each in _questions().items() if each.spec.kind == "yes/no"))
    assert refused["cities"][0]["high_fen"] == 0


def _questions() -> Any:
    return calculator(configured.POLICIES).questions


def test_the_same_answers_as_json_csv_and_pdf() -> None:
    told = estimate(**PROJECT)
    wujin = told["cities"][0]
    assert (wujin["low_fen"], wujin["high_fen"]) == (200_000_000, 650_000_000)
    answer = get("estimate.csv", **PROJECT)
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    total = next(row for row in rows if row[0] == "武进" and row[4] == "合计")
    assert total[8:10] == ["2000000.00", "6500000.00"]
    assert len({len(row) for row in rows}) == 1
    assert get("estimate.svg", **PROJECT).content.startswith(b"<svg")
    for language in ("zh-hans", "en"):
        answer = Client(headers={"accept-language": language}).get(f"/calculator/estimate.pdf?{urlencode(PROJECT)}")
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")


HOSTILE = [
    {"f.investment": "9" * 400 + "元"},
    {"f.investment": "1e999"},
    {"f.investment": "-1元"},
    {"f.investment": "NaN"},
    {"f.investment": "\x00"},
    {"f.investment": "１亿元" * 30},
    {"f.investment": "{{7*7}}<script>alert(1)</script>"},
    {"yes": "investment"},
    {"yes": ",".join(f"x{n}" for n in range(500))},
    {"f.__class__": "1"},
    {"city": "atlantis,wujin"},
    {"stage": "../../etc"},
    {"on": "9999-99-99"},
    {"on": "1066-10-14"},
    {"change": "nothing"},
    {"ask": "investment", "value": "9" * 300},
    {"ask": "investment", "value": "1/0"},
    {"ask": "broadcast_on", "value": "2025-02-30"},
    {"ask": "script_selection", "value": "galactic"},
    {"ask": "nothing", "value": "1"},
    {"skip": "'; DROP TABLE x; --"},
    {f"f.x{n}": "1" for n in range(600)},
]


@pytest.mark.parametrize("query", HOSTILE, ids=lambda query: next(iter(query.items()))[0])
def test_a_hostile_address_is_answered_in_words(query: dict[str, str]) -> None:
    text = page(**query)
    assert "<script>alert" not in text
    if query.keys() != {"ask", "value"} or query["ask"] != "nothing":
        assert 'class="alert' in text
    for form in ("json", "csv", "pdf"):
        assert get(f"estimate.{form}", **query).status_code == 200


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.one_of(
            st.sampled_from(["yes", "no", "skip", "city", "stage", "on", "change", "ask", "value", "unit"]),
            st.sampled_from(["f.investment", "f.broadcast_on", "f.local_share", "f.local_run", "f.script_selection"]),
            st.text(st.characters(codec="utf-8"), max_size=12),
        ),
        st.one_of(
            st.text(st.characters(codec="utf-8"), max_size=40),
            st.sampled_from(["premium", "investment", "2025-01-01", "80%", "500万元"]),
        ),
        max_size=8,
    )
)
def test_no_address_is_a_fault(query: dict[str, str]) -> None:
    assert get("", **query).status_code in (200, 302)


def test_every_worked_example_on_a_policys_page_opens_with_its_figure() -> None:
    text = Client().get("/policies/wujin/").content.decode()
    assert "总投资多一分钱即封顶200万元" in text
    address = text.split("总投资多一分钱即封顶200万元")[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    shown = Client().get(address).content.decode()
    assert 'id="sum-wujin">200万元<' in shown
    assert Client().get("/policies/nowhere/").status_code == 404
    assert "部分条文" in Client().get("/policies/").content.decode()


def test_the_api_lists_reads_evaluates_and_compares() -> None:
    listed = Client().get("/api/v1/policies").json()["policies"]
    assert [each["key"] for each in listed] == ["wujin", "suzhou", "datong", "foshan", "ouhai"]
    one = Client().get("/api/v1/policies/wujin").json()
    assert {each["name"] for each in one["facts"]} >= {"investment", "enterprise"}
    facts = [("fact", "new_culture_project:yes"), ("fact", "investment:600万元"), ("fact", "fixed_assets:3000万元")]
    found = Client().get(f"/api/v1/policies/wujin/evaluate?{urlencode(facts)}").json()
    assert found["result"]["low"] == 200_000_000
    both = Client().get(f"/api/v1/policies/compare?{urlencode([*facts, ('language', 'en')])}").json()
    assert both["cities"][0]["low_fen"] == 200_000_000
    assert both["cities"][0]["name"] == "Wujin"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("wujin/evaluate?fact=investmen:1元", 422, "investment"),
        ("wujin/evaluate?fact=investment", 422, "NAME:VALUE"),
        ("wujin/evaluate?fact=investment:5", 422, "元"),
        ("compare?fact=premiun:yes", 422, "premium"),
        ("compare?on=1066-10-14", 422, ""),
        ("nowhere/evaluate", 404, ""),
    ],
)
def test_the_api_refuses_as_a_problem(path: str, status: int, words: str) -> None:
    answer = Client().get(f"/api/v1/policies/{path}")
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert words in answer.json()["detail"]


def test_evaluating_again_and_again_is_slowed_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.LIMITS, "evaluate_from", limits.Limit(2, 60))
    monkeypatch.setitem(limits.LIMITS, "estimate_pdf_from", limits.Limit(0, 60))
    codes = [Client().get("/api/v1/policies/compare").status_code for _again in range(3)]
    assert codes == [200, 200, 429]
    refused = get("estimate.pdf")
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0


def test_the_figures_of_the_page_are_those_of_the_core() -> None:
    found = calculator(configured.POLICIES)
    told = estimate(on="2026-05-01", yes="premium,leading_platform", **{"f.production_cost": "300万元"})
    answers = {"premium": "yes", "leading_platform": "yes", "production_cost": "300万元"}
    core = found.estimate(Sheet(date(2026, 5, 1), answers))
    assert [city["low_fen"] for city in told["cities"]] == [each.award.result.low for each in core.found]
    assert [city["high_fen"] for city in told["cities"]] == [each.award.result.high for each in core.found]
