"""What places cost, from a day on. A published tariff stays as history; the next one closes it.

Refused: prices for days gone by (a tariff that was in force is never rewritten), a second tariff for the same days,
and taking back a tariff a booking was priced with. All amounts in fen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from xiepai.kernel import audit, clock
from xiepai.kernel.errors import ErrorCode, XiepaiError, not_found
from xiepai.parties.access import Actor
from xiepai.places import access
from xiepai.places.errors import invalid, refusals
from xiepai.places.fields import tidy_text
from xiepai.places.models import Place, Standing, Tariff, TariffExtra

MOST_FEN = 10_000_000_000_00  # ten thousand million yuan: beyond is a slip of the finger


class TariffFields(TypedDict, total=False):
    """What a tariff says. Amounts in fen, night as minutes from midnight; see :class:`Tariff`."""

    is_free: bool
    free_condition: str
    hour_fen: int | None
    day_fen: int | None
    day_limit_minutes: int
    night_fen: int
    night_from_minute: int
    night_to_minute: int
    overtime_fen: int | None
    overtime_step_minutes: int
    deposit_fen: int
    cancellation: list[list[int]]
    standing: str
    note: str


TARIFF_FIELDS = tuple(TariffFields.__annotations__)


@dataclass(frozen=True, slots=True)
class Extra:
    """A thing charged per unit beside the place itself: power per kWh, a stage manager per day."""

    code: str
    label: str
    unit: str
    unit_fen: int
    label_en: str = ""


def publish_tariff(
    *, actor: Actor, place_id: int, valid_from: date, extras: Sequence[Extra] = (), **fields: Unpack[TariffFields]
) -> Tariff:
    """A tariff from *valid_from* until the next one announced; the one before ends there.

    A tariff that begins the same day and has not been in force yet is replaced. The first tariff of a place may
    begin in the past. Raises ``TARIFF_OVERLAP`` for days gone by, ``INVALID``.
    """
    with transaction.atomic():
        place = access.locked_place(actor, place_id)
        tariff = tariff_from(place, valid_from, fields)
        extras = [tidy_extra(extra) for extra in extras]
        check_tariff(tariff, extras)
        before = _make_room(tariff)
        with refusals(place):
            tariff.save()
            _write_extras(tariff, extras)
        after = {"tariff": tariff_state(tariff)}
        audit.record(
            "places.tariff.published", place, actor=actor, before=before, after=after, organisation_id=place.owner_id
        )
    return tariff


def withdraw_tariff(*, actor: Actor, tariff_id: int) -> None:
    """Take back a tariff that has not begun; the one before goes on instead."""
    with transaction.atomic():
        tariff = _locked_tariff(actor, tariff_id)
        place = tariff.place
        if tariff.valid_from <= clock.today():
            raise XiepaiError(ErrorCode.TARIFF_OVERLAP)
        before = {"tariff": tariff_state(tariff)}
        valid_from, valid_to = tariff.valid_from, tariff.valid_to
        try:
            tariff.delete()
        except ProtectedError as error:
            raise invalid(_("已有预订按这张价目计价，不能撤回。")) from error
        Tariff.objects.filter(place=place, valid_to=valid_from).update(valid_to=valid_to)
        audit.record(
            "places.tariff.withdrawn", place, actor=actor, before=before, after={}, organisation_id=place.owner_id
        )


def add_extra(*, actor: Actor, tariff_id: int, extra: Extra) -> TariffExtra:
    """One more thing charged per unit on a tariff; bookings made before keep their price."""
    with transaction.atomic():
        tariff = _locked_tariff(actor, tariff_id)
        before = {"tariff": tariff_state(tariff)}
        extra = tidy_extra(extra)
        check_tariff(tariff, [*extras_of(tariff), extra])
        with refusals(tariff.place):
            row = TariffExtra.objects.create(tariff=tariff, **asdict(extra))
        _extras_changed(actor, tariff, before, "places.extra.added")
    return row


def remove_extra(*, actor: Actor, tariff_id: int, code: str) -> None:
    """Stop charging for something on a tariff."""
    with transaction.atomic():
        tariff = _locked_tariff(actor, tariff_id)
        before = {"tariff": tariff_state(tariff)}
        if not tariff.extras.filter(code=code).delete()[0]:
            raise not_found()
        _extras_changed(actor, tariff, before, "places.extra.removed")


def tariff_from(place: Place, valid_from: date, fields: TariffFields) -> Tariff:
    """An unsaved tariff of those fields."""
    unknown = fields.keys() - set(TARIFF_FIELDS)
    if unknown:
        raise TypeError(f"not fields of a tariff: {sorted(unknown)}")
    tariff = Tariff(place=place, valid_from=valid_from, **fields)
    tariff.free_condition, tariff.note = tidy_text(tariff.free_condition), tidy_text(tariff.note)
    return tariff


def tidy_extra(extra: Extra) -> Extra:
    """The extra with one spelling of white space."""
    return replace(
        extra,
        code=tidy_text(extra.code),
        label=tidy_text(extra.label),
        unit=tidy_text(extra.unit),
        label_en=tidy_text(extra.label_en),
    )


def check_tariff(tariff: Tariff, extras: Sequence[Extra] = ()) -> None:
    """Refuse a tariff that does not hold together; every reason is named."""
    reasons: list[str] = []
    try:
        tariff.clean_fields(exclude={"place"})
    except ValidationError as error:
        names = {field.name: field.verbose_name for field in Tariff._meta.concrete_fields}
        reasons += [f"{names.get(name, name)}：{' '.join(texts)}" for name, texts in error.message_dict.items()]
    else:
        reasons += _reasons(tariff)
    reasons += _reasons_of_extras(extras)
    if reasons:
        raise invalid("；".join(reasons))


def tariff_state(tariff: Tariff, extras: Sequence[Extra] | None = None) -> dict[str, Any]:
    """A tariff with its extras (read unless given) as plain values, for the audit trail."""
    state = {name: getattr(tariff, name) for name in TARIFF_FIELDS}
    known = [asdict(extra) for extra in (extras_of(tariff) if extras is None else extras)]
    return {"id": tariff.pk, "valid_from": tariff.valid_from, "valid_to": tariff.valid_to, **state, "extras": known}


def extras_of(tariff: Tariff) -> list[Extra]:
    """The extras of a tariff in the order of their codes."""
    rows = sorted(tariff.extras.all(), key=lambda row: row.code)
    return [Extra(row.code, row.label, row.unit, row.unit_fen, row.label_en) for row in rows]


def _make_room(tariff: Tariff) -> dict[str, Any] | None:
    """Close what is in force on the first day; what is announced for later bounds the new tariff."""
    place, first = tariff.place, tariff.valid_from
    known = list(Tariff.objects.filter(place=place).order_by("valid_from"))
    before = next((t for t in known if t.valid_from <= first and (t.valid_to is None or first < t.valid_to)), None)
    if first < clock.today() and any(t.valid_to is None or first < t.valid_to for t in known):
        raise XiepaiError(ErrorCode.TARIFF_OVERLAP)
    later = [t.valid_from for t in known if t.valid_from > first]
    tariff.valid_to = min(later, default=None)
    if before is None:
        return None
    state = {"tariff": tariff_state(before)}
    if before.valid_from == first:
        tariff.pk, tariff.created_at = before.pk, before.created_at
    else:
        before.valid_to = first
        before.save(update_fields=["valid_to"])
    return state


def _write_extras(tariff: Tariff, extras: Sequence[Extra]) -> None:
    tariff.extras.all().delete()
    TariffExtra.objects.bulk_create(TariffExtra(tariff=tariff, **asdict(extra)) for extra in extras)


def _locked_tariff(actor: Actor, tariff_id: int) -> Tariff:
    place_id = Tariff.objects.filter(pk=tariff_id).values_list("place_id", flat=True).first()
    if place_id is None:
        raise not_found()
    place = access.locked_place(actor, place_id)
    tariff = Tariff.objects.filter(pk=tariff_id).first()
    if tariff is None:
        raise not_found()
    tariff.place = place
    return tariff


def _extras_changed(actor: Actor, tariff: Tariff, before: dict[str, Any], event: str) -> None:
    place = tariff.place
    with connection.cursor() as cursor:  # extras are part of the price: what was computed before is stale
        cursor.execute("SELECT places_touch(ARRAY[%s]::bigint[])", [place.pk])
    after = {"tariff": tariff_state(Tariff.objects.get(pk=tariff.pk))}
    audit.record(event, place, actor=actor, before=before, after=after, organisation_id=place.owner_id)


def _reasons(tariff: Tariff) -> list[str]:
    reasons = []
    amounts = ("hour_fen", "day_fen", "night_fen", "overtime_fen", "deposit_fen")
    if any(value is not None and not 0 <= value <= MOST_FEN for value in (getattr(tariff, name) for name in amounts)):
        reasons.append(str(_("金额不能是负数，也不能超过一百亿元。")))
    if not tariff.is_free and tariff.hour_fen is None and tariff.day_fen is None:
        reasons.append(str(_("收费的价目至少要有每小时或每天的价格。")))
    if tariff.is_free and (tariff.hour_fen or tariff.day_fen):
        reasons.append(str(_("免费的价目不能再有每小时或每天的价格。")))
    if not 60 <= tariff.day_limit_minutes <= 1440:
        reasons.append(str(_("一天上限应在 1 到 24 小时之间。")))
    if not (0 <= tariff.night_from_minute < 1440 and 0 <= tariff.night_to_minute <= 1440):
        reasons.append(str(_("夜间的开始和结束应在 0:00 到 24:00 之间。")))
    if tariff.overtime_step_minutes not in (30, 60):
        reasons.append(str(_("超时档只能是 30 或 60 分钟。")))
    if tariff.standing not in Standing.values:
        reasons.append(str(_("资料性质不在可选范围内。")))
    return reasons + _reasons_of_cancellation(tariff.cancellation)


def _reasons_of_cancellation(terms: Any) -> list[str]:
    """Terms are pairs (hours before, percent): the later one cancels, the more is charged."""
    try:
        pairs = [(hours, percent) for hours, percent in terms]
        whole = all(type(hours) is int and type(percent) is int for hours, percent in pairs)
    except (TypeError, ValueError):
        whole, pairs = False, []
    if not whole or any(hours < 0 or hours > 8760 or not 0 <= percent <= 100 for hours, percent in pairs):
        return [str(_("取消条款应为若干“提前小时：百分比”，百分比在 0 到 100 之间。"))]
    if pairs != sorted(pairs, key=lambda pair: -pair[0]) or len({hours for hours, _percent in pairs}) < len(pairs):
        return [str(_("取消条款应由早到晚排列，每个时间只出现一次。"))]
    return []


def _reasons_of_extras(extras: Sequence[Extra]) -> list[str]:
    reasons = []
    for extra in extras:
        try:
            TariffExtra(**asdict(extra)).clean_fields(exclude={"tariff"})
        except ValidationError as error:
            reasons.append(f"{extra.label or extra.code}：{' '.join(error.messages)}")
            continue
        if not 0 <= extra.unit_fen <= MOST_FEN:
            reasons.append(f"{extra.label}：{_('金额不能是负数，也不能超过一百亿元。')}")
    if len({extra.code for extra in extras}) < len(extras):
        reasons.append(str(_("同一张价目里附加项的代码不能重复。")))
    return reasons


def tariff_in_view(tariffs: Iterable[Tariff], day: date) -> Tariff | None:
    """The tariff in force on *day*, else the next one announced."""
    ahead = sorted((t for t in tariffs if t.valid_to is None or day < t.valid_to), key=lambda t: t.valid_from)
    return ahead[0] if ahead else None
