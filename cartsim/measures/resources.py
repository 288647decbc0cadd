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
    held, there = held_days(facts), capacity_days(facts) + held_while_shut(facts)
    return {
        f":{name}": Ratio(held[index], there[index])
        for index, name in enumerate(facts.plan.resources)
    }


@measure(
    "waiting",
    unit="lots",
    meaning="Lots or patients who wait for a place of a resource (or the supplies of its step), "
    "mean over time.",
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


def held_while_shut(facts: Facts) -> Floats:
    """Place-days held beyond the places that there were, float64[resource, R, month]: what goes on
    while places are shut."""
    names, replications = len(facts.plan.resources), facts.replications
    found = np.zeros((names, replications, facts.calendar.months))
    change, capacity = facts.journeys.capacity_time, facts.journeys.capacity
    for resource in range(names):
        places = capacity[:, :, resource]
        if not (np.diff(places, axis=1) < 0).any():
            continue
        taken = facts.holdings
        mine = (taken.resource == resource) & (taken.start >= 0) & (taken.free > taken.start)
        of = facts.grid.replication[taken.row[mine]]
        steps = np.diff(places, axis=1, prepend=0)
        where, at = np.nonzero(steps)
        # places held less places there, from change to change
        row = np.concatenate([of, of, where])
        minute = np.concatenate([taken.start[mine], taken.free[mine], change[at]])
        more = np.concatenate([np.ones_like(of), -np.ones_like(of), -steps[where, at]])
        # one key that is nearly in order is sorted faster than two
        order = np.argsort(row * (facts.calendar.horizon + 1) + minute, kind="stable")
        row, minute = row[order], minute[order]
        until, beyond = courses(row, minute, more[order], facts.calendar.horizon)
        over = (beyond > 0) & (until > minute)
        line, begin, end = (np.repeat(x[over], beyond[over]) for x in (row, minute, until))
        found[resource] = days(minutes_by_month(facts.calendar, line, replications, begin, end))
    return found


def courses(row: Ints, minute: Ints, change: Ints, horizon: int) -> tuple[Ints, Ints]:
    """What changes in the order of row and minute come to, and until when (the next change of the
    row, or the horizon): until and level, int64[n] each."""
    if row.size == 0:
        return minute, change
    first = np.flatnonzero(np.diff(row, prepend=-1))
    level = np.cumsum(change)
    # levels of a row begin anew: take off what the ones before it came to
    level -= np.repeat(np.append(0, level)[first], np.diff(first, append=row.size))
    until = np.append(minute[1:], horizon)
    until[first[1:] - 1] = horizon
    return until, level


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
