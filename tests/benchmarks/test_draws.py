"""What a draw costs beside the bare generator, as ratios measured in one run."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from cartsim.distributions import FAMILIES, tabulated_ppf
from cartsim.sampling import uniforms

REPLICATIONS, SIZE = 1024, 512


def seconds(*functions: Callable[[], object], rounds: int = 15) -> list[float]:
    """The best time of each function, measured in turns so that all meet the same machine."""
    best = [float("inf")] * len(functions)
    for _ in range(rounds):
        for place, function in enumerate(functions):
            begin = time.perf_counter()
            function()
            best[place] = min(best[place], time.perf_counter() - begin)
    return best


@pytest.mark.benchmark
def test_uniforms_beside_raw_words() -> None:
    philox = np.random.Philox(1)
    generator = np.random.Generator(np.random.Philox(1))
    count = REPLICATIONS * SIZE
    raw, plain, streams, scalars = seconds(
        lambda: philox.random_raw(count),
        lambda: generator.random(count),
        lambda: uniforms(1, "x", range(REPLICATIONS), SIZE),
        lambda: uniforms(1, "x", range(REPLICATIONS)),
    )
    print(f"\nraw words {raw / count * 1e9:.1f} ns each; streams {streams / raw:.2f} times that")
    print(
        f"NumPy's doubles {plain / raw:.2f} times; one value a replication {scalars * 1e6:.0f} us"
    )
    assert np.isfinite(streams / raw)


@pytest.mark.benchmark
def test_inverses_beside_uniforms() -> None:
    u = uniforms(1, "x", range(REPLICATIONS), 64)
    examples = {
        "exponential": {"mean": 2.0},
        "normal": {"mean": 9.0, "sd": 2.0},
        "lognormal": {"mean": 9.0, "sd": 2.0},
        "triangular": {"low": 8.0, "mode": 9.0, "high": 14.0},
        "weibull": {"shape": 1.3, "scale": 60.0},
        "gamma": {"mean": 9.0, "sd": 2.0},
        "pert": {"low": 8.0, "mode": 9.0, "high": 14.0},
        "poisson": {"mean": 15.0},
    }
    for name, parameters in examples.items():
        draws, inverse = seconds(
            lambda: uniforms(1, "x", range(REPLICATIONS), 64),
            lambda name=name, parameters=parameters: FAMILIES[name].ppf(u, **parameters),
            rounds=5,
        )
        print(f"{name:16} {inverse / u.size * 1e9:7.1f} ns, {inverse / draws:6.1f} uniforms")
        if FAMILIES[name].worth_tabulating(**parameters):
            (table,) = seconds(
                lambda name=name, parameters=parameters: tabulated_ppf(
                    FAMILIES[name], u, parameters
                )
            )
            print(f"  from its table {table / u.size * 1e9:7.1f} ns, {table / draws:6.1f} uniforms")
        assert inverse > 0
