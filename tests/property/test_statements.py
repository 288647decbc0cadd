"""Whatever a small company goes through, its statement adds up in every replication and month."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cartsim.demand.arrivals import arrivals
from cartsim.demand.orders import Demand, demand
from cartsim.economics.statement import Statement, statement
from cartsim.economics.valuation import npv, peak_funding, runway_months
from cartsim.sampling.drawn import draw
from cartsim.scenario.load import load_text
from cartsim.simulation.compile import compile_plan
from cartsim.simulation.simulate import simulate

REPLICATIONS = 3
START = date(2024, 3, 1)

COMPANY = """
cartsim: 1
title: a random company
run: {start: 2024-03-01, years: 2, replications: 3, seed: 5}
currency: CNY
fx: {USD: {start: 7, growth: {2024: {uniform: [-20%, 20%]}, 2025: {uniform: [-20%, 20%]}}}}
company:
  opening_cash: 20m
  research: {2024: {uniform: [0, 30m]}, 2025: 5m}
  administration: {uniform: [1m, 9m]}
  other_income: {uniform: [-2m, 8m]}
  depreciation: 2m
  capital_expenditure: {2024: 3m, 2025: 0}
  impairments: {old: {date: 2025-01-15, amount: {uniform: [0, 5m]}}}
  interest_rate_on_cash: {uniform: [0%, 5%]}
  cash_held_abroad: {USD: 40%}
  tax: {rate: 25%, opening_loss: 2m}
  discount_rate: 10%
products:
  cel:
    workflow: autologous
    launch: 2024-03-01
    plant: works
    attrition: {before_collection: 10%, after_collection: 8%}
    route:
      order: [scheduling, apheresis, production, testing, shipment, infusion]
      steps:
        scheduling: {duration: {uniform: [1, 20]}}
        apheresis: {role: collection, duration: 1, success: 90%, costs: {kit: 10k},
          on_failure: {retry_from: apheresis, attempts: 2}}
        production: {role: production, duration: {uniform: [7, 14]}, resource: line, success: 80%,
          on_failure: {retry_from: apheresis, attempts: 3},
          costs: {vector: {uniform: [20k, 60k]}, media: 30k}}
        testing: {role: testing, duration: 7, out_of_specification: 20%,
          released_under_exception: 40%, costs: {tests: 20k}}
        shipment: {role: delivery, duration: {uniform: [0.5, 3]}, costs: {courier: 8k}}
        infusion: {role: infusion, duration: 14}
    markets:
      home:
        orders: {per_month: 5, arrivals: poisson}
        price:
          list: {steps: [{from: 2024-03-01, value: 1.2m}, {from: 2025-02-10, value: 0.9m}]}
          value_added_tax: 3%
          deductions: {uniform: [0%, 20%]}
      abroad:
        currency: USD
        launch: 2024-10-15
        orders: {per_month: 2, arrivals: poisson}
        price: {list: 300k}
        revenue_recognised_on: infusion
plants:
  works:
    resources: {line: {capacity: 3}}
    fixed_cost_per_year: {uniform: [4m, 12m]}
    fixed_cost_from: 2024-05-10
    charged_to_cost_of_goods: 70%
contracts:
  sun:
    parties: {distributor: Sun, agent: Moon}
    covers: [cel.home]
    legs:
      - upfront: {from: distributor, amount: 30m, received: 2023-06-15,
          recognised: {over_months: {uniform: [10, 60]}}}
      - supply_price: {from: distributor, share_of_list: {uniform: [20%, 60%]}}
      - milestone: {from: distributor, when: {annual_net_sales_above: 20m}, amount: 7m}
      - milestone: {from: us, to: agent, when: {date: 2025-01-01}, amount: 1m}
"""

DAYS = st.integers(-400, 900).map(lambda days: START + timedelta(days=days))
OVERRIDES = st.fixed_dictionaries(
    {},
    optional={
        "run.seed": st.integers(0, 10**6),
        "company.opening_cash": st.integers(0, 100_000_000),
        "company.inventory": st.sampled_from(["expensed", "at_cost"]),
        "company.opening_long_lived_assets": st.integers(0, 90_000_000),
        "company.tax.loss_carry_forward_years": st.integers(0, 4),
        "company.tax.usable_share_of_profit": st.floats(0, 1).map(lambda x: round(x, 3)),
        "products.cel.markets.home.revenue_recognised_on": st.sampled_from(
            ["order", "delivery", "infusion"]
        ),
        "products.cel.markets.abroad.revenue_recognised_on": st.sampled_from(
            ["order", "delivery", "infusion"]
        ),
        "products.cel.markets.home.orders.per_month": st.integers(0, 12),
        "plants.works.resources.line.capacity": st.integers(0, 6),
        "plants.works.fixed_cost_from": DAYS,
        "company.impairments.old.date": DAYS,
        "contracts.sun.covers": st.sampled_from([["cel"], ["cel.home"], ["cel.abroad"]]),
        "contracts.sun.legs": st.lists(
            st.one_of(
                st.tuples(DAYS, DAYS, st.integers(0, 40)).map(
                    lambda x: {
                        "upfront": {
                            "from": "distributor",
                            "amount": 6_000_000,
                            "received": x[0],
                            "recognised": {"from": x[1], "over_months": x[2]},
                        }
                    }
                ),
                st.tuples(DAYS, DAYS).map(
                    lambda x: {
                        "upfront": {
                            "from": "us",
                            "to": "agent",
                            "amount": 2_000_000,
                            "received": x[0],
                            "recognised": {"at": x[1]},
                        }
                    }
                ),
                DAYS.map(
                    lambda day: {
                        "milestone": {
                            "from": "distributor",
                            "when": {"date": day},
                            "amount": 3_000_000,
                        }
                    }
                ),
                st.integers(0, 60_000_000).map(
                    lambda level: {
                        "milestone": {
                            "from": "distributor",
                            "to": "agent",
                            "when": {"annual_net_sales_above": level},
                            "amount": 4_000_000,
                        }
                    }
                ),
            ),
            max_size=4,
        ),
    },
)


@cache
def company() -> Any:
    return load_text(COMPANY)


def run(overrides: dict[str, Any]) -> tuple[Statement, tuple[Demand, ...]]:
    scenario = company().with_overrides(overrides).model
    drawn = draw(scenario, scenario.run.seed, range(REPLICATIONS))
    demands = demand(scenario, drawn)
    plan = compile_plan(scenario)
    coming = arrivals(scenario, drawn, demands)
    chance, timelines = simulate(scenario, plan, drawn, coming, "reference")
    return statement(scenario, drawn, demands, plan, chance, timelines), demands


short = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@short
@given(OVERRIDES)
def test_everything_adds_up(overrides: dict[str, Any]) -> None:
    made, demands = run(overrides)
    made.check()
    lines = made.lines

    # Signs and bounds.
    for name in ("cost_of_goods_variable", "cost_of_goods_failed", "tax", "interest", "impairment"):
        assert (lines[name] >= 0).all(), name
    assert (lines["funding_gap"] == np.maximum(-lines["closing_cash"], 0)).all()
    assert (lines["interest"][lines["opening_cash"] <= 0] == 0).all()
    assert (lines["foreign_exchange"][lines["opening_cash"] <= 0] == 0).all()

    # Each party's gain is another's loss.
    ledger = made.ledger
    for side in (ledger.cash, ledger.income, ledger.deferred):
        total = sum(side(party) for party in ledger.parties)
        assert np.allclose(total, 0.0, atol=1e-6)

    # A leg pays once, and no more is earned than was agreed.
    distributors_upfront = 6e6 if "contracts.sun.legs" in overrides else 30e6
    for transfer in ledger.transfers:
        assert transfer.cash.min() >= 0
        assert transfer.income.min() >= 0
        if transfer.leg == "milestone":
            assert ((transfer.income > 0).sum(axis=1) <= 1).all()
        if transfer.leg == "upfront":
            agreed = 2e6 if transfer.payer == "us" else distributors_upfront
            assert ((transfer.cash > 0).sum(axis=1) <= 1).all()
            assert transfer.cash.sum(axis=1).max() <= agreed
            assert transfer.income.sum(axis=1).max() <= agreed * (1 + 1e-12)

    # Every order is delivered, lost or still there: in numbers, not in money.
    acts = made.activity
    assert (acts.total("orders") == sum(d.orders for d in demands)).all()
    ends = ("infusions", "lost_waiting", "lost_manufacturing")
    ended = sum(acts.total(name) for name in ends)
    assert (np.cumsum(ended, axis=1) <= np.cumsum(acts.total("orders"), axis=1)).all()
    assert (acts.total("infusions").sum(axis=1) <= acts.total("deliveries").sum(axis=1)).all()
    assert (acts.total("lots_started").sum(axis=1) <= acts.total("collections").sum(axis=1)).all()
    months = lines["closing_cash"].shape[1]
    assert ((runway_months(made) == months) == (peak_funding(made) <= 0.005)).all()


LEGS = "contracts.sun.legs"
BETTER = [
    ("products.cel.markets.home.price.list", "2m"),
    (LEGS, [{"supply_price": {"from": "distributor", "share_of_list": "90%"}}]),
    ("company.other_income", "20m"),
    ("company.opening_cash", "21m"),
    ("company.depreciation", "3m"),
]
WORSE = [
    ("company.administration", "10m"),
    ("products.cel.research", "1m"),
    ("company.selling", "1m"),
    ("company.capital_expenditure", "10m"),
    ("plants.works.fixed_cost_per_year", "13m"),
    ("products.cel.route.steps.production.costs.media", "31k"),
    ("products.cel.markets.home.price.value_added_tax", "5%"),
    ("company.tax.rate", "30%"),
]


@pytest.mark.parametrize(
    ("path", "value", "sign"),
    [(*case, 1) for case in BETTER] + [(*case, -1) for case in WORSE],
)
def test_closing_cash_moves_the_obvious_way(path: str, value: object, sign: int) -> None:
    # Without cash abroad: more of it would also mean more to lose when the currency falls.
    steady = {
        "company.cash_held_abroad": {"USD": "0%"},
        "company.other_income": "6m",
        LEGS: [{"supply_price": {"from": "distributor", "share_of_list": "35%"}}],
    }
    before = run(steady)[0].lines["closing_cash"]
    after = run({**steady, path: value})[0].lines["closing_cash"]
    change = sign * (after - before)
    assert change.min() >= -1e-6
    assert (change[:, -1] > 0).all()


def test_replications_do_not_depend_on_their_block() -> None:
    scenario = company().with_overrides({"company.tax.loss_carry_forward_years": 12}).model
    plan = compile_plan(scenario)

    def lines(replications: range) -> dict[str, Any]:
        drawn = draw(scenario, 11, replications)
        demands = demand(scenario, drawn)
        coming = arrivals(scenario, drawn, demands)
        chance, timelines = simulate(scenario, plan, drawn, coming, "reference")
        return statement(scenario, drawn, demands, plan, chance, timelines).lines

    whole, one = lines(range(4)), lines(range(2, 3))
    for name, line in whole.items():
        assert (line[2:3] == one[name]).all(), name


@short
@given(OVERRIDES, st.integers(0, 30), st.integers(0, 400), st.integers(0, 90))
def test_a_value_does_not_depend_on_the_financing(
    overrides: dict[str, Any], interest: int, borrowed: int, abroad: int
) -> None:
    def worth(more: dict[str, Any]) -> Any:
        scenario = company().with_overrides({**overrides, **more}).model
        drawn = draw(scenario, scenario.run.seed, range(REPLICATIONS))
        made, _ = run({**overrides, **more})
        return npv(scenario, drawn, made)

    financed = {
        "company.interest_rate_on_cash": f"{interest}%",
        "company.cash_held_abroad": {"USD": f"{abroad}%"},
        "company.loans": {
            "bank": {"amount": borrowed * 1_000_000, "drawn": "2024-05-01", "interest_rate": "30%"}
        },
        "company.rounds": {"a": {"date": "2024-07-01", "amount": 5_000_000}},
    }
    np.testing.assert_allclose(worth(financed), worth({}), rtol=1e-9, atol=1.0)
