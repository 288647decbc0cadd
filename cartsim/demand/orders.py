"""Orders: how many patients are ordered for, by month, product and market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from cartsim.demand.competition import class_share
from cartsim.demand.eligible import Incident, Pool, incident, rates
from cartsim.demand.given import given_window, number_a_month, spaced_orders
from cartsim.demand.launch import launch_of, launched_at
from cartsim.demand.months import share_after
from cartsim.demand.reach import Budgets, factors, places, share_of
from cartsim.distributions.poisson_quantile import poisson_quantile
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.market import GivenOrders, PrevalentPool
from cartsim.scenario.model import Scenario
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


def demand(scenario: Scenario, drawn: Drawn) -> tuple[Demand, ...]:
    """The orders of every product and market, in the model's order.

    Raises ``ScenarioError`` when the interval of given orders is no whole minute.
    """
    return tuple(
        _market_demand(scenario, product_name, market_name, drawn)
        for product_name, product in scenario.products.items()
        for market_name in product.markets
    )


def _market_demand(scenario: Scenario, product_name: str, market_name: str, drawn: Drawn) -> Demand:
    product = scenario.products[product_name]
    market = product.markets[market_name]
    stream = f"{market_path(product_name, market_name)}.orders"
    if market.orders is not None:
        expected, orders = _given(market.orders, launch_of(product, market), stream, drawn)
        return Demand(product_name, market_name, expected, {}, orders)
    u = drawn.uniform(stream, drawn.calendar.months)
    launched = launched_at(product, market, drawn)
    found = places(market, launched, drawn)
    shares = factors(found)
    shares["class_share"] = class_share(scenario, product, market, drawn)
    reach = np.ones((1, 1))
    for share in shares.values():
        reach = reach * share
    patients = incident(market, drawn)
    eligible, pool = patients.new, None
    if market.prevalent_pool is None and not any(place.budgets for place in found):
        expected = np.broadcast_to(eligible * reach, u.shape)
        orders = poisson_quantile(u, expected)
    else:
        budgets = None
        if any(place.budgets for place in found):
            budgets = Budgets(found, shares["class_share"], drawn)
        after = share_after(drawn.calendar, launched)
        pool, expected, orders = by_and_by(
            market.prevalent_pool, drawn, patients, reach, budgets, after, u
        )
        eligible = eligible + pool.seeking
        if budgets is not None:
            others = shares["coverage"] * shares["adoption"] * shares["class_share"]
            coming_up = np.broadcast_to(eligible * others, u.shape)
            paid = share_of(expected, coming_up)
            shares["affordability"] = np.where(coming_up > 0, paid, shares["affordability"])
        pool = None if market.prevalent_pool is None else pool
    known = {"eligible": eligible, **shares}
    shown = {name: np.broadcast_to(known[name], u.shape) for name in FACTORS}
    return Demand(product_name, market_name, expected, shown, orders, pool)


def by_and_by(
    prevalent: PrevalentPool | None,
    drawn: Drawn,
    patients: Incident,
    reach: Floats,
    budgets: Budgets | None,
    launched: Floats,
    u: Floats,
) -> tuple[Pool, Floats, Ints]:
    """Month by month where one month's orders change the next, because they work off a pool or use
    up a budget; returns the pool's course, expected orders and orders, [R, M].

    The pool's patients who come up for a decision join the newly eligible ones; both are ordered
    for with probability ``reach``. Those ordered for leave the pool, and of the others some die or
    go elsewhere. The month's orders are Poisson at the uniforms ``u`` [R, M]; where that would be
    more than the pool holds, the orders are what it holds.
    """
    shape = u.shape
    new, reach = np.broadcast_to(patients.new, shape), np.broadcast_to(reach, shape)
    joining = np.broadcast_to(patients.joining, shape)
    pool, expected = Pool.empty(shape), np.empty(shape)
    orders = np.empty(shape, dtype=np.int64)
    comes_up = leaves = np.broadcast_to(np.zeros((1, 1)), shape)
    if prevalent is not None:
        comes_up, leaves = rates(prevalent, drawn, launched)
        pool.waiting[:, 0] = drawn.value(prevalent.patients)
    for month in range(shape[1]):
        pool.joined[:, month] = joining[:, month]
        held = pool.waiting[:, month] + joining[:, month]
        pool.seeking[:, month] = held * comes_up[:, month]
        eligible = new[:, month] + pool.seeking[:, month]
        here = reach[:, month] if budgets is None else budgets.reach(month, eligible)
        expected[:, month] = eligible * here
        count = poisson_quantile(u[:, month], expected[:, month])
        if prevalent is not None:
            share = pool.seeking[:, month] / np.where(eligible > 0, eligible, 1.0)
            most = np.floor(count * (1.0 - share) + held + 1e-9).astype(np.int64)
            count = np.minimum(count, most)
            pool.ordered[:, month] = np.minimum(count * share, held)
        orders[:, month] = count
        if budgets is not None:
            budgets.spend(expected[:, month], count)
        left = held - pool.ordered[:, month]
        pool.exits[:, month] = left * leaves[:, month]
        pool.waiting[:, month + 1] = left - pool.exits[:, month]
    return pool, expected, orders


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
