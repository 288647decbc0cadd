"""Those who wait, the lots in stock, and the places that are given back: linked lists in arrays.

All functions are compiled and change the state that they are given.
"""

from __future__ import annotations

from cartsim.simulation.fast.calendar import FREE, schedule
from cartsim.simulation.fast.flat import ASKS, CONSUMES, NONE, QUEUE_ROUTE, QUEUE_STEP, QUEUE_STOCK
from cartsim.simulation.fast.options import inlined, inner
from cartsim.simulation.fast.state import (
    ALLOWED,
    BEFORE,
    BUSY,
    CAPACITY,
    CHANGED,
    EXPIRES,
    HEAD,
    HELD,
    IN_STOCK,
    LATEST,
    LEVEL,
    NEXT,
    NOW,
    ON_HAND,
    OUT,
    PLANT,
    QUEUE,
    ROUTE,
    SINCE,
    SOONEST,
    TAIL,
)
from cartsim.units import Ints

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


@inner
def give_back(
    row: Ints,
    places: Ints,
    calendar: Ints,
    count: Ints,
    resources: Ints,
    changeover: Ints,
    horizon: int,
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
        schedule(calendar, horizon, count[NOW] + changeover[resource], resource, FREE)


@inner
def give_back_all(
    row: Ints,
    places: Ints,
    calendar: Ints,
    count: Ints,
    resource: Ints,
    changeover: Ints,
    horizon: int,
    i: int,
) -> None:
    """A journey gives back every place that it holds."""
    place = 0
    while row[i, HELD] != 0:
        if (row[i, HELD] >> place) & 1 == 1:
            of_route = resource[row[i, ROUTE]]
            give_back(row, places, calendar, count, of_route, changeover, horizon, i, place)
        place += 1


@inner
def put_into_stock(row: Ints, banks: Ints, i: int, stock: int) -> None:
    """A lot is in stock, sorted by expiry, then row (rule 18)."""
    before = banks[stock, LATEST]
    while before >= 0 and (
        row[before, EXPIRES] > row[i, EXPIRES]
        or (row[before, EXPIRES] == row[i, EXPIRES] and before > i)
    ):
        before = row[before, BEFORE]
    after = banks[stock, SOONEST] if before < 0 else row[before, NEXT]
    row[i, BEFORE], row[i, NEXT] = before, after
    if before < 0:
        banks[stock, SOONEST] = i
    else:
        row[before, NEXT] = i
    if after < 0:
        banks[stock, LATEST] = i
    else:
        row[after, BEFORE] = i


@inner
def take_out_of_stock(row: Ints, banks: Ints, i: int, stock: int) -> None:
    """A lot has no doses left."""
    before, after = row[i, BEFORE], row[i, NEXT]
    if before < 0:
        banks[stock, SOONEST] = after
    else:
        row[before, NEXT] = after
    if after < 0:
        banks[stock, LATEST] = before
    else:
        row[after, BEFORE] = before
