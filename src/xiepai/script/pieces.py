"""Lines read as one scene, the first of them being its heading whatever it looks like: where a person says so.

For the review page: a heading the reader missed, or one that was none. Refuses nothing; a first line that says neither
number nor light gives a scene without them, with the reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xiepai.script.breaking import name, scene_of
from xiepai.script.headings import Form, Heading, Strength
from xiepai.script.outline import Opening, outline
from xiepai.script.scenes import Scene
from xiepai.script.source import Kind, Line
from xiepai.script.text import clean


def one_scene(texts: Sequence[str], first: int = 1) -> Scene:
    """The scene of these lines; *first* is the number of the first one in its file.

    >>> scene = one_scene(["夜 医院走廊", "人物：护士", "△护士推车走过。", "1-2 日 内 家"], 40)
    >>> scene.time.value, scene.place, scene.cast, scene.line, scene.last_line
    ('night', ('医院走廊',), ('护士',), 40, 43)
    """
    lines = [Line(first + at, clean(text), Kind.PLAIN if at else Kind.HEADING) for at, text in enumerate(texts)]
    found = next((each for each in outline(lines).openings if each.first == 0), None)
    opening = found or Opening(0, _BLANK, (0,), lines[0].text)
    scene = scene_of(lines, opening, len(lines), opening.heading.episode)
    return replace(scene, key=name(scene), last_line=lines[-1].number)


_BLANK = Heading(Strength.GIVEN, Form.NONE, None, "", None, "", None, ())
