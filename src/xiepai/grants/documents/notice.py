"""The public notice on paper: the same lines as on the page, identifiers masked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from xiepai.grants.models import NoticeItem, PublicNotice, RecordStanding
from xiepai.grants.wording import is_english, named
from xiepai.kernel import clock
from xiepai.kernel.money import Money
from xiepai.kernel.printing import pdf_of

TEMPLATE = Path(__file__).with_name("notice.typ")


def notice_pdf(notice: PublicNotice) -> bytes:
    """The PDF."""
    return pdf_of(TEMPLATE, _content(notice))


def measures_said(item: NoticeItem) -> str:
    """The measures of a line in the reader's language."""
    return (", " if is_english() else "、").join(named(each) for each in item.measures)


def _content(notice: PublicNotice) -> dict[str, Any]:
    items = list(notice.items.all())
    total = sum(item.amount_fen for item in items)
    return {
        "lang": (get_language() or "zh")[:2],
        "title": (notice.title_en or notice.title) if is_english() else notice.title,
        "number": notice.number,
        "sample": _("样例：本公示为演示编写。") if notice.programme.standing == RecordStanding.SAMPLE else "",
        "text": notice.text,
        "term": _("公示期 %(n)s 个工作日：%(first)s 至 %(last)s") % {
            "n": notice.working_days, "first": notice.opens_on or "—", "last": notice.closes_on or "—",
        },
        "contact": notice.contact and _("异议受理：%(contact)s") % {"contact": notice.contact},
        "columns": [_("序号"), _("申报单位"), _("代码"), _("作品"), _("政策条目"), _("拟奖补金额")],
        "lines": [
            [
                str(item.position), item.applicant, item.identifier, item.subject, measures_said(item),
                str(Money(item.amount_fen)),
            ]
            for item in items
        ],
        "total": [_("合计"), str(Money(total))],
        "footer": f"{notice.number} · {clock.local(clock.now()):%Y-%m-%d %H:%M}",
    }  # fmt: skip
