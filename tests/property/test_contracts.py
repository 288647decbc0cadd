"""Random contracts of every kind of leg: all money sums to zero, and the statement adds up."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from property.test_statements import COMPANY

from cartsim.demand.arrivals import arrivals
from cartsim.demand.orders import demand
from cartsim.economics.contracts import LEGS, US
from cartsim.economics.statement import Statement, statement
from cartsim.sampling.drawn import draw
from cartsim.scenario.load import load_text
from cartsim.simulation.compile import compile_plan
from cartsim.simulation.simulate import simulate

START = date(2024, 3, 1)
days = st.integers(-300, 900).map(lambda number: str(START + timedelta(days=number)))
shares = st.integers(0, 100).map(lambda percent: f"{percent}%")
money = st.sampled_from(["0", "40k", "3m", {"uniform": ["1m", "30m"]}])
sides = st.sampled_from([("distributor", "us"), ("us", "agent"), ("distributor", "agent")])


def between(**terms: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Terms of a leg between two parties."""
    return st.tuples(sides, st.fixed_dictionaries(terms)).map(
        lambda made: {"from": made[0][0], "to": made[0][1], **made[1]}
    )


triggers = st.one_of(
    st.fixed_dictionaries({"date": days}),
    *(
        st.fixed_dictionaries({f"{kind}_net_sales_above": st.sampled_from(["1m", "12m", "60m"])})
        for kind in ("annual", "trailing", "cumulative")
    ),
    st.fixed_dictionaries({"orders_above": st.integers(0, 60)}),
    st.just({"first_sale": "yes", "delay_months": {"uniform": [0, 9]}, "probability": "60%"}),
    st.just({"launch": "yes"}),
)
stages = st.lists(
    st.fixed_dictionaries(
        {
            "after_months": st.integers(0, 14),
            "share": st.just("30%"),
            "when": st.sampled_from(["always", "response", "alive"]),
        }
    ),
    min_size=1,
    max_size=3,
)
LEG: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "upfront": between(
        amount=money, received=days, recognised=st.just({"from": "2024-06-01", "over_months": 9})
    ),
    "supply_price": st.just({"from": "distributor", "share_of_list": "40%"}),
    "milestone": between(when=triggers, amount=money),
    "contingent_value_right": between(when=triggers, amount=money),
    "royalty": between(
        tiers=st.just([{"rate": "4%"}, {"above": "9m", "rate": {"uniform": ["5%", "12%"]}}]),
        term_months=st.integers(0, 30),
    ),
    "profit_share": between(share=shares, losses=st.sampled_from(["yes", "no"]), costs=money),
    "cost_share": between(of=st.sampled_from(["research", "selling"]), share=shares),
    "fee": between(
        per=st.sampled_from(["order", "lot_started", "delivery", "infusion", "month", "year"]),
        amount=st.just("30k"),
    ),
    "reservation": between(
        lots_per_year=st.integers(0, 90), fee_per_lot=st.just("100k"), take_or_pay=shares
    ),
    "equity": between(
        amount=money,
        received=st.just("2024-05-01"),
        share=shares,
        subsidiary=st.sampled_from(["yes", "no"]),
    ),
    "refund": st.fixed_dictionaries(
        {"from": st.just("us"), "to": st.just("payers"), "share": shares}
    ),
    "staged_payment": st.fixed_dictionaries({"from": st.just("payers"), "stages": stages}),
    "instalment_plan": st.fixed_dictionaries(
        {"from": st.just("payers"), "number": st.integers(1, 6), "every_months": st.just("4")}
    ),
    "rights": st.fixed_dictionaries(
        {"to": st.just("distributor"), "makes": st.sampled_from(["us", "them"])}
    ),
}
legs = st.lists(
    st.sampled_from(sorted(LEG)).flatmap(lambda kind: LEG[kind].map(lambda terms: {kind: terms})),
    min_size=1,
    max_size=6,
    unique_by=lambda leg: next(iter(leg)),
)
companies = st.fixed_dictionaries(
    {
        "contracts.sun.legs": legs,
        "contracts.sun.covers": st.sampled_from([["cel"], ["cel.home"], ["cel.abroad"]]),
        "run.seed": st.integers(0, 10**6),
    },
    optional={
        "company.receivable_days": st.integers(0, 150),
        "company.inventory": st.sampled_from(["expensed", "at_cost"]),
        "company.payable_days": st.integers(0, 90),
        "company.rounds": st.fixed_dictionaries(
            {"a": st.fixed_dictionaries({"date": days, "amount": money, "probability": shares})}
        ),
        "company.loans": st.fixed_dictionaries(
            {
                "bank": st.fixed_dictionaries(
                    {"drawn": days, "amount": money, "interest_rate": shares}
                )
            }
        ),
        "products.cel.route.learning": st.sampled_from(["0%", "15%"]),
    },
)


def told(overrides: dict[str, Any]) -> Statement:
    outcomes = {"response": "55%", "median_response_months": 8, "median_survival_months": 20}
    given_ = {**overrides, "products.cel.outcomes": outcomes}
    model = load_text(COMPANY, overrides=given_).model
    drawn = draw(model, model.run.seed, range(3))
    demands = demand(model, drawn)
    plan = compile_plan(model)
    chance, lines = simulate(model, plan, drawn, arrivals(model, drawn, demands), "fast")
    return statement(model, drawn, demands, plan, chance, lines)


def test_every_kind_of_leg_is_tried() -> None:
    assert set(LEG) == set(LEGS)


@settings(max_examples=60, deadline=None)
@given(companies)
def test_money_between_parties_sums_to_zero_and_the_statement_adds_up(
    overrides: dict[str, Any],
) -> None:
    made = told(overrides)
    made.check()
    for side in (made.ledger.cash, made.ledger.income, made.ledger.deferred, made.ledger.paid_in):
        total = sum(side(party) for party in made.ledger.parties)
        np.testing.assert_allclose(total, 0.0, atol=1e-5)
    opening, closing = made.lines["opening_cash"], made.lines["closing_cash"]
    flows = sum(
        made.lines[f"cash_from_{kind}"] for kind in ("operations", "investing", "financing")
    )
    np.testing.assert_allclose(
        closing - opening, flows + made.lines["foreign_exchange_on_cash"], rtol=1e-9, atol=1e-3
    )
    assert (made.lines["receivables"] >= -1e-6).all() or "refund" in str(overrides)
    assert US in made.ledger.parties
