"""Fountain and FDX by screenplay-tools. Headings and actions are forced, so that no Chinese line is taken for another.

What the library does not write is added: scene numbers of FDX, which it leaves out.
"""

from __future__ import annotations

from xml.etree.ElementTree import tostring

from defusedxml.ElementTree import fromstring
from screenplay_tools.fdx.writer import Writer as FdxWriter
from screenplay_tools.fountain.writer import Writer as FountainWriter
from screenplay_tools.screenplay import (
    Action,
    Character,
    Dialogue,
    Parenthetical,
    SceneHeading,
    Script,
    Section,
    TitleEntry,
    Transition,
)  # fmt: skip

from xiepai.script.scenes import Breakdown, Paragraph, Part, Scene
from xiepai.script.writing.paragraphs import cast_lines, full_number, place_words, side_word, time_word

_SAFE = str.maketrans({"[": "［", "]": "］", "*": "＊"})
"""Signs that Fountain would read as notes and comments."""


def to_fountain(breakdown: Breakdown) -> str:
    """The script as Fountain."""
    writer = FountainWriter()
    writer.pretty_print = False
    return str(writer.write(_script(breakdown, is_fountain=True))) + "\n"


def to_fdx(breakdown: Breakdown) -> str:
    """The script as Final Draft XML."""
    root = fromstring(FdxWriter().write(_script(breakdown, is_fountain=False)))
    headings = root.iterfind("Content/Paragraph[@Type='Scene Heading']")
    for paragraph, scene in zip(headings, breakdown.scenes, strict=True):
        paragraph.set("Number", full_number(scene))
    return '<?xml version="1.0" encoding="UTF-8" standalone="no" ?>\n' + tostring(root, encoding="unicode")


def _script(breakdown: Breakdown, *, is_fountain: bool) -> Script:
    script = Script()
    if breakdown.title and is_fountain:
        script.titleEntries.append(TitleEntry("Title", breakdown.title))
    episode = None
    for scene in breakdown.scenes:
        if scene.episode is not None and scene.episode != episode:
            episode = scene.episode
            script.elements.append(Section(1, f"第{episode}集") if is_fountain else Action(f"第{episode}集"))
        _scene(script, scene, is_fountain)
    return script


def _scene(script: Script, scene: Scene, is_fountain: bool) -> None:
    heading = " ".join(each for each in (time_word(scene), side_word(scene), place_words(scene)) if each)
    script.elements.append(SceneHeading(heading, full_number(scene) or None, forced=True))
    for line in cast_lines(scene):
        script.elements.append(Action(line))
    for each in scene.body:
        script.elements.extend(_elements(each, is_fountain))


def _elements(each: Paragraph, is_fountain: bool) -> list[object]:
    text = each.text.translate(_SAFE) if is_fountain else each.text
    if each.part is Part.SPEECH:
        cue = Character(each.who, each.voice or None, forced=True)
        return [cue, *([Parenthetical(each.manner)] if each.manner else []), Dialogue(text)]
    if each.part is Part.ACTION:
        return [Action(f"△{text}")]
    if each.part is Part.TITLE:
        return [Action(f"字幕：{text}")]
    return [Transition(text, forced=True)] if each.part is Part.TRANSITION else [Action(text)]
