"""The plan's file and the command: read, refused with places named, planned, printed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from xiepai.config.cli import app
from xiepai.planning.shoot import planfile
from xiepai.planning.shoot.messages import PlanFileError

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SMALL = EXAMPLES / "plan" / "small.yaml"
IMPOSSIBLE = EXAMPLES / "plan" / "impossible.yaml"


def test_the_example_says_what_it_looks_like() -> None:
    problem = planfile.problem_of(planfile.load(SMALL.read_bytes()))
    assert (len(problem.days), len(problem.scenes), len(problem.people)) == (2, 10, 4)
    child = next(each for each in problem.people if each.id == "孩子")
    assert (child.is_minor, child.limit_minutes, child.latest) == (True, 480, 1320)
    ward = next(each for each in problem.places if each.id == "病房")
    assert ward.calendar is not None
    assert (ward.calendar[0][0].start, ward.calendar[1][0].start) == (780, 0)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("days: 2026-12-01\nscenes: [{id: a, minutes: x, place: p}]\nplaces: {p: {}}", "scenes[a].minutes"),
        ("days: 2026-12-01\nscenes: [{id: a, minutes: 5, place: p, cats: []}]\nplaces: {p: {}}", "scenes[a].cats"),
        ("days: 2026-12-01\nscenes: [{id: a, minutes: 5, place: q}]\nplaces: {p: {}}", "file"),
        ("days: tomorrow", "days"),
        ("scenes: [", "line 1"),
        ("- 1", "file"),
        ("days: 2026-12-01\nscenes: [{id: a, minutes: 5, place: p, time: noon}]\nplaces: {p: {}}", "scenes[a].time"),
    ],
)
def test_a_wrong_file_is_refused_where_it_is_wrong(text: str, where: str) -> None:
    with pytest.raises(PlanFileError) as caught:
        planfile.problem_of(planfile.load(text))
    assert where in [each.place("en") for each in caught.value.faults]


def test_the_command_prints_a_board_and_writes_a_workbook(tmp_path: Path) -> None:
    book = tmp_path / "plan.xlsx"
    done = CliRunner().invoke(app, ["plan", str(SMALL), "--rounds", "0", "--xlsx", str(book)])
    assert done.exit_code == 0, done.output
    assert "第1天 2026-12-01" in done.output
    assert "合计" in done.output
    assert book.stat().st_size > 4000


def test_the_command_plans_a_script_with_places() -> None:
    script, places = EXAMPLES / "scripts" / "demo-drama.txt", EXAMPLES / "plan" / "places.yaml"
    arguments = ["plan", str(script), "--places", str(places), "--days", "2026-12-01..2026-12-04", "--units", "2"]
    done = CliRunner().invoke(app, [*arguments, "--rounds", "0", "--json"])
    assert done.exit_code == 0, done.output
    plan = json.loads(done.output)
    assert (plan["status"], len(plan["plan"])) == ("feasible", 43)
    assert plan["violations"] == []
    assert sum(plan["terms_fen"].values()) == plan["cost_fen"]


def test_the_command_says_what_cannot_hold_together() -> None:
    done = CliRunner().invoke(
        app, ["plan", str(EXAMPLES / "plan" / "impossible.yaml"), "--rounds", "0", "--lang", "en"]
    )
    assert done.exit_code == 2
    assert "母亲's free days and hours" in done.output
    assert "1-2 is locked" in done.output
    assert "1-3" not in done.output.split("cannot hold together")[1]


def test_a_wrong_file_ends_with_one() -> None:
    done = CliRunner().invoke(app, ["plan", str(SMALL), "--days", "2026-13-01"])
    assert done.exit_code == 1
    assert "2026-13-01" in done.output


def test_ctrl_c_prints_the_best_so_far() -> None:
    """A real process, interrupted while it searches."""
    command = [sys.executable, "-m", "xiepai.config.cli", "plan", str(SMALL), "--seconds", "600"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline()  # a first plan stands
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "第1天 2026-12-01" in out
    assert "合计" in out
    assert "Traceback" not in err


def test_what_is_wrong_with_options_is_said_before_the_search(tmp_path: Path) -> None:
    far = CliRunner().invoke(app, ["plan", str(SMALL), "--xlsx", str(tmp_path / "none" / "x.xlsx")])
    assert far.exit_code == 2
    assert "--xlsx" in far.output
    strange = CliRunner().invoke(app, ["plan", str(SMALL), "--why", "9-9", "--seconds", "600"])
    assert strange.exit_code == 1
    assert "没有这一场：9-9" in strange.output


def test_json_holds_everything_that_was_asked() -> None:
    done = CliRunner().invoke(app, ["plan", str(SMALL), "--rounds", "0", "--json", "--why", "3-1", "--one-more-day"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert [each["date"] for each in found["why"]] == ["2026-12-02"]
    assert found["one_more_day"]["status"] in {"feasible", "optimal"}
    impossible = CliRunner().invoke(app, ["plan", str(IMPOSSIBLE), "--rounds", "0", "--json"])
    assert impossible.exit_code == 2
    assert len(json.loads(impossible.stdout)["conflict"]) == 3


def test_wishes_about_dates_are_read_of_scenes_and_of_whatever_is_shot_at_a_place() -> None:
    text = """
days: 2026-12-01..2026-12-03
places: {hall: {}, yard: {}}
scenes:
  - {id: a, minutes: 5, place: hall}
  - {id: b, minutes: 5, place: [yard, hall]}
  - {id: c, minutes: 5, place: yard}
wishes:
  - {only_on: a, dates: 2026-12-02..2026-12-03, yuan: 2}
  - {not_on: [], at: hall, dates: 2026-12-01}
"""
    one, other = planfile.problem_of(planfile.load(text)).wishes
    assert (one.scenes, [each.day for each in one.dates], one.weight_fen) == (("a",), [2, 3], 200)
    assert (other.scenes, [each.day for each in other.dates], other.about) == (("a", "b"), [1], "hall")
