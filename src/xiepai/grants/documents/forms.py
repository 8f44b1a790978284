"""Blank forms of an application, filled in as far as the house knows: the company's declaration, lists, covers.

A paper that proves an amount comes with a list of receipts that adds up and compares itself with what is claimed; any
other paper with a cover that says what it proves. They are this system's own forms and say so: no source gives an
official one. Refused: deciding anything; what is typed into them counts only once it is handed in.
"""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from xiepai.grants.documents.letters import TEMPLATE, letter_of, sealed, subject_of
from xiepai.grants.drafting import FORM_FIELDS, Field, Filled, PaperNeed, read
from xiepai.grants.wording import Measures, is_english, named
from xiepai.kernel import clock
from xiepai.kernel.money import Money
from xiepai.kernel.printing import pdf_of
from xiepai.policy import FactSpec
from xiepai.policy.facts import show

#: How many receipts a list has room for; a sheet grows by copying rows.
LINES = 40
BLANK = "＿" * 12


def declaration_pdf(filled: Filled) -> bytes:
    """What the company declares, to be read, signed and handed in."""
    return pdf_of(TEMPLATE, sealed(declaration_content(filled)))


def cover_pdf(filled: Filled, paper: PaperNeed) -> bytes:
    """A cover for a paper: what it proves, and lines for what it is."""
    return pdf_of(TEMPLATE, sealed(cover_content(filled, paper)))


def is_list(paper: PaperNeed) -> bool:
    """Whether a paper proves an amount, so that a list belongs to it."""
    return any(spec.kind == "money" for spec in paper.facts)


def paper_named(filled: Filled, kind: str) -> PaperNeed | None:
    """The paper of a kind the application asks for."""
    return next((paper for paper in filled.papers if paper.kind == kind), None)


def declaration_content(filled: Filled) -> dict[str, Any]:
    """What the declaration says."""
    measures = Measures().words(filled.version.pk, filled.application.measures)
    own = [(str(FORM_FIELDS[each.name][0]), each.value or BLANK) for each in filled.fields if each.spec is None]
    return {
        **_form(filled, _("申报声明")),
        "head": [list(pair) for pair in (*_head(filled), (_("政策条目"), measures), *own)],
        "paragraphs": [_("本单位就下列事实申报，已核对其中由系统带入的内容。")],
        "rows": [[named(each.spec), _shown(each)] for each in filled.fields if each.spec is not None],
        "closing": [_("所填内容和材料真实、完整；如有虚假，愿退回资金并承担责任。")],
        "signed": _signatures(),
    }


def cover_content(filled: Filled, paper: PaperNeed) -> dict[str, Any]:
    """What the cover says."""
    by_name = {each.name: each for each in filled.fields}
    colon, between = (": ", "; ") if is_english() else ("：", "；")
    proven = between.join(f"{named(spec)}{colon}{_shown(by_name[spec.name])}" for spec in paper.facts)
    lines = (_("材料名称"), _("出具单位"), _("编号"), _("出具日期"), _("页数"), _("说明"))
    return {
        **_form(filled, _("材料封面：%(kind)s") % {"kind": _kind(paper)}),
        "head": [list(pair) for pair in _head(filled)],
        "paragraphs": [_("这份材料证明：%(facts)s") % {"facts": proven}] if proven else [],
        "rows": [[name, ""] for name in lines],
        "signed": _signatures(),
    }


def list_xlsx(filled: Filled, paper: PaperNeed) -> bytes:
    """A list of receipts for an amount: adds up, and says how far it is from what is claimed."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet, bold = book.add_worksheet(_("明细")), book.add_format({"bold": True})
        quiet = book.add_format({"font_color": "#666666", "italic": True})
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 5, 24)
        sheet.write_string(0, 0, _("明细表：%(kind)s") % {"kind": _kind(paper)}, bold)
        sheet.write_string(1, 0, own_form(), quiet)
        head = _head(filled)
        for row, (name, value) in enumerate(head, 2):
            sheet.write_string(row, 0, name)
            sheet.write_string(row, 1, value)
        _receipts(book, sheet, len(head) + 3)
        _compared(book, sheet, len(head) + 3, filled, paper)
    return out.getvalue()


def _receipts(book: Any, sheet: Any, top: int) -> None:
    """Empty lines with their sum under them; ``top`` is the row of the headings."""
    bold, money = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "#,##0.00"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    heads = [_("序号"), _("日期"), _("票据或合同编号"), _("对方单位"), _("内容"), _("金额（元）")]
    for column, name in enumerate(heads):
        sheet.write_string(top, column, name, bold)
    for at in range(1, LINES + 1):
        sheet.write_number(top + at, 0, at)
        sheet.write_blank(top + at, 1, None, day)
        sheet.write_blank(top + at, 5, None, money)
    sheet.write_string(top + LINES + 1, 4, _("合计"), bold)
    sheet.write_formula(top + LINES + 1, 5, f"=SUM(F{top + 2}:F{top + LINES + 1})", money, 0)
    sheet.freeze_panes(top + 1, 0)


def _compared(book: Any, sheet: Any, top: int, filled: Filled, paper: PaperNeed) -> None:
    """What is claimed, and how far the sum is from it, for each amount the paper proves."""
    money = book.add_format({"num_format": "#,##0.00"})
    by_name = {each.name: each for each in filled.fields}
    total = top + LINES + 2  # as a sheet counts, from 1
    for at, spec in enumerate(each for each in paper.facts if each.kind == "money"):
        row = total + 1 + 3 * at
        claimed = _fen(spec, by_name[spec.name])
        sheet.write_string(row, 4, _("申报：%(name)s") % {"name": named(spec)})
        sheet.write(row, 5, None if claimed is None else claimed / 100, money)
        sheet.write_string(row + 1, 4, _("合计与申报相差"))
        sheet.write_formula(row + 1, 5, f"=F{total}-F{row + 1}", money, -(claimed or 0) / 100)


def own_form() -> str:
    """What every form says of itself."""
    return _("本系统的表单，供整理材料使用，不是主管部门的制式文书。")


def _form(filled: Filled, title: str) -> dict[str, Any]:
    content = letter_of(filled.application, filled.application.number)
    return content | {"title": title, "to": "", "code": "", "sample": f"{own_form()} {content['sample']}".strip()}


def _signatures() -> list[str]:
    words = (_("单位（盖章）"), _("负责人"), _("日期"))
    return [_("%(what)s：%(blank)s") % {"what": each, "blank": BLANK} for each in words]


def _head(filled: Filled) -> list[tuple[str, str]]:
    application = filled.application
    company = application.organisation
    return [
        (_("申报单位"), (is_english() and company.name_en) or company.name),
        (_("统一社会信用代码"), company.uscc or BLANK),
        *subject_of(application),
        (_("打印日期"), str(clock.today())),
    ]


def _kind(paper: PaperNeed) -> str:
    return (is_english() and paper.en) or paper.kind


def _fen(spec: FactSpec, field: Field) -> int | None:
    return read(spec, field.value) if field.is_answered else None


def _shown(field: Field) -> str:
    """A value as people read it; a line to write on where there is none."""
    number = read(field.spec, field.value) if field.spec is not None and field.is_answered else None
    if field.spec is None or number is None:
        return BLANK
    if field.spec.kind == "money":
        return str(Money(number))
    return show(field.spec, number, "en" if is_english() else "zh")
