"""Orders: how many patients are ordered for, by month, product and market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from cartsim.demand.adoption import adoption
from cartsim.demand.affordability import affordability
from cartsim.demand.competition import class_share
from cartsim.demand.coverage import coverage
from cartsim.demand.eligible import Pool, incident, worked_off
from cartsim.demand.given import given_window, number_a_month, spaced_orders
from cartsim.demand.months import window
from cartsim.distributions.poisson_quantile import poisson_quantile
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import GivenOrders, Market, Product, Scenario
from cartsim.units import Floats, Ints

FACTORS = ("eligible", "coverage", "affordability", "adoption", "class_share")
"""The factors of the expected orders, in the order in which patients meet them."""


@dataclass(frozen=True)
class Demand:
    """The orders of one product in one market, for the replications of a block.

    - ``expected``: float64[R, M], orders a month before chance; with a pool, given the orders of
      the months before.
    - ``factors``: each of ``FACTORS``, float64[R, M] (read-only views), whose product is
      ``expected``: eligible patients a month, then shares. Empty where orders are given.
    - ``orders``: int64[R, M].
    - ``pool``: the course of the prevalent pool, where there is one.
    """

    product: str
    market: str
    expected: Floats
    factors: Mapping[str, Floats]
    orders: Ints
    pool: Pool | None = field(default=None)

    @property
    def path(self) -> str:
        """The dotted path of the market, which names its random streams."""
        return market_path(self.product, self.market)


def market_path(product: str, market: str) -> str:
    """The dotted path of a market."""
    return f"products.{product}.markets.{market}"


def launch_of(product: Product, market: Market) -> date:
    """The launch in a market: its own, else that of the product."""
    return market.launch or product.launch


def demand(scenario: Scenario, drawn: Drawn) -> tuple[Demand, ...]:
    """The orders of every product and market, in the model's order.

    Raises ``ScenarioError`` when the interval of given orders is no whole minute.
    """
    return tuple(
        _market_demand(product_name, product, market_name, market, drawn)
        for product_name, product in scenario.products.items()
        for market_name, market in product.markets.items()
    )


def _market_demand(
    product_name: str, product: Product, market_name: str, market: Market, drawn: Drawn
) -> Demand:
    launch = launch_of(product, market)
    stream = f"{market_path(product_name, market_name)}.orders"
    if market.orders is not None:
        expected, orders = _given(market.orders, launch, stream, drawn)
        return Demand(product_name, market_name, expected, {}, orders)
    u = drawn.uniform(stream, drawn.calendar.months)
    shares = {
        "coverage": coverage(market, drawn),
        "affordability": affordability(market, drawn),
        "adoption": adoption(market.adoption, launch, drawn),
        "class_share": class_share(market, drawn),
    }
    reach = (
        shares["coverage"] * shares["affordability"] * shares["adoption"] * shares["class_share"]
    )
    eligible = incident(market, drawn)
    pool = None
    if market.prevalent_pool is None:
        expected = np.broadcast_to(eligible * reach, u.shape)
        orders = poisson_quantile(u, expected)
    else:
        launched = window(drawn.calendar, launch).share
        pool, expected, orders = worked_off(
            market.prevalent_pool, drawn, eligible, reach, launched, u
        )
        eligible = eligible + pool.seeking
    factors = {
        name: np.broadcast_to(values, u.shape)
        for name, values in {"eligible": eligible, **shares}.items()
    }
    return Demand(product_name, market_name, expected, factors, orders, pool)


def _given(given: GivenOrders, launch: date, stream: str, drawn: Drawn) -> tuple[Floats, Ints]:
    """Expected orders and orders, [R, M], where they are given."""
    if given.every_days is not None:
        orders = spaced_orders(given, launch, drawn)
        return orders.astype(np.float64), orders
    assert given.per_month is not None  # the loader sees to it that one of two keys is there
    expected = number_a_month(given.per_month, given_window(given, launch, drawn), drawn)
    if given.arrivals == "even":
        return expected, spaced_orders(given, launch, drawn)
    return expected, poisson_quantile(drawn.uniform(stream, drawn.calendar.months), expected)
