"""The rank correlations that a design has achieved, beside those that were asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cartsim.sampling.drawn import draw
from cartsim.scenario.model import Scenario
from cartsim.scenario.parameters import uncertain
from cartsim.units import Floats

MOST = 50_000
"""Replications that are looked at; more would not change what is shown."""


@dataclass(frozen=True)
class Achieved:
    """Two inputs, the rank correlation asked for and the one among the replications."""

    first: str
    second: str
    asked: float
    found: float


def achieved(scenario: Scenario, seed: int, replications: int) -> list[Achieved]:
    """What became of each pair under ``correlations`` (Spearman's rank correlation).

    Inputs that do not vary among the replications have none (NaN).
    """
    if not scenario.correlations or replications < 2:
        return []
    quantities = {quantity.path: quantity for quantity in uncertain(scenario)}
    drawn = draw(scenario, seed, range(min(replications, MOST)))
    found = []
    for pair in scenario.correlations:
        first, second = pair.between
        ranks = [_ranks(drawn.value(quantities[path])) for path in (first, second)]
        found.append(Achieved(first, second, pair.rank, _correlation(*ranks)))
    return found


def _ranks(values: Floats) -> Floats:
    from scipy.stats import rankdata

    return np.asarray(rankdata(values), dtype=np.float64)


def _correlation(a: Floats, b: Floats) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum() / size) if size > 0 else float("nan")
