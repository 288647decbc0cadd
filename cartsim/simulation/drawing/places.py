"""Places of the plants in time: how many there are, and how many starts are allowed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from cartsim.sampling.drawn import Drawn
from cartsim.scenario.manufacturing import Plant, Resource, Shutdown
from cartsim.scenario.model import Scenario
from cartsim.scenario.values import Flat, Series, Steps
from cartsim.simulation.plan import UNLIMITED
from cartsim.units import DAYS_PER_MONTH, Calendar, Floats, Ints, minutes

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
AS_BEFORE = -2


def capacities(scenario: Scenario, drawn: Drawn) -> tuple[Ints, Ints]:
    """Minutes at which some capacity may change, int64[K], and places, int64[R, K, resource].

    A capacity given in steps changes at midnight of each step's date, any other series at the first
    of each month, to its level of that month. Levels are rounded to whole places, halves up.
    Expansions add their places when they have come; in a shutdown, and before a contract
    manufacturer has been taught, there are none. Minutes at which no capacity changes in any
    replication are left out, but for minute 0.
    """
    horizon, rows = drawn.calendar.horizon, len(drawn.replications)
    resources = [
        (plant, resource)
        for plant in scenario.plants.values()
        for resource in plant.resources.values()
    ]
    levels = [_levels(resource.capacity, drawn) for _, resource in resources]
    added = [list(_expansions(resource, drawn)) for _, resource in resources]
    closed = [
        [window for s in _shutdowns(plant, resource) for window in _windows(s, drawn.calendar)]
        for plant, resource in resources
    ]
    taught = [taught_at(plant, drawn) for plant, _ in resources]
    times = [np.zeros(1, dtype=np.int64), *(minutes_ for minutes_, _ in levels)]
    times += [at for expansions in added for at, _ in expansions]
    times += [np.asarray(windows, dtype=np.int64).ravel() for windows in closed]
    times += [at for at in taught if at is not None]
    time = np.unique(np.concatenate(times))
    time = time[(time >= 0) & (time < max(horizon, 1))]
    places = np.zeros((rows, time.size, len(resources)), dtype=np.int64)
    for index, (minutes_, values) in enumerate(levels):
        holds = np.searchsorted(minutes_, time, side="right") - 1
        here = np.floor(values[:, holds] + 0.5).astype(np.int64)
        for at, number in added[index]:
            here = here + number[:, None] * (time >= at[:, None])
        for begin, until in closed[index]:
            here = np.where((time >= begin) & (time < until), 0, here)
        from_minute = taught[index]
        if from_minute is not None:
            here = np.where(time < from_minute[:, None], 0, here)
        places[:, :, index] = here
    changes = np.concatenate([[True], (np.diff(places, axis=1) != 0).any(axis=(0, 2))])
    return time[changes], places[:, changes]


def taught_at(plant: Plant, drawn: Drawn) -> Ints | None:
    """Minute from which a contract manufacturer can make lots, int64[R]; None where always."""
    maker = plant.contract_manufacturer
    if maker is None or maker.transfer is None:
        return None
    months = drawn.value(maker.transfer.months)
    return drawn.calendar.minute(maker.transfer.begin) + minutes(months * DAYS_PER_MONTH)


def _expansions(resource: Resource, drawn: Drawn) -> Iterator[tuple[Ints, Ints]]:
    """Minute from which each expansion is there, and its places, int64[R] each."""
    for expansion in resource.expansions.values():
        lead = minutes(drawn.value(expansion.lead_time) * DAYS_PER_MONTH)
        at = np.maximum(drawn.calendar.minute(expansion.ordered) + lead, 0)
        yield at, np.floor(drawn.value(expansion.places) + 0.5).astype(np.int64)


def _shutdowns(plant: Plant, resource: Resource) -> list[Shutdown]:
    return [*plant.shutdowns.values(), *resource.shutdowns.values()]


def _windows(shutdown: Shutdown, calendar: Calendar) -> Iterator[tuple[int, int]]:
    """The minutes of a shutdown within the run, from and until; of a yearly one those of all
    years."""
    years = range(-1, calendar.years + 2) if shutdown.yearly == "yes" else range(1)
    base = calendar.start.year - shutdown.begin.year if shutdown.yearly == "yes" else 0
    for year in years:
        begin = _same_day(shutdown.begin, base + year)
        until = _same_day(shutdown.until, base + year)
        from_minute, until_minute = calendar.minute(begin), calendar.minute(until)
        if until_minute > 0 and from_minute < calendar.horizon:
            yield max(from_minute, 0), min(until_minute, calendar.horizon)


def _same_day(day: date, years: int) -> date:
    """The same day some years later; of 29 February the 28th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


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


def openings(scenario: Scenario, calendar: Calendar) -> tuple[Ints, Ints]:
    """Minutes at which allowed starts are set anew, int64[O], and to how many, int64[O, resource].

    A calendar of slots sets the number at each of its days; days of the week on which nothing
    starts set it to 0, and the first day after them lifts that."""
    resources = [r for plant in scenario.plants.values() for r in plant.resources.values()]
    settings: dict[int, dict[int, int]] = {}
    for index, resource in enumerate(resources):
        for minute, number in _opening(resource, calendar):
            settings.setdefault(minute, {})[index] = number
    time = np.asarray(sorted(settings), dtype=np.int64)
    table = np.full((time.size, len(resources)), AS_BEFORE, dtype=np.int64)
    for row, minute in enumerate(time.tolist()):
        for index, number in settings[minute].items():
            table[row, index] = number
    return time, table


def _opening(resource: Resource, calendar: Calendar) -> Iterator[tuple[int, int]]:
    if resource.slots is not None:
        first = resource.slots.begin or calendar.start
        step = timedelta(days=max(resource.slots.every_days, 1))
        day = first + step * max(0, -((first - calendar.start) // step))
        if day > calendar.start:
            yield 0, 0
        while calendar.minute(day) < calendar.horizon:
            yield calendar.minute(day), resource.slots.starts
            day += step
    elif resource.start_days and len(set(resource.start_days)) < len(WEEKDAYS):
        before: bool | None = None
        for number in range(calendar.horizon // (24 * 60)):
            day = calendar.start + timedelta(days=number)
            allowed = WEEKDAYS[day.weekday()] in resource.start_days
            if allowed != before and not (before is None and allowed):
                yield calendar.minute(day), UNLIMITED if allowed else 0
            before = allowed
