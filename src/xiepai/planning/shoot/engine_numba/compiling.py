"""Marks for kernels: ``inner`` functions only kernels call, ``outer`` ones are called from Python.

A marked function stays what it is. Calling an outer one runs it compiled (numba is imported then, see ``building``);
its ``plain`` runs the same lines in Python: slower by a factor of some hundred, but at once and anywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, update_wrapper
from types import FunctionType
from typing import Any

Plain = Callable[..., Any]
INNER: set[Plain] = set()
"""Every function marked ``inner``; compiled only into those that call it."""


class Kernel:
    """A function that runs compiled when called."""

    def __init__(self, plain: Plain) -> None:
        self.plain = plain
        update_wrapper(self, plain)

    @cached_property
    def machine(self) -> Any:
        """numba's dispatcher; machine code is made, or read from where it is kept, on its first call."""
        from xiepai.planning.shoot.engine_numba.building import whole  # late: importing numba takes a second

        return whole(self.plain, is_kernel)

    def __call__(self, *arguments: Any) -> Any:
        """Run compiled."""
        return self.machine(*arguments)


def is_kernel(value: object) -> bool:
    """Whether a name in a module is one of ours to compile."""
    return isinstance(value, Kernel) or (isinstance(value, FunctionType) and value in INNER)


def inner(function: Plain) -> Any:
    """A function only kernels call."""
    INNER.add(function)
    return function


outer: Any = Kernel
