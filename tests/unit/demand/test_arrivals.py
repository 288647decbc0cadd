from __future__ import annotations

import numpy as np
import pytest
from unit.demand.market_by_hand import World, world

from cartsim.units import MINUTES_PER_DAY

MODELLED = "incidence_per_year: {uniform: [50, 400]}"
MARKETS = (
    ("alpha", "home", MODELLED),
    ("alpha", "away", "orders: {every_days: 5}"),
    ("beta", "home", "orders: {per_month: 3.3}"),
    ("beta", "isle", "orders: {per_month: 2, arrivals: poisson}"),
)


@pytest.fixture(scope="module")
def four() -> World:
    return world(*MARKETS, replications=30, launch="2024-02-10")


def test_every_order_arrives_in_its_month(four: World) -> None:
    found = four.arrivals
    month = four.drawn.calendar.month_of_minute(found.order)
    replication = np.repeat(np.arange(30), np.diff(found.first))
    counted = np.zeros((4, 30, 24), dtype=np.int64)
    np.add.at(counted, (found.market, replication, month), 1)
    np.testing.assert_array_equal(counted, np.stack([demand.orders for demand in four.demands]))


def test_rows_are_sorted_and_numbered(four: World) -> None:
    found = four.arrivals
    assert found.first[0] == 0
    assert found.first[-1] == found.order.size == found.ordinal.size
    products = [demand.product for demand in four.demands]
    names = ["alpha", "beta"]
    for begin, end in zip(found.first[:-1], found.first[1:], strict=True):
        rows = list(zip(found.order[begin:end], found.market[begin:end], strict=True))
        assert rows == sorted(rows)
        for index, name in enumerate(names):
            of = found.product[begin:end] == index
            np.testing.assert_array_equal(found.ordinal[begin:end][of], np.arange(of.sum()))
            assert {products[market] for market in found.market[begin:end][of]} == {name}
    for column in (found.first, found.product, found.market, found.ordinal, found.order):
        assert column.dtype == np.int64


def test_nobody_arrives_before_the_launch(four: World) -> None:
    assert four.arrivals.order.min() >= 40 * MINUTES_PER_DAY
    assert four.arrivals.order.max() < four.drawn.calendar.horizon


def test_a_part_of_the_replications_has_the_same_arrivals(four: World) -> None:
    part = world(*MARKETS, replications=range(11, 17), launch="2024-02-10").arrivals
    rows = slice(four.arrivals.first[11], four.arrivals.first[17])
    for name in ("product", "market", "ordinal", "order"):
        np.testing.assert_array_equal(getattr(part, name), getattr(four.arrivals, name)[rows])


def test_another_market_changes_no_stream(four: World) -> None:
    alone = world(MARKETS[0], replications=30, launch="2024-02-10")
    index = [demand.path for demand in four.demands].index("products.alpha.markets.home")
    of = four.arrivals.market == index
    np.testing.assert_array_equal(alone.demand.orders, four.demands[index].orders)
    np.testing.assert_array_equal(alone.arrivals.order, four.arrivals.order[of])


def test_no_patients_at_all() -> None:
    found = world("incidence_per_year: 0", replications=3).arrivals
    assert found.order.size == 0
    np.testing.assert_array_equal(found.first, np.zeros(4))
