"""A company's way to its money in a real browser: told what it is owed, two papers, submitted, returned, corrected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from playwright.sync_api import Page, Route, expect
from tests.factories import PASSWORD, make_organisation, make_person
from tests.grants import publish
from tests.productions import PDF, picture

from xiepai.grants.models import Application
from xiepai.grants.services import reviewing, windows
from xiepai.grants.services.answering import answer_question
from xiepai.kernel import clock
from xiepai.parties.access import Actor
from xiepai.productions import services

PAGE_WIDTH = "document.documentElement.scrollWidth"


class Stage:
    """A company with a work that was shot in linkage with culture and tourism, and the office."""

    def __init__(self) -> None:
        cache.clear()
        self.office = make_organisation("office")
        self.officer: Actor = make_person("officer", self.office)[1]
        company = make_organisation("crew", name="湖光短剧")
        _person, producer = make_person("producer", company, email="producer@example.com", name="林制片")
        make_person("scheduler", company, email="scheduler@example.com", name="周统筹")
        version = publish(self.officer)
        now = clock.now()
        windows.set_window(
            actor=self.officer,
            programme_id=version.programme_id,
            opens_at=now - timedelta(days=1),
            closes_at=now + timedelta(days=20),
        )
        work = services.declare_work(
            actor=producer, organisation_id=company.pk, title="湖畔来信", investment_fen=300_000_000
        )
        answer_question(actor=producer, work_id=work.pk, name="culture_tourism_linkage", value="yes")


@pytest.fixture
def stage(transactional_db: None, tmp_path: Path, settings: Any) -> Stage:
    settings.MEDIA_ROOT = tmp_path / "media"
    return Stage()


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("console", lambda line: heard.append(line.text) if "Content Security Policy" in line.text else None)
    yield heard
    assert not heard


def sign_in(page: Page, live_server: Any, who: str = "producer") -> None:
    page.goto(f"{live_server.url}/accounts/login/")
    page.fill("#id_login", f"{who}@example.com")
    page.fill("#id_password", PASSWORD)
    page.get_by_role("main").get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("您好")


def is_accessible(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert not found, [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found]


def hand_in(page: Page, at: int, name: str, data: bytes, kind: str) -> None:
    paper = page.locator(f"#paper-{at}")
    if paper.locator("input[type=file]").is_hidden():
        paper.locator("summary", has_text="上传").click()
    paper.locator("input[type=file]").set_input_files({"name": name, "mimeType": kind, "buffer": data})
    paper.get_by_role("button", name="上传").click()
    expect(page.get_by_text(f"已收到“{name}”。")).to_be_visible()


def test_from_what_is_owed_to_a_corrected_application(
    page: Page, live_server: Any, stage: Stage, complaints: list[str]
) -> None:
    sign_in(page, live_server)
    expect(page.get_by_role("heading", name="您最多可以拿 ¥200,000")).to_be_visible()
    page.get_by_role("link", name="看看怎么拿，先答一问").click()
    expect(page.get_by_role("heading", name="本地取景费用")).to_be_visible()
    is_accessible(page)
    page.locator("#question input[name=value]").fill("60")
    page.get_by_role("button", name="回答").click()
    expect(page.get_by_role("heading", name="没有要问的了")).to_be_visible()
    expect(page.locator(".headline .big")).to_have_text("¥120,000")

    page.get_by_role("button", name="填写申报").click()
    page.get_by_label("联系电话").fill("0519-8888")
    page.get_by_label("联系电话").blur()
    expect(page.locator("#save-state")).to_contain_text("已保存")
    expect(page.locator("#meter")).to_contain_text("取景协议")
    is_accessible(page)

    cut = {"left": 1}

    def once_cut(route: Route) -> None:
        if cut["left"]:
            cut["left"] -= 1
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/grants/uploads/*/?offset=*", once_cut)
    hand_in(page, 1, "协议.pdf", PDF, "application/pdf")
    assert cut["left"] == 0, "the connection was cut once and went on"
    hand_in(page, 2, "发票.png", picture("PNG", (900, 700)), "image/png")
    expect(page.locator("#meter")).to_contain_text("可以提交")
    page.locator("#paper-2 summary", has_text="发票.png").click()
    expect(page.get_by_role("img", name="发票.png 的第一页")).to_be_visible()
    page.get_by_label("所填内容和材料真实").check()
    page.get_by_role("button", name="提交申报").click()
    expect(page.get_by_text("已提交。办到哪一步")).to_be_visible()
    is_accessible(page)

    row = Application.objects.get()
    reviewing.take(actor=stage.officer, application_id=row.pk)
    items = [{"field": "local_shooting_cost", "note": "发票合计 50 万元"}]
    reviewing.ask_correction(actor=stage.officer, application_id=row.pk, items=items)
    page.reload()
    expect(page.get_by_role("heading", name="协拍办请您补正")).to_be_visible()
    expect(page.locator(".stations")).to_contain_text("暂停")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate(PAGE_WIDTH) == 390
    is_accessible(page)
    page.get_by_label("本地取景费用", exact=True).fill("50")
    page.get_by_label("本地取景费用", exact=True).blur()
    expect(page.locator("#save-state")).to_contain_text("已保存")
    page.get_by_label("答复 选填").fill("已按发票更正")
    page.get_by_label("所填内容和材料真实").check()
    page.get_by_role("button", name="提交补正").click()
    expect(page.get_by_text("已答复补正，计时恢复。")).to_be_visible()
    row.refresh_from_db()
    assert (row.state, row.asked_fen) == ("in_review", 10_000_000)
    assert row.due_at is not None


def test_two_people_write_at_once_and_both_are_told(
    page: Page, browser: Any, live_server: Any, stage: Stage, complaints: list[str]
) -> None:
    sign_in(page, live_server)
    page.goto(f"{live_server.url}/grants/")
    page.get_by_role("button", name="填写申报").click()
    address = page.url
    other = browser.new_context(locale="zh-CN").new_page()
    sign_in(other, live_server, "scheduler")
    other.goto(address)
    cost = page.get_by_label("本地取景费用", exact=True)
    cost.fill("60")
    cost.blur()
    expect(page.locator("#save-state")).to_contain_text("已保存")
    theirs = other.get_by_label("本地取景费用", exact=True)
    theirs.fill("70")
    theirs.blur()
    expect(other.get_by_role("alert")).to_contain_text("林制片 刚刚改成了这里显示的内容。您写的“70万元”没有保存。")
    expect(theirs).to_have_value("60")
    other.get_by_label("联系电话").fill("0519-1")
    other.get_by_label("联系电话").blur()
    expect(other.locator("#save-state")).to_contain_text("已保存")
    row = Application.objects.get()
    assert row.draft["local_shooting_cost"]["value"] == "60万元"
    other.context.close()
