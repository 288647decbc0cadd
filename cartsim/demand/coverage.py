"""Coverage: the share of the eligible patients within reach of a certified centre."""

from __future__ import annotations

import numpy as np

from cartsim.demand.axes import by_month, by_replication
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Market
from cartsim.units import Floats


def coverage(market: Market, drawn: Drawn) -> Floats:
    """Share of the eligible patients in reach, broadcastable to [R, M].

    ``coverage`` where it is given; with ``centres``, 1 - exp(-centres / coverage_scale): each
    further centre reaches the same share of those not reached so far; 1 with neither.
    """
    if market.coverage is not None:
        return by_month(drawn, market.coverage)
    if market.centres is None:
        return np.ones((1, 1))
    assert market.coverage_scale is not None  # the loader sees to it
    scale = by_replication(drawn, market.coverage_scale)
    return np.asarray(-np.expm1(-by_month(drawn, market.centres) / scale))
