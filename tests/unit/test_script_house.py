"""What is learnt from a whole script: numbers of unforeseen forms, glued headings, and where the people stand."""

from __future__ import annotations

import pytest

from xiepai.script import Breakdown, Scene, read_script

pytestmark = pytest.mark.unit


def read(*headings: str, body: str = "△她推开门。\n苏晚：走吧。") -> tuple[Scene, ...]:
    return found("\n\n".join(f"{each}\n{body}" for each in headings)).scenes


def found(text: str) -> Breakdown:
    return read_script(text.encode(), "a.txt")


def keys(scenes: tuple[Scene, ...]) -> list[tuple[int | None, str, tuple[str, ...]]]:
    return [(each.episode, each.number, each.place) for each in scenes]


@pytest.mark.parametrize(
    "form", ["EP{e:02}-{n:02} {h}", "S01E{e:02}-{n} {h}", "集{e}场{n} {h}", "{h}　【{e}-{n}】", "第{e}-{n}场 {h}"]
)
def test_a_form_of_numbers_nobody_foresaw_is_learnt(form: str) -> None:
    pairs = [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)]
    scenes = read(*(form.format(e=episode, n=number, h="夜/内 老街") for episode, number in pairs))
    assert keys(scenes) == [(episode, str(number), ("老街",)) for episode, number in pairs]


def test_a_number_at_the_end_is_learnt() -> None:
    scenes = read("【正厅】日·内　第1场", "【书房】夜·内　第2场", "【竹林】夜·外　第2A场", "【渡口】日·外　第3场")
    assert [each.number for each in scenes] == ["1", "2", "2A", "3"]
    assert [each.place for each in scenes] == [("正厅",), ("书房",), ("竹林",), ("渡口",)]


def test_a_missing_light_is_no_reason_once_the_form_is_known() -> None:
    scenes = read("景一　客厅　内景　日", "景二　厨房", "景三　阳台　外景　夜", "景四　门口　外景　夜")
    assert [each.number for each in scenes] == ["1", "2", "3", "4"]
    assert scenes[1].place == ("厨房",)
    assert scenes[1].time is None


def test_house_numbers_and_lists_are_not_learnt() -> None:
    scenes = read(
        "1-1 日 内 客厅", "1-2 夜 外 老街", "1-3 日 内 厨房", body="苏晚：走吧。\nA1楼\nA2楼\nA3楼\n第1名\n第2名\n第3名"
    )
    assert keys(scenes) == [(1, "1", ("客厅",)), (1, "2", ("老街",)), (1, "3", ("厨房",))]


def test_numbers_that_do_not_count_are_no_numbers() -> None:
    scenes = read("302 日 内 客厅", "118 夜 内 老街", "7 夜 内 厨房", "45 日 外 渡口")
    assert not any(
        each.number in ("302", "118", "7", "45") for each in scenes if each.number and each.confidence == 100
    )


def test_where_headings_are_glued_no_town_is_read_into_them() -> None:
    glued = read("1-1日内客厅", "1-2夜内江边", "1-3夜外老街", "1-4日内出租车上")
    assert [(each.side, each.place) for each in glued] == [
        ("in", ("客厅",)),
        ("in", ("江边",)),
        ("out", ("老街",)),
        ("in", ("出租车上",)),
    ]
    apart = read("1-1 日 内 客厅", "1-2 夜 内江码头", "1-3 夜 外 老街", "1-4 日 内 车上")
    assert apart[1].place == ("内江码头",)


def test_people_behind_the_place_are_cast() -> None:
    scenes = read("第一场，包间，夜，苏晚、陆沉", "第二场，河堤，日，陆沉", "第三场，灵堂，夜，苏晚、宾客若干")
    assert [each.place for each in scenes] == [("包间",), ("河堤",), ("灵堂",)]
    assert [each.cast for each in scenes] == [("苏晚", "陆沉"), ("陆沉", "苏晚"), ("苏晚",)]
    assert scenes[2].crowd == ("宾客若干",)


def test_a_level_of_the_place_stays_even_where_others_end_in_people() -> None:
    scenes = read(
        *(f"1-{at} | 医院-走廊 | 日 | 内 | 苏晚、陆沉" for at in range(1, 6)), "1-6 | 医院-天台 | 夜 | 外 | 苏晚"
    )
    assert {each.place for each in scenes} == {("医院", "走廊"), ("医院", "天台")}


@pytest.mark.parametrize("form", ["（{}）", "——{}", "【{}】", "◆人物：{}", "人物 {}", "人物：（{}）"])
def test_a_cast_list_below_the_heading_needs_no_label(form: str) -> None:
    names = ["苏晚、陆沉", "陆沉、王姨", "苏晚、王姨、保镖若干"]
    lines = [f"1-{at} 日 内 客厅\n{form.format(each)}\n△门开了。\n苏晚：走吧。" for at, each in enumerate(names, 1)]
    scenes = found("\n\n".join(lines)).scenes
    assert [each.cast[:2] for each in scenes] == [("苏晚", "陆沉"), ("陆沉", "王姨"), ("苏晚", "王姨")]
    assert scenes[2].crowd == ("保镖若干",)


def test_an_action_in_brackets_below_the_heading_is_no_cast() -> None:
    scenes = read(
        "1-1 日 内 客厅", "1-2 夜 外 老街", "1-3 日 内 厨房", body="（苏晚、陆沉站在窗前，谁也不说话）\n苏晚：走吧。"
    )
    assert {each.cast for each in scenes} == {("苏晚",)}


def test_a_cast_line_above_its_heading_belongs_below() -> None:
    scenes = found(
        "\n\n".join(
            f"人物：{cast}\n场景：{place}，日，内\n△门开了。"
            for cast, place in (("苏晚", "客厅"), ("陆沉、王姨", "厨房"), ("王姨", "书房"))
        )
    ).scenes
    assert [(each.cast, each.place) for each in scenes] == [
        (("苏晚",), ("客厅",)),
        (("陆沉", "王姨"), ("厨房",)),
        (("王姨",), ("书房",)),
    ]


def test_a_list_number_above_labels_is_the_scene_s() -> None:
    scenes = read(
        "一、\n时间：夜\n地点：书房\n内外：内",
        "二、\n时间：日\n地点：渡口\n内外：外",
        "三、\n时间：日\n地点：破庙\n内外：内",
    )
    assert keys(scenes) == [(None, "1", ("书房",)), (None, "2", ("渡口",)), (None, "3", ("破庙",))]


def test_a_side_in_brackets_is_no_label() -> None:
    assert [each.side for each in read("1-1 [内外] [夜] 夜宵摊", "1-2 【内/外】【日】火车")] == ["both", "both"]
    assert [each.side for each in read("1-1 【内外】内 【时间】夜 【场景】客厅")] == ["in"]


def test_what_is_read_aloud_is_no_role() -> None:
    scenes = read("1-1 日 内 客厅", body="手机屏幕：外卖已送达\n值班表：周三\n诏曰：宣\n【李想】：我来。")
    assert scenes[0].cast == ("李想",)


def test_a_list_of_sets_before_the_first_episode_opens_no_scene() -> None:
    sets = "主场景\n1. 老宅（内外景，日夜）\n2. 医院（内，日）\n\n第一集\n"
    scenes = found(sets + "\n".join(f"1-{at} 日 内 客厅\n苏晚：走吧。" for at in range(1, 6))).scenes
    assert keys(scenes) == [(1, str(at), ("客厅",)) for at in range(1, 6)]


def test_headings_on_three_lines_are_learnt_and_once_is_no_habit() -> None:
    scenes = read("1-1\n日　内\n客厅", "1-2\n夜　外\n老街-桥头", "1-3\n日　内\n书房")
    assert keys(scenes) == [(1, "1", ("客厅",)), (1, "2", ("老街", "桥头")), (1, "3", ("书房",))]
    once = read("1-1 日 内 客厅", "1-2 夜 外 老街", "1-3\n日　内\n门开了", "1-4 日 内 书房", "1-5 日 内 书房")
    assert ("门开了",) not in [each.place for each in once]


def test_places_in_brackets_above_their_light_are_headings_where_it_is_the_habit() -> None:
    scenes = read("【正厅】\n（夜，内）", "【竹林】\n（日，外）", "【渡口】\n（清晨，外）")
    assert [(each.time, each.side, each.place) for each in scenes] == [
        ("night", "in", ("正厅",)),
        ("day", "out", ("竹林",)),
        ("dawn", "out", ("渡口",)),
    ]


def test_traditional_labels_are_read_and_places_keep_their_signs() -> None:
    scenes = read(
        "場次：1\n時間：黃昏\n地點：劇場（內）\n人物：店員、蘇晚", "場次：2\n時間：夜\n地點：後巷（外）\n人物：蘇晚"
    )
    assert [(each.number, each.time, each.side, each.place) for each in scenes] == [
        ("1", "dusk", "in", ("劇場",)),
        ("2", "night", "out", ("後巷",)),
    ]
    assert scenes[0].cast[:2] == ("店員", "蘇晚")


def test_a_word_for_the_cast_is_learnt() -> None:
    lines = [
        f"1-{at} 日 内 客厅\n上镜：{each}\n△门开了。\n苏晚：走吧。"
        for at, each in enumerate(("苏晚、陆沉", "苏晚", "陆沉"), 1)
    ]
    scenes = found("\n".join(lines)).scenes
    assert [each.cast for each in scenes] == [("苏晚", "陆沉"), ("苏晚",), ("陆沉", "苏晚")]


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("1-1 日 内 客厅（与前场连戏）", ("客厅",)),
        ("1-1 日 9:30 内 客厅", ("客厅",)),
        ("1-1 日 内 客厅（45秒）", ("客厅",)),
        ("1-1 客厅 日内【字幕：三年前】", ("客厅",)),
        ("◆1-1 日 内 客厅", ("客厅",)),
        ("===1-1 日 内 客厅===", ("客厅",)),
        ("第一幕 第1场 客厅 日 内", ("客厅",)),
        ("1 内景 客厅 — 日 1", ("客厅",)),
        ("1-1 D/INT 客厅", ("客厅",)),
        ("1-1 日戏 内 客厅", ("客厅",)),
        ("场号｜1-1　地点｜客厅　时间｜日　内外｜内", ("客厅",)),
    ],
)
def test_what_stands_around_the_fields_is_no_place(line: str, place: tuple[str, ...]) -> None:
    scene = found(f"{line}\n苏晚：走吧。").scenes[0]
    assert (scene.number, scene.time, scene.side, scene.place) == ("1", "day", "in", place)


def test_a_certain_heading_with_a_long_place_is_told_and_not_lost() -> None:
    breakdown = found("1-1 日 内 一个特别特别特别特别特别长的地点名字里面还混着别的内容\n苏晚：走吧。")
    assert [each.number for each in breakdown.scenes] == ["1"]
    assert "long_place" in [str(each.code) for each in breakdown.problems]
