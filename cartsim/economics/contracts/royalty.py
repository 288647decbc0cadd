"""Royalties: marginal rates on the net sales of each calendar year."""

from __future__ import annotations

import numpy as np

from cartsim.compiled import compiled, fixed
from cartsim.demand.months import window
from cartsim.economics.contracts.ledger import Transfer
from cartsim.economics.contracts.setting import Setting
from cartsim.economics.contracts.trigger import first_sale
from cartsim.economics.tables import in_year, is_nothing
from cartsim.scenario.contracts import Royalty
from cartsim.units import DAYS_PER_MONTH, Calendar, Floats, Ints, minutes


def royalty(terms: Royalty, setting: Setting) -> tuple[Transfer, ...]:
    """What the tiers make of the covered net sales, month by month, within the term."""
    drawn = setting.drawn
    sales = setting.net_sales_of_year
    if terms.term_months is not None:
        sales = in_year(setting.calendar, setting.net_sales * _in_term(terms, setting))
    levels = [drawn.value(tier.above) for tier in terms.tiers]
    rates = [drawn.value(tier.rate) for tier in terms.tiers]
    paid = tiered(setting.calendar, sales, levels, rates)
    if terms.step_down_from is not None:
        after = window(setting.calendar, terms.step_down_from).share
        left = drawn.value(terms.step_down_to)[:, None]
        paid = paid * (1.0 - after * (1.0 - left))
    return (setting.transfer(terms, "royalty", "royalty", paid),)


def tiered(calendar: Calendar, sales: Floats, levels: list[Floats], rates: list[Floats]) -> Floats:
    """Royalty by month, float64[R, month], on sales since the beginning of each calendar year, of
    tiers whose levels and rates are float64[R] each: the part of the sales between a level and the
    next one bears the rate of the lower one."""
    if is_nothing(sales):
        return sales
    paid = np.empty(sales.shape)
    bounds = np.stack([*levels, np.full(len(sales), np.inf)])
    _tiers(paid, *fixed(sales, bounds, np.stack(rates), calendar.year_edges))
    return paid


@compiled
def _tiers(paid: Floats, sales: Floats, bounds: Floats, rates: Floats, edges: Ints) -> None:
    for row in range(len(sales)):
        for year in range(len(edges) - 1):
            before = 0.0
            for month in range(edges[year], edges[year + 1]):
                owed = 0.0
                for tier in range(len(rates)):
                    low = bounds[tier, row]
                    wide = max(bounds[tier + 1, row] - low, 0.0)
                    owed += rates[tier, row] * min(max(sales[row, month] - low, 0.0), wide)
                paid[row, month] = owed - before
                before = owed


def _in_term(terms: Royalty, setting: Setting) -> Floats:
    """Share of each month that lies before the end of the term, which begins with the first sale,
    float64[R, month]."""
    assert terms.term_months is not None
    term = minutes(setting.drawn.value(terms.term_months) * DAYS_PER_MONTH)
    end = (first_sale(setting) + term)[:, None]
    begin, length = setting.calendar.month_start[:-1], np.diff(setting.calendar.month_start)
    return np.clip((end - begin) / length, 0.0, 1.0)
