"""The reference lists every setting, command and error code, and nothing that is gone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from xiepai.config import reference

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference.md"


def test_the_reference_is_what_the_code_says() -> None:
    for path, content in reference.written().items():
        assert path.read_text(encoding="utf-8") == content, f"{path.name}: run make reference"


def test_every_setting_read_anywhere_is_in_the_reference() -> None:
    """Also those behind a command nobody ran: found by their spelling in the source."""
    declared = re.compile(r"""env\.(?:text|flag|number|words|folder)\(\s*["']([A-Z_]+)["']""")
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    names = set(declared.findall(source))
    assert names, "the spelling has changed"
    assert names <= reference.settings().keys()


def test_only_the_settings_module_reads_the_environment_for_configuration() -> None:
    own = {"env.py", "boot.py", "testing.py", "postgres.py", "chromium.py", "wsgi.py", "doctor_machine.py"}
    readers = [
        path.name
        for path in (ROOT / "src").rglob("*.py")
        if re.search(r"os\.environ|os\.getenv", path.read_text(encoding="utf-8")) and path.name not in own
    ]
    assert not readers


@pytest.mark.parametrize("document", sorted((ROOT / "docs").rglob("*.md"), key=str), ids=lambda path: path.stem)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), f"{document.name} links to {target}"
