"""Groups of commands whose modules are imported when one of them is asked for, not when ``xiepai`` starts.

A module may bring an engine, charts or a reader of documents with it: seconds, for a command that needs none of them.
Nothing is guessed: the names stand in the group's own module; help and the reference import them all.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, MutableMapping
from typing import Any

import typer
from typer.core import TyperGroup


class _Commands(MutableMapping[str, Any]):
    """The commands by name; a module's function ``command`` becomes one when it is read."""

    def __init__(self, package: str, names: tuple[str, ...]) -> None:
        self._package, self._names = package, names
        self._built: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            return self._built[name]
        if name not in self._built:
            alone = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)
            module = importlib.import_module(f"{self._package}.{name}")
            alone.command(name=name, no_args_is_help=True)(module.command)
            self._built[name] = typer.main.get_command(alone)
        return self._built[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._built[name] = command

    def __delitem__(self, name: str) -> None:
        del self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._names, *self._built)))

    def __len__(self) -> int:
        return len({*self._names, *self._built})


def group_of(package: str, *names: str) -> type[TyperGroup]:
    """The class of a group whose commands are the modules ``names`` of a package."""

    class Group(TyperGroup):
        def __init__(self, **given: Any) -> None:
            super().__init__(**given)
            self.commands = _Commands(package, names)

    return Group
