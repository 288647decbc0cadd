"""The normal distribution."""

from __future__ import annotations

import numpy as np

from cartsim.distributions.family import Family, Floats, Number, below_zero


class Normal(Family):
    """The normal distribution with this mean and standard deviation."""

    name = "normal"
    forms = (("mean", "sd"),)
    style = "map"

    def problem(self, **parameters: Number) -> str:
        return below_zero(sd=parameters["sd"])

    def ppf(self, u: Floats, **parameters: Number) -> Floats:
        from scipy.special import ndtri

        return np.asarray(parameters["mean"] + parameters["sd"] * ndtri(u))

    def isf(self, v: Floats, **parameters: Number) -> Floats:
        from scipy.special import ndtri

        return np.asarray(parameters["mean"] - parameters["sd"] * ndtri(v))

    def cdf(self, x: Number, **parameters: Number) -> Floats:
        from scipy.special import ndtr

        return np.asarray(ndtr(standardised(x, parameters["mean"], parameters["sd"])))

    def sf(self, x: Number, **parameters: Number) -> Floats:
        from scipy.special import ndtr

        return np.asarray(ndtr(-standardised(x, parameters["mean"], parameters["sd"])))

    def mean(self, **parameters: Number) -> Number:
        return parameters["mean"]

    def support(self, **parameters: Number) -> tuple[float, float]:
        if np.all(np.asarray(parameters["sd"]) == 0):
            return float(parameters["mean"]), float(parameters["mean"])
        return float("-inf"), float("inf")


def standardised(x: Number, centre: Number, spread: Number) -> Floats:
    """(x - centre) / spread, where no spread gives -inf below the centre and +inf from it on."""
    distance = np.asarray(x, dtype=float) - centre
    spread = np.asarray(spread, dtype=float)
    scaled = distance / np.where(spread > 0, spread, 1.0)
    return np.where(spread > 0, scaled, np.where(distance >= 0, np.inf, -np.inf))
