"""One row against what is there: the place it means, what would change, and every reason it cannot.

The same walls as the services: the same permissions, the same checks, the same refusals. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Field
from django.utils.translation import gettext as _

from xiepai.kernel import clock
from xiepai.kernel.errors import XiepaiError
from xiepai.parties.access import Actor
from xiepai.parties.models import Organisation, Role
from xiepai.places import access
from xiepai.places.fields import problems_of, state_of, tidy_text
from xiepai.places.models import Place, PlaceKind, Tariff, Visibility
from xiepai.places.services.calendar import days_of, ordered_days, ordered_rules, require_free, rules_of
from xiepai.places.services.place import require_shape
from xiepai.places.services.tariffs import (
    TARIFF_FIELDS,
    Extra,
    check_tariff,
    extras_of,
    tariff_from,
    tariff_in_view,
    tidy_extra,
)
from xiepai.places.sheets.columns import COLUMNS, TARIFF_NAMES
from xiepai.places.vocabulary import Words
from xiepai.worktime.opening import WeeklyRule

Refuse = Callable[[str, str], None]
_PLACE_KEYS = tuple(column.key for column in COLUMNS if column.group == "place" and column.key != "code")
_PRICES = ("hour_yuan", "day_yuan")
_TARIFF_KEYS = tuple(column.key for column in COLUMNS if column.group == "tariff")


@dataclass(frozen=True, slots=True)
class Known:
    """A place others may hang under or join, known by its code."""

    id: int
    owner_id: int
    kind: str
    capacity: int
    parent_id: int | None


@dataclass(slots=True)
class Wish:
    """A row ready to be written: None means as it is."""

    line: int
    place: Place
    before: dict[str, Any] | None
    rules: tuple[WeeklyRule, ...] | None = None
    days: dict[date, str] | None = None
    tariff: Tariff | None = None
    extras: list[Extra] = field(default_factory=list)
    parts: list[int] | None = None
    part_codes: list[str] = field(default_factory=list)
    history: dict[str, Any] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """Whether the place is made by this row."""
        return self.before is None

    @property
    def changes_place(self) -> bool:
        """Whether the place's own row is to be written."""
        return self.before is None or state_of(self.place) != self.before

    @property
    def changes(self) -> bool:
        """Whether anything is to be written."""
        related = (self.rules, self.days, self.tariff, self.parts)
        return self.changes_place or any(value is not None for value in related)


class Reader:
    """Turns rows into wishes for one actor; keeps what is asked again and again."""

    def __init__(self, actor: Actor, words: Words, owner_id: int | None) -> None:
        self.actor = actor
        self.words = words
        self._owner_id = owner_id
        self._owners: dict[str, int | None] = {}

    def wish(
        self,
        line: int,
        values: dict[str, Any],
        existing: Place | None,
        known: Callable[[str], Known | None],
        refuse: Refuse,
    ) -> Wish | None:
        """What the row asks for, or None when it was refused (every reason named)."""
        reasons: list[str] = []

        def no(key: str, reason: str) -> None:
            reasons.append(reason)
            refuse(key, reason)

        if existing is not None and not access.keeps(self.actor, existing.owner_id):
            no("code", _("这个编号属于别的机构的场地。"))
            return None
        before = state_of(existing) if existing else None
        place = existing or Place(code=values.get("code", ""))
        self._set_owner(place, values, no)
        self._set_fields(place, values)
        self._set_visibility(place, values, no)
        self._set_parent(place, values, known, no)
        for problem in problems_of(place, self.words, kept=before):
            no(problem.field, problem.reason)
        wish = Wish(line, place, before)
        if not reasons:
            self._shape(wish, no)
        self._calendar(wish, values, no)
        self._tariff(wish, values, no)
        self._parts(wish, values, known, no)
        return None if reasons else wish

    def _set_owner(self, place: Place, values: dict[str, Any], no: Refuse) -> None:
        name = tidy_text(values.get("owner") or "")
        owner_id = self._owner(name) if name else place.owner_id or self._own()
        if owner_id is None:
            no("owner", _("没有叫这个名字的机构。") if name else _("请填写所属机构。"))
        elif not access.keeps(self.actor, owner_id):
            no("owner", _("您不能替这个机构管理场地。"))
        elif place.owner_id and owner_id != place.owner_id and not self.actor.is_officer:
            no("owner", _("只有协拍办能把场地转给别的机构。"))
        else:
            place.owner_id = owner_id

    def _owner(self, name: str) -> int | None:
        if name not in self._owners:
            found = Organisation.objects.filter(name=name, is_active=True).values_list("pk", flat=True).first()
            self._owners[name] = found
        return self._owners[name]

    def _own(self) -> int | None:
        """The organisation meant when none is said: the one given, else the only one the actor keeps places for."""
        kept = self.actor.organisations(Role.KEEPER)
        return self._owner_id or (next(iter(kept)) if len(kept) == 1 else None)

    def _set_fields(self, place: Place, values: dict[str, Any]) -> None:
        for key in _PLACE_KEYS:
            if key in values:
                value = values[key]
                model_field: Field[Any, Any] = Place._meta.get_field(key)  # type: ignore[assignment]
                if value is None and not model_field.null:
                    value = model_field.get_default()
                setattr(place, key, value)

    def _set_visibility(self, place: Place, values: dict[str, Any], no: Refuse) -> None:
        wanted = values.get("visibility") or place.visibility
        if wanted != place.visibility and wanted == Visibility.PUBLIC and not self.actor.is_officer:
            no("visibility", _("由协拍办公开；请填“待审”。"))
        else:
            place.visibility = wanted

    def _set_parent(
        self, place: Place, values: dict[str, Any], known: Callable[[str], Known | None], no: Refuse
    ) -> None:
        if "parent" not in values:
            return
        code = tidy_text(values["parent"] or "")
        if not code:
            place.parent_id = None
            return
        parent = known(code)
        if parent is None:
            no("parent", _("没有编号是这个的场地。"))
        elif parent.id == place.parent_id:
            return
        elif not access.keeps(self.actor, parent.owner_id):
            no("parent", _("上级属于别的机构。"))
        elif parent.kind == PlaceKind.COMBINATION:
            no("parent", _("组合下面不能再放场地。"))
        elif parent.capacity > 1:
            no("parent", _("按数量出借的资源下面不能再放场地。"))
        else:
            place.parent_id = parent.id

    def _shape(self, wish: Wish, no: Refuse) -> None:
        before = wish.before
        if before is None or (before["kind"], before["capacity"]) == (wish.place.kind, wish.place.capacity):
            return
        try:
            require_shape(wish.place)
        except XiepaiError as error:
            no("kind", str(error.data.get("detail", error)))

    def _calendar(self, wish: Wish, values: dict[str, Any], no: Refuse) -> None:
        place = wish.place
        try:
            if "opening" in values:
                rules = ordered_rules(values["opening"])
                old = rules_of(place) if place.pk else ()
                wish.rules = rules if rules != old else None
                wish.history["opening_rules"] = (old, rules)
        except XiepaiError as error:
            no("opening", str(error.data.get("detail", error)))
        try:
            if "closed_days" in values:
                days = ordered_days(values["closed_days"])
                had = days_of(place) if place.pk else {}
                if days != had:
                    wish.days = days
                    wish.history["closed_days"] = (had, days)
                    if place.pk:
                        require_free(place, days.keys() - had.keys())
        except XiepaiError as error:
            no("closed_days", str(error.data.get("detail", error)))

    def _tariff(self, wish: Wish, values: dict[str, Any], no: Refuse) -> None:
        given = {key: values[key] for key in _TARIFF_KEYS if key in values}
        if not any(value or (value == 0 and key in _PRICES) for key, value in given.items()):
            return  # prices are history: empty cells take none away
        today = clock.today()
        tariffs = list(wish.place.tariffs.all()) if wish.place.pk else []
        wanted_from: date | None = given.pop("tariff_from", None)
        announced = (t for t in tariffs if t.valid_from == wanted_from and t.valid_from > today)
        base = next(announced, None) or tariff_in_view(tariffs, today)
        fields, extras = _merged(base, given)
        if base is not None and (fields, extras) == (_fields_of(base), extras_of(base)):
            return
        tariff = tariff_from(wish.place, _first_day(wanted_from, base, tariffs, today), fields)  # type: ignore[arg-type]
        try:
            check_tariff(tariff, extras)
        except XiepaiError as error:
            no(next(iter(given), "tariff_from"), str(error.data.get("detail", error)))
            return
        if base is None or (_fields_of(tariff), extras) != (_fields_of(base), extras_of(base)):
            wish.tariff, wish.extras = tariff, extras

    def _parts(self, wish: Wish, values: dict[str, Any], known: Callable[[str], Known | None], no: Refuse) -> None:
        codes = list(dict.fromkeys(values.get("parts") or ()))
        if "parts" not in values or (not codes and wish.place.kind != PlaceKind.COMBINATION):
            return
        if wish.place.kind != PlaceKind.COMBINATION:
            no("parts", _("只有组合才有分区；请把层级改为“组合”。"))
            return
        found = [known(code) for code in codes]
        parts = [part for part in found if part is not None]
        missing = [code for code, part in zip(codes, found, strict=True) if part is None]
        if missing:
            no("parts", _("没有编号是“{code}”的场地。").format(code=missing[0]))
        elif len(parts) == 1 or any(p.parent_id != wish.place.parent_id for p in parts):
            no("parts", _("组合至少要有两个分区，而且要在同一个上级下面。"))
        elif any(part.kind == PlaceKind.COMBINATION for part in parts):
            no("parts", _("组合的分区不能是另一个组合。"))
        else:
            had = sorted(row.part.code for row in wish.place.parts.all()) if wish.place.pk else []
            if sorted(codes) != had:
                wish.parts, wish.part_codes = [part.id for part in parts], sorted(codes)
                wish.history["parts"] = (had, wish.part_codes)


def _fields_of(tariff: Tariff) -> dict[str, Any]:
    return {name: getattr(tariff, name) for name in TARIFF_FIELDS}


def _merged(base: Tariff | None, given: dict[str, Any]) -> tuple[dict[str, Any], list[Extra]]:
    """The tariff in view with what the row says laid over it; an empty cell of the row means the field's default."""
    start = base if base is not None else Tariff()
    fields, extras = _fields_of(start), extras_of(base) if base is not None else []
    for key, value in given.items():
        name = TARIFF_NAMES.get(key, key)
        if name == "extras":
            extras = [tidy_extra(extra) for extra in value]
            continue
        model_field: Field[Any, Any] = Tariff._meta.get_field(name)  # type: ignore[assignment]
        empty = value is None and not model_field.null
        fields[name] = model_field.get_default() if empty else tidy_text(value) if isinstance(value, str) else value
    return fields, extras


def _first_day(wanted: date | None, base: Tariff | None, tariffs: list[Tariff], today: date) -> date:
    """When a changed price begins: never for days gone by, unless the place had no price at all."""
    if not tariffs:
        return wanted or today
    if base is not None and base.valid_from > today and wanted in (None, base.valid_from):
        return base.valid_from
    return max(wanted or today, today)
