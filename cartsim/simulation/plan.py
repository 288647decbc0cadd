"""What the engines are told: the plan (structure) and the journeys (all chance), as plain arrays.

Nothing here is random: durations, outcomes and clocks are drawn before an engine starts
(``journeys.py``), so two engines given the same plan and journeys must return the same facts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cartsim.units import Floats, Ints

Codes = npt.NDArray[np.int8]
NO_RESOURCE = -1
NO_RETRY = -1
NO_STEP = -1

SUCCESS, FAILED, RELEASED_UNDER_EXCEPTION, REJECTED = 0, 1, 2, 3
"""Outcomes of a step: went well; failed; out of specification but released; out of specification
and rejected (which is treated like a failure and counted apart)."""


@dataclass(frozen=True)
class StepPlan:
    """One step of a product's route.

    ``resource`` is an index into ``Plan.resources`` or ``NO_RESOURCE``; ``retry_from`` is the
    index of the step at which the next attempt begins after this step failed, or ``NO_RETRY``.
    """

    name: str
    role: str | None
    resource: int
    retry_from: int
    attempts: int


@dataclass(frozen=True)
class RoutePlan:
    """The steps of one product, in order, and the indices of those that the model asks about.

    ``infusion`` is the last step; ``collection`` and ``delivery`` may be ``NO_STEP`` in a test.
    """

    product: str
    steps: tuple[StepPlan, ...]
    collection: int
    delivery: int
    infusion: int


@dataclass(frozen=True)
class Plan:
    """The structure of a run: resources (``plant.resource``), routes by product, markets, horizon.

    ``markets`` lists ``(product index, market name)``; patients carry an index into it.
    """

    horizon: int
    resources: tuple[str, ...]
    routes: tuple[RoutePlan, ...]
    markets: tuple[tuple[int, str], ...]

    @property
    def steps(self) -> int:
        """Length of the step axis: the longest route."""
        return max((len(route.steps) for route in self.routes), default=0)

    @property
    def attempts(self) -> int:
        """Length of the attempt axis: the most attempts that any step allows."""
        return max((s.attempts for route in self.routes for s in route.steps), default=1)


@dataclass(frozen=True)
class Journeys:
    """All chance that manufacturing meets in one block, by patient; rows of a replication are
    contiguous, in order of (order minute, market, ordinal), which is the patient number.

    Shapes (N patients of all replications of the block, R replications):

    - ``first``: int64[R + 1], row of each replication's first patient; the last entry is N.
    - ``product``, ``market``: int64[N], indices into ``plan.routes`` and ``plan.markets``.
    - ``order``: int64[N], minute of the order.
    - ``duration``: int64[N, attempt, step], minutes; -1 where the route has no such step or the
      lot's outcomes lead to no such attempt of it.
    - ``outcome``: int8[N, attempt, step], codes of this module; ``SUCCESS`` where there is no
      duration.
    - ``patience``: int64[N], minutes from the order until the patient leaves at the hazard before
      collection; ``NEVER`` if the clock never runs out at that hazard.
    - ``patience_after``: float64[N], minutes of life after collection per minute that was left
      before it (hazard before / hazard after; inf if no one leaves after it).
    - ``clock_after``: int64[N], minutes from the start of collection until the patient leaves, used
      instead of ``patience_after`` where ``patience`` is ``NEVER`` (no hazard before collection);
      else -1.
    - ``capacity_time``: int64[K], minutes at which some capacity may change, first entry 0.
    - ``capacity``: int64[R, K, resource], places from each of those minutes on.
    """

    first: Ints
    product: Ints
    market: Ints
    order: Ints
    duration: Ints
    outcome: Codes
    patience: Ints
    patience_after: Floats
    clock_after: Ints
    capacity_time: Ints
    capacity: Ints
