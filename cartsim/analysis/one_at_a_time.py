"""What a measure answers to one input at a time, or two: tornado, spider and map.

An input is placed at a quantile of its own distribution while everything else stays as it is drawn,
so that the difference to the plain run is what the input does, in the mean over everything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cartsim.analysis.evaluate import USUAL, Case, Evaluated, Progress, Settings, Wanted, evaluate
from cartsim.analysis.inputs import Input, inputs_of, value_at
from cartsim.errors import UsageError
from cartsim.measures import Column
from cartsim.sampling.given import NOTHING, Given
from cartsim.scenario.loaded import Loaded
from cartsim.scenario.model import Scenario
from cartsim.units import Floats

LOW, HIGH = 0.1, 0.9
"""Quantiles between which a tornado moves an input."""
ALONG = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""Quantiles at which a spider places an input."""
ROUNDING = 1e-12
"""Of the largest value: what sums in another order may differ by."""
GRID = (0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95)
"""Quantiles of either input of a map."""


@dataclass(frozen=True)
class Swing:
    """What the mean of a measure does when one input goes from its P10 to its P90.

    ``low`` and ``high`` are the input's values there; ``at_low`` and ``at_high`` the measure's
    means. ``change`` is their difference with ``se``, its paired standard error. ``reaches`` is
    whether any replication has felt the input at all.
    """

    input: Input
    low: float
    high: float
    at_low: float
    at_high: float
    change: float
    se: float
    reaches: bool


@dataclass(frozen=True)
class Tornado:
    """The swings, the largest first, around the plain run's ``base`` (± ``base_se``).

    ``against`` names the scenario whose measure is taken off, if it is a difference.
    """

    column: Column
    base: float
    base_se: float
    swings: tuple[Swing, ...]
    replications: int
    seed: int
    against: str | None = None

    @property
    def unreached(self) -> tuple[Input, ...]:
        """Inputs that cannot reach the measure."""
        return tuple(swing.input for swing in self.swings if not swing.reaches)

    @property
    def coupled(self) -> tuple[Input, ...]:
        """Inputs that move with others, which stayed where they were."""
        return tuple(swing.input for swing in self.swings if swing.input.with_others)


@dataclass(frozen=True)
class Line:
    """The mean of a measure, float64[point], at values of one input, float64[point], which lie at
    ``ALONG`` of its distribution; ``se`` is the standard error of the difference to the plain
    run. ``flips`` are the values at which the mean crosses the threshold."""

    input: Input
    values: Floats
    means: Floats
    se: Floats
    flips: tuple[float, ...]


@dataclass(frozen=True)
class Spider:
    """Lines of several inputs around the plain run's ``base``."""

    column: Column
    base: float
    base_se: float
    threshold: float
    lines: tuple[Line, ...]
    replications: int
    seed: int
    against: str | None = None


@dataclass(frozen=True)
class Map:
    """The mean of a measure over two inputs: ``means`` and their standard errors ``se``,
    float64[x, y]; ``threshold`` is where the decision switches over."""

    column: Column
    x: Input
    y: Input
    x_values: Floats
    y_values: Floats
    means: Floats
    se: Floats
    threshold: float
    replications: int
    seed: int
    against: str | None = None


def tornado(
    loaded: Loaded,
    measure: Wanted,
    patterns: Sequence[str] = (),
    *,
    against: Loaded | None = None,
    settings: Settings = USUAL,
    progress: Progress | None = None,
) -> Tornado:
    """Move each input from P10 to P90, one at a time."""
    found = inputs_of(*_models(loaded, against), patterns=patterns)
    givens = [Given(values={each.path: at}) for each in found for at in (LOW, HIGH)]
    table = _Table.of(loaded, against, [NOTHING, *givens], measure, settings, progress)
    base, base_se = table.mean(0)
    swings = []
    for number, each in enumerate(found):
        low, high = 1 + 2 * number, 2 + 2 * number
        change, se = table.difference(high, low)
        reaches = any(differs(table.of_case(i), table.of_case(0)) for i in (low, high))
        swings.append(
            Swing(
                each,
                value_at(each, LOW, table.seed),
                value_at(each, HIGH, table.seed),
                table.mean(low)[0],
                table.mean(high)[0],
                change,
                se,
                reaches,
            )
        )
    swings.sort(key=lambda swing: (-abs(swing.change), not swing.reaches, swing.input.path))
    return Tornado(
        table.column, base, base_se, tuple(swings), table.replications, table.seed, _name(against)
    )


def spider(
    loaded: Loaded,
    measure: Wanted,
    patterns: Sequence[str] = (),
    *,
    threshold: float = 0.0,
    against: Loaded | None = None,
    settings: Settings = USUAL,
    progress: Progress | None = None,
) -> Spider:
    """Follow a measure along the range of each input, and tell where it crosses a threshold."""
    found = inputs_of(*_models(loaded, against), patterns=patterns)
    givens = [Given(values={each.path: at}) for each in found for at in ALONG]
    table = _Table.of(loaded, against, [NOTHING, *givens], measure, settings, progress)
    base, base_se = table.mean(0)
    lines = []
    for number, each in enumerate(found):
        cases = range(1 + number * len(ALONG), 1 + (number + 1) * len(ALONG))
        at = np.asarray([value_at(each, q, table.seed) for q in ALONG])
        means = np.asarray([table.mean(case)[0] for case in cases])
        se = np.asarray([table.difference(case, 0)[1] for case in cases])
        lines.append(Line(each, at, means, se, crossings(at, means - threshold)))
    lines.sort(key=lambda line: (-float(np.ptp(line.means)), line.input.path))
    return Spider(
        table.column,
        base,
        base_se,
        threshold,
        tuple(lines),
        table.replications,
        table.seed,
        _name(against),
    )


def two_way(
    loaded: Loaded,
    measure: Wanted,
    x: str,
    y: str,
    *,
    threshold: float = 0.0,
    against: Loaded | None = None,
    settings: Settings = USUAL,
    progress: Progress | None = None,
) -> Map:
    """The mean of a measure where two inputs are placed at quantiles of their distributions."""
    sides: list[Input] = []
    for pattern in (x, y):
        matching = inputs_of(*_models(loaded, against), patterns=[pattern])
        if len(matching) > 1:
            raise UsageError(
                f"{pattern!r} stands for {len(matching)} inputs; a map needs one on each side"
            )
        sides += matching
    first, second = sides
    if first == second:
        raise UsageError("a map needs two different inputs")
    givens = [Given(values={first.path: a, second.path: b}) for a in GRID for b in GRID]
    table = _Table.of(loaded, against, givens, measure, settings, progress)
    told = np.asarray([table.mean(case) for case in range(len(givens))])
    means, se = told.reshape(len(GRID), len(GRID), 2).transpose(2, 0, 1)
    x_at, y_at = (np.asarray([value_at(each, q, table.seed) for q in GRID]) for each in sides)
    return Map(
        table.column,
        first,
        second,
        x_at,
        y_at,
        means,
        se,
        threshold,
        table.replications,
        table.seed,
        _name(against),
    )


def differs(values: Floats, others: Floats) -> bool:
    """Whether numbers differ by more than rounding, anywhere; undefined ones are alike."""
    apart = np.nan_to_num(np.abs(values - others))
    size = np.nan_to_num(np.maximum(np.abs(values), np.abs(others)))
    return bool((apart > ROUNDING * size.max(initial=0.0)).any()) or bool(
        (np.isnan(values) != np.isnan(others)).any()
    )


def crossings(x: Floats, y: Floats) -> tuple[float, ...]:
    """Where a line through points crosses zero, between the points in proportion."""
    found = []
    for i in range(len(x) - 1):
        if y[i] == 0.0:
            found.append(float(x[i]))
        elif y[i] * y[i + 1] < 0:
            found.append(float(x[i] + (x[i + 1] - x[i]) * y[i] / (y[i] - y[i + 1])))
    if len(x) and y[-1] == 0.0:
        found.append(float(x[-1]))
    return tuple(found)


@dataclass(frozen=True)
class _Table:
    """One measure of several cases; less that of another scenario in the same cases, if any."""

    evaluated: Evaluated
    values: Floats
    """float64[case, R]"""

    @classmethod
    def of(
        cls,
        loaded: Loaded,
        against: Loaded | None,
        givens: Sequence[Given],
        measure: Wanted,
        settings: Settings,
        progress: Progress | None,
    ) -> _Table:
        both = [loaded] if against is None else [loaded, against]
        cases = [Case(each, given) for each in both for given in givens]
        found = evaluate(cases, [measure], settings, progress)
        values = found.values[: len(givens), 0]
        if against is not None:
            values = values - found.values[len(givens) :, 0]
        return cls(found, values)

    @property
    def column(self) -> Column:
        return self.evaluated.columns[0]

    @property
    def replications(self) -> int:
        return self.evaluated.replications

    @property
    def seed(self) -> int:
        return self.evaluated.seed

    def of_case(self, case: int) -> Floats:
        return np.asarray(self.values[case])

    def mean(self, case: int) -> tuple[float, float]:
        return self.evaluated.told(self.values[case])

    def difference(self, case: int, base: int) -> tuple[float, float]:
        return self.evaluated.told(self.values[case] - self.values[base])


def _models(loaded: Loaded, against: Loaded | None) -> list[Scenario]:
    return [each.model for each in (loaded, against) if each is not None]


def _name(loaded: Loaded | None) -> str | None:
    if loaded is None:
        return None
    return loaded.variant or "the scenario as written"
