"""An accepted heading and the lines it takes. Refuses nothing: it only holds what the outline decided."""

from __future__ import annotations

from dataclasses import dataclass

from xiepai.script.headings import Heading


@dataclass(frozen=True, slots=True)
class Opening:
    """A heading that was accepted, and the lines it takes (indices, both included)."""

    first: int
    heading: Heading
    taken: tuple[int, ...]
    text: str
    otherwise: Opening | None = None
    """What to read if the script does not write its headings so throughout."""
