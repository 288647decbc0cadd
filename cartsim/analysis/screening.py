"""Which of many inputs matter at all: Morris's elementary effects, by SALib.

A trajectory starts at a random place and moves one group of inputs after the other; the change of
the measure at each move is an elementary effect. Along a trajectory nothing else changes: patients,
lots and trials are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cartsim.analysis.evaluate import USUAL, Progress, Settings, Wanted
from cartsim.analysis.extras import library_seed
from cartsim.analysis.groups import Answers, Group, answers, grouped
from cartsim.analysis.one_at_a_time import differs
from cartsim.errors import UsageError
from cartsim.measures import Column
from cartsim.scenario.loaded import Loaded
from cartsim.units import Floats

LEVELS = 4
FIRST, LAST = 0.05, 0.95
"""The lowest and the highest level, as quantiles of each input."""
RESAMPLES = 200


@dataclass(frozen=True)
class Effect:
    """Elementary effects of a group over the range of its inputs from P5 to P95.

    ``mu_star`` is the mean of their sizes, with the half-width of its 95% interval; ``mu`` their
    mean (NaN of several inputs), ``sigma`` their standard deviation: large beside ``mu_star`` where
    the effect depends on other inputs or is no straight line.
    """

    group: Group
    mu_star: float
    mu_star_ci: float
    mu: float
    sigma: float


@dataclass(frozen=True)
class Effects:
    """The effects, the largest first, of ``trajectories``; ``replications`` in all."""

    column: Column
    effects: tuple[Effect, ...]
    trajectories: int
    replications: int
    seed: int
    unreached: tuple[Group, ...]


def cost(groups: Sequence[Group], trajectories: int) -> int:
    """How many replications the effects of these groups take."""
    return trajectories * (len(groups) + 1)


def morris(
    loaded: Loaded,
    measure: Wanted,
    trajectories: int = 64,
    patterns: Sequence[str] = (),
    together: Mapping[str, Sequence[str]] | None = None,
    *,
    settings: Settings = USUAL,
    progress: Progress | None = None,
) -> Effects:
    """Elementary effects of groups of inputs; as many replications as trajectories for each group,
    and once more."""
    groups = grouped(loaded, patterns, together)
    if not groups:
        raise UsageError("the scenario has no uncertain input")
    _, seed = settings.of(loaded)
    columns: list[Column] = []

    def respond(sample: Floats) -> Floats:
        chances = [0] * len(sample)
        found: Answers = answers(loaded, groups, sample, chances, measure, settings, progress)
        columns.append(found.column)
        return found.values

    sizes = [len(group.inputs) for group in groups]
    told, reached = effects(sizes, trajectories, respond, seed)
    entries = sorted(
        (Effect(group, *map(float, row)) for group, row in zip(groups, told, strict=True)),
        key=lambda effect: -effect.mu_star,
    )
    return Effects(
        columns[0],
        tuple(entries),
        trajectories,
        cost(groups, trajectories),
        seed,
        tuple(group for group, felt in zip(groups, reached, strict=True) if not felt),
    )


def effects(
    sizes: Sequence[int], trajectories: int, respond: Callable[[Floats], Floats], seed: int
) -> tuple[Floats, list[bool]]:
    """Effects of groups of ``sizes`` uniforms each, and whether any move of each was felt.

    ``respond`` gets float64[case, trajectory, uniform], one case for each point of a trajectory,
    and returns float64[case, trajectory]. The result is float64[group, 4]: size of the effects,
    half-width of its interval, mean and standard deviation.
    """
    from SALib.analyze import morris as analyse
    from SALib.sample import morris as sampling

    if trajectories < 2:
        raise UsageError(f"at least two trajectories are needed; got {trajectories}")
    number, groups = sum(sizes), len(sizes)
    problem = {
        "num_vars": number,
        "names": [f"input{i}" for i in range(number)],
        "bounds": [[FIRST, LAST]] * number,
    }
    if groups < number:
        problem["groups"] = [f"group{g}" for g, size in enumerate(sizes) for _ in range(size)]
    sample = np.asarray(
        sampling.sample(problem, trajectories, num_levels=LEVELS, seed=library_seed(seed))
    )
    cases = sample.reshape(trajectories, groups + 1, number).transpose(1, 0, 2)
    values = respond(cases)
    told = analyse.analyze(
        problem,
        sample,
        values.T.reshape(-1),
        num_resamples=RESAMPLES,
        num_levels=LEVELS,
        seed=library_seed(seed),
    )
    columns = [
        np.ma.filled(np.ma.asarray(told[name], dtype=np.float64), np.nan)
        for name in ("mu_star", "mu_star_conf", "mu", "sigma")
    ]
    table = np.asarray(columns).T
    # a group of several inputs moves in several directions at once
    table[np.asarray(sizes) > 1, 2:] = np.nan
    return table, [_felt(cases, values, sizes, group) for group in range(groups)]


def _felt(cases: Floats, values: Floats, sizes: Sequence[int], group: int) -> bool:
    """Whether the measure differed in a trajectory between the two ends of the group's move."""
    first = sum(sizes[:group])
    mine = cases[:, :, first]
    moved = mine[1:] != mine[:-1]  # [case, trajectory]: exactly one in each trajectory
    before, after = values[:-1][moved], values[1:][moved]
    return differs(after, before)
