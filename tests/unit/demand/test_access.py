"""Who is in reach of a centre, and when each centre begins: regions, training, cohorts."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
from unit.demand.market_by_hand import world

PATIENTS = "incidence_per_year: 1200"
MONTHS = np.arange(24)


def test_regions_have_numbers_of_their_own_and_else_those_of_the_market() -> None:
    body = f"""
        {PATIENTS}
        centres: 30
        coverage_scale: 60
        payers: {{all: {{share: 100%}}}}
        ability_to_pay: {{lognormal: {{median: 1m, sigma: 1}}}}
        adoption: {{constant: 80%}}
        regions:
          coast: {{share: 60%}}
          inland:
            share: 30%
            centres: 10
            coverage_scale: 40
            payers: {{all: {{share: 50%}}}}
            adoption: {{constant: 40%}}
    """
    found = world(body).demand
    coast, inland = 0.6 * (1 - exp(-0.5)), 0.3 * (1 - exp(-0.25))
    factors = {name: factor[0, 5] for name, factor in found.factors.items()}
    assert factors["coverage"] == pytest.approx(coast + inland)
    assert factors["adoption"] == pytest.approx((coast * 0.8 + inland * 0.4) / (coast + inland))
    ordered = coast * 0.8 + inland * 0.4
    assert factors["affordability"] == pytest.approx(
        (coast * 0.8 * 0.5 + inland * 0.4 * 0.25) / ordered
    )
    expected = 1200 * 30 / 366 * (coast * 0.8 * 0.5 + inland * 0.4 * 0.25)
    assert found.expected[0, 5] == pytest.approx(expected)


def test_one_region_that_holds_all_is_the_market() -> None:
    body = f"""
        {PATIENTS}
        centres: 30
        coverage_scale: {{uniform: [40, 80]}}
        payers: {{all: {{share: 90%, reimburses: 20%}}}}
        ability_to_pay: {{lognormal: {{median: {{uniform: [0.5m, 1m]}}, sigma: 1}}}}
        adoption: {{linear: {{months_to_peak: 9, peak: 80%}}}}
    """
    whole = world(body, replications=20).demand
    same = world(body + "\n        regions: {all: {share: 100%}}", replications=20).demand
    np.testing.assert_array_equal(same.orders, whole.orders)
    np.testing.assert_allclose(same.expected, whole.expected, rtol=1e-12)


def test_a_centre_treats_after_its_training_and_those_of_the_start_at_once() -> None:
    ramp = "{ramp: {from: 2024-01-01, to: 2026-01-01, start: 0, end: 240}}"
    body = f"{PATIENTS}\ncentres: {ramp}\ncoverage_scale: 100\n"
    ahead = -np.log1p(-world(body).demand.factors["coverage"][0]) * 100
    trained = world(body + "certification: {training_months: 2.5}").demand
    behind = -np.log1p(-trained.factors["coverage"][0]) * 100
    np.testing.assert_allclose(behind[3:], (ahead[:-3] + ahead[1:-2]) / 2, rtol=1e-9)
    np.testing.assert_allclose(behind[:3], ahead[0], rtol=1e-9)


def test_each_centre_starts_its_own_curve() -> None:
    # 10 centres at the launch, 10 more after a year; each rises over ten months
    steps = "{steps: [{from: 2024-01-01, value: 10}, {from: 2025-01-01, value: 20}]}"
    curve = "{per_centre: yes, linear: {months_to_peak: 10, peak: 60%}}"
    body = f"{PATIENTS}\ncentres: {steps}\ncoverage_scale: 1000\nadoption: {curve}"
    found = world(body).demand.factors
    rise = np.clip((MONTHS + 0.5) / 10, 0, 1) * 0.6
    rise[9] = 0.6 * 0.95
    first, both = 1 - exp(-0.01), 1 - exp(-0.02)
    later = np.concatenate([np.zeros(12), rise[:12]])
    expected = (first * rise + (both - first) * later) / np.where(MONTHS < 12, first, both)
    np.testing.assert_allclose(found["adoption"][0], expected, rtol=1e-9)


def test_centres_that_close_take_their_patients_with_them() -> None:
    steps = "{steps: [{from: 2024-01-01, value: 100}, {from: 2024-07-01, value: 50}, "
    steps += "{from: 2025-01-01, value: 0}]}"
    curve = "{per_centre: yes, linear: {months_to_peak: 24, peak: 100%}}"
    body = f"{PATIENTS}\ncentres: {steps}\ncoverage_scale: 100000\nadoption: {curve}"
    found = world(body).demand
    # those that are left are as old as they were
    np.testing.assert_allclose(found.factors["adoption"][0, 7], 7.5 / 24, rtol=1e-3)
    assert not found.orders[:, 12:].any()


def test_a_launch_that_slips_moves_the_curve_and_the_first_order() -> None:
    body = f"{PATIENTS}\nlaunch_delay_months: {{choice: {{0: 1, 6: 1}}}}\n"
    made = world(body + "adoption: {linear: {months_to_peak: 12, peak: 100%}}", replications=40)
    adoption = made.demand.factors["adoption"]
    late = adoption[:, 3] == 0
    assert 0 < late.sum() < 40
    np.testing.assert_allclose(
        adoption[late, 7:][:, :10],
        np.broadcast_to(adoption[~late, 1:][0, :10], (late.sum(), 10)),
        atol=0.02,
    )
    begin = np.where(late, round(6 * 365.25 / 12 * 1440), 0)
    assert (made.arrivals.order >= np.repeat(begin, np.diff(made.arrivals.first))).all()


def test_without_approval_nobody_orders() -> None:
    found = world(f"{PATIENTS}\napproval_probability: 30%", replications=400).demand
    approved = found.orders.sum(axis=1) > 0
    assert approved.mean() == pytest.approx(0.3, abs=4 * (0.21 / 400) ** 0.5)
    assert (found.factors["adoption"][~approved] == 0).all()


def test_a_label_brings_its_own_patients_from_its_day_on() -> None:
    body = f"""
        {PATIENTS}
        prevalent_pool: {{patients: 100, exit_per_year: 0, seeking_per_year: 0}}
        labels:
          earlier_line:
            from: 2024-07-01
            incidence_per_year: 2400
            funnel: {{treated: 50%}}
            pool_patients: 70
    """
    found = world(body).demand
    eligible = found.factors["eligible"][0]
    assert eligible[5] == pytest.approx(1200 * 30 / 366)
    assert eligible[6] == pytest.approx(2400 * 31 / 366)
    assert found.pool is not None
    np.testing.assert_array_equal(found.pool.waiting[0, [5, 6, 7, 24]], [100, 100, 170, 170])
    assert found.pool.joined[0].sum() == 70


def test_a_label_may_slip_or_never_come() -> None:
    label = "{from: 2024-07-01, delay_months: 3, probability: 40%, incidence_per_year: 1200}"
    found = world(f"{PATIENTS}\nlabels: {{more: {label}}}", replications=300).demand
    eligible = found.factors["eligible"] / (1200 * found.factors["eligible"][:, :1] * 12)
    granted = eligible[:, 20] > eligible[:, 2] * 1.5
    assert granted.mean() == pytest.approx(0.4, abs=4 * (0.24 / 300) ** 0.5)
    assert (found.factors["eligible"][:, 8] < 110).all()
