"""WGS-84 (what is stored, what GPS says) and GCJ-02 (what maps published in China draw), degrees both.

GCJ-02 shifts points in China by 100 to 700 metres with a published approximation of the official transform on the
Krasovsky 1940 ellipsoid; outside a rectangle round China it changes nothing. There is no exact inverse: it is found
by iteration, to far better than half a metre. Stored coordinates are never converted; the edge that draws a map is.
"""

from __future__ import annotations

from math import asin, cos, pi, radians, sin, sqrt

_A = 6378245.0  # semi-major axis, metres
_EE = 0.00669342162296594323  # eccentricity squared
EARTH_RADIUS_M = 6371008.8


def in_china(latitude: float, longitude: float) -> bool:
    """Whether the shift applies: the rectangle every implementation uses, generous beyond the border."""
    return 0.8293 <= latitude <= 55.8271 and 72.004 <= longitude <= 137.8347


def _shift(latitude: float, longitude: float) -> tuple[float, float]:
    x, y = longitude - 105.0, latitude - 35.0
    wave = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + wave
    d_lat += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    d_lat += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + wave
    d_lon += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    d_lon += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    magic = 1 - _EE * sin(radians(latitude)) ** 2
    d_lat = d_lat * 180.0 / (_A * (1 - _EE) / (magic * sqrt(magic)) * pi)
    d_lon = d_lon * 180.0 / (_A / sqrt(magic) * cos(radians(latitude)) * pi)
    return d_lat, d_lon


def to_gcj02(latitude: float, longitude: float) -> tuple[float, float]:
    """(latitude, longitude) as Chinese maps draw it.

    >>> [round(degrees, 4) for degrees in to_gcj02(31.7053, 119.8321)]
    [31.7032, 119.8369]
    """
    if not in_china(latitude, longitude):
        return latitude, longitude
    d_lat, d_lon = _shift(latitude, longitude)
    return latitude + d_lat, longitude + d_lon


def to_wgs84(latitude: float, longitude: float) -> tuple[float, float]:
    """The inverse of :func:`to_gcj02`, to a millimetre, away from the edge of the rectangle."""
    if not in_china(latitude, longitude):
        return latitude, longitude
    lat, lon = latitude, longitude
    for _ in range(6):  # each round divides the error by more than a hundred
        d_lat, d_lon = _shift(lat, lon)
        lat, lon = latitude - d_lat, longitude - d_lon
    return lat, lon


def distance_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two (latitude, longitude) on the sphere (haversine)."""
    lat1, lon1, lat2, lon2 = (radians(value) for value in (*one, *other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(half)))
