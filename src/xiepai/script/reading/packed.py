"""Packed files (docx, xlsx): looked at before anything opens them. Sizes are checked, XML is safe or refused.

Every XML part passes through defusedxml first (no DTD, no entities); what the library reads afterwards is that part.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from xiepai.script import limits
from xiepai.script.messages import Code, refuse
from xiepai.script.source import READABLE, Format

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, KeyError)
_ENCRYPTED = 0x1


def format_of(data: bytes) -> Format:
    """Word or a sheet; anything else that is packed is refused."""
    with opened(data) as archive:
        names = set(archive.namelist())
    if "word/document.xml" in names:
        return Format.WORD
    if "xl/workbook.xml" in names:
        return Format.SHEET
    raise refuse(Code.BINARY, kinds=READABLE)


def opened(data: bytes) -> zipfile.ZipFile:
    """The archive, its sizes checked by its own directory."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        parts = archive.infolist()
    except _BROKEN:
        raise refuse(Code.DAMAGED, kind="zip") from None
    if any(each.flag_bits & _ENCRYPTED for each in parts):
        raise refuse(Code.ENCRYPTED)
    if len(parts) > limits.PACKED_PARTS:
        raise refuse(Code.TOO_MANY, what="parts", limit=limits.PACKED_PARTS)
    total = sum(each.file_size for each in parts)
    largest = max((each.file_size for each in parts if _is_xml(each.filename)), default=0)
    if total > limits.UNPACKED_BYTES or largest > limits.XML_BYTES:
        limit = limits.XML_BYTES if largest > limits.XML_BYTES else limits.UNPACKED_BYTES
        size = f"{max(total, largest) / limits.MEGABYTE:.0f} MB"
        raise refuse(Code.BOMB, size=size, limit=f"{limit / limits.MEGABYTE:.0f} MB")
    return archive


def checked(data: bytes, kind: str) -> None:
    """Refuse a packed file one of whose XML parts is unsafe or broken; sizes are those really unpacked."""
    with opened(data) as archive:
        for part in archive.infolist():
            if _is_xml(part.filename) and not part.filename.startswith(("docProps/", "customXml/")):
                _check_part(archive, part, kind)


def _is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels", ".vml"))


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, kind: str) -> None:
    try:
        with archive.open(part) as stream:
            content = stream.read(limits.XML_BYTES + 1)
    except _BROKEN:
        raise refuse(Code.DAMAGED, kind=kind) from None
    if len(content) > limits.XML_BYTES:
        limit = f"{limits.XML_BYTES / limits.MEGABYTE:.0f} MB"
        raise refuse(Code.BOMB, size=f"> {limit}", limit=limit)
    safe_xml(content, kind)


def safe_xml(content: bytes, kind: str) -> None:
    """Refuse XML with a DTD, entities, or errors."""
    try:
        for _event, element in iterparse(io.BytesIO(content), forbid_dtd=True):
            element.clear()
    except DefusedXmlException:
        raise refuse(Code.XML_UNSAFE) from None
    except (ParseError, ValueError, LookupError, RecursionError):
        raise refuse(Code.DAMAGED, kind=kind) from None
