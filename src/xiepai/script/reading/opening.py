"""Which reader a file needs. The content decides; the name only breaks ties and is told where it is wrong.

Refuses what cannot be read well: old Word, WPS, old Excel, pictures, archives; each with what to do instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePath

from xiepai.script import limits
from xiepai.script.messages import Code, Problem, refuse
from xiepai.script.reading import fdx, fountain, packed, pdf, plain, sheets, uss, word
from xiepai.script.source import READABLE, Format, Source

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_READERS: dict[Format, Callable[[bytes], Source]] = {
    Format.TEXT: plain.read,
    Format.WORD: word.read,
    Format.PDF: pdf.read,
    Format.FOUNTAIN: fountain.read,
    Format.FDX: fdx.read,
    Format.SHEET: sheets.read_workbook,
    Format.CSV: sheets.read_csv,
    Format.USS: uss.read,
}
_SUFFIXES: dict[str, tuple[Format, ...]] = {
    ".txt": (Format.TEXT, Format.CSV, Format.USS),
    ".md": (Format.TEXT,),
    ".markdown": (Format.TEXT,),
    ".docx": (Format.WORD,),
    ".pdf": (Format.PDF,),
    ".fountain": (Format.FOUNTAIN,),
    ".spmd": (Format.FOUNTAIN,),
    ".fdx": (Format.FDX,),
    ".xlsx": (Format.SHEET,),
    ".xlsm": (Format.SHEET,),
    ".csv": (Format.CSV,),
    ".tsv": (Format.CSV,),
    ".uss": (Format.USS,),
    ".json": (Format.USS,),
    "": tuple(Format),
}


def read(data: bytes, name: str = "") -> Source:
    """Read a file. Raises :class:`~xiepai.script.messages.ScriptError`, nothing else.

    >>> source = read("第1场 日 内 客厅\\n△苏晚坐下。".encode("gb18030"), "剧本.txt")
    >>> source.encoding, source.lines[1].text
    ('gb18030', '△苏晚坐下。')
    """
    if len(data) > limits.FILE_BYTES:
        raise refuse(Code.TOO_LARGE, size=_size(len(data)), limit=_size(limits.FILE_BYTES))
    if not data.strip(b"\x00 \t\r\n"):
        raise refuse(Code.EMPTY)
    suffix = PurePath(name).suffix.lower()
    found = _format(data, suffix)
    source = _READERS[found](data)
    if suffix and found not in _SUFFIXES.get(suffix, ()):
        told = Problem(Code.OTHER_KIND, data={"suffix": suffix, "kind": found})
        return replace(source, problems=(told, *source.problems))
    return source


def _size(count: int) -> str:
    return f"{count / limits.MEGABYTE:.0f} MB"


def _format(data: bytes, suffix: str) -> Format:
    if data.startswith(_OLE):
        raise refuse(_old(data, suffix))
    if suffix == ".wps" and not data.startswith(b"PK"):
        raise refuse(Code.WPS)
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return packed.format_of(data)
    if b"%PDF-" in data[:1024]:
        return Format.PDF
    return _text_format(data, suffix)


def _old(data: bytes, suffix: str) -> Code:
    """What an old compound file holds; a modern file with a password looks like one too."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return Code.ENCRYPTED
    if suffix == ".wps":
        return Code.WPS
    is_book = suffix in (".xls", ".et") or "Workbook".encode("utf-16-le") in data
    return Code.OLD_EXCEL if is_book else Code.OLD_WORD


def _text_format(data: bytes, suffix: str) -> Format:
    if data[:5] == b"{\\rtf" or plain.is_binary(data):
        raise refuse(Code.BINARY, kinds=READABLE)
    head = data[:4096].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").replace(b"\x00", b"")
    if head.startswith(b"<") and (b"<FinalDraft" in head or suffix == ".fdx" or b"<!DOCTYPE" in head):
        return Format.FDX
    if head.startswith(b"{") and (b"universalScheduleStandard" in head or suffix in (".uss", ".json")):
        return Format.USS
    if suffix in (".fdx", ".uss"):
        return Format.FDX if suffix == ".fdx" else Format.USS
    if suffix in (".fountain", ".spmd"):
        return Format.FOUNTAIN
    if suffix in (".csv", ".tsv"):
        return Format.CSV
    if suffix not in _SUFFIXES and suffix in (".jpg", ".png", ".zip", ".exe", ".html"):
        raise refuse(Code.UNKNOWN_KIND, suffix=suffix, kinds=READABLE)
    return Format.TEXT
