"""``xiepai script breakdown``: a table people read, JSON, a 场景表, and mistakes with exit code 1."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from openpyxl import load_workbook
from typer.testing import CliRunner

from xiepai.config.cli import app
from xiepai.script import Mark, Side, Time
from xiepai.script.naming import WORDS

pytestmark = pytest.mark.unit
SCRIPT = """第一集
1-1 日 外 孟河老街-桥头
人物：苏晚、陆沉、路人若干
△细雨打湿了她的长发。
苏晚：我回来了。
1-2 夜内苏家客厅
△王姨端着一碗豆花走来。
1-4 夜 外 老街
△空无一人。
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    (tmp_path / "剧本.txt").write_text(SCRIPT, encoding="gb18030")
    return tmp_path / "剧本.txt"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(
        app, ["script", *map(str, arguments)], env={"COLUMNS": "120", "NO_COLOR": "1"}, prog_name="xiepai"
    )


def test_the_table_shows_scenes_totals_and_warnings_with_lines(script: Path) -> None:
    done = run("breakdown", script)
    assert done.exit_code == 0, done.output
    for words in (
        "1 集",
        "3 场",
        "孟河老街-桥头",
        "苏晚、陆沉＋路人若干",
        "雨 1：1-1",
        "第 8 行：场号从 1-2 跳到 1-4",
        "夜间街道",
    ):
        assert words in done.output
    assert "第 8 行：没有人物" in done.output


def test_english(script: Path) -> None:
    done = run("breakdown", script, "--lang", "en")
    assert done.exit_code == 0, done.output
    for words in (
        "3 scenes",
        "By place",
        "Special marks",
        "line 8: scene numbers jump from 1-2 to 1-4",
        "street at night",
    ):
        assert words in done.output


def test_json_has_every_scene_with_line_and_confidence(script: Path) -> None:
    found = json.loads(run("breakdown", script, "--json").output)
    assert found["ok"]
    assert found["encoding"] == "gb18030"
    assert [(each["key"], each["line"], each["confidence"]) for each in found["scenes"]] == [
        ("1-1", 2, 100),
        ("1-2", 6, 90),
        ("1-4", 8, 90),
    ]
    assert {"code": "number_skipped", "line": 8}.items() <= found["problems"][-1].items()


def test_a_scene_list_for_excel(script: Path, tmp_path: Path) -> None:
    assert run("breakdown", script, "--xlsx", tmp_path / "场景表.xlsx").exit_code == 0
    sheet = load_workbook(tmp_path / "场景表.xlsx").active
    assert sheet is not None
    rows = list(sheet.values)
    assert rows[0][:5] == ("集", "场", "特殊提醒", "气氛", "内外景")
    assert [row[1] for row in rows[1:]] == ["1", "2", "4"]
    assert rows[1][rows[0].index("苏晚")] == "√"
    run("breakdown", script, "--xlsx", tmp_path / "场景表.csv")
    assert (tmp_path / "场景表.csv").read_text(encoding="utf-8-sig").splitlines()[1].startswith("1,1,")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_cannot_be_read_is_said_without_a_traceback(language: str, tmp_path: Path) -> None:
    bad = tmp_path / "剧本.doc"
    bad.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    done = run("breakdown", bad, "--lang", language)
    assert done.exit_code == 1
    assert ".docx" in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    told = json.loads(run("breakdown", bad, "--json").output)
    assert told["errors"][0]["code"] == "old_word"
    assert run("breakdown", tmp_path / "fehlt.txt", "--lang", language).exit_code == 1


def test_every_value_has_words_in_both_languages() -> None:
    assert set(WORDS) == {*Time, *Side, *Mark}
