"""Final Draft (FDX) by screenplay-tools, after defusedxml has refused DTDs and entities.

The tree is made plain before the library sees it: styled runs of one paragraph joined, scene numbers (an attribute
the library passes over) kept aside in the order of the headings.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from screenplay_tools.fdx.parser import Parser
from screenplay_tools.screenplay import ElementType

from xiepai.script import limits
from xiepai.script.messages import Code, refuse
from xiepai.script.source import Format, Kind, Lines, Source

_KINDS = {
    ElementType.HEADING: Kind.HEADING,
    ElementType.CHARACTER: Kind.CUE,
    ElementType.PARENTHETICAL: Kind.MANNER,
    ElementType.DIALOGUE: Kind.SPEECH,
    ElementType.TRANSITION: Kind.TRANSITION,
}
_HEADINGS = ("Scene Heading", "Scene Heading (Top of Page)", "Shot")


def read(data: bytes) -> Source:
    """Read an FDX file."""
    root = _tree(data)
    plain, numbers, title = _plain(root)
    try:
        script = Parser().parse(tostring(plain, encoding="unicode"))
    except ValueError:
        raise refuse(Code.DAMAGED, kind="fdx") from None
    lines = Lines()
    for element in script.elements:
        _add(element, lines, numbers)
    if not lines.lines:
        raise refuse(Code.DAMAGED, kind="fdx")
    return Source(Format.FDX, tuple(lines.lines), title=title, problems=tuple(lines.problems))


def _tree(data: bytes) -> Element:
    if len(data) > limits.XML_BYTES:
        raise refuse(
            Code.TOO_LARGE, size=f"{len(data) // limits.MEGABYTE} MB", limit=f"{limits.XML_BYTES // limits.MEGABYTE} MB"
        )
    try:
        root: Element = fromstring(data.lstrip(), forbid_dtd=True)
    except DefusedXmlException:
        raise refuse(Code.XML_UNSAFE) from None
    except (ParseError, ValueError, LookupError, RecursionError):
        raise refuse(Code.DAMAGED, kind="fdx") from None
    return root


def _plain(root: Element) -> tuple[Element, list[str], str]:
    """A tree of paragraphs with one text each; the numbers of the headings; the title."""
    made = Element("FinalDraft")
    content = SubElement(made, "Content")
    numbers = []
    source = root.find("Content")
    for paragraph in source if source is not None else ():
        if paragraph.tag != "Paragraph":
            continue
        kind = paragraph.get("Type") or "Action"
        text = "".join("".join(each.itertext()) for each in paragraph.findall("Text"))
        if kind in _HEADINGS:
            numbers.append(paragraph.get("Number") or "")
        for piece in text.splitlines() or [""]:
            SubElement(SubElement(content, "Paragraph", Type=kind), "Text").text = piece
            kind = kind if kind not in _HEADINGS else "Action"
    title = root.find("TitlePage/Content/Paragraph/Text")
    return made, numbers, (title.text or "").strip() if title is not None else ""


def _add(element: object, lines: Lines, numbers: list[str]) -> None:
    kind = _KINDS.get(element.type, Kind.PLAIN)  # type: ignore[attr-defined]
    if kind is Kind.CUE:
        lines.add(element.name, kind, element.extension or "")  # type: ignore[attr-defined]
    elif kind is Kind.HEADING:
        lines.add(element.text_raw, kind, re.sub(r"\s", "", numbers.pop(0)) if numbers else "")  # type: ignore[attr-defined]
    else:
        lines.add(element.text_raw, kind)  # type: ignore[attr-defined]
