"""What became of each attempt, and in which months what happened: facts read once, compiled.

Everything here could be said with array functions, each of which would pass over all facts again.
"""

from __future__ import annotations

from cartsim.compiled import compiled
from cartsim.simulation.plan import Codes
from cartsim.units import MINUTES_PER_DAY, Flags, Floats, Ints


@compiled
def read_attempts(
    row: Ints,
    flags: Flags,
    discarded: int,
    in_stock: int,
    lost_waiting: int,
    lost_manufacturing: int,
    attempt_first: Ints,
    last_attempt: Ints,
    route: Ints,
    state: Codes,
    result: Codes,
    delivery: Ints,
    of_stock: Flags,
) -> None:
    """Fill ``row``, int64[A], and ``flags``, bool[5, A]: the last of its row that was begun, ended
    badly, of a product out of specification, delivered (a stock lot: released), over.

    ``delivery`` (-1: none) and ``of_stock`` are by route, ``last_attempt`` and ``state`` by row.
    """
    for journey in range(len(route)):
        way, first = route[journey], attempt_first[journey]
        lost = state[journey] == lost_waiting or state[journey] == lost_manufacturing
        for attempt in range(first, attempt_first[journey + 1]):
            badly, exception = False, False
            for step in range(result.shape[1]):
                found = result[attempt, step]
                if found > 0:
                    if found & 1:
                        badly = True
                    elif found & 2:
                        exception = True
                elif found <= discarded:
                    badly = True
            last = attempt - first == last_attempt[journey]
            delivered = False
            if of_stock[way] and last:
                delivered = state[journey] == in_stock
            elif delivery[way] >= 0:
                found = result[attempt, delivery[way]]
                delivered = found >= 0 and found & 1 == 0
            row[attempt] = journey
            flags[0, attempt], flags[1, attempt], flags[2, attempt] = last, badly, exception
            flags[3, attempt], flags[4, attempt] = delivered, badly or (lost and last)


@compiled
def count_events(
    of_states: Floats,
    of_starts: Floats,
    of_ends: Floats,
    patients_only: int,
    disrupted: int,
    first_cell: Ints,
    month_of_day: Ints,
    order: Ints,
    state: Codes,
    left: Ints,
    attempt_first: Ints,
    route: Ints,
    start: Ints,
    end: Ints,
    result: Codes,
    starts: Ints,
    delivery: Ints,
    fails: Flags,
    exception: Flags,
    delivered: Flags,
    badly: Flags,
) -> None:
    """Count events in the cells of their months; the last entry of ``month_of_day`` lies behind
    the run.

    ``of_states``, float64[1 + states, cells]: orders, and journeys by the state that they came to
    (of ``patients_only`` those with an order). ``of_starts``, float64[k, cells]: starts of k steps,
    ``starts`` int64[k, route] (-1: none). ``of_ends``, float64[3, cells]: ends of deliveries, of
    those of a product out of specification, and of steps with which an attempt failed, where
    ``fails``, by route.
    """
    days = len(month_of_day) - 1
    for journey in range(len(order)):
        cell, way, reached = first_cell[journey], route[journey], state[journey]
        asked = order[journey] // MINUTES_PER_DAY
        if order[journey] >= 0 and asked < days:
            of_states[0, cell + month_of_day[asked]] += 1.0
        day = left[journey] // MINUTES_PER_DAY
        counts = reached != patients_only or order[journey] >= 0
        if left[journey] >= 0 and day < days and counts:
            of_states[1 + reached, cell + month_of_day[day]] += 1.0
        for attempt in range(attempt_first[journey], attempt_first[journey + 1]):
            for kind in range(starts.shape[0]):
                step = starts[kind, way]
                if step >= 0 and start[attempt, step] >= 0:
                    day = start[attempt, step] // MINUTES_PER_DAY
                    if day < days:
                        of_starts[kind, cell + month_of_day[day]] += 1.0
            if delivered[attempt] and delivery[way] >= 0:
                day = end[attempt, delivery[way]] // MINUTES_PER_DAY
                if day < days:
                    of_ends[0, cell + month_of_day[day]] += 1.0
                    if exception[attempt]:
                        of_ends[1, cell + month_of_day[day]] += 1.0
            if badly[attempt] and fails[way]:
                for step in range(result.shape[1]):
                    found = result[attempt, step]
                    if found == disrupted or (found > 0 and found & 1):
                        day = end[attempt, step] // MINUTES_PER_DAY
                        if end[attempt, step] >= 0 and day < days:
                            of_ends[2, cell + month_of_day[day]] += 1.0


@compiled
def value_orders(
    gross: Floats,
    never: Floats,
    delivered: Floats,
    prices: Floats,
    replication: Ints,
    first_cell: Ints,
    month_of_day: Ints,
    market: Ints,
    order: Ints,
    doses: Ints,
    state: Codes,
    left: Ints,
    lost: Flags,
    attempt_first: Ints,
    minute: Ints,
    on_order: Flags,
) -> None:
    """Value of the doses ordered, at the price of the month of the order, by month (float64[cells]
    each): of the order, of the loss of who got nothing, of what was recognised.

    ``prices`` is float64[market, R, month]; ``minute``, int64[A], is that of each attempt's event
    of recognition (-1: none); ``on_order``, by market, says that it is the order; ``lost`` is by
    state.
    """
    days = len(month_of_day) - 1
    for journey in range(len(order)):
        sold_in = market[journey]
        asked = order[journey] // MINUTES_PER_DAY
        if order[journey] < 0 or asked >= days:
            continue
        cell = first_cell[journey]
        price = prices[sold_in, replication[journey], month_of_day[asked]]
        gross[cell + month_of_day[asked]] += price * doses[journey]
        recognised = on_order[sold_in]
        if recognised:
            delivered[cell + month_of_day[asked]] += price
            continue
        for attempt in range(attempt_first[journey], attempt_first[journey + 1]):
            if minute[attempt] >= 0:
                recognised = True
                day = minute[attempt] // MINUTES_PER_DAY
                if day < days:
                    delivered[cell + month_of_day[day]] += price
        day = left[journey] // MINUTES_PER_DAY
        if not recognised and lost[state[journey]] and left[journey] >= 0 and day < days:
            never[cell + month_of_day[day]] += price * doses[journey]
