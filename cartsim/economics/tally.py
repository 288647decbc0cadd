"""Sums by cell and month, compiled: one pass over the facts and no arrays in between."""

from __future__ import annotations

from cartsim.compiled import compiled
from cartsim.units import MINUTES_PER_DAY, Flags, Floats, Ints


@compiled
def add_facts(
    total: Floats,
    first_cell: Ints,
    row: Ints,
    minute: Ints,
    weight: Floats,
    month_of_day: Ints,
) -> None:
    """Add each fact's weight (1 where ``weight`` is empty) to the month of its minute.

    ``total`` is float64[cells], ``first_cell`` int64[N] the cell of a row's first month; ``row``,
    ``minute`` and ``weight`` are parallel. The last entry of ``month_of_day`` lies behind the run.
    """
    days = len(month_of_day) - 1
    weighted = len(weight) > 0
    for fact in range(len(row)):
        if minute[fact] < 0:
            continue
        day = minute[fact] // MINUTES_PER_DAY
        if day < days:
            cell = first_cell[row[fact]] + month_of_day[day]
            total[cell] += weight[fact] if weighted else 1.0


@compiled
def add_lot_costs(
    variable: Floats,
    failed: Floats,
    expired: Floats,
    first_cell: Ints,
    month_of_day: Ints,
    replication: Ints,
    attempt_first: Ints,
    route: Ints,
    start: Ints,
    wasted: Flags,
    unit_cost: Floats,
    factor: Floats,
    expired_share: Floats,
) -> None:
    """Add the costs of all started steps of N journeys to the month of their start.

    ``start`` is int64[A, S] and ``wasted`` by attempt; ``replication``, ``route`` and
    ``expired_share``, float64[N], by row. ``unit_cost`` is float64[route, R, S]; ``factor``,
    float64[route, R, month], multiplies the costs of a month.
    """
    for journey in range(len(route)):
        at, gone = first_cell[journey], expired_share[journey]
        costs = unit_cost[route[journey], replication[journey]]
        factors = factor[route[journey], replication[journey]]
        for attempt in range(attempt_first[journey], attempt_first[journey + 1]):
            for step in range(start.shape[1]):
                minute, cost = start[attempt, step], costs[step]
                if minute < 0 or cost == 0.0:
                    continue
                month = month_of_day[minute // MINUTES_PER_DAY]
                cell = at + month
                cost *= factors[month]
                if wasted[attempt]:
                    failed[cell] += cost
                elif gone == 0.0:
                    variable[cell] += cost
                else:
                    variable[cell] += cost * (1.0 - gone)
                    expired[cell] += cost * gone


@compiled
def add_intervals(
    total: Floats,
    row: Ints,
    start: Ints,
    end: Ints,
    month_start: Ints,
    month_of_day: Ints,
) -> None:
    """Add the minutes of each interval ``[start, end)`` to the months that it lies in.

    ``total`` is float64[rows, month]; the intervals, int64[n], lie within the run; one whose start
    is -1 has not begun.
    """
    for interval in range(len(row)):
        begin, stop = start[interval], end[interval]
        if begin < 0:
            continue
        while begin < stop:
            month = month_of_day[begin // MINUTES_PER_DAY]
            until = min(stop, month_start[month + 1])
            total[row[interval], month] += until - begin
            begin = until
