"""A reader that is shown one heading reads the others: styles it does not know by itself, each after one line."""

from __future__ import annotations

import pytest

from xiepai.script import Code, ScriptError, Time, breakdown, read
from xiepai.script.examples import Example, NotInLineError
from xiepai.script.source import Line, Source
from xiepai.script.teaching import Lesson, guess, lesson_of, unknown_words

PLACES = ["林家客厅", "老街桥头", "公司-走廊", "天台", "医院病房", "审讯室", "林家客厅", "老街桥头"]
BODY = ["△林溪推门进来，手里拿着一封信。", "林溪：你怎么在这里？", "周屿（OS）：她来了。", ""]


def script(headings: list[str]) -> Source:
    lines = ["《无名》", "", *(line for each in headings for line in (each, *BODY))]
    return read("\n".join(lines).encode(), "a.txt")


def unseen(form: str) -> Source:
    return script(
        [
            form.format(p=place, e=at // 4 + 1, s=at % 4 + 1, n=at + 1, t="白黑"[at % 2])
            for at, place in enumerate(PLACES)
        ]
    )


def shown(source: Source, line: int = 3, **more: object) -> Lesson:
    """The lesson of somebody who presses a line and changes nothing of what is put forward."""
    chosen = source.lines[line - 1]
    return lesson_of({"examples": [{"text": chosen.text, "parts": guess(chosen, Lesson())}], **more})


@pytest.mark.parametrize(
    ("form", "numbers"),
    [
        ("◎ {p} ◎", [""] * 8),
        (">> {p}", [""] * 8),
        ("幕{n}／{p}／林溪、周屿", ["1", "2", "3", "4", "5", "6", "7", "8"]),
        ("{p}（{e}之{s}）{t}", ["1", "2", "3", "4"] * 2),
        ("【{p}】~{n}~", ["1", "2", "3", "4", "5", "6", "7", "8"]),
    ],
)
def test_one_line_shown_is_enough(form: str, numbers: list[str]) -> None:
    source = unseen(form)
    found = breakdown(source, lesson=shown(source, is_only=True))
    assert [scene.place_name for scene in found.scenes] == PLACES
    assert [scene.number for scene in found.scenes] == numbers
    assert all({"林溪", "周屿"} == set(scene.cast) for scene in found.scenes)


def test_without_being_shown_nothing_is_found_and_that_is_no_failure_where_a_person_is_to_show_it() -> None:
    source = unseen("◎ {p} ◎")
    with pytest.raises(ScriptError) as refused:
        breakdown(source)
    assert refused.value.code is Code.NO_SCENES
    assert breakdown(source, may_be_empty=True).scenes == ()


def test_words_nobody_knows_are_asked_for_and_then_known() -> None:
    source = unseen("{p}（{e}之{s}）{t}")
    lesson = shown(source)
    assert unknown_words(source.lines, lesson)["time"] == {"黑": 4}
    told = lesson_of(lesson.to_json() | {"times": {"黑": "night"}})
    scenes = breakdown(source, lesson=told).scenes
    assert [scene.time for scene in scenes] == [Time.DAY, Time.NIGHT] * 4
    assert [(scene.episode, scene.number) for scene in scenes][3:5] == [(1, "4"), (2, "1")]


def test_a_number_of_two_parts_without_a_sign_between_is_cut_as_shown() -> None:
    source = unseen("{e:02d}{s:02d} {p}")
    parts = {"episode": "01", "number": "01", "place": "林家客厅"}
    lesson = lesson_of({"examples": [{"text": source.lines[2].text, "parts": parts}]})
    assert [scene.key for scene in breakdown(source, lesson=lesson).scenes][-2:] == ["2-3", "2-4"]


def test_a_place_alone_is_known_by_its_neighbours_and_by_nothing_in_dialogue() -> None:
    source = script(PLACES)
    lesson = lesson_of({"examples": [{"text": "林家客厅", "parts": {"place": "林家客厅"}}], "is_only": True})
    assert not lesson.examples[0].has_sign
    assert [scene.place_name for scene in breakdown(source, lesson=lesson).scenes] == PLACES


def test_what_was_read_before_stays_beside_what_is_shown() -> None:
    headings = ["1-1 日 内 林家客厅", "◎ 天台 ◎", "1-3 夜 外 老街", "◎ 医院病房 ◎", "1-5 日 内 林家客厅"]
    source = script(headings)
    assert len(breakdown(source).scenes) == 3
    chosen = source.lines[2 + 5]
    lesson = lesson_of({"examples": [{"text": chosen.text, "parts": guess(chosen, Lesson())}]})
    assert [scene.place_name for scene in breakdown(source, lesson=lesson).scenes] == [
        "林家客厅", "天台", "老街", "医院病房", "林家客厅",
    ]  # fmt: skip
    only = lesson_of(lesson.to_json() | {"is_only": True})
    assert [scene.place_name for scene in breakdown(source, lesson=only).scenes] == ["天台", "医院病房"]


def test_labels_below_a_shown_heading_fill_what_it_does_not_say() -> None:
    lines = ["《无名》", ""]
    for place in PLACES:
        lines += [f"◎ {place} ◎", "时间：夜", "人物：林溪、周屿", *BODY]
    source = read("\n".join(lines).encode(), "a.txt")
    scenes = breakdown(source, lesson=shown(source)).scenes
    assert [(scene.place_name, scene.time) for scene in scenes] == [(place, Time.NIGHT) for place in PLACES]


def test_a_line_that_is_none_goes_alone_or_with_all_of_its_form() -> None:
    headings = ["1-1 日 内 林家客厅", "第2场 夜 外 天台", "1-3 夜 外 老街", "第4场 日 内 教室", "1-5 日 内 林家客厅"]
    source = script(headings)
    assert len(breakdown(source).scenes) == 5
    alone = breakdown(source, lesson=lesson_of({"none": ["第2场 夜 外 天台"]}))
    assert [scene.number for scene in alone.scenes] == ["1", "3", "4", "5"]
    alike = breakdown(source, lesson=lesson_of({"none_alike": ["第2场 夜 外 天台"]}))
    assert [scene.number for scene in alike.scenes] == ["1", "3", "5"]


def test_an_example_that_contradicts_its_line_is_refused() -> None:
    with pytest.raises(NotInLineError):
        Example("◎客厅", (("place", "卧室"),)).spans()
    with pytest.raises(NotInLineError):  # one 1 cannot be both
        Example("1 客厅", (("episode", "1"), ("number", "1"))).spans()
    for wrong in ({"text": "◎客厅", "parts": {}}, {"text": "◎客厅", "parts": {"place": "卧室"}}):
        with pytest.raises(ValueError, match=r"."):
            lesson_of({"examples": [wrong]})


def test_a_hint_of_special_signs_is_no_pattern_of_its_own() -> None:
    lesson = lesson_of({"examples": [{"text": "(.*)+$ 客厅", "parts": {"place": "客厅"}}]})
    lines = [Line(n, text) for n, text in enumerate(("(.*)+$ 客厅", "别的", "(.*)+$ 天台"), 1)]
    assert [scene.place_name for scene in breakdown(Source(source_format(), tuple(lines)), lesson=lesson).scenes] == [
        "客厅", "天台",
    ]  # fmt: skip


def source_format() -> object:
    from xiepai.script import Format

    return Format.TEXT
