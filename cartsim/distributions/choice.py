"""A table of values, each with its weight."""

from __future__ import annotations

import numpy as np

from cartsim.distributions.family import Family, Floats, Number


class Choice(Family):
    """One of ``values``, with probability in proportion to ``weights`` (both of shape [points])."""

    name = "choice"
    forms = (("values", "weights"),)
    style = "points"
    discrete = True

    def problem(self, **parameters: Number) -> str:
        weights = np.atleast_1d(parameters["weights"])
        if weights.size == 0:
            return "at least one value is needed"
        if np.any(weights < 0):
            return f"weight {weights.min():.10g} is negative"
        return "" if weights.sum() > 0 else "the weights are all 0"

    def _table(self, parameters: dict[str, Number]) -> tuple[Floats, Floats]:
        """The possible values ascending, and P(X <= value)."""
        values = np.atleast_1d(np.asarray(parameters["values"], dtype=float))
        weights = np.atleast_1d(np.asarray(parameters["weights"], dtype=float))
        values, weights = values[weights > 0], weights[weights > 0]
        order = np.argsort(values, kind="stable")
        cumulative = np.cumsum(weights[order])
        return values[order], cumulative / cumulative[-1]

    def ppf(self, u: Floats, **parameters: Number) -> Floats:
        values, cumulative = self._table(parameters)
        return values[np.searchsorted(cumulative[:-1], u, side="left")]

    def cdf(self, x: Number, **parameters: Number) -> Floats:
        values, cumulative = self._table(parameters)
        steps = np.concatenate([[0.0], cumulative])
        return np.asarray(steps[np.searchsorted(values, x, side="right")])

    def mean(self, **parameters: Number) -> Number:
        return float(np.average(parameters["values"], weights=parameters["weights"]))

    def support(self, **parameters: Number) -> tuple[float, float]:
        values, _ = self._table(parameters)
        return float(values[0]), float(values[-1])
