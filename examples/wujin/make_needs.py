"""Write the example sheets again: one crew's needs as .xlsx, .csv and .json, and one that cannot all be met.

    python examples/wujin/make_needs.py [FOLDER]

Everything here is made up for the demo city: a five-day vertical drama with a crew of about forty. Days are counted
from the first shooting day, so that the files stay valid for ever. The same input gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import xlsxwriter

HEADINGS = ("需求", "日期", "时间", "时长", "气氛", "人数", "同期声", "数量", "天数", "每天", "优先", "备注")
WIDTHS = (24, 12, 18, 9, 7, 7, 9, 7, 7, 7, 8, 44)
TITLE = "《湖畔来信》样例短剧 · 需求表（5 天，约 40 人）"
TIGHT_TITLE = "《湖畔来信》样例短剧 · 补充需求（故意有不能满足的）"

Row = dict[str, str | int]


def row(what: str, day: str, hours: str = "", note: str = "", **more: str | int) -> Row:
    """One need; empty cells stay empty."""
    return {"需求": what, "日期": day, "时间": hours, **more, "备注": note}


NEEDS: list[Row] = [
    row("总裁办公室（黑金）", "第1天", "08:00-14:00", "A组：签约与摊牌，指定这一间", 气氛="日", 人数=25, 同期声="是"),
    row("会议室", "第1天", "14:00-20:00", "A组：董事会，三场连拍", 时长="4小时", 气氛="日", 人数=30, 同期声="是"),
    row("公司前台", "第1天", "13:00-17:00", "B组", 气氛="日", 人数=20, 同期声="是"),
    row("地下车库", "第1天", "20:00-次日02:00", "A组：跟踪戏，后期配音", 气氛="夜", 人数=30, 同期声="否"),
    row("病房", "第2天", "08:00-23:30", "A组：包天，可能超时", 气氛="日", 人数=15, 同期声="是"),
    row("急诊走廊", "第2天", "下午", "B组：推床戏", 时长="3小时", 人数=30, 同期声="是"),
    row("天台", "第2天", "", "B组：夜景对峙", 时长="5小时", 气氛="夜", 人数=25),
    row("审讯室", "第2-3天", "09:00-12:00", "B组：两天同一间", 人数=12, 同期声="是"),
    row("法庭", "第3天", "13:00-19:00", "B组：庭审，旁听席有群演", 人数=50, 同期声="是"),
    row("豪宅客厅", "第3-4天", "08:00-24:00", "A组：16 小时包天，留景", 人数=40, 同期声="是", 优先="必须"),
    row("豪宅主卧", "第3天", "20:00-02:00", "B组", 气氛="夜", 人数=15, 同期声="是"),
    row("千人大厅A+B区", "第4天", "09:00-23:00", "B组：订婚宴，大厅的两个分区", 人数=350, 同期声="是"),
    row("千人大厅C区", "第4天", "09:00-23:00", "同一大厅剩下的分区，群演候场", 人数=120),
    row("咖啡馆", "第5天", "上午", "A组", 时长="3小时", 人数=25, 同期声="是"),
    row("珠宝店", "第5天", "13:00-17:00", "A组", 人数=20, 同期声="是"),
    row("酒吧", "第5天", "18:00-24:00", "A组：杀青", 气氛="夜", 人数=30),
    row("绿幕棚", "第5天", "14:00-22:00", "B组：车内与回忆", 人数=30, 同期声="是"),
    row("日落沙滩", "第1-5天", "12:00-17:00", "外联组：哪天都行，拍黄昏", 人数=40, 天数=1),
    row("玻璃花房", "第1-5天", "10:00-16:00", "外联组：哪天都行", 人数=30, 同期声="是", 天数=1, 优先="尽量"),
    row("标准间", "第1-5天", "14:00-12:00", "剧组住宿，连住", 数量=20, 每天="否"),
    row("商务车", "第1-5天", "07:00-22:00", "接送", 数量=2, 每天="是"),
    row("短剧灯光套装", "第1-5天", "08:00-20:00", "每天领还", 数量=2, 每天="是"),
    row("群众演员", "第4天", "09:00-20:30", "订婚宴宾客", 数量=60),
    row("民国街", "第5天", "08:00-12:00", "外联组：回忆里的街，后期配音", 人数=40, 同期声="否"),
]

TIGHT: list[Row] = [
    row("御书房", "第1天", "08:00-20:00", "能满足的一项", 人数=20),
    row("皇后寝宫（朱红）", "第1天", "08:00-20:00", "甲组", 人数=20, 优先="必须"),
    row("皇后寝宫（朱红）", "第1天", "14:00-22:00", "乙组：同一间，同一天"),
    row("千人大厅", "第2天", "09:00-23:00", "整个大厅", 优先="必须"),
    row("千人大厅B区", "第2天", "09:00-23:00", "整个大厅的一部分"),
    row("日落沙滩", "第3天", "20:00-23:00", "景区夜里不开放"),
    row("法庭", "第3天", "", "人太多", 人数=300),
    row("群众演员", "第3天", "09:00-19:00", "人太多", 数量=400),
    row("火山口", "第3天", "", "没有这样的场地"),
]


def as_xlsx(rows: list[Row], title: str) -> bytes:
    """The sheet as a crew would keep it: a title, a heading that stays, notes wide enough to read."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"title": title, "created": datetime(2026, 1, 1, tzinfo=UTC)})
    sheet = book.add_worksheet("需求表")
    heading = book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1, "valign": "vcenter"})
    cell = book.add_format({"border": 1, "valign": "top", "text_wrap": True})
    sheet.write(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
    for column, (name, width) in enumerate(zip(HEADINGS, WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write(2, column, name, heading)
        for line, one in enumerate(rows, 3):
            sheet.write(line, column, one.get(name, ""), cell)
    sheet.freeze_panes(3, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    book.close()
    return out.getvalue()


def as_csv(rows: list[Row], title: str) -> bytes:
    """With a byte-order mark, so that spreadsheet programs read the Chinese."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([title])
    writer.writerow([])
    writer.writerow(HEADINGS)
    writer.writerows([one.get(name, "") for name in HEADINGS] for one in rows)
    return out.getvalue().encode("utf-8-sig")


def as_json(rows: list[Row], title: str) -> bytes:
    """Keys are the headings; empty cells are left out."""
    needs = [{name: one[name] for name in HEADINGS if one.get(name, "") != ""} for one in rows]
    return (json.dumps({"title": title, "needs": needs}, ensure_ascii=False, indent=1) + "\n").encode()


def write_all(folder: Path) -> None:
    """All four files."""
    (folder / "needs.xlsx").write_bytes(as_xlsx(NEEDS, TITLE))
    (folder / "needs.csv").write_bytes(as_csv(NEEDS, TITLE))
    (folder / "needs.json").write_bytes(as_json(NEEDS, TITLE))
    (folder / "needs-tight.xlsx").write_bytes(as_xlsx(TIGHT, TIGHT_TITLE))


if __name__ == "__main__":
    write_all(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
