"""The whole script in view: which lines are headings, where an episode begins, what a heading on several lines says.

A line alone can only be likely. What decides is the house style (the number forms most certain headings use) and the
sequence of numbers: a list's "3、" inside scene 12 continues nothing. What was weighed and refused is told as a
warning with its line, so that a person can correct it with one press.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from xiepai.script import words
from xiepai.script.fields import fields_of, says_light_or_side
from xiepai.script.headings import SPOKEN, Heading, Strength, heading
from xiepai.script.house import labels_below, learn
from xiepai.script.loose import counted, loose
from xiepai.script.messages import Code, Problem
from xiepai.script.openings import Opening
from xiepai.script.scene_numbers import Form, episode_of, order
from xiepai.script.shapes import House
from xiepai.script.sifting import with_codes, with_places_below, without_acts, without_contents
from xiepai.script.source import Kind, Line
from xiepai.script.teaching import NO_LESSON, Lesson, taught, with_labels
from xiepai.script.text import has_chinese, plain, simplified, unadorned

BLOCK = 8
"""How many lines a heading and its labels may take."""
SHORT = 30
LEAP = 3
"""How many scene numbers may be missing before a bare number no longer continues the sequence."""
LEAST = 3
_FILM = re.compile(r"^\W*(?:INT|EXT|内景|外景)[.\s·:：]", re.IGNORECASE)
_DIGITS = re.compile(r"[#\[(]?(\d{1,3}[A-Z]?|[一二三四五六七八九十百]{1,4})[.)\]]?")
_SILENT = (Kind.ACTION, Kind.SPEECH, Kind.CUE, Kind.MANNER, Kind.TRANSITION)
_PASSED = ("cast", "crowd", "guests", "props", "costumes", "notes", "summary")


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
    candidates = taught(lines, without_acts(lines, candidates), lesson)
    episodes = {at: each for at, each in episodes.items() if at not in candidates}
    joined = with_places_below(lines, without_contents(lines, _joined(lines, candidates, episodes, house)))
    decided = _decided(lines, joined, episodes)
    if not decided.openings and lesson == NO_LESSON:
        openings = tuple(counted(joined)) or tuple(
            Opening(at, found, (at,), lines[at].text) for at, found in loose(lines).items()
        )
        decided = replace(decided, openings=tuple(each for each in openings if each.first not in episodes))
    return replace(decided, openings=with_codes(_with_cast_above(lines, decided.openings)))


def _candidates(lines: Sequence[Line], house: House) -> tuple[dict[int, Heading], dict[int, tuple[int, str]]]:
    candidates: dict[int, Heading] = {}
    episodes: dict[int, tuple[int, str]] = {}
    for index, line in enumerate(lines):
        if line.kind in _SILENT or not line.text.strip():
            continue
        found = heading(line.text, line.label, is_given=line.kind is Kind.HEADING, house=house)
        if found is None and len(line.text) <= SHORT and labels_below(lines, index):
            found = _number_alone(line, house)
        if found is None and len(line.text) <= SHORT and line.kind is Kind.PLAIN:
            found = _digits_above(lines, index)
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


def _digits_above(lines: Sequence[Line], index: int) -> Heading | None:
    """Digits and nothing else, right above labels or a whole heading that has no number."""
    match = _DIGITS.fullmatch(plain(lines[index].text))
    if not match or index + 1 >= len(lines):
        return None
    below = heading(lines[index + 1].text)
    is_whole = below is not None and below.form is Form.NONE and (below.is_complete or below.is_label)
    if not (is_whole or (lines[index + 1].text.strip() and labels_below(lines, index))):
        return None
    alone = heading(f"第{match[1]}场")
    return alone and replace(alone, form=Form.WEAK)


def _head(line: Line, found: Heading) -> str:
    """A heading's line; digits that stand alone as the number of a list."""
    digits = _DIGITS.fullmatch(plain(line.text)) if found.form is Form.WEAK else None
    return f"{digits[1]}、" if digits else line.text


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
    """时间：夜 · 地点：客厅 below a number; what stood behind the number is then the scene's title, not its place."""
    taken, labels = [index], []
    have = {name for name in ("time", "side", "place") if getattr(found, name)}
    if Code.SIDE_FROM_PLACE in found.reasons:
        have.discard("side")
    for at in following:
        match = words.LABEL.match(_plain(lines[at]))
        name = words.field_of(match[1]) if match else ""
        if name in _PASSED and not (more := _labels_inside(lines[at]) - have):
            continue
        if name in _PASSED:
            have |= more
            taken.append(at)
            labels.append(plain(lines[at].text))
            continue
        is_titled = found.form.is_strong and not (found.cast or found.is_shown)
        if name == "place" and found.place and is_titled and "titled" not in have:
            have.add("titled")
        elif not name or name in have:
            break
        have.add(name)
        taken.append(at)
        labels.append(plain(lines[at].text))
        if match and not match[2].strip() and (value := _value_below(lines, at)) is not None:
            taken.append(value)
            labels[-1] += plain(lines[value].text)
    if not labels:
        return Opening(index, found, (index,), lines[index].text)
    head = _head(lines[index], found)
    if found.is_shown:
        text = "\n".join(lines[at].text for at in taken)
        return Opening(index, with_labels(found, labels), tuple(taken), text)
    titles = found.place if "titled" in have else ()
    for title in titles:
        head = head.replace(title, " ")
    again = heading(" ".join([head, *labels]), lines[index].label, is_given=True, house=house)
    text = "\n".join(lines[at].text for at in taken)
    if again is None or (not again.number and not (again.place and (again.time or again.side))):
        return Opening(index, found, (index,), lines[index].text)
    strength = Strength.CERTAIN if found.strength is not Strength.GIVEN else Strength.GIVEN
    again = replace(again, settings=(*titles, *again.settings), strength=strength, is_label=found.is_label)
    return Opening(index, again, tuple(taken), text)


def _value_below(lines: Sequence[Line], at: int) -> int | None:
    """场景： with its value on the next line."""
    if at + 1 >= len(lines):
        return None
    text = lines[at + 1].text.strip()
    return at + 1 if 0 < len(text) <= SHORT and not words.LABEL.match(_plain(lines[at + 1])) else None


def _labels_inside(line: Line) -> set[str]:
    """Which of time, side and place stand behind another label on one line: 人:苏晚 地:客厅."""
    names = {words.LABELS.get(each) for each in words.INNER_LABEL.findall(_plain(line))}
    return {each for each in ("time", "side", "place") if each in names}


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
    text, taken, says = _head(lines[index], found), [index], False
    for count, at in enumerate(following[:3]):
        piece = lines[at].text
        if count == 2 and not says_light_or_side(piece):
            break
        other = candidates.get(at)
        is_spoken = SPOKEN.match(_plain(lines[at])) and not words.LABEL.match(_plain(lines[at]))
        if is_spoken or (found.place and other is not None and other.is_complete):
            break
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
        is_set = (
            found.strength is Strength.ALONE and again.side is not None and bool(again.place and _FILM.match(piece))
        )
        if (is_set or (again.is_complete and says)) and at not in _numbered(candidates):
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
    starts: frozenset[int] = frozenset()
    """Numbers with which a script may begin in its midst: the next one stands in it too."""

    def continues(self, found: Heading) -> bool:
        """Whether a number follows the last one closely."""
        now, before = order(found.number), order(self.number)
        if found.episode is not None and found.episode != self.episode:
            return self.episode is None or (found.episode == self.episode + 1 and now[0] <= LEAP)
        if not self.number and (found.form.is_strong or now[0] in self.starts):
            return True
        if self.is_new:
            return now[0] <= LEAP or before < now <= (before[0] + LEAP, "~")
        return before < now <= (before[0] + LEAP, "~")

    def step(self, found: Heading) -> None:
        self.episode = found.episode if found.episode is not None else self.episode
        self.number = found.number or self.number
        self.is_new = False


def _decided(lines: Sequence[Line], openings: list[Opening], episodes: dict[int, tuple[int, str]]) -> Outline:
    usual = _usual(openings)
    if not any(each.heading.strength >= Strength.CERTAIN for each in openings):
        usual |= {Form.SCENE.value, Form.FULL.value}
    only_labels = "label" in usual and all(each.heading.is_label for each in openings)
    accepted: list[Opening] = []
    problems: list[Problem] = []
    numbers = {order(each.heading.number)[0] for each in openings}
    place, marks = _Place(starts=frozenset(each for each in numbers if each + 1 in numbers)), sorted(episodes)
    for at, opening in enumerate(openings):
        while marks and marks[0] < opening.first:
            place.episode, place.is_new = episodes[marks.pop(0)][0], True
        has_cast = bool(opening.heading.cast) or _cast_at(lines, opening.taken[-1], 1) is not None
        says_who = opening.heading.form.is_strong and has_cast
        if accepted and _translates(lines, accepted[-1], opening):
            continue
        is_set = only_labels and bool(opening.heading.place)
        if (is_set or _accepts(opening.heading, usual, place, says_who=says_who)) and not _is_preface(
            lines, openings, at, episodes
        ):
            accepted.append(opening)
            place.step(opening.heading)
        elif opening.heading.strength >= Strength.LIKELY and not opening.heading.is_label:
            data = {"text": lines[opening.first].text.strip()[:40]}
            problems.append(Problem(Code.MAYBE_HEADING, lines[opening.first].number, data))
    return Outline(tuple(accepted), episodes, tuple(problems))


def _translates(lines: Sequence[Line], last: Opening, opening: Opening) -> bool:
    """A heading in English right below the same in Chinese."""
    between = lines[last.taken[-1] + 1 : opening.first]
    return (
        opening.heading.number == last.heading.number != ""
        and has_chinese(last.text)
        and not has_chinese(opening.text)
        and not any(each.text.strip() for each in between)
    )


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


def _accepts(found: Heading, usual: set[str], place: _Place, *, says_who: bool) -> bool:
    """``says_who``: a cast list stands below a scene's number, which then needs no light to be one."""
    is_usual = _style(found) in usual or (says_who and not found.is_label)
    if found.form is Form.FULL and found.strength is Strength.ALONE:
        return True
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
