"""How long patients waited from one event to another, added up by the month of the later one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cartsim.compiled import compiled, fixed
from cartsim.economics.events import Records
from cartsim.economics.grid import Grid
from cartsim.simulation.timelines import INFUSED, INFUSED_OUT_OF_SPECIFICATION
from cartsim.units import MINUTES_PER_DAY, Flags, Floats, Ints

TABLES = 7


@dataclass(frozen=True)
class Spans:
    """Minutes and the patients or deliveries that they belong to, float64[group, R, month] each.

    ``vein_to_vein``: from the start of the collection that was used to the infusion, of
    ``infused_collected``; ``turnaround``: from its end to each of ``delivered_collected``
    deliveries; ``since_order``: from the order to the infusion, of ``infused``, of whom ``soon``
    were infused within the time that is called so.
    """

    vein_to_vein: Floats
    infused_collected: Floats
    turnaround: Floats
    delivered_collected: Floats
    since_order: Floats
    infused: Floats
    soon: Floats


def spans(grid: Grid, records: Records, soon: int) -> Spans:
    """The spans of a block; ``soon`` is in minutes.

    The collection that was used is a patient's last one: a later attempt collects again only where
    nothing of the earlier collection is used.
    """
    journeys, timelines = records.journeys, records.timelines
    state = timelines.state
    infused = (state == INFUSED) | (state == INFUSED_OUT_OF_SPECIFICATION)
    tables = np.zeros((TABLES, int(np.prod(grid.shape))))
    _add(
        tables,
        soon,
        *fixed(
            grid.first_cell,
            grid.calendar.month_of_day,
            journeys.order,
            infused,
            timelines.left,
            journeys.attempt_first,
            journeys.route,
            timelines.start,
            timelines.end,
            records.steps("collection"),
            records.delivered_at,
        ),
    )
    return Spans(*tables.reshape(TABLES, *grid.shape))


@compiled
def _add(
    tables: Floats,
    soon: int,
    first_cell: Ints,
    month_of_day: Ints,
    order: Ints,
    infused: Flags,
    left: Ints,
    attempt_first: Ints,
    route: Ints,
    start: Ints,
    end: Ints,
    collection: Ints,
    delivered_at: Ints,
) -> None:
    """Add up the tables of :class:`Spans`, float64[7, cells]."""
    days = len(month_of_day) - 1
    for journey in range(len(order)):
        cell, step = first_cell[journey], collection[route[journey]]
        begun, done = -1, -1  # the last collection
        if step >= 0:
            for attempt in range(attempt_first[journey], attempt_first[journey + 1]):
                begun = max(begun, start[attempt, step])
                done = max(done, end[attempt, step])
        if infused[journey]:
            minute = left[journey]
            day = minute // MINUTES_PER_DAY
            if day < days:
                at = cell + month_of_day[day]
                waited = minute - order[journey]
                tables[4, at] += waited
                tables[5, at] += 1.0
                if waited <= soon:
                    tables[6, at] += 1.0
                if begun >= 0:
                    tables[0, at] += minute - begun
                    tables[1, at] += 1.0
        if done < 0:
            continue
        for attempt in range(attempt_first[journey], attempt_first[journey + 1]):
            minute = delivered_at[attempt]
            day = minute // MINUTES_PER_DAY
            if minute >= 0 and day < days:
                tables[2, cell + month_of_day[day]] += minute - done
                tables[3, cell + month_of_day[day]] += 1.0
