"""Measures of resources: how much of the places' time was held, and how many waited."""

from __future__ import annotations

import numpy as np

from cartsim.economics.tally import add_intervals
from cartsim.measures.facts import Facts
from cartsim.measures.registry import Ratio, Tables, measure
from cartsim.units import MINUTES_PER_DAY, Calendar, Floats, Ints, days


@measure(
    "utilisation",
    unit="share",
    meaning="Place-time taken (changeover and booked time included), as a share of the place-time "
    "that there was; what goes on while a place is shut counts in both.",
    aggregation="ratio",
)
def utilisation(facts: Facts) -> Tables:
    held, there = held_days(facts), capacity_days(facts)
    return {
        f":{name}": Ratio(held[index], np.maximum(there[index], held[index]))
        for index, name in enumerate(facts.plan.resources)
    }


@measure(
    "waiting",
    unit="lots",
    meaning="Lots or patients who wait for a place of a resource, mean over time.",
    aggregation="ratio",
)
def waiting(facts: Facts) -> Tables:
    waited = days(facts.place_time.queued)
    length = np.diff(facts.calendar.month_start) / MINUTES_PER_DAY
    time = np.broadcast_to(length, waited.shape[1:])
    return {
        f":{name}": Ratio(waited[index], time) for index, name in enumerate(facts.plan.resources)
    }


def held_days(facts: Facts) -> Floats:
    """Place-days taken, float64[resource, R, month]."""
    return days(facts.place_time.held)


def minutes_by_month(calendar: Calendar, row: Ints, rows: int, start: Ints, end: Ints) -> Floats:
    """Minutes that intervals spend in each month, summed by row, float64[rows, month].

    ``row``, ``start`` and ``end`` (int64, parallel; within the run) describe the intervals
    ``[start, end)``.
    """
    total = np.zeros((rows, calendar.months))
    add_intervals(
        *(total, row, start, end),
        *(calendar.month_start, calendar.month_of_day),
    )
    return total


def capacity_days(facts: Facts) -> Floats:
    """Place-days that there were, float64[resource, R, month]."""
    change = np.append(facts.journeys.capacity_time, facts.calendar.horizon)
    begin, end = change[:-1], np.minimum(change[1:], facts.calendar.horizon)
    month_begin, month_end = facts.calendar.month_start[:-1], facts.calendar.month_start[1:]
    overlap = np.minimum(end[:, None], month_end) - np.maximum(begin[:, None], month_begin)
    share = np.maximum(overlap, 0) / MINUTES_PER_DAY
    there: Floats = np.einsum("rks,km->srm", facts.journeys.capacity.astype(np.float64), share)
    return there
