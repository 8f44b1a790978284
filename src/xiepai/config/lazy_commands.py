"""Groups of commands whose modules are imported when one of them is asked for, not when ``xiepai`` starts.

A module may bring an engine, charts or a reader of documents with it: seconds, for a command that needs none of them.
Nothing is guessed: the names stand in the group's own module; help and the reference import them all.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

import typer
from typer.core import TyperGroup


class _Commands(MutableMapping[str, Any]):
    """The commands by name; a function becomes one when its name is read."""

    def __init__(self, built: MutableMapping[str, Any], places: Mapping[str, str], options: Mapping[str, Any]) -> None:
        self._built, self._places, self._options = dict(built), dict(places), dict(options)

    def __getitem__(self, name: str) -> Any:
        if name not in self._built and name in self._places:
            module, function = self._places[name].split(":")
            alone = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)
            alone.command(name=name, **self._options)(getattr(importlib.import_module(module), function))
            self._built[name] = typer.main.get_command(alone)
        return self._built[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._built[name] = command

    def __delitem__(self, name: str) -> None:
        del self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*(each for each in self._built if each not in self._places), *self._places)))

    def __len__(self) -> int:
        return len({*self._places, *self._built})


def group_with(places: Mapping[str, str], **options: Any) -> type[TyperGroup]:
    """The class of a group that has, beside its own, commands named here with ``module:function``."""

    class Group(TyperGroup):
        def __init__(self, **given: Any) -> None:
            super().__init__(**given)
            self.commands = _Commands(self.commands, places, options)

    return Group


def group_of(package: str, *names: str) -> type[TyperGroup]:
    """The class of a group whose commands are the modules ``names`` of a package, each with a function ``command``."""
    return group_with({name: f"{package}.{name}:command" for name in names}, no_args_is_help=True)
