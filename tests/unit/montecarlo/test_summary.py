"""Statistics over replications, against NumPy and against what is known of distributions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri

from cartsim.measures import Column
from cartsim.montecarlo.summary import QUANTILES, Summary, summarise
from cartsim.montecarlo.table import Held


def of(*columns: list[float]) -> Summary:
    values = np.asarray(columns, dtype=np.float64)
    names = tuple(Column(f"m{i}", "all", "CNY") for i in range(len(columns)))
    return summarise(Held(names, range(values.shape[1]), values))


def test_mean_and_quantiles_are_those_of_numpy() -> None:
    values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0, 3.5, 5.8]
    found = of(values)
    assert found.mean[0] == pytest.approx(np.mean(values))
    assert found.se[0] == pytest.approx(np.std(values, ddof=1) / np.sqrt(11))
    for name, p in QUANTILES.items():
        assert found.quantiles[name][0] == pytest.approx(np.quantile(values, p))


def test_undefined_values_are_left_out_and_counted() -> None:
    nan = float("nan")
    found = of([nan, 2.0, nan, 4.0], [nan] * 4, [1.0, nan, nan, nan], [7.0] * 4)
    assert found.count.tolist() == [2, 0, 1, 4]
    assert found.mean[0] == 3
    assert found.se[0] == pytest.approx(1)  # deviation sqrt(2) over sqrt(2)
    assert found.quantiles["p50"][0] == 3
    assert np.isnan([found.mean[1], found.se[1], found.quantiles["p5"][1]]).all()
    assert (found.mean[2], found.quantiles["p95"][2]) == (1, 1)
    assert np.isnan(found.se[2])
    assert np.isnan(found.quantiles_se["p50"][2])
    assert (found.se[3], found.quantiles_se["p5"][3]) == (0, 0)


def test_undefined_numbers_are_none_in_a_document() -> None:
    (row,) = of([float("nan")]).rows()
    assert row["mean"] is row["se"] is row["p5"] is None
    assert (row["name"], row["period"], row["unit"]) == ("m0", "all", "CNY")


def test_the_error_of_a_quantile_is_that_of_a_normal_sample() -> None:
    # An evenly spread sample of a standard normal: the error of a quantile is known to be
    # sqrt(p (1 - p) / n) / density.
    n = 20_000
    sample = ndtri((np.arange(n) + 0.5) / n)
    found = of(sample.tolist())
    for name, p in QUANTILES.items():
        density = np.exp(-(ndtri(p) ** 2) / 2) / np.sqrt(2 * np.pi)
        expected = np.sqrt(p * (1 - p) / n) / density
        assert found.quantiles_se[name][0] == pytest.approx(expected, rel=0.02)


def test_large_amounts_keep_their_spread() -> None:
    # The two-pass variance does not lose a spread of 1 on an amount of 1e12.
    found = of([1e12, 1e12 + 1, 1e12 + 2])
    assert found.se[0] == pytest.approx(1 / np.sqrt(3))
