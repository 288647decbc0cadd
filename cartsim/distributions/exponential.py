"""The exponential distribution."""

from __future__ import annotations

import numpy as np

from cartsim.distributions.family import Family, Floats, Number, below_zero


class Exponential(Family):
    """Exponential with this mean; a mean of zero is the constant 0."""

    name = "exponential"
    forms = (("mean",),)
    style = "map"

    def problem(self, **parameters: Number) -> str:
        return below_zero(mean=parameters["mean"])

    def ppf(self, u: Floats, **parameters: Number) -> Floats:
        return np.asarray(-parameters["mean"] * np.log1p(-u))

    def isf(self, v: Floats, **parameters: Number) -> Floats:
        return np.asarray(-parameters["mean"] * np.log(v))

    def _scaled(self, x: Number, parameters: dict[str, Number]) -> Floats:
        mean = np.asarray(parameters["mean"], dtype=float)
        scaled = np.maximum(x, 0.0) / np.where(mean > 0, mean, 1.0)
        return np.where(mean > 0, scaled, np.where(np.asarray(x) >= 0, np.inf, 0.0))

    def cdf(self, x: Number, **parameters: Number) -> Floats:
        return np.asarray(-np.expm1(-self._scaled(x, parameters)))

    def sf(self, x: Number, **parameters: Number) -> Floats:
        return np.asarray(np.exp(-self._scaled(x, parameters)))

    def mean(self, **parameters: Number) -> Number:
        return parameters["mean"]

    def support(self, **parameters: Number) -> tuple[float, float]:
        return 0.0, float("inf") if np.any(np.asarray(parameters["mean"]) > 0) else 0.0
