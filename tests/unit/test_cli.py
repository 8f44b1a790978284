"""The command line reads well and fails in words."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from xiepai.config.cli import app

COMMANDS = ("demo", "serve", "worker", "migrate", "load", "doctor", "translations", "manage")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "xiepai.config.cli", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=60,
        check=False,
    )


def helped(*arguments: str) -> str:
    done = CliRunner().invoke(app, [*arguments, "--help"], env={"COLUMNS": "120", "NO_COLOR": "1"}, prog_name="xiepai")
    assert done.exit_code == 0
    return done.output


def test_help_names_every_command_and_where_to_begin() -> None:
    said = helped()
    for command in COMMANDS:
        assert f" {command} " in said
    assert "Begin with xiepai demo" in said


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "manage"])
def test_each_command_explains_itself(command: str) -> None:
    assert f"Usage: xiepai {command}" in helped(command)


def test_a_taken_port_is_named_with_the_cure(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("demo", PORT=str(port), XIEPAI_HOME=str(tmp_path))
    assert done.returncode == 1
    assert f"PORT={port + 1}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_cannot_be_had_is_explained_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("9\n")
    done = run("migrate", DATABASE_URL="", XIEPAI_HOME=str(tmp_path))
    assert done.returncode == 1
    assert "the data needs 9" in done.stderr
    assert "Traceback" not in done.stderr


def test_load_refuses_a_file_that_is_not_there() -> None:
    done = run("load", "nowhere.xlsx")
    assert done.returncode == 2
    assert "nowhere.xlsx" in done.stderr
