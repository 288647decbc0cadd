"""Truncation of any family to an interval: the distribution given that it falls inside."""

from __future__ import annotations

import numpy as np

from cartsim.distributions.family import Family, Floats, Number

LAST = 1.0 - 2.0**-53
"""The largest number below 1."""


def truncated_ppf(
    family: Family, u: Floats, low: Number, high: Number, /, **parameters: Number
) -> Floats:
    """The inverse CDF of ``family`` given ``low <= X <= high``; bounds included, infinite allowed.

    The first four go by place, since a family may have parameters called ``low`` and ``high``.
    Bounds and parameters may be arrays and broadcast against ``u``. An interval in the upper
    tail is worked out from P(X > x), so that it keeps its precision where P(X <= x) is 1 to
    rounding. Where no probability lies inside, the result is NaN (see `truncation_problem`).
    """
    # the neighbour below `low` makes the interval closed: a count or a constant at `low` belongs
    before = np.nextafter(low, -np.inf)
    under, upto = family.cdf(before, **parameters), family.cdf(high, **parameters)
    target = under + u * (upto - under)
    if family.discrete:
        # rounding must not reach the last value below the interval
        target = np.clip(target, np.nextafter(under, 1.0), upto)
        value = family.ppf(_open(target), **parameters)
        inside = (upto > under) & (under < LAST)
    else:
        over, beyond = family.sf(before, **parameters), family.sf(high, **parameters)
        inside = (upto > under) | (over > beyond)
        upper = under > 0.5
        value = family.ppf(_open(target), **parameters)
        if np.any(upper):
            rest = _open(beyond + (1.0 - u) * (over - beyond))
            value = np.where(upper, family.isf(rest, **parameters), value)
    return np.where(inside, np.clip(value, low, high), np.nan)


def truncation_problem(family: Family, low: float, high: float, /, **parameters: Number) -> str:
    """Why constant parameters cannot be truncated to this interval, or an empty string."""
    if not low <= high:
        return f"low {low:.10g}, high {high:.10g}; they must ascend"
    if np.isnan(truncated_ppf(family, np.asarray(0.5), low, high, **parameters)):
        return f"no probability lies between {low:.10g} and {high:.10g}"
    return ""


def _open(share: Floats) -> Floats:
    """Shares kept inside (0, 1), where an inverse CDF is finite."""
    return np.clip(share, np.finfo(np.float64).tiny, LAST)
