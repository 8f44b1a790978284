"""Word files made for tests: paragraphs, tables, and scene numbers that Word counts (in a paragraph or in a style)."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typst
from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from pylopdf_fonts_zh_cn import sans_path


def _element(name: str, **values: str) -> Any:
    made = OxmlElement(f"w:{name}")
    for key, value in values.items():
        made.set(qn(f"w:{key}"), value)
    return made


def add_list(document: Any, text: str = "第%1场", form: str = "decimal", start: int = 1) -> str:
    """A list of one level; its instance number."""
    root = document.part.numbering_part.element
    abstract = _element("abstractNum", abstractNumId="77")
    level = _element("lvl", ilvl="0")
    level.append(_element("start", val=str(start)))
    level.append(_element("numFmt", val=form))
    level.append(_element("lvlText", val=text))
    abstract.append(level)
    root.insert(0, abstract)
    instance = _element("num", numId="77")
    instance.append(_element("abstractNumId", val="77"))
    root.append(instance)
    return "77"


def numbered(properties: Any, instance: str) -> None:
    """Put a paragraph or a style into a list."""
    found = _element("numPr")
    found.append(_element("ilvl", val="0"))
    found.append(_element("numId", val=instance))
    properties.append(found)


def word_file(lines: Sequence[str], headings: Sequence[int] = (), where: str = "", **list_of: Any) -> bytes:
    """A docx of *lines*; those at *headings* get automatic numbers, in the ``paragraph`` or by a ``style``."""
    document = Document()
    if where:
        instance = add_list(document, **list_of)
        style = document.styles.add_style("场号", 1)
        child = document.styles.add_style("场号2", 1)
        child.base_style = style
        if where == "style":
            numbered(style.element.get_or_add_pPr(), instance)
    for at, line in enumerate(lines):
        paragraph = document.add_paragraph(line)
        if at in headings and where == "paragraph":
            numbered(paragraph._p.get_or_add_pPr(), "77")
        elif at in headings and where == "style":
            paragraph.style = child if at % 2 else style
    return saved(document)


def saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


TEMPLATE = """#set page(paper: "a4", margin: 2.5cm, footer: context counter(page).display())
#set page(header: [《样例剧本》 内部资料 第三稿])
#set text(size: 12pt, lang: "zh")
#set par(justify: true)
#for line in json(bytes(sys.inputs.lines)) { par(line.split("\t").join(h(2em))) }
"""


def pdf_file(lines: Sequence[str], text: str = TEMPLATE) -> bytes:
    """A PDF of *lines*, with heads and feet, wrapped and justified."""
    inputs = {"lines": json.dumps([line or " " for line in lines], ensure_ascii=False)}
    fonts = [str(Path(sans_path()).parent)]
    return bytes(
        typst.compile(text.encode(), format="pdf", font_paths=fonts, ignore_system_fonts=True, sys_inputs=inputs)
    )
