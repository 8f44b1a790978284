"""The whole script in view: which lines are headings, where an episode begins, what a heading on several lines says.

A line alone can only be likely. What decides is the house style (the number forms most certain headings use) and the
sequence of numbers: a list's "3、" inside scene 12 continues nothing. What was weighed and refused is told as a
warning with its line, so that a person can correct it with one press.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from xiepai.script import words
from xiepai.script.fields import fields_of
from xiepai.script.headings import Heading, Strength, heading
from xiepai.script.house import labels_below, learn
from xiepai.script.messages import Code, Problem
from xiepai.script.scene_numbers import Form, episode_of, order
from xiepai.script.shapes import House
from xiepai.script.source import Kind, Line
from xiepai.script.teaching import NO_LESSON, Lesson, taught, with_labels
from xiepai.script.text import plain, simplified, unadorned

BLOCK = 8
"""How many lines a heading and its labels may take."""
SHORT = 30
LEAP = 3
"""How many scene numbers may be missing before a bare number no longer continues the sequence."""
LEAST = 3
_SILENT = (Kind.ACTION, Kind.SPEECH, Kind.CUE, Kind.MANNER, Kind.TRANSITION)
_PASSED = ("cast", "crowd", "guests", "props", "costumes", "notes", "summary")


@dataclass(frozen=True, slots=True)
class Opening:
    """A heading that was accepted, and the lines it takes (indices, both included)."""

    first: int
    heading: Heading
    taken: tuple[int, ...]
    text: str
    otherwise: Opening | None = None
    """What to read if the script does not write its headings so throughout."""


@dataclass(frozen=True, slots=True)
class Outline:
    """Openings in order, episodes by index of their line, and what was refused."""

    openings: tuple[Opening, ...]
    episodes: dict[int, tuple[int, str]]
    problems: tuple[Problem, ...]


def outline(lines: Sequence[Line], lesson: Lesson = NO_LESSON) -> Outline:
    """Find the headings; what a person taught about the script goes before what is made of it."""
    house = learn(lines)
    candidates, episodes = _candidates(lines, house)
    candidates = taught(lines, candidates, lesson)
    episodes = {at: each for at, each in episodes.items() if at not in candidates}
    joined = _joined(lines, candidates, episodes, house)
    decided = _decided(lines, joined, episodes)
    return replace(decided, openings=_with_cast_above(lines, decided.openings))


def _candidates(lines: Sequence[Line], house: House) -> tuple[dict[int, Heading], dict[int, tuple[int, str]]]:
    candidates: dict[int, Heading] = {}
    episodes: dict[int, tuple[int, str]] = {}
    for index, line in enumerate(lines):
        if line.kind in _SILENT or not line.text.strip():
            continue
        found = heading(line.text, line.label, is_given=line.kind is Kind.HEADING, house=house)
        if found is None and len(line.text) <= SHORT and labels_below(lines, index):
            found = _number_alone(line, house)
        if found is None or (found.form is Form.NONE and found.strength < Strength.GIVEN):
            episode = episode_of(plain(line.text))
            if episode:
                episodes[index] = episode
                continue
        if found:
            candidates[index] = found
    _places_above_lights(lines, candidates, episodes)
    return dict(sorted(candidates.items())), episodes


def _places_above_lights(
    lines: Sequence[Line], candidates: dict[int, Heading], episodes: dict[int, tuple[int, str]]
) -> None:
    """Where nothing is numbered, 【正厅】 above a line that says only （夜，内）; once is no habit."""
    if len(_numbered(candidates)) > len(lines) / 40:
        return
    found: dict[int, Heading] = {}
    for at in range(1, len(lines)):
        above = lines[at - 1].text.strip()
        if at in candidates or at - 1 in candidates or at - 1 in episodes or not 0 < len(above) <= SHORT:
            continue
        light = plain(lines[at].text)
        if len(light) > SHORT // 2 or not light or not words.LETTERS.search(light):
            continue
        fields = fields_of(light, has_number=False)
        if not (fields.time and fields.side) or fields.place:
            continue
        place = heading(above, is_given=True)
        if place and place.place and heading(f"{above} {light}"):
            found[at - 1] = replace(place, strength=Strength.BARE)
    if len(found) >= LEAST:
        candidates.update(found)


def _number_alone(line: Line, house: House) -> Heading | None:
    """A number of any form, alone above labels: 一、 and 时间：夜 below it."""
    found = house.numbered(unadorned(simplified(plain(line.text))))
    if found is None or found.rest.strip("[]().:、 ") or (not found.form.is_strong and episode_of(plain(line.text))):
        return None
    alone = heading(line.text, line.label, is_given=True, house=house)
    return alone and replace(alone, strength=Strength.ALONE)


def _joined(
    lines: Sequence[Line], candidates: dict[int, Heading], episodes: dict[int, tuple[int, str]], house: House
) -> list[Opening]:
    """Candidates with the lines that complete them; a line taken by one opens nothing of its own."""
    openings, until = [], -1
    for index, found in candidates.items():
        if index <= until:
            continue
        following = _following(lines, index, candidates, episodes)
        opening = _with_labels(lines, index, found, following, house)
        if not opening.heading.is_complete and found.strength < Strength.GIVEN and len(opening.taken) == 1:
            opening = _with_rest(lines, index, found, following, candidates, house)
        openings.append(opening)
        until = opening.taken[-1]
    doubtful = sum(each.otherwise is not None for each in openings)
    if doubtful < max(LEAST, len(openings) / 2):
        return [each.otherwise or each for each in openings]
    return openings


def _following(
    lines: Sequence[Line], index: int, candidates: dict[int, Heading], episodes: dict[int, tuple[int, str]]
) -> list[int]:
    """The next written lines, at most one blank between two, up to the next numbered heading."""
    found: list[int] = []
    blanks = 0
    for at in range(index + 1, min(index + 2 * BLOCK, len(lines))):
        if not lines[at].text.strip():
            blanks += 1
            if blanks > 1:
                break
            continue
        other = candidates.get(at)
        if at in episodes or (other and other.form is not Form.NONE) or len(found) == BLOCK:
            break
        blanks = 0
        found.append(at)
    return found


def _with_labels(lines: Sequence[Line], index: int, found: Heading, following: list[int], house: House) -> Opening:
    """时间：夜 · 地点：客厅 below a number."""
    taken, labels = [index], []
    have = {name for name in ("time", "side", "place") if getattr(found, name)}
    for at in following:
        match = words.LABEL.match(_plain(lines[at]))
        name = words.LABELS.get(match[1].upper() if match[1].isascii() else match[1]) if match else None
        if name in _PASSED:
            continue
        if name is None or name in have:
            break
        have.add(name)
        taken.append(at)
        labels.append(plain(lines[at].text))
    if not labels:
        return Opening(index, found, (index,), lines[index].text)
    head = plain(lines[index].text)
    if found.is_shown:
        text = "\n".join(lines[at].text for at in taken)
        return Opening(index, with_labels(found, labels), tuple(taken), text)
    again = heading(" ".join([head, *labels]), lines[index].label, is_given=True, house=house)
    text = "\n".join(lines[at].text for at in taken)
    if again is None or (not again.number and not (again.place and (again.time or again.side))):
        return Opening(index, found, (index,), lines[index].text)
    strength = Strength.CERTAIN if found.strength is not Strength.GIVEN else Strength.GIVEN
    return Opening(index, replace(again, strength=strength, is_label=found.is_label), tuple(taken), text)


def _plain(line: Line) -> str:
    return words.labels_opened(simplified(plain(line.text)))


def _with_rest(
    lines: Sequence[Line],
    index: int,
    found: Heading,
    following: list[int],
    candidates: dict[int, Heading],
    house: House,
) -> Opening:
    """A heading broken over lines: the first of the next two that completes time and side is taken in."""
    alone = Opening(index, found, (index,), lines[index].text)
    if found.form is Form.NONE and found.is_label:
        return alone
    text, taken, says = lines[index].text, [index], False
    for at in following[:2]:
        piece = lines[at].text
        if len(piece) > SHORT or at - taken[-1] > 1 + (found.strength is Strength.ALONE):
            break
        text = f"{text} {piece}"
        taken.append(at)
        again = heading(text, lines[index].label, house=house)
        if again is None or again.strength < Strength.CERTAIN or _is_text(again):
            continue
        rest = fields_of(plain(piece), has_number=False)
        is_place = says and not (rest.time or rest.side)
        says = says or bool(rest.time or rest.side)
        if again.is_complete and says and at not in _numbered(candidates):
            reasons = tuple(dict.fromkeys((*again.reasons, Code.BROKEN_HEADING)))
            said = "\n".join(lines[n].text for n in taken)
            opening = Opening(index, replace(again, reasons=reasons), tuple(taken), said)
            return replace(opening, otherwise=alone) if is_place else opening
    return alone


def _is_text(found: Heading) -> bool:
    """Whether the place that two lines give together reads like a sentence."""
    place = "".join(found.place)
    return len(place) > SHORT // 2 and words.PRONOUN.search(place) is not None


def _numbered(candidates: dict[int, Heading]) -> set[int]:
    return {at for at, each in candidates.items() if each.form is not Form.NONE}


@dataclass(slots=True)
class _Place:
    """Where the sequence stands."""

    episode: int | None = None
    number: str = ""
    is_new: bool = True

    def continues(self, found: Heading) -> bool:
        """Whether a number follows the last one closely."""
        now, before = order(found.number), order(self.number)
        if found.episode is not None and found.episode != self.episode:
            return self.episode is None or (found.episode == self.episode + 1 and now[0] <= LEAP)
        if self.is_new:
            return now[0] <= LEAP or before < now <= (before[0] + LEAP, "~")
        return before < now <= (before[0] + LEAP, "~")

    def step(self, found: Heading) -> None:
        self.episode = found.episode if found.episode is not None else self.episode
        self.number = found.number or self.number
        self.is_new = False


def _decided(lines: Sequence[Line], openings: list[Opening], episodes: dict[int, tuple[int, str]]) -> Outline:
    usual = _usual(openings)
    accepted: list[Opening] = []
    problems: list[Problem] = []
    place, marks = _Place(), sorted(episodes)
    for at, opening in enumerate(openings):
        while marks and marks[0] < opening.first:
            place.episode, place.is_new = episodes[marks.pop(0)][0], True
        if _accepts(opening.heading, usual, place) and not _is_preface(lines, openings, at, episodes):
            accepted.append(opening)
            place.step(opening.heading)
        elif opening.heading.strength >= Strength.LIKELY and not opening.heading.is_label:
            data = {"text": lines[opening.first].text.strip()[:40]}
            problems.append(Problem(Code.MAYBE_HEADING, lines[opening.first].number, data))
    return Outline(tuple(accepted), episodes, tuple(problems))


def _is_preface(lines: Sequence[Line], openings: list[Opening], at: int, episodes: dict[int, tuple[int, str]]) -> bool:
    """A list of sets before the first episode (1. 老宅（内外景）): a list's number, and hardly a line below it."""
    opening, first = openings[at], min(episodes, default=-1)
    if opening.first >= first or opening.heading.form is not Form.WEAK:
        return False
    until = min(first, openings[at + 1].first if at + 1 < len(openings) else first)
    return sum(bool(line.text.strip()) for line in lines[opening.taken[-1] + 1 : until]) <= 1


def _style(found: Heading) -> str:
    return "label" if found.is_label else found.form.value


def _usual(openings: list[Opening]) -> set[str]:
    """The forms of at least a fifth of the certain headings; where none is certain, those that stand three times."""
    certain = Counter(_style(each.heading) for each in openings if each.heading.strength >= Strength.CERTAIN)
    if not certain:
        certain = Counter(_style(each.heading) for each in openings)
        return {style for style, count in certain.items() if count >= LEAST}
    least = max(1, sum(certain.values()) / 5)
    return {style for style, count in certain.items() if count >= least}


def _accepts(found: Heading, usual: set[str], place: _Place) -> bool:
    is_usual = _style(found) in usual
    if found.strength is Strength.GIVEN:
        return True
    if found.strength is Strength.CERTAIN:
        both = found.time is not None and found.side is not None and Code.SIDE_FROM_PLACE not in found.reasons
        if found.form is Form.WEAK and not is_usual:
            return place.continues(found)
        return both or place.continues(found) or (is_usual and found.episode in (None, place.episode))
    if found.strength is Strength.LIKELY:
        return is_usual if found.form is Form.NONE else place.continues(found)
    return is_usual and not found.is_label and place.continues(found) and len("".join(found.place)) <= SHORT // 2


def _with_cast_above(lines: Sequence[Line], openings: tuple[Opening, ...]) -> tuple[Opening, ...]:
    """人物：… stands above the heading in some houses: where it mostly does, it belongs to the scene below it."""
    above = [_cast_at(lines, each.first, -1) for each in openings]
    below = sum(_cast_at(lines, each.taken[-1], 1) is not None for each in openings)
    count = sum(at is not None for at in above)
    if count < LEAST or count < len(openings) / 2 or 2 * below >= count:
        return openings
    return tuple(
        each if at is None else _with_cast_line(lines, each, at) for each, at in zip(openings, above, strict=True)
    )


def _cast_at(lines: Sequence[Line], start: int, step: int) -> int | None:
    """The index of a cast line that is the next written line in one direction."""
    for at in range(start + step, start + 3 * step, step):
        if not 0 <= at < len(lines):
            return None
        if lines[at].text.strip():
            match = words.LABEL.match(_plain(lines[at]))
            return at if match and words.LABELS.get(match[1]) == "cast" else None
    return None


def _with_cast_line(lines: Sequence[Line], opening: Opening, at: int) -> Opening:
    match = words.LABEL.match(_plain(lines[at]))
    cast = match[2] if match else ""
    return replace(
        opening,
        first=at,
        heading=replace(opening.heading, cast=opening.heading.cast or cast),
        taken=(at, *opening.taken),
        text=f"{lines[at].text}\n{opening.text}",
    )
