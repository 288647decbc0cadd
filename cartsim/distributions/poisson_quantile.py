"""The quantile of the Poisson distribution for whole blocks: exact, and fast for any mean.

One uniform gives one count, so that demands which share uniforms are ordered as their means are.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from cartsim.compiled import compiled
from cartsim.units import Floats, Ints

SMALL_MEAN = 4.0
"""Below it the probabilities are added up; above it the expansion's error bound holds."""
LARGEST_SCORE = 3.0
"""Normal scores for which the expansion's error bound holds."""
ROUNDING = 1e-13
"""A uniform this close to a step of the distribution function is decided by SciPy's ``pdtr``."""


def poisson_quantile(u: Floats, mean: npt.ArrayLike) -> Ints:
    """The smallest count n with P(N <= n) >= u, for N Poisson with this mean.

    ``u`` in (0, 1) and ``mean`` >= 0 broadcast against each other; the counts have their shape.
    Each count depends on its own ``u`` and ``mean`` alone.

    Small means: the probabilities are added up until they reach ``u``. Others: the normal
    asymptotic expansion of the inverse, whose integer part is the count unless it falls within the
    error bound of an integer, where the distribution function decides. After M. B. Giles,
    "Algorithm 955: approximation of the inverse Poisson cumulative distribution function", ACM
    TOMS 42 (2016), with one more term and a bound that was checked against SciPy.
    """
    from scipy.special import ndtri

    u, means = np.broadcast_arrays(u, np.asarray(mean, dtype=np.float64))
    shape, u, means = u.shape, np.ascontiguousarray(u).ravel(), np.ascontiguousarray(means).ravel()
    counts, doubtful = np.zeros(u.size, dtype=np.int64), np.zeros(u.size, dtype=np.bool_)
    small = means < SMALL_MEAN
    if small.any():
        none = np.exp(-np.minimum(means, SMALL_MEAN))
        _add_up(counts, doubtful, u, means, none, SMALL_MEAN, ROUNDING)
    if not small.all():
        _expand(counts, doubtful, means, np.asarray(ndtri(u)), SMALL_MEAN, LARGEST_SCORE)
    return _decided(counts, u, means, doubtful).reshape(shape)


@compiled
def _add_up(
    counts: Ints,
    doubtful: npt.NDArray[np.bool_],
    u: Floats,
    mean: Floats,
    none: Floats,
    below: float,
    rounding: float,
) -> None:
    """Counts at small means, from ``none``, the probabilities of 0."""
    for at in range(len(u)):
        if mean[at] >= below:
            continue
        probability = reached = none[at]
        count = 0
        near = abs(reached - u[at]) < rounding
        while reached < u[at] and count <= 60:  # a chance below 1e-40
            count += 1
            probability *= mean[at] / count
            reached += probability
            near = near or abs(reached - u[at]) < rounding
        counts[at], doubtful[at] = count, near


@compiled
def _expand(
    counts: Ints,
    doubtful: npt.NDArray[np.bool_],
    means: Floats,
    scores: Floats,
    smallest: float,
    largest_score: float,
) -> None:
    """Counts at all other means, from the normal scores of the uniforms."""
    for at in range(len(means)):
        mean, w = means[at], scores[at]
        if mean < smallest:
            continue
        root, square = math.sqrt(mean), w * w
        continuous = (
            mean
            + root * w
            + (2.0 + square) / 6.0
            - w * (2.0 + square) / (72.0 * root)
            + (-16.0 + square * (7.0 + 3.0 * square)) / (810.0 * mean)
        )
        # the largest error found is 0.66 of the first term (means from 4 to 1e5, |w| <= 3)
        bound = (0.04 + 0.012 * square * square) / (mean * root) + 1e-12 * mean
        count = math.floor(continuous)
        nearest = math.floor(continuous + 0.5)
        counts[at] = count
        doubtful[at] = abs(continuous - nearest) < bound or abs(w) > largest_score


def _decided(counts: Ints, u: Floats, mean: Floats, doubtful: npt.NDArray[np.bool_]) -> Ints:
    """The counts, of which the doubtful ones are corrected with the distribution function."""
    from scipy.special import pdtr

    rows = np.flatnonzero(doubtful)
    if rows.size == 0:
        return counts
    found, target, means = np.maximum(counts[rows], 0), u[rows], mean[rows]
    climbing = np.arange(rows.size)
    while climbing.size:
        climbing = climbing[pdtr(found[climbing], means[climbing]) < target[climbing]]
        found[climbing] += 1
    falling = np.flatnonzero(found > 0)
    while falling.size:
        falling = falling[pdtr(found[falling] - 1, means[falling]) >= target[falling]]
        found[falling] -= 1
        falling = falling[found[falling] > 0]
    counts[rows] = found
    return counts
