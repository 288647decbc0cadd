"""Each family against an independent implementation, and against what its parameters promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from cartsim.distributions import FAMILIES, Quantiles

U = np.concatenate([[1e-14, 1e-6], (np.arange(500) + 0.5) / 500, [1 - 1e-6, 1 - 1e-14]])


def _lognormal(mean: float, sd: float) -> Any:
    sigma = np.sqrt(np.log1p((sd / mean) ** 2))
    return stats.lognorm(sigma, scale=mean * np.exp(-0.5 * sigma**2))


def _beta(mean: float, sd: float) -> Any:
    size = mean * (1 - mean) / sd**2 - 1
    return stats.beta(mean * size, (1 - mean) * size)


ORACLES = [
    ("triangular", {"low": 8, "mode": 10, "high": 14}, stats.triang(1 / 3, 8, 6)),
    ("pert", {"low": 8, "mode": 10, "high": 14}, stats.beta(1 + 4 / 3, 1 + 8 / 3, 8, 6)),
    ("normal", {"mean": 30300, "sd": 1500}, stats.norm(30300, 1500)),
    ("lognormal", {"mean": 10, "sd": 2}, _lognormal(10, 2)),
    ("lognormal", {"median": 180e3, "sigma": 1.1}, stats.lognorm(1.1, scale=180e3)),
    ("uniform", {"low": 9, "high": 11}, stats.uniform(9, 2)),
    ("beta", {"mean": 0.92, "sd": 0.03}, _beta(0.92, 0.03)),
    ("gamma", {"mean": 12, "sd": 5}, stats.gamma((12 / 5) ** 2, scale=25 / 12)),
    ("exponential", {"mean": 90}, stats.expon(scale=90)),
    ("weibull", {"shape": 1.4, "scale": 60}, stats.weibull_min(1.4, scale=60)),
    ("p5_p95", {"p5": -1, "p95": 3}, stats.norm(1, 2 / stats.norm.ppf(0.95))),
]


@pytest.mark.parametrize(("name", "parameters", "oracle"), ORACLES)
def test_continuous_families_agree_with_scipy(
    name: str, parameters: dict[str, float], oracle: Any
) -> None:
    family = FAMILIES[name]
    x = oracle.ppf(U)
    np.testing.assert_allclose(family.ppf(U, **parameters), x, rtol=1e-11)
    np.testing.assert_allclose(family.cdf(x, **parameters), oracle.cdf(x), rtol=1e-10)
    np.testing.assert_allclose(family.sf(x, **parameters), oracle.sf(x), rtol=1e-8)
    assert float(family.mean(**parameters)) == pytest.approx(oracle.mean(), rel=1e-12)
    outside = np.array([x[0] - 1e9, x[-1] + 1e9])
    np.testing.assert_array_equal(family.cdf(outside, **parameters), [0.0, 1.0])
    if "sd" in parameters:
        assert oracle.std() == pytest.approx(parameters["sd"], rel=1e-12)


@pytest.mark.parametrize("mean", [1e-6, 0.3, 1.0, 12.5, 154.0, 5000.0, 3e6])
def test_poisson_agrees_with_scipy(mean: float) -> None:
    poisson, oracle = FAMILIES["poisson"], stats.poisson(mean)
    found = poisson.ppf(U, mean=mean)
    # at a step of the CDF the two may round to either side: the inequality is what must hold
    assert np.all(np.abs(found - oracle.ppf(U)) <= 1)
    assert np.mean(found == oracle.ppf(U)) > 0.99
    assert np.all(poisson.cdf(found, mean=mean) >= U)
    assert np.all(poisson.cdf(found - 1, mean=mean) < U)
    np.testing.assert_allclose(poisson.cdf(found, mean=mean), oracle.cdf(found), rtol=1e-12)


def test_poisson_probabilities_of_small_counts() -> None:
    u = (np.arange(1_000_000) + 0.5) / 1_000_000
    counts = np.bincount(FAMILIES["poisson"].ppf(u, mean=1.0).astype(int))
    np.testing.assert_allclose(counts[:3] / u.size, np.exp(-1) / np.array([1, 1, 2]), atol=2e-6)


def test_bernoulli_shares() -> None:
    u = (np.arange(1000) + 0.5) / 1000
    assert FAMILIES["bernoulli"].ppf(u, p=0.03).sum() == 30


def test_choice_takes_values_in_proportion_to_weights() -> None:
    u = (np.arange(1000) + 0.5) / 1000
    values, weights = np.array([5.0, -1.0, 2.0, 7.0]), np.array([2.0, 1.0, 1.0, 0.0])
    drawn = FAMILIES["choice"].ppf(u, values=values, weights=weights)
    found, counts = np.unique(drawn, return_counts=True)
    np.testing.assert_array_equal(found, [-1, 2, 5])
    np.testing.assert_array_equal(counts, [250, 250, 500])


def test_empirical_draws_repeated_values_as_often_as_listed() -> None:
    u = (np.arange(1000) + 0.5) / 1000
    values = np.array([4.0, 4.0, 9.0, 1.0])
    drawn = FAMILIES["empirical"].ppf(u, values=values, weights=np.ones(4))
    np.testing.assert_array_equal(np.unique(drawn, return_counts=True)[1], [250, 500, 250])


@pytest.mark.parametrize(
    ("name", "quantiles", "became"),
    [
        ("p5_p95", {"p5": 2.0, "p95": 9.0}, "lognormal"),
        ("p5_p95", {"p5": 0.0, "p95": 9.0}, "normal"),
        ("p10_p50_p90", {"p10": 2.0, "p50": 3.0, "p90": 9.0}, "two-piece lognormal"),
        ("p10_p50_p90", {"p10": -2.0, "p50": 3.0, "p90": 4.0}, "two-piece normal"),
    ],
)
def test_quantile_forms_meet_their_quantiles(
    name: str, quantiles: dict[str, float], became: str
) -> None:
    family = FAMILIES[name]
    assert isinstance(family, Quantiles)
    assert family.became(**quantiles) == became
    shares = np.array([float(key[1:]) / 100 for key in quantiles])
    np.testing.assert_allclose(
        family.ppf(shares, **quantiles), list(quantiles.values()), rtol=1e-13, atol=1e-14
    )


def test_symmetric_quantiles_are_the_plain_lognormal() -> None:
    oracle = stats.lognorm(0.5, scale=4)
    p10, p50, p90 = oracle.ppf([0.1, 0.5, 0.9])
    family = FAMILIES["p10_p50_p90"]
    np.testing.assert_allclose(family.ppf(U, p10=p10, p50=p50, p90=p90), oracle.ppf(U), rtol=1e-11)
    assert float(family.mean(p10=p10, p50=p50, p90=p90)) == pytest.approx(oracle.mean())


def test_one_uniform_is_one_draw_in_any_shape() -> None:
    u = U[2:482].reshape(4, 3, 40)
    for name, parameters, _ in ORACLES:
        family = FAMILIES[name]
        flat = family.ppf(u.ravel(), **parameters)
        np.testing.assert_array_equal(family.ppf(u, **parameters).ravel(), flat)
