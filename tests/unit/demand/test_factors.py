from __future__ import annotations

from math import erfc, exp, log

import numpy as np
import pytest
from scipy.integrate import quad
from unit.demand.market_by_hand import world

from cartsim.demand.adoption import bass_integral, linear_integral, logistic_integral
from cartsim.demand.affordability import able_to_pay

PATIENTS = "incidence_per_year: 1200"


def test_eligible_patients_are_incidence_times_funnel_by_the_length_of_the_month() -> None:
    found = world(f"{PATIENTS}\nfunnel: {{late: 50%, fit: {{2024: 20%, 2025: 40%}}}}").demand
    eligible = found.factors["eligible"]
    assert eligible.shape == (2, 24)
    assert eligible[0, 1] == pytest.approx(1200 * 29 / 366 * 0.5 * 0.2)
    assert eligible[0, :12].sum() == pytest.approx(120)
    assert eligible[1, 12:].sum() == pytest.approx(240)
    np.testing.assert_allclose(found.expected, eligible)


def test_without_further_keys_all_factors_are_one() -> None:
    factors = world(PATIENTS).demand.factors
    assert tuple(factors) == ("eligible", "coverage", "affordability", "adoption", "class_share")
    for name in ("coverage", "affordability", "adoption", "class_share"):
        np.testing.assert_array_equal(factors[name], np.ones((2, 24)))


def test_expected_orders_are_the_product_of_the_factors() -> None:
    body = f"""
        {PATIENTS}
        funnel: {{fit: {{pert: [10%, 30%, 60%]}}}}
        centres: {{ramp: {{from: 2024-02-01, to: 2025-03-01, start: 3, end: {{uniform: [8, 30]}}}}}}
        coverage_scale: {{uniform: [10, 20]}}
        payers: {{self: {{share: 60%}}, city: {{share: 30%, reimburses: 40%, from: 2024-05-10}}}}
        ability_to_pay: {{lognormal: {{median: {{uniform: [200k, 900k]}}, sigma: 1}}}}
        adoption: {{bass: {{p: 0.1, q: 0.5, peak: {{uniform: [50%, 90%]}}}}}}
        competitors: {{rival: {{from: 2024-07-20, attraction: {{uniform: [0, 2]}}}}}}
    """
    found = world(body, replications=50).demand
    product = np.ones((50, 24))
    for factor in found.factors.values():
        assert factor.shape == (50, 24)
        product = product * factor
    np.testing.assert_allclose(found.expected, product, rtol=1e-12)
    assert (found.orders >= 0).all()
    assert found.orders.dtype == np.int64


def test_nobody_orders_before_the_launch_and_the_launch_month_counts_by_days() -> None:
    found = world(PATIENTS, launch="2024-03-11").demand
    np.testing.assert_array_equal(found.factors["adoption"][0, :4], [0, 0, 21 / 31, 1])
    assert not found.orders[:, :2].any()


def test_a_market_launches_when_it_says_so_and_else_with_its_product() -> None:
    later = world(f"{PATIENTS}\nlaunch: 2024-06-16", launch="2024-02-01").demand
    np.testing.assert_array_equal(later.factors["adoption"][0, 4:7], [0, 0.5, 1])


def test_a_product_launched_before_the_run_is_as_far_as_it_would_be() -> None:
    body = f"{PATIENTS}\nadoption: {{linear: {{months_to_peak: 12, peak: 80%}}}}"
    long_before = world(body, launch="2022-01-01").demand.factors["adoption"]
    np.testing.assert_allclose(long_before, 0.8)


def test_coverage_by_centres() -> None:
    covered = world(
        f"{PATIENTS}\ncentres: {{2024: 12, 2025: 24}}\ncoverage_scale: 12"
    ).demand.factors["coverage"]
    assert covered[0, 0] == pytest.approx(1 - exp(-1))
    assert covered[1, 23] == pytest.approx(1 - exp(-2))


def test_coverage_given() -> None:
    covered = world(f"{PATIENTS}\ncoverage: {{2024: 20%, 2025: 30%}}").demand.factors["coverage"]
    np.testing.assert_array_equal(covered[0, [0, 12]], [0.2, 0.3])


PAYERS = """
    incidence_per_year: 1200
    price: {list: 1m, value_added_tax: 3%}
    ability_to_pay: {lognormal: {median: 400k, sigma: 0.8}}
    payers:
"""


def tail(amount: float) -> float:
    """P(ability to pay >= amount) in these markets, through the error function."""
    return 0.5 * erfc(log(amount / 400e3) / 0.8 / 2**0.5)


@pytest.mark.parametrize(
    ("payers", "expected"),
    [
        ("self: {share: 100%}", tail(1e6)),
        ("self: {share: 70%}", 0.7 * tail(1e6)),
        ("city: {share: 100%, reimburses: 40%}", tail(0.6e6)),
        ("city: {share: 100%, reimburses: 40%, cap: 0.3m}", tail(0.7e6)),
        ("state: {share: 100%, reimburses: 100%}", 1.0),
        ("a: {share: 50%}\n        b: {share: 30%, reimburses: 90%}",
         0.5 * tail(1e6) + 0.3 * tail(1e5)),
        ("city: {share: 100%, reimburses: 40%, from: 2024-01-11}",
         10 / 31 * tail(1e6) + 21 / 31 * tail(0.6e6)),
        ("city: {share: 100%, reimburses: 40%, from: 2024-02-01}", tail(1e6)),
    ],
)  # fmt: skip
def test_affordability_of_segments(payers: str, expected: float) -> None:
    found = world(PAYERS + "        " + payers).demand.factors["affordability"]
    assert found[0, 0] == pytest.approx(expected, rel=1e-12)


def test_what_is_asked_of_the_payer_follows_the_list_price() -> None:
    body = PAYERS.replace("list: 1m", "list: {2024: 1m, 2025: 500k}") + "        self: {share: 1.0}"
    found = world(body).demand.factors["affordability"]
    np.testing.assert_allclose(found[0, [11, 12]], [tail(1e6), tail(5e5)])


def test_shares_of_payers_that_exceed_one_together_are_scaled_down() -> None:
    payers = """
        a: {share: 90%, reimburses: 100%}
        b: {share: {uniform: [0%, 40%]}, reimburses: 100%}
    """
    found = world(PAYERS + payers, replications=200).demand.factors["affordability"]
    assert found.max() == 1.0
    assert 0.9 < found.min() < 0.95


def test_ability_to_pay_at_its_ends() -> None:
    amounts = np.array([0.0, 1.0, 2.0, 1e300])
    np.testing.assert_allclose(able_to_pay(amounts, np.array(1.0), np.array(1e-12)), [1, 0.5, 0, 0])
    np.testing.assert_array_equal(able_to_pay(amounts, np.array(0.0), np.array(1.0)), [1, 0, 0, 0])


@pytest.mark.parametrize("rise", [0.0, 0.3, 7.0])
def test_linear_integral(rise: float) -> None:
    for t in (0.0, 0.2, 5.0, 30.0):
        points = [rise] if 0 < rise < t else None
        curve = quad(lambda x: min(x / rise, 1.0) if rise else 1.0, 0, t, points=points)[0]
        assert linear_integral(np.array(t), np.array(rise)) == pytest.approx(curve, abs=1e-9)


@pytest.mark.parametrize(("midpoint", "spread"), [(6.0, 2.0), (0.0, 1.0), (12.0, 0.05)])
def test_logistic_integral(midpoint: float, spread: float) -> None:
    def curve(x: float) -> float:
        return 1 / (1 + exp(-(x - midpoint) / spread)) if x - midpoint > -30 * spread else 0.0

    for begin, end in ((0.0, 1.0), (5.5, 6.5), (11.0, 13.0), (40.0, 41.0)):
        edges = np.array([begin, end])
        found = np.diff(logistic_integral(edges, np.array(midpoint), np.array(spread)))[0]
        middle = [midpoint] if begin < midpoint < end else None
        assert found == pytest.approx(quad(curve, begin, end, points=middle)[0], abs=1e-8)


def test_a_logistic_curve_without_spread_is_a_jump() -> None:
    edges = np.array([5.0, 6.0, 7.0])
    found = np.diff(logistic_integral(edges, np.array(5.25), np.array(0.0)))
    np.testing.assert_allclose(found, [0.75, 1.0])


@pytest.mark.parametrize(("p", "q"), [(0.03, 0.4), (0.5, 0.0), (0.2, 1e-9), (1.0, 3.0)])
def test_bass_integral(p: float, q: float) -> None:
    def curve(t: float) -> float:
        return (1 - exp(-(p + q) * t)) / (1 + q / p * exp(-(p + q) * t))

    for t in (0.0, 1 / 12, 2.0, 15.0):
        found = bass_integral(np.array(t), np.array(p), np.array(q))
        assert found == pytest.approx(quad(curve, 0, t)[0], abs=1e-9)


def test_nothing_spreads_without_innovators() -> None:
    assert bass_integral(np.array(5.0), np.array(0.0), np.array(0.4)) == 0
    assert bass_integral(np.array(5.0), np.array(0.0), np.array(0.0)) == 0


@pytest.mark.parametrize(
    ("curve", "expected"),
    [
        ("constant: 30%", 0.3),
        ("linear: {months_to_peak: 0, peak: 40%}", 0.4),
        ("linear: {months_to_peak: 10, peak: 50%}", 0.5),
        ("logistic: {midpoint_months: 6, spread_months: 1, peak: 60%}", 0.6),
        ("bass: {p: 2, q: 3, peak: 70%}", 0.7),
    ],
)
def test_every_curve_ends_at_its_peak(curve: str, expected: float) -> None:
    found = world(f"{PATIENTS}\nadoption: {{{curve}}}", years=6).demand.factors["adoption"]
    assert found[0, -1] == pytest.approx(expected, rel=1e-3)
    assert (np.diff(found[0]) >= -1e-12).all()


def test_a_month_has_the_mean_of_the_curve() -> None:
    body = f"{PATIENTS}\nadoption: {{linear: {{months_to_peak: 24, peak: 100%}}}}"
    found = world(body, launch="2024-01-16").demand.factors["adoption"]
    # from 16 to 31 January the curve rises from 0 to 16 days of 24 months
    assert found[0, 0] == pytest.approx(16 / 31 * (16 / 2) / (24 * 365.25 / 12))


def test_class_share_by_attraction_and_days() -> None:
    body = f"""
        {PATIENTS}
        attraction: 2
        competitors: {{old: {{from: 2020-01-01}}, new: {{from: 2024-02-11, attraction: 3}}}}
    """
    found = world(body).demand.factors["class_share"]
    np.testing.assert_allclose(
        found[0, :3], [2 / 3, 10 / 29 * 2 / 3 + 19 / 29 * 2 / 6, 2 / 6], rtol=1e-12
    )


def test_two_entries_in_one_month_are_averaged_by_days() -> None:
    body = f"""
        {PATIENTS}
        competitors: {{b: {{from: 2024-01-21}}, a: {{from: 2024-01-11, attraction: 2}}}}
    """
    found = world(body).demand.factors["class_share"]
    assert found[0, 0] == pytest.approx((10 * 1 + 10 / 3 + 11 / 4) / 31)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("competitors: {}", 1.0),
        ("attraction: 0\ncompetitors: {rival: {from: 2020-01-01, attraction: 0}}", 0.0),
        ("competitors: {rival: {from: 2020-01-01, attraction: 0}}", 1.0),
        ("class_share: 25%", 0.25),
    ],
)
def test_class_share_at_its_ends(body: str, expected: float) -> None:
    assert world(f"{PATIENTS}\n{body}").demand.factors["class_share"][0, 5] == expected


def test_the_integral_is_the_printed_one_where_its_logarithm_loses_nothing() -> None:
    p, q, t = 0.01, 2.0, 4.0
    expected = t - log((p + q) / (p + q * exp(-(p + q) * t))) / q
    assert bass_integral(np.array(t), np.array(p), np.array(q)) == pytest.approx(expected)
