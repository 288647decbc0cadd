"""Lots' costs carried as inventory: what goes in comes out, and when."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from property.test_statements import COMPANY

from cartsim.demand.arrivals import arrivals
from cartsim.demand.orders import demand
from cartsim.economics.statement import Statement, statement
from cartsim.sampling.drawn import draw
from cartsim.scenario.load import load, load_text
from cartsim.simulation.compile import compile_plan
from cartsim.simulation.simulate import simulate

SCENARIOS = Path(__file__).parents[3] / "scenarios"
FATES = ("cost_variable", "cost_failed", "cost_expired")

ONE_LOT = """
cartsim: 1
title: one patient, step by step
run: {start: 2024-01-01, years: 1, replications: 1, seed: 1}
currency: CNY
company: {opening_cash: 5m, inventory: at_cost, payable_days: 0, tax: {}, discount_rate: 10%}
products:
  cel:
    workflow: autologous
    launch: 2024-01-01
    plant: works
    attrition: {before_collection: 0%, after_collection: 0%}
    route:
      order: [apheresis, production, shipment, infusion]
      steps:
        apheresis: {role: collection, duration: 1, costs: {kit: 10k}}
        production: {role: production, duration: 40, resource: line, costs: {media: 100k}}
        shipment: {role: delivery, duration: 30, costs: {courier: 5k}}
        infusion: {role: infusion, duration: 14, costs: {ward: 2k}}
    markets:
      home: {orders: {per_month: 1, until: 2024-02-01, arrivals: even}, price: {list: 1m}}
plants: {works: {resources: {line: {capacity: 1}}}}
"""


def made(model: Any, replications: int = 4) -> Statement:
    drawn = draw(model, model.run.seed, range(replications))
    demands = demand(model, drawn)
    plan = compile_plan(model)
    chance, lines = simulate(model, plan, drawn, arrivals(model, drawn, demands), "fast")
    found = statement(model, drawn, demands, plan, chance, lines)
    found.check()
    return found


def by_month(table: Any) -> dict[int, float]:
    """The months of the first replication in which there is something."""
    return {int(m): float(table[0, m]) for m in np.flatnonzero(table[0])}


@pytest.mark.parametrize(
    ("event", "charged", "carried"),
    [
        # the order stands in the middle of January, production begins the day after, the
        # shipment at the end of February and ends near the end of March
        ("order", {0: 110e3, 1: 5e3, 2: 2e3}, {}),
        ("delivery", {2: 117e3}, {0: 110e3, 1: 115e3}),
        ("infusion", {2: 117e3}, {0: 110e3, 1: 115e3}),
    ],
)
def test_a_lot_is_charged_when_its_dose_is_sold(
    event: str, charged: dict[int, float], carried: dict[int, float]
) -> None:
    model = load_text(
        ONE_LOT, overrides={"products.cel.markets.home.revenue_recognised_on": event}
    ).model
    statement_ = made(model, 1)
    lines = statement_.lines
    assert by_month(lines["cost_of_goods_variable"]) == pytest.approx(charged)
    assert by_month(lines["inventory"]) == pytest.approx(carried)
    # cash leaves when the steps begin, whatever the books say
    paid = lines["product_sales"] - lines["cash_from_operations"]
    assert by_month(paid) == pytest.approx({0: 110e3, 1: 5e3, 2: 2e3})


@cache
def loaded(name: str) -> Any:
    return load(SCENARIOS / f"{name}.yaml")


@pytest.mark.parametrize("event", ["order", "delivery", "infusion"])
@pytest.mark.parametrize(
    "name", ["carsgen_zevor_cel", "allogeneic_bcma", "shared_plant", "cdmo_supplied"]
)
def test_what_is_incurred_is_charged_or_carried(name: str, event: str) -> None:
    model = loaded(name).model
    events = {
        f"products.{product}.markets.{market}.revenue_recognised_on": event
        for product, written in model.products.items()
        for market in written.markets
    }
    expensed = made(loaded(name).with_overrides({**events, "company.inventory": "expensed"}).model)
    at_cost = made(loaded(name).with_overrides({**events, "company.inventory": "at_cost"}).model)

    def so_far(statement_: Statement) -> Any:
        acts = statement_.activity
        return np.cumsum(sum(getattr(acts, fate) for fate in FATES), axis=2)

    incurred, charged = so_far(expensed), so_far(at_cost)
    inventory = at_cost.activity.inventory
    # stock lots' costs are charged to the lots' group, so nothing moves between groups
    np.testing.assert_allclose(charged + inventory, incurred, rtol=1e-9, atol=1e-3)
    assert (inventory > -1e-3).all()
    assert inventory.any() or event == "order"
    assert not expensed.lines["inventory"].any()
    if event != "order":
        assert (charged <= incurred + 1e-3).all()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.fixed_dictionaries(
        {
            "run.seed": st.integers(0, 10**6),
            "products.cel.markets.home.revenue_recognised_on": st.sampled_from(
                ["order", "delivery", "infusion"]
            ),
            "products.cel.attrition.after_collection": st.sampled_from(["0%", "30%"]),
            "plants.works.resources.line.capacity": st.integers(1, 6),
        }
    )
)
def test_what_is_carried_belongs_to_lots_in_process(overrides: dict[str, Any]) -> None:
    model = load_text(COMPANY, overrides={**overrides, "company.inventory": "at_cost"}).model
    statement_ = made(model, 3)
    records, grid = statement_.records, statement_.grid
    table = statement_.activity.inventory
    assert (table > -1e-3).all()
    # nothing is carried at the end for a replication in which no attempt is still open
    begun = (records.timelines.start >= 0).any(axis=1)
    open_ = begun & ~records.wasted & ~records.delivered
    # sold on infusion: delivered and not infused yet is still carried
    waiting = records.delivered & (records.timelines.start[:, -1] < 0)
    busy = {int(grid.replication[row]) for row in records.row[open_ | waiting]}
    for replication in set(range(3)) - busy:
        assert np.abs(table[:, replication, -1]).max() < 1e-3


def test_the_balance_sheet_of_a_company_by_hand() -> None:
    text = """
cartsim: 1
title: a company without products
run: {start: 2024-01-01, years: 1, replications: 1}
currency: CNY
company:
  opening_cash: 100m
  research: 24m
  depreciation: 12m
  capital_expenditure: 6m
  impairments: {abroad: {date: 2024-07-10, amount: 20m}}
  rounds: {a: {date: 2024-03-05, amount: 50m}}
  loans:
    old: {amount: 10m, drawn: 2023-05-01, repaid: 2024-09-01, interest_rate: 0%}
    new: {amount: 7m, drawn: 2024-10-01, interest_rate: 0%}
  tax: {}
  discount_rate: 10%
products: {}
"""
    lines = made(load_text(text).model, 1).lines
    # what is not given is what the run writes off: 12m of depreciation and 20m
    assert lines["long_lived_assets"][0, -1] == pytest.approx(6e6, rel=0.01)
    # 24m of research hold the 12m of depreciation, for which no cash leaves
    assert lines["closing_cash"][0, -1] == pytest.approx(100e6 - 12e6 - 6e6 + 50e6 - 10e6 + 7e6)
    assert lines["debt"][0, [0, 8, -1]] == pytest.approx([10e6, 0, 7e6])
    opening = 100e6 + 32e6 - 10e6
    assert lines["equity"][0, -1] == pytest.approx(opening + 50e6 - 24e6 - 20e6, rel=1e-3)
    given_ = load_text(text, overrides={"company.opening_long_lived_assets": "90m"}).model
    more = made(given_, 1).lines
    assert (more["equity"] - lines["equity"])[0] == pytest.approx(np.full(12, 58e6), rel=1e-3)
