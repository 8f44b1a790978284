"""What may lie in the repository: sizes, and no trace of anybody's machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve()
ROOT = HERE.parents[2]
LONGEST = 500
LONGEST_TEST = 600
TRACES = re.compile(r"/work/|/root/|/home/\w+/|files\.pythonhosted|pypi\.org|registry\.npmjs|deb\.debian\.org")


def tracked() -> list[Path]:
    """Every file that is or would be committed."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    return [path for name in done.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_file_grows_past_reading() -> None:
    too_long = {}
    for path in tracked():
        if path.suffix != ".py" or "migrations" in path.parts:
            continue
        limit = LONGEST_TEST if path.is_relative_to(ROOT / "tests") else LONGEST
        if (lines := text_of(path).count("\n")) > limit:
            too_long[str(path.relative_to(ROOT))] = lines
    assert not too_long


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.suffix == ".py"
        and "migrations" not in path.parts
        and not text_of(path).startswith(('"""', "#!", 'r"""'))
    ]
    assert not silent


def test_no_machine_and_no_registry_is_named() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked()
        if path != HERE and (match := TRACES.search(text_of(path)))
    ]
    assert not found
