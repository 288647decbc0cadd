"""Adoption: the share of the patients in reach for whom physicians order, since the launch.

A month's adoption is the mean of the curve over the month, with 0 before the launch. The curves are
therefore written as their integrals from the launch, [R, M + 1] at the months' edges.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from cartsim.demand.axes import by_replication
from cartsim.demand.months import Elapsed, months_since, window, years_since
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Adoption, BassAdoption, LinearAdoption, LogisticAdoption
from cartsim.scenario.values import Quantity
from cartsim.units import Floats


def adoption(curve: Adoption | None, launch: date, drawn: Drawn) -> Floats:
    """Mean adoption of each month, broadcastable to [R, M]; 0 before the launch, the launch month
    pro rata; 1 from the launch without a curve.
    """
    launched = window(drawn.calendar, launch).share[None, :]
    if curve is None:
        return launched
    if curve.constant is not None:
        return launched * by_replication(drawn, curve.constant)
    if curve.linear is not None:
        return _linear(curve.linear, months_since(drawn.calendar, launch), drawn)
    if curve.logistic is not None:
        return _logistic(curve.logistic, months_since(drawn.calendar, launch), drawn)
    assert curve.bass is not None  # the loader sees to it that there is one curve
    return _bass(curve.bass, years_since(drawn.calendar, launch), drawn)


def _linear(curve: LinearAdoption, since: Elapsed, drawn: Drawn) -> Floats:
    rise = by_replication(drawn, curve.months_to_peak)
    return _mean(curve.peak, since, drawn, lambda t: linear_integral(t, rise))


def _logistic(curve: LogisticAdoption, since: Elapsed, drawn: Drawn) -> Floats:
    midpoint = by_replication(drawn, curve.midpoint_months)
    spread = by_replication(drawn, curve.spread_months)
    return _mean(curve.peak, since, drawn, lambda t: logistic_integral(t, midpoint, spread))


def _bass(curve: BassAdoption, since: Elapsed, drawn: Drawn) -> Floats:
    p, q = by_replication(drawn, curve.p), by_replication(drawn, curve.q)
    return _mean(curve.peak, since, drawn, lambda t: bass_integral(t, p, q))


def _mean(
    peak: Quantity, since: Elapsed, drawn: Drawn, integral: Callable[[Floats], Floats]
) -> Floats:
    mean = np.diff(integral(since.edges[None, :]), axis=1) / since.lengths
    return np.clip(mean, 0.0, 1.0) * by_replication(drawn, peak)


def linear_integral(t: Floats, rise: Floats) -> Floats:
    """Integral from 0 to ``t`` of min(t / rise, 1); a rise of 0 is a jump."""
    slope = np.where(rise > 0, rise, 1.0)
    return np.where(t < rise, t * t / (2.0 * slope), t - rise / 2.0)


def logistic_integral(t: Floats, midpoint: Floats, spread: Floats) -> Floats:
    """An antiderivative of 1 / (1 + exp(-(t - midpoint) / spread)); a spread of 0 is a jump."""
    distance = t - midpoint
    width = np.where(spread > 0, spread, 1.0)
    softened = width * np.logaddexp(0.0, distance / width)
    return np.where(spread > 0, softened, np.maximum(distance, 0.0))


def bass_integral(t: Floats, p: Floats, q: Floats) -> Floats:
    """Integral from 0 to ``t`` of F(t) = (1 - exp(-(p + q) t)) / (1 + q / p exp(-(p + q) t)).

    F is the cumulative adoption of F. M. Bass, "A new product growth for model consumer durables",
    Management Science 15 (1969): dF/dt = (p + q F)(1 - F), F(0) = 0. Its integral is
    t - ln((p + q) / (p + q exp(-(p + q) t))) / q. Without innovators (p = 0) nobody ever starts.
    """
    innovators, imitators = np.where(p > 0, p, 1.0), np.where(q > 0, q, 1.0)
    decayed = -np.expm1(-(innovators + q) * t)
    remaining = innovators + q * (1.0 - decayed)
    held_back = np.where(q > 0, np.log1p(q * decayed / remaining) / imitators, decayed / innovators)
    return np.where(p > 0, t - held_back, 0.0)
