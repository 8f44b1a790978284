"""A city of any size for measuring: N places, M bookings, written by COPY in seconds, the same for the same seed.

Sites of five buildings with their sets, spread over half a degree around a lake; one place in twenty-five is
a counted resource. Bookings lie on the leaves, unevenly (a few places are wanted by everybody), never two on
one. Triggers are off while writing; what they would have written (cover, occupancy) is written in bulk.
The underscore keeps ``make bench`` from running this file: it measures nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from xiepai.places.models import Place, PlaceKind, Vocabulary
from xiepai.places.search_words import pinyin_tokens, sort_key, text_tokens

FIRST_DAY = datetime(2027, 1, 1, tzinfo=UTC)
DAYS = 120
CENTRE = (31.70, 119.95)
SETS_A_BUILDING = 36
TOWNS = ("湖塘", "西湖", "嘉泽", "雪堰", "洛阳", "礼嘉", "前黄", "牛塘", "湟里", "横林", "遥观", "南夏墅")
STYLES = ("近代", "当代", "现代", "古装", "民国", "未来")
MOODS = ("", "旧", "新", "豪华", "老", "海景", "复古", "简约", "中式", "欧式", "港风", "工业风", "田园", "地下")
KINDS = (
    "总裁办公室", "会议室", "审讯室", "法庭", "病房", "手术室", "护士站", "诊室", "客厅", "卧室", "书房",
    "厨房", "餐厅", "别墅", "四合院", "王府", "大殿", "花园", "御书房", "冷宫", "客栈", "酒楼", "街道", "祠堂",
    "码头", "咖啡馆", "酒吧", "夜总会", "便利店", "超市", "商场", "教室", "宿舍", "食堂", "图书馆", "操场",
    "体育馆", "机场", "火车站", "地铁站", "车库", "天台", "仓库", "厂房", "监狱", "派出所", "灵堂", "教堂",
    "民国街", "戏台", "电影院", "直播间", "录音棚", "绿幕棚", "虚拟棚", "健身房", "美容院", "婚纱店", "珠宝店",
    "银行", "报社",
)  # fmt: skip
DESCRIPTION = "可改景，带美术陈设，层高充足，近停车场，可夜拍。"


def make_city(connection: psycopg.Connection[Any], *, places: int, bookings: int, seed: int = 7) -> None:
    """Replace whatever the database holds by a city of that size; indexes built, statistics gathered."""
    chance = random.Random(seed)
    connection.execute("SET session_replication_role = replica")
    connection.execute(
        "TRUNCATE bookings_occupancy, bookings_booking, places_cover, places_tariff, places_openingrule, places_place,"
        " places_term, parties_organisation RESTART IDENTITY CASCADE"
    )
    _write_organisations(connection)
    _write_terms(connection)
    _write_places(connection, places, chance)
    _write_cover(connection)
    _write_hours(connection)
    _write_bookings(connection, bookings, chance)
    connection.execute("SET session_replication_role = origin")
    connection.commit()
    connection.autocommit = True
    connection.execute("VACUUM ANALYZE")
    connection.autocommit = False


def _write_organisations(connection: psycopg.Connection[Any]) -> None:
    connection.execute(
        "INSERT INTO parties_organisation"
        " (kind, name, name_en, uscc, uscc_warning, town, standing, is_active, created_at)"
        " SELECT CASE WHEN n = 1 THEN 'crew' ELSE 'base' END, 'bench ' || n, '', '', '', '', 'sample', true, now()"
        " FROM generate_series(1, 40) n"
    )


def _write_terms(connection: psycopg.Connection[Any]) -> None:
    words = [(Vocabulary.CATEGORY, f"c{n}", zh) for n, zh in enumerate(KINDS)]
    words += [(Vocabulary.STYLE, f"s{n}", zh) for n, zh in enumerate(STYLES)]
    words += [(Vocabulary.TOWN, f"t{n}", zh) for n, zh in enumerate(TOWNS)]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO places_term (vocabulary, code, zh, en, position, is_active) VALUES (%s, %s, %s, '', 0, true)",
            words,
        )


class _Documents:
    """Documents put together from remembered pieces: a million places have few different words."""

    def __init__(self) -> None:
        self._names: dict[str, tuple[list[str], str]] = {}
        self._texts: dict[str, list[str]] = {}

    def of(self, name: str, words: list[str], number: str) -> tuple[str, str]:
        if name not in self._names:
            self._names[name] = ([*text_tokens(name), *pinyin_tokens(name)], sort_key(name))
        tokens, key = self._names[name]
        found = dict.fromkeys(tokens)
        for word in words:
            if word not in self._texts:
                self._texts[word] = list(text_tokens(word))
            found.update(dict.fromkeys(self._texts[word]))
        found[number] = None
        return " ".join(found), key


def _rows(count: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Places in tree order: a site, then each building followed by its sets."""
    documents = _Documents()
    site = building = 0
    latitude = longitude = 0.0
    for number in range(1, count + 1):
        step = (number - 1) % (1 + 5 * (SETS_A_BUILDING + 1))
        town, style = chance.randrange(len(TOWNS)), chance.randrange(len(STYLES))
        kind_number = min(int(chance.expovariate(0.05)), len(KINDS) - 1)
        kind, parent, name = PlaceKind.SET, building, f"{chance.choice(MOODS)}{KINDS[kind_number]}"
        if step == 0:
            kind, parent, site, name = PlaceKind.SITE, None, number, f"{TOWNS[town]}影视基地"
            latitude = CENTRE[0] + chance.uniform(-0.25, 0.25)
            longitude = CENTRE[1] + chance.uniform(-0.3, 0.3)
        elif (step - 1) % (SETS_A_BUILDING + 1) == 0:
            kind, parent, building = PlaceKind.BUILDING, site, number
            name = f"{TOWNS[town]}影视基地{chance.choice('ABCDEFG')}座"
        counted = kind is PlaceKind.SET and number % 25 == 0
        text, key = documents.of(name, [KINDS[kind_number], STYLES[style], TOWNS[town], DESCRIPTION], str(number))
        yield {
            "id": number,
            "parent_id": parent,
            "owner_id": 2 + site % 39,
            "kind": PlaceKind.RESOURCE if counted else kind,
            "code": f"B{number}",
            "name": name,
            "town": f"t{town}",
            "categories": [f"c{kind_number}"],
            "styles": [f"s{style}"],
            "setting": chance.choice(["inside", "inside", "inside", "outside", "both"]),
            "sound": chance.choice(["unknown", "sync", "quiet_hours", "none"]),
            "terms": chance.choice(["paid", "paid", "paid", "low", "free"]),
            "people_max": chance.choice([None, 10, 20, 30, 40, 60, 100]),
            "latitude": latitude + chance.gauss(0, 0.002),
            "longitude": longitude + chance.gauss(0, 0.002),
            "visibility": "public" if chance.random() < 0.98 else "private",
            "standing": "sample",
            "capacity": chance.choice([5, 20, 50]) if counted else 1,
            "description": DESCRIPTION,
            "search_text": text,
            "sort_key": key,
        }


def _write_places(connection: psycopg.Connection[Any], count: int, chance: random.Random) -> None:
    fields = Place._meta.concrete_fields
    now = datetime.now(UTC)
    base = {field.column: field.get_default() for field in fields}
    base |= {"created_at": now, "updated_at": now}
    columns = list(base)
    with _without_indexes(connection, "places_place"), connection.cursor() as cursor:
        with cursor.copy(f"COPY places_place ({', '.join(columns)}) FROM STDIN") as copy:
            for row in _rows(count, chance):
                copy.write_row([row.get(column, base[column]) for column in columns])
        cursor.execute("SELECT setval('places_place_id_seq', %s)", [count])
    connection.execute(
        "INSERT INTO places_tariff (place_id, valid_from, is_free, free_condition, hour_fen, day_fen,"
        " day_limit_minutes, night_fen, night_from_minute, night_to_minute, overtime_fen, overtime_step_minutes,"
        " deposit_fen, cancellation, standing, note, created_at)"
        " SELECT id, '2026-01-01', terms = 'free', '', 10000 + id % 50 * 1000, 100000 + id % 50 * 10000, 840,"
        " 5000, 1320, 360, 30000, 60, 100000, '[]', 'sample', '', now() FROM places_place"
    )


def _write_cover(connection: psycopg.Connection[Any]) -> None:
    connection.execute(
        "INSERT INTO places_cover (place_id, leaf_id) WITH RECURSIVE walk AS ("
        " SELECT id AS leaf_id, id AS node, parent_id FROM places_place p"
        " WHERE NOT EXISTS (SELECT 1 FROM places_place c WHERE c.parent_id = p.id)"
        " UNION ALL SELECT walk.leaf_id, p.id, p.parent_id FROM walk JOIN places_place p ON p.id = walk.parent_id"
        ") SELECT node, leaf_id FROM walk"
    )


def _write_hours(connection: psycopg.Connection[Any]) -> None:
    """Two sites in three state hours for all that stands in them; the rest is open round the clock."""
    connection.execute(
        "INSERT INTO places_openingrule (place_id, weekday, opens_minute, closes_minute)"
        " SELECT id, day, 480, 1440 FROM places_place, generate_series(0, 6) day WHERE kind = 'site' AND id % 3 > 0"
    )


def _write_bookings(connection: psycopg.Connection[Any], count: int, chance: random.Random) -> None:
    """Each exclusive leaf gets its bookings on different days; counted ones overlap up to their capacity."""
    leaves = connection.execute(
        "SELECT c.leaf_id, p.capacity FROM places_cover c JOIN places_place p ON p.id = c.leaf_id"
        " WHERE c.place_id = c.leaf_id ORDER BY 1"
    ).fetchall()
    weights = [chance.expovariate(1.0) for _ in leaves]
    scale = count / sum(weights)
    connection.execute(
        "CREATE TEMP TABLE wish (id bigint, leaf_id bigint, starts timestamptz, hours int, counted boolean)"
        " ON COMMIT DROP"
    )
    with connection.cursor() as cursor, cursor.copy("COPY wish FROM STDIN") as copy:
        number, owed = 0, 0.0
        for (leaf, capacity), weight in zip(leaves, weights, strict=True):
            owed += weight * scale
            wanted = min(round(owed), DAYS)
            owed -= wanted
            for day in chance.sample(range(DAYS), wanted):
                number += 1
                starts = FIRST_DAY + timedelta(days=day, hours=chance.choice((0, 0, 0, 2, 4, 10)))
                copy.write_row((number, leaf, starts, chance.choice((4, 8, 12, 13)), capacity > 1))
    bookings_from_wishes(connection)


def bookings_from_wishes(connection: psycopg.Connection[Any]) -> None:
    with _without_indexes(connection, "bookings_booking"):
        connection.execute(
            "INSERT INTO bookings_booking (id, place_id, organisation_id, title, note, state, pencil, period,"
            " buffer_before_minutes, buffer_after_minutes, units, overrides_blocking, price_fen, deposit_fen, quote,"
            " reminders_sent, decision_note) OVERRIDING SYSTEM VALUE SELECT id, leaf_id, 1, '', '', 'confirmed', 1,"
            " tstzrange(starts, starts + make_interval(hours => hours)), 0, 30, 1, false, 0, 0, '[]', 0, '' FROM wish"
        )
    with _without_indexes(connection, "bookings_occupancy"):
        connection.execute(
            "INSERT INTO bookings_occupancy (leaf_id, booking_id, period, ahead, behind, lane, is_counted, units)"
            " SELECT leaf_id, id, p, p, tstzrange(lower(p), upper(p) + interval '30 minutes'), int8range(1, NULL),"
            " counted, 1 FROM (SELECT *, tstzrange(starts, starts + make_interval(hours => hours)) AS p FROM wish) w"
        )
    connection.execute("SELECT setval('bookings_booking_id_seq', (SELECT max(id) FROM bookings_booking))")


class _without_indexes:
    """Indexes and exclusion constraints of a table are dropped within the block and built again after it."""

    def __init__(self, connection: psycopg.Connection[Any], table: str) -> None:
        self._connection, self._table = connection, table

    def __enter__(self) -> None:
        self._constraints = self._connection.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'x'",
            [self._table],
        ).fetchall()
        for name, _ in self._constraints:
            self._connection.execute(f'ALTER TABLE {self._table} DROP CONSTRAINT "{name}"')
        self._indexes = self._connection.execute(
            "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
            " WHERE i.indrelid = %s::regclass"
            " AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
            [self._table],
        ).fetchall()
        for name, _ in self._indexes:
            self._connection.execute(f"DROP INDEX {name}")

    def __exit__(self, *failure: object) -> None:
        if failure[0] is not None:
            return
        for _, definition in self._indexes:
            self._connection.execute(definition)
        for name, definition in self._constraints:
            self._connection.execute(f'ALTER TABLE {self._table} ADD CONSTRAINT "{name}" {definition}')
