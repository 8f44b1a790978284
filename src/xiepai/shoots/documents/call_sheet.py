"""A call sheet as a document on A4: its content comes ready in words, only the drawing is here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typst
from pylopdf_fonts_zh_cn import sans_path

TEMPLATE = Path(__file__).with_name("call_sheet.typ")


def call_sheet_pdf(content: dict[str, Any]) -> bytes:
    """The PDF of what ``sheet_words.printed`` gives."""
    inputs = {"data": json.dumps(content, ensure_ascii=False)}
    fonts = [str(Path(sans_path()).parent)]
    return bytes(
        typst.compile(str(TEMPLATE), format="pdf", font_paths=fonts, ignore_system_fonts=True, sys_inputs=inputs)
    )
