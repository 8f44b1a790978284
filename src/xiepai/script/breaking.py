"""Source to breakdown: lines under their headings become scenes, with numbers checked and every doubt told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from xiepai.script import limits
from xiepai.script.bodies import Body, body_of, cues_of
from xiepai.script.headings import Heading
from xiepai.script.lengths import USUAL, Pace, printed_lines, seconds
from xiepai.script.marks import marks_of
from xiepai.script.messages import COST, Code, Problem, refuse
from xiepai.script.outline import Opening, outline
from xiepai.script.rollcall import rolled
from xiepai.script.rows import scenes_of_rows
from xiepai.script.scene_numbers import order
from xiepai.script.scenes import Breakdown, Scene
from xiepai.script.source import Kind, Line, Source
from xiepai.script.teaching import NO_LESSON, Lesson

TITLE_WITHIN = 12
_TITLE = re.compile(
    r"^[\s#*]*(?:【[^】]{0,12}】)?(?:剧名[:：]\s*)?《([^》]{1,40})》(?:[\s（(·—-].{0,20}|剧本|样例剧本)?[\s*]*$"
)


def breakdown(
    source: Source, pace: Pace = USUAL, lesson: Lesson = NO_LESSON, *, may_be_empty: bool = False
) -> Breakdown:
    """Find the scenes of a source. Raises :class:`ScriptError` where there is none, unless a person is to show one."""
    if source.rows:
        scenes, problems = scenes_of_rows(source.rows)
    else:
        scenes, problems = _from_lines(source.lines, pace, lesson)
    if not scenes and not (may_be_empty and source.lines):
        raise refuse(Code.NO_SCENES)
    if len(scenes) > limits.SCENES:
        raise refuse(Code.TOO_MANY, what="scenes", limit=limits.SCENES)
    checked, doubts = _checked(scenes)
    found = sorted((*source.problems, *problems, *doubts), key=lambda each: each.line)
    title = source.title or title_of(source.lines, checked[0].line if checked else TITLE_WITHIN)
    return Breakdown(tuple(checked), tuple(found), source.format, title, source.encoding, source)


def title_of(lines: Sequence[Line], before: int) -> str:
    """A name in 《》 alone on a line before the first scene."""
    for line in lines[: min(before, TITLE_WITHIN)]:
        if match := _TITLE.match(line.text):
            return match[1]
    return ""


def _from_lines(lines: Sequence[Line], pace: Pace, lesson: Lesson) -> tuple[list[Scene], list[Problem]]:
    found = outline(lines, lesson)
    cues = cues_of(lines, (each.taken[-1] for each in found.openings))
    episodes = sorted(found.episodes)
    scenes, episode = [], None
    for index, opening in enumerate(found.openings):
        while episodes and episodes[0] < opening.first:
            episode = found.episodes[episodes.pop(0)][0]
        episode = opening.heading.episode if opening.heading.episode is not None else episode
        end = found.openings[index + 1].first if index + 1 < len(found.openings) else len(lines)
        end = min([end, *(at for at in episodes[:1] if at > opening.first)])
        scenes.append(_scene(lines, opening, end, episode, pace, cues))
    return rolled(scenes, pace), list(found.problems)


def scene_of(lines: Sequence[Line], opening: Opening, end: int, episode: int | None) -> Scene:
    """The scene an opening begins; all lines up to *end* are its own."""
    return _scene(lines, opening, end, episode, USUAL, cues_of(lines, [opening.taken[-1]]))


def _scene(
    lines: Sequence[Line], opening: Opening, end: int, episode: int | None, pace: Pace, cues: frozenset[str]
) -> Scene:
    head = opening.heading
    told = [replace(lines[opening.first], text=head.tail, kind=Kind.PLAIN)] if head.tail else []
    rest = [*told, *(lines[at] for at in range(opening.first + 1, end) if at not in opening.taken)]
    body = body_of(rest, head.cast, head.labelled, cues)
    cast, crowd = tuple(body.names.cast), tuple(body.names.crowd)
    first = lines[opening.first]
    marks = marks_of(
        (*head.settings, *body.notes), head.place, head.time, head.side, body.paragraphs, crowd, cast, first.number
    )
    return Scene(
        key="", episode=episode, number=head.number, time=head.time, time_said=head.time_said, side=head.side,
        place=head.place, cast=cast, crowd=crowd, guests=tuple(body.names.guests), props=tuple(body.props),
        costumes=tuple(body.costumes), settings=head.settings, marks=marks, notes=tuple(body.notes),
        summary=body.summary,
        lines=printed_lines(body.paragraphs, pace), seconds=seconds(body.paragraphs, pace), line=first.number,
        last_line=max(lines[opening.taken[-1]].number, body.last_line), heading=opening.text,
        body=tuple(body.paragraphs), reasons=(*head.reasons, *_missing(head, body)),
    )  # fmt: skip


def _missing(head: Heading, body: Body) -> tuple[Code, ...]:
    said = {
        Code.NO_NUMBER: head.number,
        Code.NO_TIME: head.time,
        Code.NO_SIDE: head.side,
        Code.NO_PLACE: head.place,
        Code.NO_CAST: body.names.cast or body.names.crowd or body.names.guests,
    }
    return tuple(code for code, value in said.items() if not value)


@dataclass(slots=True)
class _Sequence:
    """The numbers so far."""

    keys: dict[str, int] = field(default_factory=dict)
    before: Scene | None = None
    problems: list[Problem] = field(default_factory=list)

    def doubts(self, scene: Scene) -> list[Code]:
        """What the number of a scene says against it."""
        before, self.before = self.before, scene if scene.number else self.before
        if not scene.number:
            return []
        said, found = name(scene), []
        if said in self.keys:
            self._tell(Code.NUMBER_TWICE, scene, number=said, first=self.keys[said])
            return [Code.NUMBER_TWICE]
        if before is not None and before.number:
            found = self._after(before, scene)
        return found

    def _after(self, before: Scene, scene: Scene) -> list[Code]:
        was, now = (before.episode or 0, *order(before.number)), (scene.episode or 0, *order(scene.number))
        data = {"number": name(scene), "before": name(before)}
        if now < was and (scene.episode is not None or now[1] > 1):
            self._tell(Code.NUMBER_BACK, scene, **data)
            return [Code.NUMBER_BACK]
        if scene.episode != before.episode:
            if was[0] and now[0] > was[0] + 1:
                self._tell(Code.EPISODE_SKIPPED, scene, number=str(now[0]), before=str(was[0]))
            return []
        if now[1] > was[1] + 1:
            self._tell(Code.NUMBER_SKIPPED, scene, **data)
            return [Code.NUMBER_SKIPPED]
        return []

    def _tell(self, code: Code, scene: Scene, **data: object) -> None:
        self.problems.append(Problem(code, scene.line, data))


def name(scene: Scene) -> str:
    """Episode and number, as on a call sheet: 3-12."""
    return scene.number if scene.episode is None else f"{scene.episode}-{scene.number}"


def _checked(scenes: list[Scene]) -> tuple[list[Scene], list[Problem]]:
    """Scenes with unique keys and the doubts their numbers raise; without a number the key is a place in order."""
    sequence, checked = _Sequence(), []
    for at, scene in enumerate(scenes, 1):
        doubts = sequence.doubts(scene)
        key = name(scene) if scene.number else f"?{at}"
        count = 2
        while key in sequence.keys:
            key, count = f"{name(scene)}#{count}", count + 1
        sequence.keys[key] = scene.line
        checked.append(replace(scene, key=key, reasons=(*scene.reasons, *doubts)))
    problems = [Problem(code, each.line) for each in checked for code in each.reasons if code in _TOLD]
    return checked, problems + sequence.problems


_TOLD = {code for code in COST if code.value.startswith("no_")} | {Code.BROKEN_HEADING, Code.LONG_PLACE}
