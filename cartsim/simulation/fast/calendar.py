"""The event calendar: whole numbers, each a minute, an id and a kind of event, found by minute.

What comes next is taken thousands of times for each event that lies far ahead, so the calendar is
in two parts, as in R. Brown, "Calendar queues", Communications of the ACM 31 (1988): a small heap
of what comes in the present quarter of a day or before, and for each quarter after it an unsorted
list, which goes into the heap when its time has come. What lies beyond the last list waits in a
heap of its own.

All of it is one array, which is quick to hand over: a head of counters, the lists' first nodes, the
near heap, the far heap and the nodes of the lists (an event, and the next node).
"""

from __future__ import annotations

import numpy as np
from numba import uintp

from cartsim.simulation.fast.options import inlined, inner, whole
from cartsim.units import Ints

END, READY, CLOCK, FREE, EXPIRY, SUPPLY, OUTAGE_ENDS = (whole(kind) for kind in range(7))
"""Kinds of events: a granted step ends; a journey is ready at a step that it may have to wait for;
a waiting patient's clock runs out; a place becomes free; doses expire; a supply arrives; places are
back in service."""
ID_BITS, KIND_BITS, QUARTER_BITS = 24, 3, 8
"""Of an event, from below: the kind, the id, the minute; and minutes of a quarter (256)."""
MINUTE, ID, KIND_OF = ID_BITS + KIND_BITS, (1 << ID_BITS) - 1, (1 << KIND_BITS) - 1
QUARTER = MINUTE + QUARTER_BITS
LISTS = 1024
NEAR, FAR, LISTED, FREED, USED, PRESENT, HORIZON, FAR_AT, NODES_AT = range(9)
"""The counters: events in the near and the far heap, in the lists; the first freed node and how
many were ever used; the present quarter; the run's end; where the far heap and the nodes begin."""
LISTS_AT = 9
NEAR_AT = LISTS_AT + LISTS
NONE = -1


def room(events: int) -> Ints:
    """A calendar for up to so many events at a time."""
    calendar = np.zeros(NEAR_AT + 4 * events, dtype=np.int64)
    calendar[FAR_AT], calendar[NODES_AT] = NEAR_AT + events, NEAR_AT + 2 * events
    return calendar


@inner
def clear(calendar: Ints, horizon: int) -> None:
    """Nothing is in the calendar of a run until the horizon, and the present is its beginning."""
    for counter in range(HORIZON):
        calendar[counter] = 0
    calendar[HORIZON] = horizon
    calendar[FREED] = NONE
    for which in range(LISTS):
        calendar[LISTS_AT + which] = NONE


@inner
def schedule(calendar: Ints, minute: int, number: int, kind: int) -> None:
    """Write an event into the calendar, unless it lies beyond the horizon (rule 1)."""
    if minute >= calendar[HORIZON]:
        return
    event = (((minute << ID_BITS) | number) << KIND_BITS) | kind
    quarter = minute >> QUARTER_BITS
    if quarter <= calendar[PRESENT]:
        _push(calendar, NEAR_AT, calendar[NEAR], event)
        calendar[NEAR] += 1
    elif quarter < calendar[PRESENT] + LISTS:
        node = calendar[FREED]
        if node == NONE:
            node = calendar[NODES_AT] + 2 * calendar[USED]
            calendar[USED] += 1
        else:
            calendar[FREED] = calendar[uintp(node + 1)]
        first = uintp(LISTS_AT + (quarter & (LISTS - 1)))
        calendar[uintp(node)], calendar[uintp(node + 1)] = event, calendar[first]
        calendar[first] = node
        calendar[LISTED] += 1
    else:
        _push(calendar, calendar[FAR_AT], calendar[FAR], event)
        calendar[FAR] += 1


@inner
def turn_page(calendar: Ints) -> None:
    """The next quarter in which there is something becomes the present one, if there is any."""
    quarter = calendar[PRESENT] + 1
    if calendar[LISTED] == 0:
        if calendar[FAR] == 0:
            return
        quarter = calendar[calendar[FAR_AT]] >> QUARTER
    else:
        while calendar[uintp(LISTS_AT + (quarter & (LISTS - 1)))] == NONE:
            quarter += 1
        if calendar[FAR] > 0:
            quarter = min(quarter, calendar[calendar[FAR_AT]] >> QUARTER)
    calendar[PRESENT] = quarter
    first = uintp(LISTS_AT + (quarter & (LISTS - 1)))
    node = calendar[first]
    calendar[first] = NONE
    while node != NONE:
        _push(calendar, NEAR_AT, calendar[NEAR], calendar[uintp(node)])
        calendar[NEAR] += 1
        calendar[LISTED] -= 1
        following = calendar[uintp(node + 1)]
        calendar[uintp(node + 1)] = calendar[FREED]
        calendar[FREED] = node
        node = following
    while calendar[FAR] > 0 and calendar[calendar[FAR_AT]] >> QUARTER == quarter:
        event = _pop(calendar, calendar[FAR_AT], calendar[FAR])
        calendar[FAR] -= 1
        _push(calendar, NEAR_AT, calendar[NEAR], event)
        calendar[NEAR] += 1


@inlined
def next_minute(calendar: Ints) -> int:
    """The minute of the next event; the horizon where there is none."""
    if calendar[NEAR] == 0:
        turn_page(calendar)
    minute: int = calendar[NEAR_AT] >> MINUTE if calendar[NEAR] > 0 else calendar[HORIZON]
    return minute


@inlined
def take(calendar: Ints) -> int:
    """Take the next event out; ``next_minute`` has been asked before."""
    event: int = _pop(calendar, NEAR_AT, calendar[NEAR])
    calendar[NEAR] -= 1
    return event


@inlined
def _push(heap: Ints, at: int, size: int, event: int) -> None:
    """Put an event into the heap of ``size`` events that begins at ``at``."""
    hole = size
    while hole > 0:
        parent = (hole - 1) >> 1
        above = heap[uintp(at + parent)]
        if above <= event:
            break
        heap[uintp(at + hole)] = above
        hole = parent
    heap[uintp(at + hole)] = event


@inlined
def _pop(heap: Ints, at: int, size: int) -> int:
    """Take the first of ``size`` events out of the heap that begins at ``at``."""
    first: int = heap[uintp(at)]
    count = size - 1
    last = heap[uintp(at + count)]
    hole, child = 0, 1
    while child < count:
        if child + 1 < count:
            child += heap[uintp(at + child + 1)] < heap[uintp(at + child)]
        if heap[uintp(at + child)] >= last:
            break
        heap[uintp(at + hole)] = heap[uintp(at + child)]
        hole = child
        child = 2 * hole + 1
    heap[uintp(at + hole)] = last
    return first
