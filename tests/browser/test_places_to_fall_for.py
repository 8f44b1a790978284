"""Places to fall for, in a real browser: list and map agree, pictures by keyboard, a selection shared and closed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.factories import PASSWORD, make_organisation, make_person, make_place

from xiepai.parties.access import system
from xiepai.places import services
from xiepai.places.demo.pictures import draw_picture

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


class Town:
    """A base with places in three spots, two pictures of the first, and a producer."""

    def __init__(self) -> None:
        cache.clear()
        base = make_organisation("base")
        self.places = [
            make_place(base, name="审讯室", name_en="Interrogation room", people_max=20, **_at(31.70, 119.90)),
            make_place(base, name="法庭", name_en="Courtroom", people_max=60, area_m2=90, **_at(31.70, 119.90)),
            make_place(base, name="民国街", name_en="Old street", categories=["street"], **_at(31.62, 120.02)),
            make_place(base, name="天台", name_en="Rooftop", locked_fields=["position"], **_at(31.45, 119.98)),
        ]
        for name in ("正面", "窗边", "门口"):
            services.add_photo(
                actor=system(), place_id=self.places[0].pk, data=draw_picture(name), caption=f"样例：{name}"
            )
        self.producer, self.actor = make_person("producer", email="producer@example.com")


def _at(latitude: float, longitude: float) -> dict[str, float]:
    return {"latitude": latitude, "longitude": longitude}


@pytest.fixture
def town(transactional_db: None) -> Town:
    return Town()


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("console", lambda line: heard.append(line.text) if line.type == "error" else None)
    yield heard
    assert not heard


def sign_in(page: Page, live_server: Any) -> None:
    page.goto(f"{live_server.url}/accounts/login/")
    page.fill("#id_login", "producer@example.com")
    page.fill("#id_password", PASSWORD)
    page.get_by_role("main").get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("您好")


def on_the_map(page: Page) -> int:
    """How many places the map draws: a heap says its number, a pin is one."""
    return sum(int(text or 1) for text in page.locator(".mark > span").all_text_contents())


def counted(page: Page) -> int:
    return int(re.findall(r"\d+", page.locator(".list-bar .count").inner_text())[0])


def test_the_map_shows_what_the_list_shows(page: Page, live_server: Any, town: Town, complaints: list[str]) -> None:
    page.set_viewport_size(WIDE)
    page.goto(f"{live_server.url}/places/?view=map")
    expect(page.locator(".mark").first).to_be_visible()
    expect(page.locator("path.district")).to_have_count(1)
    assert on_the_map(page) == counted(page) == 4
    heap = page.locator(".heap")
    expect(heap).to_have_text("2")
    page.locator(".mark", has=heap).press("Enter")
    expect(page.locator(".pin-list a")).to_have_text(["法庭", "审讯室"])
    expect(page.locator(".pin-list a").first).to_be_focused()
    page.keyboard.press("Escape")
    page.goto(f"{live_server.url}/places/?view=map&category=street")
    expect(page.locator(".pin-name")).to_have_text(["民国街"])
    assert on_the_map(page) == counted(page) == 1


def test_a_move_of_the_map_asks_for_what_is_in_sight(
    page: Page, live_server: Any, town: Town, complaints: list[str]
) -> None:
    page.set_viewport_size(WIDE)
    page.goto(f"{live_server.url}/places/?view=map")
    expect(page.locator(".mark").first).to_be_visible()
    page.locator("#map").focus()
    for _step in range(3):
        page.keyboard.press("ArrowUp")
        page.wait_for_timeout(350)
    page.get_by_role("button", name="搜索这个范围").click()
    expect(page.get_by_role("link", name="地图范围内")).to_be_visible()
    box = re.search(r"box=([^&]+)", page.url)
    assert box
    pins = page.evaluate("box => fetch(`/places/pins.json?box=${box}`).then(a => a.json())", box[1].replace("%2C", ","))
    assert counted(page) == len(pins["pins"]) == page.locator(".map-list .place-card").count() < 4
    page.get_by_role("link", name="地图范围内").click()
    expect(page.locator(".list-bar .count")).to_contain_text("4")


def test_without_scripts_the_list_stands_beside_the_map(browser: Browser, live_server: Any, town: Town) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{live_server.url}/places/?view=map")
    expect(page.get_by_text("没有脚本时请用列表")).to_be_visible()
    expect(page.locator(".place-card")).to_have_count(4)
    page.get_by_role("link", name="审讯室").click()
    page.locator(".gallery a").first.click()
    assert "/media/" in page.url
    context.close()


def test_pictures_are_looked_at_by_keyboard(page: Page, live_server: Any, town: Town, complaints: list[str]) -> None:
    page.goto(f"{live_server.url}/places/{town.places[0].pk}/")
    page.locator(".gallery a").first.focus()
    page.keyboard.press("Enter")
    box = page.locator("dialog.lightbox")
    expect(box.locator("p")).to_have_text("1 / 3 · 样例：正面")
    page.keyboard.press("ArrowRight")
    expect(box.locator("p")).to_have_text("2 / 3 · 样例：窗边")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(box.locator("p")).to_have_text("3 / 3 · 样例：门口")
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(page.locator(".gallery a").nth(2)).to_be_focused()


def test_a_free_stretch_proposes_its_hours(page: Page, live_server: Any, town: Town, complaints: list[str]) -> None:
    page.set_viewport_size(WIDE)
    page.goto(f"{live_server.url}/places/{town.places[0].pk}/")
    day = page.locator(".free-day a").nth(3)
    strip = day.bounding_box()
    assert strip
    page.mouse.click(strip["x"] + strip["width"] * 14.5 / 24, strip["y"] + strip["height"] / 2)
    expect(page.get_by_text("4 小时 × ¥100 = ¥400")).to_be_visible()
    expect(page.get_by_label("开始")).to_have_value("14:00")
    expect(page.get_by_label("结束")).to_have_value("18:00")
    page.locator(".free-day a").nth(5).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("开始")).to_have_value("08:00")


def test_a_selection_is_filled_compared_shared_and_closed(
    page: Page, browser: Browser, live_server: Any, town: Town, complaints: list[str]
) -> None:
    sign_in(page, live_server)
    for place in town.places[:2]:
        page.goto(f"{live_server.url}/places/{place.pk}/")
        page.get_by_role("link", name="收进选景单").first.click()
        if place is town.places[0]:
            page.get_by_label("新选景单的名称").fill("第一轮看景")
        page.get_by_role("button", name="收进").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("第一轮看景")
    page.get_by_label("备注：审讯室").fill("铁栏可拆")
    page.locator("li", has=page.get_by_label("备注：审讯室")).get_by_role("button", name="记下").click()
    page.get_by_role("button", name="下移 审讯室").click()
    expect(page.locator(".selected h2 a")).to_have_text(["法庭", "审讯室"])
    page.get_by_role("button", name="生成分享地址").click()
    address = page.locator("#share-address").inner_text().strip()

    guest = browser.new_context(locale="zh-CN").new_page()
    guest.goto(address)
    expect(guest.get_by_text("铁栏可拆")).to_be_visible()
    guest.get_by_role("link", name="并排比较").click()
    expect(guest.locator("tr.differs th", has_text="容纳人数")).to_be_visible()
    expect(guest.locator("thead th")).to_have_count(2)
    page.get_by_role("button", name="停止分享").click()
    expect(page.get_by_text("原地址不再可用")).to_be_visible()
    assert (guest.goto(address) or pytest.fail("no answer")).status == 404
    guest.context.close()


def test_ticked_places_are_compared(page: Page, live_server: Any, town: Town, complaints: list[str]) -> None:
    page.goto(f"{live_server.url}/places/?view=table")
    page.get_by_label("比较 审讯室").check()
    page.get_by_label("比较 民国街").check()
    page.get_by_role("button", name="比较所选").click()
    expect(page.locator("thead th a").filter(has_text=re.compile("审讯室|民国街"))).to_have_count(2)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_either_language_and_a_phone_needs_no_sideways_scroll(
    page: Page, context: BrowserContext, live_server: Any, town: Town, theme: str
) -> None:
    one, other = town.places[0].pk, town.places[1].pk
    row = services.create_selection(actor=town.actor, name="看景")
    for place in town.places[:2]:
        services.add_to_selection(actor=town.actor, selection_id=row.pk, place_id=place.pk, note="先看这里")
    public = ["/", "/how/", "/places/", "/places/?view=table&people=20", "/places/?view=map", "/places/?q=zzz"]
    public += [f"/places/{one}/", f"/compare/?place={one}&place={other}"]
    _look(page, context, live_server, theme, public)
    context.clear_cookies()
    sign_in(page, live_server)
    own = ["/selections/", f"/selections/{row.pk}/", f"/selections/add/{one}/"]
    _look(page, context, live_server, theme, own)


def _look(page: Page, context: BrowserContext, live_server: Any, theme: str, paths: list[str]) -> None:
    for language, size in (("zh-hans", WIDE), ("en", PHONE)):
        kept = {"theme": theme, "django_language": language}
        context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in kept.items()])
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for path in paths:
            page.goto(live_server.url + path)
            if "view=map" in path:
                expect(page.locator(".mark").first).to_be_visible()
            found = Axe().run(page)
            assert found.violations_count == 0, (path, language, found.generate_report())
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], (path, language)
