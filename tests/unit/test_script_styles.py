"""Example scripts in many styles against what they say, and random ones against the truth they were made from."""

from __future__ import annotations

import importlib
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xiepai.script import Breakdown, Code, read_script
from xiepai.script.headings import heading

pytestmark = pytest.mark.unit
ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "scripts"
EXPECTED = {
    "style-ancient.txt": "1-1 dawn out 午门|1-2 day in 御书房|1-3 night in 冷宫/偏殿|2-4 dusk out 御花园/水榭"
    "|2-5 night out 外廷/偏门|2-6 dawn in 御书房",
    "style-boxes.txt": "1-1 night in 快递站/分拣区|1-2 dawn out 盘山公路|1-3 day in 云上小学/教室"
    "|2-1 dusk out 云上小学/操场",
    "style-glued.txt": "1-1 day in 陆氏大厦电梯|1-2 night out 陆氏大厦天台|1-3 night in 白露家客厅|2-1 dawn out 滨河路"
    "|2-2 day in 日料店包厢|2-3 dusk out 夜市|2-4 night in 外婆家",
    "style-labels.txt": "1-1 day out 旧货市场/入口|1-2 night in 老吴铺子|1-3 night out 老吴铺子/后院"
    "|2-1 dawn in 派出所/接待大厅|2-2 dusk out 旧铁路桥",
    "style-mixed-english.txt": "1-1 dawn out 码头 PIER|1-2 day in 渡轮 FERRY CABIN|1-3 night both TAXI"
    "|1-4 night out OLD STREET",
    "style-numbered.md": "1-1 night in 万达影院/放映厅|1-2 night out 万达影院/停车场|2-1 night in 1988酒吧"
    "|2-2A dawn out 老城墙/根下|2-3 day in 林小满家/厨房/客厅",
}
CAST = {
    "style-ancient.txt": "沈知意 老太监 皇帝 废妃 贵妃 顾将军",
    "style-mixed-english.txt": "LUCY 船夫 MARK",
    "style-numbered.md": "江澄 林小满 赵大勇 林母",
}


@pytest.fixture(scope="module")
def scripts() -> Any:
    """The generator of the benchmark."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        yield importlib.import_module("_scripts")
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))


def shown(found: Breakdown) -> str:
    return "|".join(f"{each.key} {each.time} {each.side} {'/'.join(each.place)}" for each in found.scenes)


def example(name: str) -> Breakdown:
    return read_script((EXAMPLES / name).read_bytes(), name)


@pytest.mark.parametrize("name", EXPECTED)
def test_examples(name: str) -> None:
    assert shown(example(name)) == EXPECTED[name]


@pytest.mark.parametrize("name", CAST)
def test_casts(name: str) -> None:
    assert set(example(name).cast_counts()) == set(CAST[name].split())


def test_sixty_episodes() -> None:
    found = example("style-vertical.txt")
    assert [each.key for each in found.scenes] == [
        f"{episode}-{scene}" for episode in range(1, 61) for scene in range(1, 3 + (episode % 3 == 0))
    ]
    assert not found.problems
    assert all(each.confidence == 100 for each in found.scenes)


def test_generated_examples_are_what_their_program_writes() -> None:
    files = runpy.run_path(str(EXAMPLES / "make_examples.py"))["files"]()
    for name, content in files.items():
        assert (EXAMPLES / name).read_text(
            encoding="utf-8-sig" if name.endswith(".csv") else "utf-8"
        ) == content.lstrip("\ufeff")


def test_every_style_of_the_generator_is_read(scripts: Any) -> None:
    for style in scripts.STYLES:
        made = scripts.script(style, 4711)
        by_line = {each.line - 1: each for each in read_script(made.text.encode(), "a.txt").scenes}
        assert by_line.keys() == made.truth.keys(), style
        for at, truth in made.truth.items():
            assert by_line[at].head() == (
                truth.episode,
                truth.number,
                truth.time,
                truth.side or by_line[at].side,
                truth.place,
            )


@settings(max_examples=40, deadline=None)
@given(st.integers(10_000, 99_999), st.data())
def test_random_scripts(seed: int, data: st.DataObject) -> None:
    module = importlib.import_module("_scripts")
    made = module.script(data.draw(st.sampled_from(sorted(module.STYLES))), seed, episodes=3)
    by_line = {each.line - 1: each for each in read_script(made.text.encode(), "a.txt").scenes}
    assert by_line.keys() == made.truth.keys()
    for at, truth in made.truth.items():
        assert (by_line[at].number, by_line[at].time, by_line[at].place) == (truth.number, truth.time, truth.place)


@pytest.fixture(autouse=True)
def generator_is_found(scripts: Any) -> None:
    """Keeps the generator importable while a test runs."""


FORMS = {
    "3-12 日 内 客厅": (3, "12"),
    "3-12A 日 内 客厅": (3, "12A"),
    "场3-12 日 内 客厅": (3, "12"),
    "场景3-12：客厅 日 内": (3, "12"),
    "第3集-第12场 日 内 客厅": (3, "12"),
    "第三集第十二场 日 内 客厅": (3, "12"),
    "第一集 1-2 日 内 客厅": (1, "2"),
    "3.12 日 内 客厅": (3, "12"),
    "【3-12】日/内 客厅": (3, "12"),
    "EP3 SC12 INT. 客厅 - DAY": (3, "12"),
    "第12场 日内 客厅": (None, "12"),
    "12场 日 内 客厅": (None, "12"),
    "场景12 客厅 日 内": (None, "12"),
    "场次（12）地点：客厅，日，内；出场人物：苏晚": (None, "12"),
    "12、日 内 客厅": (None, "12"),
    "12. 客厅 日内": (None, "12"),
    "(12) 日 内 客厅": (None, "12"),
    "十二、日 内 客厅": (None, "12"),
    "#12 日 内 客厅": (None, "12"),
    "12日内客厅": (None, "12"),
    "１２．　日　内　客厅": (None, "12"),
}


@pytest.mark.parametrize("line", FORMS)
def test_forms_of_numbers(line: str) -> None:
    found = heading(line)
    assert found is not None
    assert (found.episode, found.number) == FORMS[line]
    assert (found.time, found.side, found.place) == ("day", "in", ("客厅",))


@pytest.mark.parametrize(
    "line",
    [
        "11-25日，晴",
        "2026-11-25 晴",
        "3-5人一组，夜里出发",
        "夜，外面下着雨。",
        "日复一日，夜复一夜。",
        "限你三日内还钱",
        "近日内瓦有雨",
        "苏晚：3-12 日 内 客厅",
        "苏晚（笑）：第12场 夜 外 老街",
        "△3-12 日 内 客厅",
        "外婆家的老房子",
        "他从内科走到外科，日光灯一闪一闪。",
        "第十二条 内部资料不得外传",
        "",
        "　",
        "日",
        "夜 ",
    ],
)
def test_what_is_no_heading(line: str) -> None:
    assert heading(line) is None


def test_a_role_in_brackets_is_no_part_of_the_place() -> None:
    found = read_script(
        "1-1 日 内 客厅（苏晚、陆沉）\n△走。\n1-2 日 内 老宅（苏晚）\n1-3 日 内 老宅（二楼）".encode(), "a.txt"
    )
    assert [(each.place, each.cast) for each in found.scenes] == [
        (("客厅",), ("苏晚", "陆沉")),
        (("老宅",), ("苏晚",)),
        (("老宅", "二楼"), ()),
    ]


def test_a_doubtful_line_is_told_and_not_taken() -> None:
    lines = [
        "1-1 日 内 客厅",
        "△走。",
        "9、夜 老地方",
        "7-11便利店门口，夜",
        "8-2 晚 外滩见",
        "1-2 夜 外 老街",
        "△走。",
    ]
    found = read_script("\n".join(lines).encode(), "a.txt")
    assert [each.key for each in found.scenes] == ["1-1", "1-2"]
    assert [each.line for each in found.problems if each.code is Code.MAYBE_HEADING] == [3, 4, 5]


def test_repeated_skipped_and_returning_numbers_are_told_with_their_lines() -> None:
    lines = ["1-1 日 内 客厅", "1-2 日 内 客厅", "1-2 夜 内 客厅", "1-5 日 内 客厅", "1-4 日 内 客厅", "4-1 日 内 客厅"]
    found = read_script("\n".join(lines).encode(), "a.txt")
    told = {(each.code, each.line) for each in found.problems if each.code.value.startswith(("number", "episode"))}
    assert told == {
        (Code.NUMBER_TWICE, 3),
        (Code.NUMBER_SKIPPED, 4),
        (Code.NUMBER_BACK, 5),
        (Code.EPISODE_SKIPPED, 6),
    }
    assert len({each.key for each in found.scenes}) == 6
    assert found.scenes[2].confidence < found.scenes[0].confidence
