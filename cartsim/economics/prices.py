"""What a dose costs in each market, and what the market's doses are worth, month by month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from cartsim.demand.launch import launch_of, list_price
from cartsim.economics.activity import Activity
from cartsim.economics.tables import less, nothing, times
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Scenario
from cartsim.units import Floats

ACTIVITY_OF_EVENT = {"order": "orders", "delivery": "deliveries", "infusion": "doses_infused"}


@dataclass(frozen=True)
class MarketSales:
    """The doses on which a market recognises revenue, and their prices, in reporting currency.

    All arrays are float64[R, month]: ``doses`` counts the events of ``revenue_recognised_on`` that
    are charged for, ``given_free`` those that are not; ``list_price`` is what the payer pays for a
    dose, tax included; ``value_added_tax`` and ``deductions`` are the parts of it that no seller
    keeps."""

    market: str
    launch: date
    doses: Floats
    given_free: Floats
    list_price: Floats
    value_added_tax: Floats
    deductions: Floats

    @cached_property
    def price_before_tax(self) -> Floats:
        """List price without value-added tax."""
        return less(self.list_price, self.value_added_tax)

    @cached_property
    def net_price(self) -> Floats:
        """List price without value-added tax and deductions."""
        return less(self.price_before_tax, self.deductions)

    @cached_property
    def net_sales(self) -> Floats:
        """What the market's payers leave to its seller: doses at the net price."""
        return times(self.doses, self.net_price)


def market_sales(scenario: Scenario, drawn: Drawn, activity: Activity) -> tuple[MarketSales, ...]:
    """Doses and prices of every market, in the order of ``activity.markets``."""
    return tuple(_one(scenario, drawn, activity, name) for name in activity.markets)


def exchange_rate(scenario: Scenario, drawn: Drawn, currency: str | None) -> Floats:
    """Reporting currency per unit of a currency, float64[R, month]; 1 for the reporting one."""
    if currency is None or currency == scenario.currency:
        return np.ones((len(drawn.replications), drawn.calendar.months))
    return drawn.monthly(scenario.fx[currency])


def _one(scenario: Scenario, drawn: Drawn, activity: Activity, name: str) -> MarketSales:
    product_name, _, market_name = name.partition(".")
    product = scenario.products[product_name]
    market = product.markets[market_name]
    shape = activity.orders.shape[1:]
    listed = np.broadcast_to(list_price(market, drawn), shape)
    if market.currency not in (None, scenario.currency):
        listed = listed * exchange_rate(scenario, drawn, market.currency)
    tax = nothing(shape)
    if market.price.value_added_tax.constant != 0.0:
        # The list price holds the tax, so the tax is rate / (1 + rate) of it.
        tax_rate = drawn.value(market.price.value_added_tax)[:, None]
        tax = listed * (tax_rate / (1.0 + tax_rate))
    deductions = nothing(shape)
    if market.price.deductions.constant != 0.0:
        deductions = less(listed, tax) * drawn.monthly(market.price.deductions)
    recognised = activity.of(ACTIVITY_OF_EVENT[market.revenue_recognised_on], name)
    free = nothing(recognised.shape)
    if market.price.out_of_specification_charged.constant != 1.0:
        # On order nothing is known of the lot yet, so everything is charged then.
        of_event = {
            "delivery": "released_under_exception",
            "infusion": "infused_out_of_specification",
        }
        charged = drawn.value(market.price.out_of_specification_charged)[:, None]
        table = of_event.get(market.revenue_recognised_on)
        free = (1.0 - charged) * activity.of(table, name) if table else free
    return MarketSales(
        market=name,
        launch=launch_of(product, market),
        doses=less(recognised, free),
        given_free=free,
        list_price=listed,
        value_added_tax=tax,
        deductions=deductions,
    )
