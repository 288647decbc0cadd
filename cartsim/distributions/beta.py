"""The beta distribution on 0 to 1."""

from __future__ import annotations

import numpy as np

from cartsim.distributions.family import Family, Flags, Floats, Number, below_zero, first_where


class Beta(Family):
    """Beta on 0 to 1 with this mean and standard deviation (moments matched)."""

    name = "beta"
    forms = (("mean", "sd"),)
    style = "map"

    def worth_tabulating(self, **parameters: float) -> bool:
        a, b, spread = self._shape(dict(parameters))
        return bool(spread) and min(float(a), float(b)) >= 1.0

    def problem(self, **parameters: Number) -> str:
        mean, sd = parameters["mean"], parameters["sd"]
        outside = (np.asarray(mean) <= 0) | (np.asarray(mean) >= 1)
        if (wrong := first_where(outside, mean)) is not None:
            return f"mean is {wrong[0]:.10g}; it must lie between 0 and 1"
        largest = np.sqrt(mean * (1.0 - np.asarray(mean)))
        if (wrong := first_where(np.asarray(sd) >= largest, mean, sd, largest)) is not None:
            return (
                f"sd is {wrong[1]:.10g}; with mean {wrong[0]:.10g} it must be below {wrong[2]:.4g}"
            )
        return below_zero(sd=sd)

    def _shape(self, parameters: dict[str, Number]) -> tuple[Floats, Floats, Flags]:
        """The two exponents, and where they exist (a spread of zero has none)."""
        mean, sd = (np.asarray(parameters[name], dtype=float) for name in self.forms[0])
        spread = sd > 0
        size = mean * (1.0 - mean) / np.where(spread, sd, 1e-3) ** 2 - 1.0
        return mean * size, (1.0 - mean) * size, spread

    def ppf(self, u: Floats, **parameters: Number) -> Floats:
        from scipy.special import betaincinv

        a, b, spread = self._shape(parameters)
        return np.where(spread, betaincinv(a, b, u), parameters["mean"])

    def isf(self, v: Floats, **parameters: Number) -> Floats:
        from scipy.special import betainccinv

        a, b, spread = self._shape(parameters)
        return np.where(spread, betainccinv(a, b, v), parameters["mean"])

    def cdf(self, x: Number, **parameters: Number) -> Floats:
        from scipy.special import betainc

        a, b, spread = self._shape(parameters)
        below = betainc(a, b, np.clip(x, 0.0, 1.0))
        return np.where(spread, below, np.asarray(x) >= parameters["mean"])

    def sf(self, x: Number, **parameters: Number) -> Floats:
        from scipy.special import betaincc

        a, b, spread = self._shape(parameters)
        above = betaincc(a, b, np.clip(x, 0.0, 1.0))
        return np.where(spread, above, np.asarray(x) < parameters["mean"])

    def mean(self, **parameters: Number) -> Number:
        return parameters["mean"]

    def support(self, **parameters: Number) -> tuple[float, float]:
        if np.all(np.asarray(parameters["sd"]) == 0):
            return float(parameters["mean"]), float(parameters["mean"])
        return 0.0, 1.0
