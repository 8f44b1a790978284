"""What every journey in a browser shares: patience, so that a slow machine answers late rather than wrong."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

PATIENCE_MS = 20_000


@pytest.fixture(scope="session", autouse=True)
def _patience() -> None:
    """Playwright gives an expectation five seconds; a machine that runs other builds beside may need more."""
    expect.set_options(timeout=PATIENCE_MS)
