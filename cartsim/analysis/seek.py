"""Goal seek: the value of one number of a scenario at which a statistic is what it is to be."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cartsim.analysis.evaluate import USUAL, Case, Settings, evaluate
from cartsim.analysis.one_at_a_time import crossings
from cartsim.analysis.statistic import Condition
from cartsim.errors import UsageError
from cartsim.measures import Column
from cartsim.scenario.loaded import Loaded
from cartsim.scenario.resolve import SHAPE

FIRST_LOOK = 5
"""Values at equal distances that are tried before the search."""
CLOSE = 1e-3
"""Of the range: how closely the value is found."""
LEVEL = 1.96

Progress = Callable[[int, int], None]
"""Called with the values tried and those expected."""


@dataclass(frozen=True)
class Tried:
    """A value, and the statistic there with its standard error."""

    value: float
    statistic: float
    se: float


@dataclass(frozen=True)
class Sought:
    """The value at which the condition holds, between ``low`` and ``high`` with 95% confidence (as
    far as chance in the replications goes), and everything that was tried, by value.

    ``others`` are further values at which the statistic crosses the target, as far as seen.
    """

    path: str
    condition: Condition
    column: Column
    value: float
    statistic: float
    se: float
    low: float
    high: float
    tried: tuple[Tried, ...]
    others: tuple[float, ...]
    replications: int
    seed: int
    whole: bool


def seek(
    loaded: Loaded,
    path: str,
    low: float,
    high: float,
    condition: Condition,
    *,
    whole: bool = False,
    settings: Settings = USUAL,
    progress: Progress | None = None,
) -> Sought:
    """Find where a statistic crosses its target between two values of a number.

    All values meet the same draws, so that the statistic is a function of the value alone. With
    ``whole`` only whole numbers are tried, and the answer is the one nearest to ``low`` that meets
    the target from ``high``'s side on. Raises ``UsageError`` where the target is not crossed, with
    what the statistic is at the values tried.
    """
    if not low < high:
        raise UsageError(f"the lowest value must be below the highest; got {low:g} and {high:g}")
    place = SHAPE.at(path)
    if place is not None and place.kind in ("text", "part", "names", "list"):
        raise UsageError(f"{path!r} is no number that could be varied")
    known: dict[float, Tried] = {}
    column: list[Column] = []
    expected = FIRST_LOOK + math.ceil(math.log2(1 / CLOSE) / 2)

    def at(value: float) -> Tried:
        if value not in known:
            given: object = int(value) if whole else value
            case = Case(loaded.with_overrides({path: given}))
            found = evaluate([case], [condition.statistic.wanted], settings)
            column[:] = found.columns
            told, se = condition.statistic.of(found.values[0, 0], found.batches)
            known[value] = Tried(value, told, se)
            if progress is not None:
                progress(len(known), max(expected, len(known)))
        return known[value]

    first = np.linspace(low, high, FIRST_LOOK)
    if whole:
        first = np.unique(np.rint(first))
    for value in first.tolist():
        at(value)
    for a, b in zip(first.tolist(), first.tolist()[1:], strict=False):
        if (at(a).statistic - condition.target) * (at(b).statistic - condition.target) <= 0:
            break
    else:
        seen = "; ".join(
            f"{condition.statistic.told(at(v).statistic)} at {_plain(v)}" for v in first.tolist()
        )
        met = [condition.violation(at(v).statistic) == 0 for v in first.tolist()]
        said = f"{condition.statistic} does not cross {condition.statistic.told(condition.target)}"
        if condition.sign != "=":
            said = f"{condition} is {'met already' if all(met) else 'not met'} everywhere"
        raise UsageError(f"{said} between {_plain(low)} and {_plain(high)}: {seen}")
    if whole:
        value = _whole(at, a, b, condition.target)
    else:
        value = _between(at, a, b, condition, CLOSE * (high - low))
    _, seed = settings.of(loaded)
    tried = tuple(known[key] for key in sorted(known))
    here = known[value]
    edges = _interval(tried, condition.target, value)
    if whole and not math.isnan(edges[0]):
        edges = (float(math.ceil(edges[0])), float(math.ceil(edges[1])))
    x = np.asarray([each.value for each in tried])
    y = np.asarray([each.statistic - condition.target for each in tried])
    others = tuple(c for c in crossings(x, y) if not a <= c <= b)
    return Sought(
        path,
        condition,
        column[0],
        value,
        here.statistic,
        here.se,
        *edges,
        tried,
        others,
        settings.of(loaded)[0],
        seed,
        whole,
    )


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1e5 else f"{value:,.6g}"


def _between(
    at: Callable[[float], Tried], a: float, b: float, condition: Condition, close: float
) -> float:
    from scipy.optimize import brentq

    if at(a).statistic == condition.target:
        return a
    if at(b).statistic == condition.target:
        return b
    root = float(brentq(lambda v: at(float(v)).statistic - condition.target, a, b, xtol=close))
    at(root)
    return root


def _whole(at: Callable[[float], Tried], a: float, b: float, target: float) -> float:
    """The first whole number on whose side the statistic is as at ``b``."""
    side = at(b).statistic - target
    while b - a > 1:
        middle = float((int(a) + int(b)) // 2)
        if (at(middle).statistic - target) * side > 0 or at(middle).statistic == target:
            b = middle
        else:
            a = middle
    return a if at(a).statistic == target else b


def _interval(tried: tuple[Tried, ...], target: float, value: float) -> tuple[float, float]:
    """The values at which the statistic would still be within its error of the target: where the
    lines of statistic ± 1.96 standard errors cross it, nearest to the value."""
    x = np.asarray([each.value for each in tried])
    edges = []
    for sign in (-1, 1):
        y = np.asarray([each.statistic + sign * LEVEL * each.se - target for each in tried])
        found = crossings(x, y)
        edges.append(min(found, key=lambda c: abs(c - value)) if found else math.nan)
    return (min(edges), max(edges)) if not any(map(math.isnan, edges)) else (math.nan, math.nan)
