"""Files handed in as papers: PDF, JPEG or PNG by their content, at most 20 MB, kept byte for byte.

A paper is evidence, so nothing is redrawn; its SHA-256 stands in the audit trail. Refused: every other type whatever
its name says, pictures that cannot be decoded to the end or unpack beyond 50 million pixels, PDF without a whole
structure, PDF that carries scripts or starts programs. This is no virus scanner: faces hand files out as downloads,
with a type we name ourselves, never into a page.
"""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from xiepai.kernel.errors import ErrorCode, XiepaiError

LARGEST_BYTES = 20 * 1024 * 1024
MOST_PIXELS = 50_000_000
LONGEST_NAME = 120
TYPES = {"PDF": ("application/pdf", ".pdf"), "JPEG": ("image/jpeg", ".jpg"), "PNG": ("image/png", ".png")}
_PDF_HEAD = re.compile(rb"%PDF-[12]\.\d")
_HEX_IN_NAME = re.compile(rb"#([0-9A-Fa-f]{2})")
_ACTIVE = (b"/JavaScript", b"/Launch")
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff/\\:*?"<>|]')


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that may be kept: its bytes, our name for its type, its extension, digest and a tidy name to show."""

    data: bytes
    content_type: str
    extension: str
    sha256: str
    name: str


def read_upload(data: bytes, name: str = "") -> Upload:
    """Check an upload by its content. Raises ``FILE_SIZE``, ``FILE_TYPE``, ``FILE_UNREADABLE``."""
    if len(data) > LARGEST_BYTES:
        raise XiepaiError(ErrorCode.FILE_SIZE, size=_megabytes(len(data)), limit=_megabytes(LARGEST_BYTES))
    kind = _kind_of(data)
    if kind is None:
        raise XiepaiError(ErrorCode.FILE_TYPE, allowed="PDF、JPEG、PNG")
    if kind == "PDF":
        _check_pdf(data)
    else:
        _check_picture(data, kind)
    content_type, extension = TYPES[kind]
    return Upload(data, content_type, extension, hashlib.sha256(data).hexdigest(), tidy_name(name, extension))


def tidy_name(name: str, extension: str) -> str:
    """The uploader's file name as it may be shown and offered for download, ending in the extension of its content.

    >>> tidy_name("../../合同.exe", ".pdf")
    '合同.pdf'
    """
    bare = _NOT_IN_NAMES.sub(" ", name.replace("\\", "/").rsplit("/", 1)[-1])
    stem = " ".join(bare.rsplit(".", 1)[0].split()).strip(". ")
    return (stem or "paper")[: LONGEST_NAME - len(extension)] + extension


def _kind_of(data: bytes) -> str | None:
    if _PDF_HEAD.match(data):
        return "PDF"
    if data[:3] == b"\xff\xd8\xff":
        return "JPEG"
    return "PNG" if data[:8] == b"\x89PNG\r\n\x1a\n" else None


def _check_pdf(data: bytes) -> None:
    if b"startxref" not in data[-2048:] or b"%%EOF" not in data[-1024:]:
        raise _unreadable(_("PDF 不完整，请重新导出或扫描。"))
    if any(word in data for word in _ACTIVE) or any(word in _unescaped(data) for word in _ACTIVE):
        raise _unreadable(_("PDF 含有脚本或程序；请打印成 PDF 后再上传。"))


def _unescaped(data: bytes) -> bytes:
    """With ``#4a`` in names read as the letter it stands for (ISO 32000-1, 7.3.5)."""
    return _HEX_IN_NAME.sub(lambda found: bytes([int(found[1], 16)]), data) if b"#" in data else data


def _check_picture(data: bytes, kind: str) -> None:
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise _too_many_pixels()
            if kind == "JPEG":
                picture.draft("L", (2000, 2000))  # decodes at a fraction of the size
            picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, OverflowError) as error:
        raise _unreadable(_("图片已损坏。")) from error


def _too_many_pixels() -> XiepaiError:
    return _unreadable(_("图片像素太多，最多 5000 万。"))


def _unreadable(detail: str) -> XiepaiError:
    return XiepaiError(ErrorCode.FILE_UNREADABLE, detail=detail)


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB"
