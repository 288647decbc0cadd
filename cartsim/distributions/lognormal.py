"""The lognormal distribution."""

from __future__ import annotations

import numpy as np

from cartsim.distributions.family import Family, Floats, Number, below_zero, not_above_zero
from cartsim.distributions.normal import standardised


class Lognormal(Family):
    """Lognormal, by its own ``mean`` and ``sd`` or by ``median`` and ``sigma`` (sd of the log)."""

    name = "lognormal"
    forms = (("mean", "sd"), ("median", "sigma"))
    style = "map"

    def problem(self, **parameters: Number) -> str:
        (centre, spread) = next(form for form in self.forms if form[0] in parameters)
        return not_above_zero(**{centre: parameters[centre]}) or below_zero(
            **{spread: parameters[spread]}
        )

    def _logarithmic(self, parameters: dict[str, Number]) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the logarithm."""
        if "median" in parameters:
            return np.log(parameters["median"]), np.asarray(parameters["sigma"], dtype=float)
        mean, sd = np.asarray(parameters["mean"], dtype=float), parameters["sd"]
        variance = np.log1p((sd / mean) ** 2)
        return np.log(mean) - 0.5 * variance, np.sqrt(variance)

    def ppf(self, u: Floats, **parameters: Number) -> Floats:
        from scipy.special import ndtri

        mu, sigma = self._logarithmic(parameters)
        return np.asarray(np.exp(mu + sigma * ndtri(u)))

    def isf(self, v: Floats, **parameters: Number) -> Floats:
        from scipy.special import ndtri

        mu, sigma = self._logarithmic(parameters)
        return np.asarray(np.exp(mu - sigma * ndtri(v)))

    def _score(self, x: Number, parameters: dict[str, Number]) -> Floats:
        mu, sigma = self._logarithmic(parameters)
        positive = np.asarray(x) > 0
        logarithm = np.log(np.where(positive, x, 1.0))
        return np.where(positive, standardised(logarithm, mu, sigma), -np.inf)

    def cdf(self, x: Number, **parameters: Number) -> Floats:
        from scipy.special import ndtr

        return np.asarray(ndtr(self._score(x, parameters)))

    def sf(self, x: Number, **parameters: Number) -> Floats:
        from scipy.special import ndtr

        return np.asarray(ndtr(-self._score(x, parameters)))

    def mean(self, **parameters: Number) -> Number:
        if "mean" in parameters:
            return parameters["mean"]
        return parameters["median"] * np.exp(0.5 * np.square(parameters["sigma"]))

    def support(self, **parameters: Number) -> tuple[float, float]:
        (centre, spread) = next(form for form in self.forms if form[0] in parameters)
        if np.all(np.asarray(parameters[spread]) == 0):
            return float(parameters[centre]), float(parameters[centre])
        return 0.0, float("inf")
