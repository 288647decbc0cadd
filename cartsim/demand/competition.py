"""Competition: the product's share of the orders in its class."""

from __future__ import annotations

import numpy as np

from cartsim.demand.axes import by_month, by_replication
from cartsim.demand.months import window
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Market
from cartsim.units import Floats


def class_share(market: Market, drawn: Drawn) -> Floats:
    """Share of the class that chooses the product, broadcastable to [R, M].

    ``class_share`` where it is given; else attraction / (attraction + those of the competitors on
    the market), averaged over the days of a month in which one enters. A product of attraction 0
    has no share.
    """
    if market.class_share is not None:
        return by_month(drawn, market.class_share)
    own = by_replication(drawn, market.attraction)
    total, before = own, np.where(own > 0, 1.0, 0.0)
    share = before
    for competitor in sorted(market.competitors.values(), key=lambda entrant: entrant.begin):
        total = total + by_replication(drawn, competitor.attraction)
        after = np.where(total > 0, own / np.where(total > 0, total, 1.0), 0.0)
        share = share - window(drawn.calendar, competitor.begin).share * (before - after)
        before = after
    return np.maximum(share, 0.0)
