"""The first page of a paper as a picture: drawn by a process of its own, with little memory and little time.

Papers come from strangers. What decodes them may be made to fail, and then only that process does; what comes out is
a PNG drawn anew, never a byte of the paper. Runs as ``python -m xiepai.grants.previewing TYPE``: the paper on
standard input, the picture on standard output.
"""

from __future__ import annotations

import io
import resource
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

LONGEST_SIDE = 1400
SECONDS = 20
MEMORY_BYTES = 1024**3
MOST_PIXELS = 50_000_000
PDF = "application/pdf"


class PreviewError(Exception):
    """There is no picture of this paper."""


def preview(data: bytes, content_type: str) -> bytes:
    """A PNG of the first page (or of the picture), at most 1,400 pixels a side."""
    command = [sys.executable, "-I", "-m", "xiepai.grants.previewing", content_type]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise PreviewError("takes too long") from error
    if done.returncode or not done.stdout.startswith(b"\x89PNG"):
        raise PreviewError(done.stderr[-200:].decode(errors="replace"))
    return done.stdout


def draw(data: bytes, content_type: str) -> bytes:
    """The picture, in this process."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    if content_type == PDF:
        picture = _page(data)
    else:
        with Image.open(io.BytesIO(data), formats=["JPEG", "PNG"]) as found:
            if found.format == "JPEG":
                found.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            picture = ImageOps.exif_transpose(found)
            flat = picture.convert("RGBA")
        picture = Image.new("RGB", flat.size, "white")
        picture.paste(flat, mask=flat.getchannel("A"))
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _page(data: bytes) -> Image.Image:
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    page = document[0]
    scale = LONGEST_SIDE / max(page.get_width(), page.get_height(), 1)
    return page.render(scale=min(scale, 4.0)).to_pil().convert("RGB")


def main() -> None:
    """Draw what comes in."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    sys.stdout.buffer.write(draw(sys.stdin.buffer.read(), sys.argv[1]))


if __name__ == "__main__":
    main()
