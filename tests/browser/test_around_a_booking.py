"""Journeys around a booking: a handover with damage and its settlement, needs to bookings, by keyboard, on a phone."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.db import transaction
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.factories import PASSWORD, make_organisation, make_person, make_place

from xiepai.bookings import need_drafts, services
from xiepai.bookings.models import Booking, HandoverPhoto, NeedDraft
from xiepai.kernel import audit, clock
from xiepai.kernel.money import Money
from xiepai.parties.access import system
from xiepai.places.models import TariffExtra
from xiepai.worktime.spans import Span

SHEET = "需求,日期,时间,人数\n审讯室,第1天,08:00-12:00,20\n办公室,第1天,08:00-12:00,\n"
PHONE = {"width": 390, "height": 844}


def picture(colour: str = "teal") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (900, 600), colour).save(out, "JPEG")
    return out.getvalue()


def file(name: str, kind: str, data: bytes) -> Any:
    return {"name": name, "mimeType": kind, "buffer": data}


class Stage:
    """A base with two sets and a metered price, its keeper, an officer, a crew with its scheduler."""

    def __init__(self, media: Path, settings: Any) -> None:
        cache.clear()
        settings.MEDIA_ROOT = media
        self.base = make_organisation("base", name="西太湖样例基地")
        self.room = make_place(self.base, name="审讯室", name_en="Interrogation room")
        self.other = make_place(self.base, name="办公室（大）")
        with transaction.atomic():
            tariff = self.room.tariffs.get()
            TariffExtra.objects.create(tariff=tariff, code="power", label="电费", unit="度", unit_fen=200)
            tariff.deposit_fen, tariff.overtime_fen = 100_000, 15_000
            tariff.save()
            audit.record("places.tariff.published", tariff, actor=system())
        self.keeper = make_person("keeper", self.base, email="keeper@example.com", name="张场务")[1]
        make_person("officer", email="officer@example.com")
        person, self.scheduler = make_person("scheduler", email="scheduler@example.com")
        self.crew = person.memberships.get().organisation_id
        today = clock.local(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
        self.day: datetime = today + timedelta(days=3)

    def booking(self) -> Booking:
        span = Span(self.day + timedelta(hours=8), self.day + timedelta(hours=12))
        held = services.place_hold(
            actor=self.scheduler, organisation_id=self.crew, place_id=self.room.pk, span=span, title="第3集"
        )
        return services.confirm_booking(actor=self.scheduler, booking_id=held.pk)

    def handed_back(self) -> Booking:
        booking = self.booking()
        known = {"actor": self.keeper, "booking_id": booking.pk, "crew_present": "李制片", "keeper_present": "张场务"}
        services.hand_over(**known, readings={"power": Decimal(100)}, photos=[picture()])
        services.take_back(**known, readings={"power": Decimal(150)}, condition="东墙一处划痕")
        return booking

    def claimed(self) -> Booking:
        booking = self.handed_back()
        services.claim_damage(
            actor=self.keeper,
            booking_id=booking.pk,
            description="墙面划痕",
            amount=Money.yuan(200),
            photos=[picture("red")],
        )
        return booking

    def draft(self, text: str) -> NeedDraft:
        row = need_drafts.draft_from_file(
            actor=self.scheduler,
            organisation_id=self.crew,
            file_name="needs.csv",
            data=text.encode(),
            day_one=self.day.date(),
        )
        sheet, _problems = need_drafts.judge(row)
        return need_drafts.search(actor=self.scheduler, draft_id=row.pk) if sheet else row


@pytest.fixture
def stage(transactional_db: None, tmp_path: Path, settings: Any) -> Stage:
    return Stage(tmp_path, settings)


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("console", lambda line: heard.append(line.text) if "Content Security Policy" in line.text else None)
    yield heard
    assert not heard


def sign_in(page: Page, live_server: Any, who: str) -> Page:
    page.goto(f"{live_server.url}/accounts/login/")
    page.fill("#id_login", f"{who}@example.com")
    page.fill("#id_password", PASSWORD)
    page.get_by_role("main").get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("您好")
    return page


@pytest.fixture
def another(browser: Browser, live_server: Any) -> Iterator[Callable[[str], Page]]:
    """A second person at a browser of their own."""
    contexts: list[BrowserContext] = []

    def open_for(who: str) -> Page:
        contexts.append(browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce"))
        return sign_in(contexts[-1].new_page(), live_server, who)

    yield open_for
    for context in contexts:
        context.close()


def test_a_handover_on_a_phone_with_damage_ends_in_a_settlement_pdf(
    page: Page, another: Callable[[str], Page], live_server: Any, stage: Stage, complaints: list[str]
) -> None:
    booking = stage.booking()
    where = f"{live_server.url}/bookings/{booking.pk}/"
    page.set_viewport_size(PHONE)
    sign_in(page, live_server, "keeper")
    page.goto(where)
    page.get_by_role("link", name="进场交接").click()
    page.get_by_label("电费读数（度）").fill("100")
    page.get_by_label("现场情况").fill("墙面完好")
    page.get_by_label("拍照").set_input_files(file("a.jpg", "image/jpeg", picture()))
    page.get_by_label("剧组签字").fill("李制片")
    page.get_by_role("button", name="进场交接").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("使用中")
    page.get_by_role("link", name="撤场交接").click()
    page.get_by_label("电费读数（度）").fill("99")
    page.get_by_label("剧组签字").fill("李制片")
    page.get_by_role("button", name="撤场交接").click()
    expect(page.locator(".error").first).to_be_visible()
    page.get_by_label("电费读数（度）").fill("162.5")
    page.get_by_role("button", name="撤场交接").click()
    page.get_by_role("link", name="索赔").click()
    page.get_by_label("损坏情况").fill("墙面划痕")
    page.get_by_label("索赔金额（元）").fill("200")
    page.get_by_label("从相册选").set_input_files(file("b.jpg", "image/jpeg", picture("red")))
    page.get_by_role("button", name="提出索赔").click()
    expect(page.get_by_text("已提出索赔，剧组会收到通知。")).to_be_visible()
    expect(page.get_by_role("button", name="结算")).to_have_count(0)
    assert HandoverPhoto.objects.count() == 2

    crew = another("scheduler")
    crew.goto(where)
    crew.get_by_label("答复（有异议时必填）").fill("进场时就有")
    crew.get_by_role("button", name="提出异议").click()
    officer = another("officer")
    officer.goto(f"{live_server.url}/office/settlements/")
    officer.get_by_role("link", name=booking.code).first.click()
    officer.get_by_label("裁定理由").fill("进场照片无划痕")
    officer.get_by_role("button", name="认定成立").click()
    expect(officer.get_by_text("已裁定。")).to_be_visible()

    page.reload()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="结算", exact=True).click()
    expect(page.get_by_text("62.5 度 × ¥2 = ¥125")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="结算单 PDF").click()
    pdf = pypdfium2.PdfDocument(Path(waiting.value.path()).read_bytes())
    text = "".join(sheet.get_textpage().get_text_range() for sheet in pdf).replace("\r\n", "")
    for words in (f"JS{booking.pk:06d}", "墙面划痕", "162.5 − 100", "¥725"):
        assert words in text, words


def test_needs_dropped_as_a_sheet_show_candidates_and_one_press_books(
    page: Page, live_server: Any, stage: Stage, complaints: list[str]
) -> None:
    sign_in(page, live_server, "scheduler")
    page.goto(f"{live_server.url}/needs/")
    bad = SHEET.replace("20\n", "许多\n")
    page.get_by_label("需求表（.xlsx、.csv、.json）").set_input_files(file("需求.csv", "text/csv", bad.encode()))
    page.get_by_role("button", name="读表并找景").click()
    expect(page.get_by_text("第 2 行“人数”")).to_be_visible()
    row = page.get_by_role("group", name="第 2 行")
    expect(row.get_by_label("人数")).to_have_value("许多")
    row.get_by_label("人数").fill("20")
    page.get_by_role("button", name="保存并找景").click()
    need = page.get_by_role("region", name="审讯室")
    expect(need.get_by_text("4 小时 × ¥100 = ¥400")).to_be_visible()
    assert not Booking.objects.exists()
    page.get_by_role("button", name="全部预订").click()
    expect(page.get_by_role("link", name=re.compile("^XP"))).to_have_count(2)
    assert Booking.objects.count() == 2


def test_a_candidate_is_swapped_and_the_list_is_there_tomorrow(
    page: Page, another: Callable[[str], Page], live_server: Any, stage: Stage, complaints: list[str]
) -> None:
    make_place(stage.base, name="审讯室二")
    draft = stage.draft("需求,日期,时间\n审讯,第1天,08:00-12:00\n")
    sign_in(page, live_server, "scheduler")
    page.goto(f"{live_server.url}/needs/drafts/{draft.pk}/")
    page.locator(".offer", has_text="审讯室二").get_by_role("button", name="改选这处").click()
    expect(page.locator(".offer.chosen")).to_contain_text("审讯室二")
    later = another("scheduler")
    later.goto(f"{live_server.url}/needs/")
    later.get_by_role("link", name=draft.title).click()
    expect(later.locator(".offer.chosen")).to_contain_text("审讯室二")


def test_needs_are_typed_and_booked_by_keyboard_alone(
    page: Page, live_server: Any, stage: Stage, complaints: list[str]
) -> None:
    sign_in(page, live_server, "scheduler")
    page.goto(f"{live_server.url}/needs/")
    page.get_by_label("名称").focus()
    page.keyboard.type("夜戏")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("夜戏")
    page.get_by_role("group", name="新的一行 1").get_by_label("场景/需求").focus()
    for words in ("审讯室", "第1天", "8:00-12:00"):
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".offer.chosen")).to_have_count(1)
    page.get_by_role("button", name="全部预订").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=re.compile("^XP"))).to_have_count(1)


def test_the_countdown_of_a_hold_runs(page: Page, live_server: Any, stage: Stage, complaints: list[str]) -> None:
    span = Span(stage.day + timedelta(hours=14), stage.day + timedelta(hours=16))
    held = services.place_hold(actor=stage.scheduler, organisation_id=stage.crew, place_id=stage.room.pk, span=span)
    sign_in(page, live_server, "scheduler")
    page.goto(f"{live_server.url}/bookings/{held.pk}/")
    shown = page.locator("time.countdown")
    expect(shown).to_have_text(re.compile(r"\d\d:\d\d:\d\d$"))
    first = shown.text_content()
    expect(shown).not_to_have_text(first or "")


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("who", ["scheduler", "keeper", "officer"])
def test_every_page_around_a_booking_satisfies_axe_and_fits_a_phone(
    page: Page, context: BrowserContext, live_server: Any, stage: Stage, who: str, language: str
) -> None:
    claimed = stage.claimed().pk
    ready = stage.draft(SHEET + "没有这种地方,第1天,08:00-12:00,\n").pk
    wrong = stage.draft("需求,日期\n审讯室,哪天\n").pk
    sign_in(page, live_server, who)
    context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    paths = [f"/bookings/{claimed}/", "/bookings/"]
    paths += {
        "scheduler": ["/needs/", f"/needs/drafts/{ready}/", f"/needs/drafts/{wrong}/", "/settlements/"],
        "keeper": [
            f"/bookings/{claimed}/claim/",
            "/office/settlements/",
            f"/keeper/places/{stage.room.pk}/outside/",
            f"/organisations/{stage.base.pk}/channels/",
        ],
        "officer": ["/office/settlements/"],
    }[who]
    for path in paths:
        for width, scheme in ((1280, "light"), (390, "dark")):
            page.set_viewport_size({"width": width, "height": 844})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.goto(live_server.url + path)
            expect(page.locator("html")).to_have_attribute("lang", "en" if language == "en" else "zh-Hans")
            found = Axe().run(page)
            assert found.violations_count == 0, (path, width, found.generate_report())
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)


@pytest.mark.slow
def test_a_handover_form_satisfies_axe(page: Page, live_server: Any, stage: Stage) -> None:
    booking = stage.booking()
    sign_in(page, live_server, "keeper")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(f"{live_server.url}/bookings/{booking.pk}/hand-over/")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
