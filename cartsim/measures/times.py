"""Measures of time: what patients wait, as means over the patients of a period.

A patient counts in the period of the event that ends the interval; a period without such an event
has no mean.
"""

from __future__ import annotations

import numpy as np

from cartsim.measures.facts import Facts
from cartsim.measures.registry import Ratio, Tables, by_product_and_market, measure, ratios
from cartsim.simulation.plan import NO_RESOURCE
from cartsim.units import Ints, days


@measure(
    "vein_to_vein_days",
    unit="days",
    meaning="From the start of the collection that was used to the start of the infusion, mean "
    "over the patients infused in the period.",
    aggregation="ratio",
)
def vein_to_vein_days(facts: Facts) -> Tables:
    patient, infused = facts.records.infusions()
    collected, _ = last_collection(facts)
    known = collected[patient] >= 0
    return _mean_days(facts, patient[known], collected[patient[known]], infused[known])


@measure(
    "turnaround_days",
    unit="days",
    meaning="From the end of the collection that was used to the arrival of the dose at the "
    "hospital, mean over the deliveries of the period.",
    aggregation="ratio",
)
def turnaround_days(facts: Facts) -> Tables:
    patient, delivered = facts.records.deliveries()
    _, collected = last_collection(facts)
    known = collected[patient] >= 0
    return _mean_days(facts, patient[known], collected[patient[known]], delivered[known])


@measure(
    "order_to_infusion_days",
    unit="days",
    meaning="From the order to the start of the infusion, mean over the patients infused in the "
    "period.",
    aggregation="ratio",
)
def order_to_infusion_days(facts: Facts) -> Tables:
    patient, infused = facts.records.infusions()
    return _mean_days(facts, patient, facts.journeys.order[patient], infused)


@measure(
    "wait_days",
    unit="days",
    meaning="Wait for a place of a resource, mean over the steps that started on it in the period.",
    aggregation="ratio",
)
def wait_days(facts: Facts) -> Tables:
    plan, timelines = facts.plan, facts.timelines
    resource = resource_of_step(facts)[facts.journeys.product][:, None, :]
    tables = {}
    for index, name in enumerate(plan.resources):
        patient, attempt, step = np.nonzero((timelines.start >= 0) & (resource == index))
        start = timelines.start[patient, attempt, step]
        waited = days(start - timelines.ready[patient, attempt, step])
        tables[f":{name}"] = Ratio(
            facts.grid.table(patient, start, waited).sum(axis=0),
            facts.grid.table(patient, start).sum(axis=0),
        )
    return tables


def last_collection(facts: Facts) -> tuple[Ints, Ints]:
    """Start and end of each patient's last collection, int64[N] each; -1 = none.

    The last one is that of the dose: a later attempt collects again only where nothing of the
    earlier collection is used.
    """
    timelines, product = facts.timelines, facts.journeys.product
    step = np.asarray([route.collection for route in facts.plan.routes], dtype=np.int64)[product]
    at = np.maximum(step, 0)[:, None, None]
    start = np.take_along_axis(timelines.start, at, axis=2)[:, :, 0]
    end = np.take_along_axis(timelines.end, at, axis=2)[:, :, 0]
    has_step = step >= 0
    return (
        np.where(has_step, start.max(axis=1, initial=-1), -1),
        np.where(has_step, end.max(axis=1, initial=-1), -1),
    )


def resource_of_step(facts: Facts) -> Ints:
    """Index of the resource that each step holds, int64[product, step]; ``NO_RESOURCE`` if none."""
    table = np.full((len(facts.plan.routes), facts.plan.steps), NO_RESOURCE, dtype=np.int64)
    for product, route in enumerate(facts.plan.routes):
        table[product, : len(route.steps)] = [step.resource for step in route.steps]
    return table


def _mean_days(facts: Facts, patient: Ints, begin: Ints, end: Ints) -> Tables:
    markets = facts.statement.activity.markets
    return ratios(
        by_product_and_market(markets, facts.grid.table(patient, end, days(end - begin))),
        by_product_and_market(markets, facts.grid.table(patient, end)),
    )
