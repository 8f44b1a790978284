"""The board as a document on A3: its content comes ready in words, only the drawing is here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typst
from pylopdf_fonts_zh_cn import sans_path

TEMPLATE = Path(__file__).with_name("board.typ")


def board_pdf(content: dict[str, Any]) -> bytes:
    """The PDF; ``x`` and ``w`` of a bar are percent of the window."""
    data = json.dumps(content, ensure_ascii=False)
    fonts = [str(Path(sans_path()).parent)]
    inputs = {"data": data}
    return bytes(
        typst.compile(str(TEMPLATE), format="pdf", font_paths=fonts, ignore_system_fonts=True, sys_inputs=inputs)
    )
