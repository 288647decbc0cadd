"""Sums by cell and month, compiled: one pass over the facts and no arrays in between."""

from __future__ import annotations

from cartsim.compiled import compiled
from cartsim.units import Floats, Ints


@compiled
def add_facts(
    total: Floats,
    first_cell: Ints,
    row: Ints,
    minute: Ints,
    weight: Floats,
    month_of_day: Ints,
    minutes_of_day: int,
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
        day = minute[fact] // minutes_of_day
        if day < days:
            cell = first_cell[row[fact]] + month_of_day[day]
            total[cell] += weight[fact] if weighted else 1.0


@compiled
def add_lot_costs(
    variable: Floats,
    failed: Floats,
    expired: Floats,
    first_cell: Ints,
    start: Ints,
    row: Ints,
    line: Ints,
    wasted: Ints,
    unit_cost: Floats,
    factor: Floats,
    expired_share: Floats,
    month_of_day: Ints,
    minutes_of_day: int,
) -> None:
    """Add the costs of all started steps of A attempts to the month of their start.

    ``start`` is int64[A, S]; ``row``, ``line`` (the line of ``unit_cost``, float64[lines, S]) and
    ``wasted`` are by attempt; ``factor``, float64[lines, month], multiplies the costs of a month;
    ``expired_share``, float64[N], is by row.
    """
    for attempt in range(start.shape[0]):
        at, costs = first_cell[row[attempt]], unit_cost[line[attempt]]
        gone = expired_share[row[attempt]]
        for step in range(start.shape[1]):
            minute, cost = start[attempt, step], costs[step]
            if minute < 0 or cost == 0.0:
                continue
            month = month_of_day[minute // minutes_of_day]
            cell = at + month
            cost *= factor[line[attempt], month]
            if wasted[attempt] != 0:
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
    minutes_of_day: int,
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
            month = month_of_day[begin // minutes_of_day]
            until = min(stop, month_start[month + 1])
            total[row[interval], month] += until - begin
            begin = until
