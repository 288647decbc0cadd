"""How the functions of the engine are compiled.

None of them makes an array, so they do without counted references; only the outermost is called
from Python, so the others have no wrapper for it, which halves the time that compiling takes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])
_INNER: dict[str, Any] = {"_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_OUTER: dict[str, Any] = {"_nrt": False, "cache": True, "nogil": True}


def whole(value: int) -> int:
    """A whole number that compiled code takes for any of its kind; for one that is written out it
    compiles a copy of each function that it is handed to."""
    return cast(int, np.int64(value))


def inner(function: Function) -> Function:
    """Compiled, to be called by compiled functions only."""
    return cast(Function, njit(**_INNER)(function))


def inlined(function: Function) -> Function:
    """The same, put into the function that calls it."""
    return cast(Function, njit(**_INNER, forceinline=True)(function))


def outer(function: Function) -> Function:
    """Compiled, kept on disk for the next time, and run without Python's lock."""
    return cast(Function, njit(**_OUTER)(function))
