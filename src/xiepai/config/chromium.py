"""Where this machine's Chromium is, and how the tests start it. Never downloads one."""

from __future__ import annotations

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HOW_TO_GET = "apt-get install chromium fonts-noto-cjk (as root), or put a Chrome on the PATH"


def find_chromium() -> str | None:
    """The path of a Chromium or Chrome, or None."""
    search = os.pathsep.join([os.environ.get("PATH", ""), "/usr/bin", "/snap/bin"])
    return next((found for name in NAMES if (found := shutil.which(name, path=search))), None)
