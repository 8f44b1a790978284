"""Sunrise and sunset by date and place: the low-precision solar formulas of NOAA's calculator (after Meeus 1998).

Good to about a minute between the polar circles, for a flat horizon. Refuses dates without a sunrise or sunset.
"""

from __future__ import annotations

import math
from datetime import date

from xiepai.planning.shoot.messages import Code, ShootError

_HORIZON = 90.833
"""Degrees from the zenith: refraction and half the sun's disc."""


def sun(on: date, latitude: float, longitude: float, *, offset_minutes: int = 480) -> tuple[int, int]:
    """Sunrise and sunset in minutes of the local day; ``offset_minutes`` east of UTC (China: 480).

    >>> from datetime import date
    >>> sun(date(2024, 12, 21), 31.23, 121.47)  # Shanghai, winter solstice
    (409, 1016)
    """
    return tuple(round(_event(on, latitude, longitude, sign) + offset_minutes) for sign in (-1, 1))  # type: ignore[return-value]


def _event(on: date, latitude: float, longitude: float, sign: int) -> float:
    """Minutes after 00:00 UTC of sunrise (−1) or sunset (+1): two passes, the second at the time found."""
    minutes = 720.0 - 4 * longitude
    for _ in range(2):
        declination, equation = _position(on.toordinal() + 1721424.5 + minutes / 1440)
        cosine = math.cos(math.radians(_HORIZON)) / (math.cos(math.radians(latitude)) * math.cos(declination))
        cosine -= math.tan(math.radians(latitude)) * math.tan(declination)
        if not -1 <= cosine <= 1:
            raise ShootError(Code.NO_SUN, latitude=latitude, day=on)
        minutes = 720 - 4 * longitude - equation + sign * 4 * math.degrees(math.acos(cosine))
    return minutes


def _position(julian: float) -> tuple[float, float]:
    """The sun's declination in radians and the equation of time in minutes."""
    t = (julian - 2451545) / 36525
    mean = math.radians((280.46646 + t * (36000.76983 + 0.0003032 * t)) % 360)
    anomaly = math.radians(357.52911 + t * (35999.05029 - 0.0001537 * t))
    eccentricity = 0.016708634 - t * (0.000042037 + 0.0000001267 * t)
    centre = (1.914602 - 0.004817 * t) * math.sin(anomaly) + 0.019993 * math.sin(2 * anomaly)
    node = math.radians(125.04 - 1934.136 * t)
    apparent = mean + math.radians(centre - 0.00569 - 0.00478 * math.sin(node))
    tilt = math.radians(23.439291 - 0.0130042 * t + 0.00256 * math.cos(node))
    declination = math.asin(math.sin(tilt) * math.sin(apparent))
    y = math.tan(tilt / 2) ** 2
    equation = (
        y * math.sin(2 * mean)
        - 2 * eccentricity * math.sin(anomaly)
        + 4 * eccentricity * y * math.sin(anomaly) * math.cos(2 * mean)
        - 0.5 * y * y * math.sin(4 * mean)
        - 1.25 * eccentricity * eccentricity * math.sin(2 * anomaly)
    )
    return declination, 4 * math.degrees(equation)
