"""The i-SHIPMENT supply chain (Triantafyllou et al., Sci Rep 12 (2022) 17365), made again from the
paper's public data: in the finite form of 130 days, and in its steady state."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from cartsim.measures import Facts
from cartsim.montecarlo.block import compute_facts
from cartsim.scenario.load import load
from cartsim.simulation import ENGINES
from cartsim.units import MINUTES_PER_DAY

SCENARIOS = Path(__file__).parents[2] / "scenarios"
DAYS = 130
PUBLISHED = {50: 142_736, 125: 143_746}
"""US dollars a therapy, by the number of therapies."""


@cache
def facts_of(therapies: int, engine: str, **places: int) -> Facts:
    overrides: dict[str, object] = {
        f"plants.{plant}.resources.line.capacity": number for plant, number in places.items()
    }
    path = SCENARIOS / f"ishipment_{therapies}.yaml"
    return compute_facts(load(path, overrides=overrides).model, 1, range(1), engine)


def cost_of_each(facts: Facts) -> float:
    return float(facts.statement.lines["cost_of_goods"].sum()) / int(
        (facts.timelines.state == 1).sum()
    )


@pytest.fixture(params=sorted(ENGINES))
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("therapies", PUBLISHED)
def test_the_finite_form(engine_name: str, therapies: int) -> None:
    facts = facts_of(therapies, engine_name)
    assert (facts.timelines.state == 1).sum() == therapies
    assert cost_of_each(facts) == pytest.approx(PUBLISHED[therapies], rel=0.01)
    assert cost_of_each(facts) == pytest.approx(PUBLISHED[therapies], abs=1.0)


@pytest.mark.parametrize(("therapies", "lines"), [(50, 8), (125, 20)])
def test_utilisation_and_turnaround(engine_name: str, therapies: int, lines: int) -> None:
    timelines = facts_of(therapies, engine_name).timelines
    production = 2
    held = (timelines.end - timelines.start)[:, production].sum()
    offered = lines * DAYS * MINUTES_PER_DAY
    assert held / offered == pytest.approx(0.337, abs=0.0006)
    turnaround = (timelines.start[:, 5] - timelines.start[:, 0]) / MINUTES_PER_DAY
    assert turnaround.min() >= 17
    assert turnaround.max() <= 18


@pytest.mark.parametrize(
    ("therapies", "lines", "per_day"), [(50, 4, 2_216.13 + 20_920), (125, 10, 5_540.33 + 52_300)]
)
@pytest.mark.parametrize("share", [1.0, 0.6, 0.43])
def test_the_steady_state(therapies: int, lines: int, per_day: float, share: float) -> None:
    """Fixed cost a therapy = cost a day x 7 / (lines x utilisation), exactly: a plant whose lots
    come at just the interval that uses its lines by that share, over a whole year of 364 days."""
    published = {1.0: 40_488, 0.6: 67_480, 0.43: 94_159}[share]
    assert per_day * 7 / (lines * share) == pytest.approx(published, abs=1)
    every = 7 / (lines * share)
    loaded = load(
        SCENARIOS / f"ishipment_{therapies}.yaml",
        overrides={
            "products.therapy.plants": ["first"],
            "products.therapy.markets.all.orders": {"every_days": every, "from": "2023-01-01"},
            "plants.first.resources.line.capacity": lines,
            "plants.second.fixed_cost_per_year": 0,
            "plants.first.fixed_cost_until": "2024-01-01",
            "run.years": 2,
        },
    )
    facts = compute_facts(loaded.model, 1, range(1), "fast")
    fixed = facts.statement.lines["cost_of_goods_fixed"]
    year = fixed[0, :12].sum()
    assert year == pytest.approx(per_day * 365)
    # from the 28th day on the plant is in its steady state, lot after lot at the same interval
    starts = facts.timelines.start[:, 2]
    inside = starts[(starts >= 28 * MINUTES_PER_DAY) & (starts < 364 * MINUTES_PER_DAY)]
    gap = np.diff(inside).mean() / MINUTES_PER_DAY
    assert year / 365 * gap == pytest.approx(published, rel=1e-4)
    queue = facts.timelines.start[:, 2] - facts.timelines.ready[:, 2]
    assert queue[facts.timelines.start[:, 2] >= 0].max() <= 1  # minutes, of rounding


def test_fewer_lines_are_cheaper_and_slower() -> None:
    """Where waiting is allowed, with plants that cost in proportion to their lines: every line that
    is left out makes a therapy cheaper, until those who wait are not done within the 130 days."""
    cost, wait, treated = [], [], []
    for lines in (4, 3, 2, 1):
        overrides: dict[str, object] = {}
        for plant in ("first", "second"):
            overrides[f"plants.{plant}.resources.line.capacity"] = lines
            overrides[f"plants.{plant}.fixed_cost_per_year"] = 23_136.13 * 365 * lines / 4
        loaded = load(SCENARIOS / "ishipment_50.yaml", overrides=overrides)
        facts = compute_facts(loaded.model, 1, range(1), "fast")
        turnaround = facts.timelines.start[:, 5] - facts.timelines.start[:, 0]
        cost.append(cost_of_each(facts))
        wait.append(float(turnaround.mean()) / MINUTES_PER_DAY)
        treated.append(int((facts.timelines.state == 1).sum()))
    assert treated == [50] * 4
    assert cost == sorted(cost, reverse=True)
    assert wait[:3] == [17.0] * 3  # two lines in each plant are enough for lots 1.8 days apart
    assert wait[3] > 50
