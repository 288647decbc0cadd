"""Measures of resources: how much of the places' time was held."""

from __future__ import annotations

import numpy as np

from cartsim.measures.facts import Facts
from cartsim.measures.registry import Ratio, Tables, measure
from cartsim.measures.times import resource_of_step
from cartsim.units import MINUTES_PER_DAY, Calendar, Floats, Ints, days


@measure(
    "utilisation",
    unit="share",
    meaning="Place-time held by steps, as a share of the place-time that there was.",
    aggregation="ratio",
)
def utilisation(facts: Facts) -> Tables:
    held, there = held_days(facts), capacity_days(facts)
    return {
        f":{name}": Ratio(held[index], there[index])
        for index, name in enumerate(facts.plan.resources)
    }


def held_days(facts: Facts) -> Floats:
    """Place-days held, float64[resource, R, month].

    A place is held from a step's start to its planned end, also when the patient has left; a step
    that does not end within the run holds its place to the horizon.
    """
    timelines, calendar = facts.timelines, facts.calendar
    resource = resource_of_step(facts)[facts.journeys.product][:, None, :]
    patient, attempt, step = np.nonzero((timelines.start >= 0) & (resource >= 0))
    start = timelines.start[patient, attempt, step]
    end = timelines.end[patient, attempt, step]
    end = np.where(end < 0, calendar.horizon, end)
    index = resource[patient, 0, step]
    row = index * facts.replications + facts.grid.replication[patient]
    rows = len(facts.plan.resources) * facts.replications
    table = minutes_by_month(calendar, row, rows, start, end)
    return days(table).reshape(len(facts.plan.resources), facts.replications, calendar.months)


def minutes_by_month(calendar: Calendar, row: Ints, rows: int, start: Ints, end: Ints) -> Floats:
    """Minutes that intervals spend in each month, summed by row, float64[rows, month].

    ``row``, ``start`` and ``end`` (int64, parallel; within the run) describe the intervals
    ``[start, end)``.
    """
    boundary, months = calendar.month_start, calendar.months
    first = calendar.month_of_minute(start)
    last = calendar.month_of_minute(np.maximum(end - 1, start))

    def summed(month: Ints, minutes: Ints) -> Floats:
        cells = np.bincount(row * months + month, weights=minutes, minlength=rows * months)
        return cells.astype(np.float64, copy=False).reshape(rows, months)

    # Whole months first, from the first to the last one; then what is missing at either end.
    entered = np.bincount(row * (months + 1) + first, minlength=rows * (months + 1))
    left = np.bincount(row * (months + 1) + last + 1, minlength=rows * (months + 1))
    covered = np.cumsum((entered - left).reshape(rows, months + 1), axis=1)[:, :-1]
    minutes: Floats = covered * np.diff(boundary)
    before = summed(first, start - boundary[first])
    after = summed(last, boundary[last + 1] - end)
    return minutes - before - after


def capacity_days(facts: Facts) -> Floats:
    """Place-days that there were, float64[resource, R, month]."""
    change = np.append(facts.journeys.capacity_time, facts.calendar.horizon)
    begin, end = change[:-1], np.minimum(change[1:], facts.calendar.horizon)
    month_begin, month_end = facts.calendar.month_start[:-1], facts.calendar.month_start[1:]
    overlap = np.minimum(end[:, None], month_end) - np.maximum(begin[:, None], month_begin)
    share = np.maximum(overlap, 0) / MINUTES_PER_DAY
    there: Floats = np.einsum("rks,km->srm", facts.journeys.capacity.astype(np.float64), share)
    return there
