"""Translations: the source speaks Chinese, the catalogue in ``locale/en`` answers in English.

Babel reads Python and Jinja2 sources; Django reads the compiled catalogue. A string without English, a
translation nobody uses any more and one that loses a placeholder fail the check. Line numbers are kept out
of the catalogue, so that moving code changes nothing in it.

    python -m xiepai.config.translations check | update | compile
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parent.parent
LOCALES = PACKAGE / "locale"
LANGUAGE = "en"
METHODS = [("web/templates/**.html", "jinja2"), ("web/templates/**.txt", "jinja2"), ("**/migrations/**.py", "ignore")]
METHODS += [("**.py", "python")]
OPTIONS = {"**.html": {}, "web/templates/**.html": {"trimmed": "true", "silent": "false"}}
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd]")


def po_file() -> Path:
    """The English catalogue, as people edit it."""
    return LOCALES / LANGUAGE / "LC_MESSAGES" / "django.po"


def extract() -> Catalog:
    """Every translatable string of the package, without translations."""
    template = Catalog(charset="utf-8")
    found = extract_from_dir(
        PACKAGE, METHODS, OPTIONS, KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
    )
    for path, _line, message, comments, context in found:
        place = Path(path).as_posix()
        template.add(message, None, [(place, 0)], auto_comments=comments, context=context)
    return template


def read() -> Catalog:
    """The English catalogue; an empty one if there is none yet."""
    if not po_file().exists():
        return Catalog(LANGUAGE)
    with po_file().open("rb") as file:
        return read_po(file, LANGUAGE)


def check() -> list[str]:
    """What is wrong with the catalogue, one line a finding; empty when English is complete."""
    source, translated = extract(), read()
    findings = [finding for message in source if message.id for finding in _faults(message, translated)]
    known = {_key(message) for message in source}
    stale = [message for message in translated if message.id and _key(message) not in known]
    stale += list(translated.obsolete.values())
    return findings + [f"stale: {_text(message)!r}" for message in stale]


def _faults(message: Message, translated: Catalog) -> Iterator[str]:
    found = translated.get(message.id, message.context)
    where = ", ".join(sorted({place for place, _ in message.locations}))
    if found is None or not found.string or (isinstance(found.string, tuple) and not all(found.string)):
        yield f"missing: {_text(message)!r} ({where})"
    elif found.fuzzy:
        yield f"fuzzy: {_text(message)!r} ({where})"
    else:
        yield from _placeholder_faults(message, found)


def _placeholder_faults(message: Message, found: Message) -> Iterator[str]:
    """A placeholder lost in the last form, or an unknown one in any (a singular may do without its number)."""
    wanted = set(PLACEHOLDER.findall(_text(message)))
    forms = [found.string] if isinstance(found.string, str) else list(found.string or ())
    lost = wanted - set(PLACEHOLDER.findall(forms[-1]))
    if lost or any(set(PLACEHOLDER.findall(form)) - wanted for form in forms):
        yield f"placeholders differ: {_text(message)!r} -> {forms[-1]!r}"


def _key(message: Message) -> tuple[str, str | None]:
    return _text(message), message.context


def _text(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def update() -> Path:
    """Bring the catalogue up to the source: new strings come in empty, unused ones go."""
    catalogue = read()
    catalogue.update(extract(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.fuzzy = False
    # Fixed words instead of Babel's: a date in the header would conflict in every merge.
    catalogue.header_comment = "# English for Xiepai. The source language is Chinese; see config/translations.py."
    catalogue.project, catalogue.version = "xiepai", "1"
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    po_file().parent.mkdir(parents=True, exist_ok=True)
    with po_file().open("wb") as file:
        write_po(file, catalogue, width=110, sort_output=True, include_lineno=False, ignore_obsolete=True)
    return po_file()


def compile_catalogues() -> list[Path]:
    """Compile every catalogue that changed since it was compiled; Django reads only compiled ones."""
    written = []
    for source in LOCALES.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        _compile(source, target)
        written.append(target)
    return written


def _compile(source: Path, target: Path) -> None:
    with source.open("rb") as file:
        catalogue = read_po(file)
    try:
        # Two processes may compile at once: each writes its own file, the last rename wins.
        with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".new", delete=False) as fresh:
            write_mo(fresh, catalogue)
        Path(fresh.name).chmod(0o644)
        Path(fresh.name).replace(target)
    except PermissionError:
        if not target.exists():  # an installed package is compiled when it is built
            raise
    os.utime(target)


def main(arguments: list[str]) -> int:
    """The command line of this module."""
    match arguments:
        case ["update"]:
            print(f"{update()}: {len(check())} to translate")  # noqa: T201
        case ["compile"]:
            compile_catalogues()
        case ["check"]:
            findings = check()
            print("\n".join(findings) or "translations: English is complete")  # noqa: T201
            return 1 if findings else 0
        case _:
            print(__doc__)  # noqa: T201
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
