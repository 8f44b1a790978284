"""A keeper's journeys in a real browser: a place with picture and price, a day blocked, a sheet with a bad row."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.factories import PASSWORD, make_organisation, make_person, make_place

from xiepai.bookings import services
from xiepai.kernel import clock
from xiepai.places.models import Blocking, Photo, Place, Tariff
from xiepai.places.services import add_contact
from xiepai.worktime.spans import Span


class Stage:
    """A base with one set, its keeper, a crew with a request."""

    def __init__(self) -> None:
        cache.clear()
        self.base = make_organisation("base", name="样例基地")
        self.room = make_place(self.base, name="审讯室", approval="keeper", code="S-1")
        make_place(self.base, name="走廊", parent=self.room, priced=False, visibility="review")
        _person, self.keeper = make_person("keeper", self.base, email="keeper@example.com")
        make_person("officer", email="officer@example.com")
        add_contact(actor=self.keeper, place_id=self.room.pk, name="王站长", phone="0519-00000000")
        person, self.scheduler = make_person("scheduler", email="scheduler@example.com")
        self.crew = person.memberships.get().organisation_id
        self.day = clock.at_local_midnight(clock.today()) + timedelta(days=3)

    def ask(self) -> None:
        span = Span(self.day + timedelta(hours=8), self.day + timedelta(hours=12))
        row = services.place_hold(
            actor=self.scheduler, organisation_id=self.crew, place_id=self.room.pk, span=span, title="第3集"
        )
        services.confirm_booking(actor=self.scheduler, booking_id=row.pk)


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


def picture() -> Any:
    out = io.BytesIO()
    Image.new("RGB", (900, 600), "teal").save(out, "JPEG")
    return {"name": "gate.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def test_a_keeper_adds_a_place_with_a_picture_and_a_price_and_blocks_a_day(
    page: Page, live_server: Any, stage: Stage, complaints: list[str]
) -> None:
    sign_in(page, live_server, "keeper")
    page.get_by_role("link", name="我的场地").first.click()
    page.get_by_role("link", name="新场地").click()
    page.get_by_label("名称", exact=True).fill("县衙大堂")
    page.get_by_label("镇街").select_option("jiaze")
    page.get_by_label("街道").check()
    page.get_by_role("button", name="建立").click()
    expect(page.get_by_text("等协拍办公开。接着可以加照片和价目")).to_be_visible()
    place = Place.objects.get(name="县衙大堂")

    page.get_by_label("照片（JPEG、PNG、WebP）").set_input_files(picture())
    page.get_by_label("说明", exact=False).last.fill("大门")
    page.get_by_role("button", name="上传").click()
    expect(page.get_by_text("已加 1 张照片")).to_be_visible()
    expect(page.get_by_role("img", name="大门")).to_be_visible()
    assert Photo.objects.filter(place=place).count() == 1

    page.get_by_role("link", name="价目").click()
    page.get_by_label("每小时（元）").fill("300")
    page.get_by_label("包天（元）").fill("3000")
    expect(page.get_by_text("4 小时 × ¥300 = ¥1,200")).to_be_visible()
    expect(page.get_by_text("1 天 × ¥3,000 + 2 超时小时 × ¥300 = ¥3,600")).to_be_visible()
    assert not Tariff.objects.filter(place=place).exists()
    page.get_by_role("button", name="发布价目").click()
    expect(page.get_by_text("现行")).to_be_visible()

    page.get_by_role("link", name="日历").click()
    page.locator("#block_first").fill(f"{stage.day:%Y-%m-%d}")
    page.locator("#block_reason").fill("检修")
    page.get_by_role("button", name="停用这段时间").click()
    expect(page.get_by_text("已停用这段时间。")).to_be_visible()
    blocking = Blocking.objects.get(place=place)
    assert (blocking.period.lower, blocking.period.upper) == (stage.day, stage.day + timedelta(days=1))


def test_a_sheet_with_a_bad_row_is_tried_and_its_good_rows_kept(
    page: Page, live_server: Any, stage: Stage, complaints: list[str]
) -> None:
    sheet = "编号,名称,镇街,类别,容纳人数\nS-1,审讯室,西太湖,办公室,45\n,牢房,嘉泽,街道,20\n,坏的,火星,办公室,1\n"
    sign_in(page, live_server, "keeper")
    page.goto(f"{live_server.url}/keeper/imports/")
    upload = {"name": "places.csv", "mimeType": "text/csv", "buffer": sheet.encode()}
    page.get_by_label("场地表（.xlsx、.csv、.geojson）").set_input_files(upload)  # type: ignore[arg-type]
    page.get_by_role("button", name="试一遍").click()
    expect(page.get_by_role("cell", name="火星", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="只写入正确的 2 处")).to_be_visible()
    assert not Place.objects.filter(name="牢房").exists()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载这些行").click()
    assert "坏的" in download.value.path().read_text(encoding="utf-8-sig")
    page.get_by_role("button", name="只写入正确的 2 处").click()
    expect(page.get_by_text("1 行没有导入")).to_be_visible()
    assert Place.objects.get(name="牢房").owner == stage.base
    stage.room.refresh_from_db()
    assert stage.room.people_max == 45


def test_a_keeper_changes_hours_by_keyboard_alone(
    page: Page, live_server: Any, stage: Stage, complaints: list[str]
) -> None:
    sign_in(page, live_server, "keeper")
    page.goto(f"{live_server.url}/keeper/places/{stage.room.pk}/calendar/")
    page.locator("#hours_day0").focus()
    for day in range(7):
        page.keyboard.type("08:00-22:00" if day < 5 else "09:00-次日02:00")
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("开放时间已更新；已有的预订不变。")).to_be_visible()
    assert stage.room.opening_rules.count() == 7
    assert stage.room.opening_rules.get(weekday=6).closes_minute == 1560


def test_the_queue_is_answered_in_one_go(page: Page, live_server: Any, stage: Stage, complaints: list[str]) -> None:
    stage.ask()
    sign_in(page, live_server, "keeper")
    page.goto(f"{live_server.url}/office/queue/")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="批准勾选的").click()
    expect(page.get_by_text("已批准 1 个。")).to_be_visible()
    expect(page.get_by_text("没有等待审批的预订")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_a_phone_needs_no_sideways_scroll(
    page: Page, context: BrowserContext, live_server: Any, stage: Stage, theme: str
) -> None:
    stage.ask()
    sign_in(page, live_server, "keeper")
    place = f"/keeper/places/{stage.room.pk}/"
    names = ("", "calendar/", "tariffs/", "photos/", "contacts/", "structure/")
    paths = ["/keeper/", "/keeper/places/new/", "/keeper/imports/", *(place + name for name in names)]
    look(page, context, live_server, theme, [*paths, *EXTRA_KEEPER, "/office/queue/"])


def test_a_call_is_answered_and_becomes_a_hold(
    page: Page, browser: Browser, context: BrowserContext, live_server: Any, stage: Stage, complaints: list[str]
) -> None:
    sign_in(page, live_server, "scheduler")
    page.goto(f"{live_server.url}/calls/")
    page.get_by_label("找什么样的场地").fill("能点火的办公室")
    page.get_by_label("日期").fill(f"{stage.day:%Y-%m-%d}")
    page.get_by_label("开始").fill("8:00")
    page.get_by_label("结束").fill("12:00")
    page.get_by_label("办公室", exact=True).check()
    page.get_by_role("button", name="发出").click()
    expect(page.get_by_text("已向有这类场地的场地方发出征集。")).to_be_visible()
    call = page.url

    keeper = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai").new_page()
    sign_in(keeper, live_server, "keeper")
    keeper.goto(f"{live_server.url}/keeper/calls/")
    keeper.get_by_role("link", name="能点火的办公室").click()
    keeper.get_by_label("场地", exact=True).select_option(str(stage.room.pk))
    keeper.get_by_role("button", name="报名").click()
    expect(keeper.get_by_text("已报名，剧组会收到通知。")).to_be_visible()
    answered = keeper.url
    keeper.context.close()

    look(page, context, live_server, "light", ["/calls/", call.removeprefix(live_server.url)])
    context.add_cookies([{"name": "django_language", "value": "zh-hans", "url": live_server.url}])
    page.goto(call)
    expect(page.get_by_text("4 小时 × ¥100 = ¥400")).to_be_visible()
    page.get_by_role("button", name="选这里并预留").click()
    expect(page.get_by_text("已预留，请在到期前确认。")).to_be_visible()
    assert "/keeper/calls/" in answered


def test_axe_finds_nothing_for_the_office(page: Page, context: BrowserContext, live_server: Any, stage: Stage) -> None:
    sign_in(page, live_server, "officer")
    look(page, context, live_server, "light", ["/office/places/"])


EXTRA_KEEPER = ["/keeper/calls/"]


def look(page: Page, context: BrowserContext, live_server: Any, theme: str, paths: list[str]) -> None:
    """Each page in both languages, wide and narrow."""
    context.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
    for language in ("zh-hans", "en"):
        context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        for path in paths:
            for width in (1280, 390):
                page.set_viewport_size({"width": width, "height": 844})
                page.goto(live_server.url + path)
                found = Axe().run(page)
                assert found.violations_count == 0, (path, width, found.generate_report())
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
