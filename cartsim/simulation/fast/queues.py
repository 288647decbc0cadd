"""Those who wait, who of them starts, and the places that are given back: linked lists in arrays.

All functions are compiled and change the state that they are given.
"""

from __future__ import annotations

from cartsim.simulation.fast.calendar import FREE, schedule
from cartsim.simulation.fast.flat import (
    ASKS,
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
)
from cartsim.simulation.fast.options import inlined, inner
from cartsim.simulation.fast.state import (
    ALLOWED,
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
    TAIL,
    WAITING,
)
from cartsim.simulation.plan import Codes
from cartsim.simulation.rules import CLASSES
from cartsim.simulation.timelines import IN_PROCESS, LOST_WAITING
from cartsim.units import Ints

PER_RANK = 2 * CLASSES
NOT_NOW = -1


@inlined
def stand(row: Ints, lines: Ints, waiting: Ints, i: int, queue: int, level: int, now: int) -> None:
    """A journey waits from now on, after those of its level who came before, by number."""
    before = lines[queue, level, TAIL]
    while before >= 0 and row[before, SINCE] == now and before > i:
        before = row[before, BEFORE]
    after = lines[queue, level, HEAD] if before < 0 else row[before, NEXT]
    row[i, QUEUE], row[i, LEVEL], row[i, SINCE] = queue, level, now
    row[i, BEFORE], row[i, NEXT] = before, after
    if before < 0:
        lines[queue, level, HEAD] = i
    else:
        row[before, NEXT] = i
    if after < 0:
        lines[queue, level, TAIL] = i
    else:
        row[after, BEFORE] = i
    waiting[queue] += 1


@inlined
def step_out(row: Ints, lines: Ints, waiting: Ints, i: int) -> None:
    """A journey is out of its queue."""
    queue, level = row[i, QUEUE], row[i, LEVEL]
    before, after = row[i, BEFORE], row[i, NEXT]
    if before < 0:
        lines[queue, level, HEAD] = after
    else:
        row[before, NEXT] = after
    if after < 0:
        lines[queue, level, TAIL] = before
    else:
        row[after, BEFORE] = before
    waiting[queue] -= 1


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
def startable(
    queues: Ints,
    would_do: Ints,
    steps: Ints,
    units: Ints,
    places: Ints,
    banks: Ints,
    supplies: Ints,
    queue: int,
) -> int:
    """Which of a queue's resources has a place for the next of it (0 where none is asked for), or
    ``NOT_NOW``."""
    stock = queues[queue, QUEUE_STOCK]
    if stock != NONE and banks[stock, IN_STOCK] <= 0:
        return NOT_NOW
    route, step = queues[queue, QUEUE_ROUTE], queues[queue, QUEUE_STEP]
    if steps[route, step, CONSUMES] == 1:
        for consumable in range(len(supplies)):
            if units[route, step, consumable] > supplies[consumable, ON_HAND]:
                return NOT_NOW
    if queues[queue, ASKS] == 0:
        return 0
    for which in range(would_do.shape[1]):
        resource = would_do[queue, which]
        if resource < 0:
            break
        free = places[resource, CAPACITY] - places[resource, BUSY] - places[resource, OUT]
        if free > 0 and places[resource, ALLOWED] != 0:
            return which
    return NOT_NOW


@inlined
def next_to_start(
    queues: Ints,
    would_do: Ints,
    steps: Ints,
    units: Ints,
    routes: Ints,
    places: Ints,
    banks: Ints,
    supplies: Ints,
    row: Ints,
    lines: Ints,
    waiting: Ints,
    fate: Codes,
    left: Ints,
    base: int,
    now: int,
) -> tuple[int, int]:
    """Who is granted the next start, -1 for nobody, and on which of the resources that would do."""
    best, best_which, best_rank = -1, 0, 0
    for queue in range(len(queues)):
        if waiting[queue] == 0:
            continue
        which = startable(queues, would_do, steps, units, places, banks, supplies, queue)
        if which == NOT_NOW:
            continue
        found = -1
        for level in range(queues[queue, LEVELS]):
            found = lines[queue, level, HEAD]
            while found >= 0 and (
                row[found, LEAVES] <= now and fate[base + found] == IN_PROCESS
            ):  # gone, and nobody has looked
                fate[base + found] = LOST_WAITING
                left[base + found] = row[found, LEAVES]
                row[found, STATUS] = OVER
                step_out(row, lines, waiting, found)
                found = lines[queue, level, HEAD]
            if found >= 0:
                break
        if found < 0:
            continue
        if queues[queue, SHARED] == 0:  # whom nobody competes with
            return found, which
        rank = routes[queues[queue, QUEUE_ROUTE], RANK] * PER_RANK + row[found, LEVEL]
        if best < 0 or (rank, row[found, SINCE], found) < (best_rank, row[best, SINCE], best):
            best, best_which, best_rank = found, which, rank
    return best, best_which


@inlined
def take_place(row: Ints, places: Ints, step: Ints, i: int, resource: int, hands_on: int) -> bool:
    """A journey takes a place of a resource for a step; whether the place, and not the journey,
    knows when it is given back (rule 13)."""
    places[resource, BUSY] += 1
    if places[resource, ALLOWED] > 0:
        places[resource, ALLOWED] -= 1  # 15
    if hands_on >= 0 and step[SHARED_PLACE] == 0:
        return True
    row[i, HELD] |= 1 << step[PLACE]
    return False


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
    resource = resources[place, max(row[i, PLANT], 0)]
    row[i, HELD] &= ~(1 << place)
    if changeover[resource] == 0:
        places[resource, BUSY] -= 1
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
    place = 0
    while row[i, HELD] != 0:
        if (row[i, HELD] >> place) & 1 == 1:
            of_route = resource[row[i, ROUTE]]
            give_back(row, places, calendar, count, of_route, changeover, i, place)
        place += 1
