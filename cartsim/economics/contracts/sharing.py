"""Profits and costs that two parties share."""

from __future__ import annotations

import numpy as np

from cartsim.demand.months import window
from cartsim.economics.contracts.ledger import Transfer
from cartsim.economics.contracts.setting import Setting
from cartsim.economics.tables import less, total
from cartsim.scenario.contracts import CostShare, ProfitShare

LOT_COSTS = ("cost_variable", "cost_failed", "cost_expired")


def profit_share(terms: ProfitShare, setting: Setting) -> tuple[Transfer, ...]:
    """A share of net sales less the costs of the covered lots and less the costs agreed."""
    drawn = setting.drawn
    lots = total((setting.counted(name) for name in LOT_COSTS), setting.shape)
    profit = less(setting.net_sales, lots)
    if terms.costs.constant != 0.0:
        launched = window(setting.calendar, setting.launch).share
        profit = profit - drawn.monthly(terms.costs) * setting.calendar.month_years * launched
    if terms.losses == "no":
        profit = np.maximum(profit, 0.0)
    paid = profit * drawn.monthly(terms.share)
    return (setting.transfer(terms, "profit share", "collaboration", paid),)


def cost_share(terms: CostShare, setting: Setting) -> tuple[Transfer, ...]:
    """A share of what the company spends on the covered products."""
    of_products = (setting.deals.spending[terms.of, product] for product in setting.products)
    spent = total(of_products, setting.shape)
    if terms.until is not None:
        spent = spent * (1.0 - window(setting.calendar, terms.until).share)
    paid = spent * setting.drawn.monthly(terms.share)
    return (setting.transfer(terms, "cost share", "collaboration", paid),)
