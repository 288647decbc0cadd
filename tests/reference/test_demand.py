"""Demand against closed forms: means, the lognormal tail, Bass's curve, balances, uniformity."""

from __future__ import annotations

from math import erfc, exp, log

import numpy as np
import pytest
from scipy import stats
from unit.demand.market_by_hand import world

from cartsim.units import DAYS_PER_YEAR

CERTAIN = """
    incidence_per_year: 2400
    funnel: {late: 40%, fit: 60%}
    centres: 50
    coverage_scale: 40
    price: {list: 1.15m}
    payers: {self: {share: 70%}, city: {share: 30%, reimburses: 40%, cap: 0.3m}}
    ability_to_pay: {lognormal: {median: 380k, sigma: 1.1}}
    adoption: {constant: 65%}
    competitors: {one: {from: 2020-01-01}, two: {from: 2020-01-01, attraction: 0.5}}
"""


def lognormal_tail(amount: float, median: float, sigma: float) -> float:
    return 0.5 * erfc(log(amount / median) / sigma / 2**0.5)


def certain_rate_a_year() -> float:
    """The product of the five factors of ``CERTAIN``, by hand."""
    coverage = 1 - exp(-50 / 40)
    alone, helped = (lognormal_tail(x, 380e3, 1.1) for x in (1.15e6, 0.85e6))
    return 2400 * 0.4 * 0.6 * coverage * (0.7 * alone + 0.3 * helped) * 0.65 / 2.5


def test_orders_are_poisson_around_the_product_of_the_factors() -> None:
    found = world(CERTAIN, years=2, replications=4000)
    rate = certain_rate_a_year() * found.drawn.calendar.month_years
    orders = found.demand.orders
    error = (orders.mean(axis=0) - rate) / np.sqrt(rate / len(orders))
    assert np.abs(error).max() < 4
    yearly = orders[:, :12].sum(axis=1)
    assert abs(yearly.mean() - certain_rate_a_year()) < 4 * (certain_rate_a_year() / 4000) ** 0.5
    # the variance of a sample of a Poisson variable has a relative standard error of about
    # sqrt((2 + 1 / mean) / n)
    spread = (2 + 1 / yearly.mean()) ** 0.5 / 4000**0.5
    assert abs(yearly.var() / yearly.mean() - 1) < 4 * spread
    # months are independent
    assert abs(np.corrcoef(orders[:, 3], orders[:, 4])[0, 1]) < 4 / 4000**0.5


def test_mean_orders_are_the_mean_of_the_product_when_the_factors_are_uncertain() -> None:
    body = """
        incidence_per_year: {uniform: [1000, 3000]}
        funnel: {fit: {pert: [10%, 20%, 50%]}}
        adoption: {constant: {uniform: [20%, 80%]}}
    """
    orders = world(body, years=1, replications=20_000).demand.orders.sum(axis=1)
    fit = (0.1 + 4 * 0.2 + 0.5) / 6
    mean = 2000 * fit * 0.5
    assert abs(orders.mean() - mean) < 4 * orders.std() / 20_000**0.5


@pytest.mark.parametrize("price", [50e3, 400e3, 1.15e6, 3e6])
@pytest.mark.parametrize(("reimburses", "cap"), [(0.0, None), (0.6, None), (0.6, 0.2e6)])
def test_affordability_is_the_lognormal_tail(
    price: float, reimburses: float, cap: float | None
) -> None:
    clause = f"reimburses: {reimburses:.0%}" + (f", cap: {cap:.0f}" if cap else "")
    body = f"""
        incidence_per_year: 100
        price: {{list: {price:.0f}, value_added_tax: 13%}}
        payers: {{city: {{share: 100%, {clause if reimburses else ""}}}}}
        ability_to_pay: {{lognormal: {{median: 300k, sigma: 0.9}}}}
    """
    paid = price - min(reimburses * price, cap or float("inf"))
    found = world(body).demand.factors["affordability"][0, 0]
    assert found == pytest.approx(lognormal_tail(paid, 300e3, 0.9), rel=1e-10)
    assert found == pytest.approx(stats.lognorm.sf(paid, 0.9, scale=300e3), rel=1e-10)


def test_the_plateau_of_a_launch_follows_the_price_elasticity_of_the_lognormal() -> None:
    """At the median of ability to pay the elasticity of volume is -2 phi(0) / sigma."""
    sigma, volumes = 1.1, []
    for price in (379_000, 381_000):
        body = CERTAIN.replace("1.15m", str(price)).replace("city: {share: 30%", "city: {share: 0%")
        volumes.append(world(body).demand.expected[0, 0])
    elasticity = log(volumes[1] / volumes[0]) / log(381 / 379)
    assert elasticity == pytest.approx(-2 / (2 * np.pi) ** 0.5 / sigma, rel=1e-3)


def test_bass_against_its_analytic_curve() -> None:
    """Monthly means against the differential equation's solution, by Simpson's rule."""
    p, q, peak = 0.03, 0.4, 0.6
    body = f"incidence_per_year: 100\nadoption: {{bass: {{p: {p}, q: {q}, peak: 60%}}}}"
    found = world(body, years=15, launch="2024-03-01")
    edges = np.maximum(found.drawn.calendar.month_start / 1440 - 60, 0) / DAYS_PER_YEAR

    def curve(t: np.ndarray) -> np.ndarray:
        decay = np.exp(-(p + q) * t)
        return peak * (1 - decay) / (1 + q / p * decay)

    simpson = (curve(edges[:-1]) + 4 * curve((edges[:-1] + edges[1:]) / 2) + curve(edges[1:])) / 6
    adoption = found.demand.factors["adoption"][0]
    np.testing.assert_allclose(adoption, simpson, atol=1e-9)
    assert not adoption[:2].any()
    # the rate of adoption is published to peak ln(q / p) / (p + q) after the launch
    middles = (edges[:-1] + edges[1:]) / 2
    rate = np.diff(adoption[2:]) / np.diff(middles[2:])
    assert edges[3:-1][np.argmax(rate)] == pytest.approx(log(q / p) / (p + q), abs=1 / 12)


POOL = """
    incidence_per_year: 30
    coverage: 40%
    adoption: {constant: 50%}
    prevalent_pool: {patients: 2000, exit_per_year: 30%, seeking_per_year: 80%}
"""


def test_a_pool_is_conserved_in_every_replication() -> None:
    pool = world(POOL, years=6, launch="2024-05-17", replications=300).demand.pool
    assert pool is not None
    gone = pool.ordered.sum(axis=1) + pool.exits.sum(axis=1)
    np.testing.assert_allclose(gone + pool.waiting[:, -1], 2000, rtol=1e-12)
    for flow in (pool.ordered, pool.exits, pool.waiting, pool.seeking):
        assert (flow >= 0).all()


def test_a_large_pool_decays_at_the_sum_of_its_rates() -> None:
    """Month by month in closed form, which is dP/dt = -(exit + seeking * reach) P to the order of
    the month."""
    body = POOL.replace("patients: 2000", "patients: 2_000_000")
    found = world(body, years=3, replications=50)
    assert found.demand.pool is not None
    left = found.demand.pool.waiting[:, -1].mean() / 2e6
    month = found.drawn.calendar.month_years
    monthly = (1 - 0.4 * 0.5 * (1 - np.exp(-0.8 * month))) * np.exp(-0.3 * month)
    # each replication's orders, about 300,000, have a standard deviation of their square root
    assert left == pytest.approx(monthly.prod(), abs=4 * (3e5 / 50) ** 0.5 / 2e6)
    assert left == pytest.approx(exp(-3 * (0.3 + 0.8 * 0.4 * 0.5)), rel=0.02)


def test_orders_with_a_pool_are_as_many_as_expected() -> None:
    found = world(POOL, years=4, replications=5000).demand
    orders, expected = found.orders.sum(axis=1), found.expected.sum(axis=1)
    surplus = orders - expected
    assert abs(surplus.mean()) < 4 * surplus.std() / 5000**0.5


def test_arrivals_are_uniform_in_their_month() -> None:
    found = world("incidence_per_year: 600", years=2, replications=200, launch="2024-02-11")
    bounds = found.drawn.calendar.month_start
    order = found.arrivals.order
    month = found.drawn.calendar.month_of_minute(order)
    opening = np.maximum(bounds[month], 41 * 1440)
    through = (order - opening + 0.5) / (bounds[month + 1] - opening)
    assert stats.kstest(through, "uniform").pvalue > 1e-3
    launch_month = month == 1
    assert launch_month.sum() > 1000
    assert stats.kstest(through[launch_month], "uniform").pvalue > 1e-3
    assert stats.kstest(through[month == 23], "uniform").pvalue > 1e-3


def test_times_between_arrivals_are_exponential() -> None:
    """A Poisson number at uniform times is a Poisson process."""
    found = world("incidence_per_year: 3660", years=1, replications=20)
    order, first = found.arrivals.order, found.arrivals.first
    inside = np.ones(order.size - 1, dtype=bool)
    inside[first[1:-1] - 1] = False
    gaps = np.diff(order)[inside] + 0.5
    assert abs(gaps.mean() / 144 - 1) < 4 / gaps.size**0.5
    # minutes are whole, which a test of 73,000 gaps of 144 minutes would see; one of 2,000 not
    assert stats.kstest(gaps[:2000], "expon", args=(0, 144)).pvalue > 1e-3
