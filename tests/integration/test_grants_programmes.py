"""Programmes: publishing under a name, amendments beside the versions before, what the office settles around it."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from tests.city import City, make_city
from tests.grants import CITIES, NOW, TODAY, make_programme, policy_text, publish

from xiepai.grants.models import MeasureSetting, Step, StepKind
from xiepai.grants.policies import version_on
from xiepai.grants.replaying import replay
from xiepai.grants.services import programmes, steps, windows
from xiepai.kernel import clock
from xiepai.kernel.clock import CITY_ZONE
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.kernel.models import AuditEntry
from xiepai.parties.access import system
from xiepai.parties.models import Role

pytestmark = pytest.mark.django_db
CASE = {"culture_tourism_linkage": "yes", "local_shooting_cost": "60万元"}
REST = (
    "new_culture_project livestream_conversion partner_scenic_area premium leading_platform distributor overseas"
    " original_script shows_wujin nrta_list ip_conversion drama_consumption new_technology"
)


def full_case() -> dict[str, object]:
    """Everything asked: what the case does not have is no or nothing."""
    money = "investment fixed_assets conversion_cost production_cost box_office overseas_revenue script_cost"
    found: dict[str, object] = dict.fromkeys(REST.split(), "no") | dict.fromkeys(money.split(), "0元")
    return found | {"chain_investment": "0元", "accepted_at": "2026-03-01"} | CASE


@pytest.fixture
def city() -> City:
    with clock.frozen(NOW):
        yield make_city()


@pytest.mark.parametrize("slug", CITIES)
def test_every_encoded_city_can_be_published(city: City, slug: str) -> None:
    version = publish(city.actor(Role.OFFICER), slug)
    assert version.policy_text == policy_text(slug)
    assert version.number == 1
    assert version.published_by == city.people[Role.OFFICER]
    assert version.programme.state == "published"
    assert version.programme.settings.count() > 1


def test_publishing_needs_an_officer_with_a_name(city: City) -> None:
    programme = make_programme(city.actor(Role.OFFICER))
    for role, code in ((Role.FINANCE, ErrorCode.FORBIDDEN), (Role.PRODUCER, ErrorCode.FORBIDDEN)):
        with pytest.raises(XiepaiError) as refused:
            programmes.publish_programme_version(
                actor=city.actor(role), programme_id=programme.pk, policy_text=policy_text("wujin-2025")
            )
        assert refused.value.code is code
    with pytest.raises(XiepaiError) as refused:
        programmes.publish_programme_version(
            actor=system(), programme_id=programme.pk, policy_text=policy_text("wujin-2025")
        )
    assert refused.value.code is ErrorCode.SIGN_IN_NEEDED


def test_a_text_that_fails_its_check_is_refused_with_its_place(city: City) -> None:
    programme = make_programme(city.actor(Role.OFFICER))
    broken = policy_text("wujin-2025").replace("at_most: 20万元", "at_most: 20", 1)
    with pytest.raises(XiepaiError) as refused:
        programmes.publish_programme_version(
            actor=city.actor(Role.OFFICER), programme_id=programme.pk, policy_text=broken
        )
    assert refused.value.code is ErrorCode.POLICY_INVALID
    assert "at_most" in str(refused.value)
    assert not programme.versions.exists()


def test_an_amendment_is_a_further_version_and_replay_gives_the_same_fen(city: City) -> None:
    officer = city.actor(Role.OFFICER)
    first = publish(officer)
    before = replay(first, TODAY, full_case())
    amended = policy_text("wujin-2025").replace("location_rate: 20% |", "location_rate: 10% |")
    amended = amended.replace("expect: {location: 12万元}", "expect: {location: 6万元}")
    amended = amended.replace(
        "local_shooting_cost: 100万元 + 5元}, expect: 20万元", "local_shooting_cost: 200万元 + 10元}, expect: 20万元"
    )
    amended = amended.replace("expect: 242万元", "expect: 236万元")
    second = programmes.publish_programme_version(
        actor=officer, programme_id=first.programme_id, policy_text=amended, effective_from=date(2026, 12, 15)
    )
    assert second.number == 2
    assert version_on(first.programme, date(2026, 12, 14)) == first
    assert version_on(first.programme, date(2026, 12, 15)) == second
    assert version_on(first.programme, date(2025, 5, 31)) is None
    assert before.fen == 12_000_000
    assert replay(first, date(2026, 12, 31), full_case()).fen == before.fen
    assert replay(second, date(2026, 12, 31), full_case()).fen == 6_000_000
    again = programmes.publish_programme_version(
        actor=officer, programme_id=first.programme_id, policy_text=amended, effective_from=date(2026, 12, 15)
    )
    assert again == second


def test_a_version_does_not_begin_before_the_one_it_follows(city: City) -> None:
    first = publish(city.actor(Role.OFFICER))
    with pytest.raises(XiepaiError) as refused:
        programmes.publish_programme_version(
            actor=city.actor(Role.OFFICER),
            programme_id=first.programme_id,
            policy_text=policy_text("wujin-2025") + "# x\n",
            effective_from=date(2025, 5, 31),
        )
    assert "2025-06-01" in str(refused.value)


def test_steps_are_data_the_office_edits(city: City) -> None:
    officer = city.actor(Role.OFFICER)
    programme = make_programme(officer)
    assert list(programme.steps.values_list("kind", flat=True)) == list(StepKind.values)
    assert all("假设" in step.note for step in programme.steps.exclude(term_working_days=None))
    audit_step = programme.steps.get(kind=StepKind.AUDIT)
    changed = steps.update_step(actor=officer, step_id=audit_step.pk, term_working_days=8, silence="reject", note="")
    assert (changed.term_working_days, changed.silence) == (8, "reject")
    for wrong in ({"term_working_days": None}, {"warn_days": 8}, {"role": "producer"}, {"silence": "maybe"}):
        with pytest.raises(XiepaiError):
            steps.update_step(actor=officer, step_id=audit_step.pk, **wrong)
    assert Step.objects.get(pk=audit_step.pk).term_working_days == 8
    with pytest.raises(XiepaiError) as refused:
        steps.update_step(actor=city.actor(Role.LEADER), step_id=audit_step.pk, term_working_days=1)
    assert refused.value.code is ErrorCode.FORBIDDEN
    assert steps.add_missing_steps(actor=officer, programme_id=programme.pk) == 0


def test_windows_budgets_and_measures(city: City) -> None:
    officer = city.actor(Role.OFFICER)
    programme = publish(officer).programme
    opens, closes = datetime(2027, 1, 1, tzinfo=CITY_ZONE), datetime(2027, 2, 1, tzinfo=CITY_ZONE)
    window = windows.set_window(
        actor=officer, programme_id=programme.pk, opens_at=opens, closes_at=closes, measures=["location"]
    )
    moved = windows.set_window(
        actor=officer, programme_id=programme.pk, opens_at=opens, closes_at=closes.replace(month=3), window_id=window.pk
    )
    assert (moved.pk, moved.measures) == (window.pk, [])
    budget = programmes.set_budget(
        actor=officer, programme_id=programme.pk, measure="location", year=2026, amount_fen=10**9
    )
    again = programmes.set_budget(
        actor=officer, programme_id=programme.pk, measure="location", year=2026, amount_fen=2 * 10**9
    )
    assert (again.pk, again.amount_fen) == (budget.pk, 2 * 10**9)
    with pytest.raises(XiepaiError):
        programmes.set_budget(actor=officer, programme_id=programme.pk, measure="moon", year=2026, amount_fen=1)
    with pytest.raises(XiepaiError):
        programmes.update_measure_setting(
            actor=officer, programme_id=programme.pk, measure="location", milestones=[{"code": "a", "percent": 50}]
        )
    programmes.update_measure_setting(
        actor=officer, programme_id=programme.pk, measure="location", awards_without_application=True
    )
    assert MeasureSetting.objects.get(programme=programme, measure="location").awards_without_application
    windows.remove_window(actor=officer, programme_id=programme.pk, window_id=window.pk)
    events = set(AuditEntry.objects.filter(event__startswith="grants.").values_list("event", flat=True))
    assert {"grants.version.published", "grants.window.removed", "grants.budget.set"} <= events
