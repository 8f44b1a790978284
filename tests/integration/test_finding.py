"""Finding over HTTP: list, map and export say the same; a window, a point, locked positions; GCJ-02 at the edge."""

from __future__ import annotations

import io
import json
import re
from html import unescape
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import eviltransform
import pytest
from django.conf import settings as configured
from django.test import Client
from openpyxl import load_workbook
from tests.factories import make_organisation, make_person, make_place

from xiepai.config.headers import _tile_source
from xiepai.parties.access import NOBODY, actor_of
from xiepai.places import outline
from xiepai.places.geo import distance_m
from xiepai.places.models import Place
from xiepai.places.search import SearchQuery, found_ids, pins, search

pytestmark = pytest.mark.django_db
CHIP = re.compile(r'<a class="chip" aria-current="true" href="([^"]+)">([^<]+)<svg')
NORTH, SOUTH = (31.70, 119.90), (31.45, 120.02)


@pytest.fixture
def city() -> dict[str, Place]:
    base = make_organisation("base")
    here = {"latitude": NORTH[0], "longitude": NORTH[1]}
    return {
        "ward": make_place(base, name="病房", categories=["hospital"], people_max=30, **here),
        "desk": make_place(base, name="办公室", people_max=80, latitude=SOUTH[0], longitude=SOUTH[1]),
        "secret": make_place(base, name="密室", locked_fields=["position"], latitude=31.7012, longitude=119.9034),
        "nowhere": make_place(base, name="无位置"),
        "hidden": make_place(base, name="未公开", visibility="private", **here),
    }


def listed(client: Client, query: str = "") -> tuple[int, list[str]]:
    """What the list counts, and the names it shows."""
    answer = client.get(query if query.startswith("/") else f"/places/?{query}")
    assert answer.status_code == 200
    page = answer.content.decode()
    total = re.search(r'role="status">\s*(\d+) 处符合', page)
    assert total
    return int(total[1]), re.findall(r'<a class="cover" href="/places/[^"]+">([^<]+)</a>', page)


def pins_of(client: Client, query: str = "") -> dict[str, Any]:
    answer = client.get(f"/places/pins.json?{query}")
    assert answer.status_code == 200
    return {pin["name"]: pin for pin in answer.json()["pins"]}


@pytest.mark.parametrize("query", ["", "category=hospital", "q=bangong", "people=50", "box=31.6,119.8,31.8,120.0"])
def test_the_map_shows_what_the_list_shows(client: Client, city: dict[str, Place], query: str) -> None:
    total, shown = listed(client, f"view=map&{query}")
    assert total == len(shown)
    assert set(shown) - {"无位置"} == set(pins_of(client, query))
    assert set(shown) <= {"病房", "办公室", "密室", "无位置"}


def test_a_locked_position_is_drawn_in_the_middle_of_its_square(client: Client, city: dict[str, Place]) -> None:
    pin = pins_of(client)["密室"]
    assert pin["rough"]
    assert pin["at"] == [31.705, 119.905]
    keeper, _actor = make_person("keeper", city["secret"].owner, email="k@example.com")
    client.force_login(keeper)
    assert pins_of(client)["密室"]["at"] == [31.7012, 119.9034]


def test_a_window_finds_a_locked_place_where_the_map_draws_it(city: dict[str, Place]) -> None:
    drawn = SearchQuery(box=(31.704, 119.904, 31.706, 119.906))
    true = SearchQuery(box=(31.7011, 119.9033, 31.7013, 119.9035))
    assert [row.name for row in search(NOBODY, drawn).rows] == ["密室"] == [pin.name for pin in pins(NOBODY, drawn)]
    assert search(NOBODY, true).rows == [] == pins(NOBODY, true)


def test_pins_are_converted_where_the_tiles_are_gcj02(client: Client, city: dict[str, Place], settings: Any) -> None:
    assert pins_of(client)["病房"]["at"] == list(NORTH)
    settings.MAP_IS_GCJ02 = True
    drawn = pins_of(client)["病房"]["at"]
    assert distance_m((drawn[0], drawn[1]), eviltransform.wgs2gcj(*NORTH)) < 0.3
    south, west, north, east = drawn[0] - 0.001, drawn[1] - 0.001, drawn[0] + 0.001, drawn[1] + 0.001
    assert "病房" in pins_of(client, f"box={south},{west},{north},{east}")


@pytest.mark.parametrize("box", ["x", "1,2,3", "nan,1,2,3", "9,9,1,1", "91,0,92,1"])
def test_a_window_that_is_none_is_not_looked_for(client: Client, city: dict[str, Place], box: str) -> None:
    assert listed(client, f"box={box}")[0] == 4


def test_near_sorts_by_distance_and_people_by_people(client: Client, city: dict[str, Place]) -> None:
    here = f"near={SOUTH[0]},{SOUTH[1]}"
    assert listed(client, f"{here}&order=distance")[1][:3] == ["办公室", "病房", "密室"]
    assert listed(client, f"{here}&radius=3") == (1, ["办公室"])
    assert listed(client, "order=people")[1][:2] == ["办公室", "病房"]


def test_an_export_holds_what_is_found(client: Client, city: dict[str, Place]) -> None:
    assert len(found_ids(NOBODY, SearchQuery())) == 4
    for kind, codes in (
        ("csv", lambda data: [line.split(",")[0] for line in data.decode("utf-8-sig").splitlines()[1:]]),
        ("geojson", lambda data: [feature["id"] for feature in json.loads(data)["features"]]),
        ("xlsx", lambda data: [row[0].value for row in load_workbook(io.BytesIO(data)).worksheets[0].iter_rows(2)]),
    ):
        answer = client.get(f"/places/export.{kind}?category=hospital")
        assert answer.status_code == 200
        assert codes(answer.content) == [city["ward"].code], kind
    assert client.get("/places/export.pdf").status_code == 404


def test_chips_take_back_one_condition_each(client: Client, city: dict[str, Place]) -> None:
    query = "category=hospital&category=office&people=20&q=bing"
    page = client.get(f"/places/?{query}").content.decode()
    chips = {label: unquote(unescape(href)) for href, label in CHIP.findall(page)}
    assert chips["医院"] == "?people=20&q=bing&category=office"
    assert chips["至少 20 人"] == "?category=hospital&category=office&q=bing"
    assert listed(client, query)[1] == ["病房"]
    assert "去掉" in client.get("/places/?q=zzz").content.decode()


def test_the_outline_is_the_districts_and_is_kept(client: Client, settings: Any, tmp_path: Any) -> None:
    settings.HOME = tmp_path
    outline._kept.cache_clear()
    feature = client.get("/places/outline.json").json()["outline"]
    assert feature["properties"] == {"name": "武进区", "code": "156320412"}
    ring = feature["geometry"]["coordinates"][0][0]
    assert all(119.5 < longitude < 120.3 and 31.2 < latitude < 31.9 for longitude, latitude in ring)
    assert (tmp_path / "outlines" / "156320412.json").stat().st_size < 20_000
    settings.MAP_IS_GCJ02 = True
    moved = client.get("/places/outline.json").json()["outline"]["geometry"]["coordinates"][0][0]
    here, there = (ring[0][1], ring[0][0]), (moved[0][1], moved[0][0])
    assert distance_m(there, eviltransform.wgs2gcj(*here)) < 0.3
    settings.MAP_DISTRICT = "156999999"
    assert client.get("/places/outline.json").json() == {"outline": None}
    outline._kept.cache_clear()


def test_the_map_says_what_is_missing_before_publishing(client: Client, city: dict[str, Place], settings: Any) -> None:
    assert "正式发布前须设置审图号" in client.get("/places/?view=map").content.decode()
    settings.MAP_REVIEW_NUMBER = "苏S(2026)001号"
    page = client.get("/places/?view=map").content.decode()
    assert "审图号：苏S(2026)001号" in page
    assert "正式发布前" not in page


@pytest.mark.parametrize(
    ("tiles", "source"),
    [
        ("", ()),
        ("https://tiles.example.cn/{z}/{x}/{y}.png", ("https://tiles.example.cn",)),
        ("https://t{s}.tiles.example.cn/{z}/{x}/{y}", ("https://*.tiles.example.cn",)),
        ("/own/{z}/{x}/{y}.png", ()),
    ],
)
def test_only_the_configured_tiles_may_be_loaded(settings: Any, tiles: str, source: tuple[str, ...]) -> None:
    settings.MAP_TILES = tiles
    assert _tile_source() == source


def test_figures_lead_to_as_many_rows(client: Client, city: dict[str, Place]) -> None:
    found = re.findall(r'<a href="([^"]+)"><span class="figure">(\d+)</span>', client.get("/").content.decode())
    assert found
    for address, count in found:
        assert listed(client, unescape(address))[0] == int(count), address


def test_the_sitemap_lists_public_places_whoever_asks(client: Client, city: dict[str, Place]) -> None:
    officer, _actor = make_person("officer", email="o@example.com")
    client.force_login(officer)
    root = ElementTree.fromstring(client.get("/sitemap.xml").content)  # noqa: S314  # our own
    addresses = [each.text or "" for each in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert f"http://testserver/places/{city['ward'].pk}/" in addresses
    assert not any(f"/places/{city['hidden'].pk}/" in address for address in addresses)
    for address in addresses:
        assert Client().get(address.removeprefix("http://testserver")).status_code == 200
    assert "Sitemap: http://testserver/sitemap.xml" in client.get("/robots.txt").content.decode()


@pytest.mark.parametrize("path", ["/", "/how/", "/places/"])
def test_public_pages_describe_themselves_in_both_languages(client: Client, city: dict[str, Place], path: str) -> None:
    for language in ("zh-hans", "en"):
        client.cookies[configured.LANGUAGE_COOKIE_NAME] = language
        page = client.get(path).content.decode()
        assert page.count('<meta name="description" content="') == 1
        assert ('<html lang="en"' in page) == (language == "en")


def test_pages_ask_few_questions(client: Client, city: dict[str, Place], django_assert_max_num_queries: Any) -> None:
    for number in range(20):
        make_place(city["ward"].owner, name=f"场景{number}", latitude=31.6, longitude=119.9)
    ids = "&".join(f"place={pk}" for pk in Place.objects.filter(visibility="public").values_list("pk", flat=True)[:6])
    person, _actor = make_person("producer", email="p@example.com")
    client.force_login(person)
    paths = ["/places/", "/places/?view=map", f"/places/{city['ward'].pk}/", "/places/pins.json", "/how/"]
    for path in [*paths, f"/compare/?{ids}&day=2099-01-01&start=08:00&end=12:00"]:
        with django_assert_max_num_queries(29):
            assert client.get(path).status_code == 200
    assert actor_of(person).person_id == person.pk
