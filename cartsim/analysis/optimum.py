"""What came of trying settings of levers: candidates, and how they stand to each other."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from cartsim.analysis.levers import Aim, Lever
from cartsim.analysis.statistic import Condition
from cartsim.measures import Column

CLOSE = 0.01
"""A candidate within so much of the best goal is told as close to it."""
LEVEL = 1.96


@dataclass(frozen=True)
class Candidate:
    """A setting of the levers and what came of it: the goals' statistics with standard errors, the
    statistics of the constraints, and whether all of those hold.

    ``behind`` is how far the first goal lies behind the best candidate's, ± ``behind_se`` of the
    pairs. ``regret`` is the largest shortfall over the futures, or, without futures, the one that
    is exceeded in 5% of the replications.
    """

    setting: Mapping[str, str]
    goals: tuple[tuple[float, float], ...]
    constraints: tuple[float, ...]
    feasible: bool
    behind: float = math.nan
    behind_se: float = math.nan
    regret: float = math.nan


@dataclass(frozen=True)
class Optimum:
    """All candidates, the best first; infeasible ones last.

    ``alike`` are those that cannot be told from the best, ``close`` those within 1% of it;
    ``front`` those that no other one beats in both goals; ``robust`` the one with the smallest
    regret. ``exhaustive`` is whether every combination was tried.
    """

    levers: tuple[Lever, ...]
    goals: tuple[Aim, ...]
    constraints: tuple[Condition, ...]
    columns: tuple[Column, ...]
    candidates: tuple[Candidate, ...]
    futures: tuple[str, ...]
    exhaustive: bool
    replications: int
    seed: int
    refused: tuple[str, ...] = field(default=())

    @property
    def best(self) -> Candidate | None:
        """The best candidate that meets all constraints, if any does."""
        first = self.candidates[0] if self.candidates else None
        return first if first is not None and first.feasible else None

    @property
    def alike(self) -> tuple[Candidate, ...]:
        """Candidates that chance does not let one tell from the best (with 95% confidence)."""
        return tuple(
            c
            for c in self.candidates[1:]
            if self.best is not None and c.feasible and c.behind <= LEVEL * c.behind_se
        )

    @property
    def close(self) -> tuple[Candidate, ...]:
        """Candidates that are worse than the best, but by less than 1% of its goal."""
        best, alike = self.best, self.alike
        return tuple(
            c
            for c in self.candidates[1:]
            if best is not None
            and c.feasible
            and c not in alike
            and c.behind <= CLOSE * abs(best.goals[0][0])
        )

    @property
    def front(self) -> tuple[Candidate, ...]:
        """Candidates that no other one beats in every goal (Pareto), by the first goal."""
        feasible = [c for c in self.candidates if c.feasible]

        def scores(c: Candidate) -> list[float]:
            return [g.sign * value for g, (value, _) in zip(self.goals, c.goals, strict=True)]

        def beaten(c: Candidate) -> bool:
            mine = scores(c)
            return any(
                all(a >= b for a, b in zip(scores(o), mine, strict=True)) and scores(o) != mine
                for o in feasible
            )

        return tuple(c for c in feasible if not beaten(c))

    @property
    def robust(self) -> Candidate | None:
        """The feasible candidate with the smallest regret."""
        feasible = [c for c in self.candidates if c.feasible and not math.isnan(c.regret)]
        return min(feasible, key=lambda c: c.regret, default=None)
