"""What happened each month, counted from the facts, and what the lots cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cartsim.economics.events import Flags, Records
from cartsim.economics.grid import Grid
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Scenario
from cartsim.simulation.plan import Journeys, Plan
from cartsim.simulation.timelines import Timelines
from cartsim.units import Floats


@dataclass(frozen=True)
class Activity:
    """Monthly counts and lot costs of one block; every table is float64[market, R, month].

    ``markets`` names the first axis (``product.market``). Counts fall into the month of their
    event: the start of a collection, of a lot's first production step and of an infusion, the end
    of a failed step and of a delivery, the minute at which a patient was lost. Costs (reporting
    currency) fall into the month in which a step starts: ``cost_variable`` of the attempts that
    ended in a delivery or are still in process, ``cost_failed`` of those that failed or whose
    patient was gone before the delivery.
    """

    markets: tuple[str, ...]
    orders: Floats
    collections: Floats
    lots_started: Floats
    lots_failed: Floats
    deliveries: Floats
    infusions: Floats
    infused_out_of_specification: Floats
    lost_waiting: Floats
    lost_manufacturing: Floats
    cost_variable: Floats
    cost_failed: Floats

    def total(self, name: str) -> Floats:
        """One of the tables summed over the markets, float64[R, month]."""
        table: Floats = getattr(self, name)
        total: Floats = table.sum(axis=0)
        return total

    def of(self, name: str, market: str) -> Floats:
        """One of the tables in one market, float64[R, month]; the market is ``product.market``."""
        table: Floats = getattr(self, name)
        found: Floats = table[self.markets.index(market)]
        return found


def activity(
    scenario: Scenario, drawn: Drawn, plan: Plan, journeys: Journeys, timelines: Timelines
) -> Activity:
    """Count the facts of a block by market, replication and month, and charge the steps' costs."""
    grid = Grid.of(drawn.calendar, plan, journeys)
    records = Records(plan, journeys, timelines)
    variable, failed = lot_costs(grid, records, step_costs(scenario, drawn, plan))
    return Activity(
        markets=records.market_names,
        orders=grid.table(*records.orders()),
        collections=grid.table(*records.collections()),
        lots_started=grid.table(*records.lots_started()),
        lots_failed=grid.table(*records.lots_failed()),
        deliveries=grid.table(*records.deliveries()),
        infusions=grid.table(*records.infusions()),
        infused_out_of_specification=grid.table(*records.infusions_out_of_specification()),
        lost_waiting=grid.table(*records.lost_waiting()),
        lost_manufacturing=grid.table(*records.lost_manufacturing()),
        cost_variable=variable,
        cost_failed=failed,
    )


def step_costs(scenario: Scenario, drawn: Drawn, plan: Plan) -> Floats:
    """Cost of each start of a step, float64[product, step, R], reporting currency."""
    costs = np.zeros((len(plan.routes), plan.steps, len(drawn.replications)))
    for index, route in enumerate(plan.routes):
        steps = scenario.products[route.product].route.steps
        for position, step in enumerate(route.steps):
            for amount in steps[step.name].costs.values():
                costs[index, position] += drawn.value(amount)
    return costs


def lot_costs(grid: Grid, records: Records, unit_cost: Floats) -> tuple[Floats, Floats]:
    """Costs of the started steps, variable and failed, float64[market, R, month] each.

    ``unit_cost`` is float64[product, step, R]. An attempt's costs follow its eventual fate, also
    those of the steps that went well: a lot that fails its release test has wasted its collection
    and its production.
    """
    start, product = records.timelines.start, records.journeys.product
    costly = np.asarray(unit_cost.any(axis=2))[product]
    patient, attempt, step = np.nonzero((start >= 0) & costly[:, None, :])
    minute = start[patient, attempt, step]
    cost = unit_cost[product[patient], step, grid.replication[patient]]
    lost: Flags = records.wasted()[patient, attempt]
    kept: Flags = ~lost
    return (
        grid.table(patient[kept], minute[kept], cost[kept]),
        grid.table(patient[lost], minute[lost], cost[lost]),
    )
