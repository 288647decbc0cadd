"""Royalties: marginal rates on the net sales of each calendar year."""

from __future__ import annotations

import numpy as np

from cartsim.demand.months import window
from cartsim.economics.contracts.ledger import Transfer
from cartsim.economics.contracts.setting import Setting
from cartsim.economics.contracts.trigger import in_year
from cartsim.economics.financing import change
from cartsim.scenario.contracts import Royalty
from cartsim.units import Floats


def royalty(terms: Royalty, setting: Setting) -> tuple[Transfer, ...]:
    """What the tiers make of the covered net sales, month by month, within the term."""
    drawn = setting.drawn
    sales = setting.net_sales
    if terms.term_months is not None:
        sales = sales * _in_term(terms, setting)
    levels = [drawn.value(tier.above) for tier in terms.tiers]
    rates = [drawn.value(tier.rate) for tier in terms.tiers]
    owed = tiered(in_year(setting.calendar, sales), levels, rates)
    paid = change(owed)
    # the first month of a year begins anew
    begins = np.flatnonzero(np.diff(setting.calendar.year_of_month, prepend=-1))
    paid[:, begins] = owed[:, begins]
    if terms.step_down_from is not None:
        after = window(setting.calendar, terms.step_down_from).share
        left = drawn.value(terms.step_down_to)[:, None]
        paid = paid * (1.0 - after * (1.0 - left))
    return (setting.transfer(terms, "royalty", "royalty", paid),)


def tiered(sales: Floats, levels: list[Floats], rates: list[Floats]) -> Floats:
    """Royalty on sales, float64[R, month], of tiers whose levels and rates are float64[R] each: the
    part of the sales between a level and the next one bears the rate of the lower one."""
    total = np.zeros(sales.shape)
    bounds = [level[:, None] for level in levels] + [np.full((len(sales), 1), np.inf)]
    for rate, low, high in zip(rates, bounds[:-1], bounds[1:], strict=True):
        total += rate[:, None] * np.clip(sales - low, 0.0, np.maximum(high - low, 0.0))
    return total


def _in_term(terms: Royalty, setting: Setting) -> Floats:
    """1 in the months of the term and 0 outside, float64[R, month]."""
    assert terms.term_months is not None
    sold = np.cumsum(setting.net_sales > 0, axis=1) > 0
    since = np.cumsum(sold, axis=1)
    inside: Floats = (since <= setting.drawn.value(terms.term_months)[:, None]).astype(np.float64)
    return inside
