"""What changed, in words: columns by their names, codes by their labels, ids by what they stand for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, ForeignKey, Model
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from xiepai.kernel.models import AuditEntry
from xiepai.web import formats

HIDDEN = frozenset({"id", "created_at", "search_text", "sort_key"})
NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Change:
    """One column: its name, and its value before and after in words."""

    name: str
    before: str
    after: str


def changes_of(entry: AuditEntry) -> list[Change]:
    """The changed columns of an audit row, those without meaning for a reader left out."""
    model = _model(entry.object_type)
    before, after = entry.before or {}, entry.after or {}
    names = [name for name in dict.fromkeys([*before, *after]) if name not in HIDDEN]
    changes = [
        Change(_name(model, name), _text(model, name, before.get(name)), _text(model, name, after.get(name)))
        for name in names
    ]
    return [change for change in changes if change.before != change.after]


def _model(object_type: str) -> type[Model] | None:
    try:
        return apps.get_model(object_type)
    except (LookupError, ValueError):
        return None


def _field(model: type[Model] | None, name: str) -> Field[Any, Any] | None:
    if model is None:
        return None
    try:
        return model._meta.get_field(name.removesuffix("_id"))  # type: ignore[return-value]
    except FieldDoesNotExist:
        return None


def _name(model: type[Model] | None, name: str) -> str:
    field = _field(model, name)
    return str(field.verbose_name) if field is not None and hasattr(field, "verbose_name") else name


def _text(model: type[Model] | None, name: str, value: Any) -> str:
    if value is None or value == "" or value == []:
        return NOTHING
    field = _field(model, name)
    choices = dict(getattr(field, "flatchoices", None) or getattr(_inner(field), "flatchoices", None) or [])
    if isinstance(value, list):
        return _list(value, choices)
    if isinstance(value, dict):
        return _("、").join(f"{key}: {_text(None, key, each)}" for key, each in value.items())
    if value in choices:
        return str(choices[value])
    if isinstance(field, ForeignKey):
        return _referred(field, value)
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, int) and name.endswith("_fen"):
        return formats.money(value)
    return _instant(value) if isinstance(value, str) else str(value)


def _inner(field: Field[Any, Any] | None) -> Any:
    return getattr(field, "base_field", None)


def _list(values: list[Any], choices: dict[Any, Any]) -> str:
    instants = [parse_datetime(value) if isinstance(value, str) else None for value in values]
    if len(instants) == 2 and all(instants):
        return formats.span(*_pair(instants))
    return _("、").join(
        str(choices.get(value, value)) if not isinstance(value, dict | list) else _plain(value) for value in values
    )


def _pair(instants: Iterable[datetime | None]) -> tuple[datetime, datetime]:
    first, last = (instant for instant in instants if instant is not None)
    return first, last


def _plain(value: Any) -> str:
    parts = value.values() if isinstance(value, dict) else value
    return " ".join(str(part) for part in parts if part not in (None, ""))


def _referred(field: ForeignKey[Any, Any], value: Any) -> str:
    row = field.related_model._default_manager.filter(pk=value).first()
    return formats.named(row) if row is not None else f"#{value}"


def _instant(value: str) -> str:
    try:
        if len(value) > 10 and (instant := parse_datetime(value)) is not None and instant.tzinfo:
            return formats.moment(instant)
        if len(value) == 10 and (found := parse_date(value)) is not None:
            return formats.day(found)
    except ValueError:
        pass
    return value
