"""Whatever is sent, the answer is scenes or a ScriptError: files cut short, bytes turned over, marks of every kind."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scripts import pdf_file, word_file

from xiepai.script import ScriptError, read_script
from xiepai.script.writing.schedules import to_uss
from xiepai.script.writing.screenplays import to_fdx, to_fountain
from xiepai.script.writing.table import to_csv, to_xlsx

pytestmark = pytest.mark.unit
DRAMA = (Path(__file__).parents[2] / "examples" / "scripts" / "demo-drama.txt").read_bytes()
FOUND = read_script(DRAMA, "a.txt")
LINES = DRAMA.decode().splitlines()[:60]
FILES: dict[str, Callable[[], bytes]] = {
    "a.txt": lambda: DRAMA,
    "a.docx": lambda: word_file(LINES, [12], "style"),
    "a.pdf": lambda: pdf_file(LINES),
    "a.fountain": lambda: to_fountain(FOUND).encode(),
    "a.fdx": lambda: to_fdx(FOUND).encode(),
    "a.xlsx": lambda: to_xlsx(FOUND),
    "a.csv": lambda: to_csv(FOUND),
    "a.uss": lambda: to_uss(FOUND).encode(),
}


def answered(data: bytes, name: str) -> None:
    """Scenes, or an error with words in both languages."""
    try:
        scenes, words = read_script(data, name).scenes, ""
    except ScriptError as error:
        scenes, words = (), error.render("zh") + error.render("en")
    assert scenes or words
    assert len({each.key for each in scenes}) == len(scenes)
    assert all(0 <= each.confidence <= 100 for each in scenes)


@pytest.mark.parametrize("name", FILES)
def test_damaged_files(name: str) -> None:
    data, rng = FILES[name](), random.Random(name)
    for _ in range(40):
        broken = bytearray(data[: rng.randrange(len(data))] if rng.random() < 0.4 else data)
        for _ in range(rng.randrange(1, 30)):
            if broken:
                broken[rng.randrange(len(broken))] = rng.randrange(256)
        answered(bytes(broken), name)


@pytest.mark.parametrize("name", FILES)
def test_every_content_under_every_name(name: str) -> None:
    data = FILES[name]()
    for other in (*FILES, "a", "a.doc", "a.jpg", "a.json", "a.wps", "a.xls"):
        answered(data, other)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([*FILES, "a.md", "a"]))
def test_any_bytes(data: bytes, name: str) -> None:
    answered(data, name)


SIGNS = st.text(
    "第场集回1230一二三日夜晨昏内外景- 、。，：:（）()【】[]#*△@.!>=~\t\n苏晚陆沉人物地点时间INTEXT", max_size=300
)


@settings(max_examples=200, deadline=None)
@given(SIGNS, st.sampled_from(["a.txt", "a.md", "a.fountain", "a.csv"]))
def test_any_text_of_scripts(text: str, name: str) -> None:
    answered(text.encode(), name)


@settings(max_examples=200, deadline=None)
@given(st.text("#*>_~`-= \t。:：△【】()【", max_size=12), st.sampled_from(["a.txt", "a.md", "a.fountain"]))
def test_a_line_of_ornaments_below_a_heading_is_kept(ornament: str, name: str) -> None:
    found = read_script(f"1-1 日 内 苏家客厅\n人物：苏晚\n{ornament}\n苏晚：走吧。\n".encode(), name)
    assert [(each.number, each.place, each.cast) for each in found.scenes] == [("1", ("苏家客厅",), ("苏晚",))]


HOSTILE = {
    "blanks.txt": b"1-1 \xe6\x97\xa5 \xe5\x86\x85 a" + b" " * 200_000 + b"\n" + b" \t" * 100_000,
    "digits.txt": b"1-" * 100_000 + b"\n" + "第".encode() * 100_000,
    "brackets.txt": "（【[".encode() * 60_000 + b"\n" + "人物：".encode() + "（".encode() * 50_000,
    "colons.txt": "a：（".encode() * 30_000,
    "commas.txt": "1-1 日 内 客厅\n".encode() + (b"aaaaa ," * 560 + b"\n") * 200,
    "dots.txt": "门外\n".encode() + (b"." * 3_900 + b"a\n") * 50,
    "title.fountain": b" a" * 100_000 + b":\n" + b" " * 100_000 + b":",
    "notes.fountain": b"[[" * 50_000 + b"/*" * 50_000,
    "deep.uss": b'{"universalScheduleStandard":' + b"[" * 100_000,
    "wide.csv": "集,场,主场景,气氛\n".encode() + b"," * 500_000,
    "one.csv": "集,场,主场景,气氛\n".encode() + b'"' + b"x" * 500_000,
    "entities.fdx": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><FinalDraft>&a;</FinalDraft>',
    "outside.fdx": b'<!DOCTYPE x SYSTEM "http://example.invalid/x.dtd"><FinalDraft/>',
    "deep.fdx": b"<FinalDraft>" + b"<a>" * 50_000,
    "pages.pdf": b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj "
    b"2 0 obj<</Type/Pages/Count 99999999/Kids[2 0 R]>>endobj",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files(name: str) -> None:
    answered(HOSTILE[name], name)


def test_a_pdf_without_text_is_said_to_be_a_scan() -> None:
    data = pdf_file([], "#rect(width: 3cm, height: 3cm, fill: red)")
    with pytest.raises(ScriptError) as caught:
        read_script(data, "a.pdf")
    assert caught.value.code.value == "scanned"
