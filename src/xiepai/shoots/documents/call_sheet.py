"""A call sheet as a document on A4: its content comes ready in words, only the drawing is here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xiepai.kernel.printing import pdf_of

TEMPLATE = Path(__file__).with_name("call_sheet.typ")


def call_sheet_pdf(content: dict[str, Any]) -> bytes:
    """The PDF of what ``sheet_words.printed`` gives."""
    return pdf_of(TEMPLATE, content)
