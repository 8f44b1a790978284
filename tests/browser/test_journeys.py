"""Journeys in a real browser: a crew finds, holds, confirms; a keeper approves; the board refuses a clash."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from tests.factories import PASSWORD, make_organisation, make_person, make_place

from xiepai.bookings import services
from xiepai.bookings.models import Booking
from xiepai.kernel import clock
from xiepai.places.models import Place
from xiepai.worktime.spans import Span


class Stage:
    """A base with two sets, its keeper, a crew with its scheduler."""

    def __init__(self) -> None:
        cache.clear()
        self.base = make_organisation("base")
        self.room = make_place(self.base, name="审讯室", approval="keeper")
        self.other = make_place(self.base, name="法庭")
        make_person("keeper", self.base, email="keeper@example.com")
        person, self.scheduler = make_person("scheduler", email="scheduler@example.com")
        self.crew = person.memberships.get().organisation_id
        today = clock.local(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
        self.day: datetime = today + timedelta(days=3)

    def hold(self, place: Place, start: int, end: int, title: str) -> Booking:
        span = Span(self.day + timedelta(hours=start), self.day + timedelta(hours=end))
        return services.place_hold(
            actor=self.scheduler, organisation_id=self.crew, place_id=place.pk, span=span, title=title
        )


@pytest.fixture
def stage(transactional_db: None) -> Stage:
    return Stage()


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("console", lambda line: heard.append(line.text) if "Content Security Policy" in line.text else None)
    yield heard
    assert not heard


def sign_in(page: Page, live_server: Any, who: str) -> None:
    page.goto(f"{live_server.url}/accounts/login/")
    page.fill("#id_login", f"{who}@example.com")
    page.fill("#id_password", PASSWORD)
    page.get_by_role("main").get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("您好")


def test_a_crew_finds_holds_and_asks_and_the_keeper_approves(
    page: Page, browser: Browser, live_server: Any, stage: Stage, complaints: list[str]
) -> None:
    sign_in(page, live_server, "scheduler")
    page.goto(f"{live_server.url}/places/")
    page.get_by_label("名称、类别或拼音").fill("shenxun")
    page.get_by_role("main").get_by_role("button", name="搜索").click()
    page.get_by_role("link", name="审讯室", exact=True).click()
    page.get_by_label("日期").fill(f"{stage.day:%Y-%m-%d}")
    page.get_by_label("开始").fill("8:00")
    page.get_by_label("结束").fill("12:00")
    page.get_by_role("button", name="看价格").click()
    expect(page.get_by_text("4 小时 × ¥100 = ¥400")).to_be_visible()
    page.get_by_label("用途").fill("第3集")
    page.get_by_role("button", name="预留").click()
    expect(page.get_by_text("已预留，请在到期前确认。")).to_be_visible()
    page.get_by_role("button", name="提交审批").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("待审批")

    keeper = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai").new_page()
    sign_in(keeper, live_server, "keeper")
    keeper.goto(f"{live_server.url}/office/queue/")
    keeper.get_by_role("button", name="批准", exact=True).click()
    expect(keeper.get_by_text("没有等待审批的预订")).to_be_visible()
    keeper.context.close()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已确认")


def open_board(page: Page, live_server: Any, stage: Stage) -> None:
    sign_in(page, live_server, "keeper")
    page.goto(f"{live_server.url}/office/board/?day={stage.day:%Y-%m-%d}&days=1")
    expect(page.locator(".board.laid")).to_be_visible()


def bar(page: Page, title: str) -> Locator:
    return page.locator(".bar", has_text=title)


def drag(page: Page, what: Locator, hours: float, rows: float = 0) -> None:
    box = what.bounding_box()
    assert box is not None
    hour = page.evaluate("document.querySelector('.lane').clientWidth / 24")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 8, y, steps=2)
    page.mouse.move(x + hours * hour, y + rows * 39, steps=8)
    page.mouse.up()


def test_a_drag_moves_a_booking_and_a_clash_is_refused_saying_why(
    page: Page, live_server: Any, stage: Stage, complaints: list[str]
) -> None:
    moved, _in_the_way = stage.hold(stage.room, 8, 10, "要移动"), stage.hold(stage.room, 12, 14, "挡路")
    open_board(page, live_server, stage)
    drag(page, bar(page, "要移动"), 5)
    expect(page.locator("#board-live")).to_contain_text("已被占用")
    expect(page.locator("#board-live.bad")).to_be_visible()
    moved.refresh_from_db()
    assert clock.local(moved.period.lower).hour == 8
    drag(page, bar(page, "要移动"), 2)
    expect(page.locator("#board-live")).to_contain_text("已改到 审讯室")
    moved.refresh_from_db()
    assert (clock.local(moved.period.lower).hour, clock.local(moved.period.upper).hour) == (10, 12)


def test_the_board_is_worked_by_keyboard_alone(
    page: Page, live_server: Any, stage: Stage, complaints: list[str]
) -> None:
    moved = stage.hold(stage.room, 8, 10, "键盘")
    open_board(page, live_server, stage)
    bar(page, "键盘").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#board-live")).to_contain_text("可放")
    page.keyboard.press("Escape")
    for _step in range(2):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#board-live")).to_contain_text("已改到")
    moved.refresh_from_db()
    assert clock.local(moved.period.lower).hour == 9


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_a_phone_needs_no_sideways_scroll(
    page: Page, context: BrowserContext, live_server: Any, stage: Stage, theme: str
) -> None:
    booking = stage.hold(stage.room, 8, 10, "第3集")
    services.confirm_booking(actor=stage.scheduler, booking_id=booking.pk)
    sign_in(page, live_server, "keeper")
    context.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
    place, day = f"/places/{stage.room.pk}/", f"{stage.day:%Y-%m-%d}"
    paths = ["/places/", f"{place}?day={day}&start=8:00&end=10:00", "/bookings/", f"/bookings/{booking.pk}/"]
    paths += ["/office/queue/", f"/office/board/?day={day}&days=1"]
    for language in ("zh-hans", "en"):
        context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        for path in paths:
            for width in (1280, 390):
                page.set_viewport_size({"width": width, "height": 844})
                page.goto(live_server.url + path)
                found = Axe().run(page)
                assert found.violations_count == 0, (path, width, found.generate_report())
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
