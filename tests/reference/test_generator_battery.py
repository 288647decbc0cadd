"""A battery of published tests on the streams, in the orders in which a simulation reads them.

Knuth, The Art of Computer Programming, vol. 2, section 3.3.2 (serial, gap and runs tests) and
Marsaglia's birthday spacings (Computational Science and Statistics, 1985; Knuth, section 3.3.2 J),
on numbers that lie beside each other in four directions: along replications, along indices, along
pages, and across the streams of neighbouring paths. Each probability is the same on every run, as
the streams are; the bound is that for all of them together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import pytest
from scipy import stats

from cartsim.sampling.streams import PAGE, uniforms
from cartsim.units import Floats

NUMBERS = 1 << 17
BOUND = 1e-5
"""With 16 tests the chance that one of them fails by chance is below 2 in 10,000."""


def along_replications() -> Floats:
    return uniforms(21, "products.a.success", range(NUMBERS))


def along_indices() -> Floats:
    return uniforms(21, "products.a.duration", range(NUMBERS // 1024), 1024).reshape(-1)


def along_pages() -> Floats:
    drawn = uniforms(21, "products.b.duration", range(NUMBERS // 1024), PAGE * 1024)
    return drawn[:, ::PAGE].reshape(-1)


def across_paths() -> Floats:
    paths = [f"products.p{i}.success" for i in range(256)]
    return np.stack([uniforms(21, path, range(NUMBERS // 256)) for path in paths], 1).reshape(-1)


DIRECTIONS: Mapping[str, Callable[[], Floats]] = {
    "along replications": along_replications,
    "along indices": along_indices,
    "along pages": along_pages,
    "across paths": across_paths,
}


def serial(u: Floats) -> float:
    """Pairs of neighbours fall equally often into each of 64 x 64 cells."""
    cells = (u[0::2] * 64).astype(int) * 64 + (u[1::2] * 64).astype(int)
    return float(stats.chisquare(np.bincount(cells, minlength=64 * 64)).pvalue)


def gaps(u: Floats) -> float:
    """How many numbers lie between those below a quarter: geometric."""
    between = np.diff(np.flatnonzero(u < 0.25)) - 1
    longest = 20
    seen = np.bincount(np.minimum(between, longest), minlength=longest + 1)
    share = np.append(0.25 * 0.75 ** np.arange(longest), 0.75**longest)
    return float(stats.chisquare(seen, share * between.size).pvalue)


def runs(u: Floats) -> float:
    """Runs above and below the median: their number is normal (Wald and Wolfowitz, 1940)."""
    above = u > 0.5
    n, m = int(above.sum()), int((~above).sum())
    count = 1 + int((above[1:] != above[:-1]).sum())
    mean = 1 + 2 * n * m / (n + m)
    variance = (mean - 1) * (mean - 2) / (n + m - 1)
    return float(2 * stats.norm.sf(abs(count - mean) / math.sqrt(variance)))


def birthday_spacings(u: Floats) -> float:
    """512 birthdays in 2^24 days, 256 years: equal spacings in all are Poisson with mean 512."""
    days, birthdays = 1 << 24, 512
    years = np.sort((u.reshape(-1, birthdays) * days).astype(np.int64), axis=1)
    spacings = np.sort(np.diff(years, axis=1), axis=1)
    equal = int((np.diff(spacings, axis=1) == 0).sum())
    mean = birthdays**3 / (4 * days) * len(years)
    return float(2 * min(stats.poisson.cdf(equal, mean), stats.poisson.sf(equal - 1, mean)))


@pytest.mark.parametrize("test", [serial, gaps, runs, birthday_spacings])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_battery(direction: str, test: Callable[[Floats], float]) -> None:
    assert test(DIRECTIONS[direction]()) > BOUND


@pytest.mark.parametrize("test", [serial, gaps, runs, birthday_spacings])
def test_the_battery_finds_a_poor_generator(test: Callable[[Floats], float]) -> None:
    """Multiples of the golden ratio are spread evenly and not at random: each test sees that."""
    assert test(np.arange(1, NUMBERS + 1) * ((math.sqrt(5) - 1) / 2) % 1.0) < BOUND
