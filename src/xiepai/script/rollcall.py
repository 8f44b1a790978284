"""Who is in a scene, once the whole script has said who its people are.

Cast lists stand in many places: behind the place (客厅，日，苏晚、陆沉), in brackets, on a line of their own without a
word before it (（苏晚、陆沉）, ——苏晚). Alone each could be a place or an action; the names a script knows decide. A
name nobody knows is taken along only where the script's habit is clear.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import replace

from xiepai.script.lengths import Pace, printed_lines, seconds
from xiepai.script.messages import Code
from xiepai.script.people import Names, names_of
from xiepai.script.scenes import Paragraph, Part, Scene
from xiepai.script.words import CROWD_NAME, LABELS, SENTENCE_END

HABIT = 0.6
"""Where so many scenes of a script have it so, the others are read so too."""
FEWEST = 3
ROUNDS = 3
LONGEST_NAME = 7
_PLACE_LIKE = re.compile(
    r"[舍屋楼层室厅房间院场店馆所区厂站台口门内外角旁边中上下前后街路巷村桥堂殿府宫家铺坊寺庙亭阁山河江湖海校园车库]$|\d"
)
_BRACKETS_END = re.compile(r"[（(]([^（）()]+)[）)]\s*$")
_LIST = re.compile(r"^[\s◆▲●■★※·•—\-－*]*[（(【\[〔{]?\s*(.+?)\s*[）)】\]〕}]?\s*$")
_MARKED = re.compile(r"^[\s◆▲●■★※·•—\-－*]*[（(【\[〔—－]|^[◆▲●■★※·•]|^[—－-]{1,}")
_CAST_WORDS = "|".join(sorted((each for each, kind in LABELS.items() if kind == "cast" and len(each) > 1), key=len))
_LABEL = re.compile(rf"^[（(【\[]?\s*(?:{_CAST_WORDS})\s*[）)】\]]?\s*[:：—－-]*[\s　]*(?=\S)", re.IGNORECASE)


def rolled(scenes: list[Scene], pace: Pace) -> list[Scene]:
    """The scenes with everybody where they belong; who is found in one list is known in the next round.

    What only the habit says comes last, so that nobody is known by it.
    """
    found = scenes = _labels_learnt(scenes, pace)
    known = {name for scene in scenes for name in (*scene.cast, *scene.guests)}
    for _ in range(ROUNDS):
        found = [_without_people(each, known) for each in _lists_below(found, known, pace)]
        names = {name for scene in found for name in scene.cast if not _PLACE_LIKE.search(name)}
        if known.issuperset(names):
            break
        known |= names
    return _places_by_habit(scenes, _lists_below(found, known, pace, by_habit=True), known)


def _labels_learnt(scenes: list[Scene], pace: Pace) -> list[Scene]:
    """Who seems to speak first in most scenes, and only says names, is no role but a word for the cast (出镜：苏晚)."""
    first = [each.body[0] if each.body and each.body[0].part is Part.SPEECH else None for each in scenes]
    count = Counter(each.who for each in first if each and _is_list(each.text))
    labels = {who for who, often in count.items() if often >= max(FEWEST, HABIT * len(scenes))}
    if not labels:
        return scenes
    return [
        _relabelled(scene, labels, pace, is_list=bool(each and each.who in labels))
        for scene, each in zip(scenes, first, strict=True)
    ]


def _is_list(text: str) -> bool:
    names = names_of(text)
    return bool(names) and all(len(each) <= LONGEST_NAME and not SENTENCE_END.search(each) for each in names)


def _relabelled(scene: Scene, labels: set[str], pace: Pace, *, is_list: bool) -> Scene:
    scene = replace(scene, cast=tuple(each for each in scene.cast if each not in labels))
    if not is_list:
        return scene
    first = scene.body[0]
    body = (Paragraph(Part.CAST, f"{first.who}：{first.text}", first.line), *scene.body[1:])
    changed = replace(scene, body=body, seconds=seconds(body, pace), lines=printed_lines(body, pace))
    return _joined(changed, [first.text])


def _lists_below(scenes: list[Scene], known: Collection[str], pace: Pace, *, by_habit: bool = False) -> list[Scene]:
    """A line directly below the heading that holds nothing but names."""
    found = [_listed(scene, known) for scene in scenes]
    have = sum(bool(one) or _has_list(scene) for one, scene in zip(found, scenes, strict=True))
    if by_habit and have >= max(FEWEST, HABIT * len(scenes)):
        found = [one or _listed(scene, known, is_habit=True) for one, scene in zip(found, scenes, strict=True)]
    return [_with_list(scene, text, pace) if text else scene for scene, text in zip(scenes, found, strict=True)]


def _listed(scene: Scene, known: Collection[str], *, is_habit: bool = False) -> str:
    """The names below a heading, empty if the line is something else."""
    first = scene.body[0] if scene.body else None
    if first is None or first.part is not Part.ACTION or first.line > scene.line + 4 or len(first.text) > 80:
        return ""
    inner = _LIST.match(first.text)
    text = inner[1] if inner else first.text
    label = _LABEL.match(text) or _LABEL.match(first.text)
    if label:
        text = (text if _LABEL.match(text) else first.text)[label.end() :].strip("）)】] ")
    if not _is_list(text):
        return ""
    names = names_of(text)
    count = sum(each in known or bool(CROWD_NAME.search(each)) for each in names)
    is_marked = label is not None or is_habit or (bool(_MARKED.match(first.text)) and 2 * count >= len(names))
    return text if (is_marked and (count or is_habit or label)) or (count == len(names) > 1) else ""


def _has_list(scene: Scene) -> bool:
    return bool(scene.body) and scene.body[0].part is Part.CAST


def _with_list(scene: Scene, text: str, pace: Pace) -> Scene:
    body = (replace(scene.body[0], part=Part.CAST), *scene.body[1:])
    return _joined(replace(scene, body=body, seconds=seconds(body, pace), lines=printed_lines(body, pace)), [text])


def _joined(scene: Scene, texts: list[str]) -> Scene:
    """A scene with the names of cast lists before those who only speak."""
    names = Names()
    for text in texts:
        names.take(text)
    cast = tuple(dict.fromkeys((*names.cast, *scene.cast)))
    crowd = tuple(dict.fromkeys((*names.crowd, *scene.crowd)))
    reasons = tuple(each for each in scene.reasons if each is not Code.NO_CAST or not (cast or crowd))
    return replace(scene, cast=cast, crowd=crowd, reasons=reasons)


def _places_by_habit(before: list[Scene], scenes: list[Scene], known: Collection[str]) -> list[Scene]:
    """Where most headings end in people (客厅，日，苏晚; 后巷（赵大勇）), the others do too."""
    moved = {at for at, scene in enumerate(scenes) if len(scene.place) < len(before[at].place)}
    ends = {at: end[1] for at, scene in enumerate(scenes) if (end := _BRACKETS_END.search(scene.heading))}
    habit: set[int] = set()
    if sum(at in moved or text not in scenes[at].place for at, text in ends.items()) >= max(2, HABIT * len(ends)):
        habit.update(at for at, text in ends.items() if scenes[at].place[-1:] == (text,))
    habit.update(_same_at_several(scenes, ends))
    deep = sum(len(scene.place) > 1 for scene in before)
    if len(moved) >= max(FEWEST, HABIT * deep, HABIT * len(scenes)):
        habit.update(range(len(scenes)))
    return [
        _without_people(scene, known, is_habit=True) if at in habit - moved else scene
        for at, scene in enumerate(scenes)
    ]


def _same_at_several(scenes: list[Scene], ends: dict[int, str]) -> set[int]:
    """Scenes whose brackets say the same at different places: 仓库（医生） and 病房（医生） are one person."""
    places: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for at, text in ends.items():
        if scenes[at].place[-1:] == (text,) and len(scenes[at].place) > 1 and not _PLACE_LIKE.search(text):
            places[text].add(scenes[at].place[:-1])
    return {at for at, text in ends.items() if len(places[text]) > 1 and scenes[at].place[-1:] == (text,)}


def _without_people(scene: Scene, known: Collection[str], *, is_habit: bool = False) -> Scene:
    place = list(scene.place)
    ahead = [place.pop(0)] if len(place) > 1 and _leads(place[0], known) else []
    first = next((at for at, each in enumerate(place) if at and _begins_people(place, at, known)), len(place))
    texts, place = place[first:], place[:first]
    while len(place) > 1 and _are_people(place[-1], known, is_habit and not texts):
        texts.insert(0, place.pop())
    divided = names_of(place[-1]) if place and " " in place[-1] else []
    if len(divided) > 1 and _PLACE_LIKE.search(divided[0]) and all(each in known for each in divided[1:]):
        place[-1:], texts = divided[:1], [*divided[1:], *texts]
    texts = [*ahead, *texts]
    if not texts:
        return scene
    reasons = tuple(each for each in scene.reasons if each is not Code.LONG_PLACE)
    return _joined(replace(scene, place=tuple(place), reasons=reasons), texts)


def _leads(text: str, known: Collection[str]) -> bool:
    """Whether a list of people stands before the place: 路人、苏晚，上午，校门口."""
    names = names_of(text)
    count = sum(each in known or bool(CROWD_NAME.search(each)) for each in names)
    return "、" in text and 2 * count >= len(names) > 1 and not any(_PLACE_LIKE.search(each) for each in names)


def _begins_people(place: list[str], at: int, known: Collection[str]) -> bool:
    """Whether from here on only names follow, the first of them known."""
    return place[at] in known and not any(len(each) > 4 or _PLACE_LIKE.search(each) for each in place[at + 1 :])


def _are_people(text: str, known: Collection[str], is_habit: bool) -> bool:
    names = names_of(text)
    if not names or any(len(each) > LONGEST_NAME for each in names):
        return False
    count = sum(each in known or bool(CROWD_NAME.search(each)) for each in names)
    if names[0] not in known and _PLACE_LIKE.search(names[0]) and not CROWD_NAME.search(names[0]):
        return False
    if count == len(names) or (len(names) > 1 and 2 * count >= len(names)):
        return True
    return is_habit and not any(_PLACE_LIKE.search(each) for each in names)
