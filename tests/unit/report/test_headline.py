"""The headline says who, how much, why not more, and how long the cash lasts: in true numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from unit.montecarlo.small_run import small
from unit.report.partnered import partnered

from cartsim.report.headline import first_year_of_orders, headline, year_to_show
from cartsim.report.result import RunResult, run
from cartsim.report.wording import listed, plural, share
from cartsim.scenario.load import load
from cartsim.scenario.loaded import Loaded

SCENARIOS = Path(__file__).parents[3] / "scenarios"


def told(loaded: Loaded, replications: int = 2) -> list[str]:
    return headline(run(loaded, replications, executor="serial")).split("\n")


def test_a_company_without_chance_in_words() -> None:
    # 52 orders at 1.03m are 53.56m. 50 delivered at 0.4m are 20m, and a milestone of 5m makes 25m.
    # 2 of 52 are 4%; tax in 50 prices is 1.5m. Result 25 - 5.2 - 8 = 11.8; cash 20 + 0.75 x 11.8.
    assert told(partnered()) == [
        "In 2027, Weekly Cell gets 52 orders for cel, infuses 50 patients and books revenue of "
        "25.0m yuan; the operating result is 11.8m yuan and cash at the end of 2027 28.9m yuan.",
        "On average 52 orders at 1.03m yuan a dose would be 53.6m; 25.0m is booked (5.00m of it is "
        "upfront and milestone income), because Partner Pharma pays 40% of the list price before "
        "tax per delivered dose, 4% of the orders are not delivered within the year and 1.50m is "
        "value-added tax.",
        "Cash lasts to the end of 2028 in all replications.",
    ]


def test_without_a_partner_nobody_is_said_to_take_a_share() -> None:
    lines = told(partnered(**{"contracts": "!delete"}))
    assert "Partner" not in lines[1]
    assert lines[1] == (
        "On average 52 orders at 1.03m yuan a dose would be 53.6m; 50.0m is booked, because 4% of "
        "the orders are not delivered within the year and 1.50m is value-added tax."
    )


def test_revenue_on_order_has_nothing_undelivered() -> None:
    loaded = partnered(
        **{
            "contracts": "!delete",
            "products.cel.markets.home.revenue_recognised_on": "order",
            "products.cel.markets.home.price.value_added_tax": "0",
        }
    )
    assert (
        told(loaded)[1]
        == "On average 52 orders at 1.03m yuan a dose would be 53.6m; 53.6m is booked."
    )


def test_cash_that_runs_out() -> None:
    # 20m less 8m a year in 2027, then 12m less 30m a year: gone in the fifth month of 2028.
    loaded = partnered(**{"contracts": "!delete", "products.cel.markets.home.price.list": "0.103m"})
    assert told(loaded)[-1] == (
        "Cash runs out before the end of 2028 in 100% of the replications, in the median one after "
        "16 months (May 2028)."
    )


def test_a_company_that_only_develops() -> None:
    loaded = partnered(**{"products.cel.markets.home.orders.from": "2029-01-01"})
    lines = told(loaded)
    assert lines[0] == (
        "In 2027, Weekly Cell has no orders; the operating result is -3.00m yuan and cash at the "
        "end of 2027 17.0m yuan."
    )
    assert len(lines) == 2


def test_a_product_that_may_never_come() -> None:
    result = run(load(SCENARIOS / "crescent_kelun_swap.yaml"), 40, executor="serial")
    sold = np.mean(result.values("orders", "all") > 0)
    assert 0 < sold < 0.5  # so that no year has orders in most replications
    first = headline(result).split("\n")[0]
    assert first.startswith(
        f"Crescent gets orders for bispecific and conjugate in {sold:.0%} of the replications "
    )
    assert "; over the whole run the operating result is " in first
    assert result.statistic("orders", year_to_show(result)) > 0
    assert first_year_of_orders(result) is None


def test_others_who_sell_are_named() -> None:
    lines = told(load(SCENARIOS / "bluebird_cvr.yaml"), 40)
    assert lines[0].startswith("In 2025, bluebird bio gets ")
    assert " the holder of a million shares books revenue of 3.00m US dollars, the " in lines[0]
    assert "because bluebird bio sells " in lines[1]


def test_revenue_that_does_not_come_from_orders() -> None:
    lines = told(load(SCENARIOS / "licence_out_mnc.yaml", "licensed"), 40)
    assert " of it is booked, because " in lines[1]
    assert ". With " in lines[1]
    assert "m of upfront and milestone income and " in lines[1]
    assert "m of royalties, shared profits and costs revenue is " in lines[1]


def test_ranges_are_said_where_there_is_chance() -> None:
    result = run(small(), 40, executor="serial")
    low, high = (result.statistic("orders", "2024", q) for q in ("p5", "p95"))
    assert f"(P5–P95 {low:.3g} to {high:.3g})" in headline(result)


@pytest.fixture(scope="module")
def weekly() -> RunResult:
    return run(partnered(), 2, executor="serial")


def test_the_first_year_is_the_first_with_orders(weekly: RunResult) -> None:
    assert first_year_of_orders(weekly) == "2027"
    later = partnered(**{"products.cel.markets.home.orders.from": "2028-01-03"})
    assert first_year_of_orders(run(later, 1, executor="serial")) == "2028"


def test_words() -> None:
    assert [listed(list("abcd")[:n]) for n in range(5)] == [
        "",
        "a",
        "a and b",
        "a, b and c",
        "a, b and 2 more",
    ]
    assert (plural(1, "order", "orders"), plural(1_480.4, "order", "orders")) == (
        "1 order",
        "1,480 orders",
    )
    assert [share(v) for v in (0, 0.004, 0.364, 0.996, 1, float("nan"))] == [
        "0%",
        "<1%",
        "36%",
        ">99%",
        "100%",
        "-",
    ]
