"""Costs of making that no single step bears: supplies, storage, contract manufacturers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cartsim.demand.months import window
from cartsim.economics.events import Records, first_production
from cartsim.economics.grid import Grid
from cartsim.economics.tables import in_year, or_nothing
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.manufacturing import ContractManufacturer
from cartsim.scenario.model import Scenario
from cartsim.simulation.timelines import NOT_CHOSEN, Timelines
from cartsim.units import DAYS_PER_YEAR, MINUTES_PER_DAY, Calendar, Floats, Ints


@dataclass(frozen=True)
class MakingCosts:
    """Costs by month, float64[R, month], in reporting currency: of supplies when they arrive, of
    keeping doses in stock, and what contract manufacturers are paid."""

    supplies: Floats
    storage: Floats
    contract_manufacturer: Floats


def making_costs(scenario: Scenario, drawn: Drawn, grid: Grid, records: Records) -> MakingCosts:
    """The costs of a block."""
    return MakingCosts(
        supplies=_supplies(scenario, drawn, records.timelines),
        storage=_storage(scenario, drawn, records),
        contract_manufacturer=_contract_manufacturers(scenario, drawn, grid, records),
    )


def _supplies(scenario: Scenario, drawn: Drawn, timelines: Timelines) -> Floats:
    total = np.zeros((len(drawn.replications), drawn.calendar.months))
    for index, supply in enumerate(scenario.supplies.values()):
        if supply.cost_per_order.constant == 0.0:
            continue
        row, order = np.nonzero(timelines.arrived[:, index] >= 0)
        month = drawn.calendar.month_of_minute(timelines.arrived[row, index, order])
        np.add.at(total, (row, month), drawn.value(supply.cost_per_order)[row])
    return or_nothing(total)


def _storage(scenario: Scenario, drawn: Drawn, records: Records) -> Floats:
    """Dose-years in each month at what a dose costs a year; a dose that comes or goes within a
    month counts for its part of it."""
    calendar = drawn.calendar
    total = np.zeros((len(drawn.replications), calendar.months))
    for index, stock in enumerate(records.plan.stocks):
        bank = scenario.products[stock.product].bank
        assert bank is not None
        if bank.storage_cost_per_dose_year.constant == 0.0:
            continue
        years = dose_minutes(calendar, len(total), *records.stock_changes[index]) / (
            DAYS_PER_YEAR * MINUTES_PER_DAY
        )
        total += years * drawn.value(bank.storage_cost_per_dose_year)[:, None]
    return or_nothing(total)


def dose_minutes(calendar: Calendar, rows: int, row: Ints, minute: Ints, change: Ints) -> Floats:
    """Doses in stock times minutes, by month, float64[R, month], from changes of the stock."""
    edges = calendar.month_start
    month = calendar.month_of_minute(minute)
    held = np.zeros((rows, calendar.months))
    level = np.zeros((rows, calendar.months))
    np.add.at(held, (row, month), change * (edges[month + 1] - minute).astype(np.float64))
    np.add.at(level, (row, month), change.astype(np.float64))
    before = np.cumsum(level, axis=1) - level
    return held + before * np.diff(edges)


def _contract_manufacturers(
    scenario: Scenario, drawn: Drawn, grid: Grid, records: Records
) -> Floats:
    total = np.zeros((len(drawn.replications), drawn.calendar.months))
    for name, plant in scenario.plants.items():
        maker = plant.contract_manufacturer
        if maker is None:
            continue
        started, failed = lots_at(grid, records, name)
        total += contract_fees(maker, drawn, started, failed)
    return or_nothing(total)


def lots_at(grid: Grid, records: Records, plant: str) -> tuple[Floats, Floats]:
    """Production starts at a plant, and those of them that failed, float64[R, month] by start."""
    started, failed = np.zeros(grid.shape[1:]), np.zeros(grid.shape[1:])
    chosen, start = records.timelines.chosen, records.timelines.start
    for index, route in enumerate(records.plan.routes):
        production = first_production(route)
        if production < 0 or plant not in route.plants:
            continue
        here = records.route == index
        if len(route.plants) > 1:
            here &= (chosen == route.plants.index(plant)) & (chosen != NOT_CHOSEN)
        attempt = np.flatnonzero(here & (start[:, production] >= 0))
        row, minute = records.row[attempt], start[attempt, production]
        result = records.timelines.result[attempt]
        bad = (((result & 1) == 1) & (result > 0)).any(axis=1)
        started += grid.table(row, minute).sum(axis=0)
        failed += grid.table(row, minute, bad.astype(np.float64)).sum(axis=0)
    return started, failed


def contract_fees(
    maker: ContractManufacturer, drawn: Drawn, started: Floats, failed: Floats
) -> Floats:
    """What a contract manufacturer is paid, float64[R, month].

    The fee of each production start, less what it bears of the failed ones; the suite; and, in the
    last month of each calendar year, the fee of the lots by which the starts of the year stayed
    below what was to be taken or paid.
    """
    calendar = drawn.calendar
    fee = drawn.monthly(maker.fee_per_lot)
    borne = drawn.value(maker.failed_lots_borne)[:, None]
    paid = fee * (started - borne * failed)
    here = np.ones(calendar.months)
    if maker.reserved_from is not None:
        here = window(calendar, maker.reserved_from).share
    paid = paid + drawn.monthly(maker.suite_fee) * calendar.month_years * here
    reserved = drawn.monthly(maker.reserved_lots) * calendar.month_years * here
    return paid + fee * lots_not_taken(calendar, reserved, drawn.value(maker.take_or_pay), started)


def lots_not_taken(calendar: Calendar, reserved: Floats, share: Floats, started: Floats) -> Floats:
    """Lots by which the starts of each calendar year stay below the share, float64[R], of those
    reserved that is to be taken or paid; float64[R, month], in the year's last month. ``reserved``
    and ``started`` are by month."""
    ends = calendar.year_edges[1:] - 1
    owed = in_year(calendar, reserved)[:, ends] * share[:, None]
    found = np.zeros(reserved.shape)
    found[:, ends] = np.maximum(owed - in_year(calendar, started)[:, ends], 0.0)
    return found
