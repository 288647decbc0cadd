"""Capacities of the plants in time: whole places, from each minute at which some of them change."""

from __future__ import annotations

import numpy as np

from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Scenario
from cartsim.scenario.values import Flat, Series, Steps
from cartsim.units import Floats, Ints


def capacities(scenario: Scenario, drawn: Drawn) -> tuple[Ints, Ints]:
    """Minutes at which some capacity may change, int64[K], and places, int64[R, K, resource].

    A capacity given in steps changes at midnight of each step's date, any other series at the first
    of each month, to its level of that month. Levels are rounded to whole places, halves up.
    Minutes at which no capacity changes in any replication are left out, but for minute 0.
    """
    levels = [
        _levels(resource.capacity, drawn)
        for plant in scenario.plants.values()
        for resource in plant.resources.values()
    ]
    zero = np.zeros(1, dtype=np.int64)
    time = np.unique(np.concatenate([zero, *(minutes for minutes, _ in levels)]))
    places = np.zeros((len(drawn.replications), time.size, len(levels)), dtype=np.int64)
    for index, (minutes, values) in enumerate(levels):
        holds = np.searchsorted(minutes, time, side="right") - 1
        places[:, :, index] = np.floor(values[:, holds] + 0.5)
    changes = np.concatenate([[True], (np.diff(places, axis=1) != 0).any(axis=(0, 2))])
    return time[changes], places[:, changes]


def _levels(series: Series, drawn: Drawn) -> tuple[Ints, Floats]:
    """Minutes within the run from which each level holds, from 0 on, and levels [R, minute]."""
    form, calendar = series.form, drawn.calendar
    if isinstance(form, Flat):
        return np.zeros(1, dtype=np.int64), drawn.value(form.level)[:, None]
    if not isinstance(form, Steps):
        return calendar.month_start[:-1], drawn.monthly(series)
    # The first entry holds before its date too; of those before the run the last one counts.
    dated = sorted(form.steps, key=lambda step: step[0])
    from_minute = [0, *(max(calendar.minute(day), 0) for day, _ in dated[1:])]
    levels: dict[int, Floats] = {}
    for minute, (_, quantity) in zip(from_minute, dated, strict=True):
        if minute < calendar.horizon:
            levels[minute] = drawn.value(quantity)
    return np.asarray(list(levels), dtype=np.int64), np.stack(list(levels.values()), axis=1)
