"""How much of a measure's spread is what we do not know, and how much merely varies.

Two runs share their inputs (quantities of replication scope) and differ in everything else: orders,
patients, lots, whether a trial succeeds. What the inputs alone make of a measure, E[Y | inputs], is
then all that a replication of one run shares with the same replication of the other, so that the
covariance of the two is its variance, and their correlation is its share of the whole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cartsim.montecarlo.precision import Goal, measured, needed, place
from cartsim.montecarlo.run import Progress, run
from cartsim.scenario.loaded import Loaded
from cartsim.units import Floats

LEVEL = 1.96
"""Standard errors on either side of a share's interval, on Fisher's scale."""
FEWEST = 30
"""Pairs from which a share is told."""


@dataclass(frozen=True)
class Split:
    """Statistics of a measure and where its spread comes from.

    ``unknown`` is the share of the variance that the inputs make, between ``low`` and ``high`` with
    95% confidence; NaN where nothing varies or too few replications define the measure. ``needed``
    says how many replications its mean takes to be known to 1%.
    """

    measure: str
    period: str
    unit: str
    replications: int
    mean: float
    se: float
    p5: float
    p95: float
    unknown: float
    low: float
    high: float
    needed: int | None


def split(
    loaded: Loaded,
    measures: Sequence[tuple[str, str | None]],
    replications: int | None = None,
    seed: int | None = None,
    engine: str = "fast",
    executor: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> list[Split]:
    """Split the spread of measures (each with a period, or ``None`` for all of the run).

    Takes two runs of so many replications. Raises ``UsageError`` for a measure that is not there.
    """
    total = loaded.model.run.replications if replications is None else replications
    chosen = loaded.model.run.seed if seed is None else seed
    if progress is not None:
        progress(0, 2 * total)
    found = []
    for turn in range(2):
        begun = turn * total

        def tell(done: int, wanted: int, begun: int = begun) -> None:
            if progress is not None:
                progress(begun + done, 2 * wanted)

        found.append(
            run(loaded, total, chosen, engine, executor, workers, None, tell, chance=chosen + turn)
        )
    splits = []
    for measure, period in measures:
        position = place(found[0].table, measure, period)
        column = found[0].columns[position]
        first, second = (each.table.values(position) for each in found)
        told = measured(first, found[0].batches)
        mean, se = told["mean"]
        share, low, high = shared(first, second)
        enough = needed(total, se, Goal(measure), mean)
        splits.append(
            Split(
                measure,
                column.period,
                column.unit,
                total,
                mean,
                se,
                told["p5"][0],
                told["p95"][0],
                share,
                low,
                high,
                enough,
            )
        )
    return splits


def shared(first: Floats, second: Floats) -> tuple[float, float, float]:
    """The share of variance that pairs [R] have in common, and its 95% interval."""
    known = ~(np.isnan(first) | np.isnan(second))
    a, b = first[known], second[known]
    nothing = (math.nan, math.nan, math.nan)
    if a.size < FEWEST:
        return nothing
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    # what rounding leaves of a constant is no variance
    if size <= 1e-18 * a.size * max(float(np.abs(first[known]).max()) ** 2, 1e-300):
        return nothing
    r = float((a * b).sum()) / size
    z, error = math.atanh(min(max(r, -1 + 1e-12), 1 - 1e-12)), LEVEL / math.sqrt(a.size - 3)
    low, high = math.tanh(z - error), math.tanh(z + error)
    return max(r, 0.0), max(low, 0.0), max(high, 0.0)
