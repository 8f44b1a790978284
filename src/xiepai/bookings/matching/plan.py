"""One plan for a whole sheet: the best clash-free choice, the reason for each place, and what is not met.

The order of aims is that of ``planning.choice``: needs met by priority, then price plus moves, then fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from xiepai.bookings.matching.board import Board, PlaceFacts, read_board
from xiepai.bookings.matching.finding import NAMED, Finder, Found
from xiepai.bookings.matching.offers import Offer, offers_for
from xiepai.bookings.matching.unmet import HORIZON_DAYS, TOLD, closeness, earliest, explain_unmet, meet, worth_trying
from xiepai.bookings.matching.ways import Refused, Way, Ways, ways_for
from xiepai.bookings.needs import NeedRow
from xiepai.parties.access import Actor
from xiepai.places.models import Sound, Vocabulary
from xiepai.planning.choice import Leaf, Limits, Need, Problem, Result, solve
from xiepai.worktime.spans import Span

#: What one more building on a shooting day is reckoned to cost a crew. Assumed: no source states a figure.
MOVE_FEN = 50_000
#: unmet needs for which places like the wanted ones are looked for
SIMILAR_SOUGHT = 20
#: reasons that compare prices
_COMPARED = ("only", "cheapest", "given_away", "fewer_moves")
_TIERS = ("named", "name", "category", "text")


@dataclass(frozen=True, slots=True)
class Plan:
    """The ways chosen and the reasons (by line of the sheet), and for every other need why not and what else."""

    chosen: dict[int, Way]
    reasons: dict[int, list[dict[str, Any]]]
    unmet: dict[int, dict[str, Any]]
    result: Result
    offers: dict[int, list[Offer]] = field(default_factory=dict)

    @property
    def is_proven(self) -> bool:
        """Whether no choice meets more needs and none of those costs less (the fit may be improvable)."""
        return all(level.is_proven for level in self.result.levels if level.name != "preference")


@dataclass(slots=True)
class _Matched:
    """What was found for one need."""

    need: NeedRow
    found: Found
    is_named: bool
    ways: Ways


def make_plan(
    actor: Actor,
    needs: Sequence[NeedRow],
    *,
    seed: int = 0,
    limits: Limits | None = None,
    picks: Mapping[int, str] | None = None,
    has_offers: bool = False,
    on_progress: Callable[[int], None] | None = None,
) -> Plan:
    """The plan for *needs* as *actor* could book it now.

    *picks* names the way (``Way.key``) some lines must take; where it is no longer to be had the line is unmet
    (``pick_gone``). With *has_offers* the candidates of each need are told too. *on_progress* hears how many needs
    have been looked for.
    """
    picks = picks or {}
    finder = Finder(actor)
    found = _found(finder, needs, on_progress)
    board = read_board({pk for one in found.values() for pk in one.place_ids}, _window(needs))
    matched = {need.line: _match(need, found[need.line], finder, board) for need in needs}
    pinned = {line: _pinned(one, picks[line]) if line in picks else one for line, one in matched.items()}
    result = solve(_problem(pinned.values(), board), limits=limits, seed=seed)
    chosen = {
        line: next(way for way in one.ways.ways if way.key == result.chosen[line])
        for line, one in pinned.items()
        if line in result.chosen
    }
    reasons = {line: _reasons(matched[line], way, chosen, board, finder) for line, way in chosen.items()}
    left = [one for line, one in pinned.items() if line not in chosen]
    unmet = _explain(left, chosen, board, finder)
    for line in picks.keys() & unmet.keys():
        if not pinned[line].ways.ways:
            unmet[line] |= {"why": _reason("pick_gone")}
    offers = {}
    if has_offers:
        for line, one in matched.items():
            offers[line] = offers_for(line, one.ways.ways, chosen, board, partial(_offered, one, board, finder))
    return Plan(chosen, reasons, unmet, result, offers)


def _found(finder: Finder, needs: Sequence[NeedRow], on_progress: Callable[[int], None] | None) -> dict[int, Found]:
    found = {}
    for done, need in enumerate(needs, 1):
        found[need.line] = finder.find(need)
        if on_progress is not None:
            on_progress(done)
    return found


def _pinned(one: _Matched, key: str) -> _Matched:
    """The same need with one way left, or none when that way is gone."""
    ways = tuple(way for way in one.ways.ways if way.key == key)
    return _Matched(one.need, one.found, one.is_named, Ways(ways, one.ways.refused))


def _offered(one: _Matched, board: Board, finder: Finder, way: Way) -> list[dict[str, Any]]:
    """What speaks for (or against) a candidate, without the comparison of prices that stands beside it anyway."""
    return [r for r in _reasons(one, way, {}, board, finder) if r["code"] not in _COMPARED]


def _window(needs: Sequence[NeedRow], more_days: int = 0) -> Span:
    spans = [span for need in needs for day in (need.first_days[0], need.first_days[-1]) for span in need.windows(day)]
    return Span(min(span.start for span in spans), max(span.end for span in spans) + timedelta(days=more_days))


def _match(need: NeedRow, found: Found, finder: Finder, board: Board) -> _Matched:
    tiers = {pk: finder.tier(found, board.places[pk]) for pk in found.place_ids if pk in board.places}
    bookable = [pk for pk in tiers if board.places[pk].terms.is_bookable]
    own_name = [pk for pk, tier in tiers.items() if tier == NAMED]
    is_kind = bool(finder.categories_in(need.words)) and found.matched in {
        finder.label(Vocabulary.CATEGORY, code) for code in finder.categories_in(need.words)
    }
    is_named = len(own_name) == 1 and not is_kind
    ids = own_name if is_named else sorted(bookable, key=lambda pk: tiers[pk])
    refused: list[Refused] = []
    code = finder.town_code(need.town) if need.town and not is_named else None
    if code:
        there = [pk for pk in ids if board.places[pk].town == code]
        away = [board.places[pk] for pk in ids if board.places[pk].town != code]
        refused = [Refused(place, "other_town", {"place": place.name, "town": need.town}) for place in away]
        ids = there
    ways = ways_for(need, [(board.places[pk], tiers[pk]) for pk in ids], board, is_named=is_named)
    return _Matched(need, found, is_named, Ways(ways.ways, (*ways.refused, *refused)))


def _problem(matched: Iterable[_Matched], board: Board) -> Problem:
    needs = tuple(
        Need(one.need.line, tuple(way.option(one.need) for way in one.ways.ways), one.need.priority) for one in matched
    )
    used = {use.leaf for need in needs for option in need.options for use in option.uses}
    leaves = tuple(
        Leaf(leaf, capacity, tuple(board.taken.get(leaf, ())))
        for leaf, capacity in sorted(board.capacity.items())
        if leaf in used
    )
    return Problem(needs, leaves, MOVE_FEN)


def _reason(code: str, **data: Any) -> dict[str, Any]:
    return {"code": code, "data": data}


def _reasons(one: _Matched, way: Way, chosen: Mapping[int, Way], board: Board, finder: Finder) -> list[dict[str, Any]]:
    """Why this one: how it answers the words, how its price stands, what of the wishes it meets or not."""
    words = one.found.matched
    reasons = [_reason("named") if one.is_named else _reason(_TIERS[max(way.tier, 1)], words=words)]
    reasons += _price_reasons(one, way, chosen, board)
    need, place = one.need, way.place
    if need.people and place.people_max and not place.is_counted:
        code = "holds" if place.people_max >= need.people else "over_people"
        reasons.append(_reason(code, holds=place.people_max))
    if need.sound_needed:
        reasons.append(_reason(f"sound_{Sound(place.sound).value}"))
    if need.town and not one.is_named and finder.town_code(need.town) is None:
        reasons.append(_reason("town_unknown", town=need.town))
    return reasons


def _price_reasons(one: _Matched, way: Way, chosen: Mapping[int, Way], board: Board) -> list[dict[str, Any]]:
    places = len({other.place.id for other in one.ways.ways})
    if one.is_named:
        return []
    if places == 1:
        return [_reason("only")]
    cheaper = [other for other in one.ways.ways if other.price_fen < way.price_fen]
    if not cheaper:
        return [_reason("cheapest", count=places)]
    for other in cheaper:
        line = next((n for n, held in chosen.items() if n != one.need.line and meet([other], held, board)), None)
        if line is not None:
            return [_reason("given_away", place=other.place.name, line=line)]
    return [_reason("fewer_moves", count=places)]


def _explain(
    left: Sequence[_Matched], chosen: Mapping[int, Way], board: Board, finder: Finder
) -> dict[int, dict[str, Any]]:
    """For each need left over: the reason, the earliest free times, and like places free at the wanted time."""
    if not left:
        return {}
    similar = {one.need.line: _similar(one, finder) for one in left[:SIMILAR_SOUGHT]}
    ids = {place.id for one in left for place in worth_trying(one.ways)}
    ids |= {pk for found in similar.values() for pk in found}
    wide = read_board(ids, _window([one.need for one in left], HORIZON_DAYS))
    wide = wide.with_uses(use for way in chosen.values() for use in way.uses if use.leaf in wide.capacity)
    explained = {}
    for one in left:
        places = [wide.places[place.id] for place in worth_trying(one.ways) if place.id in wide.places]
        others = [wide.places[pk] for pk in similar.get(one.need.line, ()) if pk in wide.places]
        like = _like(one.need, places, others, wide) if places else []
        explained[one.need.line] = {
            "why": explain_unmet(one.need, one.ways, one.found.how, chosen, board),
            "earliest": [told(way) for way in earliest(one.need, places, wide)],
            "similar": [told(way) for way in like],
        }
    return explained


def _similar(one: _Matched, finder: Finder) -> tuple[int, ...]:
    tried: list[PlaceFacts] = worth_trying(one.ways)
    known = {place.id for place in tried}
    return tuple(pk for pk in finder.similar(one.need, tried[0]) if pk not in known)[:20] if tried else ()


def _like(need: NeedRow, wanted: Sequence[PlaceFacts], others: Iterable[PlaceFacts], board: Board) -> list[Way]:
    """The ``TOLD`` places most like the wanted ones that could be had at the wanted time, one way each."""
    alike = [place for place in others if place.terms.is_bookable and place.is_counted == wanted[0].is_counted]
    alike.sort(key=lambda place: min(closeness(place, one) for one in wanted))
    found: list[Way] = []
    for place in alike:
        found += ways_for(need, [(place, 0)], board, is_named=False).ways[:1]
        if len(found) == TOLD:
            break
    return found


def told(way: Way) -> dict[str, Any]:
    """A way as it is stored and told: place, spans, price."""
    return {
        "place": {
            "id": way.place.id,
            "name": way.place.name,
            "name_en": way.place.name_en,
            "standing": way.place.standing,
        },
        "spans": [[span.start.isoformat(), span.end.isoformat()] for span in way.spans],
        "price_fen": way.price_fen,
    }
