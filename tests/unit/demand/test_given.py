from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from unit.demand.market_by_hand import world

from cartsim.errors import ScenarioError
from cartsim.units import MINUTES_PER_DAY

DAY = MINUTES_PER_DAY


def test_every_days_starts_at_the_launch() -> None:
    found = world("orders: {every_days: 7}", launch="2024-01-10")
    order = found.arrivals.order[: found.arrivals.first[1]]
    np.testing.assert_array_equal(order, np.arange(9 * DAY, 731 * DAY, 7 * DAY))
    assert found.demand.orders[0, :3].tolist() == [4, 4, 4]
    np.testing.assert_array_equal(found.demand.expected, found.demand.orders)
    assert found.demand.factors == {}


def test_every_days_from_a_day_on_and_before_another() -> None:
    body = "orders: {every_days: 10.5, from: 2024-02-01, until: 2024-03-03}"
    order = world(body, replications=1).arrivals.order / DAY
    np.testing.assert_array_equal(order, [31, 41.5, 52])  # the next would be on 3 March at noon


def test_a_plan_that_began_before_the_run_goes_on_in_step() -> None:
    order = world("orders: {every_days: 7, from: 2023-12-29}", replications=1).arrivals.order
    np.testing.assert_array_equal(order[:2], [4 * DAY, 11 * DAY])


def test_an_uncertain_interval_is_one_number_a_replication() -> None:
    found = world("orders: {every_days: {uniform: [1, 9]}}", replications=40)
    first, order = found.arrivals.first, found.arrivals.order
    steps = []
    for begin, end in pairwise(first):
        gaps = np.diff(order[begin:end])
        assert (gaps == gaps[0]).all()
        steps.append(gaps[0])
        assert (731 * DAY - 1 - order[end - 1]) // gaps[0] == 0
    assert len(set(steps)) == 40


def test_an_interval_of_nothing_is_refused() -> None:
    with pytest.raises(ScenarioError, match="the interval between orders must be above 0"):
        _ = world("orders: {every_days: 0}").demands


def test_whole_numbers_a_month_are_exact_and_evenly_spaced() -> None:
    found = world("orders: {per_month: {2024: 4, 2025: 0}}", replications=1)
    assert found.demand.orders[0].tolist() == [4] * 12 + [0] * 12
    january = found.arrivals.order[:4] / (31 * DAY)
    np.testing.assert_allclose(january, [1 / 8, 3 / 8, 5 / 8, 7 / 8], atol=1e-4)


@pytest.mark.parametrize("number", [0.1, 1 / 3, 0.5, 12.8333333333, 154 / 12, 2.7])
def test_fractional_numbers_accumulate(number: float) -> None:
    found = world(f"orders: {{per_month: {number!r}}}", replications=1, years=3)
    totals = np.cumsum(found.demand.orders[0])
    expected = np.cumsum(np.full(36, number))
    assert (np.abs(totals - expected) <= 0.5 + 1e-6).all()
    np.testing.assert_allclose(found.demand.expected, number)
    gaps = np.diff(found.arrivals.order)
    assert (gaps > 0).all()
    # evenly spaced, but for months of 28 to 31 days
    assert gaps.max() / gaps.min() < 31 / 28 + 1e-3


def test_a_year_of_twelfths_is_the_year() -> None:
    found = world("orders: {per_month: 12.8333333333}", replications=1)
    assert found.demand.orders[0, :12].sum() == 154


def test_an_order_due_at_a_months_end_belongs_to_the_next() -> None:
    found = world("orders: {per_month: 0.5}", replications=1)
    assert found.demand.orders[0, :4].tolist() == [0, 1, 0, 1] or found.demand.orders[
        0, :4
    ].tolist() == [1, 0, 1, 0]
    month = found.drawn.calendar.month_of_minute(found.arrivals.order)
    np.testing.assert_array_equal(np.bincount(month, minlength=24), found.demand.orders[0])


def test_a_part_of_a_month_has_its_part_of_the_number() -> None:
    body = "orders: {per_month: 31, until: 2024-02-11}"
    found = world(body, launch="2024-01-22", replications=1)
    assert found.demand.orders[0, :3].tolist() == [10, 11, 0]
    np.testing.assert_allclose(found.demand.expected[0, :3], [10, 31 * 10 / 29, 0])


def test_the_first_month_of_a_run_that_starts_in_its_middle() -> None:
    found = world(
        "orders: {per_month: 31}", start="2024-01-22", launch="2023-01-01", replications=1
    )
    assert found.demand.orders[0, :2].tolist() == [10, 31]


def test_a_number_a_month_may_be_an_expectation() -> None:
    found = world(
        "orders: {per_month: 9, arrivals: poisson}", replications=300, launch="2024-01-17"
    )
    orders = found.demand.orders
    assert orders[:, 1:].mean() == pytest.approx(9, abs=4 * 3 / (300 * 23) ** 0.5)
    assert orders[:, 1:].var() == pytest.approx(9, rel=0.1)
    assert orders[:, 0].mean() == pytest.approx(9 * 15 / 31, abs=4 * (4.4 / 300) ** 0.5)
    assert found.arrivals.order.min() >= 16 * DAY
