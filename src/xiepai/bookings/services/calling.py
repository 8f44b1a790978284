"""Calls for a place (征集): a crew says what it looks for, keepers offer places, one offer becomes a hold.

An offer holds nothing: it names a place, a time and the price the place's tariff gives for it. Taking it is an
ordinary hold at that price, refused if the slot went or the price changed meanwhile. Refused besides: offering
places one does not keep, hidden or taken ones, and the same place twice.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from psycopg.types.range import TimestamptzRange

from xiepai.bookings.models import Booking
from xiepai.bookings.models_calls import Call, CallOffer, CallState, OfferState
from xiepai.bookings.periods import as_range, as_span
from xiepai.bookings.rules import check_period, text_of
from xiepai.bookings.selectors import free_spans
from xiepai.bookings.services.taking import SlotRequest, place_hold, price_of
from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor, require_crew
from xiepai.parties.models import CREW_ROLES, Role
from xiepai.parties.notices import members_in, tell
from xiepai.places import access
from xiepai.places.models import Place, Visibility
from xiepai.places.terms import terms_of
from xiepai.places.vocabulary import read_words
from xiepai.worktime.spans import Span

#: More than so many open calls of one crew are a list of needs, not calls.
MOST_OPEN = 30


def open_call(
    *,
    actor: Actor,
    organisation_id: int,
    title: str,
    span: Span,
    categories: Collection[str] = (),
    town: str = "",
    people: int | None = None,
    note: str = "",
    need_id: int | None = None,
) -> Call:
    """Tell every keeper with a public place of that kind what is looked for. Raises ``INVALID``, ``IN_THE_PAST``."""
    require_crew(actor, organisation_id)
    words = " ".join(title.split())
    _check(words, span, categories, town)
    with transaction.atomic():
        if Call.objects.filter(organisation=organisation_id, state=CallState.OPEN).count() >= MOST_OPEN:
            raise XiepaiError(ErrorCode.INVALID, detail=_("同时征集的不能超过 %(n)s 个。") % {"n": MOST_OPEN})
        call = Call(
            organisation_id=organisation_id,
            need_id=_own_need(organisation_id, need_id),
            title=words[:120],
            categories=list(dict.fromkeys(categories)),
            town=town,
            period=as_range(span),
            people=people,
            note=note.strip()[:2000],
            created_by_id=actor.person_id,
        )
        call.save(force_insert=True)
        audit.record("bookings.call.opened", call, actor=actor)
        for owner_id in sorted(owners_concerned(call)):
            tell(
                members_in(owner_id, [Role.KEEPER]),
                kind="bookings.call_opened",
                subject=_("剧组在找：%(title)s") % {"title": call.title},
                body=f"{text_of(span)} {call.note}".strip(),
                path=f"/keeper/calls/{call.pk}/",
                organisation_id=owner_id,
            )
    return call


def close_call(*, actor: Actor, call_id: int) -> Call:
    """The crew looks no longer; open offers are declined."""
    with transaction.atomic():
        call = _locked_call(actor, call_id)
        if call.state == CallState.OPEN:
            _end(call, CallState.CLOSED, actor, "bookings.call.closed")
    return call


def make_offer(*, actor: Actor, call_id: int, place_id: int, span: Span, note: str = "") -> CallOffer:
    """Offer a place to an open call. Raises what a booking of it then would, ``SLOT_TAKEN`` included."""
    with transaction.atomic():
        call = Call.objects.select_for_update().filter(pk=call_id, state=CallState.OPEN).first()
        place = access.writable_places(actor).filter(pk=place_id).first()
        if call is None or place is None:
            raise not_found()
        if place.visibility != Visibility.PUBLIC:
            raise XiepaiError(ErrorCode.INVALID, detail=_("还没有公开的场地不能报名。"))
        terms = terms_of(place.pk)
        check_period(terms, span, 1, now=clock.now())
        price = price_of(terms, SlotRequest(place.pk, span))
        if not any(part.contains(span) for part in free_spans(place.pk, span)):
            raise XiepaiError(ErrorCode.SLOT_TAKEN, place=terms.name, period=text_of(span))
        if CallOffer.objects.filter(call=call, place=place, state=OfferState.OFFERED).exists():
            raise XiepaiError(ErrorCode.INVALID, detail=_("这处场地已经报过名；要改时间请先撤回。"))
        offer = CallOffer(
            call=call,
            place=place,
            period=TimestamptzRange(span.start, span.end, "[)"),
            price_fen=price.total.fen,
            quote=price.as_json(),
            note=note.strip()[:200],
            created_by_id=actor.person_id,
        )
        offer.save(force_insert=True)
        audit.record("bookings.call_offer.made", offer, actor=actor, organisation_id=place.owner_id)
        tell(
            members_in(call.organisation_id, CREW_ROLES),
            kind="bookings.call_offer",
            subject=_("有场地报名：%(place)s") % {"place": place.name},
            body=f"{call.title} {text_of(span)} {price.text} {offer.note}".strip(),
            path=f"/calls/{call.pk}/",
            organisation_id=call.organisation_id,
        )
    return offer


def withdraw_call_offer(*, actor: Actor, offer_id: int) -> CallOffer:
    """The keeper takes an offer back that was not taken."""
    with transaction.atomic():
        offer = CallOffer.objects.select_for_update(of=("self",)).select_related("place").filter(pk=offer_id).first()
        if offer is None or not access.keeps(actor, offer.place.owner_id):
            raise not_found()
        if offer.state != OfferState.OFFERED:
            raise _wrong_state(offer, _("撤回"))
        _write(offer, OfferState.WITHDRAWN, actor, "bookings.call_offer.withdrawn")
    return offer


def take_call_offer(*, actor: Actor, offer_id: int) -> Booking:
    """The crew turns an offer into a hold at the price offered; the call is met, other offers are declined."""
    with transaction.atomic():
        call_id = CallOffer.objects.filter(pk=offer_id).values_list("call_id", flat=True).first()
        call = _locked_call(actor, call_id or 0)
        offer = CallOffer.objects.select_for_update(of=("self",)).select_related("place").get(pk=offer_id)
        if call.state != CallState.OPEN or offer.state != OfferState.OFFERED:
            raise _wrong_state(offer, _("选中"))
        booking = place_hold(
            actor=actor,
            organisation_id=call.organisation_id,
            place_id=offer.place_id,
            span=as_span(offer.period),
            title=call.title,
            people=call.people,
            expected_price_fen=offer.price_fen,
        )
        offer.booking_id = booking.pk
        _write(offer, OfferState.TAKEN, actor, "bookings.call_offer.taken")
        _end(call, CallState.MET, actor, "bookings.call.met")
        tell(
            members_in(offer.place.owner_id, [Role.KEEPER]),
            kind="bookings.call_offer_taken",
            subject=_("剧组选中了：%(place)s") % {"place": offer.place.name},
            body=f"{booking.code} {call.title} {text_of(as_span(offer.period))}",
            path=f"/bookings/{booking.pk}/",
            organisation_id=offer.place.owner_id,
        )
    return booking


# Reading.


def calls_of(actor: Actor) -> QuerySet[Call]:
    """The calls of the actor's crews (all for the office), newest first."""
    rows = Call.objects.all() if actor.is_office else Call.objects.filter(organisation__in=_crews(actor))
    return rows.select_related("organisation").order_by("-id")


def open_calls(actor: Actor) -> QuerySet[Call]:
    """What keepers can answer: open calls whose time is not over, the soonest first. Nothing for who keeps nothing."""
    if not (actor.is_officer or actor.holds(Role.KEEPER)):
        return Call.objects.none()
    rows = Call.objects.filter(state=CallState.OPEN, period__endswith__gt=clock.now())
    return rows.select_related("organisation").order_by("period", "id")


def own_places_for(actor: Actor, call: Call) -> QuerySet[Place]:
    """The actor's public places of the kind called for, those in the town wished first."""
    rows = access.writable_places(actor).filter(visibility=Visibility.PUBLIC, is_bookable=True, capacity=1)
    if call.categories:
        rows = rows.filter(categories__overlap=call.categories)
    return rows.order_by("sort_key", "id")


def owners_concerned(call: Call) -> set[int]:
    """Organisations with a public place of the kind called for."""
    rows = Place.objects.filter(visibility=Visibility.PUBLIC, is_bookable=True)
    if call.categories:
        rows = rows.filter(categories__overlap=call.categories)
    return set(rows.values_list("owner_id", flat=True).distinct())


def _crews(actor: Actor) -> frozenset[int]:
    return actor.organisations(*CREW_ROLES)


def _check(title: str, span: Span, categories: Collection[str], town: str) -> None:
    if not title:
        raise XiepaiError(ErrorCode.INVALID, detail=_("请写明找什么样的场地。"))
    if span.start <= clock.now():
        raise XiepaiError(ErrorCode.IN_THE_PAST)
    words = read_words()
    for vocabulary, codes in (("category", categories), ("town", [town] if town else [])):
        unknown = [code for code in codes if code not in words[vocabulary].by_code]
        if unknown:
            raise XiepaiError(ErrorCode.UNKNOWN_TERM, vocabulary=vocabulary, term=unknown[0])


def _own_need(organisation_id: int, need_id: int | None) -> int | None:
    from xiepai.bookings.models import Need

    if need_id is None:
        return None
    found = Need.objects.filter(pk=need_id, need_list__organisation=organisation_id).values_list("pk", flat=True)
    return found.first()


def _locked_call(actor: Actor, call_id: int) -> Call:
    call = Call.objects.select_for_update().filter(pk=call_id).first()
    if call is None or not (actor.is_officer or call.organisation_id in _crews(actor)):
        raise not_found()
    return call


def _end(call: Call, state: CallState, actor: Actor, event: str) -> None:
    before = audit.snapshot(call)
    call.state = state
    call.save(update_fields=["state"])
    audit.record(event, call, actor=actor, before=before)
    for offer in call.offers.filter(state=OfferState.OFFERED).select_related("place"):
        _write(offer, OfferState.DECLINED, actor, "bookings.call_offer.declined")


def _write(offer: CallOffer, state: OfferState, actor: Actor, event: str) -> None:
    before = {"state": offer.state}
    offer.state = state
    offer.save(update_fields=["state", "booking"])
    after = {"state": offer.state}
    audit.record(event, offer, actor=actor, before=before, after=after, organisation_id=offer.place.owner_id)


def _wrong_state(offer: CallOffer, action: str) -> XiepaiError:
    return XiepaiError(ErrorCode.WRONG_STATE, state=str(offer.get_state_display()), action=action)
