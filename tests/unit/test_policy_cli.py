"""``xiepai policy``: tables people read, JSON with every node, mistakes with their place and exit code 1."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from xiepai.config.cli import app

pytestmark = pytest.mark.unit
ROOT = Path(__file__).parents[2]
WUJIN = str(ROOT / "policies" / "wujin-2025.yaml")
CASE = str(ROOT / "examples" / "policy" / "wujin-project.yaml")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["policy", *arguments], env={"COLUMNS": "140", "NO_COLOR": "1"}, prog_name="xiepai")


@pytest.mark.parametrize("arguments", [(), ("check",), ("evaluate",)])
def test_without_arguments_a_command_says_how_it_is_used(arguments: tuple[str, ...]) -> None:
    assert "Usage: xiepai policy" in run(*arguments).output


def test_checking_brings_no_engine_and_no_reader_of_documents() -> None:
    """Each costs up to a second at every start of the command."""
    heavy = ("numba", "duckdb", "docx", "openpyxl", "babel", "matplotlib", "numpy")
    text = "from typer.testing import CliRunner\nfrom xiepai.config.cli import app\nimport sys\n"
    text += f"assert CliRunner().invoke(app, ['policy', 'check', {WUJIN!r}]).exit_code == 0\n"
    text += f"print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_check_counts_what_it_looked_at() -> None:
    done = run("check", WUJIN)
    assert done.exit_code == 0, done.output
    assert "10 项措施" in done.output
    found = json.loads(run("check", WUJIN, "--json").output)[0]
    assert found["ok"]
    assert found["status"] == "partial"
    assert {"measure": "new_project", "fact": "investment"}.items() <= found["boundaries"][0].items()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_evaluate_explains_each_measure(language: str) -> None:
    done = run("evaluate", WUJIN, "--facts", CASE, "--on", "2025-06-01", "--lang", language)
    assert done.exit_code == 0, done.output
    said = done.output
    assert ("部分条文" if language == "zh" else "part of the text") in said
    assert ("10% × 12,340,000元" if language == "zh" else "10% × 12,340,000 yuan") in said
    assert ("下一个要问" if language == "zh" else "Ask next") in said
    assert ("假设" if language == "zh" else "Assumed") in said


def test_evaluate_prints_every_node_as_json() -> None:
    found = json.loads(run("evaluate", WUJIN, "--facts", CASE, "--json").output)
    assert found["award_fen"] is None
    assert found["measures"][0]["amount"] == {"low": 1234000000, "high": 1234000000, "den": 10, "text": "1,234,000元"}
    assert found["next_fact"]["name"] in {each["name"] for each in found["missing"]}


def test_a_literal_is_set_for_one_question() -> None:
    done = run("evaluate", WUJIN, "--facts", CASE, "--json", "--set", "new_project.at_most=80万元")
    assert json.loads(done.output)["measures"][0]["amount"]["text"] == "800,000元"
    wrong = run("evaluate", WUJIN, "--facts", CASE, "--set", "new_projct.at_most=80万元")
    assert wrong.exit_code == 1
    assert "unknown_path" in wrong.output


def test_a_mistake_in_facts_has_its_place(tmp_path: Path) -> None:
    case = tmp_path / "case.yaml"
    case.write_text("总投资: 6000000\ninvestmnt: 3元\n新建文化项目: 也许\n", encoding="utf-8")
    done = run("evaluate", WUJIN, "--facts", str(case))
    assert done.exit_code == 1
    assert f"{case}:1:6: fact_value" in done.output
    assert "6000000元" in done.output
    assert f"{case}:2:1: unknown_name" in done.output
    assert "investment" in done.output
    assert f"{case}:3:9: fact_value" in done.output


def test_a_missing_file_is_told_in_words(tmp_path: Path) -> None:
    done = run("check", str(tmp_path / "none.yaml"))
    assert done.exit_code == 1
    assert "unreadable" in done.output
