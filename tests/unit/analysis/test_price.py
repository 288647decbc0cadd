"""The price curve: the market's own demand at each price, and the price of the largest sales."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from cartsim.analysis.price import market_of, price_curve, standard_error
from cartsim.errors import UsageError
from cartsim.report.price import headline, price_picture, table
from cartsim.scenario.load import load_text
from cartsim.scenario.loaded import Loaded

SHIPPED = Path(__file__).parents[3] / "scenarios" / "carsgen_zevor_cel.yaml"


def loaded(market: str, more: str = "") -> Loaded:
    return load_text(f"""
cartsim: 1
title: one market
run: {{start: 2024-01-01, years: 2, replications: 8, seed: 3}}
currency: CNY
company: {{opening_cash: 0, tax: {{}}, discount_rate: 10%}}
plants: {{works: {{resources: {{}}}}}}
products:
  cel:
    workflow: autologous
    launch: 2024-01-01
    plant: works
    route:
      order: [apheresis, production, delivery, infusion]
      steps:
        apheresis: {{role: collection, duration: 1}}
        production: {{role: production, duration: 1}}
        delivery: {{role: delivery, duration: 1}}
        infusion: {{role: infusion, duration: 1}}
    attrition: {{}}
    markets:
      home:
        incidence_per_year: 12000
        payers: {{own: {{share: 100%}}}}
        ability_to_pay: {{lognormal: {{median: 300k, sigma: 0.6}}}}
        price: {{list: 1m, value_added_tax: 3%, deductions: 10%}}
{market}
{more}""")


def test_orders_and_sales_are_those_of_the_lognormal_tail() -> None:
    prices = [200_000.0, 300_000.0, 900_000.0]
    found = price_curve(loaded(""), "cel.home", prices)
    tail = norm.cdf(np.log(300_000 / np.asarray(prices)) / 0.6)
    np.testing.assert_allclose(found.orders, np.broadcast_to(12_000 * tail, (8, 3)), rtol=1e-9)
    kept = 0.9 / 1.03
    np.testing.assert_allclose(found.sales[0], 12_000 * tail * prices * kept, rtol=1e-9)
    assert found.now == 1e6
    assert found.period == "2025"


def test_sales_are_largest_where_one_percent_of_price_costs_one_percent_of_orders() -> None:
    prices = np.geomspace(50_000, 1_000_000, 400)
    found = price_curve(loaded(""), "cel.home", list(prices))
    best = minimize_scalar(
        lambda p: -p * norm.cdf(np.log(300_000 / p) / 0.6), bounds=(5e4, 1e6), method="bounded"
    ).x
    at = float(found.prices[found.best])
    assert at == pytest.approx(best, rel=0.01)
    assert found.elasticity(at) == pytest.approx(-1, abs=0.02)


def test_a_listing_takes_part_at_the_price_that_is_asked_about() -> None:
    listing = "        national_listing: {from: 2024-01-01, price: 1k, share: 50%, reimburses: 50%}"
    found = price_curve(loaded(listing), "cel.home", [400_000.0])
    own, listed = (norm.cdf(np.log(300_000 / amount) / 0.6) for amount in (400_000, 200_000))
    assert found.orders[0, 0] == pytest.approx(12_000 * (own + listed) / 2)


def test_one_market_is_found_by_itself_and_several_must_be_named() -> None:
    one = loaded("").model
    assert market_of(one, None) == "cel.home"
    two = loaded("      given:\n        orders: {per_month: 3}\n        price: {list: 1m}").model
    assert market_of(two, None) == "cel.home"
    with pytest.raises(UsageError, match="no market whose orders are modelled"):
        market_of(two, "cel.given")


@pytest.mark.parametrize(
    ("options", "message"),
    [({"period": "2031"}, "no year '2031'"), ({"replications": 0}, "at least one")],
)
def test_what_cannot_be_computed_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        price_curve(loaded(""), "cel.home", [1e6], **options)  # type: ignore[arg-type]


def test_it_is_told_in_words_a_table_and_a_picture() -> None:
    found = price_curve(loaded(""), "cel.home", list(np.geomspace(50_000, 1_000_000, 30)))
    said = headline(found)
    assert said.startswith("At 1.00m yuan a dose 269 patients are ordered for in 2025")
    assert "Sales are largest at" in said
    rows = list(table(found))
    assert len(rows) == 30
    assert rows[0][1] == pytest.approx(found.orders[:, 0].mean())
    assert np.isnan(standard_error(found.orders[:1])).all()
    picture = price_picture(found, "a source")
    assert len(picture.axes) == 2
    falling = price_curve(loaded(""), "cel.home", [900_000.0, 1_000_000.0, 1_100_000.0])
    assert "largest at the lowest price tried" in headline(falling)
