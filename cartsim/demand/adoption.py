"""Adoption: the share of the patients in reach for whom physicians order, since the launch.

A month's adoption is the mean of the curve over the month, with 0 before the launch. The curves are
therefore written as their integrals from the launch, [R, M + 1] at the months' edges.
"""

from __future__ import annotations

import numpy as np

from cartsim.demand.axes import by_replication
from cartsim.demand.months import Elapsed, months_since, share_after, years_since
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.market import Adoption
from cartsim.scenario.values import Quantity
from cartsim.units import DAYS_PER_MONTH, DAYS_PER_YEAR, Floats, Ints


def adoption(curve: Adoption | None, launched: Ints, drawn: Drawn) -> Floats:
    """Mean adoption of each month, broadcastable to [R, M]; 0 before the launch, the launch month
    pro rata; 1 from the launch without a curve.

    ``launched``, int64[R, 1] or [1, 1], is the minute of the launch.
    """
    if curve is None:
        return share_after(drawn.calendar, launched)
    if curve.constant is not None:
        return share_after(drawn.calendar, launched) * by_replication(drawn, curve.constant)
    since = years_since if curve.bass is not None else months_since
    return _mean(curve, since(drawn.calendar, launched), drawn)


def adoption_by_centre(curve: Adoption, coverage: Floats, launched: Ints, drawn: Drawn) -> Floats:
    """Mean adoption over the centres there are in each month, [R, M], where each starts its own
    curve when it is certified, or at the launch.

    ``coverage`` [R, M] is what the centres reach; where it grows, what is added starts the curve at
    the beginning of the month, and where it shrinks, all centres lose the same part.
    """
    months = drawn.calendar.months
    shape = (len(drawn.replications), months)
    reached = np.broadcast_to(coverage * share_after(drawn.calendar, launched), shape)
    before = np.concatenate([np.zeros((shape[0], 1)), reached[:, :-1]], axis=1)
    added = np.maximum(reached - before, 0.0)
    kept = np.divide(reached, before, out=np.ones(shape), where=before > reached)
    of_age = np.broadcast_to(_by_age(curve, drawn), shape)
    total = np.zeros(shape)
    for first in range(months):
        left = added[:, first : first + 1]
        if not left.any():
            continue
        # what is left of the centres of this month after the closures that follow it
        kept_since = kept[:, first:].copy()
        kept_since[:, 0] = 1.0
        total[:, first:] += left * np.cumprod(kept_since, axis=1) * of_age[:, : months - first]
    return np.divide(total, coverage, out=np.zeros(shape), where=coverage > 0)


def _by_age(curve: Adoption, drawn: Drawn) -> Floats:
    """Mean of the curve over each month of a centre's age, [R, M] or [1, M]."""
    if curve.constant is not None:
        return np.broadcast_to(by_replication(drawn, curve.constant), (1, drawn.calendar.months))
    month = 1.0 if curve.bass is None else DAYS_PER_MONTH / DAYS_PER_YEAR
    edges: Floats = np.arange(drawn.calendar.months + 1, dtype=np.float64) * month
    return _mean(curve, Elapsed(edges[None, :], np.diff(edges)), drawn)


def _mean(curve: Adoption, since: Elapsed, drawn: Drawn) -> Floats:
    """Mean over each month of a curve of the time since its beginning, [R, M] or [1, M]."""

    def given(quantity: Quantity) -> Floats:
        return by_replication(drawn, quantity)

    t = since.edges
    if curve.linear is not None:
        peak, integral = curve.linear.peak, linear_integral(t, given(curve.linear.months_to_peak))
    elif curve.logistic is not None:
        midpoint, spread = curve.logistic.midpoint_months, curve.logistic.spread_months
        peak, integral = curve.logistic.peak, logistic_integral(t, given(midpoint), given(spread))
    else:
        assert curve.bass is not None  # the loader sees to it that there is one curve
        peak, integral = curve.bass.peak, bass_integral(t, given(curve.bass.p), given(curve.bass.q))
    return np.clip(np.diff(integral, axis=1) / since.lengths, 0.0, 1.0) * given(peak)


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
