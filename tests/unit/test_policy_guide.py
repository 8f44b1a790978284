"""What the guide teaches works: its file is accepted, its mistake is answered as shown, every shape has an example."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from xiepai import policy
from xiepai.config.cli import app

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs/guide/policy.md").read_text(encoding="utf-8")
LESSON = re.search(r"```yaml\n(policy: .*?)```", GUIDE, re.DOTALL)


def checked(path: Path) -> str:
    return CliRunner().invoke(app, ["policy", "check", str(path)], env={"COLUMNS": "160"}).output


def test_the_lessons_file_is_accepted_and_its_mistake_answered(tmp_path: Path) -> None:
    assert LESSON
    path = tmp_path / "datong.yaml"
    path.write_text(LESSON[1], encoding="utf-8")
    assert checked(path).startswith("✓")
    path.write_text(LESSON[1].replace("at_most: 100万元", "at_most: 100"), encoding="utf-8")
    shown = re.search(r"```\ndatong\.yaml(:.*?)\n", GUIDE)
    assert shown
    assert shown[1] in checked(path)
    path.write_text(LESSON[1].replace("pay: 10%", "pay: 12%"), encoding="utf-8")
    assert "number_not_in_rule" in checked(path)


def test_every_entry_of_a_file_stands_in_the_guide() -> None:
    from xiepai.policy import measures, program, steps

    for name in {*program.ALLOWED, *measures.ALLOWED, *steps.ALLOWED}:
        assert f"`{name}" in GUIDE, name


@pytest.mark.parametrize("path", sorted((ROOT / "examples/policy").glob("shapes*.yaml")), ids=lambda path: path.stem)
def test_every_shape_is_accepted(path: Path) -> None:
    assert checked(path).startswith("✓")
    assert policy.load(path).examples


def test_a_fraction_in_words_is_the_fraction_of_the_rule(tmp_path: Path) -> None:
    path = tmp_path / "shapes.yaml"
    text = (ROOT / "examples/policy/shapes.yaml").read_text(encoding="utf-8")
    for said in ("1/3", "三分之一"):
        path.write_text(text.replace("三分之一", said), encoding="utf-8")
        assert checked(path).startswith("✓")
    path.write_text(text.replace("三分之一", "四分之一"), encoding="utf-8")
    assert "number_not_in_rule" in checked(path)
