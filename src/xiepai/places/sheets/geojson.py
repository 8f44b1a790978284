"""GeoJSON (RFC 7946) of places in and out: points in WGS-84, one feature a place, read feature by feature.

Properties bear the columns' keys; numbers are numbers, lists are arrays, everything else is text as in a sheet. What
the reader may not see is not there, and what is not there is left as it is when read again. Refused: other geometries
than points, other reference systems, numbers that are no numbers.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from xiepai.places.sheets.cells import LEAVE_AS_IS, split
from xiepai.places.sheets.columns import BY_KEY, COLUMNS, Column, column_of, number_of
from xiepai.places.sheets.reading import MOST_ROWS, RawRow, Source, too_many_rows, unreadable

_START = re.compile(r"\s*\{")
_FEATURES = re.compile(r'"features"\s*:\s*\[')
_NEXT = re.compile(r"[\s,]*")
_LARGEST_FEATURE = 1 << 20
_CHUNK = 1 << 16
_WGS84 = re.compile(r"(CRS84|EPSG:{1,2}(\d*:)?4326)$", re.IGNORECASE)


def looks_like(start: bytes) -> bool:
    """Whether a file begins as JSON does."""
    return start.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"{"


@contextmanager
def open_geojson(path: Path) -> Iterator[Source]:
    """The features of a collection; a line is a feature's number, from 1."""
    source = Source("geojson", headers={column.key: column.key for column in COLUMNS})
    with path.open(encoding="utf-8-sig") as file:
        source.rows = _rows(file, source)
        yield source


def _rows(file: Any, source: Source) -> Iterator[RawRow]:
    unknown: set[str] = set()
    for number, feature in enumerate(_features(file), 1):
        if number > MOST_ROWS:
            raise too_many_rows()
        row = _row(number, feature)
        for name in row.cells.keys() - BY_KEY.keys():
            del row.cells[name]
            if name not in unknown and len(unknown) < 100:
                unknown.add(name)
                source.warnings.append(_("不认识的属性“{header}”，没有读取。").format(header=name[:60]))
        yield row


def _row(number: int, feature: Any) -> RawRow:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        return RawRow(number, {}, _("不是 Feature。"))
    properties = feature.get("properties") or {}
    if not isinstance(properties, dict):
        return RawRow(number, {}, _("properties 应为对象。"))
    cells: dict[str, Any] = {}
    for name, value in properties.items():
        column = column_of(name)
        cells[column.key if column else name] = "" if value is None else value
    if isinstance(feature.get("id"), str):
        cells.setdefault("code", feature["id"])
    hidden = cells.pop("hidden_fields", ())
    if isinstance(hidden, list) and "position" in hidden:
        return RawRow(number, cells)
    return _with_position(number, cells, feature)


def _with_position(number: int, cells: dict[str, Any], feature: dict[str, Any]) -> RawRow:
    if "geometry" not in feature:
        return RawRow(number, cells)
    geometry = feature["geometry"]
    if geometry is None:
        return RawRow(number, {**cells, "latitude": "", "longitude": ""})
    if not isinstance(geometry, dict) or geometry.get("type") != "Point":
        return RawRow(number, cells, _("geometry 只能是 Point 或 null。"))
    position = geometry.get("coordinates")
    if not isinstance(position, list) or len(position) not in (2, 3):
        return RawRow(number, cells, _("coordinates 应为 [经度, 纬度]。"))
    if any(isinstance(value, bool) or not isinstance(value, int | Decimal) for value in position):
        return RawRow(number, cells, _("coordinates 应为 [经度, 纬度]。"))
    return RawRow(number, {**cells, "longitude": position[0], "latitude": position[1]})


def _features(file: Any) -> Iterator[Any]:
    """The elements of ``features``, each parsed as soon as it is whole."""
    decoder = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_number)
    buffer = _head(file)
    while True:
        buffer = buffer[_NEXT.match(buffer).end() :]  # type: ignore[union-attr]
        if buffer[:1] == "]":
            return
        try:
            feature, end = decoder.raw_decode(buffer)
        except RecursionError as error:
            raise unreadable(_("JSON 嵌套太深。")) from error
        except ValueError as error:
            chunk = _read(file)
            if not chunk or len(buffer) > _LARGEST_FEATURE:
                raise unreadable(_("JSON 有误，或一个 Feature 太大。")) from error
            buffer += chunk
            continue
        yield feature
        buffer = buffer[end:]
        if len(buffer) < _CHUNK:
            buffer += _read(file)


def _head(file: Any) -> str:
    """What stands before the features must say what the file is; what follows its opening bracket is returned."""
    buffer = _read(file)
    if not _START.match(buffer):
        raise unreadable(_("不是 GeoJSON。"))
    while not (found := _FEATURES.search(buffer)):
        chunk = _read(file)
        if not chunk or len(buffer) > _LARGEST_FEATURE:
            raise unreadable(_("不是 GeoJSON 的 FeatureCollection。"))
        buffer += chunk
    try:
        head = json.loads(buffer[: found.end()] + "]}")
    except (ValueError, RecursionError) as error:
        raise unreadable(_("不是 GeoJSON 的 FeatureCollection。")) from error
    if head.get("type", "FeatureCollection") != "FeatureCollection":
        raise unreadable(_("不是 GeoJSON 的 FeatureCollection。"))
    system = head.get("crs")
    name = system.get("properties", {}).get("name", "") if isinstance(system, dict) else ""
    if system and not _WGS84.search(str(name)):
        raise unreadable(_("坐标系应为 WGS-84。"))
    return buffer[found.end() :]


def _read(file: Any) -> str:
    try:
        return str(file.read(_CHUNK))
    except UnicodeDecodeError as error:
        raise unreadable(_("GeoJSON 应为 UTF-8。")) from error


def _no_number(name: str) -> Any:
    raise ValueError(name)


def write_feature(row: dict[str, str], columns: Sequence[Column] = COLUMNS) -> str:
    """One row (texts by column key) as a feature on one line."""
    properties: dict[str, Any] = {}
    for column in columns:
        text = row.get(column.key, "")
        if column.key in ("latitude", "longitude") or text in LEAVE_AS_IS:
            continue
        if column.is_list:
            properties[column.key] = split(text)
        elif column.is_number:
            properties[column.key] = _json_number(number_of(column, text))
        else:
            properties[column.key] = text
    geometry = None
    if row.get("latitude") in LEAVE_AS_IS:
        properties["hidden_fields"] = ["position"]
    elif row.get("latitude"):
        geometry = {"type": "Point", "coordinates": [float(row["longitude"]), float(row["latitude"])]}
    feature = {"type": "Feature", "id": row.get("code", ""), "geometry": geometry, "properties": properties}
    return json.dumps(feature, ensure_ascii=False)


def _json_number(number: Decimal | None) -> float | int | None:
    if number is None:
        return None
    return float(number) if number % 1 else int(number)


def write_features(rows: Iterable[dict[str, str]], columns: Sequence[Column] = COLUMNS) -> Iterator[str]:
    """A whole collection, piece by piece."""
    yield '{"type": "FeatureCollection", "features": [\n'
    for number, row in enumerate(rows):
        yield (",\n" if number else "") + write_feature(row, columns)
    yield "\n]}\n"
