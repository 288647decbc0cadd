"""How far a distribution reaches: the interval outside of which it falls with negligible chance."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from cartsim.distributions import FAMILIES, truncated_ppf, truncation_problem
from cartsim.distributions.family import Family
from cartsim.scenario.values import Distribution, Quantity

NEGLIGIBLE = 1e-9
"""A distribution may pass a field's bound with at most this probability."""

Z_NEGLIGIBLE = 5.997807015007686
"""The standard normal quantile that is passed with a chance of 1e-9."""


class ImpossibleError(ValueError):
    """Parameters that no distribution of the kind can have; the message says why."""


def reach(distribution: Distribution, low: bool = True, high: bool = True) -> tuple[float, float]:
    """Lowest and highest value that a distribution takes, each but for a chance of 1e-9.

    Where the values are endless and ``low`` or ``high`` is not asked for, that end is infinite.

    Where parameters or bounds are themselves uncertain, every combination of the ends of their own
    reach is taken. Raises :class:`ImpossibleError` when a combination is none that the family can
    have.
    """
    family = FAMILIES[distribution.kind]
    corners: Iterable[Mapping[str, Any]]
    if distribution.points:
        values, weights = (np.asarray(column) for column in zip(*distribution.points, strict=True))
        corners = [{"values": values, "weights": weights}]
    else:
        names = list(distribution.parameters)
        ends = [range_of(distribution.parameters[name]) for name in names]
        corners = (dict(zip(names, corner, strict=True)) for corner in itertools.product(*ends))
    lows = (-math.inf,) if distribution.low is None else range_of(distribution.low)
    highs = (math.inf,) if distribution.high is None else range_of(distribution.high)
    found = [
        _truncated(family, parameters, floor, ceiling, (low, high))
        for parameters in corners
        for floor, ceiling in itertools.product(lows, highs)
    ]
    return min(lowest for lowest, _ in found), max(highest for _, highest in found)


def range_of(quantity: Quantity) -> tuple[float, ...]:
    """The ends of what a quantity can be: one number for a constant."""
    if isinstance(quantity.value, Distribution):
        return reach(quantity.value)
    if quantity.constant is None:
        raise ImpossibleError(
            "a driver cannot be a parameter of a distribution; give the field loadings"
        )
    return (quantity.constant,)


def _truncated(
    family: Family,
    parameters: Mapping[str, Any],
    floor: float,
    ceiling: float,
    asked: tuple[bool, bool],
) -> tuple[float, float]:
    why = family.problem(**parameters)
    if why:
        raise ImpossibleError(why)
    low, high = family.support(**parameters)
    # the inverse is only taken where it is needed: it costs the import of a large library
    if math.isinf(floor) and math.isinf(ceiling):
        if family.name == "normal" and math.isinf(low):
            mean, tail = parameters["mean"], Z_NEGLIGIBLE * parameters["sd"]
            return mean - tail, mean + tail
        if math.isinf(low) and asked[0]:
            low = float(family.ppf(np.asarray(NEGLIGIBLE), **parameters))
        if math.isinf(high) and asked[1]:
            high = float(family.isf(np.asarray(NEGLIGIBLE), **parameters))
        return low, high
    if not (max(low, floor) < min(high, ceiling) and math.isfinite(high - low)):
        why = truncation_problem(family, floor, ceiling, **parameters)
        if why:
            raise ImpossibleError(f"truncate: {why}")
    low, high = max(low, floor), min(high, ceiling)
    if (math.isinf(low) and asked[0]) or (math.isinf(high) and asked[1]):
        ends = np.asarray([NEGLIGIBLE, 1 - NEGLIGIBLE])
        inverse = truncated_ppf(family, ends, floor, ceiling, **parameters)
        low = float(inverse[0]) if math.isinf(low) else low
        high = float(inverse[1]) if math.isinf(high) else high
    return low, high
