"""What the compiled engine works on: chance as it comes in, facts as they go out, and the state of
the replication that is running. Named tuples of arrays, which compiled functions take as they are.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cartsim.simulation.fast.calendar import room
from cartsim.simulation.fast.flat import LEVELS_OF, Flat
from cartsim.simulation.journeys import Journeys
from cartsim.simulation.timelines import Timelines
from cartsim.units import Floats, Ints

FIELDS = 20
(
    ROUTE,
    ATTEMPT,
    STEP,
    STATUS,
    LEAVES,
    ENDS,
    HELD,
    PLANT,
    RELEASED_AT,
    TRIES,
    COLLECTED,
    NEXT,
    BEFORE,
    QUEUE,
    LEVEL,
    SINCE,
    CLOCK_AT,
    NEEDED,
    REMAINING,
    EXPIRES,
) = range(FIELDS)
"""Columns of ``State.row``, one row a journey of the replication. ``ATTEMPT`` is a row of the
attempts; ``HELD`` has a bit for each place held; ``TRIES`` counts the attempts at the present dose;
``NEXT`` and ``BEFORE`` link those of one queue, or the lots of one stock; ``NEEDED`` is the number
of doses still to come; ``REMAINING`` and ``EXPIRES`` are those of a lot in stock."""
OVER, WAITING, RUNNING, AHEAD = range(4)
"""``STATUS``: nothing more to come; in a queue; a step that others may notice is in progress; on
the way through steps that meet nobody, or to a minute that is in the calendar."""
COUNTS = 6
TODO, CHANGED, STOCKS_CHANGED, SUPPLIES_CHANGED, SHORT, NOW = range(COUNTS)
"""Entries of ``State.counts``: journeys that go on now; whether somebody may
start, a stock or a supply is to be reviewed; whether draws ran out; the minute."""
READIED, STARTED, ENDED, LOST = range(4)
"""How a journey goes on: ready at its step; started by a grant; at the end of its step; at the end
that a disruption has made."""
HEAD, TAIL = range(2)
"""Columns of ``State.lines``."""
PLACES = 4
CAPACITY, BUSY, OUT, ALLOWED = range(PLACES)
"""Columns of ``State.places``: places that there are, that are held, that are out of service;
starts that are allowed."""
BANKS = 7
IN_STOCK, SOONEST, LATEST, IN_PROGRESS, NEXT_LOT, DUE, WANTING = range(BANKS)
"""Columns of ``State.banks``: doses; the lot in stock that expires first, and last (``NONE``); lots
in progress; the next row of draws; lots of campaigns; patients who wait."""
SUPPLIES = 3
ON_HAND, ON_ORDER, ORDERS = range(SUPPLIES)
"""Columns of ``State.supplies``: units, units, orders placed."""


class Chance(NamedTuple):
    """The arrays of :class:`~cartsim.simulation.journeys.Journeys`, by the same names."""

    first: Ints
    lots_first: Ints
    route: Ints
    order: Ints
    doses: Ints
    shelf_life: Ints
    patience: Ints
    clock: Floats
    bridging: Floats
    risk: np.ndarray[tuple[int], np.dtype[np.int8]]
    acceptable: Ints
    attempt_first: Ints
    duration: Ints
    outcome: np.ndarray[tuple[int], np.dtype[np.int8]]
    hazard_before: Floats
    hazard_after: Floats
    hazard_shape: Floats
    hands_on: Ints
    interval: Ints
    service: Ints
    changeover: Ints
    capacity_time: Ints
    capacity: Ints
    opening_time: Ints
    opening: Ints
    reorder_point: Ints
    order_level: Ints
    planned_yield: Ints
    stock_opens: Ints
    campaign_time: Ints
    campaign_stock: Ints
    campaign_lots: Ints
    supply: Ints
    minimum: Ints
    quantity: Ints
    lead: Ints
    disruption_first: Ints
    disruption_time: Ints
    disruption_length: Ints
    disruption_kind: Ints

    @classmethod
    def of(cls, journeys: Journeys) -> Chance:
        """The arrays of a block, contiguous; those by attempt and step flat."""
        arrays = {name: np.ascontiguousarray(getattr(journeys, name)) for name in cls._fields}
        for name in ("duration", "outcome"):
            arrays[name] = arrays[name].reshape(-1)
        for name, array in arrays.items():  # all alike, so that one form is compiled
            arrays[name] = array.view()
            arrays[name].flags.writeable = False
        return cls(**arrays)


class Facts(NamedTuple):
    """The arrays of :class:`~cartsim.simulation.timelines.Timelines`, by the same names; those by
    attempt and step are flat, which are quicker to index."""

    ready: Ints
    start: Ints
    end: Ints
    result: np.ndarray[tuple[int], np.dtype[np.int8]]
    chosen: np.ndarray[tuple[int], np.dtype[np.int8]]
    source: Ints
    state: np.ndarray[tuple[int], np.dtype[np.int8]]
    step: Ints
    attempt: Ints
    left: Ints
    made: Ints
    expired: Ints
    ordered: Ints
    arrived: Ints

    @classmethod
    def unwritten(cls, journeys: Journeys) -> Facts:
        """Room for the facts of a block; the engine writes every entry."""
        rows, shape = journeys.route.size, journeys.duration.shape
        cells = shape[0] * shape[1]
        return cls(
            ready=np.empty(cells, dtype=np.int64),
            start=np.empty(cells, dtype=np.int64),
            end=np.empty(cells, dtype=np.int64),
            result=np.empty(cells, dtype=np.int8),
            chosen=np.empty(shape[0], dtype=np.int8),
            source=np.empty(shape[0], dtype=np.int64),
            state=np.empty(rows, dtype=np.int8),
            step=np.empty(rows, dtype=np.int64),
            attempt=np.empty(rows, dtype=np.int64),
            left=np.empty(rows, dtype=np.int64),
            made=np.empty(rows, dtype=np.int64),
            expired=np.empty(rows, dtype=np.int64),
            ordered=np.full(journeys.lead.shape, -1, dtype=np.int64),
            arrived=np.full(journeys.lead.shape, -1, dtype=np.int64),
        )

    def timelines(self, journeys: Journeys) -> Timelines:
        """The same as what engines return."""
        arrays = self._asdict()
        for name in ("ready", "start", "end", "result"):
            arrays[name] = arrays[name].reshape(journeys.duration.shape)
        return Timelines(**arrays)


class State(NamedTuple):
    """The replication that is running."""

    row: Ints  # [row, field]
    calendar: Ints
    todo: Ints
    counts: Ints
    lines: Ints  # [queue, level, (head, tail)]
    waiting: Ints  # [queue], how many
    places: Ints  # [resource, field]
    banks: Ints  # [stock, field]
    supplies: Ints  # [consumable, field]

    @classmethod
    def of(cls, flat: Flat, journeys: Journeys) -> State:
        """Room for any replication of a block."""
        rows = int(np.diff(journeys.first).max(initial=0))
        orders = journeys.lead.shape[1] * journeys.lead.shape[2]
        outages = int(np.diff(journeys.disruption_first).max(initial=0))
        steps = journeys.duration.shape[1]
        # in the calendar a journey has an event of its own, up to two clocks, an end for each
        # delay, and for each step a place that becomes free; a lot its expiry
        events = rows * (5 + 2 * steps) + orders + outages * (rows + 1) + 64

        def zeros(*shape: int) -> Ints:
            return np.zeros(shape, dtype=np.int64)

        return cls(
            row=zeros(rows, FIELDS),
            calendar=room(events),
            todo=zeros(rows + 64),
            counts=zeros(COUNTS),
            lines=zeros(len(flat.queues), max(LEVELS_OF), 2),
            waiting=zeros(len(flat.queues)),
            places=zeros(journeys.capacity.shape[2], PLACES),
            banks=zeros(journeys.reorder_point.shape[1], BANKS),
            supplies=zeros(journeys.lead.shape[1], SUPPLIES),
        )
