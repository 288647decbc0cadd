"""Arrivals: the minute of every order, as one row a patient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cartsim.demand.given import given_window, spaced_minutes
from cartsim.demand.launch import launch_of, launched_at
from cartsim.demand.orders import Demand
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.market import Market
from cartsim.scenario.model import Product, Scenario
from cartsim.units import Ints


@dataclass(frozen=True)
class Arrivals:
    """The patients of a block, N in all replications; rows of a replication are contiguous and
    sorted by (order minute, market).

    - ``first``: int64[R + 1], row of each replication's first patient; the last entry is N.
    - ``product``: int64[N], index of the product in the scenario.
    - ``market``: int64[N], index into the tuple of demands.
    - ``ordinal``: int64[N], 0, 1, ... within replication and product, in order of the rows.
    - ``order``: int64[N], minutes since the run's start.
    """

    first: Ints
    product: Ints
    market: Ints
    ordinal: Ints
    order: Ints


def arrivals(scenario: Scenario, drawn: Drawn, demands: tuple[Demand, ...]) -> Arrivals:
    """When the orders of ``demands`` are placed.

    Modelled orders are uniform in their month (in the launch month, from the launch on): within a
    month that is a Poisson process at a constant rate, given its number. The uniforms are indexed
    by the patient's number within replication and market.
    """
    replications, horizon = len(drawn.replications), drawn.calendar.horizon
    bits = max(len(demands) - 1, 0).bit_length()
    keys = []
    for index, demand in enumerate(demands):
        product = scenario.products[demand.product]
        minutes = _order_minutes(demand, product, product.markets[demand.market], drawn)
        of = np.repeat(np.arange(replications), demand.orders.sum(axis=1))
        # one whole number sorts by replication, minute and market at once, faster than three keys
        keys.append(((of * horizon + minutes) << bits) | index)
    key = np.concatenate([np.empty(0, dtype=np.int64), *keys])
    key.sort(kind="stable")  # made for what is nearly in order: months are
    totals = np.zeros(replications, dtype=np.int64)
    for demand in demands:
        totals = totals + demand.orders.sum(axis=1)
    first = np.concatenate([[0], np.cumsum(totals)]).astype(np.int64)
    replication = np.repeat(np.arange(replications), totals)
    market = key & ((1 << bits) - 1)
    names = list(scenario.products)
    product_of = np.asarray([names.index(demand.product) for demand in demands], dtype=np.int64)
    product_index = product_of[market] if demands else market
    return Arrivals(
        first=first,
        product=product_index,
        market=market,
        ordinal=_ordinals(product_index, replication, first, len(names)),
        order=(key >> bits) - replication * horizon,
    )


def _order_minutes(demand: Demand, product: Product, market: Market, drawn: Drawn) -> Ints:
    """The minutes of one demand's orders, by replication, within it by month."""
    given = market.orders
    if given is None:
        opening, closing = drawn.calendar.month_start[:-1], drawn.calendar.month_start[1:]
        begin = np.clip(launched_at(product, market, drawn), opening, closing)
        return _uniform_minutes(demand, begin, closing, drawn)
    launch = launch_of(product, market)
    if given.arrivals == "poisson":
        inside = given_window(given, launch, drawn)
        return _uniform_minutes(demand, inside.start, inside.end, drawn)
    return spaced_minutes(given, launch, drawn, demand.orders)


def _uniform_minutes(demand: Demand, begin: Ints, end: Ints, drawn: Drawn) -> Ints:
    """Minutes uniform between two that are given for each month, [M] or [R, M]."""
    counts = demand.orders.sum(axis=1)
    row = np.repeat(np.arange(counts.size), counts)
    number = np.arange(row.size) - np.repeat(np.cumsum(counts) - counts, counts)
    u = drawn.uniform_at(f"{demand.path}.arrival_time", row, number)
    shape, repeats = demand.orders.shape, demand.orders.ravel()
    start = np.repeat(np.broadcast_to(begin, shape).ravel(), repeats)
    span = np.repeat(np.broadcast_to(end - begin, shape).ravel(), repeats)
    return np.asarray(start + (u * span).astype(np.int64))


def _ordinals(product: Ints, replication: Ints, first: Ints, products: int) -> Ints:
    """Number of each row within its replication and product."""
    ordinal = np.arange(product.size) - first[replication]
    if products > 1:
        for index in range(products):
            rows = np.flatnonzero(product == index)
            before = np.searchsorted(rows, first[:-1])
            ordinal[rows] = np.arange(rows.size) - before[replication[rows]]
    return ordinal
