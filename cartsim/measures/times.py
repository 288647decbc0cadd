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
    collected, _ = facts.last_collection
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
    _, collected = facts.last_collection
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
    taken = facts.place_time
    waited = days(taken.waited)
    return {
        f":{name}": Ratio(waited[index], taken.number[index])
        for index, name in enumerate(facts.plan.resources)
    }


def _mean_days(facts: Facts, row: Ints, begin: Ints, end: Ints) -> Tables:
    groups = facts.grid.groups
    return ratios(
        by_product_and_market(groups, facts.grid.table(row, end, days(end - begin))),
        by_product_and_market(groups, facts.grid.table(row, end)),
    )
