"""Every fault of a plan's file and of a problem: named by its place, said in both languages, each code raised once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from xiepai.config.cli import app
from xiepai.planning.shoot import (
    Candidate,
    CrowdKind,
    Day,
    Extras,
    Limits,
    Lock,
    Person,
    Place,
    Placement,
    Problem,
    Scene,
    Tariff,
    Travel,
    Unit,
    Weights,
    Window,
    Wish,
    WishKind,
    planfile,
)
from xiepai.planning.shoot.messages import TEXTS, WORDS, Code, Fault, PlanFileError, ShootError

CHINESE = re.compile(r"[\u4e00-\u9fff]")
HEAD = "days: 2026-12-01..2026-12-02\nplaces: {p: {}}\n"
SOUND = HEAD + "scenes: [{id: a, minutes: 5, place: p}]\n"


def scene(more: str) -> str:
    return f"{HEAD}scenes: [{{id: a, minutes: 5, place: p, {more}}}]"


FILES: dict[Code, tuple[str, str]] = {
    Code.SYNTAX: ("scenes: [", ""),
    Code.NOT_A_PLAN: ("- 1", ""),
    Code.DAYS_FORM: ("days: tomorrow", "days"),
    Code.DAYS_COUNT: ("days: 2026-12-03..2026-12-01", "days"),
    Code.NO_DAYS: ("scenes: []", "days"),
    Code.NO_SCENES: (HEAD, "scenes"),
    Code.NO_ID: (HEAD + "scenes: [{minutes: 5, place: p}]", "scenes[0].id"),
    Code.NUMBER: (scene("eighths: many"), "scenes[a].eighths"),
    Code.NAMES: (scene("cast: {x: 1}"), "scenes[a].cast"),
    Code.ONE_OF: (scene("time: noon"), "scenes[a].time"),
    Code.HOURS: (SOUND + "units: {A: {hours: all}}", "units[A].hours"),
    Code.HOUR: (SOUND + "people: {x: {latest: late}}", "people[x].latest"),
    Code.UNKNOWN_KEY: (scene("cats: 1"), "scenes[a].cats"),
    Code.LIST: (HEAD + "scenes: 7", "scenes"),
    Code.MAPPING: (SOUND + "people: {x: 7}", "people[x]"),
    Code.DATE: (SOUND + "due: soon", "due"),
    Code.NOT_A_DAY: (SOUND + "locks: [{scene: a, day: 2027-01-01}]", "locks[0].day"),
    Code.BETWEEN: (SOUND + "travel: {between: [[x, y]]}", "travel.between"),
    Code.CROWD: (scene("crowd: many"), "scenes[a].crowd"),
    Code.NOTHING_AT: (SOUND + "wishes: [{only_on: [], at: q, dates: 2026-12-01}]", "wishes[0].at"),
    Code.HEADS: (scene("crowd: -3"), "scenes[a]"),
    Code.SCENE_MINUTES: (HEAD + "scenes: [{id: a, place: p}]", "scenes[a]"),
    Code.SCENE_NOWHERE: (HEAD + "scenes: [{id: a, minutes: 5}]", "scenes[a]"),
    Code.SCENE_TWICE: (scene("cast: [x, x]"), "scenes[a]"),
    Code.SHORT_DAY: (SOUND.replace("p: {}", "p: {day_hours: 0.5}"), "places[p]"),
    Code.SETUP: (SOUND.replace("p: {}", "p: {setup: 800}"), "places[p]"),
    Code.WAITING_FEE: (SOUND + "people: {x: {day_yuan: 1, wait_yuan: 2}}", "people[x]"),
    Code.PERSON_MINUTES: (SOUND + "people: {x: {makeup: 800}}", "people[x]"),
    Code.PERSON_LIMITS: (SOUND + "people: {x: {limit_hours: 0}}", "people[x]"),
    Code.UNIT_HOURS: (SOUND + "units: {A: {day_hours: 14, most_hours: 10}}", "units[A]"),
    Code.UNIT_MONEY: (SOUND + "units: {A: {rest_hours: 20}}", "units[A]"),
    Code.CROWD_MONEY: (SOUND + "crowds: {x: {day_hours: 0}}", "crowds[x]"),
    Code.NO_SUN: (SOUND + "location: {latitude: 89}", "location"),
    Code.WISH_ONE: (SOUND + "wishes: [{not_first: [a, b]}]", "wishes[0]"),
    Code.WISH_TWO: (SOUND + "wishes: [{before: [a]}]", "wishes[0]"),
    Code.WISH_SCENES: (SOUND + "wishes: [{only_on: [], dates: 2026-12-01}]", "wishes[0]"),
    Code.WISH_DATES: (SOUND + "wishes: [{not_on: a}]", "wishes[0]"),
    Code.WISH_NO_DATES: (SOUND + "wishes: [{not_first: a, dates: 2026-12-01}]", "wishes[0]"),
    Code.TWICE: (HEAD + "scenes: [{id: a, minutes: 5, place: p}, {id: a, minutes: 5, place: p}]", ""),
    Code.SCENE_UNKNOWN: (SOUND.replace("place: p", "place: q"), ""),
    Code.WISH_UNKNOWN: (SOUND + "wishes: [{not_first: z}]", ""),
    Code.LOCK_UNKNOWN: (SOUND + "locks: [{scene: a, unit: Z}]", ""),
    Code.LOCK_PLACE: (SOUND + "locks: [{scene: a, place: q}]", ""),
    Code.CALENDAR_ORDER: (
        SOUND.replace("p: {}", 'p: {dates: {2026-12-01: "08:00-12:00,09:00-10:00"}}'), "",
    ),
}  # fmt: skip


def problem(**more: Any) -> Problem:
    parts: dict[str, Any] = {
        "days": (Day(date(2026, 12, 1)),), "units": (Unit("A"),), "places": (Place("p"),),
        "scenes": (Scene("a", 5, (Candidate("p"),)),),
    }  # fmt: skip
    return Problem(**{**parts, **more})


VALUES: dict[Code, Callable[[], object]] = {
    Code.WINDOW: lambda: Window(600, 500),
    Code.HEADS: lambda: Extras("x", 0),
    Code.PENALTY: lambda: Candidate("p", -1),
    Code.PRICE: lambda: Tariff(hour_fen=-1),
    Code.SUN_ORDER: lambda: Day(date(2026, 12, 1), 900, 800),
    Code.WISH_PRICE: lambda: Wish(WishKind.NOT_FIRST, ("a",), -1),
    Code.CROWD_MONEY: lambda: CrowdKind("x", day_fen=-1),
    Code.WEIGHT: lambda: Weights(set_move_fen=-1),
    Code.TRAVEL: lambda: Travel(inside_minutes=-1),
    Code.LIMIT: lambda: Limits(seconds=0),
    Code.NO_DAY_OR_UNIT: lambda: problem(units=()),
    Code.DAYS_ORDER: lambda: problem(days=(Day(date(2026, 12, 2)), Day(date(2026, 12, 1)))),
    Code.DAY_UNIT: lambda: problem(days=(Day(date(2026, 12, 1), locked=frozenset({"Z"})),)),
    Code.LOCK_DAY: lambda: problem(locks=(Lock("a", day=3),)),
    Code.FIXED_UNKNOWN: lambda: problem(fixed=(Placement(0, "A", 480, "z", "p"),)),
    Code.FIXED_DAY: lambda: problem(fixed=(Placement(0, "A", 480, "a", "p"),)),
    Code.CALENDAR_DAYS: lambda: problem(people=(Person("x", calendar=((), ())),)),
}
ELSEWHERE = {Code.ENCODING, Code.NO_SUCH_SCENE, Code.SCRIPT}


def test_every_code_has_both_texts_with_the_same_places_for_data() -> None:
    assert set(TEXTS) == set(Code)
    for code, (zh, en) in TEXTS.items():
        used = [set(re.findall(r"{(\w+)}", text)) for text in (zh, en)]
        if code not in (Code.SYNTAX, Code.SCRIPT):  # what YAML says is English, a script's reader says both
            assert used[0] == used[1], code
        assert CHINESE.search(zh) or code is Code.SCRIPT
        assert not CHINESE.search(en), code
    assert all(CHINESE.search(zh) and not CHINESE.search(en) for zh, en in WORDS.values())


def test_every_code_is_raised_by_a_test_of_this_file() -> None:
    assert {*FILES, *VALUES, *ELSEWHERE} == set(Code)


@pytest.mark.parametrize("code", FILES)
def test_a_fault_of_a_file_is_placed_and_said_in_both_languages(code: Code) -> None:
    text, where = FILES[code]
    with pytest.raises(PlanFileError) as caught:
        planfile.problem_of(planfile.load(text))
    found = [each for each in caught.value.faults if each.code is code]
    assert [each.where for each in found] == [where]
    assert CHINESE.search(found[0].message("zh"))
    assert code is Code.ONE_OF or not CHINESE.search(found[0].message("en"))  # the words of the file are both


@pytest.mark.parametrize("code", VALUES)
def test_a_value_that_cannot_be_says_why(code: Code) -> None:
    with pytest.raises(ShootError) as caught:
        VALUES[code]()
    assert caught.value.code is code
    assert "{" not in str(caught.value)


def test_several_faults_are_told_at_once_and_by_line_where_the_file_is_no_yaml() -> None:
    with pytest.raises(PlanFileError) as caught:
        planfile.problem_of(planfile.load(scene("eighths: many, cats: 1") + "\ndue: soon"))
    assert [each.code for each in caught.value.faults] == [Code.NUMBER, Code.UNKNOWN_KEY, Code.DATE]
    with pytest.raises(PlanFileError) as caught:
        planfile.problem_of(planfile.load(HEAD + "scenes: [{id: a, minutes: x, place: p}]"))
    assert [each.code for each in caught.value.faults] == [Code.NUMBER], "that no minutes are left is no second fault"
    with pytest.raises(PlanFileError) as caught:
        planfile.load("days: 1\nscenes: {a: b: c}\n")
    assert [(each.place("zh"), each.place("en")) for each in caught.value.faults] == [("第 2 行", "line 2")]
    with pytest.raises(PlanFileError) as caught:
        planfile.load(b"title: \xff\xfe")
    assert caught.value.faults == [Fault("", Code.ENCODING)]


@pytest.mark.parametrize(("lang", "said"), [("zh", "scenes[a].time：“noon”不行"), ("en", "scenes[a].time: 'noon'")])
def test_the_command_tells_faults_in_the_language_asked_for(tmp_path: Path, lang: str, said: str) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(scene("time: noon"), encoding="utf-8")
    done = CliRunner().invoke(app, ["plan", str(file), "--lang", lang])
    assert done.exit_code == 1
    assert said in done.output
    script = tmp_path / "script.doc"
    script.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    done = CliRunner().invoke(app, ["plan", str(script), "--lang", lang])
    assert done.exit_code == 1
    assert ("旧版 Word" if lang == "zh" else "old Word file") in done.output
    file.write_text(SOUND, encoding="utf-8")
    done = CliRunner().invoke(app, ["plan", str(file), "--why", "9-9", "--lang", lang])
    assert done.exit_code == 1
    assert ("没有这一场：9-9（有 a …）" if lang == "zh" else "no scene 9-9; there are a …") in done.output
