"""What is not, or not only, the company's own: rights of others, and subsidiaries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from cartsim.economics.activity import Activity
from cartsim.economics.contracts.equity import held_by_others
from cartsim.economics.contracts.setting import Deals, Setting, covered_markets
from cartsim.economics.tables import nothing, or_nothing
from cartsim.scenario.contracts import Contract, Rights
from cartsim.scenario.model import Scenario
from cartsim.units import Floats


def sellers(scenario: Scenario) -> dict[str, str]:
    """Who sells at its own account in the markets whose rights another party has, by
    ``product.market``."""
    return {
        market: contract.parties.get(rights.to, rights.to)
        for contract, rights in _rights(scenario)
        for market in scenario.markets
        if contract.covers_market(market)
    }


def made_by_others(scenario: Scenario, activity: Activity) -> frozenset[str]:
    """The groups (markets, and stocks of products all of whose markets are meant) whose lots
    another party makes at its own account."""
    markets = {
        market
        for contract, rights in _rights(scenario)
        if rights.makes == "them"
        for market in activity.markets
        if contract.covers_market(market)
    }
    return frozenset(activity.groups_of(markets))


def minority(
    scenario: Scenario, deals: Deals, by_market: Mapping[tuple[str, str], Floats]
) -> Floats:
    """What belongs to the other holders of subsidiaries of the result of their products: revenue
    less lot costs, research and selling, before tax, float64[R, month]; negative of a loss."""
    drawn = deals.drawn
    shape = (len(drawn.replications), drawn.calendar.months)
    legs = (leg.equity for contract in scenario.contracts.values() for leg in contract.legs)
    if all(terms is None or terms.subsidiary == "no" for terms in legs):
        return nothing(shape)
    total = np.zeros(shape)
    for name, contract in scenario.contracts.items():
        setting = Setting(name, contract.parties, covered_markets(contract, deals.sales), deals)
        for leg in contract.legs:
            terms = leg.equity
            if terms is None or terms.subsidiary == "no":
                continue
            result = np.zeros(total.shape)
            for market in setting.markets:
                result += by_market["revenue", market]
            for group in setting.groups:
                for line in ("variable", "failed", "expired"):
                    result -= by_market[f"cost_of_goods_{line}", group]
            for product in setting.products:
                for line in ("research", "selling"):
                    result -= deals.spending[line, product]
            share = drawn.value(terms.share)[:, None] * held_by_others(terms, drawn.calendar)
            total += share * result
    return or_nothing(total)


def _rights(scenario: Scenario) -> Iterator[tuple[Contract, Rights]]:
    for contract in scenario.contracts.values():
        for leg in contract.legs:
            if leg.rights is not None:
                yield contract, leg.rights
