"""The plan's file and the command: read, refused with places named, planned, printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from xiepai.config.cli import app
from xiepai.planning.shoot import planfile
from xiepai.planning.shoot.planfile import PlanFileError

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SMALL = EXAMPLES / "plan" / "small.yaml"


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
    assert where in [place for place, _ in caught.value.faults]


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
