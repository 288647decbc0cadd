"""Who held a place of which resource, from when to when, and who waited for one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cartsim.economics.events import Flags, Records
from cartsim.simulation.plan import RoutePlan
from cartsim.simulation.timelines import LOST_WAITING
from cartsim.units import Ints


@dataclass(frozen=True)
class Holdings:
    """One entry for each place taken, or (``start`` -1) waited for and not had.

    int64[n]: ``row``, ``attempt`` and ``step`` of the one who asked; ``resource`` (the first that
    would do where none was had); ``ready``; ``start``; ``free``, the minute from which the place
    can be taken by somebody else (the horizon at the latest), or at which who waited in vain left.
    """

    row: Ints
    attempt: Ints
    step: Ints
    resource: Ints
    ready: Ints
    start: Ints
    free: Ints


def holdings(records: Records) -> Holdings:
    """All places asked for in a block.

    A place is held from the start of the step that asked for it to the end of the one that gives it
    back; if the attempt ends before, or the patient leaves while waiting, to then; with
    ``hands_on`` minutes for so long; and in all cases for the changeover after it (rules 4, 8, 13).
    """
    plan, journeys, facts = records.plan, records.journeys, records.timelines
    replication = records.replication
    parts: list[tuple[Ints, ...]] = []
    for index, route in enumerate(plan.routes):
        of_route = np.flatnonzero(records.route == index)
        for step, planned in enumerate(route.steps):
            if not planned.resource:
                continue
            ready = facts.ready[of_route, step]
            asked = ready >= 0
            for earlier in range(step):
                if route.place(earlier) == route.place(step):
                    asked &= ~_still_held(records, of_route, route, earlier, step)
            attempt = of_route[asked]
            row, start, ready = records.row[attempt], facts.start[attempt, step], ready[asked]
            which = np.maximum(facts.chosen[attempt], 0)
            resource = np.asarray(planned.resource, dtype=np.int64)[which]
            hands_on = journeys.hands_on[replication[row], index, step]
            free = _given_back(records, attempt, route, step)
            own = route.place(step) == step and planned.gives_back
            free = np.where((hands_on >= 0) & own, start + hands_on, free)
            free = free + journeys.changeover[replication[row], resource]
            free = np.where(start >= 0, free, _gave_up(records, attempt))
            steps = np.full(attempt.size, step)
            parts.append(
                (row, attempt, steps, resource, ready, start, np.minimum(free, plan.horizon))
            )
    none = np.zeros(0, dtype=np.int64)
    return Holdings(*(np.concatenate([none, *(part[i] for part in parts)]) for i in range(7)))


def _still_held(
    records: Records, of_route: Ints, route: RoutePlan, earlier: int, step: int
) -> Flags:
    """Whether a place taken at an earlier step of the attempt is still held when a step is
    ready."""
    taken: Flags = records.timelines.start[of_route, earlier] >= 0
    for between in range(earlier, step):
        gives = route.place(between) == route.place(step) and route.steps[between].gives_back
        if gives:
            taken &= records.timelines.end[of_route, between] < 0
    return taken


def _given_back(records: Records, attempt: Ints, route: RoutePlan, step: int) -> Ints:
    """When the place that was taken at a step was given back, changeover apart; else the
    horizon."""
    facts = records.timelines
    given = np.full(attempt.size, records.plan.horizon)
    giving = [
        other
        for other in range(step, len(route.steps))
        if route.place(other) == route.place(step) and route.steps[other].gives_back
    ]
    row = records.row[attempt]
    last_end = records.last_end[attempt]
    gone = (facts.state[row] == LOST_WAITING) & records.last[attempt]
    over = np.where(
        gone & ~records.under_way[attempt], np.maximum(last_end, facts.left[row]), given
    )
    over = np.where(records.ended_badly[attempt], last_end, over)
    if giving:
        end = facts.end[attempt, giving[0]]
        over = np.where(end >= 0, end, over)
    return over


def _gave_up(records: Records, attempt: Ints) -> Ints:
    """When who waited in vain left, or the horizon."""
    facts, row = records.timelines, records.row[attempt]
    gone = (facts.state[row] == LOST_WAITING) & records.last[attempt]
    return np.where(gone, facts.left[row], records.plan.horizon)
