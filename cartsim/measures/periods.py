"""From months to quarters, half-years, calendar years and the whole run.

Quarters are summed from months, half-years from quarters, years from half-years, the run from
years: so each adds up to the next, to the last bit, and the months are read once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from cartsim.compiled import compiled, fixed
from cartsim.economics.tables import is_nothing
from cartsim.measures.registry import Aggregation, Ratio
from cartsim.units import Calendar, Floats, Ints

PERIOD_KINDS = ("year", "half", "quarter", "all")
FINEST_FIRST = ("quarter", "half", "year", "all")


@dataclass(frozen=True)
class Periods:
    """The periods of a run that are kept, kind after kind: K labels, each with its first and its
    last month, int64[K].

    ``inside`` holds, for each kind from quarters on, where each of its periods begins among those
    of the kind before (months, quarters, half-years, years), and where the last one ends;
    ``column``, int64[K], is the place of each kept period among the sums of all kinds, finest
    first.
    """

    labels: tuple[str, ...]
    first: Ints
    last: Ints
    inside: tuple[Ints, ...]
    column: Ints

    def of(self, table: Floats | Ratio, aggregation: Aggregation) -> Floats:
        """The values of a monthly table, [R, month], in each of the periods, float64[R, K]."""
        if isinstance(table, Ratio):
            above, below = self.sums(table.numerator), self.sums(table.denominator)
            quotient = np.full(above.shape, np.nan)
            np.divide(above, below, out=quotient, where=below != 0)
            return quotient
        if is_nothing(table):
            return np.zeros((len(table), self.column.size))
        if aggregation == "first":
            return table[:, self.first]
        if aggregation == "last":
            return table[:, self.last]
        return self.sums(table)

    def sums(self, table: Floats) -> Floats:
        """The sums of a monthly table over the periods, float64[R, K]."""
        found = np.empty((len(table), sum(edges.size - 1 for edges in self.inside)))
        _sum(found, *fixed(table), *self.inside)
        return found[:, self.column]


@lru_cache(maxsize=64)
def periods(calendar: Calendar, kept: Sequence[str] = PERIOD_KINDS) -> Periods:
    """The periods of some kinds; each kind covers the run."""
    firsts = {kind: _firsts(calendar, kind) for kind in PERIOD_KINDS}
    labels: list[str] = []
    first: list[int] = []
    last: list[int] = []
    column: list[int] = []
    for kind in PERIOD_KINDS:
        if kind in kept:
            starts = firsts[kind]
            labels += [label for label, _ in calendar.periods(kind)]
            first += starts
            last += [month - 1 for month in (*starts[1:], calendar.months)]
            finer = FINEST_FIRST[: FINEST_FIRST.index(kind)]
            before = sum(len(firsts[other]) for other in finer)
            column += range(before, before + len(starts))
    inside, units = [], list(range(calendar.months))
    for kind in FINEST_FIRST:
        edges = [units.index(month) for month in firsts[kind]]
        inside.append(np.asarray([*edges, len(units)], dtype=np.int64))
        units = firsts[kind]
    first_month, last_month, place = (np.asarray(x, dtype=np.int64) for x in (first, last, column))
    return Periods(tuple(labels), first_month, last_month, tuple(inside), place)


def _firsts(calendar: Calendar, kind: str) -> list[int]:
    """The first month of each period of a kind."""
    return [int(np.flatnonzero(mask)[0]) for _, mask in calendar.periods(kind)]


@compiled
def _sum(
    found: Floats, table: Floats, quarters: Ints, halves: Ints, years: Ints, whole: Ints
) -> None:
    """Fill ``found``, float64[R, period], with the sums of quarters, half-years, years, the run."""
    one = np.uint64(1)  # an unsigned index is not asked whether it counts backwards
    for row in range(len(table)):
        months, sums, at = table[row], found[row], np.uint64(0)
        for period in range(np.uint64(len(quarters) - 1)):
            total = 0.0
            for month in range(np.uint64(quarters[period]), np.uint64(quarters[period + one])):
                total += months[month]
            sums[at] = total
            at += one
        below = np.uint64(0)
        for edges in (halves, years, whole):
            above = at
            for period in range(np.uint64(len(edges) - 1)):
                total = 0.0
                for part in range(np.uint64(edges[period]), np.uint64(edges[period + one])):
                    total += sums[below + part]
                sums[at] = total
                at += one
            below = above
