"""WGS-84 and GCJ-02: against another implementation, there and back, and outside China."""

from __future__ import annotations

import eviltransform
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xiepai.places.geo import distance_m, in_china, to_gcj02, to_wgs84

LATITUDES = st.floats(18, 53.5)
LONGITUDES = st.floats(73.6, 135)


@given(LATITUDES, LONGITUDES)
@example(31.7053, 119.8321)
def test_agrees_with_another_implementation(latitude: float, longitude: float) -> None:
    """The other one takes the equatorial radius of WGS-84 for Krasovsky's: 17 parts in a million of the shift."""
    assert distance_m(to_gcj02(latitude, longitude), eviltransform.wgs2gcj(latitude, longitude)) < 0.05


@given(LATITUDES, LONGITUDES)
def test_there_and_back_stays_within_a_centimetre(latitude: float, longitude: float) -> None:
    assert distance_m(to_wgs84(*to_gcj02(latitude, longitude)), (latitude, longitude)) < 0.01


@given(LATITUDES, LONGITUDES)
def test_the_shift_is_one_a_map_would_show(latitude: float, longitude: float) -> None:
    assert 20 < distance_m(to_gcj02(latitude, longitude), (latitude, longitude)) < 1500


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_nothing_moves_outside_china(latitude: float, longitude: float) -> None:
    if not in_china(latitude, longitude):
        assert to_gcj02(latitude, longitude) == (latitude, longitude) == to_wgs84(latitude, longitude)


@pytest.mark.parametrize("point", [(51.5, -0.13), (35.68, 139.69), (0.0, 0.0), (-33.9, 151.2)])
def test_cities_elsewhere_stay_where_they_are(point: tuple[float, float]) -> None:
    assert to_gcj02(*point) == point


def test_distance_of_a_degree() -> None:
    assert distance_m((31.0, 119.0), (32.0, 119.0)) == pytest.approx(111_195, abs=10)
    assert distance_m((31.0, 119.0), (31.0, 119.0)) == 0
