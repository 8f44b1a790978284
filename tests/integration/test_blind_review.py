"""An expert learns nothing of whom he scores: every page, file and operation he may open, and every link on them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from tests.city import has_signed_in, join
from tests.factories import make_person
from tests.grants import NOW
from tests.integration.test_access_table import DOORS
from tests.productions import PDF
from tests.review import Review, make_review

from xiepai.config import access
from xiepai.grants import access as grant_access
from xiepai.grants.models import Application, Evidence, ReviewAssignment
from xiepai.grants.services import clocking, evidence, scoring, steps
from xiepai.kernel import clock
from xiepai.parties import tokens
from xiepai.parties.access import actor_of
from xiepai.parties.models import Organisation, Person, Role
from xiepai.parties.models_notices import Notice

pytestmark = pytest.mark.django_db

USCC = "91320412MA1X2Y3Z4K"
LINK = re.compile(r"""(?:href|src|action|hx-get)="(/[^"#]*)""")
#: Pages that end the session or hold no rows; allauth's own pages are walked too.
LEFT_OUT = ("/accounts/logout/", "/static/", "/admin/")


@pytest.fixture
def review(tmp_path: Path, settings: Any) -> Iterator[Review]:
    settings.MEDIA_ROOT = tmp_path
    with clock.frozen(NOW):
        found = make_review()
        Organisation.objects.filter(pk=found.company.pk).update(name="晨光绝密影业", uscc=USCC)
        Person.objects.filter(pk=found.people["producer"].pk).update(name="联系人王某", phone="13912345678")
        for at, expert in enumerate(found.experts):
            Person.objects.filter(pk=expert.pk).update(name=f"专家{'甲乙丙'[at]}某")
        found.company.refresh_from_db()
        yield found


@pytest.fixture
def paper(review: Review) -> Evidence:
    """An application at the experts' step with a paper named after the company; two of three have scored."""
    row = review.to_step(review.submit(), "expert_review")
    found = evidence.attach_evidence(
        actor=review.actor("officer"), organisation_id=review.company.pk, application_id=row.pk,
        kind="发票与合同", file_name="晨光绝密影业合同.pdf", data=PDF,
    )  # fmt: skip
    assigned = scoring.assign_experts(
        actor=review.actor("officer"), application_id=row.pk, person_ids=[each.pk for each in review.experts]
    )
    for each in assigned[1:]:
        scoring.submit_score(
            actor=actor_of(each.reviewer), assignment_id=each.pk, comment="内容扎实可信",
            points={"quality": 7, "culture": 6, "effect": 3},
        )  # fmt: skip
    return found


def secrets_of(review: Review, row: Application) -> dict[str, str]:
    """What an expert must not read, and what it is."""
    return {
        "company": "绝密", "number": row.number, "registration": USCC, "contact": "联系人王某", "phone": "13912345678",
        "contact's address": "producer@example.com", "second expert": "专家乙某", "third expert": "专家丙某",
        "expert's address": "expert2@example.com", "another's words": "内容扎实可信", "another's mark": "55.00",
    }  # fmt: skip


def addresses(review: Review, paper: Evidence, expert: Person) -> Iterator[str]:
    """Every page the table opens to an expert, for every row near the application."""
    row = paper.application
    assert row is not None
    mine = ReviewAssignment.objects.get(application=row, reviewer=expert)
    others = ReviewAssignment.objects.filter(application=row).exclude(pk=mine.pk).values_list("pk", flat=True)
    given: dict[str, list[Any]] = {
        "application_id": [row.pk], "assignment_id": [mine.pk, *others], "evidence_id": [paper.pk],
        "organisation_id": [review.company.pk, review.office.pk], "programme_id": [review.programme.pk],
        "object_id": [row.pk, mine.pk, review.company.pk, review.office.pk, review.people["producer"].pk],
        "label": ["grants.application", "grants.reviewassignment", "parties.organisation", "parties.person"],
        "form": ["csv", "xlsx"],
    }  # fmt: skip
    actor = actor_of(expert)
    for name, _spaces, taken in DOORS:
        if access.PAGES[name].admits(actor):
            for values in product(*(given.get(each, [row.pk]) for each in taken)):
                try:
                    yield reverse(name, kwargs=dict(zip(taken, values, strict=True)))
                except NoReverseMatch:
                    continue


def text_of(answer: Any) -> str:
    data = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return f"{data.decode('utf-8', 'replace')} {dict(answer.headers)}"


def test_no_page_an_expert_may_open_says_whom_he_scores(review: Review, paper: Evidence) -> None:
    row, expert = paper.application, review.experts[0]
    assert row is not None
    secrets, client = secrets_of(review, row), Client()
    has_signed_in(expert)
    client.force_login(expert)
    waiting, seen, code = list(addresses(review, paper, expert)), set(), ""
    while waiting:
        address = waiting.pop().replace("&amp;", "&")
        if address in seen or address.startswith(LEFT_OUT):
            continue
        seen.add(address)
        answer = client.get(address)
        assert answer.status_code < 500, address
        page = text_of(answer)
        leaks = [what for what, secret in secrets.items() if secret in page]
        assert not leaks, (address, leaks)
        code = code or (address if "/grants/reviews/" in address and "只有分派给您的" in page else "")
        waiting += {link.split("?")[0] for link in LINK.findall(page)}  # without what was asked: each page once
    assert code, "the expert's own list was walked"
    assert reverse("office:grant_review", args=[ReviewAssignment.objects.get(reviewer=expert).pk]) in seen
    assert reverse("crew:grant_file", args=[paper.pk]) in seen


def test_no_operation_of_the_api_does_either(review: Review, paper: Evidence) -> None:
    row, administrator = paper.application, review.people["administrator"]
    assert row is not None
    join(administrator, review.office, Role.REVIEWER)
    made = tokens.create_token(
        actor=actor_of(administrator), organisation_id=review.office.pk, name="专家", roles=[Role.REVIEWER]
    )
    secrets, client = secrets_of(review, row), Client(headers={"Authorization": f"Bearer {made.secret}"})
    for path, operations in client.get("/api/v1/openapi.json").json()["paths"].items():
        if "get" in operations:
            answer = client.get(re.sub(r"\{[^}]*\}", str(row.pk), path))
            page = text_of(answer)
            assert answer.status_code < 500, path
            assert not [what for what, secret in secrets.items() if secret in page], path


def test_an_expert_reads_papers_only_where_scoring_is_not_blind(review: Review, paper: Evidence) -> None:
    expert, stranger = review.expert(0), make_person(Role.REVIEWER, review.office)[1]
    assert not grant_access.visible_evidence(expert).exists()
    step = review.programme.steps.get(kind="expert_review")
    steps.update_step(actor=review.actor("officer"), step_id=step.pk, review={"is_blind": False, "items": []})
    assert list(grant_access.visible_evidence(expert)) == [paper]
    assert not grant_access.visible_evidence(stranger).exists(), "only what was assigned"


def test_who_reads_the_offices_files_is_not_asked_to_score_blind(review: Review, paper: Evidence) -> None:
    row = paper.application
    assert row is not None
    both = make_person(Role.REVIEWER, review.office)[0]
    assert both in scoring.experts_for(row)
    join(both, review.office, Role.FINANCE)
    assert both not in scoring.experts_for(row)


def test_the_clock_reminds_experts_by_their_code_alone(review: Review, paper: Evidence) -> None:
    row = paper.application
    assert row is not None
    row.refresh_from_db()
    assert row.due_at is not None
    with clock.frozen(row.due_at - timedelta(hours=2)):
        assert clocking.sweep().warned == 1
    told = Notice.objects.filter(person__in=review.experts, subject__contains="到期")
    code = ReviewAssignment.objects.filter(application=row)[0].code
    assert [(each.person_id, row.number in each.subject + each.body) for each in told] == [
        (review.experts[0].pk, False)
    ]
    assert code in told[0].subject
