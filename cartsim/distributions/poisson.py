"""The Poisson distribution: how many."""

from __future__ import annotations

import numpy as np

from cartsim.distributions.family import Family, Floats, Number, below_zero


class Poisson(Family):
    """Counts with this mean."""

    name = "poisson"
    forms = (("mean",),)
    style = "scalar"
    discrete = True

    def problem(self, **parameters: Number) -> str:
        return below_zero(mean=parameters["mean"])

    def ppf(self, u: Floats, **parameters: Number) -> Floats:
        from scipy.special import ndtri, pdtr

        mean = np.asarray(parameters["mean"], dtype=float)
        u, mean = np.broadcast_arrays(u, mean)
        # the normal approximation with its skewness term is off by a count or so; the exact CDF
        # then walks each draw to the smallest count that reaches u
        z = ndtri(u)
        count = np.maximum(np.floor(mean + np.sqrt(mean) * z + (z * z - 1.0) / 6.0), 0.0)
        low = np.asarray(pdtr(count, mean))
        while np.any(short := low < u):
            count = np.where(short, count + 1.0, count)
            low = np.where(short, pdtr(count, mean), low)
        below = np.where(count > 0, pdtr(np.maximum(count - 1.0, 0.0), mean), 0.0)
        while np.any(long := (count > 0) & (below >= u)):
            count = np.where(long, count - 1.0, count)
            below = np.where(count > 0, pdtr(np.maximum(count - 1.0, 0.0), mean), 0.0)
        return np.asarray(count)

    def cdf(self, x: Number, **parameters: Number) -> Floats:
        from scipy.special import pdtr

        count = np.floor(np.asarray(x, dtype=float))
        return np.where(count >= 0, pdtr(np.maximum(count, 0.0), parameters["mean"]), 0.0)

    def mean(self, **parameters: Number) -> Number:
        return parameters["mean"]

    def support(self, **parameters: Number) -> tuple[float, float]:
        return 0.0, float("inf") if np.any(np.asarray(parameters["mean"]) > 0) else 0.0
