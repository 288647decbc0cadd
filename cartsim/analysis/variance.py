"""Which inputs make the variance of a measure: Sobol' first and total indices, by SALib.

What merely varies is one more source beside the inputs: it has an index of its own, so that the
indices account for all of the variance. A case of the sample is a run in which every replication
has the inputs of its row and the patients, lots and trials of its number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cartsim.analysis.evaluate import USUAL, Progress, Settings, Wanted
from cartsim.analysis.extras import library_seed
from cartsim.analysis.groups import CHANCE, Answers, Group, answers, grouped, unreached
from cartsim.errors import UsageError
from cartsim.measures import Column
from cartsim.scenario.loaded import Loaded
from cartsim.units import Floats

RESAMPLES = 200
"""Of the bootstrap that makes the intervals."""


@dataclass(frozen=True)
class Index:
    """Shares of the variance of a group of inputs, with the half-widths of their 95% intervals.

    ``first`` is what its inputs do alone: how much the variance would fall if they were known.
    ``total`` has their interactions with all others too: what would be left if all others were.
    """

    group: Group
    first: float
    first_ci: float
    total: float
    total_ci: float


@dataclass(frozen=True)
class Indices:
    """The indices, the largest total first. ``base`` is the sample size, ``replications`` what was
    computed in all; ``unreached`` are groups that cannot reach the measure."""

    column: Column
    indices: tuple[Index, ...]
    base: int
    replications: int
    seed: int
    variance: float
    unreached: tuple[Group, ...]


def cost(groups: Sequence[Group], base: int) -> int:
    """How many replications the indices of these groups take."""
    return base * (len(groups) + 3)


def sobol(
    loaded: Loaded,
    measure: Wanted,
    base: int = 512,
    patterns: Sequence[str] = (),
    together: Mapping[str, Sequence[str]] | None = None,
    *,
    settings: Settings = USUAL,
    progress: Progress | None = None,
) -> Indices:
    """First and total indices of groups of inputs, and of what merely varies.

    ``base`` is the size of the sample, a power of two; it takes as many replications for each
    group, and three times more. Raises ``UsageError`` for another base.
    """
    groups = grouped(loaded, patterns, together)
    if not groups:
        raise UsageError("the scenario has no uncertain input")
    _, seed = settings.of(loaded)
    columns: list[Column] = []

    def respond(sample: Floats, chances: Sequence[int]) -> Floats:
        found: Answers = answers(loaded, groups, sample, chances, measure, settings, progress)
        columns.append(found.column)
        return found.values

    sizes = [len(group.inputs) for group in groups]
    told, values = indices(sizes, base, respond, seed)
    every = (*groups, Group(CHANCE, ()))
    entries = sorted(
        (Index(group, *map(float, row)) for group, row in zip(every, told, strict=True)),
        key=lambda index: -index.total,
    )
    return Indices(
        columns[0],
        tuple(entries),
        base,
        cost(groups, base),
        seed,
        float(values[[0, -1]].var()),
        unreached(every, values[0], list(values[1:-1])),
    )


def indices(
    sizes: Sequence[int],
    base: int,
    respond: Callable[[Floats, Sequence[int]], Floats],
    seed: int,
) -> tuple[Floats, Floats]:
    """First and total indices of groups of ``sizes`` uniforms each, and of chance beside them.

    ``respond`` gets float64[case, base, uniform] and for each case which of two chances it meets,
    and returns float64[case, base]. The result is float64[group + 1, 4] (first index, half-width
    of its interval, total index, half-width), and what was answered, float64[group + 3, base].
    Sampling and estimators are SALib's (Saltelli 2002; Jansen 1999 for the total).
    """
    from SALib.analyze import sobol as analyse
    from SALib.sample import sobol as sampling

    if base < 2 or base & (base - 1):
        raise UsageError(f"the base of the sample must be a power of two; got {base}")
    number = sum(sizes)
    names = [f"group{g}" for g, size in enumerate(sizes) for _ in range(size)]
    problem = {
        "num_vars": number + 1,
        "names": [*(f"input{i}" for i in range(number)), "chance"],
        "groups": [*names, "chance"],
        "bounds": [[0.0, 1.0]] * (number + 1),
    }
    drawn = sampling.sample(problem, base, calc_second_order=False, seed=library_seed(seed))
    cases = len(sizes) + 3
    sample = np.asarray(drawn).reshape(base, cases, number + 1).transpose(1, 0, 2)
    # the first case and those that move inputs meet one chance, the last two another
    values = respond(sample[:, :, :number], [0] * (cases - 2) + [1, 1])
    rows = len(sizes) + 1
    if np.ptp(values) == 0:
        return np.zeros((rows, 4)), values
    with np.errstate(invalid="ignore", divide="ignore"):
        told = analyse.analyze(
            problem,
            values.T.reshape(-1),
            calc_second_order=False,
            num_resamples=RESAMPLES,
            seed=library_seed(seed),
        )
    table = np.asarray([told["S1"], told["S1_conf"], told["ST"], told["ST_conf"]])
    return table.T, values
