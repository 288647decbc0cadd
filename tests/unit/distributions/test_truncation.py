"""Truncation where it is difficult: far tails, bounds by replication, counts, no room at all."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from cartsim.distributions import FAMILIES, truncated_ppf, truncation_problem

U = (np.arange(1000) + 0.5) / 1000


@pytest.mark.parametrize(
    ("low", "high"), [(8.0, 10.0), (-10.0, -8.0), (-1.0, 30.0), (12.0, np.inf)]
)
def test_normal_tails_keep_their_precision(low: float, high: float) -> None:
    found = truncated_ppf(FAMILIES["normal"], U, low, high, mean=0.0, sd=1.0)
    np.testing.assert_allclose(found, stats.truncnorm(low, high).ppf(U), rtol=1e-9)
    assert np.unique(found).size == U.size


def test_memoryless_exponential_far_out() -> None:
    exponential = FAMILIES["exponential"]
    found = truncated_ppf(exponential, U, 100.0, np.inf, mean=1.0)
    np.testing.assert_allclose(found - 100.0, exponential.ppf(U, mean=1.0), rtol=1e-9, atol=1e-11)


def test_bounds_and_parameters_may_differ_by_replication() -> None:
    u = U[:600].reshape(3, 200)
    low, high = np.array([[0.0], [1.0], [9.0]]), np.array([[1.0], [np.inf], [12.0]])
    mean = np.array([[0.5], [1.5], [2.0]])
    together = truncated_ppf(FAMILIES["normal"], u, low, high, mean=mean, sd=1.0)
    for row in range(3):
        bounds = float(low[row, 0]), float(high[row, 0])
        alone = truncated_ppf(FAMILIES["normal"], u[row], *bounds, mean=float(mean[row, 0]), sd=1.0)
        np.testing.assert_array_equal(together[row], alone)


def test_infinite_bounds_change_nothing() -> None:
    normal = FAMILIES["normal"]
    found = truncated_ppf(normal, U, -np.inf, np.inf, mean=3.0, sd=2.0)
    np.testing.assert_allclose(found, normal.ppf(U, mean=3.0, sd=2.0), rtol=1e-12, atol=1e-12)


def test_extreme_uniforms_stay_inside() -> None:
    ends = np.array([2.0**-53, 1 - 2.0**-53])
    for low, high in ((0.5, 0.8), (-np.inf, 0.8), (0.5, np.inf)):
        found = truncated_ppf(FAMILIES["normal"], ends, low, high, mean=0.0, sd=1.0)
        assert np.all(np.isfinite(found))
        assert np.all((found >= low) & (found <= high))


def test_counts_are_renormalised_over_those_possible() -> None:
    u = (np.arange(100_000) + 0.5) / 100_000
    found = truncated_ppf(FAMILIES["poisson"], u, 1.0, 3.0, mean=1.0)
    _, counts = np.unique(found, return_counts=True)
    np.testing.assert_allclose(counts / u.size, np.array([6, 3, 1]) / 10, atol=2e-5)


def test_a_count_stays_a_count_between_fractional_bounds() -> None:
    found = truncated_ppf(FAMILIES["poisson"], U, 2.5, 6.5, mean=3.0)
    assert set(np.unique(found)) == {3.0, 4.0, 5.0, 6.0}


@pytest.mark.parametrize(
    ("name", "parameters", "low", "high", "message"),
    [
        ("normal", {"mean": 0.0, "sd": 1.0}, 3.0, 2.0, "low 3, high 2; they must ascend"),
        ("normal", {"mean": 0.0, "sd": 1.0}, 50.0, 60.0, "no probability lies between 50 and 60"),
        ("uniform", {"low": 0.0, "high": 1.0}, 2.0, 3.0, "no probability lies between 2 and 3"),
        ("poisson", {"mean": 3.0}, 2.2, 2.8, "no probability lies between 2.2 and 2.8"),
        ("triangular", {"low": 0.0, "mode": 1.0, "high": 2.0}, 0.5, 1.0, ""),
        ("poisson", {"mean": 3.0}, 2.0, 2.0, ""),
    ],
)
def test_an_interval_without_room_is_a_problem(
    name: str, parameters: dict[str, float], low: float, high: float, message: str
) -> None:
    assert truncation_problem(FAMILIES[name], low, high, **parameters) == message
    if message.startswith("no probability"):
        assert np.all(np.isnan(truncated_ppf(FAMILIES[name], U, low, high, **parameters)))
