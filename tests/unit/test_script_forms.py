"""Forms writers use: each was met in a script the reader had failed on, and is told here in words of our own."""

from __future__ import annotations

import pytest

from xiepai.script import Breakdown, read_script
from xiepai.script.headings import heading
from xiepai.script.scenes import Part

pytestmark = pytest.mark.unit


def read(*lines: str) -> Breakdown:
    return read_script("\n".join(lines).encode(), "a.txt")


def told(found: Breakdown) -> list[tuple[str, str | None, str | None, str]]:
    """Number, light, side and place of every scene."""
    return [(each.number, each.time, each.side, "-".join(each.place)) for each in found.scenes]


@pytest.mark.parametrize(
    ("line", "number", "time", "side", "place"),
    [
        ("12.苏家老宅 夜 2019.1.3", "12", "night", None, ("苏家老宅",)),
        ("12. 渡口茶棚 日2019年3月5日", "12", "day", None, ("渡口茶棚",)),
        ("7.苏家 内 日 夏", "7", "day", "in", ("苏家",)),
        ("7.山路。冬夜。外。", "7", "night", "out", ("山路",)),
        ("8.浴室夜晚内景", "8", "night", "in", ("浴室",)),
        ("3:镇政府大院    日    外", "3", "day", "out", ("镇政府大院",)),
        ("4;镇上茶馆  日  内", "4", "day", "in", ("镇上茶馆",)),
        ("5,外景校门前白天", "5", "day", "out", ("校门前",)),
        ("6、渡船驾驶室内 夜", "6", "night", "in", ("渡船驾驶室",)),
        ("9.内景。厨房。近景。日。", "9", "day", "in", ("厨房",)),
        ("2.外，田埂上，由日转夜", "2", "changing", "out", ("田埂上",)),
        ("3、渡口  第二天早上  外", "3", "dawn", "out", ("渡口",)),
        ("3-4 渡口 黄昏时分 外", "4", "dusk", "out", ("渡口",)),
        ("5-1 茶馆「听雨」 夜 内", "1", "night", "in", ("茶馆「听雨」",)),
        ("5-2地点，祠堂，日，内", "2", "day", "in", ("祠堂",)),
        ("【第2集】【场3】祠堂 · 日 · 内", "3", "day", "in", ("祠堂",)),
        ("7-2 临街茶楼，日，内（A 组 2.3 已拍）（9 扉页）", "2", "day", "in", ("临街茶楼",)),
        ("**4-1．王府 花厅　深夜　内**（≈5s，1 镜）", "1", "night", "in", ("王府", "花厅")),
        ("2-3丨老街丨夜丨外", "3", "night", "out", ("老街",)),
        ("6-4 渡口 日 外出场角色：苏晚", "4", "day", "out", ("渡口",)),
        ("## S07 | 内景 · 梦里的屋子 | 虚拟黎明", "7", "dawn", "in", ("梦里的屋子",)),
        ("S:7 时：日 内景：偏殿门口", "7", "day", "in", ("偏殿门口",)),
        ("第8场：渡口旧仓，黑夜，大雨。", "8", "night", None, ("渡口旧仓",)),
        ("3京郊日外", "3", "day", "out", ("京郊",)),
        ("2.后厨，内，日，近", "2", "day", "in", ("后厨",)),
        ("2。渡口 夜 外", "2", "night", "out", ("渡口",)),
        ("内景祠堂夜", "", "night", "in", ("祠堂",)),
    ],
)
def test_one_line(line: str, number: str, time: str, side: str | None, place: tuple[str, ...]) -> None:
    found = heading(line)
    assert found is not None
    said = None if found.side is None or "side_from_place" in [str(each) for each in found.reasons] else found.side
    assert (found.number, found.time, said, found.place) == (number, time, side, place)


@pytest.mark.parametrize(
    "line",
    [
        "- 场景用大写，如“INT. 公寓 - 夜”。",
        "场景列表：3-1 夜 内 大厅；3-2 夜 内 雅间",
        "12月3日 夜 渡口见。",
        "1、带上身份证；",
    ],
)
def test_what_only_tells_of_headings_is_none(line: str) -> None:
    found = heading(line)
    assert found is None or not found.number


def test_what_a_heading_goes_on_to_tell_is_the_first_paragraph() -> None:
    found = read(
        "第1场｜渡口｜雨夜。苏晚收起伞，站在栈桥尽头，看着对岸的灯。",
        "苏晚：你来了。",
        "第2场 日 内 祠堂：陆沉第一次走进来，香还没有烧完。",
        "陆沉：打扰了。",
    )
    assert told(found) == [("1", "night", "out", "渡口"), ("2", "day", "in", "祠堂")]
    assert [each.body[0].text for each in found.scenes] == [
        "苏晚收起伞，站在栈桥尽头，看着对岸的灯。",
        "陆沉第一次走进来，香还没有烧完。",
    ]
    assert all(each.body[0].part is Part.ACTION for each in found.scenes)


def test_a_title_behind_the_number_is_no_place_where_a_label_names_one() -> None:
    found = read(
        "场1-1：归来", "日/夜：夜", "外/内：外", "场景：渡口栈桥", "△风很大。",
        "场1-2：争吵", "日/夜：日", "外/内：内", "场景：苏家厨房", "△锅里冒着热气。",
    )  # fmt: skip
    assert told(found) == [("1", "night", "out", "渡口栈桥"), ("2", "day", "in", "苏家厨房")]
    assert [each.settings for each in found.scenes] == [("归来",), ("争吵",)]


def test_bars_and_labels_of_one_sign() -> None:
    found = read("1", "时│日景│茶馆/后院", "人│苏晚、陆沉", "△苏晚倒茶。", "2", "时│夜景│苏家", "人│苏晚", "△灯灭了。")
    assert told(found) == [("1", "day", "out", "茶馆-后院"), ("2", "night", None, "苏家")]
    assert found.scenes[0].cast == ("苏晚", "陆沉")


def test_digits_above_a_heading_or_a_label_are_its_number() -> None:
    assert told(read("一", "山道。外景。清晨。", "雾还没有散。", "二", "渡口。外景。白天。", "船靠岸。")) == [
        ("1", "dawn", "out", "山道"),
        ("2", "day", "out", "渡口"),
    ]
    assert told(
        read(
            "【1】", "时：日。景：苏家。人：苏晚。", "苏晚：爸。", "【2】", "时：夜。景：陆家。人：陆沉。", "陆沉：嗯。"
        )
    ) == [
        ("1", "day", None, "苏家"),
        ("2", "night", None, "陆家"),
    ]


def test_a_cast_below_a_number_makes_it_a_scene_without_a_light() -> None:
    found = read(
        "第一集", "场景1", "人物：苏晚，陆沉", "△苏晚转身。", "第二集", "2—1场景：日，外，渡口", "人物：苏晚", "△风。"
    )
    assert told(found) == [("1", None, None, ""), ("1", "day", "out", "渡口")]


def test_acts_that_hold_scenes_are_none_and_acts_alone_are() -> None:
    inside = read(
        "第一幕：归来", "### 场景1：渡口 - 日 - 外景", "△船。", "第二幕：争吵", "### 场景2：苏家 - 夜 - 内景", "△灯。"
    )
    assert told(inside) == [("1", "day", "out", "渡口"), ("2", "night", "in", "苏家")]
    alone = read("第一幕：归来", "场景：渡口，日外", "△船。", "第二幕：争吵", "场景：苏家，夜内", "△灯。")
    assert [each.number for each in alone.scenes] == ["1", "2"]


def test_a_list_of_scenes_before_the_text_is_none() -> None:
    titles = ("渡口误", "荒庙误", "花厅误")
    found = read(
        *(f"第{at}场：{each}" for at, each in zip("一二三", titles, strict=True)),
        "",
        "第一场",
        "时间：夜",
        "地点：渡口",
        "△船。",
    )
    assert [(each.number, each.place) for each in found.scenes] == [("1", ("渡口",))]


def test_a_heading_and_its_translation_are_one() -> None:
    found = read("场景 1 – 渡口茶棚 – 深夜", "", "Scene 1 – Tea House at the Ferry – Late Night", "", "△茶凉了。")
    assert told(found) == [("1", "night", None, "渡口茶棚")]


def test_places_on_the_line_below_numbers() -> None:
    found = read("第1集", "1.1", "渡口茶棚", "汽灯挂在檐下，风一吹就晃。", "1.2", "苏家后山", "天黑得很快。")
    assert [(each.episode, each.number, each.place) for each in found.scenes] == [
        (1, "1", ("渡口茶棚",)),
        (1, "2", ("苏家后山",)),
    ]


def test_people_before_the_place_and_the_same_bracket_at_several() -> None:
    before = read(
        "第一场：路人、苏晚，上午；渡口东门", "苏晚：到了。", "第二场：路人、苏晚，晚上；苏家宿舍", "苏晚：睡了。"
    )
    assert [each.place for each in before.scenes] == [("渡口东门",), ("苏家宿舍",)]
    bracket = read("1、日 内 药房仓库（学徒）", "灯坏了。", "2、日 内 前堂（学徒）", "人很多。")
    assert [(each.place, each.cast) for each in bracket.scenes] == [(("药房仓库",), ("学徒",)), (("前堂",), ("学徒",))]


def test_a_script_without_numbers_or_rules_is_read_loosely() -> None:
    found = read(
        "渡船上。",
        "",
        "苏晚望着对岸。",
        "",
        "老茶馆，中午。",
        "",
        "陆沉坐下来，要了一壶茶。",
        "",
        "在祠堂",
        "",
        "香烧完了。",
    )
    assert [(each.time, each.place) for each in found.scenes] == [
        (None, ("渡船上",)),
        ("day", ("老茶馆",)),
        (None, ("祠堂",)),
    ]
    led = read("※ 渡口（日）", "△船靠岸。", "※ 祠堂（夜）", "△香烧完了。")
    assert [(each.time, each.place) for each in led.scenes] == [("day", ("渡口",)), ("night", ("祠堂",))]


def test_a_script_that_begins_in_its_midst() -> None:
    found = read("37.镇口。夜。", "马车走远了。", "38.苏家后院。日。", "苏晚在晾衣服。")
    assert told(found) == [("37", "night", None, "镇口"), ("38", "day", "out", "苏家后院")]
    places = read("  10、渡口茶棚", "没有人。", "  11、苏家后院", "有一口井。")
    assert [(each.number, each.place) for each in places.scenes] == [("10", ("渡口茶棚",)), ("11", ("苏家后院",))]


def test_who_tells_how_things_are_made_is_nobody() -> None:
    found = read("1-1 日 内 苏家", "△苏晚坐下。", "运镜：缓推。", "情绪：压抑。", "◇首帧动势：手在动。", "苏晚：说吧。")
    assert found.scenes[0].cast == ("苏晚",)


def test_who_does_something_while_speaking_is_who_it_is() -> None:
    found = read(
        "1-1 日 内 苏家",
        "人物：苏晚、陆沉",
        "苏晚叹气：算了。",
        "陆沉看向窗外OS：她变了。",
        "苏晚妈妈：回来。",
        "陆沉：嗯。",
    )
    assert found.scenes[0].cast == ("苏晚", "陆沉", "苏晚妈妈")
    said = [(each.who, each.manner, each.voice) for each in found.scenes[0].body if each.part is Part.SPEECH]
    assert said[:2] == [("苏晚", "叹气", ""), ("陆沉", "看向窗外", "OS")]


def test_codes_of_four_digits_are_episode_and_scene_where_all_are() -> None:
    lines = ("0101 苏家 夜 内", "苏晚：好。", "0102 渡口 日 外", "陆沉：走。", "0201 苏家 夜 内", "苏晚：嗯。")
    assert [(each.episode, each.number) for each in read(*lines).scenes] == [(1, "1"), (1, "2"), (2, "1")]
    running = ("0099 苏家 夜 内", "苏晚：好。", "0100 渡口 日 外", "陆沉：走。", "0101 苏家 夜 内", "苏晚：嗯。")
    assert [(each.episode, each.number) for each in read(*running).scenes] == [
        (None, "99"),
        (None, "100"),
        (None, "101"),
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ("【苏家客厅】【夜】", "苏晚：好。", "【渡口】【日】", "陆沉：走。"),
        ("S1E1-1 苏家客厅 夜", "苏晚：好。", "S1E1-2 渡口 日", "陆沉：走。"),
        ("第1场", "苏家客厅", "夜", "内", "苏晚：好。", "第2场", "渡口", "日", "外", "陆沉：走。"),
    ],
)
def test_places_and_lights_are_found(lines: tuple[str, ...]) -> None:
    assert [(each.time, each.place) for each in read(*lines).scenes] == [("night", ("苏家客厅",)), ("day", ("渡口",))]


def test_a_sentence_in_a_list_of_names_is_no_name_and_stays_in_the_scene() -> None:
    sentence = "站在门口的那个一直没有说话后来也没有人再见过他的从外地来的年轻人还有他身后跟着的两只羊一条狗"
    found = read("1-1 日 内 苏家", f"人物：苏晚、{sentence}", "苏晚：谁？")
    assert found.scenes[0].cast == ("苏晚",)
    assert sentence in found.scenes[0].body[0].text
