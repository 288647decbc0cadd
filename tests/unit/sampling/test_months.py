"""Series by month, against values worked out by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from unit.sampling.scenarios import company

from cartsim.sampling import draw
from cartsim.sampling.months import ramp_share
from cartsim.scenario.values import Quantity, Ramp
from cartsim.units import Calendar, Floats


def months(written: str, years: int = 2, start: str = "2024-01-01", count: int = 1) -> Floats:
    """The months of a series as written in a scenario, [count, M]."""
    scenario = company(years=years, start=start, other_income=written)
    return draw(scenario, 1, range(count)).monthly(scenario.company.other_income)


def test_by_year_holds_before_the_first_over_gaps_and_after_the_last() -> None:
    found = months("{2025: 1, 2027: 5}", years=5)
    np.testing.assert_array_equal(found[0], np.repeat([1.0, 1.0, 1.0, 5.0, 5.0], 12))


def test_by_year_of_a_run_that_starts_in_mid_year() -> None:
    found = months("{2024: 1, 2025: 2}", years=1, start="2024-10-15")
    np.testing.assert_array_equal(found[0], [1.0] * 3 + [2.0] * 9)


def test_each_years_uncertainty_is_its_own() -> None:
    found = months("{2024: {uniform: [0, 1]}, 2025: {uniform: [0, 1]}}", count=1000)
    assert np.all(found[:, 0] == found[:, 11])
    assert np.all(found[:, 12] == found[:, 23])
    assert abs(np.corrcoef(found[:, 0], found[:, 12])[0, 1]) < 0.15


def test_steps_on_the_first_of_a_month() -> None:
    found = months("{steps: [{from: 2024-01-01, value: 10}, {from: 2025-03-01, value: 20}]}")
    np.testing.assert_array_equal(found[0], [10.0] * 14 + [20.0] * 10)


def test_a_step_inside_a_month_weighs_days() -> None:
    found = months("{steps: [{from: 2024-01-01, value: 10}, {from: 2024-04-11, value: 40}]}")
    np.testing.assert_allclose(found[0, 2:5], [10.0, 10.0 * 10 / 30 + 40.0 * 20 / 30, 40.0])


def test_two_steps_inside_one_month() -> None:
    steps = ", ".join(
        f"{{from: {day}, value: {value}}}"
        for day, value in (("2024-06-01", 30), ("2024-06-11", 60), ("2024-06-21", 90))
    )
    np.testing.assert_allclose(months(f"{{steps: [{steps}]}}")[0, 4:7], [30.0, 60.0, 90.0])


def test_the_first_step_also_holds_before_its_date() -> None:
    found = months("{steps: [{from: 2024-05-15, value: 3}, {from: 2026-05-01, value: 9}]}")
    np.testing.assert_array_equal(found[0], np.full(24, 3.0))


def test_steps_before_the_run_have_been_taken() -> None:
    steps = (
        "{from: 2020-01-01, value: 1}, {from: 2022-01-01, value: 2}, {from: 2024-07-01, value: 3}"
    )
    np.testing.assert_array_equal(months(f"{{steps: [{steps}]}}", 1)[0], [2.0] * 6 + [3.0] * 6)


def test_a_step_in_the_short_first_month_weighs_its_days_only() -> None:
    found = months(
        "{steps: [{from: 2020-01-01, value: 1}, {from: 2024-01-29, value: 7}]}", start="2024-01-20"
    )
    np.testing.assert_allclose(found[0, :2], [(9 * 1 + 3 * 7) / 12, 7.0])


def test_uncertain_steps_mix_within_each_replication() -> None:
    found = months(
        "{steps: [{from: 2024-01-01, value: {uniform: [0, 1]}}, "
        "{from: 2024-04-16, value: {uniform: [5, 6]}}]}",
        count=50,
    )
    np.testing.assert_allclose(found[:, 3], 0.5 * found[:, 2] + 0.5 * found[:, 4], rtol=1e-14)


def test_linear_ramp_by_the_middle_of_the_month() -> None:
    found = months("{ramp: {from: 2024-03-01, to: 2024-05-31, start: 10, end: 102}}")
    # 91 days; middles of March, April, May are 15.5, 46 and 76.5 days after the beginning
    np.testing.assert_array_equal(found[0, :2], [10.0, 10.0])
    np.testing.assert_allclose(found[0, 2:5], 10 + 92 * np.array([15.5, 46.0, 76.5]) / 91)
    np.testing.assert_array_equal(found[0, 5:], np.full(19, 102.0))


def test_logistic_ramp_meets_both_ends_and_is_symmetric() -> None:
    found = months(
        "{ramp: {from: 2024-03-01, to: 2025-06-30, start: 20, end: 200, shape: logistic}}"
    )[0]
    np.testing.assert_array_equal(found[:2], [20.0, 20.0])
    np.testing.assert_array_equal(found[18:], np.full(6, 200.0))
    assert np.all(np.diff(found[2:18]) > 0)
    slope = np.diff(found)
    assert 8 <= np.argmax(slope) <= 10
    assert slope[2] < slope[9] / 5
    zero = Quantity("x", 0.0)
    # 80 days to either side of 1 August: the middles of July and August mirror each other
    ramp = Ramp(date(2024, 5, 13), date(2024, 10, 20), zero, zero, "logistic")
    share = ramp_share(ramp, Calendar(date(2024, 1, 1), 1))
    assert share[6] + share[7] == pytest.approx(1.0, abs=1e-12)
    assert 0.2 < share[6] < 0.4


def test_logistic_ramp_at_a_quarter_of_its_time() -> None:
    """By hand: (L(1/4) - L(0)) / (L(1) - L(0)), L(x) = 1 / (1 + exp(-10 (x - 1/2)))."""
    zero = Quantity("x", 0.0)
    # the middle of April 2024 (the 16th) is a quarter of the way
    ramp = Ramp(date(2024, 3, 16), date(2024, 7, 18), zero, zero, "logistic")
    share = ramp_share(ramp, Calendar(date(2024, 1, 1), 1))
    at = 31 / 124
    low = 1 / (1 + np.exp(5.0))
    expected = (1 / (1 + np.exp(-10 * (at - 0.5))) - low) / (1 - 2 * low)
    assert share[3] == pytest.approx(expected, rel=1e-12)


def test_growth_compounds_from_the_start_by_the_middle_of_the_month() -> None:
    found = months("{start: 100, growth: 21%}", years=3)[0]
    np.testing.assert_allclose(found[0], 100 * 1.21 ** (31 / 366 / 2))
    # the middle of July 2025 is one year and 196.5 days after the start
    np.testing.assert_allclose(found[18], 100 * 1.21 ** (1 + 196.5 / 365))
    np.testing.assert_allclose(found[24:] / found[12:24], np.full(12, 1.21), rtol=1e-12)


def test_growth_that_varies_by_year() -> None:
    found = months("{start: 100, growth: {2024: 10%, 2025: -50%}}")[0]
    np.testing.assert_allclose(found[0], 100 * 1.1 ** (15.5 / 366))
    np.testing.assert_allclose(found[12], 110 * 0.5 ** (15.5 / 365))


def test_growth_to_nothing() -> None:
    np.testing.assert_array_equal(months("{start: 100, growth: -100%}")[0], np.zeros(24))


def test_uncertain_growth_is_one_rate_a_replication() -> None:
    found = months("{start: 100, growth: {normal: {mean: 5%, sd: 2%}}}", years=3, count=200)
    np.testing.assert_allclose(
        found[:, 24:36] / found[:, 12:24],
        (found[:, 12] / found[:, 0])[:, None] * np.ones(12),
        rtol=2e-4,
    )
    assert found[:, 30].std() > 1


def test_entries_that_hold_in_no_month_cost_nothing() -> None:
    """A series may run over more years than the scenario; what lies outside is not drawn."""
    found = months("{2010: {uniform: [0, 1]}, 2024: 3, 2040: {uniform: [0, 1]}}")
    np.testing.assert_array_equal(found[0], np.full(24, 3.0))
