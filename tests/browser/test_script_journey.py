"""A script on its way to the set in a real browser: read, corrected, taken over, revised; a call sheet on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from tests.drama import make_drama, strips_of
from tests.productions import Company, make_company, make_work
from tests.scripts import word_file

from xiepai.kernel import clock
from xiepai.parties.models import Person
from xiepai.productions.models import Work
from xiepai.productions.services import add_crew_member
from xiepai.shoots.models import CallSheet, CastRole, Receipt, ReceiptState, Scene, Script, SheetState, StoryPlace
from xiepai.shoots.services import boards, scenarios
from xiepai.shoots.services.breakdown import edit_scenes

PHONE = {"width": 390, "height": 844}
#: Four scenes Word numbers by itself, and one heading no rule reads: it stands in the third.
DRAFT = [
    "《湖畔来信》", "第一集",
    "日 内 沈家-客厅", "人物：林晚、沈父", "△林晚推门进来，手里拿着一封信。", "林晚：我回来了。",
    "夜 内 沈家客厅", "人物：晚晚、沈父", "△两人对坐，谁也不说话。", "沈父：信呢？",
    "日 外 湖边", "人物：林晚", "△林晚把信折成纸船。", "回到三年前的医院走廊", "护士：别跑！", "△林晚追着推车跑。",
    "夜 外 湖边", "人物：林晚、许舟", "△许舟撑伞走来。", "许舟：我等了三年。",
]  # fmt: skip
HEADINGS = (2, 6, 10, 16)


@pytest.fixture
def company(transactional_db: None, tmp_path: Path, settings: Any) -> Company:
    settings.MEDIA_ROOT = tmp_path
    cache.clear()
    return make_company()


@pytest.fixture
def work(company: Company) -> Work:
    return make_work(company)


@pytest.fixture
def heard(page: Page) -> Iterator[list[str]]:
    """What the browser complains of fails the test."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("dialog", lambda dialog: dialog.accept())
    yield found
    assert not found


def sign_in(page: Page, live_server: Any, person_id: int | None) -> None:
    client = Client()
    client.force_login(Person.objects.get(pk=person_id or 0))
    value = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": value, "url": live_server.url}])


def axe(page: Page) -> None:
    found = Axe().run(page)
    assert not found.response["violations"], found.generate_report()


def drop(page: Page, live_server: Any, work: Work, lines: list[str], name: str) -> None:
    page.goto(f"{live_server.url}/works/{work.pk}/scripts/")
    data = word_file(lines, HEADINGS, "paragraph", text="%1.")
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    page.get_by_label("剧本或场景表").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="读剧本").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("湖畔来信")


def test_a_script_is_read_corrected_taken_over_and_revised(
    page: Page, live_server: Any, company: Company, work: Work, heard: list[str]
) -> None:
    sign_in(page, live_server, company.scheduler.person_id)
    drop(page, live_server, work, DRAFT, "湖畔来信.docx")
    expect(page.get_by_text("读出 4 场")).to_be_visible()
    axe(page)
    first = page.locator("#s0")
    expect(first.locator(".source")).to_contain_text("林晚推门进来")
    expect(first.get_by_label("场景", exact=True)).to_have_value("沈家-客厅")

    # a heading nobody's rule reads: its line begins a scene
    page.locator("#s2").get_by_role("button", name="第 14 行起是新的一场").click()
    expect(page.get_by_text("读出 5 场")).to_be_visible()
    missed = page.locator("#s3")
    expect(missed.get_by_label("角色")).to_have_value("护士")
    expect(page.locator("#s2").locator(".source")).not_to_contain_text("护士")
    missed.get_by_label("集", exact=True).fill("1")
    missed.get_by_label("场", exact=True).fill("3A")
    missed.get_by_label("气氛").select_option("night")
    missed.get_by_label("内外景").select_option("in")
    missed.get_by_label("场景", exact=True).fill("医院-走廊")
    missed.get_by_label("角色").fill("林晚、护士")
    missed.get_by_role("button", name="保存").click()
    expect(page.locator("#s3").get_by_label("场", exact=True)).to_have_value("3A")

    # a wrong cut is taken back, and made again by its line
    page.locator("#s3").get_by_role("button", name="并入上一场").click()
    expect(page.get_by_text("读出 4 场")).to_be_visible()
    expect(page.locator("#s2").locator(".source")).to_contain_text("护士")
    page.locator("#s2").get_by_role("button", name="第 14 行起是新的一场").click()
    missed = page.locator("#s3")
    missed.get_by_label("集", exact=True).fill("1")
    missed.get_by_label("场", exact=True).fill("3A")
    missed.get_by_role("button", name="保存").click()

    # two spellings of a role and of a place become one
    page.locator("aside").get_by_role("checkbox", name="晚晚").check()
    page.get_by_label("勾选的合并为").first.fill("林晚")
    page.locator("aside form.names").first.get_by_role("button", name="合并").click()
    expect(page.get_by_text("已合并为“林晚”。")).to_be_visible()
    page.locator("aside").get_by_role("checkbox", name="沈家客厅").check()
    page.get_by_label("勾选的合并为").nth(1).fill("沈家-客厅")
    page.locator("aside form.names").nth(1).get_by_role("button", name="合并").click()
    expect(page.locator("#s1").get_by_label("场景", exact=True)).to_have_value("沈家-客厅")

    # several at once
    for at in (0, 3):
        page.locator(f"#s{at} h2 input[type=checkbox]").check()
    page.locator("#bulk").get_by_label("气氛").select_option("dusk")
    page.locator("#bulk").get_by_role("button", name="改", exact=True).click()
    expect(page.get_by_text("已改 2 场。")).to_be_visible()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    axe(page)
    page.set_viewport_size({"width": 1280, "height": 900})

    page.get_by_role("button", name="核对完毕，用作场景表").click()
    expect(page.get_by_text("场景表已更新。")).to_be_visible()
    rows = list(Scene.objects.filter(is_removed=False).order_by("position"))
    assert [(str(row), row.time_of_day) for row in rows] == [
        ("1-1", "dusk"), ("1-2", "night"), ("1-3", "day"), ("1-3A", "dusk"), ("1-4", "night"),
    ]  # fmt: skip
    assert set(CastRole.objects.values_list("name", flat=True)) == {"林晚", "沈父", "护士", "许舟"}
    assert "沈家客厅" not in StoryPlace.objects.values_list("name", flat=True)
    page.goto(f"{live_server.url}/works/{work.pk}/breakdown/")
    expect(page.get_by_role("link", name="1-3A")).to_be_visible()
    axe(page)

    # a second draft: what changes is said before it does, and a hand's work stays
    edit_scenes(actor=company.scheduler, work_id=work.pk, scene_ids=[rows[0].pk], fields={"minutes": 99})
    second = [*DRAFT[:8], "△两人对坐，灯忽然灭了。", *DRAFT[9:13], *DRAFT[16:]]
    page.goto(f"{live_server.url}/works/{work.pk}/scripts/")
    data = word_file(second, (2, 6, 10, 13), "paragraph", text="%1.")
    file = {"name": "湖畔来信二稿.docx", "mimeType": "application/octet-stream", "buffer": data}
    page.get_by_label("剧本或场景表").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="读剧本").click()
    changes = page.locator("aside section").first
    expect(changes).to_contain_text("有改动")
    expect(changes).to_contain_text("1-2")
    expect(changes).to_contain_text("1-3A")
    page.get_by_role("button", name="核对完毕，用作场景表").click()
    expect(page.get_by_text("场景表已更新。")).to_be_visible()
    assert Scene.objects.get(number="1", is_removed=False).minutes == 99
    assert Scene.objects.get(number="3A").is_removed
    assert Script.objects.count() == 2


def test_a_call_sheet_is_received_and_read_on_a_phone(
    page: Page, browser: Browser, live_server: Any, transactional_db: None, tmp_path: Path, settings: Any,
    heard: list[str],
) -> None:  # fmt: skip
    settings.MEDIA_ROOT = tmp_path
    cache.clear()
    drama = make_drama(6)
    add_crew_member(actor=drama.actor, work_id=drama.work.pk, name="场务小王", duty="other", phone="13800000000")
    day = clock.today() + timedelta(days=7)
    plan = boards.create_plan(actor=drama.actor, work_id=drama.work.pk, name="方案一", first_day=day, last_day=day)
    strips = [strip.pk for strip in strips_of(plan).values()]
    column = plan.days.get()
    boards.move_strips(actor=drama.actor, plan_id=plan.pk, revision=0, strip_ids=strips[:3], plan_day_id=column.pk)
    scenarios.activate(actor=drama.actor, plan_id=plan.pk)

    sign_in(page, live_server, drama.actor.person_id)
    page.goto(f"{live_server.url}/works/{drama.work.pk}/call-sheets/")
    page.get_by_role("button", name="制作").click()
    page.get_by_label("天气").fill("晴，3–11℃")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("button", name="发出").click()
    sheet = CallSheet.objects.get()
    expect(page.locator("h1 + p .badge")).to_have_text(str(SheetState.SENT.label))
    receipts = page.get_by_role("region", name="回执")
    row = receipts.get_by_role("row", name="场务小王")
    expect(row).to_contain_text(str(ReceiptState.NOT_RECEIVED.label))
    axe(page)
    row.get_by_role("button", name="专属链接").click()
    address = page.locator("#sheet-link").inner_text().strip()

    phone = browser.new_context(viewport=PHONE, is_mobile=True, locale="zh-CN").new_page()  # type: ignore[arg-type]
    phone.goto(address)
    expect(phone.get_by_text("晴，3–11℃")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    axe(phone)
    assert state_of("场务小王", sheet) == ReceiptState.NOT_RECEIVED, "opening a link tells nothing"
    phone.get_by_role("button", name="已收取，稍后看").click()
    expect(phone.get_by_role("button", name="已查看")).to_be_visible()
    assert state_of("场务小王", sheet) == ReceiptState.RECEIVED
    page.goto(f"{live_server.url}/call-sheets/{sheet.pk}/")
    expect(row).to_contain_text(str(ReceiptState.RECEIVED.label))
    phone.get_by_role("button", name="已查看").click()
    expect(phone.get_by_text("您已告诉剧组：已查看。")).to_be_visible()
    axe(phone)
    page.reload()
    expect(row).to_contain_text(str(ReceiptState.READ.label))
    expect(page.get_by_text("未收取 0 · 已收取 0 · 已查看 1")).to_be_visible()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    axe(page)
    page.get_by_role("link", name="销场").click()
    page.get_by_role("button", name="拍完了").first.click()
    expect(page.get_by_text("已销场。")).to_be_visible()
    axe(page)
    phone.context.close()


def state_of(name: str, sheet: CallSheet) -> str:
    return str(Receipt.objects.get(sheet=sheet, member__name=name).state)
