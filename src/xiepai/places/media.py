"""Pictures as they may be kept: read by their content, turned upright, made smaller, stripped of what they carry.

Refused: anything that is not JPEG, PNG or WebP by its first bytes (the name counts for nothing), more than 15 MB,
more than 50 million pixels (a small file can unpack into gigabytes), pictures a decoder cannot read to the end.
EXIF with its coordinates, comments and colour profiles are not copied: what is stored is drawn anew.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from xiepai.kernel.errors import ErrorCode, XiepaiError

LARGEST_BYTES = 15 * 1024 * 1024
MOST_PIXELS = 50_000_000
LONGEST_EDGE = 2000
THUMBNAIL_EDGE = 480
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITY = 82


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture drawn anew as JPEG at two sizes (bytes), its size in pixels, and the digest of what was uploaded."""

    image: bytes
    thumbnail: bytes
    width: int
    height: int
    sha256: str


def read_picture(data: bytes) -> Picture:
    """Check an upload and draw it anew. Raises ``FILE_SIZE``, ``FILE_TYPE``, ``FILE_UNREADABLE``."""
    if len(data) > LARGEST_BYTES:
        raise XiepaiError(ErrorCode.FILE_SIZE, size=_megabytes(len(data)), limit=_megabytes(LARGEST_BYTES))
    kind = _format_of(data)
    if kind is None:
        raise XiepaiError(ErrorCode.FILE_TYPE, allowed="JPEG、PNG、WebP")
    if kind == "WEBP" and _webp_pixels(data) > MOST_PIXELS:  # its decoder takes the memory before it can be asked
        raise _too_many_pixels()
    large = _upright(data)
    width, height = large.size
    small = large.copy()
    small.thumbnail((THUMBNAIL_EDGE, THUMBNAIL_EDGE), Image.Resampling.LANCZOS)
    return Picture(_jpeg(large), _jpeg(small), width, height, hashlib.sha256(data).hexdigest())


def keep_drawing(drawn: Image.Image) -> Picture:
    """A picture we drew ourselves (RGB, small) as it is kept: no upload to distrust, so nothing is decoded."""
    image = _jpeg(drawn, optimize=False)
    small = drawn.resize((THUMBNAIL_EDGE, round(THUMBNAIL_EDGE * drawn.height / drawn.width)), reducing_gap=2.0)
    thumbnail = _jpeg(small, optimize=False)
    return Picture(image, thumbnail, drawn.width, drawn.height, hashlib.sha256(image).hexdigest())


def _format_of(data: bytes) -> str | None:
    if data[:3] == b"\xff\xd8\xff":
        return "JPEG"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    return "WEBP" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


def _webp_pixels(data: bytes) -> int:
    """Width times height as the header states them (RFC 9649); 0 where it states nothing."""
    chunk = data[12:16]
    if chunk == b"VP8X":
        return (1 + int.from_bytes(data[24:27], "little")) * (1 + int.from_bytes(data[27:30], "little"))
    if chunk == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (1 + (bits & 0x3FFF)) * (1 + (bits >> 14 & 0x3FFF))
    return (int.from_bytes(data[26:28], "little") & 0x3FFF) * (int.from_bytes(data[28:30], "little") & 0x3FFF)


def _upright(data: bytes) -> Image.Image:
    """The first frame in RGB, turned as its EXIF says, at most ``LONGEST_EDGE`` long."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise _too_many_pixels()
            opened.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))  # lets a JPEG be decoded at a fraction of its size
            opened.load()
            turned = ImageOps.exif_transpose(opened)
            drawn = _on_white(turned)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, OverflowError) as error:
        raise XiepaiError(ErrorCode.FILE_UNREADABLE, detail=_("图片已损坏。")) from error
    drawn.thumbnail((LONGEST_EDGE, LONGEST_EDGE), Image.Resampling.LANCZOS)
    return drawn


def _on_white(picture: Image.Image) -> Image.Image:
    """In RGB; what was transparent becomes white."""
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        white = Image.new("RGB", layer.size, "white")
        white.paste(layer, mask=layer.getchannel("A"))
        return white
    return picture.convert("RGB")


def _jpeg(picture: Image.Image, *, optimize: bool = True) -> bytes:
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)  # a new picture has no info: nothing of the upload but its pixels goes on
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=QUALITY, progressive=optimize, optimize=optimize)
    return out.getvalue()


def _too_many_pixels() -> XiepaiError:
    return XiepaiError(ErrorCode.FILE_UNREADABLE, detail=_("图片像素太多，最多 5000 万。"))


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB"
