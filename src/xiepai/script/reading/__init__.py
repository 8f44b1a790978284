"""Files to sources: one module a format, chosen by content and not by name. See :func:`read`."""

from __future__ import annotations

from xiepai.script.reading.opening import read

__all__ = ["read"]
