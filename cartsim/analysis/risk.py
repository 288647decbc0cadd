"""Risk-adjusted net present value: every way that development can go, weighted by its chance.

The simulation draws whether each stage succeeds. Here each way is gone in full, in every
replication, and weighted by the probabilities that the replication has drawn for it; what is left
to chance is only the rest. Both have the same expectation, and this one the smaller error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product as every

import numpy as np

from cartsim.economics import valuation
from cartsim.errors import UsageError
from cartsim.montecarlo.block import block_size, blocks, compute_facts
from cartsim.sampling.drawn import Drawn, draw
from cartsim.scenario.loaded import Loaded
from cartsim.scenario.model import Development, Scenario
from cartsim.scenario.values import Quantity
from cartsim.units import Floats

MOST_WAYS = 200
APPROVED = "approved"


@dataclass(frozen=True)
class Way:
    """One way that development can go: by product the stage that fails, or ``approved``; its
    probability and net present value in each replication, float64[R] each."""

    ends: tuple[tuple[str, str], ...]
    probability: Floats
    npv: Floats


@dataclass(frozen=True)
class RiskAdjusted:
    """All ways, and the net present value as the simulation has drawn it, float64[R]."""

    ways: tuple[Way, ...]
    simulated: Floats

    @property
    def weighted(self) -> Floats:
        """Risk-adjusted net present value of each replication, float64[R]."""
        total = np.zeros(self.simulated.size)
        for way in self.ways:
            total += way.probability * way.npv
        return total


def risk_adjusted_npv(
    loaded: Loaded,
    replications: int | None = None,
    seed: int | None = None,
    *,
    engine: str = "fast",
    progress: Callable[[int, int], None] | None = None,
) -> RiskAdjusted:
    """Go every way of the developments of a scenario.

    Raises ``UsageError`` where nothing is in development, or where there are too many ways.
    """
    model = loaded.model
    developed = {n: p.development for n, p in model.products.items() if p.development is not None}
    if not developed:
        raise UsageError("no product of this scenario has a 'development'")
    total = model.run.replications if replications is None else replications
    wanted = model.run.seed if seed is None else seed
    ends = [[*development.stages, APPROVED] for development in developed.values()]
    number = int(np.prod([len(each) for each in ends]))
    if number > MOST_WAYS:
        raise UsageError(f"there are {number} ways; up to {MOST_WAYS} can be gone one by one")
    ways = []
    simulated = _npv(model, wanted, total, engine)
    drawn = draw(model, wanted, range(total))
    for done, chosen in enumerate(every(*ends), 1):
        forced = dict(zip(developed, chosen, strict=True))
        probability = _probability(model, developed, forced, drawn)
        npv = _npv(_forced(model, forced), wanted, total, engine)
        ways.append(Way(tuple(forced.items()), probability, npv))
        if progress is not None:
            progress(done, number)
    return RiskAdjusted(tuple(ways), simulated)


def _npv(model: Scenario, seed: int, replications: int, engine: str) -> Floats:
    parts = []
    for rows in blocks(replications, block_size(model)):
        facts = compute_facts(model, seed, rows, engine)
        parts.append(valuation.npv(facts.scenario, facts.drawn, facts.statement))
    return np.concatenate(parts)


def _probability(
    model: Scenario,
    developed: dict[str, Development],
    forced: dict[str, str],
    drawn: Drawn,
) -> Floats:
    """The chance of a way in each replication. Products of one platform fail together when it does
    not work, at their first stages."""
    replications = len(drawn.replications)
    total = np.ones(replications)
    for platform, products in _by_platform(developed):
        works = np.ones(replications)
        given_works, all_first = np.ones(replications), np.ones(replications)
        if platform is not None:
            works = drawn.value(model.platforms[platform].probability)
        for name in products:
            stages = developed[name].stages
            given_works = given_works * _of_stages(stages, forced[name], drawn)
            all_first = all_first * float(forced[name] == next(iter(stages)))
        total = total * (works * given_works + (1.0 - works) * all_first)
    return total


def _of_stages(stages: object, end: str, drawn: Drawn) -> Floats:
    assert isinstance(stages, dict)
    chance = np.ones(len(drawn.replications))
    for name, stage in stages.items():
        success = drawn.value(stage.probability)
        if name == end:
            return chance * (1.0 - success)
        chance = chance * success
    return chance


def _by_platform(developed: dict[str, Development]) -> Iterator[tuple[str | None, list[str]]]:
    for platform in dict.fromkeys(d.platform for d in developed.values()):
        products = [name for name, d in developed.items() if d.platform == platform]
        yield platform, products


def _forced(model: Scenario, forced: dict[str, str]) -> Scenario:
    """The scenario in which development goes one way for certain."""
    products = dict(model.products)
    for name, end in forced.items():
        owner = products[name]
        assert owner.development is not None
        stages = {
            stage: part.model_copy(update={"probability": _sure(part.probability, stage != end)})
            for stage, part in owner.development.stages.items()
        }
        development = owner.development.model_copy(update={"stages": stages, "platform": None})
        products[name] = owner.model_copy(update={"development": development})
    return model.model_copy(update={"products": products})


def _sure(probability: Quantity, succeeds: bool) -> Quantity:
    return Quantity(probability.path, float(succeeds), probability.unit)
