"""A revised script: scenes matched, hand-made corrections kept; names and places that may be one."""

from __future__ import annotations

from pathlib import Path

import pytest

from xiepai.script import Breakdown, Code, Side, Time, read_script
from xiepai.script.alike import name_suggestions, place_suggestions, suggestions
from xiepai.script.correcting import corrected, renamed
from xiepai.script.merging import State, carry, label, merge

pytestmark = pytest.mark.unit
DRAMA = (Path(__file__).parents[2] / "examples" / "scripts" / "demo-drama.txt").read_text(encoding="utf-8")


def read(text: str) -> Breakdown:
    return read_script(text.encode(), "a.txt")


def revised() -> str:
    """The sample drama with one scene moved to night, one rewritten, one added (so the rest is renumbered), one cut."""
    text = DRAMA.replace("1-2 日 内", "1-2 夜 内")
    text = text.replace("苏晚：修得好画，修不好人。", "苏晚：画可以修，人不行。")
    start, end = text.index("5-4 "), text.index("第六集")
    text = text[:start] + text[end:]
    added = "3-1 日 外 淹城遗址-竹林\n人物：顾北辰\n△顾北辰在竹林里练箭。\n\n"
    for number in (4, 3, 2, 1):
        text = text.replace(f"\n3-{number} ", f"\n3-{number + 1} ")
    return text.replace("第三集 火\n\n", "第三集 火\n\n" + added)


def test_a_revision_is_matched_scene_by_scene() -> None:
    merged = merge(read(DRAMA), read(revised()))
    told = {label(each): each for each in merged.pairs}
    assert told["1-2"].state is State.CHANGED
    assert [(each.field, each.was, each.now) for each in told["1-2"].changes] == [("time", Time.DAY, Time.NIGHT)]
    assert [each.field for each in told["1-3"].changes] == ["body"]
    assert told["3-1"].state is State.ADDED
    assert told["5-4"].state is State.REMOVED
    for number in (1, 2, 3, 4):
        assert told[f"3-{number} → 3-{number + 1}"].state is State.MOVED
    assert merged.counts() == {State.KEPT: 36, State.CHANGED: 2, State.MOVED: 4, State.ADDED: 1, State.REMOVED: 1}
    assert merged.new_keys()["3-4"] == "3-5"
    assert [each.before.key for each in merged.pairs if each.before and each.after is None] == ["5-4"]


def test_the_same_script_is_kept_whole() -> None:
    assert merge(read(DRAMA), read(DRAMA)).counts() == {State.KEPT: 43}


def test_a_scene_with_its_number_but_other_words_is_another_scene() -> None:
    merged = merge(read("1-1 日 内 客厅\n△苏晚推门进来，坐下喝茶。"), read("1-1 夜 外 码头\n△船在浪里翻了，众人大喊。"))
    assert [each.state for each in merged.pairs] == [State.REMOVED, State.ADDED]


def test_corrections_follow_their_scene_and_a_moved_ground_is_told() -> None:
    mine = {"1-2": {"time": "dusk"}, "3-1": {"place": ("陆家", "画室")}, "5-4": {"side": "out"}}
    carried, conflicts = carry(mine, merge(read(DRAMA), read(revised())))
    assert carried == {"1-2": {"time": "dusk"}, "3-2": {"place": ("陆家", "画室")}}
    assert [(each.key, each.field, each.corrected, each.script) for each in conflicts] == [
        ("1-2", "time", "dusk", "night")
    ]


def test_a_correction_answers_its_doubt_and_finds_the_marks_again() -> None:
    found = read("1-1 孟河老街 外\n人物：苏晚\n△走。")
    assert Code.NO_TIME in found.scenes[0].reasons
    mended = corrected(found, {"1-1": {"time": "night", "cast": ["苏晚", "小豆子（8岁）"]}})
    scene = mended.scenes[0]
    assert (scene.time, scene.side, scene.cast) == (Time.NIGHT, Side.OUTSIDE, ("苏晚", "小豆子（8岁）"))
    assert {"night_street", "minors"} <= set(scene.mark_names)
    assert scene.confidence == 100
    assert not mended.problems
    assert found.scenes[0].time is None
    with pytest.raises(ValueError, match="heading"):
        corrected(found, {"1-1": {"heading": "x"}})


NAMES = """1-1 日 内 苏家-客厅
人物：苏晚、小美、小美妈、陆沉
1-2 日 内 苏家客厅
人物：苏婉、小美
1-3 夜 外 孟河老街
人物：陆沉、黑衣人甲、黑衣人乙
1-4 夜 外 梦河老街
人物：沉、顾北辰、陆总
1-5 日 内 3号楼-大厅
人物：北辰、苏晚
1-6 日 内 5号楼-大厅
人物：苏晚、苏婉婉
"""


def test_names_and_places_that_may_be_one() -> None:
    found = read(NAMES)
    told = {(each.keep, each.other): each for each in suggestions(found)}
    assert ("苏晚", "苏婉") in told
    assert ("顾北辰", "北辰") in told
    assert ("苏家-客厅", "苏家客厅") in told
    assert ("孟河老街", "梦河老街") in told
    joined = {frozenset(pair) for pair in told}
    for one, other in (("小美", "小美妈"), ("黑衣人甲", "黑衣人乙"), ("3号楼-大厅", "5号楼-大厅"), ("苏晚", "苏婉婉")):
        assert frozenset((one, other)) not in joined
    assert "苏婉" in told["苏晚", "苏婉"].message()
    assert "sound" in told["苏晚", "苏婉"].message("en")


def test_one_press_merges_them() -> None:
    found = renamed(read(NAMES), {"苏婉": "苏晚"}, {"苏家客厅": "苏家-客厅"})
    assert "苏婉" not in found.cast_counts()
    assert found.scenes[1].place == ("苏家", "客厅")
    assert not [each for each in name_suggestions(found) if each.other == "苏婉"]
    assert not [each for each in place_suggestions(found) if each.other == "苏家客厅"]


def test_the_sample_drama_has_nothing_to_merge_but_the_boy() -> None:
    assert {each.other for each in suggestions(read(DRAMA))} <= {"小豆子", "小豆子（5岁）"}
