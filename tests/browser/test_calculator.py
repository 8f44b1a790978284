"""A stranger with a phone works out what a work would get, changes an answer, compares cities and takes it along."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

PHONE = {"width": 390, "height": 844}
PROJECT = "?yes=new_culture_project&f.investment=600%E4%B8%87%E5%85%83&f.fixed_assets=3000%E4%B8%87%E5%85%83"


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("console", lambda line: heard.append(line.text) if line.type == "error" else None)
    yield heard
    assert not heard


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_a_stranger_uses_the_calculator_on_a_phone(
    page: Page, live_server: Any, transactional_db: None, complaints: list[str]
) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"{live_server.url}/")
    page.get_by_role("link", name="算一算").click()
    expect(page.locator("#sum-wujin")).to_have_text("0 – 650万元")
    question = page.locator("#question")
    expect(question.get_by_role("heading", name="新建文化项目")).to_be_visible()
    question.get_by_role("link", name="是", exact=True).click()
    expect(question.get_by_role("heading", name="总投资")).to_be_visible()
    question.get_by_role("textbox", name="总投资").fill("600")
    question.get_by_role("button", name="就填这个").click()
    expect(page.locator(".answer-list")).to_contain_text("600万元")
    assert fits(page)
    while question.get_by_role("heading", level=2).inner_text() != "固定资产投资":
        question.get_by_role("link", name="否", exact=True).click()
        page.wait_for_load_state()
    question.get_by_role("textbox").fill("3000")
    question.get_by_role("button", name="就填这个").click()
    question.get_by_role("link", name=re.compile("其余是否题都答否")).click()
    expect(page.locator("#sum-wujin")).to_have_text("200万元")
    expect(page.locator("#city-wujin")).to_contain_text("新建文化项目")
    page.locator("#city-wujin summary", has_text="新建文化项目").click()
    expect(page.locator("#city-wujin")).to_contain_text("最高 200万元: 3,000,000元 → 2,000,000元")
    page.locator(".answer-list li", has_text="固定资产投资").get_by_role("link", name="改").click()
    question.get_by_role("textbox").fill("500")
    question.get_by_role("button", name="就填这个").click()
    expect(page.locator("#sum-wujin")).to_have_text("50万元")
    page.locator(".answer-list li", has_text="固定资产投资").get_by_role("link", name="清除").click()
    expect(page.locator("#sum-wujin")).to_have_text("0 – 200万元")
    question.get_by_role("link", name="还不知道，跳过").click()
    expect(page.locator(".answer-list")).to_contain_text("还不知道")
    assert fits(page)
    with page.expect_request("**/estimate.pdf**") as asked:
        page.locator(".take-along").get_by_role("link", name="下载 PDF").click()
    assert "new_culture_project" in asked.value.url


def test_the_address_alone_shows_the_same_without_scripts(
    browser: Browser, live_server: Any, transactional_db: None
) -> None:
    page = browser.new_context(java_script_enabled=False, locale="en-US", viewport=PHONE).new_page()
    page.goto(f"{live_server.url}/calculator/{PROJECT}&city=wujin,suzhou")
    expect(page.locator("#sum-wujin")).to_have_text("2,000,000 – 6,500,000 yuan")
    expect(page.locator("#sum-datong")).to_have_count(0)
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/calculator/", f"/calculator/{PROJECT}&change=investment", "/policies/wujin/"])
def test_nothing_stands_in_the_way_of_a_reader(
    browser: Browser, live_server: Any, transactional_db: None, scheme: Any, path: str
) -> None:
    page = browser.new_context(locale="zh-CN", color_scheme=scheme, viewport=PHONE).new_page()
    page.goto(live_server.url + path)
    page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
    found = Axe().run(page).response["violations"]
    assert not found, [(each["id"], [node["html"][:160] for node in each["nodes"]]) for each in found]
    assert fits(page)
    page.context.close()
