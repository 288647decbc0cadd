"""All chance that manufacturing meets, drawn as arrays before an engine runs.

Every value is that of one patient (or of the patient's lot at one attempt), found in its stream by
the patient's ordinal among those of the product in the replication. So it does not depend on other
patients, products or blocks, and two scenarios share it wherever they share its path.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cartsim.demand.arrivals import Arrivals
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Attrition, Product, Scenario, Step
from cartsim.simulation.capacity import capacities
from cartsim.simulation.plan import (
    FAILED,
    NO_RETRY,
    REJECTED,
    RELEASED_UNDER_EXCEPTION,
    SUCCESS,
    Codes,
    Journeys,
    Plan,
    RoutePlan,
)
from cartsim.units import DAYS_PER_MONTH, NEVER, Floats, Ints, minutes


@dataclass(frozen=True)
class _Patients:
    """The patients of one product: their rows in the block, and where each one's chance is found in
    arrays [R, size]: ``replication`` and ``ordinal``. All int64[n].
    """

    rows: Ints
    replication: Ints
    ordinal: Ints

    @property
    def size(self) -> int:
        """Most patients that the product has in a replication."""
        return int(self.ordinal.max(initial=-1)) + 1

    def pick(self, drawn: Floats) -> Floats:
        """Each patient's value out of [R, size] or, one for all of a replication, out of [R]."""
        values: Floats = (
            drawn[self.replication] if drawn.ndim == 1 else drawn[self.replication, self.ordinal]
        )
        return values


def journeys(scenario: Scenario, plan: Plan, drawn: Drawn, arrivals: Arrivals) -> Journeys:
    """Durations, outcomes, clocks and capacities of a block; shapes are those of ``Journeys``.

    Durations are rounded to minutes once, here. A clock is one unit-exponential draw per patient,
    used up at the hazard before collection and, what is left, at the hazard after it (months of
    365.25/12 days), so the probability to be still there is exp(-hazard x time) in both parts.
    """
    count = arrivals.order.size
    shape = (count, plan.attempts, plan.steps)
    duration = np.full(shape, -1, dtype=np.int64)
    outcome = np.full(shape, SUCCESS, dtype=np.int8)
    patience = np.full(count, NEVER, dtype=np.int64)
    patience_after = np.full(count, np.inf)
    clock_after = np.full(count, -1, dtype=np.int64)

    replication = np.repeat(np.arange(len(drawn.replications)), np.diff(arrivals.first))
    for index, (product, route) in enumerate(
        zip(scenario.products.values(), plan.routes, strict=True)
    ):
        rows = np.flatnonzero(arrivals.product == index)
        if rows.size == 0:
            continue
        patients = _Patients(rows, replication[rows], arrivals.ordinal[rows])
        for attempt, position in _reachable(route):
            step = product.route.steps[route.steps[position].name]
            days = drawn.by_index(step.duration, patients.size, attempt + 1)
            duration[rows, attempt, position] = minutes(patients.pick(days))
            outcome[rows, attempt, position] = _outcomes(step, attempt, drawn, patients)
        patience[rows], patience_after[rows], clock_after[rows] = _clocks(product, drawn, patients)

    capacity_time, capacity = capacities(scenario, drawn)
    return Journeys(
        first=arrivals.first,
        product=arrivals.product,
        market=arrivals.market,
        order=arrivals.order,
        duration=duration,
        outcome=outcome,
        patience=patience,
        patience_after=patience_after,
        clock_after=clock_after,
        capacity_time=capacity_time,
        capacity=capacity,
    )


def _reachable(route: RoutePlan) -> list[tuple[int, int]]:
    """Attempts (from 0) and steps that a lot of the route can come to."""
    found = [(0, position) for position in range(len(route.steps))]
    for attempt in range(1, max(step.attempts for step in route.steps)):
        first = min(
            step.retry_from
            for step in route.steps
            if step.attempts > attempt and step.retry_from != NO_RETRY
        )
        found += [(attempt, position) for position in range(first, len(route.steps))]
    return found


def _outcomes(step: Step, attempt: int, drawn: Drawn, patients: _Patients) -> Codes:
    """What comes of a step at one attempt (from 0), int8[n], from up to three uniforms a lot.

    Does it succeed? Is what succeeded within specification? Is what is not released all the same?
    """
    nth = f"#{attempt + 1}" if attempt else ""

    def happens(chance: Floats, name: str) -> npt.NDArray[np.bool_]:
        uniform = patients.pick(drawn.uniform(f"{step.path}.{name}{nth}", patients.size))
        return uniform < patients.pick(chance)

    success = step.success
    if attempt > 0 and step.success_on_retry is not None:
        success = step.success_on_retry
    outcomes = np.full(patients.rows.size, SUCCESS, dtype=np.int8)
    if step.out_of_specification.constant != 0.0:
        released = happens(drawn.value(step.released_under_exception), "exception")
        out = happens(drawn.value(step.out_of_specification), "specification")
        outcomes[out] = np.where(released[out], RELEASED_UNDER_EXCEPTION, REJECTED)
    if success.constant != 1.0:
        outcomes[~happens(drawn.value(success), "outcome")] = FAILED
    return outcomes


def _clocks(product: Product, drawn: Drawn, patients: _Patients) -> tuple[Ints, Floats, Ints]:
    """``patience``, ``patience_after`` and ``clock_after`` of each patient of a product."""
    attrition: Attrition = product.attrition
    before = patients.pick(drawn.value(attrition.before_collection))
    after = patients.pick(drawn.value(attrition.after_collection))
    uniform = patients.pick(drawn.uniform(f"{attrition.path}.clock", patients.size))
    exponential = -np.log1p(-uniform)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # no hazard: no end
        patience = minutes(exponential / before * DAYS_PER_MONTH)
        clock_after = minutes(exponential / after * DAYS_PER_MONTH)
        patience_after = np.where(after > 0, before / after, np.inf)
    return patience, patience_after, np.where(patience == NEVER, clock_after, -1)
