"""The Poisson distribution: how many."""

from __future__ import annotations

import numpy as np

from cartsim.distributions.family import Family, Floats, Number, below_zero
from cartsim.distributions.poisson_quantile import poisson_quantile


class Poisson(Family):
    """Counts with this mean."""

    name = "poisson"
    forms = (("mean",),)
    style = "scalar"
    discrete = True

    def problem(self, **parameters: Number) -> str:
        return below_zero(mean=parameters["mean"])

    def ppf(self, u: Floats, **parameters: Number) -> Floats:
        return poisson_quantile(u, parameters["mean"]).astype(np.float64)

    def cdf(self, x: Number, **parameters: Number) -> Floats:
        from scipy.special import pdtr

        count = np.floor(np.asarray(x, dtype=float))
        return np.where(count >= 0, pdtr(np.maximum(count, 0.0), parameters["mean"]), 0.0)

    def mean(self, **parameters: Number) -> Number:
        return parameters["mean"]

    def support(self, **parameters: Number) -> tuple[float, float]:
        return 0.0, float("inf") if np.any(np.asarray(parameters["mean"]) > 0) else 0.0
