"""The demo year in a city that has none of the demo's people: nothing is made, nothing breaks."""

from __future__ import annotations

from xiepai.grants.demo import load_award, load_year
from xiepai.grants.models import Programme


def test_a_city_without_the_demo_accounts_gets_nothing(db: None) -> None:
    assert load_year() == 0
    assert load_award() is None
    assert not Programme.objects.exists()
