"""Which musts cannot hold together, by CP-SAT: scenes get days, units and places, every must carries a literal.

Like the bound's relaxation (``engine_cpsat``) it knows sums of minutes and no times: what it calls impossible is.
CP-SAT comes from there too: one file of this core knows OR-Tools.
"""

from __future__ import annotations

from xiepai.planning.shoot import light
from xiepai.planning.shoot.engine_cpsat import cp_model
from xiepai.planning.shoot.model import Problem
from xiepai.planning.shoot.reasons import Kind, Reason
from xiepai.planning.shoot.values import ALWAYS, LATEST, Calendar, Light, Person, Place, Scene, Window, Wish, WishKind


class Musts:
    """Whether scenes can be given days, units and places under a set of reasons, and which of them forbid it."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.model = cp_model.CpModel()
        self.literals: dict[Reason, cp_model.IntVar] = {}
        self.at: dict[tuple[int, str, int, int], cp_model.IntVar] = {}
        self.days, self.units = range(len(problem.days)), range(len(problem.units))
        self.fixed = {each.scene: each for each in problem.fixed}
        self.places = {each.id: each for each in problem.places}
        self.people = {each.id: each for each in problem.people}
        for number, scene in enumerate(problem.scenes):
            if scene.id not in self.fixed:
                self._scene(number, scene)
        self._sums()
        self._wishes()

    def reason(self, kind: Kind, subject: str, scenes: tuple[str, ...] = ()) -> cp_model.IntVar:
        """The literal of a reason; one for all it forbids."""
        reason = Reason(kind, subject, scenes)
        if reason not in self.literals:
            self.literals[reason] = self.model.new_bool_var(f"{kind}:{subject}")
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
                        self._forbid(literal, Kind.LOCK, scene.id, (scene.id,))
                    if unit.days is not None and d not in unit.days:
                        self._forbid(literal, Kind.UNIT_DAYS, unit.id)
                    self._windows(literal, scene, place, d, u)
        self.model.add_exactly_one(mine)

    def _forbid(self, literal: cp_model.IntVar, kind: Kind, subject: str, scenes: tuple[str, ...] = ()) -> None:
        self.model.add_bool_or([literal.negated(), self.reason(kind, subject, scenes).negated()])

    def _windows(self, literal: cp_model.IntVar, scene: Scene, place: Place, d: int, u: int) -> None:
        minutes, hours = scene.minutes, self.problem.units[u].hours
        if not _room(_of(place.calendar, d), minutes):
            self._forbid(literal, Kind.PLACE, place.id)
        for part in scene.cast:
            if not _room(_free(self.people[part.person], d), minutes):
                self._forbid(literal, Kind.PERSON, part.person)
        needed = light.needed(scene, place)
        lit = light.windows(needed, self.problem.days[d])
        if needed is not Light.ANY and not any(
            min(end, hours.end) - max(start, hours.start) >= minutes for start, end in _pairs(lit)
        ):
            self._forbid(literal, Kind.LIGHT, scene.id, (scene.id,))

    def _sums(self) -> None:
        """What a unit's day and a person's day can hold."""
        scenes = self.problem.scenes
        for d in self.days:
            for u, unit in enumerate(self.problem.units):
                load = [scenes[s].minutes * x for (s, _, e, v), x in self.at.items() if (e, v) == (d, u)]
                if load:
                    room = min(unit.most_minutes, unit.hours.end - unit.hours.start)
                    self.model.add(sum(load) <= room).only_enforce_if(self.reason(Kind.UNIT_HOURS, unit.id))
            for person in self.problem.people:
                mine = {s for s, each in enumerate(scenes) if person.id in {one.person for one in each.cast}}
                load = [scenes[s].minutes * x for (s, _, e, _), x in self.at.items() if e == d and s in mine]
                free = sum(each[1] - each[0] for each in _free(person, d))
                if load and person.limit_minutes < LATEST:
                    room = max(0, person.limit_minutes - person.makeup_minutes)
                    self.model.add(sum(load) <= room).only_enforce_if(self.reason(Kind.PERSON_LIMIT, person.id))
                if load and free < 1440:
                    self.model.add(sum(load) <= free).only_enforce_if(self.reason(Kind.PERSON, person.id))

    def _on(self, scene: str, d: int, u: int | None = None) -> cp_model.LinearExprT:
        number = next(s for s, each in enumerate(self.problem.scenes) if each.id == scene)
        if scene in self.fixed:
            there = self.fixed[scene]
            name = None if u is None else self.problem.units[u].id
            return int(there.day == d and name in (None, there.unit))
        return sum(x for (s, _, e, v), x in self.at.items() if s == number and e == d and u in (None, v))

    def _wishes(self) -> None:
        for wish in self.problem.wishes:
            if wish.weight_fen is not None or wish.kind is WishKind.NOT_FIRST or set(wish.scenes) <= set(self.fixed):
                continue
            if wish.kind.is_about_days:
                self._off_days(wish)
                continue
            one, other = wish.scenes
            literal = self.reason(Kind.WISH, wish.kind.value, wish.scenes)
            if wish.kind is WishKind.BEFORE:
                first = sum(d * self._on(one, d) for d in self.days)
                self.model.add(first <= sum(d * self._on(other, d) for d in self.days)).only_enforce_if(literal)
                continue
            for d in self.days:
                for u in self.units if wish.kind is WishKind.NEXT else (None,):
                    self.model.add(self._on(one, d, u) == self._on(other, d, u)).only_enforce_if(literal)

    def _off_days(self, wish: Wish) -> None:
        """One literal for all scenes of the wish: it is one wish to whoever said it."""
        reason = Reason(Kind.WISH, wish.kind.value, wish.scenes, wish.dates, wish.about)
        literal = self.literals.setdefault(reason, self.model.new_bool_var(f"{wish.kind}:{wish.about}"))
        scenes = {s for s, each in enumerate(self.problem.scenes) if each.id in wish.scenes}
        for (s, _, d, _), at in self.at.items():
            if s in scenes and not wish.allows(self.problem.days[d].date):
                self.model.add_implication(at, literal.negated())

    def core(self, active: list[Reason]) -> list[Reason] | None:
        """A set of the reasons that cannot hold together; ``None`` when they can (or nothing was found out in time)."""
        self.model.clear_assumptions()
        self.model.add_assumptions([self.literals[each] for each in active])
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_deterministic_time = 20
        if solver.solve(self.model) != cp_model.INFEASIBLE:
            return None
        named = set(solver.sufficient_assumptions_for_infeasibility())
        return [each for each in active if self.literals[each].index in named]


def _pairs(windows: tuple[Window, ...]) -> list[tuple[int, int]]:
    return [(each.start, each.end) for each in windows]


def _of(calendar: Calendar | None, day: int) -> list[tuple[int, int]]:
    return _pairs(ALWAYS if calendar is None else calendar[day])


def _free(person: Person, day: int) -> list[tuple[int, int]]:
    return [(start, min(end, person.latest)) for start, end in _of(person.calendar, day) if start < person.latest]


def _room(windows: list[tuple[int, int]], minutes: int) -> bool:
    return any(end - start >= minutes for start, end in windows)
