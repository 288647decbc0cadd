"""Scenarios side by side on the same draws: paired differences, which is best, what explains it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from cartsim.analysis.evaluate import USUAL, Case, Evaluated, Progress, Settings, Wanted, evaluate
from cartsim.errors import ScenarioError, UsageError
from cartsim.measures import Column
from cartsim.scenario.graft import Change, changes, grafted
from cartsim.scenario.loaded import Loaded
from cartsim.units import Floats

MOST_EXACT = 6
"""So many changes are put in in every order; more are first put together by what they belong to."""

Bundles = list[tuple[str, tuple[Change, ...]]]
"""Groups of changes with their names."""


@dataclass(frozen=True)
class Difference:
    """One scenario less the first one, in a measure: mean, standard error of the pairs, the range
    from P5 to P95, and in which share of the replications it is larger.

    ``worth`` is how many times more replications two independent runs would take to tell the
    difference as well as pairs do: their variance over that of the pairs.
    """

    mean: float
    se: float
    p5: float
    p95: float
    larger: float
    worth: float


@dataclass(frozen=True)
class Choice:
    """What choosing a scenario means for the measure by which is chosen: its probability of being
    best in a replication, and the mean of what it falls short of the best, ± ``se``."""

    best: float
    regret: float
    se: float


@dataclass(frozen=True)
class Comparison:
    """Scenarios in their order, the first one the base.

    ``values`` is float64[scenario, measure, R]; ``differences`` has for each measure one entry a
    scenario after the first; ``choices`` one a scenario, by the first measure (the largest is best,
    or the smallest with ``lowest``).
    """

    names: tuple[str, ...]
    scenarios: tuple[Loaded, ...] = field(repr=False)
    columns: tuple[Column, ...]
    evaluated: Evaluated = field(repr=False)
    differences: tuple[tuple[Difference, ...], ...]
    choices: tuple[Choice, ...]
    lowest: bool

    @property
    def values(self) -> Floats:
        """float64[scenario, measure, R]."""
        return self.evaluated.values

    @property
    def replications(self) -> int:
        """How many, of each scenario."""
        return self.evaluated.replications

    def changes(self, number: int) -> tuple[Change, ...]:
        """What a scenario assumes otherwise than the first one."""
        return changes(self.scenarios[0], self.scenarios[number])


@dataclass(frozen=True)
class Step:
    """What a group of changes makes of the difference between two scenarios, ± ``se``.

    It is the mean of what it makes in every order in which the groups can be put in.
    """

    name: str
    changes: tuple[Change, ...]
    mean: float
    se: float


@dataclass(frozen=True)
class Bridge:
    """From the mean of a measure in one scenario to that in another: the steps add up."""

    column: Column
    names: tuple[str, str]
    start: float
    finish: float
    steps: tuple[Step, ...]
    replications: int
    seed: int
    runs: int


def compare(
    scenarios: Sequence[Loaded],
    measures: Sequence[Wanted],
    *,
    lowest: bool = False,
    settings: Settings = USUAL,
    progress: Progress | None = None,
) -> Comparison:
    """Run scenarios with the same seed and tell how they differ.

    Numbers of replications and seed are the first scenario's where none is given. Raises
    ``UsageError`` for fewer than two scenarios, or for measures in different units.
    """
    if len(scenarios) < 2:
        raise UsageError("a comparison needs at least two scenarios or variants")
    _same_units(scenarios)
    found = evaluate([Case(each) for each in scenarios], measures, settings, progress)
    differences = tuple(
        tuple(_difference(found, number, wanted) for number in range(1, len(scenarios)))
        for wanted in range(len(measures))
    )
    return Comparison(
        names_of(scenarios),
        tuple(scenarios),
        found.columns,
        found,
        differences,
        choices(found, lowest),
        lowest,
    )


def choices(found: Evaluated, lowest: bool = False) -> tuple[Choice, ...]:
    """Probability of being best and expected regret of each case, by the first measure.

    Cases that are equally good share the probability. Replications in which a case is undefined
    are left out.
    """
    values = -found.values[:, 0] if lowest else found.values[:, 0]
    known = ~np.isnan(values).any(axis=0)
    if not known.any():
        return tuple(Choice(math.nan, math.nan, math.nan) for _ in values)
    best = values[:, known].max(axis=0)
    first = values[:, known] == best
    share = (first / first.sum(axis=0)).mean(axis=1)
    told = []
    for case in range(len(values)):
        regret = np.full(values.shape[1], np.nan)
        regret[known] = best - values[case, known]
        told.append(Choice(float(share[case]), *found.told(regret)))
    return tuple(told)


def bridge(
    first: Loaded,
    second: Loaded,
    measure: Wanted,
    *,
    most: int = MOST_EXACT,
    groups: Bundles | None = None,
    settings: Settings = USUAL,
    progress: Progress | None = None,
) -> Bridge:
    """Which changes explain the difference of a measure between two scenarios (Shapley values).

    Changes are put together to at most ``most`` groups, each of whose combinations is run;
    ``groups`` are these, where :func:`bundled` has found them already. Raises ``UsageError`` where
    nothing differs.
    """
    _same_units([first, second])
    if groups is None:
        groups = bundled(first, second, most)
    subsets = [
        chosen
        for size in range(len(groups) + 1)
        for chosen in combinations(range(len(groups)), size)
    ]
    cases = [
        Case(grafted(first, second, [c for g in chosen for c in groups[g][1]]))
        if chosen
        else Case(first)
        for chosen in subsets
    ]
    found = evaluate(cases, [measure], settings, progress)
    at = {frozenset(chosen): found.values[i, 0] for i, chosen in enumerate(subsets)}
    names = names_of([first, second])
    steps = []
    for group, (name, inside) in enumerate(groups):
        part = shapley(at, group, len(groups))
        steps.append(Step(name, inside, *found.told(part)))
    return Bridge(
        found.columns[0],
        (names[0], names[1]),
        found.mean(0)[0],
        found.mean(len(cases) - 1)[0],
        tuple(sorted(steps, key=lambda step: -abs(step.mean))),
        found.replications,
        found.seed,
        len(cases),
    )


def shapley(at: dict[frozenset[int], Floats], player: int, players: int) -> Floats:
    """A player's share, float64[R], of what all players make together; ``at`` holds what each set
    of them makes, float64[R] (Shapley 1953)."""
    total = np.zeros_like(at[frozenset()])
    others = [other for other in range(players) if other != player]
    for size in range(players):
        weight = 1.0 / (players * math.comb(players - 1, size))
        for chosen in combinations(others, size):
            total += weight * (at[frozenset((*chosen, player))] - at[frozenset(chosen)])
    return total


def bundled(first: Loaded, second: Loaded, most: int) -> Bundles:
    """The changes between two scenarios in at most ``most`` groups, with their names.

    Changes that make no scenario without each other are one group; of the others those go together
    that share the longest beginning of their paths.
    """
    if most < 1:
        raise UsageError(f"at least one group of changes is needed; got {most}")
    found = changes(first, second)
    if not found:
        raise UsageError("the two scenarios do not differ in anything that changes a number")
    bundles: list[list[Change]] = [[change] for change in found]
    bundles = _joined(first, second, bundles, 1)
    while len(bundles) > most:
        pairs = list(combinations(range(len(bundles)), 2))
        a, b = max(pairs, key=lambda pair: _shared(bundles[pair[0]], bundles[pair[1]]))
        bundles[a] += bundles.pop(b)
    bundles = _joined(first, second, bundles, len(bundles))
    return [(_named(bundle), tuple(bundle)) for bundle in bundles]


def names_of(scenarios: Sequence[Loaded]) -> tuple[str, ...]:
    """A short name for each scenario that tells it from the others."""
    files = {each.path for each in scenarios}
    names = []
    for each in scenarios:
        stem = each.path.replace("\\", "/").rpartition("/")[2].rpartition(".")[0] or each.path
        parts = [] if len(files) == 1 else [stem]
        parts += [each.variant] if each.variant else []
        for path, value in each.overrides.items():
            parts.append(f"{path.rpartition('.')[2].replace('_', ' ')} {value}")
        names.append(", ".join(parts) or "as written")
    return tuple(
        name if names.count(name) == 1 else f"{name} ({names[: i + 1].count(name)})"
        for i, name in enumerate(names)
    )


def _difference(found: Evaluated, number: int, wanted: int) -> Difference:
    base, other = found.values[0, wanted], found.values[number, wanted]
    apart = other - base
    mean, se = found.told(apart)
    known = apart[~np.isnan(apart)]
    if known.size < 2:
        return Difference(mean, se, mean, mean, math.nan, math.nan)
    alone = math.hypot(found.told(base)[1], found.told(other)[1])
    p5, p95 = np.quantile(known, [0.05, 0.95])
    worth = (alone / se) ** 2 if se > 0 else math.inf
    return Difference(mean, se, float(p5), float(p95), float((known > 0).mean()), worth)


def _same_units(scenarios: Sequence[Loaded]) -> None:
    money = {each.model.currency for each in scenarios}
    if len(money) > 1:
        raise UsageError(f"scenarios in different currencies cannot be compared: {sorted(money)}")


def _common(changes_: Sequence[Change]) -> list[str]:
    """The names that the paths of some changes begin with."""
    common = []
    for segments in zip(*(change.path.split(".") for change in changes_), strict=False):
        if len(set(segments)) > 1:
            break
        common.append(segments[0])
    return common


def _shared(one: Sequence[Change], other: Sequence[Change]) -> tuple[int, int]:
    """How much of their beginning the paths of two groups share; small groups join first."""
    both = (*one, *other)
    return len(_common(both)), -len(both)


def _joined(
    first: Loaded, second: Loaded, bundles: list[list[Change]], largest: int
) -> list[list[Change]]:
    """Groups of which every combination of up to ``largest`` makes a scenario: one that does not is
    joined with what it needs."""

    def works(numbers: Sequence[int]) -> bool:
        return _makes_a_scenario(first, second, [bundles[i] for i in numbers])

    size = 1
    while size <= min(largest, len(bundles) - 1):
        wrong = next((c for c in combinations(range(len(bundles)), size) if not works(c)), None)
        if wrong is None:
            size += 1
            continue
        needed = list(range(len(bundles)))
        for other in [i for i in needed if i not in wrong]:
            fewer = [i for i in needed if i != other]
            if works(fewer):
                needed = fewer
        joined = [change for i in needed for change in bundles[i]]
        bundles = [joined, *(x for i, x in enumerate(bundles) if i not in needed)]
        size = 1
    return bundles


def _makes_a_scenario(first: Loaded, second: Loaded, bundles: Sequence[Sequence[Change]]) -> bool:
    try:
        grafted(first, second, [change for bundle in bundles for change in bundle])
    except ScenarioError:
        return False
    return True


def _named(bundle: Sequence[Change]) -> str:
    if len(bundle) == 1:
        return bundle[0].path
    common = _common(bundle)
    return f"{'.'.join(common)} ({len(bundle)})" if common else f"{len(bundle)} changes"
