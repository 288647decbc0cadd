"""From monthly tables to one number per replication, measure and period."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from cartsim.measures.facts import Facts
from cartsim.measures.periods import PERIOD_KINDS, Periods, periods
from cartsim.measures.registry import MEASURES, Measure, Ratio
from cartsim.units import Floats


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


def outcomes(
    facts: Facts, kept: Sequence[str] = PERIOD_KINDS, names: Collection[str] | None = None
) -> Outcomes:
    """Every registered measure of a block, by the kinds of periods that are kept: calendar year,
    half-year, quarter and over all; or those of these names (``revenue@zevor_cel``) alone."""
    bare = None if names is None else {bare_name(name) for name in names}
    columns: list[Column] = []
    values: list[Floats] = []
    kinds = periods(facts.calendar, tuple(kept))
    for measure in MEASURES.values():
        if bare is not None and measure.name not in bare:
            continue
        unit = measure.unit.replace("money", facts.scenario.currency)
        for name, labels, table in _values(measure, facts, kinds):
            if names is not None and name not in names:
                continue
            columns.extend(_columns(name, labels, unit))
            values.append(table)
    empty = np.empty((len(facts.drawn.replications), 0))
    return Outcomes(
        facts.drawn.replications, tuple(columns), np.concatenate([empty, *values], axis=1)
    )


def bare_name(name: str) -> str:
    """The registered measure of a name: ``revenue`` of ``revenue@zevor_cel``."""
    return re.split("[@:]", name)[0]


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


@lru_cache(maxsize=2**16)
def _columns(name: str, labels: tuple[str, ...], unit: str) -> tuple[Column, ...]:
    """Made once: every block has the same ones, and thousands of them."""
    return tuple(Column(name, label, unit) for label in labels)


def _values(
    measure: Measure, facts: Facts, kept: Periods
) -> Iterator[tuple[str, tuple[str, ...], Floats]]:
    for suffix, table in measure.function(facts).items():
        name = f"{measure.name}{suffix}"
        if measure.aggregation == "whole run":
            assert not isinstance(table, Ratio)
            yield name, ("all",), table[:, None]
        else:
            yield name, kept.labels, kept.of(table, measure.aggregation)
