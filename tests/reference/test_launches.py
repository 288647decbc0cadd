"""Launches that were published: levelling off in China, and the label and stairs of Carvykti."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cartsim.demand.orders import Demand, demand
from cartsim.montecarlo.run import run
from cartsim.report.observed import seen
from cartsim.sampling.drawn import draw
from cartsim.scenario.load import load

SCENARIOS = Path(__file__).parents[2] / "scenarios"
LAUNCH = 2  # March 2024


def orders(variant: str | None) -> Demand:
    model = load(SCENARIOS / "carsgen_zevor_cel.yaml", variant).model
    (found,) = demand(model, draw(model, model.run.seed, range(400)))
    return found


def test_a_chinese_launch_levels_off_within_a_year_for_want_of_means() -> None:
    found = orders(None)
    first, second, later = (
        np.median(found.expected[:, LAUNCH + a : LAUNCH + b].mean(axis=1))
        for a, b in ((9, 12), (12, 24), (24, 60))
    )
    assert 10 <= first <= 25
    assert 0.85 <= second / first <= 1.2
    assert 0.85 <= later / second <= 1.15
    low, high = np.quantile(found.expected[:, LAUNCH + 12 : LAUNCH + 60].mean(axis=1), [0.05, 0.95])
    assert low >= 10
    assert high <= 25
    # it is the means that bind: of all shares but that of the class it is the smallest
    shares = {name: found.factors[name][:, 30].mean() for name in found.factors}
    assert shares["affordability"] < 0.35 < min(shares["coverage"], shares["adoption"])


def test_an_s_curve_on_the_eligible_is_an_order_of_magnitude_off() -> None:
    right, wrong = orders(None), orders("s_curve_on_pool")
    early, late = (
        np.median(wrong.expected[:, months].mean(axis=1))
        / np.median(right.expected[:, months].mean(axis=1))
        for months in (slice(LAUNCH, LAUNCH + 6), slice(LAUNCH + 24, LAUNCH + 48))
    )
    assert early < 1.5
    assert 7 < late < 12


def test_a_national_listing_multiplies_the_orders_by_those_who_can_pay_then() -> None:
    before, after = orders(None), orders("national_listing_2027")
    months = slice(38, 60)
    times = after.expected[:, months].mean() / before.expected[:, months].mean()
    able = (
        after.factors["affordability"][:, months].mean()
        / before.factors["affordability"][:, months].mean()
    )
    assert 2.7 < times < 3.5
    assert times == pytest.approx(able, rel=0.05)
    np.testing.assert_array_equal(after.orders[:, :36], before.orders[:, :36])


@pytest.fixture(scope="module")
def carvykti() -> dict[str, float]:
    """Observed over median, by period."""
    found, missing = seen(run(load(SCENARIOS / "carvykti_global.yaml"), replications=150))
    assert not missing
    inside = [each.p5 <= each.value <= each.p95 for each in found if not each.fit]
    return {
        **{each.period: each.value / each.p50 for each in found},
        "inside": float(np.mean(inside)),
    }


def test_the_years_that_were_looked_at_are_met(carvykti: dict[str, float]) -> None:
    for period in ("2022", "2023Q1", "2023Q2", "2023Q3", "2023Q4"):
        assert carvykti[period] == pytest.approx(1, abs=0.15), period


def test_the_year_after_follows_from_the_label_and_the_stairs(carvykti: dict[str, float]) -> None:
    assert carvykti["inside"] >= 0.5
    for period in ("2024Q1", "2024Q2", "2024Q3", "2024Q4"):
        assert 0.8 < carvykti[period] < 1.35, period
