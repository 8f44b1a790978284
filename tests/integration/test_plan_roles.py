"""Roles as one table in a plan's settings: saved with one press, faults told at the row, nothing typed lost."""

from __future__ import annotations

import re
from datetime import time
from typing import Any

import pytest
from django.test import Client
from tests.drama import Drama
from tests.studio import december

from xiepai.kernel.errors import XiepaiError
from xiepai.kernel.models import AuditEntry
from xiepai.parties.models import Person
from xiepai.shoots.models import CastRole, Plan
from xiepai.shoots.services import breakdown, casting, scenarios

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(drama: Drama) -> Plan:
    with december():
        return drama.plan()


def fields(page: str) -> dict[str, Any]:
    """What a browser would send of the table, untouched."""
    part = page[page.index('id="roles"') : page.index('id="wishes"')]
    found: dict[str, Any] = {"role": re.findall(r'name="role" value="(\d+)"', part)}
    for tag in re.findall(r"<input[^>]*>", part):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and "role-" in name[1] and ("checkbox" not in tag or "checked" in tag):
            found[name[1]] = value[1] if value else ("on" if "checkbox" in tag else "")
    return found


def typed(http: Client, plan: Plan) -> dict[str, Any]:
    return fields(http.get(f"/plans/{plan.pk}/settings/").content.decode())


def edits() -> int:
    return AuditEntry.objects.filter(event="shoots.role.edited").count()


def test_two_rows_are_changed_with_one_press(drama: Drama, plan: Plan, http: Client) -> None:
    lead, child = drama.roles["林晚"], drama.roles["小满"]
    form, before = typed(http, plan), edits()
    assert len(form["role"]) == 4
    form |= {f"role-{lead.pk}-daily_fee": "1200.50", f"role-{lead.pk}-latest": "21:30"}
    form |= {f"role-{child.pk}-is_minor": "on", f"role-{child.pk}-daily_fee": ""}
    with december():
        answer = http.post(f"/plans/{plan.pk}/roles/", form)
    assert answer.url == f"/plans/{plan.pk}/settings/#roles"
    lead.refresh_from_db()
    child.refresh_from_db()
    assert (lead.daily_fee_fen, lead.earliest, lead.latest) == (1200_50, None, time(21, 30))
    assert (child.daily_fee_fen, child.is_minor) == (0, True)
    assert edits() == before + 2, "the two that were not touched are not written"
    page = http.get(f"/plans/{plan.pk}/settings/").content.decode()
    assert "已保存 2 个角色" in page
    assert "1 个演员没有日薪" in page, "the plan is reckoned with what was set"
    assert fields(page)[f"role-{child.pk}-is_minor"] == "on"


def test_one_wrong_row_writes_nothing_and_keeps_the_rest_as_typed(drama: Drama, plan: Plan, http: Client) -> None:
    lead, other, child = drama.roles["林晚"], drama.roles["许舟"], drama.roles["小满"]
    form, before = typed(http, plan), edits()
    form |= {f"role-{lead.pk}-daily_fee": "1200.5", f"role-{child.pk}-is_minor": "on"}
    form |= {f"role-{other.pk}-earliest": "20:00", f"role-{other.pk}-latest": "09:00"}
    answer = http.post(f"/plans/{plan.pk}/roles/", form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert fields(page) == form
    assert "没有保存：许舟" in page
    assert page.count("最晚走须晚于最早到") == 1
    assert f'id="id_role-{other.pk}-latest_error"' in page
    lead.refresh_from_db()
    assert (lead.daily_fee_fen, edits()) == (100_000, before)
    form |= {f"role-{lead.pk}-daily_fee": "-3", f"role-{child.pk}-latest": "later"}
    page = http.post(f"/plans/{plan.pk}/roles/", form).content.decode()
    assert page.count('class="wrong"') == 3, "every fault at once"
    assert fields(page) == form


def test_what_somebody_else_set_meanwhile_is_not_set_back(drama: Drama, plan: Plan, http: Client) -> None:
    lead = drama.roles["林晚"]
    form = typed(http, plan) | {f"role-{lead.pk}-latest": "21:00"}
    who: dict[str, Any] = {"actor": drama.actor, "role_id": lead.pk, "name": "林晚"}
    breakdown.edit_role(**who, kind=breakdown.RoleKind.LEAD, daily_fee_fen=999_00)
    with december():
        assert http.post(f"/plans/{plan.pk}/roles/", form).status_code == 302
    lead.refresh_from_db()
    assert (lead.daily_fee_fen, lead.latest) == (999_00, time(21))
    form = typed(http, plan) | {f"role-{lead.pk}-earliest": "10:00"}
    breakdown.edit_role(**who, kind=breakdown.RoleKind.LEAD, latest=time(9))
    page = http.post(f"/plans/{plan.pk}/roles/", form)
    assert page.status_code == 422, "each by itself was right"
    assert f'id="id_role-{lead.pk}-latest_error"' in page.content.decode()


def test_a_role_merged_away_meanwhile_is_told_and_the_rest_kept(drama: Drama, plan: Plan, http: Client) -> None:
    lead, gone = drama.roles["林晚"], drama.roles["邮差"]
    form = typed(http, plan) | {f"role-{lead.pk}-daily_fee": "1500"}
    breakdown.merge_roles(actor=drama.actor, into_id=drama.roles["许舟"].pk, role_ids=[gone.pk])
    answer = http.post(f"/plans/{plan.pk}/roles/", form)
    assert answer.status_code == 422
    assert "1 个角色已被合并" in answer.content.decode()
    with december():
        http.post(f"/plans/{plan.pk}/roles/", fields(answer.content.decode()))
    lead.refresh_from_db()
    assert lead.daily_fee_fen == 150_000


def test_an_archived_plan_and_a_stranger_change_no_role(drama: Drama, plan: Plan, http: Client) -> None:
    lead = drama.roles["林晚"]
    form = typed(http, plan) | {f"role-{lead.pk}-daily_fee": "1500"}
    stranger = Client()
    stranger.force_login(Person.objects.get(pk=drama.company.stranger.person_id))
    assert stranger.post(f"/plans/{plan.pk}/roles/", form).status_code == 404
    scenarios.archive(actor=drama.actor, plan_id=plan.pk)
    assert http.post(f"/plans/{plan.pk}/roles/", form).status_code == 422
    with pytest.raises(XiepaiError):
        casting.set_terms(actor=drama.actor, plan_id=plan.pk, terms={lead.pk: {"is_minor": True}})
    assert set(CastRole.objects.values_list("is_minor", flat=True)) == {False}
