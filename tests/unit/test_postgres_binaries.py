"""Finding PostgreSQL's programs: order, completeness, and the account they run under."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from xiepai.config import postgres_binaries as subject


def fake_installation(folder: Path, version: str, extensions: tuple[str, ...] = subject.EXTENSIONS) -> Path:
    """Programs that only say their version, laid out as an installation."""
    programs = folder / "bin"
    programs.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        script = programs / name
        script.write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        script.chmod(0o755)
    shared = folder / "share" / "extension"
    shared.mkdir(parents=True)
    for name in extensions:
        (shared / f"{name}.control").touch()
    return programs


def test_the_wheel_is_used_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XIEPAI_PG_BIN", raising=False)
    found = subject.find()
    assert found.origin == "wheel"
    assert Path(found.program("initdb")).is_file()


def test_an_explicit_folder_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    programs = fake_installation(tmp_path, "17.2 (Debian 17.2-1)")
    monkeypatch.setenv("XIEPAI_PG_BIN", str(programs))
    assert subject.find() == subject.Binaries(programs, 17, "XIEPAI_PG_BIN")


@pytest.mark.parametrize(
    ("version", "extensions", "complaint"),
    [
        ("14.9", subject.EXTENSIONS, "older than 15"),
        ("18.1", ("pg_trgm",), "lacks btree_gist"),
        ("unknown", subject.EXTENSIONS, "does not say its version"),
    ],
)
def test_an_unfit_installation_is_passed_over_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, extensions: tuple[str, ...], complaint: str
) -> None:
    programs = fake_installation(tmp_path, version, extensions)
    monkeypatch.setattr(subject, "_candidates", lambda: iter([("PATH", programs)]))
    with pytest.raises(subject.PrivateServerError, match=complaint):
        subject.find()


def test_lone_programs_without_their_files_are_no_installation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    programs = fake_installation(tmp_path, "16.1")
    lone = tmp_path / "elsewhere" / "bin"
    lone.parent.mkdir()
    programs.rename(lone)
    monkeypatch.setattr(subject, "_candidates", lambda: iter([("PATH", lone)]))
    with pytest.raises(subject.PrivateServerError, match="lacks btree_gist, pg_trgm"):
        subject.find()


def test_data_of_another_version_is_named_in_the_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    programs = fake_installation(tmp_path, "17.2")
    monkeypatch.setattr(subject, "_candidates", lambda: iter([("system", programs)]))
    with pytest.raises(subject.PrivateServerError, match="version 17, but the data needs 16"):
        subject.find(16)


def test_somebody_elses_data_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    with pytest.raises(subject.PrivateServerError, match="belongs to root"):
        subject.command_prefix(0)


def test_root_becomes_the_owner_of_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert subject.command_prefix(4242)[:2] == ["setpriv", "--reuid=4242"]


def test_an_ordinary_user_needs_no_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    assert subject.command_prefix(4242) == []
