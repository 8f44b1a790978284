"""A script read again as a person showed: this line is a heading and these are its parts, that one is none.

What was corrected by hand stays where its scene still begins at the same line; names brought under one stay so; scenes
cut or joined by hand are cut and joined again. The lesson stays with the script and reads the work's next draft too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xiepai.kernel.errors import ErrorCode, XiepaiError
from xiepai.parties.access import Actor
from xiepai.script import Format, ScriptError, Source, breakdown, read
from xiepai.script.examples import NotInLineError, same
from xiepai.script.headings import Heading
from xiepai.script.outline import outline
from xiepai.script.source import Lines
from xiepai.script.teaching import Lesson, lesson_of, shown, unknown_words
from xiepai.shoots.models import Script
from xiepai.shoots.services import parting, scripts


@dataclass(frozen=True, slots=True)
class Trial:
    """What a lesson would do: the lines it shows, words nobody knows, and where scenes would open (line and words)."""

    lesson: Lesson
    headings: dict[int, Heading]
    unknown: dict[str, list[tuple[str, int]]]
    openings: dict[int, str]


def source_of(script: Script) -> Source:
    """The script's lines as the file says them; as kept where the file is gone. Raises ``INVALID`` for a table."""
    if script.source_format in parting.TABLES:
        raise XiepaiError(ErrorCode.INVALID, detail=_("表格没有场头可认；请改表格的列名后重新放入。"))
    try:
        with script.file.open("rb") as stream:
            return read(stream.read(), script.file_name)
    except (FileNotFoundError, ValueError, ScriptError):
        lines = Lines()
        lines.extend(script.text.split("\n"))
        return Source(Format.TEXT, tuple(lines.lines))


def checked(data: Mapping[str, Any]) -> Lesson:
    """A lesson from plain data. Raises ``INVALID`` in words a person can act on."""
    try:
        return lesson_of(data)
    except NotInLineError as error:
        said = _("“{words}”不在这一行里：请照原文填写，或留空。").format(words=error.words)
        raise XiepaiError(ErrorCode.INVALID, detail=said, field=error.part) from error
    except ValueError as error:
        raise XiepaiError(ErrorCode.INVALID, detail=_("请至少填写这一行里的一项。")) from error


def tried(source: Source, lesson: Lesson) -> Trial:
    """A lesson tried on the lines; nothing is kept."""
    words = {kind: count.most_common(8) for kind, count in unknown_words(source.lines, lesson).items()}
    found = outline(source.lines, lesson).openings
    openings = {source.lines[each.first].number: each.text for each in found}
    return Trial(lesson, shown(source.lines, lesson), words, openings)


def teach(*, actor: Actor, script_id: int, lesson: Lesson) -> Script:
    """Read the whole script again with what was taught. Raises ``INVALID`` where no scene would be left."""
    with transaction.atomic():
        script = scripts.in_review(actor, script_id)
        found = breakdown(source_of(script), lesson=lesson, may_be_empty=True)
        if not found.scenes and script.reading["scenes"]:
            raise XiepaiError(ErrorCode.INVALID, detail=_("照此一场也读不出来，没有改动。"))
        before = script.reading
        script.reading = found.to_json() | {"lesson": lesson.to_json()}
        _carry(script, before)
        scripts.save_reading(script, actor, "shoots.script.taught")
    return script


def with_none(lesson: Lesson, text: str, *, is_alike: bool) -> Lesson:
    """A lesson in which a line is no heading; with ``is_alike`` nor are those of its form, nor examples like it."""
    if not is_alike:
        return replace(lesson, none=tuple(dict.fromkeys((*lesson.none, text))))
    known = lesson.known()
    kept = tuple(each for each in lesson.examples if not each.pattern(known).match(same(text)))
    return replace(lesson, examples=kept, none_alike=tuple(dict.fromkeys((*lesson.none_alike, text))))


def number_scenes(*, actor: Actor, script_id: int) -> Script:
    """Give the scenes without a number the next free ones of their episode, in order. Raises ``INVALID`` for none."""
    with transaction.atomic():
        script = scripts.in_review(actor, script_id)
        wanted = [each for each in script.reading["scenes"] if not each["number"] and not each.get("is_out")]
        if not wanted:
            raise XiepaiError(ErrorCode.INVALID, detail=_("每一场都有场号。"))
        taken = {(each["episode"], each["number"]) for each in script.reading["scenes"] if not each.get("is_out")}
        last: dict[int | None, int] = {}
        for scene in wanted:
            scripts.set_fields(scene, {"number": _next(scene["episode"], last, taken)})
        scripts.save_reading(script, actor, "shoots.script.corrected")
    return script


def _next(episode: int | None, last: dict[int | None, int], taken: Collection[tuple[int | None, str]]) -> str:
    number = last.get(episode, 0) + 1
    while (episode, str(number)) in taken:
        number += 1
    last[episode] = number
    return str(number)


def _carry(script: Script, before: dict[str, Any]) -> None:
    """What hands did to the reading before, done to the new one."""
    by_line = {each["line"]: each for each in before["scenes"]}
    for line in sorted(each["line"] for each in before["scenes"] if each.get("is_cut")):
        parting.cut_at(script, line)
    for line in before.get("joined", ()):
        parting.join_at(script, line)
    script.reading |= {name: before[name] for name in ("merged", "joined") if name in before}
    scripts.merge_again(script)
    for scene in script.reading["scenes"]:
        old = by_line.get(scene["line"], {})
        scripts.set_fields(scene, {name: old[name] for name in old.get("confirmed", ())})
        scene.update({name: old[name] for name in ("confirmed", "is_out") if name in old})
