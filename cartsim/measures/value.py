"""Measures of value: what the run is worth, what it needs, what a treatment costs."""

from __future__ import annotations

import numpy as np

from cartsim.demand.development import course
from cartsim.economics import valuation
from cartsim.economics.contracts.partners import partners_costs
from cartsim.economics.tables import less, total
from cartsim.measures.facts import Facts
from cartsim.measures.registry import Ratio, Tables, measure
from cartsim.units import Floats


def _own_doses(facts: Facts) -> Floats:
    """Doses infused that the company made, or had made, at its own cost, float64[R, month]."""
    made, activity = facts.statement.by_market, facts.statement.activity
    own = (made["doses_of_own_making", market] for market in activity.markets)
    return total(own, facts.statement.ledger.shape)


@measure(
    "cost_per_infused_dose",
    unit="money/dose",
    meaning="Cost of goods for each dose infused in the period that the company paid for.",
    aggregation="ratio",
)
def cost_per_infused_dose(facts: Facts) -> Tables:
    infused = _own_doses(facts)
    return {"": Ratio(facts.statement.lines["cost_of_goods"], infused)}


@measure(
    "fixed_cost_per_infused_dose",
    unit="money/dose",
    meaning="Fixed cost of goods of the plants for each dose infused in the period.",
    aggregation="ratio",
)
def fixed_cost_per_infused_dose(facts: Facts) -> Tables:
    infused = _own_doses(facts)
    return {"": Ratio(facts.statement.lines["cost_of_goods_fixed"], infused)}


@measure(
    "variable_cost_per_infused_dose",
    unit="money/dose",
    meaning="Cost of goods but for the plants' fixed cost, for each dose infused in the period.",
    aggregation="ratio",
)
def variable_cost_per_infused_dose(facts: Facts) -> Tables:
    lines = facts.statement.lines
    infused = _own_doses(facts)
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
    "irr",
    unit="rate/year",
    meaning="Internal rate of return of the free cash flow of the run; undefined where nothing is "
    "spent first, or nothing comes back.",
    aggregation="whole run",
)
def irr(facts: Facts) -> Tables:
    return {"": valuation.irr(facts.statement.lines["free_cash_flow"])}


@measure(
    "irr_roots",
    unit="rates",
    meaning="Rates at which the free cash flow of the run is worth nothing; more than one makes "
    "the internal rate of return ambiguous.",
    aggregation="whole run",
)
def irr_roots(facts: Facts) -> Tables:
    return {"": valuation.irr_roots(facts.statement.lines["free_cash_flow"])}


@measure(
    "payback_months",
    unit="months",
    meaning="Months until the free cash flow added up stays above zero; undefined where it is "
    "below at the end of the run.",
    aggregation="whole run",
)
def payback_months(facts: Facts) -> Tables:
    return {"": valuation.payback_months(facts.statement.lines["free_cash_flow"])}


@measure(
    "minority_value",
    unit="money",
    meaning="Present value of the part of the result that belongs to other holders of "
    "subsidiaries, at the company's discount rate, without value after the run.",
    aggregation="whole run",
)
def minority_value(facts: Facts) -> Tables:
    rate = facts.drawn.value(facts.scenario.company.discount_rate)
    flows = facts.statement.lines["minority_interest"]
    return {"": valuation.present_value(flows, rate, facts.calendar)}


@measure(
    "approved",
    unit="share",
    meaning="1 where a product in development passes all of its stages, else 0; its mean is a "
    "probability.",
    aggregation="whole run",
)
def approved(facts: Facts) -> Tables:
    return {
        f"@{name}": course(product.development, facts.drawn).approved.astype(np.float64)
        for name, product in facts.scenario.products.items()
        if product.development is not None
    }


@measure(
    "contract_cash",
    unit="money",
    meaning="What a party to the contracts takes in under them, less what it pays out.",
    aggregation="sum",
)
def contract_cash(facts: Facts) -> Tables:
    book = facts.statement.ledger
    return {f":{party}": book.cash(party) for party in book.parties if book.transfers}


@measure(
    "contract_income",
    unit="money",
    meaning="What a party to the contracts earns under them, less what it owes.",
    aggregation="sum",
)
def contract_income(facts: Facts) -> Tables:
    book = facts.statement.ledger
    return {f":{party}": book.income(party) for party in book.parties if book.transfers}


@measure(
    "contract_value",
    unit="money",
    meaning="Present value of a party's cash under the contracts, at the company's discount rate.",
    aggregation="whole run",
)
def contract_value(facts: Facts) -> Tables:
    book = facts.statement.ledger
    rate = facts.drawn.value(facts.scenario.company.discount_rate)
    return {
        f":{party}": valuation.present_value(book.cash(party), rate, facts.calendar)
        for party in book.parties
        if book.transfers
    }


@measure(
    "partner_value",
    unit="money",
    meaning="What a deal is worth to a party that sells at its own account: contract_value less "
    "the present value of the lots that it makes and of its selling, before tax.",
    aggregation="whole run",
)
def partner_value(facts: Facts) -> Tables:
    book = facts.statement.ledger
    rate = facts.drawn.value(facts.scenario.company.discount_rate)
    spent = partners_costs(facts.scenario, facts.drawn, facts.statement.activity)
    return {
        f":{party}": valuation.present_value(less(book.cash(party), costs), rate, facts.calendar)
        for party, costs in spent.items()
    }


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
