"""Blank forms of an application: filled in as far as the house knows, adding up, no official ones and saying so."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import openpyxl
import pypdfium2
import pytest
from django.test import Client
from tests.factories import make_person
from tests.grants import NOW, publish
from tests.productions import Company, make_company, make_work

from xiepai.grants.models import Application, Entitlement
from xiepai.grants.services import programmes, windows
from xiepai.grants.services.answering import answer_question
from xiepai.grants.services.applications import save_fields, start_application
from xiepai.kernel import clock
from xiepai.parties.models import Organisation

pytestmark = pytest.mark.django_db
CODE = "91320412MA1X2Y3Z4K"


@pytest.fixture
def company() -> Iterator[Company]:
    with clock.frozen(NOW):
        found = make_company()
        Organisation.objects.filter(pk=found.crew.pk).update(uscc=CODE)
        yield found


@pytest.fixture
def draft(company: Company) -> Application:
    version = publish(company.officer)
    windows.set_window(
        actor=company.officer, programme_id=version.programme_id, opens_at=NOW - timedelta(days=1),
        closes_at=NOW + timedelta(days=20),
    )  # fmt: skip
    programmes.update_measure_setting(
        actor=company.officer, programme_id=version.programme_id, measure="location",
        papers=[{"kind": "other", "zh": "拍摄总结", "en": "Shooting summary"}],
    )  # fmt: skip
    work = make_work(company, investment_fen=300_000_000)
    answer_question(actor=company.producer, work_id=work.pk, name="culture_tourism_linkage", value="yes")
    owed = Entitlement.objects.get(work=work, measure="location")
    row = start_application(actor=company.producer, entitlement_id=owed.pk)
    values = {"local_shooting_cost": "60万元", "form.contact": "=王 <b>*某*</b>", "form.phone": "0519-1"}
    save_fields(actor=company.producer, application_id=row.pk, values=values, seen={})
    return row


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def address(row: Application, what: str) -> str:
    return f"/grants/applications/{row.pk}/{what}"


def bare(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    found = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return "".join(found.split())


def test_the_page_offers_a_form_for_every_paper_and_the_declaration(company: Company, draft: Application) -> None:
    client = browser(company.person)
    page = client.get(address(draft, "")).content.decode()
    links = [part.split('"')[0] for part in page.split('href="')[1:] if "/form." in part.split('"')[0]]
    assert len(links) == 3
    for link in links:
        assert client.get(link).status_code == 200, link
    assert address(draft, "declaration.pdf") in page


def test_a_list_of_receipts_knows_the_application_and_compares_itself(company: Company, draft: Application) -> None:
    answer = browser(company.person).get(address(draft, "form.xlsx"), {"kind": "发票与合同"})
    assert draft.number in answer["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    said = {str(value) for row in rows for value in row if value is not None}
    for text in (draft.number, draft.organisation.name, CODE, "明细表：发票与合同", "申报：本地取景费用"):
        assert text in said
    assert any("不是主管部门的制式文书" in text for text in said)
    top = next(at for at, row in enumerate(rows, 1) if row[0] == "序号")
    total = next(at for at, row in enumerate(rows, 1) if row[4] == "合计")
    assert rows[total - 1][5] == f"=SUM(F{top + 1}:F{total - 1})"
    claimed = next(at for at, row in enumerate(rows, 1) if row[4] == "申报：本地取景费用")
    assert rows[claimed - 1][5] == 600_000
    assert rows[claimed][5] == f"=F{total}-F{claimed}"


def test_a_paper_that_proves_no_amount_has_a_cover_in_both_languages(company: Company, draft: Application) -> None:
    client = browser(company.person)
    cover = bare(client.get(address(draft, "form.pdf"), {"kind": "取景协议"}).content)
    for text in ("材料封面：取景协议", "与文旅场景联动取景", "出具单位", CODE, draft.number, "不是主管部门的制式文书"):
        assert text in cover, text
    english = client.get(address(draft, "form.pdf"), {"kind": "拍摄总结"}, headers={"accept-language": "en"})
    assert "Cover:Shootingsummary" in bare(english.content)


def test_the_declaration_says_what_is_filled_in_and_leaves_lines_for_the_rest(
    company: Company, draft: Application
) -> None:
    said = bare(browser(company.person).get(address(draft, "declaration.pdf")).content)
    for text in ("申报声明", "¥600,000", "=王<b>*某*</b>", "0519-1", "文旅联动取景", "单位（盖章）：＿", "内容校验值"):
        assert text in said, text


def test_forms_are_for_those_who_write_while_it_is_open(company: Company, draft: Application) -> None:
    forms = (address(draft, "declaration.pdf"), address(draft, "form.xlsx") + "?kind=发票与合同")
    stranger = make_person("producer")[0]
    for form in forms:
        assert browser(stranger).get(form).status_code == 404
    client = browser(company.person)
    wrong = ("form.pdf?kind=发票与合同", "form.xlsx?kind=取景协议", "form.xlsx?kind=没有", "form.exe?kind=取景协议")
    for name in wrong:
        assert client.get(address(draft, name)).status_code == 404, name
    Application.objects.filter(pk=draft.pk).update(state="in_review")
    for form in forms:
        assert client.get(form).status_code == 404
