"""Those who wait, who of them starts, and the places that are given back: linked lists in arrays.

All functions are compiled and change the state that they are given.
"""

from __future__ import annotations

from numba import uintp

from cartsim.simulation.fast.calendar import FREE, schedule
from cartsim.simulation.fast.flat import (
    ASKS,
    CHOOSES,
    CONSUMES,
    LEVELS,
    NONE,
    PLACE,
    QUEUE_ROUTE,
    QUEUE_STEP,
    QUEUE_STOCK,
    RANK,
    SHARED,
    SHARED_PLACE,
    Flat,
)
from cartsim.simulation.fast.options import inlined, inner, whole
from cartsim.simulation.fast.state import (
    ALLOWED,
    ATTEMPT,
    BEFORE,
    BUSY,
    CAPACITY,
    CHANGED,
    HEAD,
    HELD,
    IN_STOCK,
    LEAVES,
    LEVEL,
    NEXT,
    NOW,
    ON_HAND,
    OUT,
    OVER,
    PLANT,
    QUEUE,
    ROUTE,
    SINCE,
    STATUS,
    STEP,
    TAIL,
    WAITING,
    Facts,
    State,
)
from cartsim.simulation.plan import Codes
from cartsim.simulation.rules import CLASSES
from cartsim.simulation.timelines import IN_PROCESS, LOST_WAITING
from cartsim.units import Ints

PER_RANK = 2 * CLASSES
NOT_NOW = -1
NOBODY, ZERO = whole(-1), whole(0)


@inlined
def stand(row: Ints, lines: Ints, waiting: Ints, i: int, queue: int, level: int, now: int) -> None:
    """A journey waits from now on, after those of its level who came before, by number."""
    line, me = lines[uintp(queue), uintp(level)], row[uintp(i)]
    before = line[TAIL]
    while before >= 0 and row[uintp(before), SINCE] == now and before > i:
        before = row[uintp(before), BEFORE]
    after = line[HEAD] if before < 0 else row[uintp(before), NEXT]
    me[QUEUE], me[LEVEL], me[SINCE] = queue, level, now
    me[BEFORE], me[NEXT] = before, after
    if before < 0:
        line[HEAD] = i
    else:
        row[uintp(before), NEXT] = i
    if after < 0:
        line[TAIL] = i
    else:
        row[uintp(after), BEFORE] = i
    waiting[uintp(queue)] += 1


@inlined
def step_out(row: Ints, lines: Ints, waiting: Ints, i: int) -> None:
    """A journey is out of its queue."""
    me = row[uintp(i)]
    line = lines[uintp(me[QUEUE]), uintp(me[LEVEL])]
    before, after = me[BEFORE], me[NEXT]
    if before < 0:
        line[HEAD] = after
    else:
        row[uintp(before), NEXT] = after
    if after < 0:
        line[TAIL] = before
    else:
        row[uintp(after), BEFORE] = before
    waiting[uintp(me[QUEUE])] -= 1


@inner
def gives_up(
    row: Ints,
    fate: Codes,
    left: Ints,
    lines: Ints,
    waiting: Ints,
    count: Ints,
    i: int,
    base: int,
) -> bool:
    """Whether a patient who waits leaves now, as a clock says that may have been set anew."""
    now = count[NOW]
    if row[i, STATUS] != WAITING or row[i, LEAVES] != now or fate[base + i] != IN_PROCESS:
        return False
    fate[base + i], left[base + i] = LOST_WAITING, now
    row[i, STATUS] = OVER
    step_out(row, lines, waiting, i)
    return True


@inlined
def startable(plan: Flat, state: State, queue: int) -> int:
    """Which of a queue's resources has a place for the next of it (0 where none is asked for), or
    ``NOT_NOW``."""
    this = plan.queues[uintp(queue)]
    stock = this[QUEUE_STOCK]
    if stock != NONE and state.banks[uintp(stock), IN_STOCK] <= 0:
        return NOT_NOW
    route, step = uintp(this[QUEUE_ROUTE]), uintp(this[QUEUE_STEP])
    if plan.steps[route, step, CONSUMES] == 1:
        for consumable in range(len(state.supplies)):
            if plan.units[route, step, consumable] > state.supplies[consumable, ON_HAND]:
                return NOT_NOW
    if this[ASKS] == 0:
        return 0
    for which in range(plan.would_do.shape[1]):
        resource = plan.would_do[uintp(queue), uintp(which)]
        if resource < 0:
            break
        place = state.places[uintp(resource)]
        if place[CAPACITY] - place[BUSY] - place[OUT] > 0 and place[ALLOWED] != 0:
            return which
    return NOT_NOW


@inlined
def next_to_start(plan: Flat, state: State, facts: Facts, base: int) -> tuple[int, int]:
    """Who is granted the next start, -1 for nobody, and on which of the resources that would do."""
    queues, row, lines, waiting = plan.queues, state.row, state.lines, state.waiting
    fate, left, now = facts.state, facts.left, state.counts[NOW]
    best, best_which, best_rank = NOBODY, ZERO, ZERO
    for queue in range(len(queues)):
        if waiting[uintp(queue)] == 0:
            continue
        which = startable(plan, state, queue)
        if which == NOT_NOW:
            continue
        found = -1
        for level in range(queues[uintp(queue), LEVELS]):
            line = lines[uintp(queue), uintp(level)]
            found = line[HEAD]
            while found >= 0 and (
                row[uintp(found), LEAVES] <= now and fate[uintp(base + found)] == IN_PROCESS
            ):  # gone, and nobody has looked
                fate[uintp(base + found)] = LOST_WAITING
                left[uintp(base + found)] = row[uintp(found), LEAVES]
                row[uintp(found), STATUS] = OVER
                step_out(row, lines, waiting, found)
                found = line[HEAD]
            if found >= 0:
                break
        if found < 0:
            continue
        if queues[uintp(queue), SHARED] == 0:  # whom nobody competes with
            return found, which
        rank = plan.routes[queues[uintp(queue), QUEUE_ROUTE], RANK] * PER_RANK + row[found, LEVEL]
        if best < 0 or (rank, row[found, SINCE], found) < (best_rank, row[best, SINCE], best):
            best, best_which, best_rank = found, which, rank
    return best, best_which


@inlined
def take_place(
    plan: Flat,
    state: State,
    facts: Facts,
    i: int,
    which: int,
    hands_on: Ints,
    changeover: Ints,
) -> None:
    """A journey takes a place of that resource which is ``which`` for its queue. One of its own
    that is held for some minutes comes back by itself; any other when the journey gives it back
    (rule 13)."""
    me = state.row[uintp(i)]
    route, at = uintp(me[ROUTE]), uintp(me[STEP])
    step, minutes = plan.steps[route, at], hands_on[route, at]
    resource = plan.would_do[uintp(me[QUEUE]), uintp(which)]
    if me[STEP] == plan.routes[route, CHOOSES]:
        me[PLANT] = which  # 14
        facts.chosen[uintp(me[ATTEMPT])] = which
    place = state.places[uintp(resource)]
    place[BUSY] += 1
    if place[ALLOWED] > 0:
        place[ALLOWED] -= 1  # 15
    if minutes >= 0 and step[SHARED_PLACE] == 0:
        back = state.counts[NOW] + minutes + changeover[uintp(resource)]
        schedule(state.calendar, back, resource, FREE)
    else:
        me[HELD] |= 1 << step[PLACE]


@inner
def give_back(
    row: Ints,
    places: Ints,
    calendar: Ints,
    count: Ints,
    resources: Ints,
    changeover: Ints,
    i: int,
    place: int,
) -> None:
    """A journey gives back the place that it took at a step (rule 13); ``resources`` is that part
    of the table which is its route's."""
    me = row[uintp(i)]
    resource = resources[uintp(place), uintp(max(me[PLANT], 0))]
    me[HELD] &= ~(1 << place)
    if changeover[uintp(resource)] == 0:
        places[uintp(resource), BUSY] -= 1
        count[CHANGED] = 1
    else:
        schedule(calendar, count[NOW] + changeover[resource], resource, FREE)


@inner
def give_back_all(
    row: Ints,
    places: Ints,
    calendar: Ints,
    count: Ints,
    resource: Ints,
    changeover: Ints,
    i: int,
) -> None:
    """A journey gives back every place that it holds."""
    place = ZERO
    while row[i, HELD] != 0:
        if (row[i, HELD] >> place) & 1 == 1:
            of_route = resource[row[i, ROUTE]]
            give_back(row, places, calendar, count, of_route, changeover, i, place)
        place += 1
