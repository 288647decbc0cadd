"""The share among competitors: by attraction, order of entry, price, efficacy and wait."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
from unit.demand.market_by_hand import world

PATIENTS = "incidence_per_year: 1200"
LOOK = "choice: {order_of_entry: 0.5, price: 2, efficacy: 3, wait: 0.02}\nefficacy: 80%\n"
LOOK += "wait_days: 40\nprice: {list: 1m}"


def share(body: str, **more: object) -> np.ndarray:
    return world(f"{PATIENTS}\n{body}", **more).demand.factors["class_share"]  # type: ignore[arg-type]


def test_a_rival_that_comes_and_goes() -> None:
    found = share("competitors: {rival: {from: 2024-04-01, until: 2024-07-16, attraction: 3}}")[0]
    assert found[[2, 3, 5]].tolist() == [1.0, 0.25, 0.25]
    assert found[6] == pytest.approx((15 * 0.25 + 16) / 31)
    assert found[7] == 1.0


def test_a_rivals_entry_may_slip_or_not_be() -> None:
    rival = "{from: 2024-03-01, delay_months: {choice: {0: 1, 6: 1}}, probability: 60%}"
    found = share(f"competitors: {{rival: {rival}}}", replications=500)
    assert (found[:, 3] < 1).mean() == pytest.approx(0.3, abs=4 * (0.21 / 500) ** 0.5)
    assert (found[:, 20] < 1).mean() == pytest.approx(0.6, abs=4 * (0.24 / 500) ** 0.5)
    assert set(np.unique(found[:, 20])) == {0.5, 1.0}


def test_the_order_of_two_slipping_rivals_does_not_matter() -> None:
    a = "a: {from: 2024-03-01, delay_months: {uniform: [0, 12]}, attraction: 2}"
    b = "b: {from: 2024-05-01, delay_months: {uniform: [0, 12]}, attraction: {uniform: [0, 1]}}"
    one = share(f"competitors: {{{a}, {b}}}", replications=50)
    other = share(f"competitors: {{{b}, {a}}}", replications=50)
    np.testing.assert_allclose(one, other, rtol=1e-12)


def test_each_weight_of_the_choice_does_what_it_says() -> None:
    rival = "{from: 2023-01-01, attraction: 2, price: 0.8m, efficacy: 70%, wait_days: 25}"
    found = share(f"competitors: {{rival: {rival}}}\n{LOOK}")[0, 3]
    own = 2**-0.5  # the second on the market
    theirs = 2 * 0.8**-2 * exp(3 * (0.7 - 0.8)) * exp(-0.02 * (25 - 40))
    assert found == pytest.approx(own / (own + theirs))


def test_what_a_rival_does_not_say_is_as_with_the_product_itself() -> None:
    rivals = "{same: {from: 2024-01-01}, cheap: {from: 2025-01-01, price: 0.5m, efficacy: 80%,"
    rivals += " wait_days: 40}}"
    assert share(f"competitors: {rivals}\n{LOOK}")[0, 5] == pytest.approx(0.5)


def test_shares_of_products_that_compete_with_each_other_sum_to_one() -> None:
    def market(other: str, price: str, rate: str) -> str:
        return f"""
            {PATIENTS}
            price: {{list: {price}}}
            attraction: {{uniform: [0.5, 2]}}
            efficacy: {rate}
            wait_days: 30
            choice: {{order_of_entry: 0.3, price: 1.5, efficacy: 2, wait: 0.01}}
            competitors:
              ours: {{product: {other}.home}}
              third: {{from: 2024-08-10, price: 0.9m, efficacy: 75%, wait_days: 20}}
        """

    alone = f"""
        {PATIENTS}
        price: {{list: 0.9m}}
        launch: 2024-08-10
        efficacy: 75%
        wait_days: 20
        choice: {{order_of_entry: 0.3, price: 1.5, efficacy: 2, wait: 0.01}}
        competitors: {{a: {{product: alpha.home}}, b: {{product: beta.home}}}}
    """
    made = world(
        ("alpha", "home", market("beta", "1.1m", "80%") + "\n            launch: 2024-01-01"),
        ("beta", "home", market("alpha", "0.7m", "65%") + "\n            launch: 2024-05-20"),
        ("gamma", "home", alone),
        replications=30,
    )
    shares = [found.factors["class_share"] for found in made.demands]
    # before they are launched they have no orders, so the shares are compared from then on
    np.testing.assert_allclose(sum(shares)[:, 8:], 1.0, rtol=1e-12)
    assert (shares[0][:, 8:] > 0).all()


def test_a_successor_of_our_own_takes_its_share() -> None:
    old = f"{PATIENTS}\ncompetitors: {{successor: {{product: beta.home}}}}"
    made = world(
        ("alpha", "home", old),
        ("beta", "home", f"{PATIENTS}\nlaunch: 2025-01-01\nattraction: 4"),
    )
    found = made.demands[0].factors["class_share"][0]
    assert found[11] == 1.0
    assert found[12] == pytest.approx(0.2)
