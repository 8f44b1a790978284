"""`xiepai book`: what it prints at any width, what it answers, and that it never cuts the arithmetic."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from tests.factories import make_organisation
from tests.studio import NOW, Studio, december, make_studio
from typer.testing import CliRunner, Result

from xiepai.bookings.models import Booking
from xiepai.config.cli import app
from xiepai.kernel import clock
from xiepai.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db
GOOD = "《武进样片》需求表,,,,,,\n\n需求,日期,时间,人数,数量,天数,每天\n病房,第1天,08:00-23:30,40,,,\n"
ROOMS = "标准间,第1天,14:00-12:00,,20,5,否\n"
MARS = "火星基地,第1天,,,,,\n"


@pytest.fixture(autouse=True)
def _december() -> Generator[None, None, None]:
    with december():
        yield


@pytest.fixture
def studio() -> Studio:
    return make_studio()


class Command:
    """The command as typed, on a file with some content."""

    def __init__(self, folder: Path, studio: Studio) -> None:
        self.folder, self.studio = folder, studio

    def __call__(self, text: str, *options: str, width: int = 120, name: str = "needs.csv") -> Result:
        file = self.folder / name
        file.write_text(text, encoding="utf-8")
        crew = [] if "--crew" in options else ["--crew", self.studio.crew.name]
        arguments = ["book", str(file), "--day1", "2026-12-07", *crew, *options]
        return CliRunner().invoke(app, arguments, env={"COLUMNS": str(width)})

    def json(self, text: str, *options: str) -> dict[str, Any]:
        return json.loads(self(text, "--json", *options).stdout)


@pytest.fixture
def book(tmp_path: Path, studio: Studio) -> Command:
    return Command(tmp_path, studio)


def squeezed(text: str) -> str:
    """Without spaces and line ends: what a reader reads, however it is wrapped."""
    return re.sub(r"[\s─━╶╴]", "", text)


@pytest.mark.parametrize("width", [80, 100, 120, 140, 200])
def test_it_fits_and_cuts_nothing(book, width) -> None:
    done = book(GOOD + ROOMS + MARS, "--partial", width=width)
    assert done.exit_code == 2, done.output
    assert max(cell_len(line) for line in done.stdout.splitlines()) <= width
    assert "…" not in done.stdout
    assert "\x1b" not in done.stdout
    cells = cells_of(done.stdout)
    assert "1天×¥1,000+2超时小时×¥100=¥1,200" in cells
    assert "4天×¥200×20=¥16,000" in cells
    for words in ("最早可用", "没有找到“火星基地”", "合计", "押金", "转场"):
        assert squeezed(words) in cells


def cells_of(output: str) -> str:
    """All columns of all tables, each read downwards, then the whole text: wrapped cells become whole."""
    lines = output.splitlines()
    found = [squeezed(output)]
    for at, line in enumerate(lines):
        if set(line.strip()) != {"─"}:
            continue
        starts = _starts(lines[at - 1])
        body = lines[at + 1 :]
        for start, end in zip(starts, [*starts[1:], 10_000], strict=True):
            found.append(squeezed("".join(_cut(row, start, end) for row in body)))
    return "\n".join(found)


def _starts(heading: str) -> list[int]:
    starts, position, was_space = [], 0, True
    for sign in heading:
        if sign != " " and was_space:
            starts.append(position)
        was_space = sign == " "
        position += cell_len(sign)
    return starts


def _cut(row: str, start: int, end: int) -> str:
    text, position = "", 0
    for sign in row:
        if start <= position < end:
            text += sign
        position += cell_len(sign)
    return text


def test_all_booked_is_zero_and_again_is_the_same(book) -> None:
    first = book(GOOD + ROOMS)
    assert first.exit_code == 0, first.output
    assert "2 项中 2 项已订" in first.stdout
    assert "《武进样片》需求表" in first.stdout
    again = book(GOOD + ROOMS)
    assert again.exit_code == 0
    assert "没有重复预订" in again.stdout
    assert Booking.objects.count() == 2
    assert set(AuditEntry.objects.filter(event__startswith="bookings.needs").values_list("source", flat=True)) == {
        "command"
    }


def test_all_or_nothing_is_two(book) -> None:
    done = book(GOOD + MARS)
    assert done.exit_code == 2
    assert "什么都没有预订：2 项中只有 1 项可满足" in done.stdout
    assert Booking.objects.count() == 0


def test_a_bad_file_is_one_and_says_every_row(book) -> None:
    done = book("需求,日期,人数\n病房,哪天,40\n,第1天,许多\n")
    assert done.exit_code == 1
    assert done.stdout == ""
    for words in ("第 2 行“日期”", "第 3 行“需求”", "第 3 行“人数”"):
        assert words in done.stderr
    assert book("x", name="needs.pdf").exit_code == 1
    data = book.json("需求,日期\n病房,哪天\n")
    assert data["error"] == "file_rows"
    assert data["problems"][0]["line"] == 2


def test_json_for_machines(book) -> None:
    data = book.json(GOOD + MARS, "--partial")
    assert data["is_booked"]
    met, unmet = data["needs"]
    assert met["spans"] == [["2026-12-07T08:00:00+08:00", "2026-12-07T23:30:00+08:00"]]
    assert met["price_fen"] == data["total_fen"] == 120_000
    assert met["bookings"] == [Booking.objects.get().code]
    assert unmet["outcome"] == "unmet"


def test_a_dry_run_books_nothing(book) -> None:
    done = book(GOOD, "--dry-run")
    assert done.exit_code == 0
    assert "试算，没有预订" in done.stdout
    assert Booking.objects.count() == 0


def test_the_crew_by_name_by_mail_or_the_only_one(book, studio) -> None:
    member = studio.crew.memberships.get().person
    assert book.json(GOOD, "--crew", member.email)["organisation"] == studio.crew.name
    assert book.json(GOOD, "--crew", "晨光")["organisation"] == studio.crew.name
    unknown = book(GOOD, "--crew", "nobody@example.org")
    assert unknown.exit_code == 1
    several = book(GOOD, "--crew", "没有的剧组")
    assert several.exit_code == 1
    assert "晨光剧组" in several.stderr
    assert book(GOOD, "--crew", "").exit_code == 1
    sample = make_organisation("crew", name="样例剧组", standing="sample")
    assert book.json(GOOD, "--crew", "")["organisation"] == sample.name


def test_without_a_day_the_first_run_decides(book, tmp_path, studio) -> None:
    file = tmp_path / "n.csv"
    file.write_text(GOOD, encoding="utf-8")
    command = ["book", str(file), "--crew", studio.crew.name, "--json"]
    first = json.loads(CliRunner().invoke(app, command).stdout)
    assert first["day_one"] == "2026-12-08"
    with clock.frozen(NOW + timedelta(days=3)):
        again = json.loads(CliRunner().invoke(app, command).stdout)
    assert again["is_repeat"]
    assert again["day_one"] == "2026-12-08"
    with clock.frozen(NOW + timedelta(days=8)):
        later = json.loads(CliRunner().invoke(app, command).stdout)
    assert not later["is_repeat"]
    assert later["day_one"] == "2026-12-16"


def test_in_english(book) -> None:
    done = book(GOOD, "--dry-run", "--lang", "en")
    assert done.exit_code == 0
    assert book(GOOD, "--lang", "fr").exit_code == 2
