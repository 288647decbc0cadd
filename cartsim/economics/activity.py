"""What happened each month, counted from the facts, and what the lots cost."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from cartsim.compiled import fixed
from cartsim.economics.carrying import LotCosts, charged_when_settled
from cartsim.economics.events import Events, Records, first_production
from cartsim.economics.grid import Grid
from cartsim.economics.reading import count_events
from cartsim.economics.tables import nothing, or_nothing
from cartsim.economics.tally import add_lot_costs
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.manufacturing import Route
from cartsim.scenario.model import Scenario
from cartsim.simulation.plan import NO_STEP, Kind, Plan, RoutePlan
from cartsim.simulation.timelines import (
    DISRUPTED,
    INFUSED,
    INFUSED_OUT_OF_SPECIFICATION,
    LOST_MANUFACTURING,
    LOST_WAITING,
    STATES,
    WENT_ELSEWHERE,
)
from cartsim.units import Floats


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
    of_states, of_starts, of_ends = _counted(grid, records)
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
        orders=of_states[0],
        collections=of_starts[0],
        lots_started=of_starts[1],
        lots_failed=of_ends[2],
        deliveries=of_ends[0],
        infusions=of_states[1 + INFUSED] + of_states[1 + INFUSED_OUT_OF_SPECIFICATION],
        doses_infused=of_starts[2],
        infused_out_of_specification=of_states[1 + INFUSED_OUT_OF_SPECIFICATION],
        lost_waiting=of_states[1 + LOST_WAITING],
        lost_manufacturing=of_states[1 + LOST_MANUFACTURING],
        went_elsewhere=of_states[1 + WENT_ELSEWHERE],
        doses_made=doses(records.doses_made(), timelines.made.astype(np.float64)),
        doses_expired=doses(records.doses_expired(), timelines.expired.astype(np.float64)),
        doses_lost=of_source(records.doses_lost()) if plan.stocks else none,
        doses_taken=of_source(records.doses_taken()) if plan.stocks else none,
        released_under_exception=of_ends[1],
        cost_variable=costs.variable,
        cost_failed=costs.failed,
        cost_expired=costs.expired,
        inventory=costs.inventory,
    )


def _counted(grid: Grid, records: Records) -> tuple[Floats, Floats, Floats]:
    """What :func:`~cartsim.economics.reading.count_events` counts, float64[kind, group, R, month]
    each; the starts are those of collection, first production and infusion."""
    plan, journeys, timelines = records.plan, records.journeys, records.timelines
    starts = np.asarray(
        [(r.collection, first_production(r), r.infusion) for r in plan.routes], dtype=np.int64
    ).reshape(-1, 3)
    of_states, of_starts, of_ends = (np.zeros((n, *grid.shape)) for n in (1 + len(STATES), 3, 3))
    if not plan.routes:
        return of_states, of_starts, of_ends
    count_events(
        of_states.reshape(len(of_states), -1),
        of_starts.reshape(len(of_starts), -1),
        of_ends.reshape(len(of_ends), -1),
        LOST_MANUFACTURING,
        DISRUPTED,
        *fixed(
            grid.first_cell,
            grid.calendar.month_of_day,
            journeys.order,
            timelines.state,
            timelines.left,
            journeys.attempt_first,
            journeys.route,
            timelines.start,
            timelines.end,
            timelines.result,
            starts.T,
            records.steps("delivery"),
            records.of_kind(Kind.AUTOLOGOUS, Kind.STOCK_LOT),
            records.released_under_exception,
            records.delivered,
            records.ended_badly,
        ),
    )
    return of_states, of_starts, of_ends


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
    by_replication = np.moveaxis(unit_cost, 1, 2)
    if scenario.company.inventory == "at_cost":
        return charged_when_settled(scenario, grid, records, by_replication, factor)
    variable, failed, expired = (np.zeros(int(np.prod(grid.shape))) for _ in range(3))
    made, gone = records.timelines.made, records.timelines.expired
    add_lot_costs(
        variable,
        failed,
        expired,
        *fixed(
            grid.first_cell,
            grid.calendar.month_of_day,
            grid.replication,
            records.journeys.attempt_first,
            records.journeys.route,
            records.timelines.start,
            records.wasted,
            by_replication,
            factor,
            np.divide(gone, made, out=np.zeros(made.size), where=made > 0),
        ),
    )
    variable, failed, expired = (
        or_nothing(table.reshape(grid.shape)) for table in (variable, failed, expired)
    )
    return LotCosts(variable, failed, expired, inventory=nothing(grid.shape))
