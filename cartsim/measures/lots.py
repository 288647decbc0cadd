"""Measures of lots: how many were started, and how many failed."""

from __future__ import annotations

from cartsim.measures.facts import Facts
from cartsim.measures.registry import Tables, by_product_and_market, measure, ratios


@measure(
    "lots_started",
    unit="lots",
    meaning="Lots whose first production step started.",
    aggregation="sum",
)
def lots_started(facts: Facts) -> Tables:
    activity = facts.statement.activity
    return by_product_and_market(activity.groups, activity.lots_started)


@measure(
    "lots_failed",
    unit="lots",
    meaning="Attempts that failed or were rejected at any step, when that step ended.",
    aggregation="sum",
)
def lots_failed(facts: Facts) -> Tables:
    activity = facts.statement.activity
    return by_product_and_market(activity.groups, activity.lots_failed)


@measure(
    "cost_per_started_lot",
    unit="money/lot",
    meaning="Variable cost of goods, that of failed lots included, for each lot started.",
    aggregation="ratio",
)
def cost_per_started_lot(facts: Facts) -> Tables:
    activity = facts.statement.activity
    cost = activity.cost_variable + activity.cost_failed + activity.cost_expired
    return ratios(
        by_product_and_market(activity.groups, cost),
        by_product_and_market(activity.groups, activity.lots_started),
    )
