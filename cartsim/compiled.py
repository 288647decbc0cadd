"""Loops that are compiled: for what array functions can say only with many passes over the facts.

A function is compiled when it is first called, because most commands call none and the compiler
takes long to import, and kept on disk for the next process. It must be a plain loop over arrays
that it is handed, make no array itself, and take every constant that is defined elsewhere as an
argument (the file on disk is made anew when the function's own module changes, and only then);
but for the minutes of a day, which will not change and are divided by three times faster so.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

Function = TypeVar("Function", bound=Callable[..., Any])
OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}
"""Kept on disk; run without Python's lock; without counted references, which loops do not need."""


def compiled(function: Function) -> Function:
    """The same function, compiled when it is first called."""
    made: list[Any] = []

    @wraps(function)
    def call(*arguments: object) -> object:
        if not made:
            from numba import njit

            made.append(njit(**OPTIONS)(function))
        return made[0](*arguments)

    return cast(Function, call)


def fixed(*arrays: npt.NDArray[Any]) -> tuple[Any, ...]:
    """The arrays as a compiled function is to be handed what it only reads: read-only, and each row
    behind the other. A function is compiled anew for arrays that differ in either."""
    found = tuple(np.ascontiguousarray(array).view() for array in arrays)
    for array in found:
        array.flags.writeable = False
    return found
