"""How the search is compiled: inner functions only into those that call them, the outer ones kept between runs.

Wrappers for Python and C of functions only compiled code calls would double the time to compile.
"""

from typing import Any

from numba import njit

_BARE: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
inner: Any = njit(nogil=True, error_model="numpy", **_BARE)
outer: Any = njit(nogil=True, cache=True, error_model="numpy")
