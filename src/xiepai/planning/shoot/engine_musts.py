"""Which musts cannot hold together, by CP-SAT: scenes get days, units and places, every must carries a literal.

It knows no minute of a day, but what a unit's, a person's and a place's day must hold at least: the scenes, each set
dressed, the shortest way past all sets, make-up and changes. So what it calls impossible is. What takes time besides
the scenes stands under a reason of its own (``moves``): it is named exactly where the scenes alone would fit.
CP-SAT comes from ``engine_cpsat``: one file of this core knows OR-Tools.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from xiepai.planning.shoot import light
from xiepai.planning.shoot.around import Around
from xiepai.planning.shoot.engine_cpsat import cp_model
from xiepai.planning.shoot.model import Problem
from xiepai.planning.shoot.reasons import Kind, Reason
from xiepai.planning.shoot.values import ALWAYS, LATEST, Calendar, Light, Person, Place, Scene, Unit, Window, Wish
from xiepai.planning.shoot.values import WishKind as Wished

Literal = cp_model.IntVar
Expression = Any
Spans = list[tuple[int, int]]
MOVES = Reason(Kind.MOVES, "")
MOST_ARCS = 4000
"""Ways between sets that are modelled one by one; beyond, the shortest way into each set must do."""
WORK = 1.0
"""CP-SAT's own time for one question."""
MOST_TOGETHER = 3
"""So many demands at once are looked at for the hours they leave a scene."""


@dataclass(frozen=True)
class _Demand:
    """Hours a scene must lie in, as somebody demands them; *later* where set-up or make-up must fit in before it."""

    reason: Reason
    spans: Spans
    later: Spans


class Musts:
    """Whether scenes can be given days, units and places under a set of reasons, and which of them forbid it."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.model = cp_model.CpModel()
        self.literals: dict[Reason, Literal] = {}
        self.at: dict[tuple[int, str, int, int], Literal] = {}
        self.days, self.units = range(len(problem.days)), range(len(problem.units))
        self.fixed = {each.scene: each for each in problem.fixed}
        self.places = {each.id: each for each in problem.places}
        self.people = {each.id: each for each in problem.people}
        self.around = Around(problem, is_loose=True)
        self.arcs, self.work = 0, 0.0
        self.settled = {
            (part.person, each.day)
            for each in problem.fixed
            for scene in problem.scenes
            if scene.id == each.scene
            for part in scene.cast
        }
        for number, scene in enumerate(problem.scenes):
            if scene.id not in self.fixed:
                self._scene(number, scene)
        self._rows()
        self._sets()
        self._people()
        self._wishes()

    def reason(self, reason: Reason) -> Literal:
        """The literal of a reason; one for all it forbids."""
        if reason not in self.literals:
            self.literals[reason] = self.model.new_bool_var(f"{reason.kind}:{reason.subject}")
        return self.literals[reason]

    def _scene(self, number: int, scene: Scene) -> None:
        mine = []
        lock = next((each for each in self.problem.locks if each.scene == scene.id), None)
        for candidate in scene.candidates:
            place = self.places[candidate.place]
            for d in self.days:
                for u, unit in enumerate(self.problem.units):
                    if self.problem.days[d].holds(unit.id):
                        continue
                    literal = self.model.new_bool_var("")
                    self.at[number, place.id, d, u] = literal
                    mine.append(literal)
                    wanted = (lock.day, lock.unit, lock.place) if lock else (None, None, None)
                    got = (d, unit.id, place.id)
                    if any(w is not None and w != g for w, g in zip(wanted, got, strict=True)):
                        self._forbid(literal, Reason(Kind.LOCK, scene.id, (scene.id,)))
                    if unit.days is not None and d not in unit.days:
                        self._forbid(literal, Reason(Kind.UNIT_DAYS, unit.id))
                    self._hours(literal, scene, place, d, unit)
        self.model.add_exactly_one(mine)

    def _forbid(self, literal: Literal, *reasons: Reason) -> None:
        self.model.add_bool_or([literal.negated(), *(self.reason(each).negated() for each in reasons)])

    def _hours(self, literal: Literal, scene: Scene, place: Place, d: int, unit: Unit) -> None:
        """The fewest demands that together leave a scene no hours there."""
        hard = _pairs(self.around.windows(scene, place.id, d, (Window(0, LATEST + 720),)))
        if not _room(hard, scene.minutes):
            self.model.add(literal == 0)
            return
        demands = list(self._demands(scene, place, d, unit))
        if _room(_meet([hard, *(each.later for each in demands)]), scene.minutes):
            return
        found: list[frozenset[Reason]] = []
        for size in range(1, min(MOST_TOGETHER, len(demands)) + 1):
            for some in itertools.combinations(demands, size):
                for spans, extra in (([each.spans for each in some], ()), ([each.later for each in some], (MOVES,))):
                    named = frozenset((*(each.reason for each in some), *extra))
                    if any(one <= named for one in found) or _room(_meet([hard, *spans]), scene.minutes):
                        continue
                    found.append(named)
                    self._forbid(literal, *sorted(named))
        if not found:
            self._forbid(literal, *(each.reason for each in demands), MOVES)

    def _demands(self, scene: Scene, place: Place, d: int, unit: Unit) -> Iterator[_Demand]:
        if place.calendar is not None:
            free = _of(place.calendar, d)
            later = [(start + place.setup_minutes, end) for start, end in free]
            yield _Demand(Reason(Kind.PLACE, place.id), free, later)
        for part in scene.cast:
            person = self.people[part.person]
            free = _free(person, d)
            if free != _pairs(ALWAYS):
                first = 0 if (person.id, d) in self.settled else person.makeup_minutes
                later = [(start + (0 if n else first), end) for n, (start, end) in enumerate(free)]
                yield _Demand(Reason(Kind.PERSON, person.id), free, later)
        needed = light.needed(scene, place)
        if needed is not Light.ANY:
            lit = _pairs(light.windows(needed, self.problem.days[d]))
            yield _Demand(Reason(Kind.LIGHT, scene.id, (scene.id,)), lit, lit)
        open_, close = unit.hours.start, unit.hours.end
        yield _Demand(Reason(Kind.UNIT_HOURS, unit.id), [(open_, close)], [(open_ + place.setup_minutes, close)])

    def _rows(self) -> None:
        """What a unit's day must hold."""
        rows: dict[tuple[int, int], list[tuple[int, str, Literal]]] = defaultdict(list)
        for (s, k, d, u), literal in self.at.items():
            rows[d, u].append((s, k, literal))
        for (d, u), mine in rows.items():
            unit = self.problem.units[u]
            room = min(unit.most_minutes, unit.hours.end - unit.hours.start)
            minutes = [self.problem.scenes[s].minutes * x for s, _, x in mine]
            hours = Reason(Kind.UNIT_HOURS, unit.id)
            self._at_most(sum(minutes), room, hours)
            visits = self._visits((k, x) for _, k, x in mine)
            setups = [self.places[k].setup_minutes * x for k, x in visits.items()]
            self._at_most(sum(minutes) + sum(setups) + self._way(visits), room, hours, MOVES)
            self._lit(d, unit, mine)

    def _lit(self, d: int, unit: Unit, mine: list[tuple[int, str, Literal]]) -> None:
        """Scenes of one light fit together into a unit's hours of that light."""
        for needed in list(Light)[1:]:
            spans = _meet([_pairs(light.windows(needed, self.problem.days[d])), [(unit.hours.start, unit.hours.end)]])
            room = sum(end - start for start, end in spans)
            wanted: list[tuple[int, Literal]] = []
            for s, k, x in mine:
                scene = self.problem.scenes[s]
                if light.needed(scene, self.places[k]) is needed:
                    is_lit = self.reason(Reason(Kind.LIGHT, scene.id, (scene.id,)))
                    both = self.model.new_bool_var("")
                    self.model.add_bool_or([both, x.negated(), is_lit.negated()])
                    wanted.append((scene.minutes, both))
            if sum(minutes for minutes, _ in wanted) > room:
                load = sum(minutes * both for minutes, both in wanted)
                self._at_most(load, room, Reason(Kind.UNIT_HOURS, unit.id))

    def _at_most(self, load: Expression, room: int, *reasons: Reason) -> None:
        self.model.add(load <= room).only_enforce_if([self.reason(each) for each in reasons])

    def _visits(self, pairs: Iterator[tuple[str, Literal]]) -> dict[str, Literal]:
        """A literal for each place, true where any of its scenes is set."""
        found: dict[str, Literal] = {}
        for place, literal in pairs:
            if place not in found:
                found[place] = self.model.new_bool_var("")
            self.model.add_implication(literal, found[place])
        return found

    def _way(self, visits: dict[str, Literal]) -> Expression:
        """The minutes of the shortest way past the places visited, over others where that is shorter."""
        way, names = self.around.shortest, list(visits)
        if len(names) < 2:
            return 0
        self.arcs += len(names) ** 2
        if self.arcs > MOST_ARCS:
            into = {k: min(way[other, k] for other in names if other != k) for k in names}
            least = self.model.new_int_var(0, sum(into.values()), "")
            self.model.add(least >= sum(into[k] * visits[k] for k in names) - max(into.values()))
            return least
        arcs: list[tuple[int, int, Expression]] = []
        minutes: list[Expression] = []
        nobody = self.model.new_bool_var("")
        arcs.append((0, 0, nobody))
        for i, k in enumerate(names, 1):
            self.model.add_implication(nobody, visits[k].negated())
            arcs += [(i, i, visits[k].negated()), *((a, b, self.model.new_bool_var("")) for a, b in ((0, i), (i, 0)))]
            for j, other in enumerate(names, 1):
                if i != j:
                    follows = self.model.new_bool_var("")
                    arcs.append((i, j, follows))
                    minutes.append(way[k, other] * follows)
        self.model.add_circuit(arcs)
        return sum(minutes)

    def _sets(self) -> None:
        """What a place's day must hold: units take turns, each dresses it."""
        found: dict[tuple[str, int], list[tuple[int, int, Literal]]] = defaultdict(list)
        for (s, k, d, u), literal in self.at.items():
            found[k, d].append((s, u, literal))
        for (k, d), mine in found.items():
            place = self.places[k]
            if place.calendar is None:
                continue
            room = sum(end - start for start, end in _of(place.calendar, d))
            load = sum(self.problem.scenes[s].minutes * x for s, _, x in mine)
            visits = self._visits((str(u), x) for _, u, x in mine)
            self._at_most(load, room, Reason(Kind.PLACE, k))
            self._at_most(load + sum(place.setup_minutes * x for x in visits.values()), room,
                          Reason(Kind.PLACE, k), MOVES)  # fmt: skip

    def _people(self) -> None:
        for person in self.problem.people:
            looks = {
                s: part.look
                for s, each in enumerate(self.problem.scenes)
                for part in each.cast
                if part.person == person.id
            }
            for d in self.days:
                mine = [(s, k, x) for (s, k, e, _), x in self.at.items() if e == d and s in looks]
                if mine:
                    self._person(person, d, mine, looks)

    def _person(self, person: Person, d: int, mine: list[tuple[int, str, Literal]], looks: dict[int, str]) -> None:
        """What a person's day must hold: in their hours, under their limit, between the units' opening and close."""
        load = sum(self.problem.scenes[s].minutes * x for s, _, x in mine)
        most = sum({s: self.problem.scenes[s].minutes for s, _, _ in mine}.values())
        free, makeup = _free(person, d), 0 if (person.id, d) in self.settled else person.makeup_minutes
        units = self.problem.units
        everybody = [Reason(Kind.UNIT_HOURS, each.id) for each in units]
        longest = max(each.hours.end for each in units) - min(each.hours.start for each in units)
        room, limit = sum(end - start for start, end in free), person.limit_minutes
        plays = self.model.new_bool_var("")
        for _, _, x in mine:
            self.model.add_implication(x, plays)
        on_the_way: Expression = 0
        way = self.around.shortest
        stops = {k for _, k, _ in mine}
        if most + len(looks) * (person.change_minutes + max(way[a, b] for a in stops for b in stops)) > min(
            room - makeup, limit - person.makeup_minutes, longest
        ):
            worn = self._visits((looks[s], x) for s, _, x in mine)
            changes = self.model.new_int_var(0, len(worn), "")
            self.model.add(changes >= sum(worn.values()) - 1)
            on_the_way = self._way(self._visits((k, x) for _, k, x in mine)) + person.change_minutes * changes
        theirs = Reason(Kind.PERSON, person.id)
        if free != _pairs(ALWAYS):
            self._at_most(load, room, theirs)
            self._at_most(load + makeup * plays + (on_the_way if len(free) == 1 else 0), room, theirs, MOVES)
        if limit < LATEST:
            bound = Reason(Kind.PERSON_LIMIT, person.id)
            self._at_most(load, limit, bound)
            self._at_most(load + person.makeup_minutes * plays + on_the_way, limit, bound, MOVES)
        self._at_most(load, longest, *everybody)
        self._at_most(load + on_the_way, longest, *everybody, MOVES)

    def _on(self, scene: str, d: int, u: int | None = None) -> Expression:
        number = next(s for s, each in enumerate(self.problem.scenes) if each.id == scene)
        if scene in self.fixed:
            there = self.fixed[scene]
            name = None if u is None else self.problem.units[u].id
            return int(there.day == d and name in (None, there.unit))
        return sum(x for (s, _, e, v), x in self.at.items() if s == number and e == d and u in (None, v))

    def _wishes(self) -> None:
        for wish in self.problem.wishes:
            if wish.weight_fen is not None or set(wish.scenes) <= set(self.fixed):
                continue
            if wish.kind.is_about_days:
                self._off_days(wish)
                continue
            literal = self.reason(Reason(Kind.WISH, wish.kind.value, wish.scenes))
            if wish.kind is Wished.NOT_FIRST:
                self._not_alone(wish.scenes[0], literal)
                continue
            one, other = wish.scenes
            if wish.kind is Wished.BEFORE:
                first = sum(d * self._on(one, d) for d in self.days)
                self.model.add(first <= sum(d * self._on(other, d) for d in self.days)).only_enforce_if(literal)
                continue
            for d in self.days:
                for u in self.units if wish.kind is Wished.NEXT else (None,):
                    self.model.add(self._on(one, d, u) == self._on(other, d, u)).only_enforce_if(literal)

    def _not_alone(self, scene: str, literal: Literal) -> None:
        """Whoever is not first of a unit's day has somebody before."""
        number = next(s for s, each in enumerate(self.problem.scenes) if each.id == scene)
        for d, u in itertools.product(self.days, self.units):
            others = [x for (s, _, e, v), x in self.at.items() if (e, v) == (d, u) and s != number]
            for (s, _, e, v), x in self.at.items():
                if (s, e, v) == (number, d, u):
                    self.model.add_bool_or([x.negated(), literal.negated(), *others])

    def _off_days(self, wish: Wish) -> None:
        """One literal for all scenes of the wish: it is one wish to whoever said it."""
        literal = self.reason(Reason(Kind.WISH, wish.kind.value, wish.scenes, wish.dates, wish.about))
        scenes = {s for s, each in enumerate(self.problem.scenes) if each.id in wish.scenes}
        for (s, _, d, _), at in self.at.items():
            if s in scenes and not wish.allows(self.problem.days[d].date):
                self.model.add_implication(at, literal.negated())

    def demanded(self, active: Iterable[Reason] | None = None) -> cp_model.CpModel:
        """The model with some reasons demanded, all by default: without solution they cannot hold together.

        They are fixed, not assumed: a day too few is proven by the sums only once the sums are not conditional.
        """
        model = self.model.clone()
        for each in self.literals if active is None else active:
            model.add(model.get_bool_var_from_proto_index(self.literals[each].index) == 1)
        return model

    def is_impossible(self, active: Iterable[Reason]) -> bool:
        """Whether these reasons cannot hold together; ``False`` also when that was not found out."""
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.linearization_level = 2
        solver.parameters.max_deterministic_time = WORK
        status = solver.solve(self.demanded(active))
        self.work += solver.response_proto.deterministic_time
        return bool(status == cp_model.INFEASIBLE)


def _pairs(windows: tuple[Window, ...]) -> Spans:
    return [(each.start, each.end) for each in windows]


def _of(calendar: Calendar | None, day: int) -> Spans:
    return _pairs(ALWAYS if calendar is None else calendar[day])


def _free(person: Person, day: int) -> Spans:
    return [(start, min(end, person.latest)) for start, end in _of(person.calendar, day) if start < person.latest]


def _meet(many: list[Spans]) -> Spans:
    """What lies in a span of every list."""
    found = many[0]
    for spans in many[1:]:
        found = [(max(a, c), min(b, d)) for a, b in found for c, d in spans if max(a, c) < min(b, d)]
    return found


def _room(windows: Spans, minutes: int) -> bool:
    return any(end - start >= minutes for start, end in windows)
