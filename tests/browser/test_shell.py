"""The shell in a real browser: signing in, invitations, languages, keyboard, phone width, axe."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.city import PASSWORD, City, make_city
from tests.factories import make_place

from xiepai.parties import invitations
from xiepai.parties.models import Role

PHONE = {"width": 390, "height": 844}
TOTP_SECRET = "JBSWY3DPEHPK3PXP"
FOR_ANYONE = ["/", "/style/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/nowhere/"]
FOR_MEMBERS = [
    "/",
    "/me/",
    "/organisations/",
    "/organisations/{crew}/",
    "/organisations/{crew}/edit/",
    "/history/parties.organisation/{crew}/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/office/organisations/",
]
FOR_OFFICERS = ["/office/organisations/", "/office/organisations/new/", "/organisations/{crew}/"]


@pytest.fixture
def city(transactional_db: None) -> City:
    cache.clear()
    city = make_city()
    make_place(city.base)
    return city


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser complains of: blocked scripts and styles, errors."""
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on(
        "console", lambda message: heard.append(message.text) if "Content Security Policy" in message.text else None
    )
    yield heard
    assert not heard


def sign_in(page: Page, live_server: Any, email: str) -> None:
    page.goto(f"{live_server.url}/accounts/login/")
    page.fill("#id_login", email)
    page.fill("#id_password", PASSWORD)
    page.get_by_role("main").get_by_role("button", name="登录").click()


def speak(context: BrowserContext, live_server: Any, language: str) -> None:
    context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])


def test_sign_in_by_keyboard_alone(page: Page, live_server: Any, city: City, complaints: list[str]) -> None:
    page.goto(f"{live_server.url}/organisations/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("电子邮箱")).to_be_focused()
    page.keyboard.type("producer@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("我的机构")
    expect(page.get_by_role("link", name="晨光剧组")).to_be_visible()


def test_a_menu_opens_and_closes_by_keyboard(page: Page, live_server: Any, city: City, complaints: list[str]) -> None:
    sign_in(page, live_server, "producer@example.com")
    menu = page.locator(".top-end summary")
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="我的账号")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="我的账号")).to_be_hidden()
    expect(menu).to_be_focused()


def test_the_second_factor(page: Page, live_server: Any, city: City, complaints: list[str]) -> None:
    TOTP.activate(city.people[Role.OFFICER], TOTP_SECRET)
    sign_in(page, live_server, "officer@example.com")
    expect(page.get_by_role("heading", level=1)).to_have_text("两步验证")
    page.get_by_label("验证码").fill("000000")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_label("验证码")).to_have_attribute("aria-invalid", "true")
    counter = next(iter(yield_hotp_counters_from_time()))
    page.get_by_label("验证码").fill(format_hotp_value(hotp_value(TOTP_SECRET, counter)))
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("协拍专员甲，您好")


def test_an_invitation_is_accepted(page: Page, live_server: Any, city: City, complaints: list[str]) -> None:
    issued = invitations.invite(
        actor=city.actor(Role.PRODUCER), organisation_id=city.crew.pk, email="guest@example.com", role=Role.SCHEDULER
    )
    page.goto(f"{live_server.url}/invitations/{issued.secret}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("加入“晨光剧组”")
    page.get_by_label("姓名").fill("客人")
    page.get_by_label("密码").fill("123")
    page.get_by_role("button", name="开通并加入").click()
    expect(page.get_by_label("密码")).to_be_focused()
    page.get_by_label("姓名").fill("客人")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="开通并加入").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("客人，您好")
    expect(page.get_by_text("您已加入“晨光剧组”。")).to_be_visible()


def test_an_invitation_is_sent_and_a_token_made(
    page: Page, live_server: Any, city: City, complaints: list[str]
) -> None:
    sign_in(page, live_server, "producer@example.com")
    page.goto(f"{live_server.url}/organisations/{city.crew.pk}/")
    page.locator("#invite_email").fill("guest@example.com")
    page.get_by_role("button", name="发出邀请").click()
    expect(page.locator("#fresh-link")).to_have_text(re.compile("^http.*/invitations/.{43}/$"))
    page.locator("#token_name").fill("排期软件")
    page.get_by_role("button", name="建立令牌").click()
    expect(page.locator("#fresh-token")).to_have_text(re.compile("^xp_.{43}$"))
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("button", name="撤销")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_text("已撤销", exact=True)).to_be_visible()


def test_language_and_theme_stay(page: Page, live_server: Any, city: City, complaints: list[str]) -> None:
    page.goto(f"{live_server.url}/style/")
    page.get_by_role("button", name=re.compile("English")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Components")
    page.goto(live_server.url)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Appearance: as the system").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.get_by_role("button", name="Appearance: light").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 20, 22)"
    page.get_by_role("button", name=re.compile("中")).click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")


def test_the_office_filters_by_choosing(page: Page, live_server: Any, city: City, complaints: list[str]) -> None:
    sign_in(page, live_server, "officer@example.com")
    page.goto(f"{live_server.url}/office/organisations/")
    page.get_by_label("类型").select_option("base")
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name="成员数").click()
    expect(page.get_by_role("columnheader", name="成员数")).to_have_attribute("aria-sort", "ascending")
    expect(page.get_by_role("row")).to_have_count(2)


@pytest.fixture
def visit(browser: Browser, live_server: Any, city: City) -> Iterator[Callable[[str, str], Iterator[tuple[str, Page]]]]:
    """Pages of one audience in one language, at phone width, one after the other."""
    contexts: list[BrowserContext] = []

    def pages(who: str, language: str) -> Iterator[tuple[str, Page]]:
        context = browser.new_context(viewport=PHONE, locale="zh-CN", reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        addresses = {"": FOR_ANYONE, "producer": FOR_MEMBERS, "officer": FOR_OFFICERS}[who]
        if who:
            sign_in(page, live_server, f"{who}@example.com")
        speak(context, live_server, language)
        for address in addresses:
            page.goto(live_server.url + address.format(crew=city.crew.pk))
            yield address, page

    yield pages
    for context in contexts:
        context.close()


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("who", ["", "producer", "officer"])
def test_every_page_fits_a_phone_and_satisfies_axe(
    visit: Callable[[str, str], Iterator[tuple[str, Page]]], who: str, language: str
) -> None:
    for address, page in visit(who, language):
        expect(page.locator("html")).to_have_attribute("lang", "en" if language == "en" else "zh-Hans")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], f"{address} is {width} px wide"
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found = Axe().run(page)
            assert found.violations_count == 0, f"{address} {scheme}: {found.generate_report()}"


@pytest.mark.slow
def test_wide_pages_satisfy_axe_too(page: Page, live_server: Any, city: City) -> None:
    sign_in(page, live_server, "officer@example.com")
    for address in ("/", "/style/", "/office/organisations/"):
        page.goto(live_server.url + address)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{address}: {found.generate_report()}"
