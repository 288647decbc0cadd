"""Measures of time: what patients wait, as means over the patients of a period.

A patient counts in the period of the event that ends the interval; a period without such an event
has no mean.
"""

from __future__ import annotations

from cartsim.measures.facts import Facts
from cartsim.measures.registry import Ratio, Tables, by_product_and_market, measure, ratios
from cartsim.units import Floats, days


@measure(
    "vein_to_vein_days",
    unit="days",
    meaning="From the start of the collection that was used to the start of the infusion, mean "
    "over the patients infused in the period.",
    aggregation="ratio",
)
def vein_to_vein_days(facts: Facts) -> Tables:
    spans = facts.spans
    return _mean_days(facts, spans.vein_to_vein, spans.infused_collected)


@measure(
    "turnaround_days",
    unit="days",
    meaning="From the end of the collection that was used to the arrival of the dose at the "
    "hospital, mean over the deliveries of the period.",
    aggregation="ratio",
)
def turnaround_days(facts: Facts) -> Tables:
    spans = facts.spans
    return _mean_days(facts, spans.turnaround, spans.delivered_collected)


@measure(
    "order_to_infusion_days",
    unit="days",
    meaning="From the order to the start of the infusion, mean over the patients infused in the "
    "period.",
    aggregation="ratio",
)
def order_to_infusion_days(facts: Facts) -> Tables:
    return _mean_days(facts, facts.spans.since_order, facts.spans.infused)


@measure(
    "infused_within_30_days",
    unit="share",
    meaning="Of the patients infused in the period those infused within 30 days of the order.",
    aggregation="ratio",
)
def infused_within_30_days(facts: Facts) -> Tables:
    groups = facts.grid.groups
    return ratios(
        by_product_and_market(groups, facts.spans.soon),
        by_product_and_market(groups, facts.spans.infused),
    )


@measure(
    "wait_days",
    unit="days",
    meaning="Wait for a place of a resource (and the supplies of its step), mean over the steps "
    "that started on it in the period.",
    aggregation="ratio",
)
def wait_days(facts: Facts) -> Tables:
    taken = facts.place_time
    waited = days(taken.waited)
    return {
        f":{name}": Ratio(waited[index], taken.number[index])
        for index, name in enumerate(facts.plan.resources)
    }


def _mean_days(facts: Facts, minutes: Floats, number: Floats) -> Tables:
    groups = facts.grid.groups
    return ratios(
        by_product_and_market(groups, days(minutes)), by_product_and_market(groups, number)
    )
