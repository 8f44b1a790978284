"""A file's first reading: as the work's earlier drafts were taught to be read, where that finds more.

Refuses what the reader refuses; a text in which no scene is found is none of it: a person shows it a heading.
"""

from __future__ import annotations

from xiepai.script import Breakdown, breakdown, read
from xiepai.script.teaching import NO_LESSON, Lesson, lesson_of
from xiepai.shoots.models import Script, ScriptState

#: Fewer written lines are no script to look for headings in.
FEWEST_LINES = 5


def lesson_so_far(script: Script) -> Lesson:
    """What was taught about a script."""
    return lesson_of(script.reading.get("lesson"))


def first_reading(data: bytes, name: str, work_id: int) -> tuple[Breakdown, Lesson]:
    """A file read as its work's drafts were taught to be, where that finds more. Raises :class:`ScriptError`.

    A text in which nothing is found is a draft without scenes: a person shows it a heading.
    """
    source = read(data, name)
    lines = sum(bool(line.text.strip()) for line in source.lines)
    found = breakdown(source, may_be_empty=lines >= FEWEST_LINES)
    rows = Script.objects.filter(work=work_id).exclude(state=ScriptState.DISCARDED)
    latest = rows.order_by("-version").only("reading").first()
    lesson = lesson_so_far(latest) if latest and source.lines else NO_LESSON
    taught = breakdown(source, lesson=lesson, may_be_empty=True) if lesson else found
    return (taught, lesson) if len(taught.scenes) > len(found.scenes) else (found, NO_LESSON)
