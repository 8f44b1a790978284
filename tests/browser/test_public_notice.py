"""公示 in a real browser: a stranger on a phone objects with a file, is answered, the notice ends, it is decided."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from playwright.sync_api import Browser, expect
from tests.browser.test_grants_office import PHONE, Enter, sound
from tests.grants import NOW
from tests.productions import PDF
from tests.review import Review, make_review
from typer.testing import CliRunner

from xiepai.config.cli import app
from xiepai.grants.models import PublicNotice
from xiepai.kernel import clock
from xiepai.web.public import notices as public


class Present:
    """The clock of this process, the server's thread with it, moved by so many days."""

    def __init__(self) -> None:
        self.ahead = NOW - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def pass_days(self, days: int) -> None:
        self.ahead += timedelta(days=days)


@pytest.fixture
def present(monkeypatch: pytest.MonkeyPatch) -> Present:
    present = Present()
    monkeypatch.setattr(clock, "now", present.now)
    return present


@pytest.fixture
def review(transactional_db: None, present: Present, tmp_path: Path, settings: Any) -> Review:
    settings.MEDIA_ROOT = tmp_path
    cache.clear()
    review = make_review()
    review.budget(500_000_000)
    return review


def test_a_stranger_objects_and_the_notice_ends_by_the_calendar(
    enter: Enter, browser: Browser, live_server: Any, review: Review, present: Present
) -> None:
    row = review.to_step(review.submit(), "leading_group")
    review.propose(row)
    officer = enter("officer")
    officer.goto("/office/public-notices/")
    officer.get_by_role("link", name="写公示").click()
    officer.get_by_label("异议受理的联系方式").fill("武进区协拍办（样例） 000-0000")
    sound(officer)
    officer.get_by_role("button", name="写好，待核对").click()
    officer.get_by_role("button", name="发布公示").click()
    expect(officer.get_by_text("公示已发布。")).to_be_visible()
    notice = PublicNotice.objects.get()

    stranger = browser.new_context(locale="zh-CN", base_url=live_server.url, viewport=PHONE).new_page()
    stranger.goto("/public-notices/")
    sound(stranger)
    stranger.get_by_role("link", name=notice.title).click()
    expect(stranger.get_by_role("heading", name="提出异议")).to_be_visible()
    expect(stranger.get_by_text("12月7日").first).to_be_visible()  # five working days, the first with them
    sound(stranger)
    stranger.get_by_label("对哪一项有异议").select_option(index=1)
    stranger.get_by_label("姓名或单位").fill("样例群众")
    stranger.get_by_label("联系方式", exact=True).fill("13800000000")
    stranger.get_by_label("异议和理由").fill("样例：这部作品的投入与发票所列不符，请核实。")
    stranger.get_by_label("附件").set_input_files({"name": "发票.pdf", "mimeType": "application/pdf", "buffer": PDF})
    stranger.wait_for_timeout(1000 * public.LEAST_SECONDS + 200)  # what hands it in sooner is taken for a machine
    stranger.get_by_role("button", name="提交异议").click()
    expect(stranger.get_by_text("异议已收到")).to_be_visible()
    expect(stranger.get_by_text("发票.pdf")).to_be_visible()
    sound(stranger)
    receipt = stranger.locator("#receipt-number").inner_text()

    officer.reload()
    expect(officer.get_by_text("样例群众")).to_be_visible()
    with officer.expect_download() as download:
        officer.get_by_role("link", name="发票.pdf").click()
    assert download.value.path().read_bytes() == PDF
    assert officer.get_by_role("button", name="结束公示").count() == 0
    present.pass_days(7)  # the last day was yesterday, but somebody waits for an answer
    officer.reload()
    assert officer.get_by_role("button", name="结束公示").count() == 0
    officer.get_by_label("答复（凭回执号可见）").fill("样例：已核对付款凭证，发票与投入相符。")
    officer.get_by_role("button", name="异议不成立").click()
    expect(officer.get_by_text("已答复。")).to_be_visible()
    sound(officer)
    stranger.goto(f"/objections/?receipt={receipt}")
    expect(stranger.get_by_text("已核对付款凭证")).to_be_visible()
    officer.get_by_role("button", name="结束公示").click()
    expect(officer.get_by_text("公示已结束，可以作出决定。")).to_be_visible()

    leader = enter("leader", viewport=PHONE)
    leader.goto("/office/grants/lists/")
    sound(leader)
    leader.get_by_role("button", name="决定勾选的").click()
    expect(leader.get_by_text("已作出决定")).to_be_visible()
    stranger.goto("/awards/")
    expect(stranger.get_by_text(review.company.name).first).to_be_visible()
    sound(stranger)
    stranger.context.close()

    whole = CliRunner().invoke(app, ["audit", "verify"])
    assert whole.exit_code == 0, whole.output
    decision = row.decisions.get()
    with transaction.atomic(), connection.cursor() as cursor:  # as a database administrator could
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE grants_decision SET awarded_fen = awarded_fen + 1 WHERE id = %s", [decision.pk])
    broken = CliRunner().invoke(app, ["audit", "verify"])
    assert broken.exit_code == 1
    assert f"grants.decision:{decision.pk}" in broken.output
