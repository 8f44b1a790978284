"""The board as a document on A3: its content comes ready in words, only the drawing is here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xiepai.kernel.printing import pdf_of

TEMPLATE = Path(__file__).with_name("board.typ")


def board_pdf(content: dict[str, Any]) -> bytes:
    """The PDF; ``x`` and ``w`` of a bar are percent of the window."""
    return pdf_of(TEMPLATE, content)
