"""Files to sources: encodings, Word with its automatic numbers and tables, and clear words for what cannot be read."""

from __future__ import annotations

import doctest
import importlib
import io
import pkgutil
import zipfile

import pytest
from docx import Document
from tests.scripts import saved, word_file

import xiepai.script
from xiepai.script import Code, ScriptError, read, read_script
from xiepai.script.messages import COST, TEXTS

pytestmark = pytest.mark.unit
MODULES = sorted(each.name for each in pkgutil.walk_packages(xiepai.script.__path__, "xiepai.script."))
LINES = ["日 内 苏家客厅", "人物：苏晚、陆沉", "△苏晚推门。", "夜 外 老街-桥头", "苏晚：你来了。"]


@pytest.mark.parametrize("name", ["xiepai.script", *MODULES])
def test_examples_in_the_code_are_true(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_every_code_speaks_both_languages() -> None:
    assert set(TEXTS) == set(Code)
    assert set(COST) <= set(Code)
    for chinese, english in TEXTS.values():
        assert chinese
        assert english
        assert sorted(part.split("}")[0].split("!")[0] for part in chinese.split("{")[1:]) == sorted(
            part.split("}")[0].split("!")[0] for part in english.split("{")[1:]
        )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"])
def test_encodings(encoding: str) -> None:
    text = "第一集\r\n1-1 日 内 客厅\r\n人物：苏晚\r\n△苏晚推门。"
    found = read_script(text.encode(encoding), "剧本.txt")
    assert [(each.key, each.place, each.cast) for each in found.scenes] == [("1-1", ("客厅",), ("苏晚",))]


def test_big5_and_gbk_are_told_apart_by_what_they_say() -> None:
    text = "1-1 日 內 蘇家客廳\n人物：蘇晚、陸沉\n△蘇晚推門進來，手裡拿著一封信。\n蘇晚：我回來了。"
    for encoding, shown in (("big5", "big5hkscs"), ("gbk", "gb18030")):
        found = read_script(text.encode(encoding), "劇本.txt")
        assert (found.encoding, found.scenes[0].cast, found.scenes[0].place) == (shown, ("蘇晚", "陸沉"), ("蘇家客廳",))


@pytest.mark.parametrize("where", ["paragraph", "style"])
@pytest.mark.parametrize(
    ("text", "form", "start", "keys"),
    [
        ("第%1场", "decimal", 1, ["1", "2"]),
        ("第%1场", "chineseCountingThousand", 11, ["11", "12"]),
        ("3-%1", "decimal", 7, ["3-7", "3-8"]),
        ("%1、", "decimal", 1, ["1", "2"]),
        ("场景%1", "decimalZero", 1, ["1", "2"]),
    ],
)
def test_numbers_that_word_counts(where: str, text: str, form: str, start: int, keys: list[str]) -> None:
    data = word_file(LINES, [0, 3], where, text=text, form=form, start=start)
    assert text.partition("%1")[0] not in Document(io.BytesIO(data)).paragraphs[0].text or not text.partition("%1")[0]
    found = read_script(data, "剧本.docx")
    assert [each.key for each in found.scenes] == keys
    assert [each.place for each in found.scenes] == [("苏家客厅",), ("老街", "桥头")]
    assert found.scenes[1].line == 4


def test_headings_laid_out_in_tables() -> None:
    document = Document()
    for cells in (("1-1", "日", "内", "苏家客厅"), ("场次", "1-2", "时间", "夜", "地点", "老街", "人物", "苏晚、陆沉")):
        table = document.add_table(rows=1, cols=len(cells))
        for cell, text in zip(table.rows[0].cells, cells, strict=True):
            cell.text = text
        document.add_paragraph("△有人走来。")
    found = read_script(saved(document), "剧本.docx")
    assert [(each.key, each.time, each.place) for each in found.scenes] == [
        ("1-1", "day", ("苏家客厅",)),
        ("1-2", "night", ("老街",)),
    ]
    assert found.scenes[1].cast == ("苏晚", "陆沉")


def test_deleted_words_are_not_read() -> None:
    document = Document()
    paragraph = document.add_paragraph("1-1 日 内 客厅")
    paragraph._p.append(paragraph._p.makeelement("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}del"))
    paragraph._p[-1].append(document.add_paragraph("旧").runs[0]._r)
    assert read(saved(document), "a.docx").lines[0].text == "1-1 日 内 客厅"


def packed(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


def replaced(data: bytes, name: str, content: bytes) -> bytes:
    """A packed file with one part exchanged."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.namelist():
            new.writestr(each, content if each == name else old.read(each))
    return out.getvalue()


ENTITY = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]><w:document>&z;</w:document>'
LOCKED = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n4 0 obj<</Filter/Standard/V 1/R 2/P -4/O<"
    + b"ab" * 32
    + b">/U<"
    + b"cd" * 32
    + b">>>endobj\n"
    b"trailer<</Size 5/Root 1 0 R/Encrypt 4 0 R/ID[<01><01>]>>\n%%EOF\n"
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.txt", Code.EMPTY),
        (b" \r\n\x00", "a.docx", Code.EMPTY),
        (b"x" * (20 * 1024 * 1024 + 1), "a.txt", Code.TOO_LARGE),
        (OLE, "a.doc", Code.OLD_WORD),
        (OLE, "a.docx", Code.OLD_WORD),
        (OLE, "a.wps", Code.WPS),
        (OLE, "a.xls", Code.OLD_EXCEL),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "a.docx", Code.ENCRYPTED),
        (LOCKED, "a.pdf", Code.ENCRYPTED),
        (LOCKED, "a.txt", Code.ENCRYPTED),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "a.txt", Code.BINARY),
        (b"{\\rtf1 ...}", "a.txt", Code.BINARY),
        (b"PK\x03\x04garbage", "a.docx", Code.DAMAGED),
        (packed(a_txt=b"x"), "a.docx", Code.BINARY),
        (packed(word__document_xml=ENTITY), "a.docx", Code.XML_UNSAFE),
        (packed(word__document_xml=b"<a><b></a>"), "a.docx", Code.DAMAGED),
        (packed(word__document_xml=b"<a/>"), "a.docx", Code.DAMAGED),
        (replaced(word_file(LINES), "word/document.xml", b"<a/>"), "a.docx", Code.DAMAGED),
        (packed(word__document_xml=b" " * (40 * 1024 * 1024)), "a.docx", Code.BOMB),
        ("从前有座山。\n山里有座庙。".encode(), "a.txt", Code.NO_SCENES),
        (b"\xef\xbb\xbf\xff\xc3abc", "a.txt", Code.ENCODING),
        (("日" * 30 + "\n").encode() * 60_001, "a.txt", Code.TOO_MANY),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_is_said_in_both_languages(data: bytes, name: str, code: Code) -> None:
    with pytest.raises(ScriptError) as caught:
        read_script(data, name)
    assert caught.value.code is code
    assert caught.value.render("zh") != caught.value.render("en")


def test_a_wrong_suffix_is_told_and_the_content_read() -> None:
    found = read_script(word_file(["1-1 日 内 客厅", "△走。"]), "剧本.txt")
    assert [each.key for each in found.scenes] == ["1-1"]
    assert found.problems[0].code is Code.OTHER_KIND


def test_fountain_speech_that_begins_like_a_heading_is_speech() -> None:
    text = "Title: 样例\n\n.日 内 客厅 #1-1#\n\n@苏晚\nEXT 是外景。\n\nEXT. STREET - NIGHT #1-2#\n\nRain."
    found = read_script(text.encode(), "a.fountain")
    assert [each.key for each in found.scenes] == ["1-1", "1-2"]
    assert [(each.who, each.text) for each in found.scenes[0].body] == [("苏晚", "EXT 是外景。")]
