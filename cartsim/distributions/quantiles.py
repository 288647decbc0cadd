"""Distributions by their quantiles, as an expert states them: P5 and P95, or P10, P50 and P90."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from cartsim.distributions.family import Family, Flags, Floats, Number, out_of_order
from cartsim.distributions.normal import standardised

Z90 = 1.2815515655446004
"""The standard normal's 90% quantile."""
Z95 = 1.6448536269514722
"""The standard normal's 95% quantile."""


class Quantiles(Family):
    """Lognormal when every quantile given is positive, else normal; quantiles are met exactly.

    Each half, below and above the median, has a spread of its own (they are equal where two
    quantiles are given), on the logarithmic or on the plain scale.
    """

    style = "map"

    def problem(self, **parameters: Number) -> str:
        return out_of_order(**{name: parameters[name] for name in self.forms[0]})

    def became(self, **parameters: Number) -> str:
        """Which family the quantiles lead to, to be told to the reader."""
        kind = "lognormal" if np.all(np.asarray(parameters[self.forms[0][0]]) > 0) else "normal"
        return kind if len(self.forms[0]) == 2 else f"two-piece {kind}"

    @abstractmethod
    def _halves(self, *quantiles: Floats) -> tuple[Floats, Floats, Floats]:
        """Median, spread below it, spread above it, of normal quantiles."""

    def _shape(self, parameters: dict[str, Number]) -> tuple[Flags, Floats, Floats, Floats]:
        """Where the scale is logarithmic, and on that scale median, spread below, spread above."""
        given = [np.asarray(parameters[name], dtype=float) for name in self.forms[0]]
        logarithmic = given[0] > 0
        scaled = [np.where(logarithmic, np.log(np.where(logarithmic, q, 1.0)), q) for q in given]
        return (logarithmic, *self._halves(*scaled))

    def _value(self, z: Floats, parameters: dict[str, Number]) -> Floats:
        logarithmic, centre, below, above = self._shape(parameters)
        scaled = centre + z * np.where(z < 0, below, above)
        return np.where(logarithmic, np.exp(np.where(logarithmic, scaled, 0.0)), scaled)

    def _score(self, x: Number, parameters: dict[str, Number]) -> Floats:
        logarithmic, centre, below, above = self._shape(parameters)
        x = np.asarray(x, dtype=float)
        with np.errstate(divide="ignore"):
            scaled = np.where(logarithmic, np.log(np.maximum(x, 0.0)), x)
        return standardised(scaled, centre, np.where(scaled < centre, below, above))

    def ppf(self, u: Floats, **parameters: Number) -> Floats:
        from scipy.special import ndtri

        return self._value(np.asarray(ndtri(u)), parameters)

    def isf(self, v: Floats, **parameters: Number) -> Floats:
        from scipy.special import ndtri

        return self._value(np.asarray(-ndtri(v)), parameters)

    def cdf(self, x: Number, **parameters: Number) -> Floats:
        from scipy.special import ndtr

        return np.asarray(ndtr(self._score(x, parameters)))

    def sf(self, x: Number, **parameters: Number) -> Floats:
        from scipy.special import ndtr

        return np.asarray(ndtr(-self._score(x, parameters)))

    def mean(self, **parameters: Number) -> Number:
        from scipy.special import ndtr

        logarithmic, centre, below, above = self._shape(parameters)
        plain = centre + (above - below) / np.sqrt(2.0 * np.pi)
        # E[exp(s Z); Z < 0] = exp(s^2 / 2) Phi(-s), and Phi(s) for the half above
        lower, upper = (np.where(logarithmic, s, 0.0) for s in (below, above))
        halves = np.exp(0.5 * lower**2) * ndtr(-lower) + np.exp(0.5 * upper**2) * ndtr(upper)
        middle = np.exp(np.where(logarithmic, centre, 0.0))
        return np.asarray(np.where(logarithmic, middle * halves, plain))

    def support(self, **parameters: Number) -> tuple[float, float]:
        values = [parameters[name] for name in self.forms[0]]
        if np.all(np.asarray(values[0]) == values[-1]):
            return float(values[0]), float(values[0])
        return (0.0 if np.all(np.asarray(values[0]) > 0) else float("-inf")), float("inf")


class P5P95(Quantiles):
    """A 90% interval: lognormal or normal through both ends."""

    name = "p5_p95"
    forms = (("p5", "p95"),)

    def _halves(self, *quantiles: Floats) -> tuple[Floats, Floats, Floats]:
        p5, p95 = quantiles
        spread = (p95 - p5) / (2.0 * Z95)
        return 0.5 * (p5 + p95), spread, spread


class P10P50P90(Quantiles):
    """Median and 80% interval: two half (log)normals that meet at the median."""

    name = "p10_p50_p90"
    forms = (("p10", "p50", "p90"),)

    def _halves(self, *quantiles: Floats) -> tuple[Floats, Floats, Floats]:
        p10, p50, p90 = quantiles
        return p50, (p50 - p10) / Z90, (p90 - p50) / Z90
