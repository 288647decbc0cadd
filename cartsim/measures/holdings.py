"""Who held a place of which resource, from when to when, and who waited for one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cartsim.compiled import compiled
from cartsim.economics.events import Flags, Records
from cartsim.simulation.plan import Codes, Plan
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
    resource, place, gives, own = _tables(plan)
    gone = (facts.state[records.row] == LOST_WAITING) & records.last
    found = np.empty((7, facts.ready.size), dtype=np.int64)
    number = _find(
        found,
        plan.horizon,
        resource,
        place,
        gives,
        own,
        journeys.hands_on,
        journeys.changeover,
        records.route,
        records.row,
        records.replication,
        gone,
        records.ended_badly,
        facts.left,
        facts.chosen,
        facts.ready,
        facts.start,
        facts.end,
    )
    return Holdings(*found[:, :number])


def _tables(plan: Plan) -> tuple[Ints, Ints, Ints, Ints]:
    """Resources int64[route, step, plant] (-1: none), the step whose place a step is done in,
    whether it gives that back, and whether no other step has that place, int64[route, step]."""
    shape = len(plan.routes), plan.steps
    plants = max((len(route.plants) for route in plan.routes), default=1)
    resource, place = np.full((*shape, max(plants, 1)), -1), np.full(shape, -1)
    gives = np.zeros(shape, dtype=np.int64)
    for index, route in enumerate(plan.routes):
        for step, planned in enumerate(route.steps):
            place[index, step], gives[index, step] = route.place(step), planned.gives_back
            if planned.resource:
                resource[index, step] = planned.resource[-1]
                resource[index, step, : len(planned.resource)] = planned.resource
    own = (place[:, :, None] == place[:, None, :]).sum(axis=2) == 1
    return resource, place, gives, own.astype(np.int64)


@compiled
def _find(
    found: Ints,
    horizon: int,
    resource: Ints,
    place: Ints,
    gives: Ints,
    own: Ints,
    hands_on: Ints,
    changeover: Ints,
    route: Ints,
    row: Ints,
    replication: Ints,
    gone: Flags,
    ended_badly: Flags,
    left: Ints,
    chosen: Codes,
    ready: Ints,
    start: Ints,
    end: Ints,
) -> int:
    """Write the columns of ``Holdings`` into ``found`` and return how many entries there are."""
    number, steps = 0, ready.shape[1]
    for attempt in range(len(route)):
        way, patient = route[attempt], row[attempt]
        last_end, running = -1, False
        for step in range(steps):
            last_end = max(last_end, end[attempt, step])
            running |= start[attempt, step] >= 0 and end[attempt, step] < 0
        over = horizon  # when all places come back that no step has given back
        if ended_badly[attempt]:
            over = last_end
        elif gone[attempt] and not running:
            over = max(last_end, left[patient])
        for step in range(steps):
            if resource[way, step, 0] < 0 or ready[attempt, step] < 0:
                continue
            held = False  # from an earlier step of the attempt
            for earlier in range(step if own[way, step] == 0 else 0):
                if place[way, earlier] != place[way, step]:
                    continue
                held = start[attempt, earlier] >= 0 or held
                if gives[way, earlier] == 1 and end[attempt, earlier] >= 0:
                    held = False
            if held:
                continue
            which = resource[way, step, max(chosen[attempt], 0)]
            begin, free = start[attempt, step], over
            if begin >= 0:
                until = steps if own[way, step] == 0 else step + 1
                for other in range(step, until):
                    if place[way, other] == place[way, step] and gives[way, other] == 1:
                        if end[attempt, other] >= 0:
                            free = end[attempt, other]
                        break
                hands = hands_on[replication[patient], way, step]
                if hands >= 0 and place[way, step] == step and gives[way, step] == 1:
                    free = begin + hands
                free += changeover[replication[patient], which]
            else:
                free = left[patient] if gone[attempt] else horizon
            found[0, number], found[1, number], found[2, number] = patient, attempt, step
            found[3, number], found[4, number] = which, ready[attempt, step]
            found[5, number], found[6, number] = begin, min(free, horizon)
            number += 1
    return number
