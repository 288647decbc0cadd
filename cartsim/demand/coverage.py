"""Coverage: the share of the eligible patients within reach of a certified centre."""

from __future__ import annotations

import numpy as np

from cartsim.demand.axes import by_month, by_replication
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.market import Certification, Market, Region
from cartsim.scenario.values import Quantity, Series
from cartsim.units import Floats


def coverage(place: Market | Region, market: Market, drawn: Drawn) -> Floats:
    """Share of the eligible patients of a place (the market, or a region of it) in reach,
    broadcastable to [R, M].

    ``coverage`` where it is given; with ``centres``, 1 - exp(-certified centres / coverage_scale):
    each further centre reaches the same share of those not reached so far; 1 with neither. A region
    that says nothing of its own is as its market.
    """
    if place.coverage is not None:
        return by_month(drawn, place.coverage)
    if place.centres is None:
        return np.ones((1, 1)) if place is market else coverage(market, market, drawn)
    scale: Quantity | None = place.coverage_scale or market.coverage_scale
    assert scale is not None  # the loader sees to it
    certified = certified_centres(place.centres, market.certification, drawn)
    return np.asarray(-np.expm1(-certified / by_replication(drawn, scale)))


def certified_centres(centres: Series, certification: Certification | None, drawn: Drawn) -> Floats:
    """Centres that can treat, broadcastable to [R, M]: those that were taken on a training before.

    Those of the first month are trained already. A training of a part of a month lies between the
    two months beside it.
    """
    taken_on = by_month(drawn, centres)
    if certification is None or certification.training_months.constant == 0.0:
        return taken_on
    months = drawn.calendar.months
    training = by_replication(drawn, certification.training_months)
    taken_on = np.broadcast_to(taken_on, (max(len(taken_on), len(training)), months))
    since = np.maximum(np.arange(months) - training, 0.0)
    before = np.floor(since).astype(np.int64)
    part = since - before
    earlier = np.take_along_axis(taken_on, np.broadcast_to(before, taken_on.shape), axis=1)
    later = np.minimum(before + 1, months - 1)
    following = np.take_along_axis(taken_on, np.broadcast_to(later, taken_on.shape), axis=1)
    return np.asarray(earlier + part * (following - earlier))
