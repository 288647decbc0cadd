"""Inputs put together into groups that do not depend on each other, and answers to a sample.

Methods that take variance apart need independent inputs. Inputs that move together (through a
correlation or a driver) are therefore one group, whether asked for or not; so are all that were not
asked about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cartsim.analysis.evaluate import Case, Progress, Settings, Wanted, evaluate
from cartsim.analysis.inputs import Input, inputs_of
from cartsim.analysis.one_at_a_time import differs
from cartsim.errors import UsageError
from cartsim.measures import Column
from cartsim.sampling.design import SMALLEST
from cartsim.sampling.given import Given
from cartsim.scenario.loaded import Loaded
from cartsim.units import Floats

CHANCE = "what merely varies"
"""Name of the group that is no input: patients, lots, whether a trial succeeds."""
OTHERS = "all other inputs"
"""Name of the group of inputs that were not asked about."""


@dataclass(frozen=True)
class Group:
    """Inputs that are moved at the same time; none for what merely varies."""

    name: str
    inputs: tuple[Input, ...]

    @property
    def why(self) -> str:
        """What a reader should know of it."""
        if len(self.inputs) < 2:
            return ""
        return f"{len(self.inputs)} inputs: " + "; ".join(each.label for each in self.inputs)


def grouped(
    loaded: Loaded,
    patterns: Sequence[str] = (),
    together: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Group, ...]:
    """Groups of all uncertain inputs, each in one of them.

    ``together`` names groups by the patterns of their inputs; other inputs that match ``patterns``
    (all, without) are groups of their own, and the rest is one. Raises ``UsageError`` where an
    input is in two groups.
    """
    every = inputs_of(loaded.model)
    asked = {each.path for each in inputs_of(loaded.model, patterns=patterns)}
    name_of: dict[str, str] = {}
    for name, inside in (together or {}).items():
        for each in inputs_of(loaded.model, patterns=inside):
            if name_of.setdefault(each.path, name) != name:
                other = name_of[each.path]
                raise UsageError(f"{each.path} is in two groups: {other!r} and {name!r}")
    for each in every:
        name_of.setdefault(each.path, each.path if each.path in asked else OTHERS)
    # what moves together cannot be apart: such groups become one
    joined = {name: name for name in name_of.values()}
    for each in every:
        for other in each.with_others:
            if other in name_of:
                first, second = joined[name_of[each.path]], joined[name_of[other]]
                for name, head in joined.items():
                    if head == second:
                        joined[name] = first
    members: dict[str, list[Input]] = {}
    for each in every:
        members.setdefault(joined[name_of[each.path]], []).append(each)
    return tuple(
        Group(_title(head, [n for n, h in joined.items() if h == head], inside), tuple(inside))
        for head, inside in members.items()
    )


def _title(head: str, names: Sequence[str], inside: Sequence[Input]) -> str:
    chosen = [name for name in names if name not in {each.path for each in inside}]
    if OTHERS in chosen:
        return OTHERS
    if chosen:
        return " and ".join(chosen)
    labels = [each.label for each in inside]
    return labels[0] if len(labels) == 1 else " with ".join(labels) if len(labels) < 3 else head


@dataclass(frozen=True)
class Answers:
    """A measure's answers, float64[case, N], to cases of a sample."""

    column: Column
    values: Floats


def answers(
    loaded: Loaded,
    groups: Sequence[Group],
    sample: Floats,
    chances: Sequence[int],
    measure: Wanted,
    settings: Settings,
    progress: Progress | None = None,
) -> Answers:
    """The measure where the inputs of the groups have the uniforms of a sample.

    ``sample`` is float64[case, N, input] with the inputs in the order of the groups; ``chances``
    says for each case whether what merely varies is that of the seed (0) or another one (1).
    Raises ``UsageError`` where the measure is undefined in some replication.
    """
    _, seed = settings.of(loaded)
    paths = [each.path for group in groups for each in group.inputs]
    u = np.clip(sample, SMALLEST, 1.0 - SMALLEST)
    cases = [
        Case(
            loaded,
            Given(streams={path: np.ascontiguousarray(u[k, :, i]) for i, path in enumerate(paths)}),
            seed + chance,
        )
        for k, chance in enumerate(chances)
    ]
    number = sample.shape[1]
    chosen = Settings(number, seed, settings.engine, settings.executor, settings.workers)
    found = evaluate(cases, [measure], chosen, progress)
    values = found.values[:, 0]
    missing = int(np.isnan(values).sum())
    if missing:
        raise UsageError(
            f"{measure} is undefined in {missing:,} of {values.size:,} replications (a mean over "
            "nobody, or a rate that does not exist); choose a measure that is always defined"
        )
    return Answers(found.columns[0], values)


def unreached(groups: Sequence[Group], base: Floats, moved: Sequence[Floats]) -> tuple[Group, ...]:
    """The groups whose move no replication has felt; ``base`` and each of ``moved`` float64[N]."""
    return tuple(g for g, values in zip(groups, moved, strict=True) if not differs(values, base))
