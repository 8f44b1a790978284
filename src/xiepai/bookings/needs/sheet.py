"""From rows of cells to needs: which column is which, what is missing, and everything that is wrong at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import PurePath
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from xiepai.bookings.needs import words
from xiepai.bookings.needs.files import HEADING_ROWS, MAX_ROWS, Grid, read_grids
from xiepai.bookings.needs.model import NeedRow, RowProblem, Sheet
from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError

#: Without a first shooting day the sheet begins so many days from today.
DAYS_AHEAD = 7

#: Our name of a column, and the headings it is known by (compared without case, spaces and brackets).
HEADERS: dict[str, tuple[str, ...]] = {
    "words": (
        "场景/需求",
        "需求",
        "场景",
        "景",
        "主场景",
        "拍摄地点",
        "场地",
        "地点",
        "need",
        "set",
        "place",
        "location",
    ),
    "days": ("日期", "拍摄日期", "拍摄日", "天", "date", "day", "days", "shooting day"),
    "hours": ("时间", "时段", "拍摄时间", "time", "hours", "from-to"),
    "start": ("开始", "开始时间", "start", "from"),
    "end": ("结束", "结束时间", "end", "to", "until"),
    "length": ("时长", "小时", "小时数", "duration", "length"),
    "mood": ("气氛", "日/夜", "日夜", "mood", "day/night", "d/n"),
    "people": ("人数", "规模", "people", "crew", "headcount"),
    "sound": ("同期声", "同期", "录音", "sound", "sync sound"),
    "units": ("数量", "间数", "辆数", "quantity", "units", "count", "qty"),
    "day_count": ("天数", "连续天数", "number of days", "day count"),
    "daily": ("每天", "逐日", "each day", "daily"),
    "town": ("镇街", "区域", "town", "area"),
    "note": ("备注", "说明", "note", "notes", "remarks"),
    "priority": ("优先", "优先级", "priority"),
}
REQUIRED = ("words", "days")
_T = TypeVar("_T")
_D = TypeVar("_D")
_LONGEST_WORDS = 120
_LONGEST_NOTE = 500


def read_sheet(file_name: str, data: bytes, *, day_one: date | None = None) -> Sheet:
    """All needs of a file, or FILE_ROWS with every problem (``error.data["problems"]``: line, column, reason).

    *day_one* is what 第1天 means; without it the seventh day from today. FILE_TYPE, FILE_SIZE and
    FILE_UNREADABLE say that there is no table to read at all.
    """
    first = day_one or clock.today() + timedelta(days=DAYS_AHEAD)
    grids = read_grids(file_name, data)
    found = next((table for grid in grids if (table := find_table(grid))), None)
    if found is None:
        needed = "、".join(HEADERS[name][0] for name in REQUIRED)
        raise XiepaiError(
            ErrorCode.FILE_UNREADABLE, detail=_("没有找到表头；至少要有列：%(columns)s") % {"columns": needed}
        )
    needs, problems = found.read(day_one=first, today=clock.today())
    if not needs and not problems:
        raise XiepaiError(ErrorCode.FILE_UNREADABLE, detail=_("表头下面没有任何需求"))
    if problems:
        raise XiepaiError(
            ErrorCode.FILE_ROWS,
            count=len({problem.line for problem in problems}),
            problems=[problem.as_json() for problem in problems],
        )
    name = PurePath(file_name).name
    title = found.title or PurePath(name).stem
    return Sheet(title[:120], name[:200], hashlib.sha256(data).hexdigest(), first, tuple(needs), found.ignored)


def _bare(heading: Any) -> str:
    return re.sub(r"[\s()\[\]【】:*]|（.*?）|\(.*?\)", "", words.plain(heading).lower())


_KNOWN = {_bare(alias): name for name, aliases in HEADERS.items() for alias in aliases}


class Table:
    """A grid whose heading row was found."""

    def __init__(self, grid: Grid, at: int) -> None:
        headings = grid.rows[at][1]
        self.columns: dict[str, int] = {}
        self.headings: dict[str, str] = {}
        ignored = []
        for number, heading in enumerate(headings):
            name = _name_of(heading)
            if name and name not in self.columns:
                self.columns[name], self.headings[name] = number, words.plain(heading)
            elif words.plain(heading):
                ignored.append(words.plain(heading)[:40])
        self.ignored = tuple(ignored)
        self.rows = grid.rows[at + 1 :]
        above = [words.tidy(cell) for _line, row in grid.rows[:at] for cell in row if words.tidy(cell)]
        self.title = (
            above[0] if above else (grid.name if not re.fullmatch(r"(?i)sheet\d*|工作表\d*", grid.name) else "")
        )

    @classmethod
    def find(cls, grid: Grid) -> Table | None:
        """The table below the first row that names the required columns."""
        for at, (_line, row) in enumerate(grid.rows[:HEADING_ROWS]):
            if {name for cell in row if (name := _name_of(cell))}.issuperset(REQUIRED):
                return cls(grid, at)
        return None

    def read(self, *, day_one: date, today: date) -> tuple[list[NeedRow], list[RowProblem]]:
        """Every need that can be read and every problem of those that cannot."""
        if len(self.rows) > MAX_ROWS:
            limit = _("%(count)d 行") % {"count": MAX_ROWS}
            raise XiepaiError(ErrorCode.FILE_SIZE, size=_("%(count)d 行") % {"count": len(self.rows)}, limit=limit)
        needs: list[NeedRow] = []
        problems: list[RowProblem] = []
        for line, cells in self.rows:
            row = _Row(line, self._cells(cells), self.headings)
            need = row.read(day_one, today)
            problems += row.problems
            if need is not None:
                needs.append(need)
        return needs, problems

    def _cells(self, cells: tuple[Any, ...]) -> dict[str, Any]:
        return {name: cells[at] for name, at in self.columns.items() if at < len(cells)}


def find_table(grid: Grid) -> Table | None:
    """The table in a grid, if its heading names the required columns."""
    return Table.find(grid)


def _name_of(heading: Any) -> str | None:
    return _KNOWN.get(_bare(heading)) if isinstance(heading, str) else None


class _Row:
    """One row being read; collects its problems instead of stopping at the first."""

    def __init__(self, line: int, cells: dict[str, Any], headings: dict[str, str]) -> None:
        self.line, self.cells, self.headings = line, cells, headings
        self.problems: list[RowProblem] = []

    def _refuse(self, name: str, reason: str) -> None:
        column = self.headings.get(name, HEADERS[name][0])
        self.problems.append(RowProblem(self.line, column, reason))

    def _take(self, name: str, read: Callable[[Any], _T], default: _D) -> _T | _D:
        cell = self.cells.get(name)
        if words.plain(cell) == "":
            return default
        if isinstance(cell, dict | list):
            self._refuse(name, _("这里要写文字或数字"))
            return default
        try:
            return read(cell)
        except ValueError as error:
            self._refuse(name, str(error))
            return default

    def read(self, day_one: date, today: date) -> NeedRow | None:
        """The need, or ``None`` with at least one problem noted."""
        name = self._words()
        days = self._days(day_one, today)
        hours = self._hours()
        people = self._take("people", lambda cell: words.read_count(cell, most=100_000), None)
        sound_needed = self._take("sound", words.read_yes, False)
        units = self._take("units", lambda cell: words.read_count(cell, most=10_000), 1)
        town, note = self._text("town", 40), self._text("note", _LONGEST_NOTE)
        priority = self._take("priority", words.read_priority, 2)
        if self.problems or days is None or hours is None:
            return None
        first_days, day_count, is_daily = days
        start, end, minutes, mood = hours
        if day_count > 1 and not is_daily:
            if minutes is not None:
                self._refuse("length", _("连续多天请写时间，例如 14:00-12:00"))
                return None
            end -= 1440 if end > 1440 else 0
        return NeedRow(
            self.line,
            name,
            first_days,
            start,
            end,
            minutes,
            day_count,
            is_daily,
            mood,
            people,
            sound_needed,
            units,
            town,
            note,
            priority,
        )

    def _text(self, name: str, longest: int) -> str:
        text = self._take(name, words.tidy, "")
        if len(text) > longest:
            self._refuse(name, _("最多 %(count)d 个字") % {"count": longest})
        return text

    def _words(self) -> str:
        text = self._text("words", _LONGEST_WORDS)
        if not text and not self.problems:
            self._refuse("words", _("请写要什么场景或哪个场地"))
        return text

    def _days(self, day_one: date, today: date) -> tuple[tuple[date, ...], int, bool] | None:
        """The days it may begin on, how many days, and whether each day stands for itself."""
        before = len(self.problems)
        found = self._take("days", lambda cell: words.read_days(cell, day_one=day_one, today=today), None)
        count = self._take("day_count", lambda cell: words.read_count(cell, most=words.MAX_DAYS), None)
        is_daily = self._take("daily", words.read_yes, True)
        if found is None:
            if len(self.problems) == before:
                self._refuse("days", _("请写日期或第几天"))
            return None
        first, last = found
        span = (last - first).days + 1
        if count is not None and span > 1 and count > span:
            self._refuse("day_count", _("天数多于日期范围"))
            return None
        wanted = count or span
        starts = span - wanted + 1 if span > 1 else 1
        first_days = tuple(first + timedelta(days=number) for number in range(starts))
        if first_days[-1] < today:
            self._refuse("days", _("日期已经过去"))
            return None
        return first_days, wanted, is_daily

    def _hours(self) -> tuple[int, int, int | None, str] | None:
        """From, to, the length wanted within (or ``None`` for all of it), and the mood."""
        before = len(self.problems)
        mood_word = self._take("mood", words.read_mood, "")
        hours = self._take("hours", words.read_hours, "")
        length = self._take("length", words.read_length, None)
        start = self._take("start", words.read_clock, None)
        end = self._take("end", words.read_clock, None)
        if len(self.problems) > before:
            return None
        mood = words.PARTS[mood_word][0] if mood_word else ""
        part = hours if isinstance(hours, str) else ""
        if isinstance(hours, tuple):
            window = hours
        elif start is not None and (end is not None or length is not None):
            window = (start, start + length) if end is None and length else (start, end if end is not None else 0)
            window = (start, window[1] + 1440 if window[1] <= start else window[1])
        else:
            part = part or mood_word
            mood = mood or (words.PARTS[part][0] if part else "")
            window = words.window_of(part, mood, has_length=length is not None)
        if length is not None and length > window[1] - window[0]:
            self._refuse("length", _("时长超过所写的时段"))
            return None
        return window[0], window[1], None if length == window[1] - window[0] else length, mood
