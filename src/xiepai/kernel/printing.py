"""Documents in print: a typst template and its content as data, with the Chinese fonts that come with the product.

Always: what people typed goes in as data, never as markup; only the fonts of the product are used, so that a document
looks the same on every machine. Refuses: computing anything; the content comes ready in words.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst
from pylopdf_fonts_zh_cn import sans_path


def pdf_of(template: Path, content: Mapping[str, Any]) -> bytes:
    """The PDF of *template*, which reads *content* from ``sys.inputs.data``."""
    inputs = {"data": json.dumps(content, ensure_ascii=False)}
    fonts = [str(Path(sans_path()).parent)]
    return bytes(
        typst.compile(str(template), format="pdf", font_paths=fonts, ignore_system_fonts=True, sys_inputs=inputs)
    )
