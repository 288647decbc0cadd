"""What many replications amount to: mean, standard error and quantiles of every column."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cartsim.measures import Column
from cartsim.montecarlo.table import Table
from cartsim.units import Floats, Ints

QUANTILES = {"p5": 0.05, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p95": 0.95}
"""The quantiles that are reported, by name."""
FEWEST_BATCHES = 8
"""With fewer batches the standard error is told as if replications were independent, which is too
large rather than too small."""


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


def summarise(table: Table, batches: Ints | None = None) -> Summary:
    """Mean, standard error and quantiles of every column, undefined values left out.

    Quantiles interpolate linearly between order statistics. Their standard errors are half the
    distance between the order statistics that lie one binomial standard deviation below and above
    (Woodruff's interval), which assumes nothing about the distribution.

    ``batches``, int64[R], says which replications were spread over their range together; batches
    are independent of each other. Standard errors then come from the spread of the batches' own
    means and quantiles. Columns are worked on some at a time; the bits do not depend on how many.
    """
    parts = [statistics(values, batches) for values in table.chunks()]
    count = np.concatenate([part[0] for part in parts])
    mean, se, *others = (
        np.concatenate(column) for column in zip(*(p[1] for p in parts), strict=True)
    )
    names = list(QUANTILES)
    quantiles = dict(zip(names, others[: len(names)], strict=True))
    errors = dict(zip(names, others[len(names) :], strict=True))
    return Summary(table.columns, count, mean, se, quantiles, errors)


def statistics(values: Floats, batches: Ints | None = None) -> tuple[Ints, list[Floats]]:
    """Of columns, float64[column, R]: the number of defined values, int64[column]; and mean,
    standard error, quantiles and their standard errors, float64[column] each."""
    # Sorted by column, undefined values last: each column's first `count` are its data.
    ordered = np.sort(values, axis=1)
    count = np.asarray(np.sum(~np.isnan(ordered), axis=1), dtype=np.int64)
    mean, se = _mean(ordered, count)
    quantiles = [_quantile(ordered, count, p) for p in QUANTILES.values()]
    errors = [_woodruff(ordered, count, p) for p in QUANTILES.values()]
    groups = _groups(batches, values.shape[1])
    if groups is not None:
        se, errors = _by_batches(values, groups)
    return count, [mean, se, *quantiles, *errors]


def _groups(batches: Ints | None, size: int) -> list[Ints] | None:
    """Positions of each batch; ``None`` where there are too few of them."""
    if batches is None:
        return None
    found = [np.flatnonzero(batches[:size] == batch) for batch in np.unique(batches[:size])]
    return found if len(found) >= FEWEST_BATCHES else None


def _by_batches(values: Floats, groups: list[Ints]) -> tuple[Floats, list[Floats]]:
    """Standard errors of mean and quantiles from the spread of batches, weighted by size."""
    found = []
    weights = []
    for positions in groups:
        ordered = np.sort(values[:, positions], axis=1)
        count = np.asarray(np.sum(~np.isnan(ordered), axis=1), dtype=np.int64)
        mean, _ = _mean(ordered, count)
        found.append([mean, *(_quantile(ordered, count, p) for p in QUANTILES.values())])
        weights.append(count.astype(np.float64))
    table = np.asarray(found)  # [batch, statistic, column]
    weight = np.asarray(weights)[:, None, :]
    known = (weight > 0) & np.isfinite(table)
    share = np.where(known, weight, 0.0)
    total = share.sum(axis=0)
    number = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = np.where(known, table * share, 0.0).sum(axis=0) / total
        off = np.where(known, share * (table - centre), 0.0)
        error = np.sqrt((off**2).sum(axis=0) * number / (number - 1.0)) / total
    error = np.where(number > 1, error, np.nan)
    return error[0], list(error[1:])


def _mean(ordered: Floats, count: Ints) -> tuple[Floats, Floats]:
    """Mean and its standard error of sorted columns, NaN last."""
    defined = count > 0
    there = np.arange(ordered.shape[1]) < count[:, None]
    total = np.where(there, ordered, 0.0).sum(axis=1)
    mean = np.divide(total, count, out=np.full(count.shape, np.nan), where=defined)
    deviation = np.where(there, ordered - np.where(defined, mean, 0.0)[:, None], 0.0)
    squares = (deviation**2).sum(axis=1)
    variance = np.divide(squares, count - 1, out=np.full(count.shape, np.nan), where=count > 1)
    return mean, np.sqrt(
        np.divide(variance, count, out=np.full(count.shape, np.nan), where=count > 1)
    )


def _quantile(ordered: Floats, count: Ints, p: float) -> Floats:
    return _order_statistic(ordered, count, (count - 1) * p)


def _woodruff(ordered: Floats, count: Ints, p: float) -> Floats:
    """Half the distance of the order statistics one standard deviation below and above."""
    spread = np.sqrt(count * p * (1 - p))
    low = _order_statistic(ordered, count, count * p - 0.5 - spread)
    high = _order_statistic(ordered, count, count * p - 0.5 + spread)
    return np.where(count > 1, (high - low) / 2.0, np.nan)


def _order_statistic(ordered: Floats, count: Ints, rank: npt.NDArray[np.floating]) -> Floats:
    """Values at fractional ranks (from 0, cut to the data), float64[column]; NaN without data."""
    top = np.maximum(count - 1, 0)
    rank = np.clip(rank, 0.0, top)
    below = np.floor(rank).astype(np.int64)
    above = np.minimum(below + 1, top)
    column = np.arange(count.size)
    low, high = ordered[column, below], ordered[column, above]
    # Equal neighbours are returned as they are: no rounding where there is nothing to interpolate.
    between = np.where(low == high, low, low + (high - low) * (rank - below))
    return np.where(count > 0, between, np.nan)


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
