"""The gamma distribution."""

from __future__ import annotations

import numpy as np

from cartsim.distributions.family import Family, Flags, Floats, Number, below_zero, not_above_zero


class Gamma(Family):
    """Gamma with this mean and standard deviation (moments matched)."""

    name = "gamma"
    forms = (("mean", "sd"),)
    style = "map"

    def worth_tabulating(self, **parameters: float) -> bool:
        return 0 < parameters["sd"] <= parameters["mean"]

    def problem(self, **parameters: Number) -> str:
        return not_above_zero(mean=parameters["mean"]) or below_zero(sd=parameters["sd"])

    def _shape(self, parameters: dict[str, Number]) -> tuple[Floats, Floats, Flags]:
        """Shape, scale, and where they exist (a spread of zero has none)."""
        mean, sd = (np.asarray(parameters[name], dtype=float) for name in self.forms[0])
        spread = sd > 0
        sd = np.where(spread, sd, mean)
        return (mean / sd) ** 2, sd**2 / mean, spread

    def ppf(self, u: Floats, **parameters: Number) -> Floats:
        from scipy.special import gammaincinv

        shape, scale, spread = self._shape(parameters)
        return np.where(spread, scale * gammaincinv(shape, u), parameters["mean"])

    def isf(self, v: Floats, **parameters: Number) -> Floats:
        from scipy.special import gammainccinv

        shape, scale, spread = self._shape(parameters)
        return np.where(spread, scale * gammainccinv(shape, v), parameters["mean"])

    def cdf(self, x: Number, **parameters: Number) -> Floats:
        from scipy.special import gammainc

        shape, scale, spread = self._shape(parameters)
        below = gammainc(shape, np.maximum(x, 0.0) / scale)
        return np.where(spread, below, np.asarray(x) >= parameters["mean"])

    def sf(self, x: Number, **parameters: Number) -> Floats:
        from scipy.special import gammaincc

        shape, scale, spread = self._shape(parameters)
        above = gammaincc(shape, np.maximum(x, 0.0) / scale)
        return np.where(spread, above, np.asarray(x) < parameters["mean"])

    def mean(self, **parameters: Number) -> Number:
        return parameters["mean"]

    def support(self, **parameters: Number) -> tuple[float, float]:
        if np.all(np.asarray(parameters["sd"]) == 0):
            return float(parameters["mean"]), float(parameters["mean"])
        return 0.0, float("inf")
