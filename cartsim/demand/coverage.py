"""Coverage: the share of the eligible patients within reach of a certified centre."""

from __future__ import annotations

import numpy as np

from cartsim.demand.axes import by_month, by_replication
from cartsim.demand.requirements import required
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Market
from cartsim.units import Floats


def coverage(market: Market, drawn: Drawn) -> Floats:
    """Share of the eligible patients in reach, broadcastable to [R, M].

    ``coverage`` where it is given; with ``centres``, 1 - exp(-centres / coverage_scale): each
    further centre reaches the same share of those not reached so far; 1 with neither. Raises
    ``ScenarioError`` when ``centres`` come without ``coverage_scale``.
    """
    if market.coverage is not None:
        return by_month(drawn, market.coverage)
    if market.centres is None:
        return np.ones((1, 1))
    scale = required(market.coverage_scale, market, "coverage_scale", "it turns centres into reach")
    reached: Floats = -np.expm1(-by_month(drawn, market.centres) / by_replication(drawn, scale))
    return reached
