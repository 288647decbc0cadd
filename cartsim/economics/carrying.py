"""Lots' costs that are carried as inventory until their dose is sold, fails or expires.

A cost is incurred when its step starts. It is charged when that attempt's dose is *settled*: sold,
which is the event on which its market recognises revenue; or given up, because the lot failed or
its patient was gone. What is incurred after that is charged at once. The cost of a lot that was
made to stock lies in its doses in equal parts, and each part is charged with the attempt that took
the dose, or when the dose expires. What is not settled by the end of the run stays in inventory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cartsim.compiled import compiled, fixed
from cartsim.economics.events import Records
from cartsim.economics.grid import Grid
from cartsim.scenario.model import Scenario
from cartsim.simulation.plan import Kind
from cartsim.simulation.timelines import LOST_WAITING
from cartsim.units import MINUTES_PER_DAY, Flags, Floats, Ints


@dataclass(frozen=True)
class LotCosts:
    """float64[group, R, month] each: what is charged in a month, by its fate, and what is carried
    as inventory at its end."""

    variable: Floats
    failed: Floats
    expired: Floats
    inventory: Floats


def charged_when_settled(
    scenario: Scenario, grid: Grid, records: Records, unit_cost: Floats, factor: Floats
) -> LotCosts:
    """The costs of a block. ``unit_cost`` is float64[route, R, step], ``factor`` float64[route, R,
    month]."""
    timelines, journeys = records.timelines, records.journeys
    settled = settled_at(scenario, records)
    gone, gone_at = records.doses_expired()
    expires = np.full(journeys.route.size, records.plan.horizon, dtype=np.int64)
    expires[gone] = gone_at
    released = records.delivered & records.of_kind(Kind.STOCK_LOT)[records.route]
    settled[released] = timelines.left[records.row[released]]
    taken = records.at(records.dose_steps, timelines.start)
    of_dose = np.zeros(journeys.route.size)  # what one dose of each stock lot cost
    tables = np.zeros((4, int(np.prod(grid.shape))))
    _carry(
        tables,
        of_dose,
        records.plan.horizon,
        *fixed(
            grid.first_cell,
            grid.calendar.month_of_day,
            grid.replication,
            journeys.route,
            records.row,
            timelines.start,
            records.wasted,
            released,
            settled,
            np.maximum(settled, taken) if records.plan.stocks else settled,
            timelines.source,
            timelines.made,
            timelines.expired,
            expires,
            unit_cost,
            factor,
        ),
    )
    variable, failed, expired, incurred = tables.reshape(4, *grid.shape)
    carried = np.cumsum(incurred - variable - failed - expired, axis=2)
    return LotCosts(variable, failed, expired, carried)


def settled_at(scenario: Scenario, records: Records) -> Ints:
    """The minute at which each attempt's costs are charged, int64[A]; the horizon or later where
    they are still carried at the end of the run."""
    plan, timelines, journeys = records.plan, records.timelines, records.journeys
    settled = np.full(records.row.size, plan.horizon, dtype=np.int64)
    end, infused = records.delivered_at, records.infused_at
    left = timelines.left[records.row]
    gone = (timelines.state[records.row] == LOST_WAITING) & records.last
    market = journeys.market[records.row]
    for index, name in enumerate(records.market_names):
        product, _, in_market = name.partition(".")
        event = scenario.products[product].markets[in_market].revenue_recognised_on
        mine = market == index
        if event == "order":
            settled[mine] = 0
        elif event == "delivery":
            done = mine & records.delivered
            settled[done] = end[done]
        else:
            done = mine & (infused >= 0)
            settled[done] = infused[done]
            lost = mine & records.delivered & (infused < 0) & gone
            settled[lost] = left[lost]
    # given up, where not charged as it arises: when the last step ended, or the patient had left
    which = np.flatnonzero(records.wasted & (settled > 0))
    last_end = timelines.end[which].max(axis=1, initial=0)
    settled[which] = np.maximum(last_end, np.where(gone[which], left[which], 0))
    return settled


@compiled
def _carry(
    tables: Floats,
    of_dose: Floats,
    horizon: int,
    first_cell: Ints,
    month_of_day: Ints,
    replication: Ints,
    route: Ints,
    row: Ints,
    start: Ints,
    wasted: Flags,
    released: Flags,
    settled: Ints,
    dose_settled: Ints,
    source: Ints,
    made: Ints,
    expired: Ints,
    expires: Ints,
    unit_cost: Floats,
    factor: Floats,
) -> None:
    """Fill ``tables``, float64[4, cells], and ``of_dose``, float64[rows]."""
    for attempt in range(start.shape[0]):
        mine = row[attempt]
        cell = first_cell[mine]
        costs = unit_cost[route[mine], replication[mine]]
        factors = factor[route[mine], replication[mine]]
        fate = 1 if wasted[attempt] or (released[attempt] and made[mine] == 0) else 0
        for step in range(start.shape[1]):
            minute, cost = start[attempt, step], costs[step]
            if minute < 0 or cost == 0.0:
                continue
            month = month_of_day[minute // MINUTES_PER_DAY]
            cost *= factors[month]
            tables[3, cell + month] += cost
            if released[attempt] and made[mine] > 0:
                of_dose[mine] += cost / made[mine]
            elif max(settled[attempt], minute) < horizon:
                month = month_of_day[max(settled[attempt], minute) // MINUTES_PER_DAY]
                tables[fate, cell + month] += cost
    for attempt in range(start.shape[0]):
        lot = source[attempt]
        if lot >= 0 and dose_settled[attempt] < horizon:
            month = month_of_day[dose_settled[attempt] // MINUTES_PER_DAY]
            tables[0, first_cell[lot] + month] += of_dose[lot]
    for lot in range(len(made)):
        if expired[lot] > 0 and expires[lot] < horizon:
            month = month_of_day[expires[lot] // MINUTES_PER_DAY]
            tables[2, first_cell[lot] + month] += of_dose[lot] * expired[lot]
