"""What many replications amount to: mean, standard error and quantiles of every column."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cartsim.measures import Column, Outcomes
from cartsim.units import Floats, Ints

QUANTILES = {"p5": 0.05, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p95": 0.95}
"""The quantiles that are reported, by name."""


@dataclass(frozen=True)
class Summary:
    """Statistics of each column over the replications in which it is defined.

    ``count`` is int64[column], the number of those replications. ``mean``, ``se`` (the mean's
    standard error) and the entries of ``quantiles`` and ``quantiles_se`` are float64[column]; NaN
    where there are no (for ``se``: fewer than two) replications.
    """

    columns: tuple[Column, ...]
    count: Ints
    mean: Floats
    se: Floats
    quantiles: dict[str, Floats]
    quantiles_se: dict[str, Floats]

    def rows(self) -> Iterator[dict[str, str | float | None]]:
        """One dictionary per column, as ``--json`` prints it; undefined numbers are ``None``."""
        for index, column in enumerate(self.columns):
            numbers = {"mean": self.mean, "se": self.se, **self.quantiles}
            yield {
                "name": column.name,
                "period": column.period,
                "unit": column.unit,
                **{name: _or_none(float(table[index])) for name, table in numbers.items()},
            }


def summarise(outcomes: Outcomes) -> Summary:
    """Mean, standard error and quantiles of every column, undefined values left out.

    Quantiles interpolate linearly between order statistics. Their standard errors are half the
    distance between the order statistics that lie one binomial standard deviation below and above
    (Woodruff's interval), which assumes nothing about the distribution.
    """
    # Sorted by column, undefined values last: each column's first `count` rows are its data.
    ordered = np.sort(outcomes.values, axis=0)
    count = np.asarray(np.sum(~np.isnan(ordered), axis=0), dtype=np.int64)
    defined = count > 0
    known = np.where(np.arange(ordered.shape[0])[:, None] < count, ordered, 0.0)
    mean = np.divide(known.sum(axis=0), count, out=np.full(count.shape, np.nan), where=defined)
    deviation = np.where(
        np.arange(ordered.shape[0])[:, None] < count, ordered - np.where(defined, mean, 0.0), 0.0
    )
    variance = np.divide(
        (deviation**2).sum(axis=0), count - 1, out=np.full(count.shape, np.nan), where=count > 1
    )
    se = np.sqrt(np.divide(variance, count, out=np.full(count.shape, np.nan), where=count > 1))
    quantiles, quantiles_se = {}, {}
    for name, p in QUANTILES.items():
        quantiles[name] = _order_statistic(ordered, count, (count - 1) * p)
        spread = np.sqrt(count * p * (1 - p))
        low = _order_statistic(ordered, count, count * p - 0.5 - spread)
        high = _order_statistic(ordered, count, count * p - 0.5 + spread)
        quantiles_se[name] = np.where(count > 1, (high - low) / 2.0, np.nan)
    return Summary(outcomes.columns, count, mean, se, quantiles, quantiles_se)


def _order_statistic(ordered: Floats, count: Ints, rank: npt.NDArray[np.floating]) -> Floats:
    """Values at fractional ranks (from 0, cut to the data), float64[column]; NaN without data."""
    top = np.maximum(count - 1, 0)
    rank = np.clip(rank, 0.0, top)
    below = np.floor(rank).astype(np.int64)
    above = np.minimum(below + 1, top)
    column = np.arange(count.size)
    low, high = ordered[below, column], ordered[above, column]
    # Equal neighbours are returned as they are: no rounding where there is nothing to interpolate.
    between = np.where(low == high, low, low + (high - low) * (rank - below))
    return np.where(count > 0, between, np.nan)


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
