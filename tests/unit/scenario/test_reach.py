from __future__ import annotations

import math

import pytest
from scipy import stats

from cartsim.scenario.reach import NEGLIGIBLE, Z_NEGLIGIBLE, ImpossibleError, range_of, reach
from cartsim.scenario.values import Distribution, Quantity


def distribution(kind: str, **parameters: float | Distribution) -> Distribution:
    named = {name: Quantity(name, value) for name, value in parameters.items()}
    return Distribution(kind, named)


def test_the_normals_tail_is_that_of_the_normal():
    assert math.isclose(Z_NEGLIGIBLE, stats.norm.isf(NEGLIGIBLE), rel_tol=1e-14)


@pytest.mark.parametrize(
    ("made", "frozen"),
    [
        (distribution("normal", mean=3.0, sd=2.0), stats.norm(3, 2)),
        (distribution("lognormal", median=3.0, sigma=0.5), stats.lognorm(0.5, scale=3)),
        (distribution("exponential", mean=3.0), stats.expon(scale=3)),
        (distribution("weibull", shape=1.5, scale=3.0), stats.weibull_min(1.5, scale=3)),
        (distribution("poisson", mean=3.0), stats.poisson(3)),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_endless_distributions_reach_their_quantiles(made: Distribution, frozen):
    low, high = reach(made)
    start = frozen.support()[0]
    assert low == pytest.approx(start if math.isfinite(start) else frozen.ppf(NEGLIGIBLE))
    assert high == pytest.approx(frozen.isf(NEGLIGIBLE))


def test_an_end_that_is_not_asked_for_stays_open():
    assert reach(distribution("lognormal", median=3.0, sigma=0.5), high=False) == (0.0, math.inf)


def test_bounded_distributions_reach_their_ends():
    assert reach(distribution("pert", low=1.0, mode=2.0, high=5.0)) == (1.0, 5.0)
    assert reach(Distribution("choice", {}, ((1.0, 0.0), (2.0, 1.0), (3.0, 1.0)))) == (2.0, 3.0)


def test_truncation_cuts_and_an_open_side_is_looked_up():
    cut = Distribution(
        "normal",
        {"mean": Quantity("mean", 0.0), "sd": Quantity("sd", 1.0)},
        low=Quantity("low", 1.0),
    )
    low, high = reach(cut)
    assert low == 1.0
    expected = stats.truncnorm(1, math.inf).isf(NEGLIGIBLE)
    assert high == pytest.approx(expected, rel=1e-6)


def test_uncertain_parameters_reach_from_corner_to_corner():
    mean = distribution("uniform", low=9.0, high=11.0)
    sd = distribution("uniform", low=0.5, high=1.0)
    low, high = reach(distribution("normal", mean=mean, sd=sd))
    assert low == pytest.approx(9 - Z_NEGLIGIBLE)
    assert high == pytest.approx(11 + Z_NEGLIGIBLE)


def test_corners_that_cannot_be():
    low = distribution("uniform", low=1.0, high=3.0)
    with pytest.raises(ImpossibleError, match="must ascend"):
        reach(distribution("triangular", low=low, mode=2.0, high=4.0))
    sd = distribution("normal", mean=1.0, sd=0.2)
    with pytest.raises(ImpossibleError, match="sd"):
        reach(distribution("normal", mean=0.0, sd=sd))


def test_the_range_of_a_constant_is_one_number():
    assert range_of(Quantity("a", 3.0)) == (3.0,)
