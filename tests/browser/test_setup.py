"""The browser itself: starts, renders Chinese and lets axe look at a page."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PAGE = """<!doctype html><html lang="zh-Hans"><head><title>协拍</title></head>
<body><main><h1>武进 西太湖</h1><p>一号摄影棚</p></main></body></html>"""


def test_chromium_renders_a_page_that_axe_accepts(page: Page) -> None:
    page.set_content(PAGE)
    assert page.get_by_role("heading", name="武进 西太湖").is_visible()
    assert page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone") == "Asia/Shanghai"
    assert Axe().run(page).violations_count == 0
