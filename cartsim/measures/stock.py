"""Measures of doses made to stock: what there was, what was asked for, what was lost."""

from __future__ import annotations

import numpy as np

from cartsim.economics.making import dose_minutes
from cartsim.measures.facts import Facts
from cartsim.measures.registry import Ratio, Tables, by_product_and_market, measure
from cartsim.measures.resources import courses, minutes_by_month
from cartsim.simulation.plan import Kind
from cartsim.simulation.timelines import LOST_WAITING
from cartsim.units import MINUTES_PER_DAY, Floats, Ints


@measure(
    "doses_infused",
    unit="doses",
    meaning="Doses infused; patients of some products need several.",
    aggregation="sum",
)
def doses_infused(facts: Facts) -> Tables:
    activity = facts.statement.activity
    return by_product_and_market(activity.groups, activity.doses_infused)


@measure(
    "doses_made",
    unit="doses",
    meaning="Doses released to stock.",
    aggregation="sum",
)
def doses_made(facts: Facts) -> Tables:
    activity = facts.statement.activity
    return by_product_and_market(activity.groups, activity.doses_made)


@measure(
    "doses_expired",
    unit="doses",
    meaning="Doses written off because their shelf life was over.",
    aggregation="sum",
)
def doses_expired(facts: Facts) -> Tables:
    activity = facts.statement.activity
    return by_product_and_market(activity.groups, activity.doses_expired)


@measure(
    "doses_lost",
    unit="doses",
    meaning="Doses taken from stock that did not come to their patient.",
    aggregation="sum",
)
def doses_lost(facts: Facts) -> Tables:
    activity = facts.statement.activity
    return by_product_and_market(activity.groups, activity.doses_lost)


@measure(
    "doses_in_stock",
    unit="doses",
    meaning="Doses in stock at the end of the period.",
    aggregation="last",
)
def doses_in_stock(facts: Facts) -> Tables:
    activity, plan = facts.statement.activity, facts.plan
    change = activity.doses_made - activity.doses_expired - activity.doses_taken
    for stock in range(len(plan.stocks)):
        initial = facts.timelines.made[facts.journeys.lots_first[:, stock]]
        change[len(plan.markets) + stock, :, 0] += initial
    return by_product_and_market(activity.groups, np.cumsum(change, axis=2))


@measure(
    "days_of_cover",
    unit="days",
    meaning="Mean doses in stock over the doses taken a day.",
    aggregation="ratio",
)
def days_of_cover(facts: Facts) -> Tables:
    tables: dict[str, Ratio] = {}
    for index, stock in enumerate(facts.plan.stocks):
        changes = facts.records.stock_changes[index]
        held = dose_minutes(facts.calendar, facts.replications, *changes) / MINUTES_PER_DAY
        taken = facts.statement.activity.doses_taken[len(facts.plan.markets) + index]
        tables[f"@{stock.product}"] = Ratio(held, taken)
    return tables


@measure(
    "fill_rate",
    unit="share",
    meaning="Share of the doses wanted in the period that were there at once.",
    aggregation="ratio",
)
def fill_rate(facts: Facts) -> Tables:
    tables: dict[str, Ratio] = {}
    for index, stock in enumerate(facts.plan.stocks):
        row, ready, start, _ = doses_wanted(facts, index)
        at_once = (start == ready).astype(np.float64)
        tables[f"@{stock.product}"] = Ratio(
            facts.grid.table(row, ready, at_once).sum(axis=0),
            facts.grid.table(row, ready).sum(axis=0),
        )
    return tables


@measure(
    "backorders",
    unit="patients",
    meaning="Patients who wait for a dose, mean over time.",
    aggregation="ratio",
)
def backorders(facts: Facts) -> Tables:
    tables: dict[str, Ratio] = {}
    for index, stock in enumerate(facts.plan.stocks):
        row, ready, start, gone = doses_wanted(facts, index)
        until = np.where(start >= 0, start, gone)
        line = facts.grid.replication[row]
        waited = minutes_by_month(facts.calendar, line, facts.replications, ready, until)
        tables[f"@{stock.product}"] = Ratio(waited, _minutes(facts))
    return tables


@measure(
    "stock_out_share",
    unit="share",
    meaning="Share of the time without a dose in stock.",
    aggregation="ratio",
)
def stock_out_share(facts: Facts) -> Tables:
    tables: dict[str, Ratio] = {}
    for index, stock in enumerate(facts.plan.stocks):
        short = _short(facts, *facts.records.stock_changes[index], enough=1)
        tables[f"@{stock.product}"] = Ratio(short, _minutes(facts))
    return tables


@measure(
    "supply_out_share",
    unit="share",
    meaning="Share of the time in which less of a supply is on hand than a step takes.",
    aggregation="ratio",
)
def supply_out_share(facts: Facts) -> Tables:
    tables: dict[str, Ratio] = {}
    for index, supply in enumerate(facts.plan.consumables):
        taken = [
            units
            for route in facts.plan.routes
            for step in route.steps
            for number, units in step.consumes
            if number == index and units > 0
        ]
        short = _short(facts, *facts.records.supply_changes[index], enough=min(taken, default=1))
        tables[f":{supply.name}"] = Ratio(short, _minutes(facts))
    return tables


def _short(facts: Facts, row: Ints, minute: Ints, change: Ints, *, enough: int) -> Floats:
    """Minutes of each month in which there is less than enough, float64[R, month]; ``row`` is the
    replication of each change, and nothing is there before the first."""
    until, level = courses(row, minute, change, facts.calendar.horizon)
    out = (level < enough) & (until > minute)
    begin, end, line = minute[out], until[out], row[out]
    # and from the start to the first change, for those who begin with nothing
    opening = np.full(facts.replications, facts.calendar.horizon)
    np.minimum.at(opening, row, minute)
    empty = np.flatnonzero(opening > 0)
    return minutes_by_month(
        facts.calendar,
        np.concatenate([line, empty]),
        facts.replications,
        np.concatenate([begin, np.zeros(empty.size, dtype=np.int64)]),
        np.concatenate([end, opening[empty]]),
    )


def _minutes(facts: Facts) -> Floats:
    length = np.diff(facts.calendar.month_start).astype(np.float64)
    return np.broadcast_to(length, (facts.replications, facts.calendar.months))


def doses_wanted(facts: Facts, stock: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Doses wanted of a stock: row, when, when taken (-1: never), and when who waits in vain
    left."""
    records, timelines = facts.records, facts.timelines
    mine = np.asarray(
        [r.kind == Kind.FROM_STOCK and r.stock == stock for r in facts.plan.routes], dtype=np.bool_
    )
    ready = records.at(records.dose_steps, timelines.ready)
    attempt = np.flatnonzero(mine[records.route] & (ready >= 0))
    row = records.row[attempt]
    start = records.at(records.dose_steps, timelines.start)[attempt]
    left = (timelines.state[row] == LOST_WAITING) & records.last[attempt]
    gone = np.where(left, timelines.left[row], facts.calendar.horizon)
    return row, ready[attempt], start, gone
