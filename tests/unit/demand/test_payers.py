"""What makes a price payable: payers, their budgets, a listing, instalments, a guarantee."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from scipy.stats import norm
from unit.demand.market_by_hand import world

from cartsim.demand.launch import list_price

MEANS = """
incidence_per_year: 12000
ability_to_pay: {lognormal: {median: 300k, sigma: 1.1}}
price: {list: 1m}
"""


def able(amount: float) -> float:
    """Share of the households above that can pay an amount."""
    return float(norm.cdf((log(300_000) - log(amount)) / 1.1))


def affordability(payers: str, **more: object) -> np.ndarray:
    return world(MEANS + payers, **more).demand.factors["affordability"]  # type: ignore[arg-type]


def test_a_payer_pays_between_its_days() -> None:
    payers = "payers: {city: {share: 100%, reimburses: 50%, from: 2024-03-01, until: 2024-06-16}}"
    found = affordability(payers)[0]
    helped, alone = able(500_000), able(1_000_000)
    half = (helped + alone) / 2
    np.testing.assert_allclose(
        found[[1, 2, 4, 5, 6]], [alone, helped, helped, half, alone], rtol=1e-12
    )


def test_a_national_listing_cuts_the_price_and_moves_patients() -> None:
    body = """
payers: {self_pay: {share: 80%}, city: {share: 20%, reimburses: 40%}}
national_listing: {from: 2025-01-01, price: 300k, share: 90%, reimburses: 60%}
"""
    made = world(MEANS + body)
    found = made.demand.factors["affordability"][0]
    assert found[11] == pytest.approx(0.8 * able(1e6) + 0.2 * able(6e5))
    listed = 0.9 * able(120_000) + 0.1 * (0.8 * able(300_000) + 0.2 * able(180_000))
    assert found[12] == pytest.approx(listed)
    price = np.broadcast_to(list_price(made.market, made.drawn), (2, 24))
    np.testing.assert_allclose(price[0, [11, 12]], [1_000_000, 300_000])


def test_a_listing_may_slip_and_may_not_come() -> None:
    body = """
payers: {self_pay: {share: 100%}}
national_listing: {from: 2024-07-01, delay_months: {choice: {0: 1, 12: 1}}, probability: 50%,
  price: 300k, share: 50%, reimburses: 50%}
"""
    made = world(MEANS + body, replications=400)
    price = np.broadcast_to(list_price(made.market, made.drawn), (400, 24))
    assert (price[:, :6] == 1e6).all()
    early = (price[:, 7] < 1e6).mean()
    ever = (price[:, 23] < 1e6).mean()
    assert early == pytest.approx(0.25, abs=4 * (0.1875 / 400) ** 0.5)
    assert ever == pytest.approx(0.5, abs=4 * (0.25 / 400) ** 0.5)
    # without a chance of it, it is as if it were not written
    never = world(MEANS + body.replace("50%,\n", "0%,\n"), replications=20).demand
    plain = world(MEANS + "payers: {self_pay: {share: 100%}}", replications=20).demand
    np.testing.assert_array_equal(never.orders, plain.orders)


def test_instalments_ask_for_the_largest_of_what_must_be_raised_at_once() -> None:
    plan = "{number: 4, ability_of_later_years: 50%, offered_to: 40%}"
    found = affordability(f"payers: {{own: {{share: 100%}}}}\ninstalments: {plan}")[0, 0]
    # a quarter now, and a quarter in each later year out of half as much: 500,000
    assert found == pytest.approx(0.6 * able(1e6) + 0.4 * able(500_000))
    dear = plan.replace("number: 4", "number: 4, financing_rate: 10%")
    dearer = affordability(f"payers: {{own: {{share: 100%}}}}\ninstalments: {dear}")[0, 0]
    payment = 1e6 / sum(1.1**-year for year in range(4))
    assert dearer == pytest.approx(0.6 * able(1e6) + 0.4 * able(payment / 0.5))


def test_a_plan_that_is_harder_than_paying_at_once_helps_nobody() -> None:
    plan = "{number: 2, ability_of_later_years: 10%}"
    found = affordability(f"payers: {{own: {{share: 100%}}}}\ninstalments: {plan}")[0, 0]
    assert found == pytest.approx(able(1e6))


def test_a_guarantee_lowers_the_price_that_households_count() -> None:
    # half of what the patient pays comes back, at most 0.2m, in 42 of 100 cases, counted by half
    promise = "{refunds: 50%, cap: 200k, no_response: 42%, counted: 50%}"
    body = f"""
payers: {{own: {{share: 60%}}, city: {{share: 40%, reimburses: 80%}}}}
outcome_guarantee: {promise}
"""
    found = affordability(body)[0, 0]
    own, city = 1e6 - 0.21 * 200_000, 200_000 - 0.21 * 100_000
    assert found == pytest.approx(0.6 * able(own) + 0.4 * able(city))


def test_a_budget_is_spent_and_comes_back_in_the_next_year() -> None:
    payers = "payers: {fund: {share: 100%, reimburses: 100%, budget_per_year: 300m}}"
    made = world(MEANS + payers, replications=60, years=3)
    found = made.demand
    # 1,000 eligible a month at 1m each: the fund pays for 300 a year, in the first month
    spent = found.factors["affordability"][:, ::12]
    np.testing.assert_allclose(spent, np.broadcast_to(spent[:1], spent.shape), atol=0.05)
    expected = 12_000 * 31 / 366
    helped = min(300 / expected, 1.0)
    assert found.factors["affordability"][0, 0] == pytest.approx(
        helped + (1 - helped) * able(1e6), rel=1e-9
    )
    later = found.factors["affordability"][:, 2:12]
    # what chance has left of it is spent in the months after
    np.testing.assert_allclose(later, able(1e6), rtol=0.05)
    assert (later >= able(1e6) * (1 - 1e-12)).all()
    assert (found.factors["affordability"][:, 12] > 0.25).all()


def test_a_budget_never_pays_more_than_it_holds() -> None:
    payers = "payers: {fund: {share: 100%, reimburses: 100%, budget_per_year: 120m}, "
    payers = payers.replace("}, ", "}}")
    found = world(MEANS.replace("12000", "600") + payers, replications=200, years=1).demand
    alone = able(1e6)
    helped = (found.factors["affordability"] - alone) / (1 - alone)
    # orders that were helped, as the expected share of those that came
    paid = (found.orders * helped / found.factors["affordability"]).sum(axis=1)
    assert paid.mean() == pytest.approx(120, rel=0.05)


def test_a_budget_that_suffices_changes_nothing() -> None:
    payers = "payers: {fund: {share: 60%, reimburses: 70%}, own: {share: 40%}}"
    limited = payers.replace("70%", "70%, budget_per_year: 900bn")
    plain, rich = (world(MEANS + text, replications=20).demand for text in (payers, limited))
    np.testing.assert_array_equal(plain.orders, rich.orders)
    np.testing.assert_allclose(plain.expected, rich.expected, rtol=1e-12)


def test_regions_share_the_budget_of_their_markets_payer() -> None:
    payers = "payers: {fund: {share: 100%, reimburses: 100%, budget_per_year: 300m}}"
    one = world(MEANS + payers, replications=20).demand
    two = world(
        MEANS + payers + "\nregions: {a: {share: 30%}, b: {share: 70%}}", replications=20
    ).demand
    np.testing.assert_allclose(two.expected, one.expected, rtol=1e-9)
