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

from cartsim.compiled import compiled, fixed
from cartsim.units import Calendar, Floats, Ints


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
    return signed_total(((1.0, table) for table in tables), shape)


def signed_total(tables: Iterable[tuple[float, Floats]], shape: tuple[int, ...]) -> Floats:
    """The same of tables that are added (with a sign above 0), taken off (below 0) or left out."""
    found: Any = None
    own = False
    for sign, table in tables:
        if sign == 0.0 or is_nothing(table):
            continue
        if found is None:
            found, own = (table, False) if sign > 0.0 else (-table, True)
        elif own:
            (np.add if sign > 0.0 else np.subtract)(found, table, out=found)
        else:
            found, own = (found + table if sign > 0.0 else found - table), True
    return nothing(shape) if found is None else found


def less(table: Floats, other: Floats) -> Floats:
    """``table - other``."""
    if is_nothing(other):
        return table
    return -other if is_nothing(table) else table - other


def times(table: Floats, factor: Floats) -> Floats:
    """``table * factor``, which has the shape of the table; ``factor`` is finite."""
    return table if is_nothing(table) else table * factor


def running(table: Floats, opening: Floats | None = None) -> Floats:
    """What a table comes to, month after month, from ``opening``, float64[R], on."""
    if opening is None or not opening.any():
        if is_nothing(table):
            return table
        opening = np.zeros(len(table))
    found = np.empty(table.shape)
    _run(found, *fixed(table, opening, np.asarray([0, table.shape[1]])))
    return found


def in_year(calendar: Calendar, table: Floats) -> Floats:
    """What a table has come to since the beginning of the calendar year, at each month's end."""
    if is_nothing(table):
        return table
    found = np.empty(table.shape)
    _run(found, *fixed(table, np.zeros(len(table)), calendar.year_edges))
    return found


@compiled
def _run(found: Floats, table: Floats, opening: Floats, edges: Ints) -> None:
    """Running sums, float64[R, month], which begin anew at each of ``edges`` but the last."""
    for row in range(len(table)):
        for part in range(len(edges) - 1):
            total = 0.0
            for month in range(edges[part], edges[part + 1]):
                total += table[row, month]
                found[row, month] = opening[row] + total
