"""Sums of tables by replication and month, most of which hold nothing.

A company has some forty lines, and most have only a few of them: no licence income, no supplies, no
loans. A table of nothing is one zero that is shown to NumPy as a whole table (it takes no memory),
so that it can be told without looking at its cells; sums leave it out. What is added to a zero is
not changed by it, so the bits are those of the full sum.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np

from cartsim.units import Floats


@lru_cache(maxsize=256)
def nothing(shape: tuple[int, ...]) -> Floats:
    """A table of zeros; read-only."""
    return np.broadcast_to(np.float64(0.0), shape)


def is_nothing(table: Floats) -> bool:
    """Whether it is such a table; a full one of zeros is not."""
    return table.size > 0 and not any(table.strides) and table.item(0) == 0.0


def or_nothing(table: Floats) -> Floats:
    """The table; a table of nothing where all of it is zero."""
    return table if table.any() else nothing(table.shape)


def total(tables: Iterable[Floats], shape: tuple[int, ...]) -> Floats:
    """The sum of tables, in their order: not to be written to, for it may be one of them."""
    found: Any = None
    own = False
    for table in tables:
        if is_nothing(table):
            continue
        if found is None:
            found = table
        elif own:
            found += table
        else:
            found, own = found + table, True
    return nothing(shape) if found is None else found


def less(table: Floats, other: Floats) -> Floats:
    """``table - other``."""
    if is_nothing(other):
        return table
    return -other if is_nothing(table) else table - other


def times(table: Floats, factor: Floats) -> Floats:
    """``table * factor``, which has the shape of the table; ``factor`` is finite."""
    return table if is_nothing(table) else table * factor
