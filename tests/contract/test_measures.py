"""What every registered measure keeps, whatever it measures."""

from __future__ import annotations

import re

import numpy as np
import pytest

from cartsim.measures import AGGREGATIONS, MEASURES, Facts, Measure
from cartsim.measures.registry import Ratio, register
from cartsim.montecarlo.block import compute_facts
from cartsim.scenario.load import load_text

SCENARIO = """
cartsim: 1
title: three products in four markets
run: {start: 2024-03-10, years: 2, replications: 3, seed: 5}
currency: CNY
fx: {USD: 7}
company: {opening_cash: 5m, administration: 10m, tax: {rate: 25%}, discount_rate: 10%}
products:
  one:
    extends: library/autologous_own_vector_china
    launch: 2024-04-01
    plant: works
    markets:
      home: {orders: {per_month: 3, arrivals: poisson}, price: {list: 1m}}
      abroad: {currency: USD, orders: {per_month: 1}, price: {list: 200k}}
  two:
    extends: library/autologous_own_vector_china
    development:
      from: 2024-03-10
      stages: {trial: {months: 9, cost: 1m, probability: 80%}}
    plant: works
    markets:
      home: {incidence_per_year: 40, price: {list: 0.5m}}
  shelf:
    workflow: allogeneic
    launch: 2024-04-01
    plant: works
    route:
      order: [allocation, transport, infusion]
      steps:
        allocation: {role: allocation, duration: 0}
        transport: {role: delivery, duration: 2}
        infusion: {role: infusion, duration: 14}
    bank:
      route:
        order: [production, testing]
        steps:
          production:
            {role: production, duration: 10, resource: production_line, consumes: {vials: 2}}
          testing: {role: testing, duration: 7}
      doses_per_lot: 9
      planned_doses_per_lot: 9
      shelf_life: 300
      reorder: {reorder_point: 4, order_up_to: 15}
    attrition: {before_collection: 5%}
    markets:
      home: {orders: {per_month: 4}, price: {list: 0.6m}}
plants:
  works: {extends: library/plant_400_starts_china}
supplies:
  vials: {initial_stock: 40, minimum_stock: 10, order_quantity: 40, lead_time: 20}
contracts:
  deal:
    parties: {partner: Moon}
    covers: [one]
    legs: [{milestone: {from: partner, when: {date: 2024-09-01}, amount: 8m}}]
  rights:
    parties: {licensee: Star}
    covers: [one.abroad]
    legs: [{rights: {to: licensee, selling: 2m}}]
"""


OF_LOTS = {"lots_started", "lots_failed", "cost_per_started_lot"} | {
    f"doses_{what}" for what in ("made", "expired", "lost", "in_stock")
}
UNDEFINED = ("irr", "payback_months")
"""Not a number in replications that have none."""
MARKETS = {"@one": ("home", "abroad"), "@two": ("home",), "@shelf": ("home",)}


@pytest.fixture(scope="module")
def facts() -> Facts:
    return compute_facts(load_text(SCENARIO).model, 5, range(3), "reference")


@pytest.fixture(scope="module")
def last_alone() -> Facts:
    return compute_facts(load_text(SCENARIO).model, 5, range(2, 3), "reference")


@pytest.fixture(params=list(MEASURES.values()), ids=lambda measure: measure.name)
def measure(request: pytest.FixtureRequest) -> Measure:
    found: Measure = request.param
    return found


NAMED = (
    *("orders", "apheresis", "lots_started", "lots_failed", "infusions", "lost_waiting"),
    *("lost_manufacturing", "vein_to_vein_days", "order_to_infusion_days", "utilisation"),
    *("revenue", "cost_of_goods", "gross_profit", "research", "selling", "administration"),
    *("impairment", "operating_result", "net_result", "closing_cash", "npv", "peak_funding"),
    *("runway_months", "cost_per_infused_dose"),
)


@pytest.mark.parametrize("name", NAMED)
def test_the_names_that_others_rely_on_are_there(name: str) -> None:
    assert name in MEASURES


def test_a_name_is_taken_only_once(measure: Measure) -> None:
    with pytest.raises(ValueError, match="registered twice"):
        register(measure)


def test_a_measure_says_what_it_is(measure: Measure) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", measure.name)
    assert re.fullmatch(r"[A-Z0-9].*\.", measure.meaning)
    assert "\n" not in measure.meaning
    assert measure.unit
    assert measure.aggregation in AGGREGATIONS


def test_tables_have_the_shape_of_their_aggregation(measure: Measure, facts: Facts) -> None:
    months = facts.calendar.months
    tables = measure.function(facts)
    assert tables
    for suffix, table in tables.items():
        assert re.fullmatch(r"(@\w+(\.\w+)?|:\w+(\.\w+)?)?", suffix)
        assert isinstance(table, Ratio) == (measure.aggregation == "ratio")
        parts = table if isinstance(table, Ratio) else (table,)
        for part in parts:
            assert part.dtype == np.float64
            assert part.shape == ((3,) if measure.aggregation == "whole run" else (3, months))
            if measure.name not in UNDEFINED:
                assert np.isfinite(part).all()


def test_suffixes_name_what_the_scenario_has(measure: Measure, facts: Facts) -> None:
    products = {"@one", "@two", "@shelf"}
    markets = {*products, "@one.home", "@one.abroad", "@two.home", "@shelf.home"}
    resources = {":works.apheresis", ":works.production_line", ":works.bed"}
    assert set(measure.function(facts)) in (
        {""},
        {"", *markets},
        {":vials"},
        resources,
        {"@shelf"},
        {"", "@shelf"},
        {"@two"},
        {":us", ":Moon", ":Star", ":payers"},
        {":Star"},
    )


def test_a_total_is_the_sum_of_its_products_and_of_its_markets(facts: Facts) -> None:
    told = {name: found.function(facts) for name, found in MEASURES.items()}
    by_market = {name: tables for name, tables in told.items() if "@one" in tables}
    assert {"orders", "revenue", "vein_to_vein_days"} <= set(by_market)
    for name, tables in by_market.items():
        arrays = {suffix: np.asarray(table) for suffix, table in tables.items()}
        products = np.sum([arrays[part] for part in ("@one", "@two", "@shelf")], axis=0)
        assert products == pytest.approx(arrays[""]), name
        for product, markets in MARKETS.items():
            # what is made to stock is the product's, and no market's
            if product != "@shelf" or name not in OF_LOTS:
                pieces = np.sum([arrays[f"{product}.{market}"] for market in markets], axis=0)
                assert pieces == pytest.approx(arrays[product]), name


def test_a_measure_of_a_replication_is_the_same_in_any_range(
    measure: Measure, facts: Facts, last_alone: Facts
) -> None:
    one, three = measure.function(last_alone), measure.function(facts)
    for suffix, table in one.items():
        own, other = np.asarray(table), np.asarray(three[suffix])
        expected = other[:, 2:] if measure.aggregation == "ratio" else other[2:]
        assert np.array_equal(own, expected, equal_nan=True)
