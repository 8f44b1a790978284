"""Machine code of kernels: every function once, optimised together with those that call it.

numba makes each function a library of its own and optimises, links and loads it again inside every caller: of a dozen
levels of small functions that is most of the time to compile (measured: a third). Here an inner function's library
stays as it was lowered; the outer one links them all and is optimised once. That uses numba's libraries from within
(``requirements.lock`` says which numba, ``tests/unit/test_shoot_machine.py`` that it works).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import FunctionType
from typing import Any

from numba import njit
from numba.core.codegen import CodeLibrary, JITCodeLibrary
from numba.core.compiler import Compiler

from xiepai.planning.shoot.engine_numba.keeping import Kept

Plain = Callable[..., Any]


class _NoEnvironment:
    """Stands for the code generator of a part: its globals are never loaded, so none are set."""

    def set_env(self, *_: Any) -> None:
        """Nothing to set."""


class _Part(JITCodeLibrary):
    """An inner function as it was lowered; not optimised, not loaded."""

    @property
    def codegen(self) -> Any:
        return _NoEnvironment()

    def _optimize_functions(self, ll_module: Any) -> None:
        ll_module.data_layout = self._codegen._data_layout

    def _get_module_for_linking(self) -> Any:
        return self._final_module

    def finalize(self) -> None:
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        return 0


class _Whole(JITCodeLibrary):
    """An outer function with every part below it."""

    def finalize(self) -> None:
        found = _below(self)
        self._parts = [each for each in found if isinstance(each, _Part)]
        # parts first: of numba's own libraries only what somebody asks for is linked
        self._linking_libraries = self._parts + [each for each in found if not isinstance(each, _Part)]
        super().finalize()

    def _optimize_final_module(self) -> None:
        for part in self._parts:
            for function in part._final_module.functions:
                if not function.is_declaration:  # nobody else's: inlined freely, left out where unused (18 % faster)
                    self._final_module.get_function(function.name).linkage = "internal"
        super()._optimize_final_module()


def _below(library: Any) -> list[CodeLibrary]:
    """The libraries a library needs, those of parts included, each once."""
    found: dict[CodeLibrary, None] = {}
    waiting = list(library._linking_libraries)
    while waiting:
        each = waiting.pop(0)
        if each not in found:
            found[each] = None
            if isinstance(each, _Part):
                waiting += each._linking_libraries
    return list(found)


class _PartCompiler(Compiler):
    """numba's compiler, writing into a part."""

    def __init__(self, typing: Any, target: Any, library: Any, *arguments: Any) -> None:
        super().__init__(typing, target, library or _empty(_Part, target), *arguments)


class _WholeCompiler(Compiler):
    """numba's compiler, writing into a whole."""

    def __init__(self, typing: Any, target: Any, library: Any, *arguments: Any) -> None:
        super().__init__(typing, target, library or _empty(_Whole, target), *arguments)


def _empty(kind: Any, target: Any) -> Any:
    library = kind(target.codegen(), kind.__name__)
    library.enable_object_caching()
    return library


_BARE: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_part: Any = njit(nogil=True, error_model="numpy", pipeline_class=_PartCompiler, **_BARE)
_outer: Any = njit(nogil=True, error_model="numpy", pipeline_class=_WholeCompiler)
_lock = threading.RLock()
_parts: dict[Plain, Any] = {}
_rooms: dict[str, dict[str, Any]] = {}


def whole(plain: Plain, is_kernel: Callable[[object], bool]) -> Any:
    """The dispatcher of an outer function; its machine code is kept between processes."""
    with _lock:
        dispatcher = _outer(_twin(plain, is_kernel))
    dispatcher._cache = Kept(dispatcher.py_func)
    return dispatcher


def _twin(plain: Any, is_kernel: Callable[[object], bool]) -> Plain:
    """The function in a room where the functions it calls are compiled ones."""
    twin = FunctionType(plain.__code__, _room(plain.__globals__, is_kernel), plain.__name__, plain.__defaults__)
    twin.__qualname__ = plain.__qualname__
    return twin


def _room(names: dict[str, Any], is_kernel: Callable[[object], bool]) -> dict[str, Any]:
    """A module's globals with dispatchers in the place of its kernels."""
    key = names["__name__"]
    if key not in _rooms:
        room = _rooms[key] = dict(names)
        for name, value in names.items():
            if is_kernel(value):
                plain = getattr(value, "plain", value)
                if plain not in _parts:
                    _parts.setdefault(plain, _part(_twin(plain, is_kernel)))
                room[name] = _parts[plain]
    return _rooms[key]
