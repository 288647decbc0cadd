"""The triangular distribution."""

from __future__ import annotations

import numpy as np

from cartsim.distributions.family import Family, Floats, Number, out_of_order


class Triangular(Family):
    """Rises linearly from ``low`` to ``mode`` and falls linearly to ``high``."""

    name = "triangular"
    forms = (("low", "mode", "high"),)
    style = "list"

    def problem(self, **parameters: Number) -> str:
        return out_of_order(**{name: parameters[name] for name in self.forms[0]})

    def ppf(self, u: Floats, **parameters: Number) -> Floats:
        low, mode, high = (parameters[name] for name in self.forms[0])
        width = np.asarray(high) - low
        rising = low + np.sqrt(u * width * (np.asarray(mode) - low))
        falling = high - np.sqrt((1.0 - u) * width * (np.asarray(high) - mode))
        return np.where(u * width < np.asarray(mode) - low, rising, falling)

    def cdf(self, x: Number, **parameters: Number) -> Floats:
        low, mode, high = (np.asarray(parameters[name], dtype=float) for name in self.forms[0])
        inside = np.clip(x, low, high)
        width = high - low
        # a side of no width is never asked for its slope; 1 only keeps the division defined
        left = np.where(mode > low, width * (mode - low), 1.0)
        right = np.where(high > mode, width * (high - mode), 1.0)
        rising = (inside - low) ** 2 / left
        falling = 1.0 - (high - inside) ** 2 / right
        within = np.where(inside < mode, rising, falling)
        return np.where(np.asarray(x) >= high, 1.0, np.where(np.asarray(x) < low, 0.0, within))

    def mean(self, **parameters: Number) -> Number:
        return (parameters["low"] + parameters["mode"] + parameters["high"]) / 3.0

    def support(self, **parameters: Number) -> tuple[float, float]:
        return float(parameters["low"]), float(parameters["high"])
