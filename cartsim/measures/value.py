"""Measures of value: what the run is worth, what it needs, what a treatment costs."""

from __future__ import annotations

import numpy as np

from cartsim.economics import valuation
from cartsim.measures.facts import Facts
from cartsim.measures.registry import Ratio, Tables, measure


@measure(
    "cost_per_infused_dose",
    unit="money/dose",
    meaning="Cost of goods for each dose infused in the period.",
    aggregation="ratio",
)
def cost_per_infused_dose(facts: Facts) -> Tables:
    infused = facts.statement.activity.total("doses_infused")
    return {"": Ratio(facts.statement.lines["cost_of_goods"], infused)}


@measure(
    "fixed_cost_per_infused_dose",
    unit="money/dose",
    meaning="Fixed cost of goods of the plants for each dose infused in the period.",
    aggregation="ratio",
)
def fixed_cost_per_infused_dose(facts: Facts) -> Tables:
    infused = facts.statement.activity.total("doses_infused")
    return {"": Ratio(facts.statement.lines["cost_of_goods_fixed"], infused)}


@measure(
    "variable_cost_per_infused_dose",
    unit="money/dose",
    meaning="Cost of goods but for the plants' fixed cost, for each dose infused in the period.",
    aggregation="ratio",
)
def variable_cost_per_infused_dose(facts: Facts) -> Tables:
    lines = facts.statement.lines
    infused = facts.statement.activity.total("doses_infused")
    return {"": Ratio(lines["cost_of_goods"] - lines["cost_of_goods_fixed"], infused)}


@measure(
    "cumulative_net_result",
    unit="money",
    meaning="Net results added up from the start of the run to the end of the period.",
    aggregation="last",
)
def cumulative_net_result(facts: Facts) -> Tables:
    return {"": np.cumsum(facts.statement.lines["net_result"], axis=1)}


@measure(
    "out_of_cash",
    unit="share",
    meaning="1 where cash was below zero in any month up to the end of the period, else 0; its "
    "mean is a probability.",
    aggregation="last",
)
def out_of_cash(facts: Facts) -> Tables:
    short = facts.statement.lines["closing_cash"] < -valuation.SHORTFALL
    return {"": np.logical_or.accumulate(short, axis=1).astype(np.float64)}


@measure(
    "npv",
    unit="money",
    meaning="Net present value of the free cash flow of the run at its start, mid-period, nominal.",
    aggregation="whole run",
)
def npv(facts: Facts) -> Tables:
    return {"": valuation.npv(facts.scenario, facts.drawn, facts.statement)}


@measure(
    "peak_funding",
    unit="money",
    meaning="The greatest shortfall of cash below zero in any month; 0 if there is none.",
    aggregation="whole run",
)
def peak_funding(facts: Facts) -> Tables:
    return {"": valuation.peak_funding(facts.statement)}


@measure(
    "runway_months",
    unit="months",
    meaning="Months that close before cash is first below zero; the length of the run where it "
    "never is.",
    aggregation="whole run",
)
def runway_months(facts: Facts) -> Tables:
    return {"": valuation.runway_months(facts.statement)}
