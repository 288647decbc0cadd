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

        shape = np.broadcast_shapes(np.shape(u), np.shape(parameters["mean"]))
        u = np.broadcast_to(u, shape).ravel()
        mean = np.broadcast_to(np.asarray(parameters["mean"], dtype=float), shape).ravel()
        # the normal approximation with its skewness term is off by a count or so; the exact CDF
        # then walks each draw to the smallest count that reaches u
        z = ndtri(u)
        count = np.maximum(np.floor(mean + np.sqrt(mean) * z + (z * z - 1.0) / 6.0), 0.0)
        reaches = pdtr(count, mean) >= u
        short = np.flatnonzero(~reaches)
        while short.size:
            count[short] += 1.0
            short = short[pdtr(count[short], mean[short]) < u[short]]
        # a draw that had to climb stands right; the others may have begun too high
        long = np.flatnonzero(reaches & (count > 0))
        while long.size:
            long = long[pdtr(count[long] - 1.0, mean[long]) >= u[long]]
            count[long] -= 1.0
            long = long[count[long] > 0]
        return np.asarray(count.reshape(shape))

    def cdf(self, x: Number, **parameters: Number) -> Floats:
        from scipy.special import pdtr

        count = np.floor(np.asarray(x, dtype=float))
        return np.where(count >= 0, pdtr(np.maximum(count, 0.0), parameters["mean"]), 0.0)

    def mean(self, **parameters: Number) -> Number:
        return parameters["mean"]

    def support(self, **parameters: Number) -> tuple[float, float]:
        return 0.0, float("inf") if np.any(np.asarray(parameters["mean"]) > 0) else 0.0
