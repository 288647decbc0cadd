from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.special import pdtr

from cartsim.distributions.poisson_quantile import poisson_quantile
from cartsim.sampling.streams import uniforms

MEANS = (0.0, 1e-300, 1e-12, 1e-3, 0.1, 0.7, 1.0, 2.5, 3.999999, 4.0, 4.7, 7.0, 12.3, 30.0)
LARGE_MEANS = (64.0, 170.0, 999.5, 2e4, 1e5)
EXTREME = np.array([2.0**-53, 1e-12, 1e-6, 1e-3, 0.5, 1 - 1e-3, 1 - 1e-6, 1 - 1e-12])
LARGEST = 1 - 2.0**-53


@pytest.mark.parametrize("mean", MEANS + LARGE_MEANS)
def test_it_is_the_quantile_at_random_and_extreme_uniforms(mean: float) -> None:
    u = np.concatenate([uniforms(5, f"mean {mean}", range(20_000)), EXTREME])
    counts = poisson_quantile(u, mean)
    if mean > 0:
        np.testing.assert_array_equal(counts, stats.poisson.ppf(u, mean).astype(np.int64))
    else:
        assert not counts.any()


@pytest.mark.parametrize("mean", [0.1, 2.5, 4.0, 30.0, 170.0, 1e5])
def test_a_uniform_at_a_step_of_the_distribution_function_stays_below_it(mean: float) -> None:
    spread = int(3 * mean**0.5)
    counts = np.arange(max(int(mean) - spread, 0), int(mean) + spread + 2)
    steps = stats.poisson.cdf(counts, mean)
    inside = steps < 1 - 1e-9
    counts, steps = counts[inside], steps[inside]
    np.testing.assert_array_equal(poisson_quantile(steps, mean), counts)
    np.testing.assert_array_equal(poisson_quantile(np.nextafter(steps, 1), mean), counts + 1)


@pytest.mark.parametrize("mean", MEANS[1:] + LARGE_MEANS)
def test_at_the_largest_uniform_it_keeps_its_definition(mean: float) -> None:
    # there SciPy's own quantile is off by some counts, so the definition is held against it
    count = poisson_quantile(np.array(LARGEST), mean)
    assert pdtr(count, mean) >= LARGEST
    assert count == 0 or pdtr(count - 1, mean) < LARGEST


def test_every_mean_between_is_right_too() -> None:
    mean = np.exp(np.linspace(np.log(0.01), np.log(3000), 120))[None, :]
    u = uniforms(5, "many means", range(400), 120)
    expected = stats.poisson.ppf(u, mean).astype(np.int64)
    np.testing.assert_array_equal(poisson_quantile(u, mean), expected)


def test_a_count_depends_on_its_own_uniform_and_mean_alone() -> None:
    mean = np.exp(5 * uniforms(5, "means", range(50), 30) - 1)
    u = uniforms(5, "uniforms", range(50), 30)
    whole = poisson_quantile(u, mean)
    rows = np.concatenate([poisson_quantile(u[[r]], mean[[r]]) for r in range(50)])
    np.testing.assert_array_equal(whole, rows)
    assert whole[7, 3] == poisson_quantile(u[7, 3], mean[7, 3])


def test_shapes_broadcast() -> None:
    u = uniforms(5, "u", range(3), 4)
    assert poisson_quantile(u, np.ones((3, 1))).shape == (3, 4)
    assert poisson_quantile(u[:, :0], 2.0).shape == (3, 0)
