"""What happened each month, counted from the facts, and what the lots cost."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from cartsim.economics.carrying import LotCosts, charged_when_settled
from cartsim.economics.events import Events, Records, first_production
from cartsim.economics.grid import Grid
from cartsim.economics.tables import nothing
from cartsim.economics.tally import add_lot_costs
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.manufacturing import Route
from cartsim.scenario.model import Scenario
from cartsim.simulation.plan import NO_STEP, Kind, Plan, RoutePlan
from cartsim.units import MINUTES_PER_DAY, Floats


@dataclass(frozen=True)
class Activity:
    """Monthly counts and lot costs of one block; every table is float64[group, R, month].

    ``groups`` names the first axis: ``product.market`` of each market, then ``product`` for the
    lots that are made to stock and belong to no market. Counts fall into the month of their event:
    the start of a collection, of a lot's first production step and of an infusion, the end of a
    failed step and of a delivery, the minute at which a patient was lost, the release and the
    expiry of doses. Costs (reporting currency) fall into the month in which a step starts:
    ``cost_failed`` of the attempts that ended without a delivery (or a stock lot's release),
    ``cost_expired`` that part of a stock lot's cost which its expired doses bear, ``cost_variable``
    all others; or, where costs are carried until the sale, into the month of the sale, and
    ``inventory`` is what is carried at each month's end. ``given_free`` counts what is recognised
    and not charged for, because it was released under exception.
    """

    groups: tuple[str, ...]
    orders: Floats
    collections: Floats
    lots_started: Floats
    lots_failed: Floats
    deliveries: Floats
    infusions: Floats
    doses_infused: Floats
    infused_out_of_specification: Floats
    lost_waiting: Floats
    lost_manufacturing: Floats
    went_elsewhere: Floats
    doses_made: Floats
    doses_expired: Floats
    doses_lost: Floats
    doses_taken: Floats
    released_under_exception: Floats
    cost_variable: Floats
    cost_failed: Floats
    cost_expired: Floats
    inventory: Floats

    @property
    def markets(self) -> tuple[str, ...]:
        """``product.market`` of every market."""
        return tuple(group for group in self.groups if "." in group)

    def groups_of(self, markets: Collection[str]) -> tuple[str, ...]:
        """Markets, and the stock lots of the products all of whose markets are among them."""
        return tuple(
            group
            for group in self.groups
            if group in markets
            or ("." not in group and all(m in markets for m in self.markets_of(group)))
        )

    def markets_of(self, product: str) -> tuple[str, ...]:
        """``product.market`` of every market of a product."""
        return tuple(market for market in self.markets if market.partition(".")[0] == product)

    def total(self, name: str) -> Floats:
        """One of the tables summed over the groups, float64[R, month]."""
        table: Floats = getattr(self, name)
        total: Floats = table.sum(axis=0)
        return total

    def of(self, name: str, group: str) -> Floats:
        """One of the tables of one group, float64[R, month]."""
        table: Floats = getattr(self, name)
        found: Floats = table[self.groups.index(group)]
        return found


def activity(scenario: Scenario, drawn: Drawn, grid: Grid, records: Records) -> Activity:
    """Count the facts of a block by group, replication and month, and charge the steps' costs."""
    plan, timelines = records.plan, records.timelines
    costs = lot_costs(
        scenario,
        grid,
        records,
        step_costs(scenario, drawn, plan),
        cost_factors(scenario, drawn, grid, records),
    )
    none = nothing(grid.shape)

    def doses(events: Events, number: Floats) -> Floats:
        return grid.table(*events, number[events[0]]) if plan.stocks else none

    def of_source(attempt_and_minute: Events) -> Floats:
        # a dose belongs to its stock's lots
        attempt, minute = attempt_and_minute
        return grid.table(timelines.source[attempt], minute)

    return Activity(
        groups=grid.groups,
        orders=grid.table(*records.orders()),
        collections=grid.table(*records.collections()),
        lots_started=grid.table(*records.lots_started()),
        lots_failed=grid.table(*records.lots_failed()),
        deliveries=grid.table(*records.deliveries()),
        infusions=grid.table(*records.infusions()),
        doses_infused=grid.table(*records.doses_infused()),
        infused_out_of_specification=grid.table(*records.infusions_out_of_specification()),
        lost_waiting=grid.table(*records.lost_waiting()),
        lost_manufacturing=grid.table(*records.lost_manufacturing()),
        went_elsewhere=grid.table(*records.went_elsewhere()),
        doses_made=doses(records.doses_made(), timelines.made.astype(np.float64)),
        doses_expired=doses(records.doses_expired(), timelines.expired.astype(np.float64)),
        doses_lost=of_source(records.doses_lost()) if plan.stocks else none,
        doses_taken=of_source(records.doses_taken()) if plan.stocks else none,
        released_under_exception=grid.table(*_released(records)),
        cost_variable=costs.variable,
        cost_failed=costs.failed,
        cost_expired=costs.expired,
        inventory=costs.inventory,
    )


def _released(records: Records) -> Events:
    """Deliveries of products released under exception."""
    attempt = np.flatnonzero(records.released_under_exception & records.delivered)
    attempt = attempt[records.of_kind(Kind.AUTOLOGOUS, Kind.FROM_STOCK)[records.route[attempt]]]
    end = records.at([route.delivery for route in records.plan.routes], records.timelines.end)
    return records.row[attempt], end[attempt]


def step_costs(scenario: Scenario, drawn: Drawn, plan: Plan) -> Floats:
    """Cost of each start of a step, float64[route, step, R], reporting currency; tests included."""
    costs = np.zeros((len(plan.routes), plan.steps, len(drawn.replications)))
    for index, planned in enumerate(plan.routes):
        route = _written(scenario, planned)
        for position, step in enumerate(planned.steps):
            if step.name not in route.steps:  # the booking of a place costs nothing by itself
                continue
            written = route.steps[step.name]
            for amount in (*written.costs.values(), *(t.cost for t in written.tests.values())):
                costs[index, position] += drawn.value(amount)
    return costs


def _written(scenario: Scenario, planned: RoutePlan) -> Route:
    """The route of a scenario from which one of the plan was made."""
    product = scenario.products[planned.product]
    if planned.kind != Kind.STOCK_LOT:
        return product.route
    assert product.bank is not None
    return product.bank.route


def cost_factors(scenario: Scenario, drawn: Drawn, grid: Grid, records: Records) -> Floats:
    """What learning and the growth of costs make of the steps' costs in each month, float64[route,
    R, month].

    After n lots, started before the month's beginning, costs are (1 - learning) ** log2(n / those
    before the run) of what is written; growth compounds from the start of the run.
    """
    plan, calendar = records.plan, drawn.calendar
    factor = np.ones((len(plan.routes), grid.replications, calendar.months))
    for index, planned in enumerate(plan.routes):
        route = _written(scenario, planned)
        factor[index] = np.cumprod(
            (1.0 + drawn.monthly(route.cost_growth)) ** calendar.month_years, axis=1
        )
        production = first_production(planned)
        if route.learning.constant == 0.0 or production == NO_STEP:
            continue
        attempt = np.flatnonzero(records.route == index)
        start = records.timelines.start[attempt, production]
        started = grid.table(records.row[attempt], start).sum(axis=0)
        before = np.maximum(drawn.value(route.lots_before), 1.0)[:, None]
        lots = before + np.cumsum(started, axis=1) - started
        exponent = np.log2(np.maximum(1.0 - drawn.value(route.learning), 1e-12))[:, None]
        factor[index] *= (lots / before) ** exponent
    return factor


def lot_costs(
    scenario: Scenario, grid: Grid, records: Records, unit_cost: Floats, factor: Floats
) -> LotCosts:
    """Costs of the started steps, in the month of the start or (``company.inventory`` at cost) of
    the sale.

    ``unit_cost`` is float64[route, step, R], ``factor`` float64[route, R, month]. An attempt's
    costs follow its eventual fate, also those of the steps that went well: a lot that fails its
    release test has wasted its collection and its production."""
    by_line = (
        np.moveaxis(unit_cost, 1, 2).reshape(len(unit_cost) * grid.replications, -1)
        if unit_cost.size
        else np.zeros((0, 1))
    )
    factors = factor.reshape(len(factor) * grid.replications, grid.calendar.months)
    if scenario.company.inventory == "at_cost":
        return charged_when_settled(scenario, grid, records, by_line, factors)
    variable, failed, expired = (np.zeros(int(np.prod(grid.shape))) for _ in range(3))
    made, gone = records.timelines.made, records.timelines.expired
    add_lot_costs(
        *(variable, failed, expired),
        grid.first_cell,
        records.timelines.start,
        records.row,
        records.route * grid.replications + grid.replication[records.row],
        records.wasted.astype(np.int64),
        by_line,
        factors,
        np.divide(gone, made, out=np.zeros(made.size), where=made > 0),
        grid.calendar.month_of_day,
        MINUTES_PER_DAY,
    )
    return LotCosts(
        variable.reshape(grid.shape),
        failed.reshape(grid.shape),
        expired.reshape(grid.shape),
        inventory=nothing(grid.shape),
    )
