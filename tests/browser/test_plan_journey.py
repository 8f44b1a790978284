"""A shoot planned in a real browser: solved while watched, dragged into a red flag, undone, published, booked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Page, expect
from tests.drama import Drama, make_drama, strips_of

from xiepai.kernel import clock
from xiepai.parties.models import Person
from xiepai.shoots.models import Plan, RoleKind, Solve
from xiepai.shoots.services import boards, solving
from xiepai.shoots.services.breakdown import edit_role

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def drama(transactional_db: None, tmp_path: Path, settings: Any) -> Drama:
    settings.MEDIA_ROOT = tmp_path
    cache.clear()
    return make_drama(6)


@pytest.fixture
def page_of_scheduler(page: Page, live_server: Any, drama: Drama) -> Iterator[Page]:
    """The scheduler, signed in; what the browser complains of fails the test."""
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    client = Client()
    client.force_login(Person.objects.get(pk=drama.actor.person_id or 0))
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    yield page
    assert not heard


def axe(page: Page) -> None:
    found = Axe().run(page)
    assert not found.response["violations"], found.generate_report()


def test_a_shoot_is_planned_from_boneyard_to_call_sheet(
    page_of_scheduler: Page, live_server: Any, drama: Drama
) -> None:
    page = page_of_scheduler
    first = clock.today() + timedelta(days=7)
    role = drama.roles["林晚"]
    edit_role(
        actor=drama.actor, role_id=role.pk, name=role.name, kind=RoleKind.LEAD, daily_fee_fen=100_000, free_days=[first]
    )
    plan = boards.create_plan(
        actor=drama.actor, work_id=drama.work.pk, name="方案一", first_day=first, last_day=first + timedelta(days=2)
    )
    page.goto(f"{live_server.url}/plans/{plan.pk}/")
    page.get_by_label("限时").select_option("5")
    page.get_by_role("button", name="求解", exact=True).click()
    expect(page.get_by_role("button", name="停止，用目前最好的")).to_be_visible()
    solving.work_solve(Solve.objects.get().pk)
    expect(page.get_by_role("button", name="求解", exact=True)).to_be_visible()
    expect(page.locator("#solve polyline.best")).to_be_visible()
    expect(page.locator("#plan-board .plan-day:not(.boneyard) .strip").first).to_be_visible()
    expect(page.locator(".plan-flags > summary.ok")).to_be_visible()
    axe(page)

    # dragged to a day the actor is away, then taken back
    strip = next(each for each in strips_of(plan).values() if role in each.scene.roles.all())  # type: ignore[union-attr]
    grip = page.locator(f"#strip-{strip.pk} [data-grip]")
    target = page.locator(".plan-day").nth(2)
    grip.scroll_into_view_if_needed()
    box, goal = grip.bounding_box(), target.bounding_box()
    assert box
    assert goal
    page.mouse.move(box["x"] + 4, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(box["x"] + 30, box["y"] + 20, steps=3)
    page.mouse.move(goal["x"] + 40, goal["y"] + 60, steps=6)
    page.mouse.up()
    expect(page.locator("#plan-live.bad")).to_contain_text("林晚 不在")
    expect(page.locator(f"#strip-{strip.pk}.flagged")).to_be_visible()
    expect(page.locator("#plan-board:not(.htmx-request):not(.htmx-settling)")).to_be_visible()
    page.wait_for_timeout(200)
    page.keyboard.press("Control+z")
    expect(page.locator(".plan-flags > summary.ok")).to_be_visible()
    expect(page.locator(f"#strip-{strip.pk} [data-grip]")).to_be_focused()  # what is undone stays in the hand
    assert Plan.objects.get(pk=plan.pk).revision == 3

    page.locator(".plan-head").get_by_text("更多").click()
    page.get_by_role("button", name="发布给剧组").click()
    expect(page.get_by_text("已发布，剧组可以看到。")).to_be_visible()
    page.get_by_role("link", name="订场地").click()
    axe(page)
    page.get_by_role("button", name="全部订下").click()
    expect(page.get_by_text("都订好了。")).to_be_visible()

    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for path in (f"/works/{drama.work.pk}/plans/", f"/plans/{plan.pk}/", f"/plans/{plan.pk}/book/",
                 f"/plans/{plan.pk}/settings/", f"/works/{drama.work.pk}/plans/compare/"):  # fmt: skip
        page.goto(f"{live_server.url}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        axe(page)
    page.goto(f"{live_server.url}/works/{drama.work.pk}/call-sheets/")
    page.get_by_role("button", name="制作").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
