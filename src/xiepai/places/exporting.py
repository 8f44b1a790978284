"""Places as files: CSV, XLSX, GeoJSON, in the columns of ``places.sheets``; read again they change nothing.

Refused: what the reader may not see. A field locked until a hold is written as a marker that an import leaves alone.
Rows are read and written in pieces, so a hundred thousand places need no more memory than a thousand.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from typing import Any, BinaryIO

from django.db.models import QuerySet

from xiepai.kernel import clock
from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.access import Actor
from xiepai.places import access
from xiepai.places.models import Place
from xiepai.places.selectors import sees_locked, visible_places
from xiepai.places.services.calendar import days_of, rules_of
from xiepai.places.services.tariffs import TARIFF_FIELDS, Extra, extras_of, tariff_in_view
from xiepai.places.sheets import cells, geojson, xlsx
from xiepai.places.sheets.columns import BY_KEY, COLUMNS, TARIFF_NAMES, Column, text_of
from xiepai.places.vocabulary import Words, read_words

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
}
CHUNK = 500


def export_places(
    *,
    actor: Actor,
    kind: str,
    out: BinaryIO,
    places: QuerySet[Place] | None = None,
    columns: Collection[str] = (),
) -> None:
    """Write places (those *actor* may know of, unless fewer are given) to *out* as ``csv``, ``xlsx`` or ``geojson``.

    *columns* (keys) leaves the others out; the code always stands, so that the file can be read again.
    """
    if kind == "xlsx":
        xlsx.write_xlsx(out, rows_of(actor, places), columns_of(columns))
        return
    for piece in pieces(actor=actor, kind=kind, places=places, columns=columns):
        out.write(piece)


def pieces(
    *, actor: Actor, kind: str, places: QuerySet[Place] | None = None, columns: Collection[str] = ()
) -> Iterator[bytes]:
    """The same for CSV and GeoJSON piece by piece, for a streamed answer."""
    if kind == "geojson" and columns:  # a feature always has its geometry; without one the position would be emptied
        columns = {*columns, "latitude"}
    chosen = columns_of(columns)
    if kind == "csv":
        return _csv(rows_of(actor, places), chosen)
    if kind == "geojson":
        return (piece.encode() for piece in geojson.write_features(rows_of(actor, places), chosen))
    raise XiepaiError(ErrorCode.FILE_TYPE, allowed="、".join(KINDS))


def columns_of(keys: Collection[str]) -> tuple[Column, ...]:
    """The columns named, in their order, with the code; all where none is named. A position is one thing."""
    if not keys:
        return COLUMNS
    wanted = {"code", *keys}
    if wanted & {"latitude", "longitude"}:
        wanted |= {"latitude", "longitude"}
    return tuple(column for column in COLUMNS if column.key in wanted)


def rows_of(actor: Actor, places: QuerySet[Place] | None = None) -> Iterator[dict[str, str]]:
    """Rows as texts by column key, in the order of codes."""
    words = read_words()
    chosen = visible_places(actor) if places is None else places.filter(access.visible_to(actor))
    together = (
        chosen.order_by("code")
        .select_related("owner", "parent")
        .prefetch_related("opening_rules", "closed_days", "tariffs__extras", "parts__part")
    )
    for place in together.iterator(chunk_size=CHUNK):
        yield row_of(actor, place, words)


def row_of(actor: Actor, place: Place, words: Words) -> dict[str, str]:
    """One place as texts by column key."""
    values: dict[str, Any] = {column.key: getattr(place, column.key) for column in COLUMNS if column.group == "place"}
    values |= {
        "owner": place.owner.name,
        "parent": _parent_code(actor, place),
        "visibility": place.visibility,
        "parts": sorted(row.part.code for row in place.parts.all()),
        "opening": rules_of(place),
        "closed_days": days_of(place),
        **_tariff_values(place),
    }
    if not sees_locked(actor, place):
        for name in place.locked_fields:
            for key in ("latitude", "longitude") if name == "position" else (name,):
                values[key] = cells.HIDDEN
    return {key: text_of(BY_KEY[key], value, words) for key, value in values.items() if value is not None}


def _parent_code(actor: Actor, place: Place) -> str:
    parent = place.parent
    if parent is None:
        return ""
    seen = actor.is_office or parent.visibility == "public" or access.keeps(actor, parent.owner_id)
    return parent.code if seen else cells.HIDDEN


def _tariff_values(place: Place) -> dict[str, Any]:
    tariff = tariff_in_view(place.tariffs.all(), clock.today())
    if tariff is None:
        return {}
    names = {field: key for key, field in TARIFF_NAMES.items()}
    values: dict[str, Any] = {names.get(name, name): getattr(tariff, name) for name in TARIFF_FIELDS}
    extras: list[Extra] = extras_of(tariff)
    return {"tariff_from": tariff.valid_from, "extras": extras, **values}


def _csv(rows: Iterator[dict[str, str]], columns: Sequence[Column]) -> Iterator[bytes]:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([column.header for column in columns])
    yield b"\xef\xbb\xbf"  # without the mark, spreadsheets take UTF-8 for something else
    for number, row in enumerate(rows, 1):
        writer.writerow([_cell(key.is_number, row.get(key.key, "")) for key in columns])
        if number % CHUNK == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _cell(is_number: bool, text: str) -> str:
    return text if is_number or text in cells.LEAVE_AS_IS else cells.armoured(text)
