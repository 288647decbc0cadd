"""The PERT distribution."""

from __future__ import annotations

import numpy as np

from cartsim.distributions.family import Family, Floats, Number, out_of_order


class Pert(Family):
    """A beta distribution stretched over ``low`` to ``high`` with its peak at ``mode``.

    The mean is (low + 4 mode + high) / 6: Malcolm et al., "Application of a technique for research
    and development program evaluation", Operations Research 7 (1959), 646-669.
    """

    name = "pert"
    forms = (("low", "mode", "high"),)
    style = "list"

    def worth_tabulating(self, **parameters: float) -> bool:
        return parameters["low"] < parameters["high"]

    def problem(self, **parameters: Number) -> str:
        return out_of_order(**{name: parameters[name] for name in self.forms[0]})

    def _shape(self, parameters: dict[str, Number]) -> tuple[Floats, Floats, Floats, Floats]:
        low, mode, high = (np.asarray(parameters[name], dtype=float) for name in self.forms[0])
        width = high - low
        peak = np.where(width > 0, (mode - low) / np.where(width > 0, width, 1.0), 0.5)
        return low, width, 1.0 + 4.0 * peak, 5.0 - 4.0 * peak

    def ppf(self, u: Floats, **parameters: Number) -> Floats:
        from scipy.special import betaincinv

        low, width, a, b = self._shape(parameters)
        return np.asarray(low + width * betaincinv(a, b, u))

    def isf(self, v: Floats, **parameters: Number) -> Floats:
        from scipy.special import betainccinv

        low, width, a, b = self._shape(parameters)
        return np.asarray(low + width * betainccinv(a, b, v))

    def cdf(self, x: Number, **parameters: Number) -> Floats:
        from scipy.special import betainc

        low, width, a, b = self._shape(parameters)
        share = np.clip((np.asarray(x) - low) / np.where(width > 0, width, 1.0), 0.0, 1.0)
        return np.where(width > 0, betainc(a, b, share), np.asarray(x) >= low)

    def sf(self, x: Number, **parameters: Number) -> Floats:
        from scipy.special import betaincc

        low, width, a, b = self._shape(parameters)
        share = np.clip((np.asarray(x) - low) / np.where(width > 0, width, 1.0), 0.0, 1.0)
        return np.where(width > 0, betaincc(a, b, share), np.asarray(x) < low)

    def mean(self, **parameters: Number) -> Number:
        return (parameters["low"] + 4.0 * parameters["mode"] + parameters["high"]) / 6.0

    def support(self, **parameters: Number) -> tuple[float, float]:
        return float(parameters["low"]), float(parameters["high"])
