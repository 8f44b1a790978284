"""Works in a real browser: missing papers keep 进组 waiting until they are given; every page by axe and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect
from tests.city import PASSWORD, City, make_city
from tests.productions import PDF

from xiepai.kernel import clock
from xiepai.parties.access import system
from xiepai.parties.models import Role
from xiepai.productions import services
from xiepai.productions.models import Paper, PaperKind, Work

PHONE = {"width": 390, "height": 844}
CREW_PAGES = (
    "/works/",
    "/works/new/",
    "/works/{work}/",
    "/works/{work}/?want=shooting",
    "/works/{work}/edit/",
    "/works/{work}/papers/",
    "/works/{work}/papers/new/?kind=guardian-consent",
    "/works/{work}/people/",
    "/works/people/{member}/",
    "/papers/{paper}/",
)
OFFICE_PAGES = (
    "/office/works/",
    "/office/papers/",
    "/office/paper-kinds/",
    "/office/paper-kinds/new/",
    "/office/paper-kinds/{kind}/",
    "/papers/{paper}/",
)


class Stage:
    """The small city with one work in preparation: one paper accepted, one sent back, one waiting."""

    def __init__(self) -> None:
        cache.clear()
        self.city: City = make_city()
        services.add_missing_kinds(actor=system())
        self.producer, self.officer = self.city.actor(Role.PRODUCER), self.city.actor(Role.OFFICER)
        today = clock.today()
        self.work: Work = services.declare_work(
            actor=self.producer,
            organisation_id=self.city.crew.pk,
            title="湖畔来信",
            title_en="Letters from the Lake",
            investment_fen=120_000_000,
            episodes=80,
            subjects=["judicial"],
            minors_count=2,
            shooting_from=today + timedelta(days=5),
            shooting_to=today + timedelta(days=9),
        )
        self.member = services.add_crew_member(
            actor=self.producer, work_id=self.work.pk, name="张三", duty="camera", diet="halal"
        )

    def addresses(self, patterns: tuple[str, ...]) -> list[str]:
        paper = self.paper("business-licence")
        services.accept_paper(actor=self.officer, paper_id=self.paper("production-licence").pk)
        services.reject_paper(actor=self.officer, paper_id=self.paper("safety-promise").pk, note="印章不清")
        services.advance_work(actor=self.producer, work_id=self.work.pk, state="preparing")
        kind = PaperKind.objects.get(code="guardian-consent")
        given = {"work": self.work.pk, "member": self.member.pk, "paper": paper.pk, "kind": kind.pk}
        return [pattern.format(**given) for pattern in patterns]

    def paper(self, code: str) -> Paper:
        return services.submit_paper(
            actor=self.producer, work_id=self.work.pk, kind_code=code, number="样例-1", data=PDF, file_name="a.pdf"
        )


@pytest.fixture
def stage(transactional_db: None, tmp_path: Path, settings: Any) -> Stage:
    settings.MEDIA_ROOT = tmp_path
    return Stage()


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser complains of: blocked scripts and styles, errors."""
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


def test_missing_papers_keep_the_shoot_waiting_until_they_are_given(
    page: Page, browser: Browser, live_server: Any, stage: Stage, complaints: list[str]
) -> None:
    services.update_work(actor=stage.producer, work_id=stage.work.pk, minors_count=0, subjects=[])
    sign_in(page, live_server, "producer")
    page.goto(f"{live_server.url}/works/{stage.work.pk}/")
    page.get_by_role("button", name="转到“筹备”").click()
    expect(page.get_by_text("现在的阶段：筹备。")).to_be_visible()
    page.get_by_role("button", name="转到“进组”").click()
    refused = page.get_by_role("alert")
    expect(refused).to_contain_text("还不能转到“进组”，文件不齐。")
    expect(refused.get_by_role("link")).to_have_count(4)

    for number, name in enumerate(("营业执照", "广播电视节目制作经营许可证", "拍摄协议", "安全承诺书")):
        page.goto(f"{live_server.url}/works/{stage.work.pk}/papers/")
        page.get_by_role("link", name=f"提交：{name}").click()
        upload = {"name": f"{name}.pdf", "mimeType": "application/pdf", "buffer": PDF}
        page.get_by_label("文件", exact=False).first.set_input_files(upload)  # type: ignore[arg-type]
        page.get_by_label("编号").fill(f"样例-{number}")
        page.get_by_role("main").get_by_role("button", name="提交").click()
        expect(page.get_by_text(f"已提交“{name}”，等协拍办核对。")).to_be_visible()

    page.goto(f"{live_server.url}/works/{stage.work.pk}/")
    page.get_by_role("button", name="转到“进组”").click()
    expect(page.get_by_role("alert")).to_contain_text("已提交，待协拍办核对")

    officer = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai").new_page()
    sign_in(officer, live_server, "officer")
    officer.goto(f"{live_server.url}/office/papers/")
    for left in (3, 2, 1, 0):
        officer.get_by_role("button", name="通过").first.click()
        expect(officer.get_by_role("button", name="通过")).to_have_count(left)
    officer.context.close()

    page.get_by_role("button", name="转到“进组”").click()
    expect(page.locator("[aria-current=step]")).to_contain_text("进组")
    assert Work.objects.get(pk=stage.work.pk).state == "shooting"


def test_the_class_follows_what_is_typed(page: Page, live_server: Any, stage: Stage, complaints: list[str]) -> None:
    sign_in(page, live_server, "producer")
    page.goto(f"{live_server.url}/works/new/")
    shown = page.locator(".class-preview .class-name")
    expect(shown).to_have_text("未定")
    page.get_by_label("投资额（万元）").press_sequentially("299.99")
    expect(shown).to_have_text("二类")
    page.get_by_label("投资额（万元）").fill("300")
    expect(shown).to_have_text("一类")
    page.get_by_label("投资额（万元）").fill("50")
    expect(shown).to_have_text("三类")
    page.get_by_label("AI", exact=True).check()
    expect(shown).to_have_text("二类")
    page.get_by_label("宗教").check()
    expect(shown).to_have_text("一类")


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(("who", "patterns"), [("producer", CREW_PAGES), ("officer", OFFICE_PAGES)])
def test_every_page_of_works_fits_a_phone_and_satisfies_axe(
    page: Page, live_server: Any, stage: Stage, who: str, patterns: tuple[str, ...], language: str
) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    sign_in(page, live_server, who)
    page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    for address in stage.addresses(patterns):
        answer = page.goto(live_server.url + address)
        assert answer is not None
        assert answer.status == 200, address
        expect(page.locator("html")).to_have_attribute("lang", "en" if language == "en" else "zh-Hans")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], f"{address} is {width} px wide"
        for details in page.locator("main details").all():
            details.evaluate("each => { each.open = true }")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found = Axe().run(page)
            assert found.violations_count == 0, f"{address} {scheme}: {found.generate_report()}"


@pytest.mark.slow
def test_wide_pages_of_works_satisfy_axe_too(page: Page, live_server: Any, stage: Stage) -> None:
    sign_in(page, live_server, "officer")
    for address in stage.addresses(("/office/works/", "/office/papers/", "/works/{work}/", "/works/{work}/papers/")):
        page.goto(live_server.url + address)
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, address
        found = Axe().run(page)
        assert found.violations_count == 0, f"{address}: {found.generate_report()}"
