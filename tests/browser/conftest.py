"""What every journey in a browser shares: patience, so that a slow machine answers late rather than wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.factories import PASSWORD

PATIENCE_MS = 20_000


@pytest.fixture(scope="session", autouse=True)
def _patience() -> None:
    """Playwright gives an expectation five seconds; a machine that runs other builds beside may need more."""
    expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def enter(browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """Opens somebody's own window; no window may complain of a script or of what the policy of contents refuses."""
    heard: list[str] = []
    contexts: list[BrowserContext] = []

    def entered(who: str, **options: Any) -> Page:
        contexts.append(browser.new_context(locale="zh-CN", base_url=live_server.url, **options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("console", lambda line: heard.append(line.text) if "Content Security Policy" in line.text else None)
        page.goto("/accounts/login/")
        page.fill("#id_login", f"{who}@example.com")
        page.fill("#id_password", PASSWORD)
        page.get_by_role("main").get_by_role("button", name="登录").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("您好")
        return page

    yield entered
    for each in contexts:
        each.close()
    assert not heard
