"""The README in two languages: the same commands, pictures that are there and small, each linked to the other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
LARGEST_BYTES = 300_000


def commands(readme: Path) -> set[str]:
    """Commands in fences and code spans; what stands after a # is a remark."""
    text = readme.read_text(encoding="utf-8")
    code = re.findall(r"`(?!``)([^`\n]+)`", text) + "".join(re.findall(r"```\w*\n(.*?)```", text, re.S)).splitlines()
    lines = (re.sub(r"\s*#.*", "", each).strip() for each in code)
    return {line for line in lines if re.match(r"(make|xiepai) ", line)}


def test_both_name_the_same_commands() -> None:
    assert commands(ENGLISH), "the spelling has changed"
    assert commands(ENGLISH) == commands(CHINESE)


def test_every_command_is_one() -> None:
    targets = set(re.findall(r"^([\w%-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    for command in commands(ENGLISH):
        if command.startswith("make "):
            name = command.split()[1]
            assert name in targets or re.sub(r"-.*", "-%", name) in targets, command


@pytest.mark.parametrize(("one", "other"), [(ENGLISH, CHINESE), (CHINESE, ENGLISH)], ids=["en", "zh"])
def test_each_links_to_the_other_and_opens_with_the_board(one: Path, other: Path) -> None:
    text = one.read_text(encoding="utf-8")
    assert f"]({other.name})" in text
    picture = re.search(r"!\[[^\]]+\]\(([^)]+)\)", text)
    assert picture
    assert "board" in picture[1]
    for target in re.findall(r"\]\((?!http)([^)#]+)", text):
        assert (ROOT / target).exists(), target


def test_pictures_are_small_and_every_one_is_shown() -> None:
    pages = [ENGLISH, CHINESE, *(ROOT / "docs").rglob("*.md")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    for picture in (ROOT / "docs" / "pictures").glob("*.png"):
        assert picture.stat().st_size <= LARGEST_BYTES, picture.name
        assert f"pictures/{picture.name}" in text, picture.name
