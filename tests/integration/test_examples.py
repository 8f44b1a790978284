"""The example sheets: written by their script, alike in three formats, met by the demo city on any weekday."""

from __future__ import annotations

import importlib.util
import sys
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType

import pytest
from django.core.management import call_command
from typer.testing import CliRunner

from xiepai.bookings.booking_job import book_needs
from xiepai.bookings.models import Booking, BookingState
from xiepai.bookings.needs import Sheet, read_sheet
from xiepai.bookings.selectors import overlaps_in_database
from xiepai.config.cli import app
from xiepai.kernel import clock
from xiepai.parties.access import actor_of
from xiepai.parties.models import Person

FOLDER = Path(__file__).parents[2] / "examples" / "wujin"
DAY_ONE = date(2027, 3, 1)


def sheet(name: str, folder: Path = FOLDER, day_one: date = DAY_ONE) -> Sheet:
    return read_sheet(name, (folder / name).read_bytes(), day_one=day_one)


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_needs", FOLDER / "make_needs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_needs"] = module
    spec.loader.exec_module(module)
    return module


def test_the_files_are_what_the_script_writes(tmp_path) -> None:
    script().write_all(tmp_path)
    for name in ("needs.xlsx", "needs-tight.xlsx"):
        assert sheet(name, tmp_path).needs == sheet(name).needs
    for name in ("needs.csv", "needs.json"):
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes()


def test_three_formats_say_the_same() -> None:
    wanted = [need.as_json() | {"line": 0} for need in sheet("needs.xlsx").needs]
    assert len(wanted) == 24
    for name in ("needs.csv", "needs.json"):
        other = sheet(name)
        assert [need.as_json() | {"line": 0} for need in other.needs] == wanted
        assert other.title == sheet("needs.xlsx").title


@pytest.mark.slow
@pytest.mark.django_db
def test_the_demo_city_meets_them() -> None:
    """As `make demo` does it, then on every weekday; the tight sheet says why not and when."""
    call_command("load_demo_city", accounts=True, verbosity=0)
    done = CliRunner().invoke(app, ["book", str(FOLDER / "needs.xlsx")])
    assert done.exit_code == 0, done.output
    assert "24 项中 24 项已订" in done.stdout
    states = set(Booking.objects.values_list("state", flat=True))
    assert states == {BookingState.CONFIRMED, BookingState.REQUESTED}
    assert overlaps_in_database() == 0
    tight = CliRunner().invoke(app, ["book", str(FOLDER / "needs-tight.xlsx"), "--partial"])
    assert tight.exit_code == 2, tight.output
    assert "最早可用" in tight.stdout
    assert "9 项中 3 项已订" in tight.stdout
    actor = actor_of(Person.objects.get(email="scheduler@demo.xiepai"))
    (crew,) = actor.organisations()
    for later in range(7):
        day = clock.today() + timedelta(days=40 + later)
        result = book_needs(actor=actor, organisation_id=crew, sheet=sheet("needs.xlsx", day_one=day), dry_run=True)
        assert not result.unmet, f"{day:%A}: {[(one.need.words, one.why) for one in result.unmet]}"
