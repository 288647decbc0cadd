"""Why revenue is not orders times list price: every amount between the two, month by month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from cartsim.economics.events import RECOGNISED_ON, Events, Records, among
from cartsim.economics.grid import Grid
from cartsim.economics.prices import MarketSales
from cartsim.economics.tables import less, nothing, times, total
from cartsim.scenario.model import Scenario
from cartsim.simulation.timelines import LOST_MANUFACTURING, LOST_WAITING, WENT_ELSEWHERE
from cartsim.units import Floats, Ints

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
    journeys = records.journeys
    prices = np.stack([market.list_price for market in sales])
    # Prices hold for a month, so each patient's price is that of the cell of the order.
    patient, ordered = records.orders()
    at_order = np.zeros(journeys.order.size)
    at_order[patient] = prices[
        journeys.market[patient], grid.replication[patient], grid.calendar.month_of_minute(ordered)
    ]
    recognised, recognised_at = recognised_events(scenario, records)
    lost = _lost_without(recognised, records)
    value = at_order * journeys.doses
    gross = grid.table(patient, ordered, value[patient])
    never = grid.table(lost, records.timelines.left[lost], value[lost])
    delivered = grid.table(recognised, recognised_at, at_order[recognised])
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
        "value_added_tax": of_all(m.doses * m.value_added_tax for m in sales),
        "deductions": of_all(m.doses * m.deductions for m in sales),
        "partner_share": less(of_all(m.net_sales for m in sales), product_sales),
        **other_revenue,
    }


def recognised_events(scenario: Scenario, records: Records) -> Events:
    """The events on which revenue is recognised: each market's own kind, all markets together."""
    kinds = [
        scenario.products[product].markets[market].revenue_recognised_on
        for product, _, market in (name.partition(".") for name in records.market_names)
    ]
    patients, minutes = [], []
    for kind in dict.fromkeys(kinds):
        of_kind = np.asarray([k == kind for k in kinds])
        patient, minute = RECOGNISED_ON[kind](records)
        chosen = of_kind[records.journeys.market[patient]]
        patients.append(patient[chosen])
        minutes.append(minute[chosen])
    return np.concatenate(patients), np.concatenate(minutes)


def _lost_without(recognised: Ints, records: Records) -> Ints:
    """Patients lost without an event of recognition."""
    state = records.timelines.state
    lost = among(state, LOST_WAITING, LOST_MANUFACTURING, WENT_ELSEWHERE)
    lost &= records.journeys.order >= 0
    lost[recognised] = False
    return np.flatnonzero(lost)
