"""A problem as arrays for the compiled search: ids become numbers, calendars windows, locks a table."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xiepai.planning.shoot import light, slots
from xiepai.planning.shoot.around import Around
from xiepai.planning.shoot.model import Placement, Plan, Problem
from xiepai.planning.shoot.timeline import barred, prices
from xiepai.planning.shoot.values import ALWAYS, Calendar, Light, Lock, Person, Window, WishKind

Array = NDArray[Any]
LIGHTS = tuple(Light)
KINDS = tuple(WishKind)
MUST = -1


class Memory:
    """A problem and a plan in the making in one array (:mod:`slots`), and views of its tables by name."""

    allow: Array
    cand_ptr: Array
    cand_place: Array
    cast_ptr: Array
    cast_person: Array

    def __init__(self, sizes: dict[int, int], data: dict[int, Array], state: dict[int, tuple[int, ...]]) -> None:
        scenes, days = sizes[slots.SCENES], sizes[slots.DAYS]
        kept = sum(int(np.prod(shape)) for shape in state.values())
        begin = slots.SLOTS + sum(table.size for table in data.values())
        people, places, units = sizes[slots.PEOPLE], sizes[slots.PLACES], sizes[slots.UNITS]
        scratch = 4 * people + places * (units + 2 * sizes[slots.WIDTH] + 2) + 3 * sizes[slots.KINDS] + 4 * units
        behind = {
            slots.TOUCHED: days, slots.OUT: scenes, slots.ORDER: scenes, slots.SCRATCH: scratch, slots.SPAN: people,
            slots.DIRTY: people,
        }  # fmt: skip
        self.cells = np.zeros(begin + 3 * kept + sum(behind.values()), np.int64)
        self.begin, self.kept, self.data = begin, kept, data
        self._state, self._at = state, {}
        for slot, number in {**sizes, slots.STATE: begin, slots.KEPT: kept}.items():
            self.cells[slot] = number
        place = slots.SLOTS
        for slot, table in data.items():
            self.cells[slot] = place
            self.cells[place : place + table.size] = table.ravel()
            place += table.size
        for slot, shape in state.items():
            self.cells[slot] = self._at[slot] = place
            place += int(np.prod(shape))
        place = begin + 3 * kept
        for slot, size in behind.items():
            self.cells[slot] = place
            place += size

    def view(self, slot: int, copy: int = 0) -> Array:
        """A table of the plan: as it is (0), as it was before the last change (1), of the best plan (2)."""
        shape, at = self._state[slot], self._at[slot] + copy * self.kept
        return self.cells[at : at + int(np.prod(shape))].reshape(shape)

    def table(self, slot: int) -> Array:
        """A table of the problem."""
        return self.data[slot]

    def clear(self) -> None:
        """No scene has a day."""
        self.cells[self.begin : self.begin + 3 * self.kept] = 0
        for slot in (slots.DAY, slots.RELEASE, slots.UNIT_RELEASE):
            self.view(slot)[...] = -1


def pack(problem: Problem, *, is_loose: bool = False) -> Memory:
    """The memory of a problem, its fixed scenes in their places; the loose kind is for proofs (:class:`Around`)."""
    packing = _Packing(problem, Around(problem, is_loose=is_loose))
    data = packing.data()
    days, units, scenes, people = len(problem.days), len(problem.units), len(problem.scenes), len(problem.people)
    room = max(1, min(scenes, 160))
    sizes = {
        slots.SCENES: scenes, slots.DAYS: days, slots.UNITS: units, slots.PEOPLE: people,
        slots.PLACES: len(problem.places), slots.KINDS: len(problem.crowds), slots.WISHES: len(data[slots.WISH_KIND]),
        slots.ROOM: room, slots.WIDTH: data[slots.WINDOWS].shape[2],
        slots.PERSON_ROW: len(LIGHTS) + len(problem.places),
        slots.WAIT_HOUR_FEN: problem.weights.wait_hour_fen, slots.LATE_FEN: problem.weights.late_day_fen,
        slots.DUE: days if problem.due is None else problem.due,
    }  # fmt: skip
    state: dict[int, tuple[int, ...]] = {
        slots.SEQ: (days, units, room), slots.LENGTH: (days, units), slots.DAY: (scenes,), slots.UNIT: (scenes,),
        slots.CAND: (scenes,), slots.START: (scenes,), slots.FRESH: (scenes,), slots.COST: (days,), slots.BAD: (days,),
        slots.RELEASE: (days, people), slots.UNIT_RELEASE: (days, units), slots.COUNT: (people, days),
    }  # fmt: skip
    memory = Memory(sizes, data, state)
    memory.allow = data[slots.ALLOW]
    memory.cand_ptr, memory.cand_place = data[slots.CAND_PTR], data[slots.CAND_PLACE]
    memory.cast_ptr, memory.cast_person = data[slots.CAST_PTR], data[slots.CAST_PERSON]
    fill(problem, memory, Plan(()))
    return memory


def ints(values: Any) -> Array:
    """A column of whole numbers."""
    return np.ascontiguousarray(np.array(values, dtype=np.int64))


class _Packing:
    def __init__(self, problem: Problem, around: Around) -> None:
        self.problem, self.around = problem, around
        self.place_number = {each.id: number for number, each in enumerate(problem.places)}
        self.person_number = {each.id: number for number, each in enumerate(problem.people)}
        self.unit_number = {each.id: number for number, each in enumerate(problem.units)}
        self.scene_number = {each.id: number for number, each in enumerate(problem.scenes)}
        self.looks: dict[str, int] = {"": 0}

    def data(self) -> dict[int, Array]:
        """Every table of the problem by its slot."""
        problem = self.problem
        people, units, places, kinds = problem.people, problem.units, problem.places, problem.crowds
        rows = [
            *([light.windows(each, day) for day in problem.days] for each in LIGHTS),
            *(self._calendar(each.calendar) for each in places),
            *(self._hours(each) for each in people),
        ]
        candidates = self._candidates(rows)  # adds rows
        windows = self._windows(rows)
        tariffs = [each.tariff for each in places]
        travel, moves = self._travel()
        data = {
            slots.MINUTES: ints([each.minutes for each in problem.scenes]),
            **self._casts(), **candidates, **self._crowds(), **self._wishes(),
            slots.WINDOWS: windows, slots.TRAVEL: travel, slots.MOVE_FEN: moves, slots.GAP: self._gaps(),
            slots.MAKEUP: ints([each.makeup_minutes for each in people]),
            slots.CHANGE: ints([each.change_minutes for each in people]),
            slots.REST: ints([each.rest_minutes for each in people]),
            slots.LIMIT: ints([each.limit_minutes for each in people]),
            slots.DAY_FEN: ints([each.day_fen for each in people]),
            slots.WAIT_FEN: ints([each.waiting_fen for each in people]),
            slots.UNIT_OPEN: ints([each.hours.start for each in units]),
            slots.UNIT_CLOSE: ints([[self.around.closes(each, d) for each in units] for d in range(len(problem.days))]),
            slots.UNIT_PAID: ints([each.day_minutes for each in units]),
            slots.UNIT_MOST: ints([each.most_minutes for each in units]),
            slots.UNIT_FEN: ints([each.day_fen for each in units]),
            slots.UNIT_OVER: ints([each.overtime_fen for each in units]),
            slots.UNIT_REST: ints([each.rest_minutes for each in units]),
            slots.SETUP: ints([each.setup_minutes for each in places]),
            slots.HOUR_FEN: ints([-1 if each.hour_fen is None else each.hour_fen for each in tariffs]),
            slots.PLACE_FEN: ints([-1 if each.day_fen is None else each.day_fen for each in tariffs]),
            slots.PLACE_PAID: ints([each.day_minutes for each in tariffs]),
            slots.PLACE_OVER: ints([each.overtime_fen for each in tariffs]),
            slots.KIND_FEN: ints([each.day_fen for each in kinds]),
            slots.KIND_PAID: ints([each.day_minutes for each in kinds]),
            slots.KIND_OVER: ints([each.overtime_fen for each in kinds]),
            slots.FROZEN: ints([[day.holds(each.id) for each in units] for day in problem.days]),
        }  # fmt: skip
        return {**data, **self._indexes(data), slots.ALLOW: self._allowed(data)}

    def _indexes(self, data: dict[int, Array]) -> dict[int, Array]:
        """The scenes that may be shot at each place, and those of each person."""
        found = {}
        for pointer, name, mine, of, size in (
            (slots.PLACE_PTR, slots.PLACE_SCENE, slots.CAND_PTR, slots.CAND_PLACE, len(self.problem.places)),
            (slots.PERSON_PTR, slots.PERSON_SCENE, slots.CAST_PTR, slots.CAST_PERSON, len(self.problem.people)),
        ):
            scene = np.repeat(np.arange(len(self.problem.scenes)), np.diff(data[mine]))
            found[pointer] = ints(np.searchsorted(np.sort(data[of]), np.arange(size + 1)))
            found[name] = ints(scene[np.argsort(data[of], kind="stable")])
        return found

    def _calendar(self, calendar: Calendar | None) -> Calendar:
        return (ALWAYS,) * len(self.problem.days) if calendar is None else calendar

    def _hours(self, person: Person) -> Calendar:
        """When a person is free, up to where their day must end."""
        calendar = self._calendar(person.calendar)
        return tuple(_cut(found, self.around.latest(person, day)) for day, found in enumerate(calendar))

    def _windows(self, table: list[Any]) -> Array:
        """``[row, day, window, 2]``; unused windows are empty and hold nothing."""
        widest = max((len(found) for row in table for found in row), default=1) or 1
        windows = np.zeros((len(table), len(self.problem.days), widest, 2), np.int64)
        for number, row in enumerate(table):
            for day, found in enumerate(row):
                for place, window in enumerate(found):
                    windows[number, day, place] = window.start, window.end
        return windows

    def _casts(self) -> dict[int, Array]:
        pointer, person, look = [0], [], []
        for scene in self.problem.scenes:
            for part in scene.cast:
                person.append(self.person_number[part.person])
                look.append(self.looks.setdefault(part.look, len(self.looks)))
            pointer.append(len(person))
        return {slots.CAST_PTR: ints(pointer), slots.CAST_PERSON: ints(person), slots.CAST_LOOK: ints(look)}

    def _candidates(self, rows: list[Any]) -> dict[int, Array]:
        """The places of each scene, and the row of windows it has there; where locked days are in the way, one more.

        ``CAND_PENALTY`` holds a row of days: what the second best costs, and a date that is wished otherwise.
        """
        pointer, place, penalty, lights = [0], [], [], []
        unwished = prices(self.problem)
        days = range(len(self.problem.days))
        known: dict[Calendar, int] = {}
        for scene in self.problem.scenes:
            for candidate in scene.candidates:
                number = self.place_number[candidate.place]
                place.append(number)
                penalty += [candidate.penalty_fen + unwished.get((scene.id, day), 0) for day in days]
                row = LIGHTS.index(light.needed(scene, self.problem.places[number]))
                if self.around.days:
                    own = tuple(
                        self.around.windows(scene, candidate.place, day, lit) for day, lit in enumerate(rows[row])
                    )
                    if list(own) != rows[row]:
                        row = known.setdefault(own, len(rows) + len(known))
                lights.append(row)
            pointer.append(len(place))
        rows += known
        return {
            slots.CAND_PTR: ints(pointer), slots.CAND_PLACE: ints(place), slots.CAND_PENALTY: ints(penalty),
            slots.CAND_ROW: ints(lights),
        }  # fmt: skip

    def _crowds(self) -> dict[int, Array]:
        number = {each.id: place for place, each in enumerate(self.problem.crowds)}
        pointer, kind, heads = [0], [], []
        for scene in self.problem.scenes:
            for extras in scene.crowd:
                kind.append(number[extras.kind])
                heads.append(extras.heads)
            pointer.append(len(kind))
        return {slots.CROWD_PTR: ints(pointer), slots.CROWD_KIND: ints(kind), slots.CROWD_HEADS: ints(heads)}

    def _wishes(self) -> dict[int, Array]:
        """Those about the order; of dates a must is in ``ALLOW``, a price among the candidates' penalties."""
        frozen = {each.scene for each in self.problem.fixed}
        wishes = [
            each
            for each in self.problem.wishes
            if not each.kind.is_about_days and (each.weight_fen is not None or not frozen.issuperset(each.scenes))
        ]
        return {
            slots.WISH_KIND: ints([KINDS.index(each.kind) for each in wishes]),
            slots.WISH_ONE: ints([self.scene_number[each.scenes[0]] for each in wishes]),
            slots.WISH_OTHER: ints([self.scene_number[each.scenes[-1]] for each in wishes]),
            slots.WISH_FEN: ints([MUST if each.weight_fen is None else each.weight_fen for each in wishes]),
        }

    def _travel(self) -> tuple[Array, Array]:
        problem = self.problem
        between = {(one, other): minutes for one, other, minutes in problem.travel.between}
        size = len(problem.places)
        minutes, fen = np.zeros((size, size), np.int64), np.zeros((size, size), np.int64)
        for a, one in enumerate(problem.places):
            for b, other in enumerate(problem.places):
                if a == b:
                    continue
                if one.site == other.site:
                    minutes[a, b], fen[a, b] = problem.travel.inside_minutes, problem.weights.set_move_fen
                    continue
                fallback = between.get((other.site, one.site), problem.travel.sites_minutes)
                minutes[a, b] = between.get((one.site, other.site), fallback)
                fen[a, b] = problem.weights.site_move_fen
        return minutes, fen

    def _gaps(self) -> Array:
        days = [each.date for each in self.problem.days]
        apart = [(later - earlier).days * 1440 for earlier, later in itertools.pairwise(days)]
        return ints([1440, *apart])

    def _allowed(self, data: dict[int, Array]) -> Array:
        """Which day and unit each candidate of each scene may have, windows taken one by one."""
        problem = self.problem
        days, units = len(problem.days), len(problem.units)
        allow = np.zeros((len(data[slots.CAND_PLACE]), days, units), np.int64)
        works = np.array([
            [not on.holds(unit.id) and (unit.days is None or day in unit.days) for unit in problem.units]
            for day, on in enumerate(problem.days)
        ], np.int64)  # fmt: skip
        longest = (data[slots.WINDOWS][..., 1] - data[slots.WINDOWS][..., 0]).max(axis=2)
        first_person = len(LIGHTS) + len(problem.places)
        fixed = {each.scene for each in problem.fixed}
        locks = {each.scene: each for each in problem.locks}
        kept_from = barred(problem)
        for number, scene in enumerate(problem.scenes):
            if scene.id in fixed:
                continue
            mine = slice(data[slots.CAST_PTR][number], data[slots.CAST_PTR][number + 1])
            rows = [first_person + person for person in data[slots.CAST_PERSON][mine]]
            for candidate in range(data[slots.CAND_PTR][number], data[slots.CAND_PTR][number + 1]):
                place = data[slots.CAND_PLACE][candidate]
                needed = [*rows, data[slots.CAND_ROW][candidate], len(LIGHTS) + place]
                allow[candidate] = works * (longest[needed] >= scene.minutes).all(axis=0)[:, None]
                for day in range(days):
                    if (scene.id, day) in kept_from:
                        allow[candidate, day] = 0
                if scene.id in locks:
                    self._lock(allow[candidate], locks[scene.id], problem.places[place].id)
        return allow

    def _lock(self, allow: Array, lock: Lock, place: str) -> None:
        if lock.place is not None and lock.place != place:
            allow[:] = 0
        if lock.day is not None:
            allow[np.arange(len(allow)) != lock.day] = 0
        if lock.unit is not None:
            allow[:, np.arange(allow.shape[1]) != self.unit_number[lock.unit]] = 0


def _cut(windows: tuple[Window, ...], latest: int) -> tuple[Window, ...]:
    return tuple(Window(each.start, min(each.end, latest)) for each in windows if each.start < latest)


def fill(problem: Problem, memory: Memory, plan: Plan) -> None:
    """Write the fixed scenes and a plan's placements into an emptied memory; what may not be stays out."""
    memory.clear()
    scenes = {each.id: number for number, each in enumerate(problem.scenes)}
    units = {each.id: number for number, each in enumerate(problem.units)}
    places = {each.id: number for number, each in enumerate(problem.places)}
    seq, length, count = memory.view(slots.SEQ), memory.view(slots.LENGTH), memory.view(slots.COUNT)
    day, unit, cand, start = (memory.view(slot) for slot in (slots.DAY, slots.UNIT, slots.CAND, slots.START))
    fixed = set(problem.fixed)
    for each in sorted({*fixed, *plan.placements}):
        s, u = scenes[each.scene], units[each.unit]
        own = range(memory.cand_ptr[s], memory.cand_ptr[s + 1])
        c = next((one for one in own if memory.cand_place[one] == places[each.place]), None)
        if c is None or day[s] >= 0 or length[each.day, u] >= seq.shape[2]:
            continue
        if each not in fixed and not memory.allow[c, each.day, u]:
            continue
        seq[each.day, u, length[each.day, u]] = s
        length[each.day, u] += 1
        day[s], unit[s], cand[s], start[s] = each.day, u, c, each.start
        for person in memory.cast_person[memory.cast_ptr[s] : memory.cast_ptr[s + 1]]:
            count[person, each.day] += 1


def read(problem: Problem, memory: Memory, copy: int = 0) -> Plan:
    """The plan a memory holds (``copy=2``: the best), without scenes their day has no time for."""
    day, unit, cand, start = (memory.view(slot, copy) for slot in (slots.DAY, slots.UNIT, slots.CAND, slots.START))
    return Plan.of(
        Placement(
            int(day[s]), problem.units[unit[s]].id, int(start[s]), scene.id,
            problem.places[memory.cand_place[cand[s]]].id,
        )
        for s, scene in enumerate(problem.scenes)
        if day[s] >= 0 and start[s] >= 0
    )  # fmt: skip
