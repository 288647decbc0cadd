"""The Bernoulli distribution: yes or no."""

from __future__ import annotations

import numpy as np

from cartsim.distributions.family import Family, Floats, Number, first_where


class Bernoulli(Family):
    """1 with probability ``p``, else 0."""

    name = "bernoulli"
    forms = (("p",),)
    style = "scalar"
    discrete = True

    def problem(self, **parameters: Number) -> str:
        p = np.asarray(parameters["p"])
        wrong = first_where((p < 0) | (p > 1), p)
        return "" if wrong is None else f"p is {wrong[0]:.10g}; it must lie between 0 and 1"

    def ppf(self, u: Floats, **parameters: Number) -> Floats:
        return np.asarray(u > 1.0 - np.asarray(parameters["p"]), dtype=np.float64)

    def cdf(self, x: Number, **parameters: Number) -> Floats:
        x = np.asarray(x)
        return np.where(x >= 1, 1.0, np.where(x >= 0, 1.0 - np.asarray(parameters["p"]), 0.0))

    def mean(self, **parameters: Number) -> Number:
        return parameters["p"]

    def support(self, **parameters: Number) -> tuple[float, float]:
        p = np.asarray(parameters["p"])
        return (1.0 if np.all(p == 1) else 0.0), (0.0 if np.all(p == 0) else 1.0)
