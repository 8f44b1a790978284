"""Steps that promise no time: said plainly in the office, set by one press, and what waited is counted from then on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from tests.grants import NOW
from tests.review import Review, hand_in, make_review

from xiepai.grants import clock as terms
from xiepai.grants import flow
from xiepai.grants.models import Application, ApplicationEvent, Silence, Step, StepKind
from xiepai.grants.services import clocking, refusing, reviewing, steps
from xiepai.kernel import audit, clock
from xiepai.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def review() -> Iterator[Review]:
    with clock.frozen(NOW):
        yield make_review()


def acceptance(review: Review, term: int | None, **fields: object) -> Step:
    row = review.programme.steps.get(kind=StepKind.APPLICATION)
    return steps.update_step(actor=review.actor("officer"), step_id=row.pk, term_working_days=term, **fields)


def page(review: Review, name: str, *args: object) -> str:
    client = Client()
    client.force_login(review.people["officer"])
    return client.get(reverse(name, args=args)).content.decode()


def handed_in(review: Review) -> Application:
    """Handed in as the company's page does, into the step of acceptance."""
    row, step = hand_in(review.version, review.company, "script"), review.programme.steps.get(kind=StepKind.APPLICATION)
    with transaction.atomic():
        before = audit.snapshot(row)
        row.step = step
        row.save(update_fields=["step"])
        audit.record("grants.application.step_entered", row, actor=review.actor("officer"), before=before)
        terms.start(application=row, step=step, actor=review.actor("officer"))
    return row


def events(row: Application) -> list[str]:
    found = AuditEntry.objects.filter(object_type="grants.application", object_id=row.pk).order_by("id")
    return [entry.event for entry in found]


def test_a_programme_without_a_term_says_so_wherever_it_matters(review: Review) -> None:
    review.submit()
    lacking, address = "没有受理时限", reverse("office:grant_programme", args=[review.programme.pk])
    for name, args in (("office:grant_programme", [review.programme.pk]), ("office:grant_programmes", [])):
        assert lacking not in page(review, name, *args)
    step = acceptance(review, None)
    whole = page(review, "office:grant_programme", review.programme.pk)
    assert lacking in whole
    assert f'href="#step-{step.pk}"' in whole
    assert f'id="step-{step.pk}"' in whole
    assert "现有 1 件已提交的申报没有在计时" in whole
    assert lacking in page(review, "office:grant_programmes")
    queue = page(review, "office:grants")
    assert lacking in queue
    assert "没有时限" in queue
    assert f"{address}#steps" in queue
    row = Application.objects.get()
    assert "没有时限" in page(review, "office:grant", row.pk)


def test_a_step_that_is_not_there_is_added(review: Review) -> None:
    with transaction.atomic():
        row = review.programme.steps.get(kind=StepKind.APPLICATION)
        audit.record("test.step.removed", row, actor=review.actor("officer"), after={})
        row.delete()
    assert "补上通常的环节" in page(review, "office:grant_programme", review.programme.pk)
    client = Client()
    client.force_login(review.people["officer"])
    client.post(reverse("office:grant_programme_deed", args=[review.programme.pk]), {"deed": "steps_add"})
    assert flow.promises_acceptance(review.programme.steps.all())
    assert "补上通常的环节" not in page(review, "office:grant_programme", review.programme.pk)


def test_what_waited_without_a_term_is_counted_from_when_it_is_set(review: Review) -> None:
    acceptance(review, None)
    without, with_step = review.submit(), handed_in(review)
    assert with_step.due_at is None
    assert not ApplicationEvent.objects.exists()
    with clock.frozen(NOW + timedelta(days=6)):
        step = acceptance(review, 3)
        acceptance(review, 3, note="改说明")
    for row in (without, with_step):
        row.refresh_from_db()
        assert row.step_id == step.pk
        assert row.due_at is not None
        assert f"{clock.local(row.due_at):%m-%d %H:%M}" == "12-10 18:00"
        assert [each.kind for each in row.events.all()] == ["started"]
        assert "grants.clock.started" in events(row)


def test_a_clock_that_runs_or_stands_still_is_left_alone(review: Review) -> None:
    acceptance(review, 5)
    running, heard = handed_in(review), review.submit()
    acceptance(review, None)
    first = running.due_at
    reviewing.take(actor=review.actor("officer"), application_id=heard.pk)
    refusing.announce_refusal(actor=review.actor("officer"), application_id=heard.pk, reason="材料不实")
    started = ApplicationEvent.objects.count()
    acceptance(review, 9)
    running.refresh_from_db()
    assert running.due_at == first
    assert ApplicationEvent.objects.count() == started


def test_silence_moves_by_the_one_way_with_an_event_of_its_own(review: Review) -> None:
    acceptance(review, 3, silence=Silence.APPROVE)
    first = review.programme.steps.get(kind=StepKind.FIRST_CHECK)
    steps.update_step(
        actor=review.actor("officer"), step_id=first.pk, term_working_days=2, silence=Silence.APPROVE
    )  # fmt: skip
    row = handed_in(review)
    with clock.frozen(NOW + timedelta(days=4)):
        assert clocking.sweep().silent == 1
    row.refresh_from_db()
    assert (row.state, row.step_id, row.accepted_at) == ("in_review", first.pk, NOW + timedelta(days=4))
    silent = AuditEntry.objects.filter(object_id=row.pk, event="grants.clock.silent").latest("id")
    assert (silent.before or {})["state"] == "submitted"
    assert (silent.after or {})["state"] == "in_review"
    assert silent.actor_id is None
    assert events(row)[-4:] == [
        "grants.clock.silent",
        "grants.application.accepted",
        "grants.application.step_entered",
        "grants.clock.started",
    ]
    with clock.frozen(NOW + timedelta(days=9)):
        assert clocking.sweep().silent == 1
    row.refresh_from_db()
    assert row.step is not None
    assert (row.state, row.step.kind) == ("in_review", StepKind.FORMAL_CHECK)
    assert events(row).count("grants.clock.silent") == 2
    assert [each.kind for each in row.events.all()].count("silent") == 2


def test_silence_in_the_last_step_leaves_no_due_time(review: Review) -> None:
    decision = review.programme.steps.get(kind=StepKind.DECISION)
    steps.update_step(
        actor=review.actor("officer"), step_id=decision.pk, term_working_days=2, silence=Silence.APPROVE
    )  # fmt: skip
    row = review.submit()
    with transaction.atomic():
        before = audit.snapshot(row)
        row.state, row.step = "in_review", decision
        row.save(update_fields=["state", "step"])
        audit.record("grants.application.step_entered", row, actor=review.actor("officer"), before=before)
        terms.start(application=row, step=decision, actor=review.actor("officer"))
    with clock.frozen(NOW + timedelta(days=5)):
        assert clocking.sweep().silent == 1
        row.refresh_from_db()
        assert (row.state, row.step, row.due_at) == ("in_review", None, None)
        assert clocking.sweep() == clocking.Swept()
