"""A script of a style nobody foresaw in a real browser: one heading shown, the whole read, on a phone too."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect
from tests.browser.test_script_journey import PHONE, axe, company, heard, sign_in, work
from tests.integration.test_script_teaching import PLACES, STRANGE
from tests.productions import Company

from xiepai.productions.models import Work
from xiepai.shoots.models import Scene

__all__ = ["company", "heard", "work"]


def test_a_heading_is_shown_and_the_whole_script_is_read(
    page: Page, live_server: Any, company: Company, work: Work, heard: list[str]
) -> None:
    sign_in(page, live_server, company.scheduler.person_id)
    page.goto(f"{live_server.url}/works/{work.pk}/scripts/")
    file = {"name": "无名.txt", "mimeType": "text/plain", "buffer": STRANGE.encode()}
    page.get_by_label("剧本或场景表").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="读剧本").click()
    expect(page.get_by_text("没有读出场次")).to_be_visible()
    page.get_by_role("link", name="指出一个场头").click()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.get_by_role("link", name="第 3 行是场头").click()
    expect(page.get_by_label("场景", exact=True)).to_have_value("林家客厅")
    expect(page.get_by_text("这样写的有 4 行")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    axe(page)
    page.get_by_label("黑").select_option("night")
    page.get_by_role("button", name="试一试").click()
    expect(page.get_by_label("黑")).to_have_value("night")
    page.get_by_role("button", name="照此重读全本").click()
    expect(page.get_by_text("已重读全本：4 场。")).to_be_visible()
    page.get_by_role("button", name="按次序编号").click()
    expect(page.get_by_text("4 场没有场号。")).to_have_count(0)
    page.get_by_role("button", name="核对完毕，用作场景表").click()
    expect(page.get_by_text("场景表已更新。")).to_be_visible()
    rows = Scene.objects.order_by("position").select_related("story_place")
    assert [(row.number, row.time_of_day, row.story_place and row.story_place.name) for row in rows] == [
        (str(at + 1), "day" if at % 2 == 0 else "night", place) for at, place in enumerate(PLACES)
    ]
