"""Products in development: stages, approval, launch, what failure costs, platforms."""

from __future__ import annotations

import numpy as np
import pytest

from cartsim.demand.development import course
from cartsim.measures import Facts
from cartsim.montecarlo.block import compute_facts
from cartsim.scenario.load import load_text

TEXT = """
cartsim: 1
title: a product in development
run: {start: 2024-01-01, years: 6, replications: 8, seed: 5}
currency: CNY
company: {opening_cash: 1bn, tax: {rate: 0%}, discount_rate: 10%}
platforms: {allo: {probability: 70%}}
products:
  cel:
    workflow: autologous
    plant: works
    development:
      from: 2024-01-01
      stages:
        pivotal: {months: 12, cost: 120m, probability: 60%}
        review: {months: 6, cost: 12m, probability: 80%}
      launch_after_months: 3
      book_value: 50m
    research: 24m
    route:
      order: [apheresis, production, delivery, infusion]
      steps:
        apheresis: {role: collection, duration: 1}
        production: {role: production, duration: 1}
        delivery: {role: delivery, duration: 1}
        infusion: {role: infusion, duration: 1}
    attrition: {}
    markets: {home: {incidence_per_year: 120, price: {list: 1m}}}
plants: {works: {resources: {}}}
"""


def made(text: str = TEXT, replications: int = 8, **overrides: str) -> Facts:
    model = load_text(text, overrides={k.replace("__", "."): v for k, v in overrides.items()}).model
    return compute_facts(model, 5, range(replications), "fast")


PLAIN = TEXT.replace("platforms: {allo: {probability: 70%}}\n", "")
STAGES = "products__cel__development__stages__"
SUCCESS = {f"{STAGES}pivotal__probability": "100%", f"{STAGES}review__probability": "100%"}


def test_an_approved_product_is_launched_after_its_stages() -> None:
    facts = made(PLAIN, **SUCCESS)
    (demand,) = facts.demands
    launch = round(12 * 365.25 / 12 * 1440) + round(6 * 365.25 / 12 * 1440)
    launch += round(3 * 365.25 / 12 * 1440)
    month = int(facts.calendar.month_of_minute(launch))
    assert not demand.orders[:, :month].any()
    assert (demand.factors["adoption"][:, month + 1 :] == 1).all()
    assert facts.journeys.order[facts.journeys.order >= 0].min() >= launch
    assert not facts.statement.lines["impairment"].any()


def test_a_stage_costs_what_it_costs_evenly_over_its_time() -> None:
    research = made(PLAIN, **SUCCESS).statement.lines["research"]
    per_month = np.diff(np.clip(np.arange(73) / 12, 0, 1))
    whole = research - 24e6 * made(PLAIN, **SUCCESS).calendar.month_years
    assert whole[0, :12].sum() == pytest.approx(120e6, rel=0.01)
    assert whole[0].sum() == pytest.approx(132e6)
    assert whole[0, 3] == pytest.approx(120e6 * per_month[3], rel=0.03)


def test_failure_stops_the_cost_and_writes_the_assets_off() -> None:
    facts = made(PLAIN, **{f"{STAGES}pivotal__probability": "0%"})
    lines = facts.statement.lines
    assert lines["impairment"].sum(axis=1) == pytest.approx(np.full(8, 50e6))
    assert set(np.nonzero(lines["impairment"])[1]) == {11}
    assert lines["research"].sum(axis=1) == pytest.approx(np.full(8, 120e6 + 24e6), rel=2e-3)
    assert not lines["research"][:, 14:].any()
    assert not facts.demands[0].orders.any()
    facts.statement.check()


def test_as_many_are_approved_as_the_stages_let_through() -> None:
    facts = made(PLAIN, replications=600)
    found = course(facts.scenario.products["cel"].development, facts.drawn)  # type: ignore[arg-type]
    share = found.approved.mean()
    assert share == pytest.approx(0.48, abs=4 * (0.48 * 0.52 / 600) ** 0.5)
    launched = facts.demands[0].orders.sum(axis=1) > 0
    np.testing.assert_array_equal(launched, found.approved)
    failed = facts.statement.lines["impairment"].sum(axis=1) > 0
    np.testing.assert_array_equal(failed, ~found.approved)


def test_a_platform_that_does_not_work_takes_all_of_its_products_down() -> None:
    second = TEXT.replace(
        "      book_value: 50m\n", "      book_value: 50m\n      platform: allo\n"
    )
    other = second[second.index("  cel:\n") : second.index("plants: {works")]
    text = second.replace("plants: {works", other.replace("  cel:", "  gel:", 1) + "plants: {works")
    sure = {
        key.replace("cel", name): value for key, value in SUCCESS.items() for name in ("cel", "gel")
    }
    facts = made(text, replications=300, **sure)
    one, two = (demand.orders.sum(axis=1) > 0 for demand in facts.demands)
    np.testing.assert_array_equal(one, two)
    assert one.mean() == pytest.approx(0.7, abs=4 * (0.21 / 300) ** 0.5)
