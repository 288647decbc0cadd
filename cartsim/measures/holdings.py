"""Who held a place of which resource, from when to when, and who waited for one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cartsim.compiled import compiled, fixed
from cartsim.economics.events import Records
from cartsim.simulation.plan import Codes, Plan
from cartsim.simulation.timelines import LOST_WAITING
from cartsim.units import MINUTES_PER_DAY, Calendar, Flags, Floats, Ints

TABLES = 4


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


@dataclass(frozen=True)
class PlaceTime:
    """The same by month, float64[resource, R, month].

    Minutes in which places were ``held`` and in which somebody ``queued`` for one; and of those who
    took one in the month the minutes that they had ``waited`` and their ``number``.
    """

    held: Floats
    queued: Floats
    waited: Floats
    number: Floats


def holdings(records: Records, calendar: Calendar) -> Holdings:
    """All places asked for in a block.

    A place is held from the start of the step that asked for it to the end of the one that gives it
    back; if the attempt ends before, or the patient leaves while waiting, to then; with
    ``hands_on`` minutes for so long; and in all cases for the changeover after it (rules 4, 8, 13).
    """
    found = np.empty((7, records.timelines.ready.size), dtype=np.int64)
    number, _ = _look(records, calendar, found)
    return Holdings(*found[:, :number])


def place_time(records: Records, calendar: Calendar) -> PlaceTime:
    """The same places by month, without an entry for each."""
    _, tables = _look(records, calendar, np.empty((7, 0), dtype=np.int64))
    shape = (TABLES, -1, records.journeys.replications, calendar.months)
    return PlaceTime(*tables.reshape(shape))


def _look(records: Records, calendar: Calendar, found: Ints) -> tuple[int, Floats]:
    plan, journeys, facts = records.plan, records.journeys, records.timelines
    lines = len(plan.resources) * journeys.replications
    tables = np.zeros((TABLES, lines, calendar.months))
    gone = (facts.state[records.row] == LOST_WAITING) & records.last
    number = _find(
        found,
        tables,
        journeys.replications,
        plan.horizon,
        *fixed(
            calendar.month_start,
            calendar.month_of_day,
            *_structure(plan),
            journeys.hands_on,
            journeys.changeover,
            journeys.route,
            records.row,
            records.replication,
            gone,
            records.ended_badly,
            facts.left,
            facts.chosen,
            facts.ready,
            facts.start,
            facts.end,
        ),
    )
    return number, tables


def _structure(plan: Plan) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Steps that ask for a place int64[route, step] (-1 behind the last), resources int64[route,
    step, plant] (-1: none), the step whose place a step is done in, whether it gives that back, and
    whether no other step has that place, int64[route, step]."""
    shape = len(plan.routes), plan.steps
    plants = max((len(route.plants) for route in plan.routes), default=1)
    resource, place = np.full((*shape, max(plants, 1)), -1), np.full(shape, -1)
    asks = np.full((shape[0], shape[1] + 1), -1, dtype=np.int64)
    gives = np.zeros(shape, dtype=np.int64)
    for index, route in enumerate(plan.routes):
        asking = [i for i, step in enumerate(route.steps) if step.resource]
        asks[index, : len(asking)] = asking
        for step, planned in enumerate(route.steps):
            place[index, step], gives[index, step] = route.place(step), planned.gives_back
            if planned.resource:
                resource[index, step] = planned.resource[-1]
                resource[index, step, : len(planned.resource)] = planned.resource
    own = (place[:, :, None] == place[:, None, :]).sum(axis=2) == 1
    return asks, resource, place, gives, own.astype(np.int64)


@compiled
def _find(
    found: Ints,
    tables: Floats,
    replications: int,
    horizon: int,
    month_start: Ints,
    month_of_day: Ints,
    asks: Ints,
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
    """Write the columns of ``Holdings`` into ``found`` where it has room, add up the tables of
    ``PlaceTime`` in ``tables``, float64[4, resource x R, month], and return how many entries there
    are. Whole minutes, so that the order of the sums does not matter."""
    number, steps, listed = 0, ready.shape[1], found.shape[1] > 0
    for attempt in range(len(row)):
        patient = row[attempt]
        way = route[patient]
        asking = 0
        while asks[way, asking] >= 0:
            step = asks[way, asking]
            asking += 1
            asked, begin = ready[attempt, step], start[attempt, step]
            if asked < 0:
                continue
            given_back = step if gives[way, step] == 1 else -1
            if own[way, step] == 0:
                given_back = -1
                held = False  # from an earlier step of the attempt
                for earlier in range(step):
                    if place[way, earlier] == place[way, step]:
                        held = start[attempt, earlier] >= 0 or held
                        if gives[way, earlier] == 1 and end[attempt, earlier] >= 0:
                            held = False
                if held:
                    continue
                for other in range(step, steps):
                    if place[way, other] == place[way, step] and gives[way, other] == 1:
                        given_back = other
                        break
            which = resource[way, step, max(chosen[attempt], 0)]
            if begin < 0:
                free = left[patient] if gone[attempt] else horizon
            else:
                free = end[attempt, given_back] if given_back >= 0 else -1
                if free < 0:  # when all places come back that no step has given back
                    last_end, running = -1, False
                    for other in range(steps):
                        last_end = max(last_end, end[attempt, other])
                        running |= start[attempt, other] >= 0 and end[attempt, other] < 0
                    free = horizon
                    if ended_badly[attempt]:
                        free = last_end
                    elif gone[attempt] and not running:
                        free = max(last_end, left[patient])
                hands = hands_on[replication[patient], way, step]
                if hands >= 0 and place[way, step] == step and gives[way, step] == 1:
                    free = begin + hands
                free += changeover[replication[patient], which]
            free = min(free, horizon)
            if listed:
                found[0, number], found[1, number], found[2, number] = patient, attempt, step
                found[3, number], found[4, number] = which, asked
                found[5, number], found[6, number] = begin, free
            number += 1
            line = which * replications + replication[patient]
            month = month_of_day[asked // MINUTES_PER_DAY]
            until = begin if begin >= 0 else free
            while asked < until:
                upto = min(until, month_start[month + 1])
                tables[1, line, month] += upto - asked
                asked = upto
                month += 1
            if begin < 0 or begin >= horizon:
                continue
            month = month_of_day[begin // MINUTES_PER_DAY]
            tables[2, line, month] += begin - ready[attempt, step]
            tables[3, line, month] += 1.0
            while begin < free:
                upto = min(free, month_start[month + 1])
                tables[0, line, month] += upto - begin
                begin = upto
                month += 1
    return number
