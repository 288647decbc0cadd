"""Which inputs matter, from a run that is there already: no further simulation.

Two measures of importance: rank regression, which sees what goes up or down with an input, and
PAWN, which sees any change of the distribution and has a dummy input to tell it from chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cartsim.analysis.evaluate import Wanted
from cartsim.analysis.extras import library_seed
from cartsim.analysis.inputs import Input, inputs_of, values
from cartsim.errors import UsageError
from cartsim.measures import Column
from cartsim.montecarlo.precision import place
from cartsim.montecarlo.result import Result
from cartsim.sampling.streams import uniforms
from cartsim.units import Floats

SLICES = 10
"""Slices of equal probability into which PAWN cuts each input."""
DUMMIES = 50
"""Inputs that do nothing; what PAWN makes of them is chance."""


@dataclass(frozen=True)
class Ranked:
    """Coefficients of a regression of ranks on ranks, both standardised.

    ``coefficients`` and their standard errors ``se`` are float64[input, column]; NaN where a
    measure does not vary. ``explained`` is float64[column], the share of the ranks' variance that
    the regression explains: where it is low, ranks do not tell the whole story. Inputs come in the
    order of importance, by the sum of squares over the columns.
    """

    columns: tuple[Column, ...]
    inputs: tuple[Input, ...]
    coefficients: Floats
    se: Floats
    explained: Floats
    replications: int
    seed: int


@dataclass(frozen=True)
class Pawn:
    """Median distance (Kolmogorov-Smirnov, 0 to 1) between the distribution of a measure and that
    within each slice of an input, float64[input], the largest first; ``noise`` is the largest that
    an input which does nothing has."""

    column: Column
    inputs: tuple[Input, ...]
    distances: Floats
    noise: float
    replications: int
    seed: int


def rank(result: Result, wanted: Sequence[Wanted], patterns: Sequence[str] = ()) -> Ranked:
    """Rank regression of measures on the inputs of a run.

    Raises ``UsageError`` where the run has too few replications for the number of inputs.
    """
    found = inputs_of(result.loaded.model, patterns=patterns)
    x = values(found, result.seed, result.replications)
    places = [place(result.table, each.measure, each.period) for each in wanted]
    y = np.asarray([result.table.values(position) for position in places])
    coefficients, se, explained = regression(x, y)
    order = np.argsort(-np.nansum(coefficients**2, axis=1), kind="stable")
    return Ranked(
        tuple(result.columns[position] for position in places),
        tuple(found[i] for i in order),
        coefficients[order],
        se[order],
        explained,
        result.replications,
        result.seed,
    )


def years(result: Result, measure: str) -> list[Wanted]:
    """A measure in each calendar year of a run."""
    periods = [c.period for c in result.columns if c.name == measure and c.period.isdecimal()]
    if not periods:
        place(result.table, measure, None)  # names what is wrong, if the measure is
        raise UsageError(f"{measure!r} has no years, only the whole run")
    return [Wanted(measure, period) for period in periods]


def regression(x: Floats, y: Floats) -> tuple[Floats, Floats, Floats]:
    """Ranks of ``y``, float64[column, R], on those of ``x``, float64[input, R].

    Coefficients and standard errors, float64[input, column]; explained variance, float64[column].
    Replications in which a column is undefined are left out of it.
    """
    inputs, columns = len(x), len(y)
    coefficients = np.full((inputs, columns), np.nan)
    se, explained = coefficients.copy(), np.full(columns, np.nan)
    known_together: dict[bytes, list[int]] = {}
    for column in range(columns):
        known_together.setdefault((~np.isnan(y[column])).tobytes(), []).append(column)
    for mask, members in known_together.items():
        known = np.frombuffer(mask, dtype=bool)
        count = int(known.sum())
        varies = np.ptp(x[:, known], axis=1) > 0 if count else np.zeros(inputs, dtype=bool)
        if count < 2 * (inputs + 1):
            raise UsageError(
                f"{count:,} replications are too few to rank {inputs} inputs; run at least "
                f"{20 * (inputs + 1):,}"
            )
        of_x = _standardised(_ranks(x[varies][:, known]))
        of_y = _ranks(y[members][:, known])
        moving = np.ptp(of_y, axis=1) > 0
        of_y = _standardised(of_y[moving])
        found, *_ = np.linalg.lstsq(of_x.T, of_y.T, rcond=None)
        rest = ((of_y.T - of_x.T @ found) ** 2).sum(axis=0)
        inverse = np.linalg.pinv(of_x @ of_x.T)
        spread = np.sqrt(np.outer(np.diag(inverse), rest / (count - varies.sum() - 1)))
        chosen = np.ix_(np.flatnonzero(varies), np.asarray(members)[moving])
        coefficients[chosen], se[chosen] = found, spread
        still = np.ix_(np.flatnonzero(~varies), np.asarray(members)[moving])
        coefficients[still], se[still] = 0.0, 0.0
        explained[np.asarray(members)[moving]] = 1.0 - rest / count
    return coefficients, se, explained


def pawn(result: Result, wanted: Wanted, patterns: Sequence[str] = ()) -> Pawn:
    """PAWN indices of the inputs of a run, by SALib (Pianosi and Wagener 2015 and 2018)."""
    from SALib.analyze import pawn as analyse

    found = inputs_of(result.loaded.model, patterns=patterns)
    x = values(found, result.seed, result.replications)
    position = place(result.table, wanted.measure, wanted.period)
    y = result.table.values(position)
    known = ~np.isnan(y)
    count = int(known.sum())
    if count < 10 * SLICES:
        raise UsageError(f"{count} replications are too few for PAWN; run at least {100 * SLICES}")
    rows = range(result.replications)
    dummies = [uniforms(result.seed, f"#dummy{i}", rows) for i in range(DUMMIES)]
    table = np.concatenate([x.reshape(-1, result.replications), dummies])[:, known].T
    names = [f"x{i}" for i in range(table.shape[1])]
    problem = {"num_vars": len(names), "names": names, "bounds": [[0, 1]] * len(names)}
    told = analyse.analyze(problem, table, y[known], S=SLICES, seed=library_seed(result.seed))
    distances = np.nan_to_num(np.asarray(told["median"], dtype=np.float64))
    order = np.argsort(-distances[: len(found)], kind="stable")
    return Pawn(
        result.columns[position],
        tuple(found[i] for i in order),
        distances[order],
        float(distances[len(found) :].max()),
        result.replications,
        result.seed,
    )


def _ranks(values: Floats) -> Floats:
    from scipy.stats import rankdata

    return np.asarray(rankdata(values, axis=1), dtype=np.float64)


def _standardised(values: Floats) -> Floats:
    centred = values - values.mean(axis=1, keepdims=True)
    return np.asarray(centred / values.std(axis=1, keepdims=True))
