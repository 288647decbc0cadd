"""Measures of patients: who was ordered for, collected, infused, and who was lost."""

from __future__ import annotations

import numpy as np

from cartsim.measures.facts import Facts
from cartsim.measures.registry import Tables, by_product_and_market, measure, ratios


@measure(
    "orders",
    unit="patients",
    meaning="Patients for whom a treatment was ordered.",
    aggregation="sum",
)
def orders(facts: Facts) -> Tables:
    activity = facts.statement.activity
    return by_product_and_market(activity.groups, activity.orders)


@measure(
    "apheresis",
    unit="collections",
    meaning="Collections of cells started, repeated ones included.",
    aggregation="sum",
)
def apheresis(facts: Facts) -> Tables:
    activity = facts.statement.activity
    return by_product_and_market(activity.groups, activity.collections)


@measure(
    "deliveries",
    unit="doses",
    meaning="Doses that arrived at the hospital for a patient who was still there.",
    aggregation="sum",
)
def deliveries(facts: Facts) -> Tables:
    activity = facts.statement.activity
    return by_product_and_market(activity.groups, activity.deliveries)


@measure(
    "infusions",
    unit="patients",
    meaning="Patients infused, those with an out-of-specification product included.",
    aggregation="sum",
)
def infusions(facts: Facts) -> Tables:
    activity = facts.statement.activity
    return by_product_and_market(activity.groups, activity.infusions)


@measure(
    "infused_out_of_specification",
    unit="patients",
    meaning="Patients infused with an out-of-specification product released under exception.",
    aggregation="sum",
)
def infused_out_of_specification(facts: Facts) -> Tables:
    activity = facts.statement.activity
    return by_product_and_market(activity.groups, activity.infused_out_of_specification)


@measure(
    "lost_waiting",
    unit="patients",
    meaning="Patients who died or withdrew before infusion, when they left.",
    aggregation="sum",
)
def lost_waiting(facts: Facts) -> Tables:
    activity = facts.statement.activity
    return by_product_and_market(activity.groups, activity.lost_waiting)


@measure(
    "lost_manufacturing",
    unit="patients",
    meaning="Patients for whom no dose could be made, when the last attempt failed.",
    aggregation="sum",
)
def lost_manufacturing(facts: Facts) -> Tables:
    activity = facts.statement.activity
    return by_product_and_market(activity.groups, activity.lost_manufacturing)


@measure(
    "went_elsewhere",
    unit="patients",
    meaning="Patients who did not accept the wait that they were quoted at the order.",
    aggregation="sum",
)
def went_elsewhere(facts: Facts) -> Tables:
    activity = facts.statement.activity
    return by_product_and_market(activity.groups, activity.went_elsewhere)


@measure(
    "lost_share",
    unit="share",
    meaning="Patients who left, went elsewhere or got no dose in the period, for each order in it.",
    aggregation="ratio",
)
def lost_share(facts: Facts) -> Tables:
    activity = facts.statement.activity
    lost = activity.lost_waiting + activity.lost_manufacturing + activity.went_elsewhere
    return ratios(
        by_product_and_market(activity.groups, lost),
        by_product_and_market(activity.groups, activity.orders),
    )


@measure(
    "in_process",
    unit="patients",
    meaning="Patients ordered for and neither infused nor lost, at the end of the period.",
    aggregation="last",
)
def in_process(facts: Facts) -> Tables:
    activity = facts.statement.activity
    ended = activity.infusions + activity.lost_waiting + activity.lost_manufacturing
    ended = ended + activity.went_elsewhere
    return by_product_and_market(activity.groups, np.cumsum(activity.orders - ended, axis=2))
