"""The estimate to take along: on paper (typst) and as rows of a sheet. What was computed is only laid out here."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import segno
from django.utils.translation import gettext as _

from xiepai.kernel import clock
from xiepai.kernel.printing import pdf_of
from xiepai.web import formats
from xiepai.web.spreadsheets import yuan

TEMPLATE = Path(__file__).with_name("take_along.typ")
QR_LONGEST = 1_800  # more and phones no longer read it


def pdf(told: dict[str, Any], address: str, disclaimer: str) -> bytes:
    """The PDF; texts go in as data, never as markup."""
    return pdf_of(TEMPLATE, _content(told, address, disclaimer))


def code(address: str) -> str:
    """The address as a picture to photograph (SVG); nothing where it is too long for one that phones read."""
    if len(address) > QR_LONGEST:
        return ""
    out = io.BytesIO()
    made = segno.make(address, error="l", micro=False, mask=3)  # trying every mask takes longer than the page
    made.save(out, kind="svg", border=2, light="#fff", xmldecl=False)
    return out.getvalue().decode()


def _content(told: dict[str, Any], address: str, disclaimer: str) -> dict[str, Any]:
    return {
        "lang": "en" if formats.is_english() else "zh",
        "title": _("能拿多少：估算"),
        "subtitle": _("按 %(day)s 计算") % {"day": told["on"]},
        "disclaimer": disclaimer,
        "address": address,
        "qr": code(address),
        "words": {
            "answers": _("已答"),
            "assumed": _("假设"),
            "source": _("来源"),
            "together": _("合并与限额"),
            "outside": _("不在有效期内，按 %(day)s 的条款计算"),
            "none": _("还没有回答问题；下面是各条可能的范围。"),
        },
        "answers": [[each["label"], each["read"] or each["given"]] for each in told["answers"]],
        "cities": told["cities"],
        "footer": f"{_('协拍')} · {clock.local(clock.now()):%Y-%m-%d %H:%M}",
    }


def rows(told: dict[str, Any]) -> Iterator[list[Any]]:
    """The clauses of all cities as rows, amounts in yuan; the last row of a city is its sum."""
    yield [*_head_of_rows()]
    for city in told["cities"]:
        head = [city["name"], city["policy"], city["status_text"], city["on"]]
        for stage in city["stages"]:
            for each in stage["measures"]:
                conditions = "; ".join(f"{item['mark']} {item['text']}" for item in each["conditions"])
                assumed = "; ".join(f"{item['value']}: {item['reason']}" for item in each["assumed"])
                yield [
                    *head, stage["name"], each["clause"], each["label"], each["mark"], yuan(each["low_fen"]),
                    yuan(each["high_fen"]), each["figures"], conditions, "; ".join(each["changes"]), assumed,
                    city["source"],
                ]  # fmt: skip
        joined = "; ".join(f"{each['said']}: {each['before']} → {each['after']}" for each in city["steps"])
        assumed = "; ".join(each["assumed"] for each in city["steps"] if each["assumed"])
        yield [
            *head, _("合计"), "", "", "", yuan(city["low_fen"]), yuan(city["high_fen"]), city["text"], "", joined,
            assumed, city["source"],
        ]  # fmt: skip


def _head_of_rows() -> list[str]:
    where = [_("城市"), _("政策"), _("文本状态"), _("计算日期"), _("环节"), _("条款"), _("措施"), _("符合")]
    how = [_("算式"), _("条件"), _("上限与取整"), _("假设"), _("来源")]
    return [*where, _("最少（元）"), _("最多（元）"), *how]
