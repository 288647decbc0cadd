"""From monthly tables to one number per replication, measure and period."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cartsim.measures.facts import Facts
from cartsim.measures.registry import MEASURES, Aggregation, Measure, Ratio
from cartsim.units import Calendar, Floats

PERIOD_KINDS = ("year", "half", "quarter", "all")


@dataclass(frozen=True, slots=True)
class Column:
    """One measure in one period: ``revenue@zevor_cel``, ``2024H1``, ``CNY``."""

    name: str
    period: str
    unit: str

    def __str__(self) -> str:
        return f"{self.name}[{self.period}]"


@dataclass(frozen=True)
class Outcomes:
    """What a range of replications came to.

    ``values`` is float64[R, column], rows in the order of ``replications``; NaN where a measure is
    undefined (a mean over no patients).
    """

    replications: range
    columns: tuple[Column, ...]
    values: Floats


def outcomes(facts: Facts) -> Outcomes:
    """Every registered measure of a block, by calendar year, half-year, quarter and over all."""
    columns: list[Column] = []
    values: list[Floats] = []
    for measure in MEASURES.values():
        unit = measure.unit.replace("money", facts.scenario.currency)
        for name, period, value in _periods(measure, facts):
            columns.append(Column(name, period, unit))
            values.append(value)
    return Outcomes(facts.drawn.replications, tuple(columns), np.stack(values, axis=1))


def merge(blocks: Sequence[Outcomes]) -> Outcomes:
    """Blocks of one run put together, in the order given, which is that of their replications."""
    first = blocks[0]
    expected = first.replications.start
    for block in blocks:
        if block.columns != first.columns:
            raise ValueError("blocks of different runs cannot be merged: their columns differ")
        if block.replications.start != expected:
            raise ValueError(f"replication {expected} is missing between the blocks")
        expected = block.replications.stop
    replications = range(first.replications.start, expected)
    return Outcomes(replications, first.columns, np.concatenate([b.values for b in blocks]))


def aggregate(table: Floats | Ratio, months: slice, aggregation: Aggregation) -> Floats:
    """The value of a monthly table in the months of one period, float64[R]."""
    if isinstance(table, Ratio):
        above = table.numerator[:, months].sum(axis=1)
        below = table.denominator[:, months].sum(axis=1)
        undefined = np.full(above.shape, np.nan)
        np.divide(above, below, out=undefined, where=below != 0)
        return undefined
    if aggregation == "first":
        return table[:, months][:, 0]
    if aggregation == "last":
        return table[:, months][:, -1]
    total: Floats = table[:, months].sum(axis=1)
    return total


def periods(calendar: Calendar) -> list[tuple[str, slice]]:
    """Label and months of every period of a run: years, half-years, quarters, ``all``."""
    found = []
    for kind in PERIOD_KINDS:
        for label, mask in calendar.periods(kind):
            inside = np.flatnonzero(mask)
            found.append((label, slice(int(inside[0]), int(inside[-1]) + 1)))
    return found


def _periods(measure: Measure, facts: Facts) -> Iterator[tuple[str, str, Floats]]:
    for suffix, table in measure.function(facts).items():
        name = f"{measure.name}{suffix}"
        if measure.aggregation == "whole run":
            assert not isinstance(table, Ratio)
            yield name, "all", table
            continue
        for label, months in periods(facts.calendar):
            yield name, label, aggregate(table, months, measure.aggregation)
