"""Measures of time: what patients wait, as means over the patients of a period.

A patient counts in the period of the event that ends the interval; a period without such an event
has no mean.
"""

from __future__ import annotations

import numpy as np

from cartsim.measures.facts import Facts
from cartsim.measures.registry import Ratio, Tables, by_product_and_market, measure, ratios
from cartsim.units import MINUTES_PER_DAY, Ints, days

SOON = 30
"""Days within which a patient is said to be infused soon."""


@measure(
    "vein_to_vein_days",
    unit="days",
    meaning="From the start of the collection that was used to the start of the infusion, mean "
    "over the patients infused in the period.",
    aggregation="ratio",
)
def vein_to_vein_days(facts: Facts) -> Tables:
    row, infused = facts.records.infusions()
    collected, _ = last_collection(facts)
    known = collected[row] >= 0
    return _mean_days(facts, row[known], collected[row[known]], infused[known])


@measure(
    "turnaround_days",
    unit="days",
    meaning="From the end of the collection that was used to the arrival of the dose at the "
    "hospital, mean over the deliveries of the period.",
    aggregation="ratio",
)
def turnaround_days(facts: Facts) -> Tables:
    row, delivered = facts.records.deliveries()
    _, collected = last_collection(facts)
    known = collected[row] >= 0
    return _mean_days(facts, row[known], collected[row[known]], delivered[known])


@measure(
    "order_to_infusion_days",
    unit="days",
    meaning="From the order to the start of the infusion, mean over the patients infused in the "
    "period.",
    aggregation="ratio",
)
def order_to_infusion_days(facts: Facts) -> Tables:
    row, infused = facts.records.infusions()
    return _mean_days(facts, row, facts.journeys.order[row], infused)


@measure(
    "infused_within_30_days",
    unit="share",
    meaning="Of the patients infused in the period those infused within 30 days of the order.",
    aggregation="ratio",
)
def infused_within_30_days(facts: Facts) -> Tables:
    row, infused = facts.records.infusions()
    soon = infused - facts.journeys.order[row] <= SOON * MINUTES_PER_DAY
    groups = facts.grid.groups
    return ratios(
        by_product_and_market(groups, facts.grid.table(row, infused, soon.astype(np.float64))),
        by_product_and_market(groups, facts.grid.table(row, infused)),
    )


@measure(
    "wait_days",
    unit="days",
    meaning="Wait for a place of a resource, mean over the steps that started on it in the period.",
    aggregation="ratio",
)
def wait_days(facts: Facts) -> Tables:
    tables = {}
    for index, name in enumerate(facts.plan.resources):
        held = facts.holdings.resource == index
        row, start = facts.holdings.row[held], facts.holdings.start[held]
        waited = days(start - facts.holdings.ready[held])
        tables[f":{name}"] = Ratio(
            facts.grid.table(row, start, waited).sum(axis=0),
            facts.grid.table(row, start).sum(axis=0),
        )
    return tables


def last_collection(facts: Facts) -> tuple[Ints, Ints]:
    """Start and end of each row's last collection, int64[N] each; -1 = none.

    The last one is that of the dose: a later attempt collects again only where nothing of the
    earlier collection is used.
    """
    steps = np.asarray([route.collection for route in facts.plan.routes], dtype=np.int64)
    row, rows = facts.records.row, facts.journeys.route.size
    there = steps[facts.records.route] >= 0
    found = []
    for of_step in (facts.timelines.start, facts.timelines.end):
        latest = np.full(rows, -1, dtype=np.int64)
        np.maximum.at(latest, row[there], facts.records.at(list(steps), of_step)[there])
        found.append(latest)
    return found[0], found[1]


def _mean_days(facts: Facts, row: Ints, begin: Ints, end: Ints) -> Tables:
    groups = facts.grid.groups
    return ratios(
        by_product_and_market(groups, facts.grid.table(row, end, days(end - begin))),
        by_product_and_market(groups, facts.grid.table(row, end)),
    )
