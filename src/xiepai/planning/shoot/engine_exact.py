"""Small problems whole, by CP-SAT: days, units, places, order and minutes, every term of the cost; nothing is settled.

A node is a scene at a place in one of its free windows on a unit's day; a circuit through the nodes of a unit's day is
its order. Nothing a plan may do is forbidden here and no term is dearer than it is, so the bound holds; where make-up
meets several free windows of a day the model may allow more than the checker, and its plan is judged like any other.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from xiepai.planning.shoot import light, slots
from xiepai.planning.shoot.around import Around
from xiepai.planning.shoot.arrays import Memory
from xiepai.planning.shoot.engine_cpsat import cp_model
from xiepai.planning.shoot.floor import cheapest
from xiepai.planning.shoot.model import Placement, Plan, Problem
from xiepai.planning.shoot.values import ALWAYS, LATEST, Person, Window, WishKind

MOST_SCENES, MOST_NODES = 12, 160
Expression = Any


class Node(NamedTuple):
    """A scene at a place, in a free window of the place, on a day in a unit: all by number."""

    scene: int
    candidate: int
    place: int
    window: int
    day: int
    unit: int


def is_small(problem: Problem, memory: Memory) -> bool:
    """Whether the exact model is worth building."""
    return (
        not problem.fixed
        and len(problem.scenes) <= MOST_SCENES
        and not any(day.is_frozen or day.locked for day in problem.days)
        and sum(1 for _ in nodes(problem, memory)) <= MOST_NODES
    )


def nodes(problem: Problem, memory: Memory) -> Iterator[Node]:
    """Where each scene may be at all."""
    for s in range(len(problem.scenes)):
        for c in range(memory.cand_ptr[s], memory.cand_ptr[s + 1]):
            k = int(memory.cand_place[c])
            for d, u in itertools.product(range(len(problem.days)), range(len(problem.units))):
                if memory.allow[c, d, u]:
                    calendar = problem.places[k].calendar
                    for w in range(len(ALWAYS if calendar is None else calendar[d])):
                        yield Node(s, int(c), k, w, d, u)


class Exact:
    """The model; ``plan`` reads a solution."""

    def __init__(self, problem: Problem, memory: Memory) -> None:
        self.problem, self.memory = problem, memory
        self.model = cp_model.CpModel()
        self.minutes = [each.minutes for each in problem.scenes]
        self.start = [self.model.new_int_var(0, LATEST, "") for _ in problem.scenes]
        self.way = Around(problem).shortest
        self.direct = Around(problem).travel
        self.at: dict[Node, Expression] = {}
        self.fresh: dict[Node, list[Expression]] = defaultdict(list)
        self.follows: dict[tuple[int, int], list[Expression]] = defaultdict(list)
        self.first: dict[int, list[Expression]] = defaultdict(list)
        self.works: dict[tuple[int, int], Expression] = {}
        self.costs: list[Expression] = []
        self.below: int | None = None
        self._nodes()
        self._rows()
        self._pairs()
        self._people()
        self._hire()
        self._crowds()
        self._wishes()
        self.model.minimize(sum(self.costs))

    def _nodes(self) -> None:
        by_scene: dict[int, list[Expression]] = defaultdict(list)
        penalty = self.memory.table(slots.CAND_PENALTY).reshape(-1, len(self.problem.days))
        for node in nodes(self.problem, self.memory):
            domain = self._domain(node)
            literal = self.at[node] = self.model.new_bool_var("")
            if domain is None:
                self.model.add(literal == 0)
            else:
                self.model.add_linear_expression_in_domain(self.start[node.scene], domain).only_enforce_if(literal)
            by_scene[node.scene].append(literal)
            if fen := int(penalty[node.candidate, node.day]):
                self.costs.append(fen * literal)
        for s in range(len(self.problem.scenes)):
            self.model.add_exactly_one(by_scene[s])
        self.on = {
            (s, d): sum(x for node, x in self.at.items() if (node.scene, node.day) == (s, d))
            for s in range(len(self.problem.scenes))
            for d in range(len(self.problem.days))
        }

    def _domain(self, node: Node) -> cp_model.Domain | None:
        """The minutes a scene may begin at a node, whatever else is planned."""
        scene, unit, day = self.problem.scenes[node.scene], self.problem.units[node.unit], node.day
        place = self.problem.places[node.place]
        window = self._window(node)
        lit = light.windows(light.needed(scene, place), self.problem.days[day])
        many = [[(window.start, window.end)], [(unit.hours.start, unit.hours.end)],
                [(each.start, each.end) for each in lit]]  # fmt: skip
        for part in scene.cast:
            person = next(each for each in self.problem.people if each.id == part.person)
            free = ALWAYS if person.calendar is None else person.calendar[day]
            lead = person.makeup_minutes
            many.append(
                [(each.start + (0 if n else lead), min(each.end, person.latest)) for n, each in enumerate(free)]
            )
        found = [(0, LATEST)]
        for spans in many:
            found = [(max(a, c), min(b, d)) for a, b in found for c, d in spans]
        starts = [[a, b - scene.minutes] for a, b in found if b - a >= scene.minutes]
        return cp_model.Domain.from_intervals(starts) if starts else None

    def _window(self, node: Node) -> Window:
        calendar = self.problem.places[node.place].calendar
        return (ALWAYS if calendar is None else calendar[node.day])[node.window]

    def _rows(self) -> None:
        """The order of each unit's day, its hours, moves, crew and overtime; the nights between."""
        begins: dict[tuple[int, int], tuple[Expression, Expression]] = {}
        for d, u in itertools.product(range(len(self.problem.days)), range(len(self.problem.units))):
            mine = [node for node in self.at if (node.day, node.unit) == (d, u)]
            if mine:
                begins[d, u] = self._row(d, u, mine)
        for (d, u), (begin, _) in begins.items():
            if (d - 1, u) in begins:
                unit, days = self.problem.units[u], self.problem.days
                gap = (days[d].date - days[d - 1].date).days * 1440
                both = [self.works[d, u], self.works[d - 1, u]]
                self.model.add(begin + gap - begins[d - 1, u][1] >= unit.rest_minutes).only_enforce_if(both)
        if self.problem.due is not None and self.problem.weights.late_day_fen:
            late = self.model.new_int_var(0, len(self.problem.days), "")
            for (d, _), works in self.works.items():
                self.model.add(late >= (d - self.problem.due) * works)
            self.costs.append(self.problem.weights.late_day_fen * late)

    def _row(self, d: int, u: int, mine: list[Node]) -> tuple[Expression, Expression]:
        unit, model = self.problem.units[u], self.model
        works = self.works[d, u] = model.new_bool_var("")
        begin, end = model.new_int_var(0, LATEST, ""), model.new_int_var(0, LATEST, "")
        arcs: list[tuple[int, int, Expression]] = [(0, 0, works.negated())]
        busy: list[Expression] = []
        for i, one in enumerate(mine, 1):
            arcs.append((i, i, self.at[one].negated()))
            model.add_implication(self.at[one], works)
            first, last = model.new_bool_var(""), model.new_bool_var("")
            arcs += [(0, i, first), (i, 0, last)]
            busy += [self.minutes[one.scene] * self.at[one], self.problem.places[one.place].setup_minutes * first]
            self.first[one.scene].append(first)
            self.fresh[one].append(first)
            setup = self.problem.places[one.place].setup_minutes
            starts = self.start[one.scene]
            model.add(begin == starts - setup).only_enforce_if(first)
            model.add(starts >= self._window(one).start + setup).only_enforce_if(first)
            model.add(end >= starts + self.minutes[one.scene]).only_enforce_if(last)
            for j, other in enumerate(mine, 1):
                if one.scene != other.scene:
                    arc, minutes = self._arc(one, other)
                    arcs.append((i, j, arc))
                    busy.append(minutes * arc)
        model.add_circuit(arcs)
        model.add(end - begin >= sum(busy))  # said already, but not to the linear relaxation
        model.add(begin >= unit.hours.start).only_enforce_if(works)
        model.add(end - begin <= unit.most_minutes).only_enforce_if(works)
        hours = model.new_int_var(0, 48, "")
        model.add(end - begin - unit.day_minutes <= 60 * hours).only_enforce_if(works)
        self.costs += [unit.day_fen * works, unit.overtime_fen * hours]
        return begin, end

    def _arc(self, one: Node, other: Node) -> tuple[Expression, int]:
        """That a unit goes from one scene to the other, and the minutes between them at least."""
        arc = self.model.new_bool_var("")
        here, there = self.problem.places[one.place], self.problem.places[other.place]
        stays = (one.place, one.window) == (other.place, other.window)
        setup = 0 if stays else there.setup_minutes
        start, ends = self.start[other.scene], self.start[one.scene] + self.minutes[one.scene]
        between = self.direct(here.id, there.id) + setup
        self.model.add(start >= ends + between).only_enforce_if(arc)
        if not stays:
            self.fresh[other].append(arc)
            self.model.add(start >= self._window(other).start + setup).only_enforce_if(arc)
        self.follows[one.scene, other.scene].append(arc)
        if one.place != other.place:
            weights = self.problem.weights
            self.costs.append((weights.set_move_fen if here.site == there.site else weights.site_move_fen) * arc)
        return arc, between

    def _pairs(self) -> None:
        """People are in one scene at a time and need their way; of units at one place one comes after the other."""
        for one, other in itertools.combinations(list(self.at), 2):
            if one.scene == other.scene or one.day != other.day:
                continue
            is_shared = one.place == other.place and one.unit != other.unit
            change = self._change(one.scene, other.scene)
            if change is None and not is_shared:
                continue
            order = self._order(one.scene, other.scene)
            way = 0 if change is None else change + self.way[self._name(one), self._name(other)]
            back = 0 if change is None else change + self.way[self._name(other), self._name(one)]
            for a, b, minutes, comes in ((one, other, way, order), (other, one, back, order.negated())):
                both, ends = [self.at[a], self.at[b], comes], self.start[a.scene] + self.minutes[a.scene]
                self.model.add(self.start[b.scene] >= ends + minutes).only_enforce_if(both)
                setup = self.problem.places[b.place].setup_minutes
                if is_shared and setup:
                    for fresh in self.fresh[b]:
                        self.model.add(self.start[b.scene] >= ends + setup).only_enforce_if([fresh, *both])

    def _name(self, node: Node) -> str:
        return self.problem.places[node.place].id

    def _order(self, one: int, other: int) -> Expression:
        if not hasattr(self, "_orders"):
            self._orders: dict[tuple[int, int], Expression] = {}
        if (other, one) in self._orders:
            return self._orders[other, one].negated()
        return self._orders.setdefault((one, other), self.model.new_bool_var(""))

    def _change(self, one: int, other: int) -> int | None:
        """The minutes a change of look takes between two scenes; ``None`` when nobody plays in both."""
        looks = {part.person: part.look for part in self.problem.scenes[one].cast}
        shared = [part for part in self.problem.scenes[other].cast if part.person in looks]
        if not shared:
            return None
        people = {each.id: each for each in self.problem.people}
        return max(people[each.person].change_minutes if looks[each.person] != each.look else 0 for each in shared)

    def _people(self) -> None:
        for person in self.problem.people:
            mine = [s for s, each in enumerate(self.problem.scenes) if person.id in {one.person for one in each.cast}]
            if mine:
                self._person(person, mine)

    def _person(self, person: Person, mine: list[int]) -> None:
        """Fees of days played and held, waiting on the set, limits and nights."""
        model, days = self.model, range(len(self.problem.days))
        plays = [model.new_bool_var("") for _ in days]
        begun, goes_on = [model.new_bool_var("") for _ in days], [model.new_bool_var("") for _ in days]
        first = [model.new_int_var(0, LATEST, "") for _ in days]
        last = [model.new_int_var(0, LATEST, "") for _ in days]
        there = {(s, d): self._is_on(s, d) for s in mine for d in days}
        for d in days:
            busy = []
            for s in mine:
                literal = there[s, d]
                model.add_implication(literal, plays[d])
                model.add(first[d] <= self.start[s]).only_enforce_if(literal)
                model.add(last[d] >= self.start[s] + self.minutes[s]).only_enforce_if(literal)
                busy.append(self.minutes[s] * literal)
            model.add_bool_or([plays[d].negated(), *(there[s, d] for s in mine)])
            model.add_implication(plays[d], begun[d])
            model.add_implication(plays[d], goes_on[d])
            if d:
                model.add_implication(begun[d - 1], begun[d])
                model.add_implication(goes_on[d], goes_on[d - 1])
                gap = (self.problem.days[d].date - self.problem.days[d - 1].date).days * 1440
                rest = first[d] - person.makeup_minutes + gap - last[d - 1] >= person.rest_minutes
                model.add(rest).only_enforce_if([plays[d], plays[d - 1]])
            model.add(last[d] - first[d] + person.makeup_minutes <= person.limit_minutes).only_enforce_if(plays[d])
            model.add(last[d] - first[d] >= sum(busy))
            rate = self.problem.weights.wait_hour_fen
            if rate and len(mine) > 1:
                fen = model.new_int_var(0, LATEST * rate // 60, "")
                idle = last[d] - first[d] - sum(busy)
                model.add(60 * fen >= rate * idle - 59).only_enforce_if(plays[d])
                self.costs.append(fen)
        span = sum(begun) + sum(goes_on) - len(days)
        self.model.add(span >= sum(plays))
        self.costs += [person.day_fen * sum(plays), person.waiting_fen * (span - sum(plays))]

    def _is_on(self, s: int, d: int) -> Expression:
        literal = self.model.new_bool_var("")
        self.model.add(self.on[s, d] == literal)
        return literal

    def _hire(self) -> None:
        """Each stay at a place, within one free window, whoever is there."""
        stays: dict[tuple[int, int, int], list[Node]] = defaultdict(list)
        for node in self.at:
            stays[node.place, node.day, node.window].append(node)
        for (k, _, _), mine in stays.items():
            tariff, setup = self.problem.places[k].tariff, self.problem.places[k].setup_minutes
            if tariff.hour_fen is None and tariff.day_fen is None:
                continue
            model = self.model
            taken = model.new_bool_var("")
            begin, end = model.new_int_var(-720, LATEST, ""), model.new_int_var(0, LATEST, "")
            busy: list[Expression] = []
            for node in mine:
                busy.append(self.minutes[node.scene] * self.at[node])
                start = self.start[node.scene]
                model.add_implication(self.at[node], taken)
                model.add(begin <= start).only_enforce_if(self.at[node])
                model.add(end >= start + self.minutes[node.scene]).only_enforce_if(self.at[node])
                for fresh in self.fresh[node]:
                    model.add(begin <= start - setup).only_enforce_if(fresh)
                    busy.append(setup * fresh)
            model.add(end - begin >= sum(busy))
            fen = self._price(tariff.hour_fen, tariff.day_fen, tariff, taken, end - begin)
            least, per_minute = cheapest(self.problem.places[k])
            model.add(fen >= least * taken)
            model.add(1000 * fen >= int(1000 * per_minute) * sum(busy))
            self.costs.append(fen)

    def _price(
        self, hour: int | None, day: int | None, tariff: Any, taken: Expression, minutes: Expression
    ) -> Expression:
        model = self.model
        most = max((hour or 0) * 50, (day or 0) + tariff.overtime_fen * 50)
        fen = model.new_int_var(0, most, "")
        ways = []
        if hour is not None:
            by_hour, hours = model.new_bool_var(""), model.new_int_var(0, 50, "")
            model.add(60 * hours >= minutes).only_enforce_if(by_hour)
            model.add(fen >= hour * hours).only_enforce_if(by_hour)
            ways.append(by_hour)
        if day is not None:
            by_day, over = model.new_bool_var(""), model.new_int_var(0, 50, "")
            model.add(60 * over >= minutes - tariff.day_minutes).only_enforce_if(by_day)
            model.add(fen >= day + tariff.overtime_fen * over).only_enforce_if(by_day)
            ways.append(by_day)
        model.add_bool_or([taken.negated(), *ways])
        return fen

    def _crowds(self) -> None:
        model = self.model
        for kind in self.problem.crowds:
            calls = {
                s: each.heads
                for s, scene in enumerate(self.problem.scenes)
                for each in scene.crowd
                if each.kind == kind.id
            }
            if not calls:
                continue
            most = max(calls.values())
            for d in range(len(self.problem.days)):
                heads, hours = model.new_int_var(0, most, ""), model.new_int_var(0, 30, "")
                first, last = model.new_int_var(0, LATEST, ""), model.new_int_var(0, LATEST, "")
                for s, number in calls.items():
                    literal = self._is_on(s, d)
                    model.add(heads >= number).only_enforce_if(literal)
                    model.add(first <= self.start[s]).only_enforce_if(literal)
                    model.add(last >= self.start[s] + self.minutes[s]).only_enforce_if(literal)
                model.add(60 * hours >= last - first - kind.day_minutes)
                self.costs.append(kind.day_fen * heads)
                if kind.overtime_fen:
                    extra = model.new_int_var(0, most * 30, "")
                    model.add_multiplication_equality(extra, [heads, hours])
                    self.costs.append(kind.overtime_fen * extra)

    def _wishes(self) -> None:
        number = {each.id: s for s, each in enumerate(self.problem.scenes)}
        for wish in self.problem.wishes:
            if wish.kind.is_about_days:  # in ``allow`` and in the penalties of days
                continue
            met = self.model.new_bool_var("")
            if wish.weight_fen is None:
                self.model.add(met == 1)
            else:
                self.costs.append(wish.weight_fen * (1 - met))
            self._meet(wish.kind, number[wish.scenes[0]], number[wish.scenes[-1]], met)

    def _meet(self, kind: WishKind, one: int, other: int, met: Expression) -> None:
        days = range(len(self.problem.days))
        if kind is WishKind.NOT_FIRST:
            self.model.add(sum(self.first[one]) == 0).only_enforce_if(met)
        elif kind is WishKind.NEXT:
            self.model.add(sum(self.follows[one, other]) == 1).only_enforce_if(met)
        elif kind is WishKind.SAME_DAY:
            for d in days:
                self.model.add(self.on[one, d] == self.on[other, d]).only_enforce_if(met)
        else:
            day = [sum(d * self.on[s, d] for d in days) for s in (one, other)]
            moment = [3000 * each + self.start[s] for each, s in zip(day, (one, other), strict=True)]
            self.model.add(moment[0] + self.minutes[one] <= moment[1]).only_enforce_if(met)

    def better(self, cost: int) -> None:
        """Ask only for plans that cost less than one that is known."""
        self.below = cost
        self.model.add(sum(self.costs) < cost)

    def plan(self, solver: Any) -> Plan:
        """The plan of a solution."""
        return Plan.of(
            Placement(node.day, self.problem.units[node.unit].id, int(solver.value(self.start[node.scene])),
                      self.problem.scenes[node.scene].id, self.problem.places[node.place].id)
            for node, literal in self.at.items()
            if solver.boolean_value(literal)
        )  # fmt: skip


__all__ = ["Exact", "is_small", "nodes"]
