"""All chance that manufacturing meets, drawn as arrays before an engine runs.

Every value is that of one patient (or of the patient's lot at one attempt), found in its stream by
the patient's ordinal among those of the product in the replication. So it does not depend on other
patients, products or blocks, and two scenarios share it wherever they share its path.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from cartsim.demand.arrivals import Arrivals
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Product, Scenario, Step
from cartsim.scenario.values import Quantity
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
from cartsim.simulation.rules import tries_again
from cartsim.units import DAYS_PER_MONTH, NEVER, Floats, Ints, minutes


@dataclass(frozen=True)
class _Lots:
    """Some lots of one product: their rows in the block, and where each one's chance is found in
    arrays [R, size]: ``replication`` (ascending) and ``ordinal``. All int64[n].
    """

    drawn: Drawn
    rows: Ints
    replication: Ints
    ordinal: Ints

    @cached_property
    def size(self) -> int:
        """How long the streams must be."""
        return int(self.ordinal.max(initial=-1)) + 1

    @cached_property
    def column(self) -> Ints:
        """int64[n], number of each lot among those of its replication."""
        return np.arange(self.rows.size) - np.searchsorted(self.replication, self.replication)

    @cached_property
    def indices(self) -> Ints:
        """int64[R, most], ordinals of the lots of each replication, and 0 beyond the last."""
        most = int(self.column.max(initial=-1)) + 1
        table = np.zeros((len(self.drawn.replications), most), dtype=np.int64)
        table[self.replication, self.column] = self.ordinal
        return table

    def among(self, chosen: npt.NDArray[np.bool_]) -> _Lots:
        """Those of the lots that are chosen, bool[n]."""
        return _Lots(self.drawn, self.rows[chosen], self.replication[chosen], self.ordinal[chosen])

    def value(self, quantity: Quantity) -> Floats:
        """What holds for all of a replication, float64[n]."""
        return self.drawn.value(quantity)[self.replication]

    def varying(self, quantity: Quantity, attempt: int) -> Floats:
        """What varies from lot to lot and from attempt (from 0) to attempt, float64[n]."""
        table = self.drawn.by_index(quantity, self.size, attempt + 1, self.indices)
        return table[self.replication, self.column]

    def uniform(self, path: str) -> Floats:
        """A uniform for each lot, float64[n]."""
        return self.drawn.uniform(path, self.size)[self.replication, self.ordinal]


def journeys(scenario: Scenario, plan: Plan, drawn: Drawn, arrivals: Arrivals) -> Journeys:
    """Durations, outcomes, clocks and capacities of a block; shapes are those of ``Journeys``.

    Durations are rounded to minutes once, here. Later attempts are drawn for the lots that fail
    only: the streams have a place for each lot, so who else fails changes nothing.

    A clock is one unit-exponential draw per patient, used up at the hazard before collection and,
    what is left, at the hazard after it (months of 365.25/12 days), so the probability to be still
    there is exp(-hazard x time) in both parts.
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
        patients = _Lots(drawn, rows, replication[rows], arrivals.ordinal[rows])
        patience[rows], patience_after[rows], clock_after[rows] = _clocks(product, patients)
        lots, begins = patients, np.zeros(rows.size, dtype=np.int64)
        for attempt in range(plan.attempts):
            for position, planned in enumerate(route.steps):
                made = lots.among(begins <= position)
                if made.rows.size:
                    step = product.route.steps[planned.name]
                    at = (made.rows, attempt, position)
                    duration[at] = minutes(made.varying(step.duration, attempt))
                    outcome[at] = _outcomes(step, attempt, made)
            begins = _begins_again(route, attempt, begins, outcome[lots.rows, attempt])
            lots, begins = lots.among(begins != NO_RETRY), begins[begins != NO_RETRY]

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


def _begins_again(route: RoutePlan, attempt: int, begins: Ints, outcome: Codes) -> Ints:
    """Step at which each lot's next attempt begins, int64[n], or ``NO_RETRY`` where there is none.

    This attempt (from 0) began at the steps ``begins``, int64[n]; ``outcome`` is int8[n, step].
    """
    again = np.full(begins.size, NO_RETRY, dtype=np.int64)
    going = np.ones(begins.size, dtype=np.bool_)
    for position, step in enumerate(route.steps):
        failed = np.isin(outcome[:, position], (FAILED, REJECTED)) & (begins <= position) & going
        going &= ~failed
        if tries_again(attempt, step.attempts):
            again[failed] = step.retry_from
    return again


def _outcomes(step: Step, attempt: int, lots: _Lots) -> Codes:
    """What comes of a step at one attempt (from 0), int8[n], from up to three uniforms a lot.

    Does it succeed? Is what succeeded within specification? Is what is not released all the same?
    """
    nth = f"#{attempt + 1}" if attempt else ""

    def happens(chance: Quantity, name: str) -> npt.NDArray[np.bool_]:
        return lots.uniform(f"{step.path}.{name}{nth}") < lots.value(chance)

    success = step.success
    if attempt > 0 and step.success_on_retry is not None:
        success = step.success_on_retry
    outcomes = np.full(lots.rows.size, SUCCESS, dtype=np.int8)
    if step.out_of_specification.constant != 0.0:
        released = happens(step.released_under_exception, "exception")
        out = happens(step.out_of_specification, "specification")
        outcomes[out] = np.where(released[out], RELEASED_UNDER_EXCEPTION, REJECTED)
    if success.constant != 1.0:
        outcomes[~happens(success, "outcome")] = FAILED
    return outcomes


def _clocks(product: Product, patients: _Lots) -> tuple[Ints, Floats, Ints]:
    """``patience``, ``patience_after`` and ``clock_after`` of each patient of a product."""
    attrition = product.attrition
    before = patients.value(attrition.before_collection)
    after = patients.value(attrition.after_collection)
    exponential = -np.log1p(-patients.uniform(f"{attrition.path}.clock"))
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # no hazard: no end
        patience = minutes(exponential / before * DAYS_PER_MONTH)
        clock_after = minutes(exponential / after * DAYS_PER_MONTH)
        patience_after = np.where(after > 0, before / after, np.inf)
    return patience, patience_after, np.where(patience == NEVER, clock_after, -1)
