"""The attempts of the journeys along one route: as many as their outcomes lead to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cartsim.scenario.manufacturing import Route
from cartsim.simulation.drawing.outcomes import duration, outcomes
from cartsim.simulation.drawing.some import DOSE, Some
from cartsim.simulation.plan import NO_RETRY, SUCCESS, Codes, Plan, RoutePlan
from cartsim.simulation.rules import tries_again
from cartsim.units import Floats, Ints


@dataclass(frozen=True)
class Layer:
    """One attempt (of one dose) of some journeys: ``which`` int64[m] of them have it;
    ``duration`` int64[m, S] and ``outcome`` int8[m, S] as in ``Journeys``."""

    which: Ints
    duration: Ints
    outcome: Codes


def layers(
    route: Route,
    plan: Plan,
    planned: RoutePlan,
    some: Some,
    doses: Ints | None,
    odds: Floats | None,
) -> list[Layer]:
    """The attempts of ``some`` journeys, in the order in which they follow each other.

    ``doses``, int64[n], is how many each patient needs, where that may be more than one. Where a
    disruption may take a lot all attempts that any failure allows are there, drawn in full.
    """
    most = max(
        (f.attempts for s in planned.steps for f in s.failures if f.retry_from >= 0), default=1
    )
    full = _may_be_taken(plan, planned)
    found: list[Layer] = []
    everyone = np.arange(len(some))
    for dose in range(1 if doses is None else int(doses.max(initial=1))):
        begins_at = planned.next_dose if dose else 0
        which = everyone if dose == 0 or doses is None else np.flatnonzero(doses > dose)
        begins = np.full(which.size, begins_at, dtype=np.int64)
        for attempt in range(most):
            if which.size == 0:
                break
            those = some if which.size == everyone.size else some.among(which)
            layer = _layer(
                route,
                plan,
                planned,
                those,
                which,
                np.zeros_like(begins) if full else begins,
                dose * DOSE + attempt + 1,
                attempt > 0,
                None if odds is None else odds[which],
            )
            found.append(layer)
            again = _begins_again(planned, attempt, begins, layer.outcome)
            if full:
                again = np.zeros(which.size, dtype=np.int64)
            which, begins = which[again != NO_RETRY], again[again != NO_RETRY]
    return found


def _layer(
    route: Route,
    plan: Plan,
    planned: RoutePlan,
    those: Some,
    which: Ints,
    begins: Ints,
    nth: int,
    again: bool,
    odds: Floats | None,
) -> Layer:
    # a step's values lie together, which is how they are drawn
    lasting = np.full((plan.steps, which.size), -1, dtype=np.int64).T
    outcome = np.full((plan.steps, which.size), SUCCESS, dtype=np.int8).T
    for position, step in enumerate(planned.steps):
        made = begins <= position
        if step.name not in route.steps:  # the booking of a place
            lasting[made, position] = 0
            continue
        written = route.steps[step.name]
        if made.all():
            lasting[:, position] = duration(written, those, nth)
            outcome[:, position] = outcomes(written, those, nth, again, odds)
        elif made.any():
            some = those.among(made)
            lasting[made, position] = duration(written, some, nth)
            chosen = None if odds is None else odds[made]
            outcome[made, position] = outcomes(written, some, nth, again, chosen)
    return Layer(which, lasting, outcome)


def _begins_again(route: RoutePlan, attempt: int, begins: Ints, outcome: Codes) -> Ints:
    """Step at which each journey's next attempt begins, int64[n], or ``NO_RETRY``.

    This attempt (from 0) began at the steps ``begins``, int64[n]; ``outcome`` is int8[n, step].
    """
    again = np.full(begins.size, NO_RETRY, dtype=np.int64)
    # few fail, so they are found first, column by column; then those that had begun by then
    odd = outcome & 1
    which = np.flatnonzero(np.bitwise_or.reduce(odd.T))
    failed = (odd[which] == 1) & (np.arange(outcome.shape[1]) >= begins[which, None])
    there = failed.any(axis=1)
    which, failed = which[there], failed[there]
    first = failed.argmax(axis=1)
    why = outcome[which, first] >> 2
    for position, step in enumerate(route.steps):
        for cause, failure in enumerate(step.failures):
            if failure.retry_from != NO_RETRY and tries_again(attempt, failure.attempts):
                again[which[(first == position) & (why == cause)]] = failure.retry_from
    return again


def _may_be_taken(plan: Plan, route: RoutePlan) -> bool:
    taken = {disruption.resource for disruption in plan.disruptions if disruption.lost}
    return any(taken & set(step.resource) for step in route.steps)
