"""Search: words in Chinese and pinyin, facets equal to counting by hand, distance, order, pages, who sees what."""

from __future__ import annotations

import math
import random
from collections import Counter
from typing import Any

import pytest
from tests.factories import make_organisation, make_person, make_place, make_tariff

from xiepai.kernel.errors import XiepaiError
from xiepai.parties.access import NOBODY, Actor, system
from xiepai.parties.models import OrganisationKind, Role
from xiepai.places import search as search_module
from xiepai.places.models import Place, Term, Vocabulary
from xiepai.places.search import SearchQuery, search
from xiepai.places.services import rename_term, update_place

pytestmark = pytest.mark.django_db


def names(query: SearchQuery, actor: Actor = NOBODY) -> list[str]:
    return [row.name for row in search(actor, query).rows]


def found(words: str, actor: Actor = NOBODY) -> set[str]:
    return set(names(SearchQuery(words=words, page_size=200), actor))


@pytest.fixture
def sets() -> dict[str, Place]:
    base = make_organisation(name="样例基地")
    rows: list[dict[str, Any]] = [
        {"name": "审讯室", "aliases": ["审问间"], "name_en": "Interrogation Room", "code": "A-00101"},
        {"name": "审讯室外走廊"},
        {"name": "市局大审讯室"},
        {"name": "水晶宫宴会厅", "name_en": "Crystal Palace"},
        {"name": "长安古街", "styles": ["costume"], "categories": ["street"]},
        {"name": "ULIGHT虚拟棚", "description": "光场采集，可接审讯类戏份"},
        {"name": "A座3号棚"},
        {"name": "三甲医院病房", "categories": ["hospital"]},
        {"name": "咖啡馆", "name_en": "Café Xi’an"},
        {"name": "绿荫别墅"},
    ]
    return {row["name"]: make_place(base, **row) for row in rows}


# Words


FINDS: list[tuple[str, set[str]]] = [
    ("审讯室", {"审讯室", "审讯室外走廊", "市局大审讯室"}),
    ("讯室", {"审讯室", "审讯室外走廊", "市局大审讯室"}),
    ("审讯", {"审讯室", "审讯室外走廊", "市局大审讯室", "ULIGHT虚拟棚"}),
    ("审问", {"审讯室"}),
    ("审讯室 走廊", {"审讯室外走廊"}),
    ("走廊审讯室", set()),
    ("shuijing", {"水晶宫宴会厅"}),
    ("shuij", {"水晶宫宴会厅"}),
    ("jinggong", {"水晶宫宴会厅"}),
    ("sjg", {"水晶宫宴会厅"}),
    ("SJGYHT", {"水晶宫宴会厅"}),
    ("yan hui", {"水晶宫宴会厅"}),
    ("shenwenjian", {"审讯室"}),
    ("changan", {"长安古街"}),
    ("chang'an", {"长安古街"}),
    ("lvyin", {"绿荫别墅"}),
    ("lüyin", {"绿荫别墅"}),
    ("yiyuan", {"三甲医院病房"}),
    ("医院", {"三甲医院病房"}),
    ("hospital", {"三甲医院病房"}),
    ("古装", {"长安古街"}),
    ("ulight", {"ULIGHT虚拟棚"}),
    ("ＵＬＩＧＨＴ", {"ULIGHT虚拟棚"}),
    ("crystal", {"水晶宫宴会厅"}),
    ("cafe", {"咖啡馆"}),
    ("xian", {"咖啡馆"}),
    ("3号棚", {"A座3号棚"}),
    ("A座", {"A座3号棚"}),
    ("00101", {"审讯室"}),
    ("A-00101", {"审讯室"}),
    ("interrog room", {"审讯室"}),
    ("没有这种地方", set()),
]


def test_words_find(sets: dict[str, Place]) -> None:
    assert [(words, found(words)) for words, _ in FINDS] == FINDS


def cuts(name: str, at: int) -> bool:
    """Whether a cut there goes through a word of letters."""
    return 0 < at < len(name) and name[at - 1].isascii() and name[at].isascii()


def test_every_part_of_every_name_is_found(sets: dict[str, Place]) -> None:
    for name in sets:
        for start in range(len(name)):
            for end in range(start + 1, len(name) + 1):
                if cuts(name, start) or cuts(name, end):
                    continue  # a word of letters is found from its beginning on
                part = name[start:end]
                assert name in found(part), part


def test_order_by_relevance(sets: dict[str, Place]) -> None:
    update_place(actor=system(), place_id=sets["绿荫别墅"].pk, aliases=["审讯室布景"])
    found_names = names(SearchQuery(words="审讯室"))
    assert found_names == ["审讯室", "审讯室外走廊", "绿荫别墅", "市局大审讯室"]


def test_names_sort_by_pinyin_and_number(sets: dict[str, Place]) -> None:
    for name in ("10号棚", "9号棚"):
        make_place(name=name)
    ordered = names(SearchQuery(sort="name"))
    assert ordered[:2] == ["9号棚", "10号棚"]
    assert ordered.index("长安古街") < ordered.index("咖啡馆") < ordered.index("水晶宫宴会厅")
    assert ordered.index("绿荫别墅") > ordered.index("咖啡馆")


def test_a_renamed_term_is_found_by_its_new_name(sets: dict[str, Place]) -> None:
    street = Term.objects.get(vocabulary=Vocabulary.CATEGORY, code="street")
    rename_term(actor=system(), term_id=street.pk, zh="街巷", en="Lanes")
    assert found("街巷") == {"长安古街"} == found("jiexiang")


def test_what_is_locked_is_not_searched(sets: dict[str, Place]) -> None:
    assert "ULIGHT虚拟棚" in found("光场采集")
    update_place(actor=system(), place_id=sets["ULIGHT虚拟棚"].pk, locked_fields=["description"])
    assert found("光场采集") == set()


HOSTILE = [
    "'", "''", '"', "\\", "&", "|", "!", ":*", "' & | ! :* \0", "审讯\0室", "\0", "a:*", "a\\", "%s", "%(words)s",
    "{{free}}", "'); DROP TABLE places_place; --", "审讯' | '室", "<->", "( )", "🎬", "👩\u200d👩\u200d👧",
    "\u202e审讯", "\ud800", "ﷺ" * 50, "é" * 200, "审" * 10_000, "a" * 10_000, "a b " * 2_500, "\n\t\r", "\u3000",
    "१२३", "한국어", "ẞß", "İ", "𠮷野家", "1e400",
]  # fmt: skip


def test_hostile_words_find_or_do_not_find_but_never_fail(sets: dict[str, Place]) -> None:
    for words in HOSTILE:
        page = search(NOBODY, SearchQuery(words=words))
        assert page.total == len(page.rows) == (page.total if words.strip() else len(sets)), repr(words)
    assert Place.objects.count() == len(sets)


def test_rare_signs_are_found_too() -> None:
    for name in ("🎬打板棚", "𠮷野家", "한국어 거리"):
        make_place(name=name)
    assert found("🎬") == {"🎬打板棚"}
    assert found("𠮷野") == {"𠮷野家"}
    assert found("한국") == {"한국어 거리"}
    assert found("!!!") == set()


@pytest.mark.parametrize("field", ["town", "setting", "terms", "sound", "kind"])
def test_hostile_facets_find_nothing(sets: dict[str, Place], field: str) -> None:
    for value in ("\0", "'", "\ud800", "x" * 10_000):
        assert search(NOBODY, SearchQuery(**{field: value})).total == 0
    assert search(NOBODY, SearchQuery(categories=("\0", "'"), styles=("%s",))).total == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"near": (91.0, 0.0)},
        {"near": (math.nan, 0.0)},
        {"near": (0.0, 181.0)},
        {"near": (0.0, 0.0), "radius_m": -1},
        {"near": (0.0, 0.0), "radius_m": math.inf},
        {"sort": "id; --"},
        {"page": 0},
        {"page_size": 0},
        {"page_size": 100_000},
        {"units": 0},
    ],
)
def test_what_cannot_be_searched_for_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(XiepaiError):
        search(NOBODY, SearchQuery(**wrong))


# Facets


def make_mixed(count: int = 60, seed: int = 5) -> None:
    chance = random.Random(seed)
    base = make_organisation()
    for _ in range(count):
        make_place(
            base,
            name=chance.choice(["审讯室", "病房", "古街", "办公室"]) + chance.choice("甲乙丙丁"),
            town=chance.choice(["xitaihu", "jiaze"]),
            categories=chance.sample(["office", "hospital", "street"], chance.choice([1, 1, 2])),
            styles=chance.sample(["modern", "costume"], chance.choice([0, 1, 2])),
            setting=chance.choice(["inside", "outside", "both"]),
            terms=chance.choice(["paid", "low", "free"]),
            sound=chance.choice(["unknown", "sync", "quiet_hours", "none"]),
            kind=chance.choice(["set", "building", "resource"]),
            people_max=chance.choice([None, 5, 20, 50]),
            latitude=31.7 + chance.uniform(-0.05, 0.05),
            longitude=119.95 + chance.uniform(-0.05, 0.05),
        )


FILTERS: list[dict[str, Any]] = [
    {},
    {"words": "病房"},
    {"words": "审讯 甲"},
    {"categories": ("office",)},
    {"categories": ("office", "street"), "styles": ("costume",)},
    {"town": "jiaze", "terms": "free"},
    {"setting": "inside"},
    {"setting": "both"},
    {"sound_needed": True, "people": 20},
    {"sound": "none", "kind": "building"},
    {"near": (31.7, 119.95), "radius_m": 3000},
    {"words": "办公", "near": (31.7, 119.95), "radius_m": 4000, "terms": "paid"},
]


def by_hand(filters: dict[str, Any]) -> list[Place]:
    """The same search, place by place in Python."""
    rows = list(Place.objects.all())
    for words in filters.get("words", "").split():
        rows = [p for p in rows if words in p.name or _labels(p, words)]
    if "categories" in filters:
        rows = [p for p in rows if set(p.categories) & set(filters["categories"])]
    if "styles" in filters:
        rows = [p for p in rows if set(p.styles) & set(filters["styles"])]
    for field in ("town", "terms", "sound", "kind"):
        if field in filters:
            rows = [p for p in rows if getattr(p, field) == filters[field]]
    if "setting" in filters:
        rows = [p for p in rows if p.setting in {filters["setting"], "both"}]
    if "sound_needed" in filters:
        rows = [p for p in rows if p.sound in {"sync", "quiet_hours"}]
    if "people" in filters:
        rows = [p for p in rows if p.people_max is not None and p.people_max >= filters["people"]]
    if "near" in filters:
        rows = [p for p in rows if metres(p, filters["near"]) <= filters["radius_m"]]
    return rows


def _labels(place: Place, words: str) -> bool:
    labels = {"office": "办公室", "hospital": "医院", "street": "街道"}
    return any(words in labels[code] for code in place.categories)


def metres(place: Place, near: tuple[float, float]) -> float:
    """Great-circle distance on the mean sphere, by vectors rather than haversine."""

    def vector(latitude: float, longitude: float) -> tuple[float, float, float]:
        a, b = math.radians(latitude), math.radians(longitude)
        return math.cos(a) * math.cos(b), math.cos(a) * math.sin(b), math.sin(a)

    assert place.latitude is not None
    assert place.longitude is not None
    return 6_371_008.8 * 2 * math.asin(math.dist(vector(place.latitude, place.longitude), vector(*near)) / 2)


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_facets_equal_counting_by_hand(filters: dict[str, Any]) -> None:
    make_mixed()
    expected = by_hand(filters)
    page = search(NOBODY, SearchQuery(**filters, page_size=200))
    assert {row.id for row in page.rows} == {place.pk for place in expected}
    assert page.total == len(expected)
    assert page.total_is_exact
    assert page.facets_are_exact
    for facet, field in (("category", "categories"), ("style", "styles")):
        counted = Counter(value for place in expected for value in getattr(place, field))
        assert {f.value: f.count for f in page.facets[facet] if f.count} == counted
    for facet in ("town", "setting", "terms", "sound", "kind"):
        counted = Counter(getattr(place, facet) for place in expected)
        assert {f.value: f.count for f in page.facets[facet] if f.count} == counted


def test_facets_have_words_and_keep_what_is_selected(sets: dict[str, Place]) -> None:
    page = search(NOBODY, SearchQuery(categories=("street",), town="jiaze"))
    assert page.total == 0
    assert [(f.label, f.count, f.is_selected) for f in page.facets["category"]] == [("街道", 0, True)]
    assert [(f.label, f.count, f.is_selected) for f in page.facets["town"]] == [("嘉泽", 0, True)]
    labels = {f.value: f.label for f in search(NOBODY, SearchQuery()).facets["category"]}
    assert labels == {"office": "办公室", "street": "街道", "hospital": "医院"}


@pytest.mark.parametrize("sort", ["relevance", "name", "distance", "price"])
@pytest.mark.parametrize("filters", [{}, {"words": "室"}, {"setting": "inside"}], ids=str)
def test_very_many_hits_give_the_same_rows(monkeypatch: pytest.MonkeyPatch, sort: str, filters: dict[str, Any]) -> None:
    make_mixed()
    queries = [SearchQuery(**filters, near=(31.7, 119.95), sort=sort, page=page, page_size=7) for page in (1, 2, 3, 30)]
    exact = [search(NOBODY, query) for query in queries]
    monkeypatch.setattr(search_module, "EXACT", 10)
    for query, before in zip(queries, exact, strict=True):
        after = search(NOBODY, query)
        assert [row.id for row in after.rows] == [row.id for row in before.rows]
        assert after.total == before.total
        assert after.total_is_exact
        assert not after.facets_are_exact
        assert before.facets_are_exact


# Near


def test_distance_in_metres_and_the_edge_of_a_circle() -> None:
    here = (31.7, 119.95)
    for name, latitude, longitude in (("东", 31.7, 119.96), ("北", 31.709, 119.95), ("远", 31.9, 119.95)):
        make_place(name=name, latitude=latitude, longitude=longitude)
    make_place(name="无坐标")
    rows = search(NOBODY, SearchQuery(near=here, sort="distance")).rows
    assert [row.name for row in rows] == ["东", "北", "远", "无坐标"]
    for row in rows[:3]:
        assert row.distance_m == pytest.approx(metres(Place.objects.get(pk=row.id), here), abs=0.01)
    assert rows[3].distance_m is None
    edge = rows[1].distance_m
    assert edge is not None
    assert names(SearchQuery(near=here, radius_m=edge + 0.01, sort="distance")) == ["东", "北"]
    assert names(SearchQuery(near=here, radius_m=edge - 0.01, sort="distance")) == ["东"]


@pytest.mark.parametrize("near", [(90.0, 0.0), (-90.0, 0.0), (0.0, 180.0), (0.0, -180.0), (89.9, 179.9)])
def test_circles_over_the_pole_and_the_date_line(near: tuple[float, float]) -> None:
    for latitude, longitude in ((89.95, 10.0), (-89.95, 10.0), (0.0, 179.95), (0.0, -179.95), (0.0, 0.0)):
        make_place(latitude=latitude, longitude=longitude)
    rows = search(NOBODY, SearchQuery(near=near, radius_m=30_000)).rows
    expected = {p.pk for p in Place.objects.all() if metres(p, near) <= 30_000}
    assert {row.id for row in rows} == expected
    assert expected


def test_a_locked_position_is_told_to_a_kilometre_only() -> None:
    keeper_org = make_organisation()
    place = make_place(keeper_org, latitude=31.70123, longitude=119.95123, locked_fields=["position"])
    _, keeper = make_person(Role.KEEPER, keeper_org)
    _, officer = make_person(Role.OFFICER)
    near = SearchQuery(near=(31.70123, 119.95123), radius_m=2000)
    [row] = search(NOBODY, near).rows
    assert (row.latitude, row.longitude) == (None, None)
    assert row.distance_m is not None
    assert row.distance_m > 300
    assert search(NOBODY, SearchQuery(near=near.near, radius_m=50)).total == 0
    for actor in (keeper, officer):
        [row] = search(actor, near).rows
        assert (row.latitude, row.longitude) == (place.latitude, place.longitude)
        assert row.distance_m == pytest.approx(0, abs=0.01)


# Order, pages


def test_by_price_of_the_day() -> None:
    dear, cheap, daily = (make_place(name=name, priced=False) for name in ("贵", "便宜", "按天"))
    gift, unpriced = make_place(name="免费", priced=False), make_place(name="无价", priced=False)
    make_tariff(dear, hour_fen=50_000, day_fen=None)
    make_tariff(cheap, hour_fen=9_000, day_fen=None)
    make_tariff(daily, hour_fen=None, day_fen=140_000, day_limit_minutes=14 * 60)
    make_tariff(gift, is_free=True, hour_fen=None, day_fen=None)
    rows = search(NOBODY, SearchQuery(sort="price")).rows
    assert [row.name for row in rows] == ["免费", "便宜", "按天", "贵", "无价"]
    assert [row.is_free for row in rows] == [True, False, False, False, False]
    assert rows[2].day_fen == 140_000
    assert rows[4].hour_fen is None
    assert unpriced.pk == rows[4].id


def test_pages_neither_repeat_nor_skip() -> None:
    make_mixed(23)
    seen = [row.id for page in range(1, 6) for row in search(NOBODY, SearchQuery(page=page, page_size=5)).rows]
    assert len(seen) == len(set(seen)) == 23
    assert search(NOBODY, SearchQuery(page=6, page_size=5)).rows == []
    assert search(NOBODY, SearchQuery(page=10**12)).rows == []
    assert search(NOBODY, SearchQuery(page_size=5)).pages == 5


def test_rows_name_where_a_place_stands() -> None:
    base = make_organisation(name="样例基地二")
    site = make_place(base, name="样例影城", kind="site")
    building = make_place(base, name="A座", kind="building", parent=site)
    make_place(base, name="审讯室", parent=building)
    [row] = search(NOBODY, SearchQuery(words="审讯室")).rows
    assert row.path == ["样例影城", "A座"]
    assert row.owner_name == "样例基地二"
    update_place(actor=system(), place_id=site.pk)
    Place.objects.filter(pk=site.pk).update(visibility="private")
    [row] = search(NOBODY, SearchQuery(words="审讯室")).rows
    assert row.path == ["A座"]


# Who sees what


def test_what_is_not_public_is_for_its_keepers_and_the_office() -> None:
    base, other = make_organisation(), make_organisation()
    for name, visibility in (("公开棚", "public"), ("待审棚", "review"), ("内部棚", "private")):
        make_place(base, name=name, visibility=visibility)
    make_place(other, name="别家棚", visibility="private")
    _, keeper = make_person(Role.KEEPER, base)
    _, other_keeper = make_person(Role.KEEPER, other)
    _, scheduler = make_person(Role.SCHEDULER, make_organisation(OrganisationKind.CREW))
    _, leader = make_person(Role.LEADER)
    assert found("棚") == {"公开棚"} == found("棚", scheduler)
    assert found("棚", keeper) == {"公开棚", "待审棚", "内部棚"}
    assert found("棚", other_keeper) == {"公开棚", "别家棚"}
    for actor in (leader, system()):
        assert found("棚", actor) == {"公开棚", "待审棚", "内部棚", "别家棚"}
    page = search(scheduler, SearchQuery(words="棚"))
    assert page.total == 1
    assert sum(f.count for f in page.facets["kind"]) == 1


def test_only_bookable_and_one_owners() -> None:
    base = make_organisation()
    make_place(base, name="可订棚")
    make_place(name="看看棚", is_bookable=False)
    assert names(SearchQuery(bookable_only=True)) == ["可订棚"]
    assert names(SearchQuery(owner_id=base.pk)) == ["可订棚"]


def test_one_statement_for_rows_and_facets(django_assert_num_queries: Any) -> None:
    make_mixed(10)
    with django_assert_num_queries(2):  # the second reads the vocabularies' labels
        search(NOBODY, SearchQuery(words="室", near=(31.7, 119.95), radius_m=9000, sort="distance"))
