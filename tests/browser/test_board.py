"""The board in a real browser: what a move would cost is said before it is made, ends stretch, a phone reads a list."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect
from tests.browser.test_journeys import Stage, bar, drag, open_board, sign_in
from tests.factories import make_person

from xiepai.kernel import clock


@pytest.fixture
def stage(transactional_db: None) -> Stage:
    return Stage()


def test_a_move_held_still_says_its_price_and_nothing_has_changed(page: Page, live_server: Any, stage: Stage) -> None:
    moved = stage.hold(stage.room, 8, 10, "要移动")
    open_board(page, live_server, stage)
    bar(page, "要移动").focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#board-live.ok")).to_contain_text("可以：¥300")
    page.keyboard.press("Escape")
    moved.refresh_from_db()
    assert clock.local(moved.period.upper).hour == 10


def test_a_rule_refuses_while_the_bar_is_still_in_the_hand(page: Page, live_server: Any, stage: Stage) -> None:
    stage.hold(stage.room, 8, 10, "要移动")
    open_board(page, live_server, stage)
    bar(page, "要移动").focus()
    for _step in range(4):
        page.keyboard.press("Control+ArrowLeft")  # into the past
    expect(page.locator("#board-live.bad")).to_contain_text("不能这样排")
    expect(page.locator(".bar.moving.clash")).to_be_visible()


def test_page_down_leaps_to_the_next_set_with_bookings(page: Page, live_server: Any, stage: Stage) -> None:
    stage.hold(stage.other, 8, 10, "法庭戏")
    stage.hold(stage.room, 8, 10, "审讯戏")
    open_board(page, live_server, stage)
    bar(page, "法庭戏").focus()
    page.keyboard.press("PageDown")
    expect(bar(page, "审讯戏")).to_be_focused()
    page.keyboard.press("PageUp")
    expect(bar(page, "法庭戏")).to_be_focused()


def test_dragging_an_end_stretches_and_another_row_moves_there(page: Page, live_server: Any, stage: Stage) -> None:
    held = stage.hold(stage.other, 8, 10, "拖我")
    open_board(page, live_server, stage)
    box = bar(page, "拖我").bounding_box()
    assert box is not None
    end, middle = box["x"] + box["width"] - 2, box["y"] + box["height"] / 2
    page.mouse.move(end, middle)
    page.mouse.down()
    page.mouse.move(end + box["width"], middle, steps=6)
    page.mouse.up()
    expect(page.locator("#board-live")).to_contain_text("已改到 法庭")
    held.refresh_from_db()
    assert (clock.local(held.period.lower).hour, clock.local(held.period.upper).hour) == (8, 12)
    drag(page, bar(page, "拖我"), 0, rows=1)
    expect(page.locator("#board-live")).to_contain_text("已改到 审讯室")
    held.refresh_from_db()
    assert held.place_id == stage.room.pk


def test_a_phone_reads_a_list_and_a_crew_sees_what_is_taken(
    page: Page, context: BrowserContext, live_server: Any, stage: Stage
) -> None:
    stage.hold(stage.room, 8, 10, "秘密")
    make_person("scheduler", email="other@example.com")
    sign_in(page, live_server, "other")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/office/board/?day={stage.day:%Y-%m-%d}&days=1")
    expect(page.locator(".board.laid")).to_have_count(0)
    expect(page.get_by_text("已占用 · ")).to_be_visible()
    expect(page.get_by_text("秘密")).to_have_count(0)
    expect(page.get_by_role("link", name="法庭")).to_be_hidden()  # nothing is on it
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
