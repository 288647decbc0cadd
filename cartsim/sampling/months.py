"""Series in time, month by month.

One rule for each form of a series, for a month that it does not fill evenly:

- years: a month has the value of its calendar year, of the last year before it that is given, or
  of the first one given;
- steps: a month in which a step falls has the mean of its values, weighted by days;
- ramp and growth: a month has the value at its middle. The logistic ramp is scaled so that it
  meets both of its ends; growth compounds from the start of the run.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from cartsim.scenario.values import ByYear, Flat, Growth, Quantity, Ramp, Series, Steps
from cartsim.units import Calendar, Floats, Ints

Values = Callable[[Quantity], Floats]
"""The value [R] of a quantity in each replication."""
STEEPNESS = 10.0
"""Of the logistic ramp: the middle 90% of the rise take 59% of the time."""


def by_month(series: Series, calendar: Calendar, values: Values) -> Floats:
    """The value of a series in each month, [R, M]; a rate a year stays a rate a year."""
    form = series.form
    if isinstance(form, Flat):
        level = values(form.level)
        return np.broadcast_to(level[:, None], (level.size, calendar.months))
    if isinstance(form, ByYear):
        return _by_year(form, calendar, values)
    if isinstance(form, Steps):
        return _steps(form, calendar, values)
    if isinstance(form, Ramp):
        share = ramp_share(form, calendar)
        start, end = values(form.start)[:, None], values(form.end)[:, None]
        return np.asarray(start * (1.0 - share) + end * share)
    return _growth(form, calendar, values)


def ramp_share(ramp: Ramp, calendar: Calendar) -> Floats:
    """Which share of the way from start to end a ramp has gone at the middle of each month, [M]."""
    length = (ramp.finish - ramp.begin).days
    bounds = _days(calendar, ramp.begin)
    middle = 0.5 * (bounds[:-1] + bounds[1:])
    if length <= 0:
        return np.where(middle < 0, 0.0, 1.0)
    share = np.clip(middle / length, 0.0, 1.0)
    if ramp.shape == "linear":
        return np.asarray(share)
    curve = 1.0 / (1.0 + np.exp(-STEEPNESS * (share - 0.5)))
    lowest = 1.0 / (1.0 + np.exp(0.5 * STEEPNESS))
    return np.asarray(np.clip((curve - lowest) / (1.0 - 2.0 * lowest), 0.0, 1.0))


def _by_year(form: ByYear, calendar: Calendar, values: Values) -> Floats:
    years = np.asarray([year for year, _ in form.years])
    entry = np.maximum(np.searchsorted(years, calendar.year_of_month, side="right") - 1, 0)
    return _pick([quantity for _, quantity in form.years], entry, values)


def _steps(form: Steps, calendar: Calendar, values: Values) -> Floats:
    bounds = _days(calendar, calendar.start)
    starts = np.asarray([(day - calendar.start).days for day, _ in form.steps])
    starts[0] = min(starts[0], 0)
    # the entry that holds at the end of each month; a month that sees a change is then mixed
    entry = np.searchsorted(starts, bounds[1:] - 1, side="right") - 1
    first = np.searchsorted(starts, bounds[:-1], side="right") - 1
    quantities = [quantity for _, quantity in form.steps]
    level = _pick(quantities, entry, values)
    changing = np.flatnonzero(first != entry)
    if changing.size == 0:
        return level
    level = np.array(level)
    for month in changing:
        begin, end = bounds[month], bounds[month + 1]
        mean = np.zeros(len(level))
        for index in range(first[month], entry[month] + 1):
            until = min(starts[index + 1], end) if index + 1 < starts.size else end
            days = until - max(starts[index], begin)
            mean = mean + values(quantities[index]) * (days / (end - begin))
        level[:, month] = mean
    return level


def _growth(form: Growth, calendar: Calendar, values: Values) -> Floats:
    yearly = 1.0 + by_month(form.growth, calendar, values)
    length = calendar.month_years
    whole = np.cumprod(yearly**length, axis=1)
    before = np.concatenate([np.ones((len(whole), 1)), whole[:, :-1]], axis=1)
    return np.asarray(values(form.start)[:, None] * before * yearly ** (0.5 * length))


def _pick(quantities: list[Quantity], entry: Ints, values: Values) -> Floats:
    """The value of the entry that holds in each month; entries that hold in none are not drawn."""
    used, place = np.unique(entry, return_inverse=True)
    columns = np.stack([values(quantities[index]) for index in used], axis=1)
    return columns[:, place]


def _days(calendar: Calendar, origin: date) -> Ints:
    """Days from a date to the beginning of each month, and to the end of the last, [M + 1]."""
    return np.asarray([(first - origin).days for first in calendar.month_first], dtype=np.int64)
