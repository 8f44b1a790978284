"""A revised script against the one before: which scenes are kept, changed, moved, added, removed, field by field.

Scenes are matched by their number where the words agree, then by their words alone (a renumbered scene is the same
scene). What people corrected by hand is carried over: a correction lasts as long as the script still says what it
said when it was corrected; where it says something else now, both are shown and the person decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from xiepai.script.breaking import name
from xiepai.script.scenes import Breakdown, Part, Scene

SAME_NUMBER = 0.25
"""With the same number so much likeness is enough; without it, the next value is needed."""
LIKE = 0.55
FIELDS = ("time", "side", "place", "cast", "crowd", "guests", "props", "costumes", "settings", "eighths")
"""Fields that are compared, and that may be corrected."""
_CANDIDATES = 6
COMMON = 40
"""A pair of characters that so many scenes hold says nothing about any of them."""
_HEAD_SHARE = 0.3


class State(StrEnum):
    """What became of a scene."""

    KEPT = "kept"
    CHANGED = "changed"
    MOVED = "moved"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs."""

    field: str
    was: Any
    now: Any


@dataclass(frozen=True, slots=True)
class Pair:
    """A scene before and after; one side is missing for scenes removed or added. ``likeness`` is 0 to 100."""

    state: State
    before: Scene | None
    after: Scene | None
    changes: tuple[Change, ...] = ()
    likeness: int = 0


@dataclass(frozen=True, slots=True)
class Conflict:
    """A correction whose ground has moved: the script now says ``script``, the person had said ``corrected``."""

    key: str
    field: str
    corrected: Any
    script: Any


@dataclass(frozen=True, slots=True)
class Merge:
    """All pairs, in the order of the new script, removed scenes where they stood."""

    pairs: tuple[Pair, ...]

    def counts(self) -> Counter[State]:
        """How many scenes of each state."""
        return Counter(each.state for each in self.pairs)

    def new_keys(self) -> dict[str, str]:
        """Old key to new key, for whatever hangs on scenes (days, strips, notes)."""
        return {each.before.key: each.after.key for each in self.pairs if each.before and each.after}


def merge(before: Breakdown, after: Breakdown) -> Merge:
    """Match two versions.

    >>> from xiepai.script import read_script
    >>> old = read_script("1-1 日 内 客厅\\n△苏晚推门进来。\\n1-2 夜 外 老街\\n△陆沉在等。".encode(), "a.txt")
    >>> new = read_script(
    ...     "1-1 夜 内 客厅\\n△苏晚推门进来。\\n1-2 日 内 厨房\\n△水开了。\\n1-3 夜 外 老街\\n△陆沉在等。".encode(),
    ...     "a.txt",
    ... )
    >>> [(e.state.value, e.after.key, [c.field for c in e.changes]) for e in merge(old, new).pairs]
    [('changed', '1-1', ['time']), ('added', '1-2', []), ('moved', '1-3', [])]
    """
    old, new = [_Words.of(each) for each in before.scenes], [_Words.of(each) for each in after.scenes]
    matched = _by_number(old, new)
    matched |= _by_words(old, new, matched)
    pairs = [
        _pair(old[matched[at]], each) if at in matched else Pair(State.ADDED, None, each.scene)
        for at, each in enumerate(new)
    ]
    return Merge(tuple(_with_removed(old, pairs, matched)))


@dataclass(frozen=True, slots=True)
class _Words:
    """A scene with its words as counted pairs of characters."""

    scene: Scene
    head: Counter[str]
    body: Counter[str]

    @classmethod
    def of(cls, scene: Scene) -> _Words:
        said = (
            "\n".join(f"{each.who}:{each.text}" for each in scene.body if each.part is not Part.CAST) or scene.summary
        )
        return cls(scene, _pairs("-".join(scene.place)), _pairs(said))

    def likeness(self, other: _Words) -> float:
        """0 to 1: place and time count for less than a third, words for the rest."""
        head = _dice(self.head, other.head) * 0.8 + 0.2 * (self.scene.time == other.scene.time)
        if not self.body and not other.body:
            return head
        return _HEAD_SHARE * head + (1 - _HEAD_SHARE) * _dice(self.body, other.body)


def _pairs(text: str) -> Counter[str]:
    return Counter(text[at : at + 2] for at in range(len(text) - 1))


def _dice(one: Counter[str], other: Counter[str]) -> float:
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 1.0


def _by_number(old: list[_Words], new: list[_Words]) -> dict[int, int]:
    """New index to old index where number and enough of the words agree, and no other scene fits far better."""
    places = {each.scene.key: at for at, each in enumerate(old)}
    return {
        at: places[each.scene.key]
        for at, each in enumerate(new)
        if each.scene.key in places and each.likeness(old[places[each.scene.key]]) >= LIKE
    }


def _by_words(old: list[_Words], new: list[_Words], matched: Mapping[int, int]) -> dict[int, int]:
    """The rest, best likeness first; scenes of the same number need less of it."""
    taken = set(matched.values())
    free = [at for at in range(len(old)) if at not in taken]
    index = _index(old, free)
    scored = sorted(
        (
            (score, at, other)
            for at, each in enumerate(new)
            if at not in matched
            for other, score in _best(each, old, index)
        ),
        key=lambda each: (-each[0], each[1], each[2]),
    )
    found: dict[int, int] = {}
    for score, at, other in scored:
        same = new[at].scene.key == old[other].scene.key
        if at not in found and other not in taken and score >= (SAME_NUMBER if same else LIKE):
            found[at] = other
            taken.add(other)
    return found


def _index(old: list[_Words], free: Iterable[int]) -> dict[str, list[int]]:
    """Scenes by the pairs of characters they hold, and by key."""
    index: dict[str, list[int]] = {}
    for at in free:
        for pair in {*old[at].body, *old[at].head, f"key {old[at].scene.key}"}:
            index.setdefault(pair, []).append(at)
    return index


def _best(each: _Words, old: list[_Words], index: Mapping[str, list[int]]) -> list[tuple[int, float]]:
    """The few old scenes that share most, rare pairs counting more, each with its likeness."""
    votes: Counter[int] = Counter()
    for pair in {*each.body, *each.head}:
        holders = index.get(pair, ())
        if len(holders) <= COMMON:
            for at in holders:
                votes[at] += 1
    wanted = {at for at, _count in votes.most_common(_CANDIDATES)} | set(index.get(f"key {each.scene.key}", ()))
    return [(at, each.likeness(old[at])) for at in wanted]


def _pair(before: _Words, after: _Words) -> Pair:
    changes = differences(before.scene, after.scene)
    likeness = round(100 * before.likeness(after))
    said = [[(p.part, p.who, p.voice, p.manner, p.text) for p in each.scene.body] for each in (before, after)]
    if said[0] != said[1]:
        changes = (*changes, Change("body", None, None))
    if before.scene.key != after.scene.key and not changes:
        return Pair(State.MOVED, before.scene, after.scene, (), likeness)
    return Pair(State.CHANGED if changes else State.KEPT, before.scene, after.scene, changes, likeness)


def differences(before: Scene, after: Scene) -> tuple[Change, ...]:
    """The fields that differ; the order of a cast is no difference."""
    found = []
    for each in FIELDS:
        was, now = getattr(before, each), getattr(after, each)
        is_same = set(was) == set(now) if isinstance(was, tuple) and each != "place" else was == now
        if not is_same:
            found.append(Change(each, was, now))
    return tuple(found)


def _with_removed(old: list[_Words], pairs: list[Pair], matched: Mapping[int, int]) -> list[Pair]:
    """Removed scenes behind the one they followed."""
    kept = set(matched.values())
    at_new = {other: at for at, other in matched.items()}
    behind: dict[int, list[Pair]] = {}
    last = -1
    for at, each in enumerate(old):
        if at in kept:
            last = at_new[at]
        else:
            behind.setdefault(last, []).append(Pair(State.REMOVED, each.scene, None))
    merged = list(behind.get(-1, []))
    for at, pair in enumerate(pairs):
        merged += [pair, *behind.get(at, [])]
    return merged


Corrections = Mapping[str, Mapping[str, Any]]
"""What people corrected: by scene key, by field of :data:`FIELDS` (or ``number``)."""


def carry(corrections: Corrections, merged: Merge) -> tuple[dict[str, dict[str, Any]], tuple[Conflict, ...]]:
    """Corrections under the new keys, and those whose ground has moved. Nothing is thrown away but removed scenes."""
    carried: dict[str, dict[str, Any]] = {}
    conflicts = []
    for pair in merged.pairs:
        if not pair.before or not pair.after or pair.before.key not in corrections:
            continue
        changed = {each.field: each.now for each in pair.changes}
        mine = dict(corrections[pair.before.key])
        carried[pair.after.key] = mine
        conflicts += [
            Conflict(pair.after.key, each, mine[each], changed[each])
            for each in mine
            if each in changed and changed[each] != mine[each]
        ]
    return carried, tuple(conflicts)


def label(pair: Pair) -> str:
    """The number to show: new, or old for a removed scene, or both where they differ."""
    before, after = (name(each) if each else "" for each in (pair.before, pair.after))
    return after if before in ("", after) else before if not after else f"{before} → {after}"
