"""The translation check finds what is missing, stale, doubtful or broken."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from xiepai.config import translations as subject


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Catalog:
    monkeypatch.setattr(subject, "LOCALES", tmp_path)
    found = Catalog()
    found.add("预订 {number}", locations=[("a.py", 1)])
    monkeypatch.setattr(subject, "extract", lambda: found)
    return found


def write(**entries: str) -> None:
    path = subject.po_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    body = "\n".join(f'msgid "{key}"\nmsgstr "{text}"\n' for key, text in entries.items())
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    path.write_text(head + body, encoding="utf-8")


@pytest.mark.usefixtures("source")
def test_a_complete_catalogue_has_no_findings() -> None:
    write(**{"预订 {number}": "Booking {number}"})
    assert subject.check() == []


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize(
    ("entries", "finding"),
    [
        ({}, "missing: '预订 {number}' (a.py)"),
        ({"预订 {number}": ""}, "missing: '预订 {number}' (a.py)"),
        ({"预订 {number}": "Booking"}, "placeholders differ: '预订 {number}' -> 'Booking'"),
        ({"预订 {number}": "{number} of {all}"}, "placeholders differ: '预订 {number}' -> '{number} of {all}'"),
        ({"预订 {number}": "Booking {number}", "旧": "old"}, "stale: '旧'"),
    ],
)
def test_each_fault_is_named(entries: dict[str, str], finding: str) -> None:
    write(**entries)
    assert subject.check() == [finding]


@pytest.mark.usefixtures("source")
def test_a_doubtful_translation_counts_as_none() -> None:
    write(**{"预订 {number}": "Booking {number}"})
    path = subject.po_file()
    path.write_text(path.read_text().replace('msgid "预订', '#, fuzzy\nmsgid "预订'))
    assert subject.check() == ["fuzzy: '预订 {number}' (a.py)"]


@pytest.mark.usefixtures("source")
def test_update_adds_what_is_new_drops_what_is_gone_and_is_stable() -> None:
    write(旧="old")
    subject.update()
    first = subject.po_file().read_text()
    assert "预订 {number}" in first
    assert "旧" not in first
    assert "a.py:" not in first
    subject.update()
    assert subject.po_file().read_text() == first


@pytest.mark.usefixtures("source")
def test_compiling_follows_the_source_and_only_then() -> None:
    write(**{"预订 {number}": "Booking {number}"})
    assert [path.name for path in subject.compile_catalogues()] == ["django.mo"]
    assert subject.compile_catalogues() == []


def test_python_and_templates_of_the_package_are_read() -> None:
    assert subject.extract().get("请先登录。") is not None
