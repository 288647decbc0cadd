"""The balance sheet: what the company owns, what it owes, and what is left to its owners."""

from __future__ import annotations

import numpy as np

from cartsim.economics.costs import PeriodCosts
from cartsim.economics.dated import within
from cartsim.economics.financing import Financing
from cartsim.economics.tables import less, running, total
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Scenario
from cartsim.units import Floats


def opening_long_lived_assets(scenario: Scenario, drawn: Drawn) -> Floats:
    """Book value when the run opens, float64[R]; where it is not given, as much as the run writes
    off of it: the company's depreciation, the dated impairments, programmes that fail."""
    company, calendar = scenario.company, drawn.calendar
    if company.opening_long_lived_assets is not None:
        return drawn.value(company.opening_long_lived_assets)
    total = np.zeros(len(drawn.replications))
    if company.depreciation.constant != 0.0:
        total += (drawn.monthly(company.depreciation) * calendar.month_years).sum(axis=1)
    for impairment in company.impairments.values():
        if within(calendar, impairment.date):
            total += drawn.value(impairment.amount)
    for product in scenario.products.values():
        if product.development is not None:
            total += drawn.value(product.development.book_value)
    return total


def long_lived_assets(opening: Floats, costs: PeriodCosts) -> Floats:
    """Book value at each month's end, float64[R, month]: ``opening``, float64[R], more by capital
    expenditure, less by depreciation and impairment. Below zero where more is written off than was
    ever entered."""
    grown = less(less(costs.capital_expenditure, costs.depreciation), costs.impairment)
    return running(grown, opening)


def equity(
    opening_assets: Floats,
    deferred_at_start: Floats,
    money: Financing,
    paid_in: Floats,
    net_result: Floats,
) -> Floats:
    """What belongs to owners, minorities among them, at each month's end, float64[R, month]: what
    they had when the run opened, what they have paid in (``paid_in`` under contracts), and the
    results. ``opening_assets`` (cash and long-lived) and ``deferred_at_start`` are float64[R]."""
    opening = opening_assets - deferred_at_start - money.debt_at_start
    grown = total([money.raised, paid_in, net_result], net_result.shape)
    return running(grown, opening)
