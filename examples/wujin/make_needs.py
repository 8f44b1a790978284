"""Writes the example sheets of needs: ``python examples/wujin/make_needs.py``. All content is a sample."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import xlsxwriter

HERE = Path(__file__).parent
COLUMNS = ["需求", "日期", "时间", "时长", "气氛", "人数", "同期声", "数量", "备注"]
MET = [
    ("总裁办公室", "第1天", "08:00-12:00", "", "日", "30", "是", "", "第1–4集 谈判"),
    ("会议室", "第1天", "13:00-17:00", "", "日", "35", "是", "", "董事会"),
    ("公司前台", "第1天", "", "2小时", "日", "25", "", "", "入职"),
    ("地下车库", "第1天", "20:00-23:00", "", "夜", "30", "", "", "跟踪"),
    ("医院病房", "第2天", "08:00-12:00", "", "日", "15", "是", "", "母亲住院"),
    ("审讯室", "第2天", "", "3小时", "日", "12", "是", "", "第12集"),
    ("法庭", "第2天", "14:00-18:00", "", "日", "30", "是", "", "庭审"),
    ("天台", "第2天", "18:00-20:00", "", "日", "25", "", "", "黄昏对峙"),
    ("酒吧", "第3天", "20:00-24:00", "", "夜", "30", "", "", "重逢"),
    ("咖啡馆", "第3天", "09:00-12:00", "", "日", "20", "是", "", "相亲"),
    ("直播间", "第3天", "", "3小时", "日", "10", "是", "", "带货翻车"),
    ("豪宅客厅", "第4天", "08:00-20:00", "", "日", "30", "是", "", "家宴，包天"),
    ("教室", "第5天", "09:00-12:00", "", "日", "30", "是", "", "回忆"),
    ("新闻演播室", "第5天", "13:00-16:00", "", "日", "20", "是", "", "大结局采访"),
]
TIGHT = [
    *MET[:3],
    ("总裁办公室", "第1天", "08:00-12:00", "", "日", "500", "是", "", "要容纳500人：没有这样的场景"),
    ("太空舱酒店", "第2天", "08:00-12:00", "", "日", "20", "", "", "没有这种场景"),
]


def write(name: str, rows: list[tuple[str, ...]], title: str) -> None:
    """The same rows as .xlsx, .csv and .json."""
    book = xlsxwriter.Workbook(HERE / f"{name}.xlsx")
    sheet = book.add_worksheet("需求表")
    bold = book.add_format({"bold": True})
    sheet.set_column(0, len(COLUMNS), 14)
    sheet.write_string(0, 0, title, bold)
    for column, word in enumerate(COLUMNS):
        sheet.write_string(1, column, word, bold)
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row):
            sheet.write_string(number, column, value)
    book.close()
    with (HERE / f"{name}.csv").open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    needs = [{key: value for key, value in zip(COLUMNS, row, strict=True) if value} for row in rows]
    content = {"title": title, "needs": needs}
    (HERE / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write("needs", MET, "《样例短剧》需求表（样例）")
    write("needs-tight", TIGHT, "《样例短剧》需求表（样例，有两项满足不了）")
