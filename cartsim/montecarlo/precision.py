"""How precise a run is, how precise it is to become, and how many replications that takes."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cartsim.errors import UsageError
from cartsim.measures import Column
from cartsim.montecarlo.summary import QUANTILES, statistics
from cartsim.montecarlo.table import Table
from cartsim.sampling.design import PORTION, SCRAMBLINGS
from cartsim.scenario.numbers import parse_number
from cartsim.scenario.part import nearest
from cartsim.units import Floats, Ints, readable

FORM = "[MEASURE[PERIOD]:]se[(STATISTIC)]=TARGET"
EXAMPLES = "se=1%, npv:se=2%, revenue[2026]:se=0.5m or closing_cash[2026]:se(p5)=3%"
_GOAL = re.compile(
    r"(?:(?P<measure>[^\[\]=]+?)(?:\[(?P<period>\w+)\])?:)?"
    r"se(?:\((?P<statistic>\w+)\))?=(?P<target>[^=]+)"
)
STATISTICS = ("mean", *QUANTILES)
ROUND = PORTION * SCRAMBLINGS
"""A run that is to become precise is looked at after a multiple of so many replications, which are
whole batches of every design."""
GROWTH = 4
"""From one look to the next it grows at most so many times: early errors are rough."""
MARGIN = 1.05
"""More than what is expected to be enough, lest a little be missing again and again."""


@dataclass(frozen=True)
class Goal:
    """A standard error that is to be reached: of a statistic of a measure in a period (over all,
    if ``None``); ``target`` is a share of the statistic's own size, or an amount."""

    measure: str = "npv"
    period: str | None = None
    statistic: str = "mean"
    target: float = 0.01
    relative: bool = True

    @classmethod
    def parsed(cls, text: str) -> Goal:
        """A goal as a command line names it; raises ``UsageError`` with what is allowed."""
        match = _GOAL.fullmatch(text.replace(" ", ""))
        if match is None:
            raise UsageError(f"{text!r} is not {FORM}, such as {EXAMPLES}")
        statistic = match["statistic"] or "mean"
        if statistic not in STATISTICS:
            raise UsageError(
                f"there is no statistic {statistic!r} ({nearest(statistic, STATISTICS)})"
            )
        written = match["target"]
        relative = written.endswith("%")
        try:
            target = parse_number(written, "share" if relative else "money")
        except ValueError as error:
            raise UsageError(f"--until {text}: {error}") from None
        if target <= 0:
            raise UsageError(f"--until {text}: the target is to be larger than 0")
        return cls(match["measure"] or "npv", match["period"], statistic, target, relative)

    def __str__(self) -> str:
        of = f"{self.statistic} of {self.measure}" + (f"[{self.period}]" if self.period else "")
        target = f"{self.target:.3g} of it" if not self.relative else f"{self.target:.2%} of it"
        return f"standard error of the {of}: {target if self.relative else readable(self.target)}"

    def position(self, table: Table) -> int:
        """The column of the goal's measure; raises ``UsageError`` where there is none."""
        return place(table, self.measure, self.period)


@dataclass(frozen=True)
class Standing:
    """Where a goal stands: the statistic, its standard error, and how many replications are
    expected to reach the target (``None`` where that cannot be told)."""

    goal: Goal
    value: float
    se: float
    needed: int | None

    @property
    def reached(self) -> bool:
        """Whether the standard error is small enough."""
        return self.se <= _amount(self.goal, self.value)


def place(table: Table, measure: str, period: str | None) -> int:
    """The column of a measure in a period: over all, or in its last period, if none is named."""
    return position(table.columns, measure, period)


def position(
    columns: Sequence[Column],
    measure: str,
    period: str | None,
    names: Collection[str] | None = None,
) -> int:
    """Where among columns a measure in a period is; ``names`` are all that there are, where the
    columns are some of them. Raises ``UsageError`` where there is no such measure or period."""
    found = {column.period: i for i, column in enumerate(columns) if column.name == measure}
    if not found:
        known = names if names is not None else {column.name for column in columns}
        raise UsageError(f"there is no measure {measure!r} ({nearest(measure, known)})")
    wanted = period or ("all" if "all" in found else list(found)[-1])
    if wanted not in found:
        raise UsageError(f"{measure!r} has no period {wanted!r} ({nearest(wanted, found)})")
    return found[wanted]


def standing(table: Table, goals: Sequence[Goal], batches: Ints | None) -> list[Standing]:
    """Where each goal stands after the replications of a table."""
    found = []
    for goal in goals:
        told = measured(table.values(goal.position(table)), batches)
        value, se = told[goal.statistic]
        found.append(Standing(goal, value, se, needed(len(table.replications), se, goal, value)))
    return found


def measured(values: Floats, batches: Ints | None) -> Mapping[str, tuple[float, float]]:
    """Each statistic of a column [R] and its standard error."""
    _, numbers = statistics(values[None, :], batches)
    mean, se, *others = (float(array[0]) for array in numbers)
    errors = others[len(QUANTILES) :]
    quantiles = zip(QUANTILES, zip(others, errors, strict=False), strict=True)
    return {"mean": (mean, se), **dict(quantiles)}


def needed(replications: int, se: float, goal: Goal, value: float) -> int | None:
    """How many replications a goal is expected to take: errors shrink with the square root.

    Designs do better than that, so for them it is a cautious number.
    """
    target = _amount(goal, value)
    if not (math.isfinite(se) and target > 0):
        return None
    return max(math.ceil(replications * (se / target) ** 2), 1)


def next_number(standings: Sequence[Standing], replications: int, most: int) -> int:
    """With how many replications to look again; the present number if every goal is reached."""
    open_goals = [each for each in standings if not each.reached]
    if not open_goals:
        return replications
    expected = max((each.needed or GROWTH * replications) for each in open_goals)
    wanted = min(math.ceil(expected * MARGIN), GROWTH * replications)
    return min(max(-(-wanted // ROUND), replications // ROUND + 1) * ROUND, most)


def running(values: Floats, points: int = 60) -> tuple[Ints, Floats]:
    """Statistics of the first replications, for more and more of them.

    The numbers of replications, int64[point], at even distances of their logarithm, and mean, P5,
    P50 and P95 of so many, float64[4, point]. Undefined values are left out.
    """
    known = values[~np.isnan(values)]
    if known.size == 0:
        return np.empty(0, dtype=np.int64), np.empty((4, 0))
    first = min(16, known.size)
    numbers = np.unique(np.geomspace(first, known.size, points).round().astype(np.int64))
    table = np.asarray(
        [[known[:n].mean(), *np.quantile(known[:n], [0.05, 0.5, 0.95])] for n in numbers.tolist()]
    )
    return numbers, table.T


def _amount(goal: Goal, value: float) -> float:
    return goal.target * abs(value) if goal.relative else goal.target
