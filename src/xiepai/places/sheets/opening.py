"""Opening a file of places, whatever its form: told by its content, never by its name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext as _

from xiepai.places.sheets import geojson, xlsx
from xiepai.places.sheets.reading import LARGEST_BYTES, Source, open_csv, too_large, unreadable


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Open a file of places. Raises ``FILE_SIZE``, ``FILE_TYPE``, ``FILE_UNREADABLE``."""
    size = path.stat().st_size
    if size > LARGEST_BYTES:
        raise too_large(f"{size / 1024 / 1024:.1f} MB", f"{LARGEST_BYTES // 1024 // 1024} MB")
    if size == 0:
        raise unreadable(_("文件是空的。"))
    with path.open("rb") as file:
        start = file.read(4096)
    if start[:4] == b"PK\x03\x04":
        with xlsx.open_xlsx(path) as source:
            yield source
    elif geojson.looks_like(start):
        with geojson.open_geojson(path) as source:
            yield source
    else:
        with open_csv(path) as source:
            yield source
