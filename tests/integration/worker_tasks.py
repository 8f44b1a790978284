"""A job for the kill test: the first worker that takes it never finishes it."""

from __future__ import annotations

import time
from pathlib import Path

from procrastinate.contrib.django import app


@app.task(name="tests.die_once", queue="tests")
def die_once(marker: str) -> None:
    """Leave a line in *marker*; the first run then hangs until it is killed."""
    path = Path(marker)
    runs = path.read_text().splitlines() if path.exists() else []
    path.write_text("\n".join([*runs, "run"]))
    if not runs:
        time.sleep(600)
