"""The uniform distribution."""

from __future__ import annotations

import numpy as np

from cartsim.distributions.family import Family, Floats, Number, out_of_order


class Uniform(Family):
    """Every value between ``low`` and ``high`` alike."""

    name = "uniform"
    forms = (("low", "high"),)
    style = "list"

    def problem(self, **parameters: Number) -> str:
        return out_of_order(low=parameters["low"], high=parameters["high"])

    def ppf(self, u: Floats, **parameters: Number) -> Floats:
        low, high = parameters["low"], parameters["high"]
        return np.asarray(low + (high - np.asarray(low)) * u)

    def cdf(self, x: Number, **parameters: Number) -> Floats:
        low, high = (np.asarray(parameters[name], dtype=float) for name in self.forms[0])
        width = np.where(high > low, high - low, 1.0)
        share = np.clip((np.asarray(x) - low) / width, 0.0, 1.0)
        return np.where(high > low, share, np.asarray(x) >= low)

    def mean(self, **parameters: Number) -> Number:
        return 0.5 * (parameters["low"] + parameters["high"])

    def support(self, **parameters: Number) -> tuple[float, float]:
        return float(parameters["low"]), float(parameters["high"])
