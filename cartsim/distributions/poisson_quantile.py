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
    u, means = np.broadcast_arrays(u, np.asarray(mean, dtype=np.float64))
    shape, u, means = u.shape, np.ascontiguousarray(u).ravel(), np.ascontiguousarray(means).ravel()
    counts, doubtful = np.zeros(u.size, dtype=np.int64), np.zeros(u.size, dtype=np.bool_)
    _count(counts, doubtful, u, means, SMALL_MEAN, LARGEST_SCORE, ROUNDING)
    return _decided(counts, u, means, doubtful).reshape(shape)


@compiled
def _count(
    counts: Ints,
    doubtful: npt.NDArray[np.bool_],
    u: Floats,
    means: Floats,
    smallest: float,
    largest_score: float,
    rounding: float,
) -> None:
    """Counts, and which of them are for the distribution function to decide.

    The normal score is that of M. J. Wichura, "Algorithm AS 241: the percentage points of the
    normal distribution", Applied Statistics 37 (1988), which is exact to 1e-16; beyond its second
    range every count is doubtful, so it is not needed there.
    """
    for at in range(len(means)):
        mean = means[at]
        if mean < smallest:
            probability = reached = math.exp(-mean)
            count = 0
            near = abs(reached - u[at]) < rounding
            while reached < u[at] and count <= 60:  # a chance below 1e-40
                count += 1
                probability *= mean / count
                reached += probability
                near = near or abs(reached - u[at]) < rounding
            counts[at], doubtful[at] = count, near
            continue
        q = u[at] - 0.5
        if abs(q) <= 0.425:
            r = 0.180625 - q * q
            above = 2509.0809287301226727 * r + 33430.575583588128105
            above = (above * r + 67265.770927008700853) * r + 45921.953931549871457
            above = (above * r + 13731.693765509461125) * r + 1971.5909503065514427
            above = (above * r + 133.14166789178437745) * r + 3.387132872796366608
            below = 5226.495278852854561 * r + 28729.085735721942674
            below = (below * r + 39307.89580009271061) * r + 21213.794301586595867
            below = (below * r + 5394.1960214247511077) * r + 687.1870074920579083
            w = q * above / ((below * r + 42.313330701600911252) * r + 1.0)
        else:
            r = math.sqrt(-math.log(min(u[at], 1.0 - u[at]))) - 1.6
            above = 7.7454501427834140764e-4 * r + 0.0227238449892691845833
            above = (above * r + 0.24178072517745061177) * r + 1.27045825245236838258
            above = (above * r + 3.64784832476320460504) * r + 5.7694972214606914055
            above = (above * r + 4.6303378461565452959) * r + 1.42343711074968357734
            below = 1.05075007164441684324e-9 * r + 5.475938084995344946e-4
            below = (below * r + 0.0151986665636164571966) * r + 0.14810397642748007459
            below = (below * r + 0.68976733498510000455) * r + 1.6763848301838038494
            w = above / ((below * r + 2.05319162663775882187) * r + 1.0)
            if q < 0:
                w = -w
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
        counts[at] = math.floor(continuous)
        nearest = math.floor(continuous + 0.5)
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
