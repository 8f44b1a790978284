"""``make reset``: stop the private servers and delete what a running house has written, and say what.

Only names that Xiepai itself writes are deleted; whatever else lies in the home folder stays. A database
behind ``DATABASE_URL`` is never touched.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from xiepai.config.boot import home
from xiepai.config.postgres import shut_down

OURS = ("postgres*", "media", "static", "mail", "secret_key*", "test")


def run(folder: Path) -> int:
    """Delete; the exit code is 0 also when there was nothing."""
    if not folder.exists():
        print(f"reset: {folder} does not exist, nothing to do")  # noqa: T201
        return 0
    for data in shut_down(folder):
        print(f"reset: stopped the server of {data}")  # noqa: T201
    for path in sorted(path for pattern in OURS for path in folder.glob(pattern)):
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        print(f"reset: deleted {path}")  # noqa: T201
    if not any(folder.iterdir()):
        folder.rmdir()
    return 0


if __name__ == "__main__":
    sys.exit(run(home()))
