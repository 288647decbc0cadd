"""The Weibull distribution."""

from __future__ import annotations

import numpy as np

from cartsim.distributions.family import Family, Floats, Number, not_above_zero


class Weibull(Family):
    """Weibull with P(X > x) = exp(-(x / scale) ** shape)."""

    name = "weibull"
    forms = (("shape", "scale"),)
    style = "map"

    def problem(self, **parameters: Number) -> str:
        return not_above_zero(shape=parameters["shape"], scale=parameters["scale"])

    def ppf(self, u: Floats, **parameters: Number) -> Floats:
        exponent = 1.0 / np.asarray(parameters["shape"], dtype=float)
        return np.asarray(parameters["scale"] * (-np.log1p(-u)) ** exponent)

    def isf(self, v: Floats, **parameters: Number) -> Floats:
        exponent = 1.0 / np.asarray(parameters["shape"], dtype=float)
        return np.asarray(parameters["scale"] * (-np.log(v)) ** exponent)

    def _hazard(self, x: Number, parameters: dict[str, Number]) -> Floats:
        """The cumulative hazard at x."""
        return np.asarray((np.maximum(x, 0.0) / parameters["scale"]) ** parameters["shape"])

    def cdf(self, x: Number, **parameters: Number) -> Floats:
        return np.asarray(-np.expm1(-self._hazard(x, parameters)))

    def sf(self, x: Number, **parameters: Number) -> Floats:
        return np.asarray(np.exp(-self._hazard(x, parameters)))

    def mean(self, **parameters: Number) -> Number:
        from scipy.special import gamma

        return parameters["scale"] * np.asarray(gamma(1.0 + 1.0 / np.asarray(parameters["shape"])))

    def support(self, **parameters: Number) -> tuple[float, float]:  # noqa: ARG002
        return 0.0, float("inf")
