"""The same drama in every format gives the same scenes; what is written is read back the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scripts import TEMPLATE, pdf_file, word_file

from xiepai.script import Breakdown, Paragraph, Part, Scene, Side, Time, read_script
from xiepai.script.numerals import chinese
from xiepai.script.scenes import Format
from xiepai.script.words import TIMES
from xiepai.script.writing.schedules import to_uss
from xiepai.script.writing.screenplays import to_fdx, to_fountain
from xiepai.script.writing.table import to_csv, to_xlsx
from xiepai.script.writing.texts import STYLES, to_text

pytestmark = pytest.mark.unit
DRAMA = Path(__file__).parents[2] / "examples" / "scripts" / "demo-drama.txt"
WHOLE: dict[str, Callable[[Breakdown], bytes]] = {
    **{f"{style}.txt": lambda found, style=style: to_text(found, style).encode() for style in STYLES},  # type: ignore[misc]
    "a.fountain": lambda found: to_fountain(found).encode(),
    "a.fdx": lambda found: to_fdx(found).encode(),
    "a.docx": lambda found: word_file(to_text(found).splitlines()),
    "a.pdf": lambda found: pdf_file(to_text(found).splitlines()),
}
LISTS: dict[str, Callable[[Breakdown], bytes]] = {
    "a.xlsx": to_xlsx,
    "a.csv": to_csv,
    "a.uss": lambda found: to_uss(found).encode(),
}


@pytest.fixture(scope="module")
def drama() -> Breakdown:
    return read_script(DRAMA.read_bytes(), DRAMA.name)


def listed(scene: Scene) -> tuple[object, ...]:
    """What a list of scenes keeps."""
    return (*scene.head(), set(scene.cast), scene.crowd, scene.settings, scene.eighths)


def test_the_drama_is_what_its_title_says(drama: Breakdown) -> None:
    assert drama.title == "湖畔来信"
    assert len(drama.scenes) == 43
    assert {each.episode for each in drama.scenes} == set(range(1, 13))
    assert not drama.problems, [each.render() for each in drama.problems]
    assert all(each.confidence == 100 for each in drama.scenes)
    assert {"minors", "water", "fire", "drone", "night_street", "rain"} <= {str(each) for each in drama.mark_counts()}


@pytest.mark.parametrize("name", WHOLE)
def test_the_same_drama_gives_the_same_scenes(name: str, drama: Breakdown) -> None:
    again = read_script(WHOLE[name](drama), name)
    assert [each.facts() for each in again.scenes] == [each.facts() for each in drama.scenes]
    assert [each.lines for each in again.scenes] == [each.lines for each in drama.scenes]


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_scenes_come_back(name: str, drama: Breakdown) -> None:
    again = read_script(LISTS[name](drama), name)
    assert [listed(each) for each in again.scenes] == [listed(each) for each in drama.scenes]


PLACES = (
    "苏家客厅",
    "外婆家",
    "外滩",
    "内科诊室",
    "夜总会",
    "日料店",
    "晨光小区",
    "老街",
    "桥头",
    "二楼",
    "KTV包厢",
    "1988酒吧",
)
NAMES = ("苏晚", "陆沉", "王姨", "顾北辰", "林小满", "阿强", "小豆子（8岁）")
WORDS = st.text(
    "她推开门走进来看见桌上放着一封旧信外面下雨内心不安日夜晨昏场第三3-12，。！？", min_size=1, max_size=90
).map(lambda text: f"她{text}。")
CHINESE_TIMES = sorted(word for word in TIMES if not word.isascii() and word not in ("雨夜", "雪夜"))


@st.composite
def scenes(draw: st.DrawFn) -> Breakdown:
    made = []
    numbers = draw(st.lists(st.integers(1, 60), min_size=1, max_size=4, unique=True))
    for number in sorted(numbers):
        cast = tuple(draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)))
        time = draw(st.sampled_from(CHINESE_TIMES))
        body = [Paragraph(Part.CAST, f"人物：{'、'.join(cast)}")]
        for _ in range(draw(st.integers(0, 3))):
            voice, manner = draw(st.sampled_from(("", "OS", "VO"))), draw(st.sampled_from(("", "笑", "哽咽")))
            who = draw(st.sampled_from(cast)).partition("（")[0]
            spoken = Paragraph(Part.SPEECH, draw(WORDS), who=who, voice=voice, manner=manner)
            body.append(draw(st.sampled_from((Paragraph(Part.ACTION, draw(WORDS)), spoken))))
        made.append(
            Scene(
                key=f"2-{number}",
                episode=2,
                number=f"{number}{draw(st.sampled_from(('', 'A')))}",
                time=TIMES[time],
                time_said=time,
                side=draw(st.sampled_from(list(Side))),
                place=tuple(draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=3, unique=True))),
                cast=cast,
                settings=draw(st.sampled_from(((), ("闪回",), ("大雨",), ("三年后", "闪回")))),
                body=tuple(body),
            )
        )
    return Breakdown(tuple(made), (), Format.TEXT)


@settings(max_examples=60, deadline=None)
@given(scenes(), st.sampled_from([name for name in WHOLE if name not in ("a.docx", "a.pdf")]))
def test_what_is_written_is_read_back(made: Breakdown, name: str) -> None:
    again = read_script(WHOLE[name](made), name)
    stripped = [replace(each, marks=()).facts() for each in again.scenes]
    assert stripped == [replace(each, marks=()).facts() for each in made.scenes]


def test_a_formula_stays_a_text(drama: Breakdown) -> None:
    hostile = replace(drama, scenes=(replace(drama.scenes[0], notes=("=HYPERLINK(1)",), place=("=1+1", "客厅")),))
    assert "'=1+1" in to_csv(hostile).decode("utf-8-sig")
    assert read_script(to_csv(hostile), "a.csv").scenes[0].place == ("=1+1", "客厅")
    assert read_script(to_xlsx(hostile), "a.xlsx").scenes[0].place == ("=1+1", "客厅")


@pytest.mark.parametrize("time", list(Time))
def test_a_light_nobody_put_in_words_is_written_too(time: Time, drama: Breakdown) -> None:
    made = replace(drama, scenes=(replace(drama.scenes[0], time=time, time_said=""),))
    assert [each.time for each in read_script(to_text(made).encode(), "a.txt").scenes] == [time]


def paragraphs(found: Breakdown) -> list[str]:
    assert found.source is not None
    return [each.text for each in found.source.lines if each.text.strip()]


def test_in_a_pdf_of_short_lines_the_longest_is_not_taken_for_a_full_one() -> None:
    said = ["人物：苏晚、陆沉、王姨", "苏晚（压低声音）", "我在楼下等了很久。", "门外传来脚步声。"]
    lines = [text for number in range(1, 9) for text in (f"1-{number} 日 内 苏家客厅", *said[: 2 + number % 3])]
    found = read_script(pdf_file(lines), "a.pdf")
    assert paragraphs(found) == lines
    assert [(each.number, each.place) for each in found.scenes] == [(str(at), ("苏家客厅",)) for at in range(1, 9)]


def test_lines_that_fill_a_narrow_column_are_joined() -> None:
    """The right margin is wider than the left one, and the lines end in it all the same."""
    said = [
        f"苏晚：{f'他第{chinese(at)}次回来谁也没有告诉，只带了一只旧箱子，' * (3 + at % 3)}就这样。"
        for at in range(1, 41)
    ]
    narrow = TEMPLATE.replace("margin: 2.5cm", "margin: (left: 2.5cm, right: 5.5cm, y: 2.5cm)")
    found = read_script(pdf_file(["1-1 日 内 苏家客厅", *said], narrow), "a.pdf")
    assert paragraphs(found) == ["1-1 日 内 苏家客厅", *said]


def test_a_tab_in_a_pdf_parts_fields_and_a_date_stays_whole() -> None:
    found = read_script(
        pdf_file(["1-1\t日\t内\t苏家客厅", "日记：12月3日 阴", "苏晚：走吧，我们还有很多事。"]), "a.pdf"
    )
    assert found.scenes[0].place == ("苏家客厅",)
    assert "日记：12月3日 阴" in paragraphs(found)
