"""The compiled search. The only room of this core that imports numba.

Machine code is kept between runs beside the sources. numba looks only at the file of the outermost function, so what
was compiled from other sources than these is thrown away here, before anything is loaded.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path


def _forget_stale() -> None:
    """Delete kept machine code whose sources have changed since."""
    here = Path(__file__).parent
    kept = here / "__pycache__"
    sources = b"".join(path.read_bytes() for path in [*sorted(here.glob("*.py")), here.parent / "slots.py"])
    stamp, digest = kept / "sources.sha256", hashlib.sha256(sources).hexdigest()
    with suppress(OSError):  # a directory that may not be written to holds no machine code of ours
        if stamp.exists() and stamp.read_text() == digest:
            return
        for path in [*kept.glob("*.nbi"), *kept.glob("*.nbc")]:
            path.unlink(missing_ok=True)
        kept.mkdir(exist_ok=True)
        stamp.write_text(digest)


_forget_stale()
