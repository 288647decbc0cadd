"""Why revenue is not orders times list price: every amount between the two, month by month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from cartsim.compiled import fixed
from cartsim.economics.events import Events, Records
from cartsim.economics.grid import Grid
from cartsim.economics.prices import MarketSales
from cartsim.economics.reading import value_orders
from cartsim.economics.tables import less, nothing, times, total
from cartsim.scenario.model import Scenario
from cartsim.simulation.timelines import LOST_MANUFACTURING, LOST_WAITING, STATES, WENT_ELSEWHERE
from cartsim.units import Flags, Floats, Ints

BRIDGE: Mapping[str, int] = {
    "gross_order_value": +1,
    "never_delivered": -1,
    "not_yet_delivered": -1,
    "price_change_since_order": -1,
    "given_free": -1,
    "value_added_tax": -1,
    "deductions": -1,
    "partner_share": -1,
    "licence_income": +1,
    "royalty_income": +1,
    "service_income": +1,
}
"""Amounts from the value of the orders to revenue, in reading order, each with the sign with which
it enters the sum. "Delivered" stands for the event on which a market recognises its revenue."""


def bridge(
    scenario: Scenario,
    grid: Grid,
    records: Records,
    sales: tuple[MarketSales, ...],
    product_sales: Floats,
    other_revenue: Mapping[str, Floats],
) -> dict[str, Floats]:
    """The amounts of ``BRIDGE``, float64[R, month] each, whose signed sum is revenue.

    - ``gross_order_value``: the doses ordered at the list price, tax included, of the month of the
      order.
    - ``never_delivered``: the same value of the orders lost in the month without a delivery.
    - ``not_yet_delivered``: what the orders waiting for their delivery grew by in the month;
      negative when more was delivered and lost than ordered.
    - ``price_change_since_order``: what the doses delivered lost in list price (and exchange rate)
      since their order.
    - ``given_free``: doses released under exception that are not charged for, at list price.
    - ``value_added_tax``, ``deductions``: of the doses charged for.
    - ``partner_share``: what is left of the net sales to those who sell for the company.
    - ``licence_income``, ``royalty_income``, ``service_income``: what contracts bring besides.
    """
    if not sales:  # a company that sells nothing itself
        none = nothing(product_sales.shape)
        return {name: other_revenue.get(name, none) for name in BRIDGE}
    gross, never, delivered = _order_values(scenario, grid, records, sales)
    shape = product_sales.shape

    def of_all(tables: Iterable[Floats]) -> Floats:
        return total(tables, shape)

    return {
        "gross_order_value": of_all(gross),
        "never_delivered": of_all(never),
        "not_yet_delivered": of_all(gross - never - delivered),
        "price_change_since_order": of_all(
            sold_at - (total([m.doses, m.given_free], shape)) * m.list_price
            for sold_at, m in zip(delivered, sales, strict=False)
        ),
        "given_free": of_all(times(m.given_free, m.list_price) for m in sales),
        "value_added_tax": of_all(times(m.value_added_tax, m.doses) for m in sales),
        "deductions": of_all(times(m.deductions, m.doses) for m in sales),
        "partner_share": less(of_all(m.net_sales for m in sales), product_sales),
        **other_revenue,
    }


def _order_values(
    scenario: Scenario, grid: Grid, records: Records, sales: tuple[MarketSales, ...]
) -> tuple[Floats, Floats, Floats]:
    """What :func:`~cartsim.economics.reading.value_orders` adds up, float64[group, R, month]."""
    journeys, timelines = records.journeys, records.timelines
    minute, on_order = _recognised_at(scenario, records)
    lost = np.zeros(len(STATES), dtype=np.bool_)
    lost[[LOST_WAITING, LOST_MANUFACTURING, WENT_ELSEWHERE]] = True
    gross, never, delivered = np.zeros((3, int(np.prod(grid.shape))))
    value_orders(
        gross,
        never,
        delivered,
        *fixed(
            np.stack([market.list_price for market in sales]),
            grid.replication,
            grid.first_cell,
            grid.calendar.month_of_day,
            journeys.market,
            journeys.order,
            journeys.doses,
            timelines.state,
            timelines.left,
            lost,
            journeys.attempt_first,
            minute,
            on_order,
        ),
    )
    return gross.reshape(grid.shape), never.reshape(grid.shape), delivered.reshape(grid.shape)


def _recognised_at(scenario: Scenario, records: Records) -> tuple[Ints, Flags]:
    """The minute of the event of each attempt on which its market recognises revenue, int64[A] (-1:
    none), and the markets for which that is the order instead, bool[market + 1] (the last entry is
    for rows without one)."""
    events = [
        scenario.products[product].markets[market].revenue_recognised_on
        for product, _, market in (name.partition(".") for name in records.market_names)
    ]
    on_order = np.asarray([*(event == "order" for event in events), False])
    minute_of = {"delivery": lambda: records.delivered_at, "infusion": lambda: records.infused_at}
    minute, market = np.full(records.row.size, -1), records.journeys.market[records.row]
    for event in set(events) & set(minute_of):
        mine = np.asarray([*(event == each for each in events), False])[market]  # -1: no market
        minute = np.where(mine, minute_of[event](), minute)
    return minute, on_order


def recognised_events(scenario: Scenario, records: Records) -> Events:
    """The events on which revenue is recognised: each market's own kind, all markets together."""
    minute, on_order = _recognised_at(scenario, records)
    attempt = np.flatnonzero(minute >= 0)
    ordered = np.flatnonzero(on_order[records.journeys.market] & (records.journeys.order >= 0))
    return (
        np.concatenate([ordered, records.row[attempt]]),
        np.concatenate([records.journeys.order[ordered], minute[attempt]]),
    )
