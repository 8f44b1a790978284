"""A selection as a workbook to pass round: its places in order, what a crew compares, and the notes."""

from __future__ import annotations

from typing import BinaryIO

import xlsxwriter
from django.utils.translation import gettext as _

from xiepai.kernel import clock
from xiepai.places.selections import Selected, SelectionView
from xiepai.places.terms import terms_of

Labels = dict[str, dict[str, str]]
_WIDTHS = (6, 14, 30, 16, 14, 10, 12, 10, 10, 14, 14, 14, 26, 40, 12)


def write_selection(out: BinaryIO, view: SelectionView, labels: Labels) -> None:
    """Write the workbook; texts are written as texts, so that none is run as a formula."""
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bg_color": "#E2EFF1", "text_wrap": True, "valign": "top"})
    body = book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet(_("选景单"))
    for column, (title, width) in enumerate(zip(_titles(), _WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, head)
    for line, item in enumerate(view.items, 1):
        for column, value in enumerate(_cells(line, item, labels)):
            if isinstance(value, float):
                sheet.write_number(line, column, value, body)
            else:
                sheet.write_string(line, column, value, body)
    sheet.freeze_panes(1, 3)
    book.set_properties({"title": view.selection.name, "comments": view.selection.note})
    book.close()


def _titles() -> tuple[str, ...]:
    return (
        _("次序"), _("编号"), _("名称"), _("类别"), _("镇街"), _("容纳人数"), _("面积（平方米）"), _("净高（米）"),
        _("供电（千瓦）"), _("同期声"), _("每小时（元）"), _("每天（元）"), _("限制"), _("备注"), _("资料性质"),
    )  # fmt: skip


def _cells(line: int, item: Selected, labels: Labels) -> tuple[str | float, ...]:
    place = item.place
    tariff = terms_of(place.pk).tariff_on(clock.today())
    hour, day = (None, None) if tariff is None else (tariff.hour_fen, tariff.day_fen)
    return (
        float(line),
        place.code,
        place.name,
        "、".join(labels["category"].get(code, code) for code in place.categories),
        labels["town"].get(place.town, place.town),
        _number(place.people_max),
        _number(place.area_m2),
        _number(place.ceiling_m),
        _number(place.power_kw),
        str(place.get_sound_display()),
        _("免费") if tariff is not None and tariff.is_free else _number(hour / 100 if hour else None),
        _number(day / 100 if day else None),
        "、".join(labels["restriction"].get(code, code) for code in place.restrictions),
        item.note,
        str(place.get_standing_display()),
    )


def _number(value: object) -> str | float:
    return "" if value is None else float(value)  # type: ignore[arg-type]
