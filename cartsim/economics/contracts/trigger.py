"""When something that happens once is due."""

from __future__ import annotations

import numpy as np

from cartsim.demand.launch import launched_at
from cartsim.economics.contracts.setting import Setting
from cartsim.scenario.contracts import Trigger
from cartsim.units import DAYS_PER_MONTH, Calendar, Flags, Floats, minutes

YEAR = 12
"""Months of trailing net sales."""


def due(when: Trigger, setting: Setting) -> Flags:
    """The month in which a trigger is met and its payment due, bool[R, month]; each row holds at
    most one True. What is met before the run, or due after it, is not due in it."""
    met = _met(when, setting)
    if when.until is not None:
        met &= setting.calendar.month_start[1:] <= setting.calendar.minute(when.until)
    if when.probability.constant != 1.0:
        chance = setting.drawn.uniform(f"{when.path}.probability.comes")
        met &= (chance < setting.drawn.value(when.probability))[:, None]
    if when.delay_months.constant == 0.0 or when.date is not None:
        return met
    later = np.floor(setting.drawn.value(when.delay_months) + 0.5).astype(np.int64)
    row, month = np.nonzero(met)
    month = month + later[row]
    inside = month < met.shape[1]
    delayed = np.zeros_like(met)
    delayed[row[inside], month[inside]] = True
    return delayed


def _met(when: Trigger, setting: Setting) -> Flags:
    drawn, calendar = setting.drawn, setting.calendar
    if when.date is not None:
        minute = np.full(setting.shape[0], calendar.minute(when.date))
        if when.delay_months.constant != 0.0:
            minute = minute + minutes(drawn.value(when.delay_months) * DAYS_PER_MONTH)
        return _in_month(calendar, minute)
    if when.annual_net_sales_above is not None:
        return first_passing(calendar, setting.net_sales, drawn.value(when.annual_net_sales_above))
    if when.trailing_net_sales_above is not None:
        total = np.cumsum(setting.net_sales, axis=1)
        total[:, YEAR:] = total[:, YEAR:] - total[:, :-YEAR]
        return first(total > drawn.value(when.trailing_net_sales_above)[:, None])
    if when.cumulative_net_sales_above is not None:
        total = np.cumsum(setting.net_sales, axis=1)
        return first(total > drawn.value(when.cumulative_net_sales_above)[:, None])
    if when.orders_above is not None:
        return first(np.cumsum(setting.counted("orders"), axis=1) > when.orders_above)
    if when.first_sale is not None:
        return first(sum((s.doses for s in setting.covered), np.zeros(setting.shape)) > 0)
    launches = []
    for market in setting.markets:
        product, _, name = market.partition(".")
        owner = setting.deals.scenario.products[product]
        minute = launched_at(owner, owner.markets[name], drawn)[:, 0]
        launches.append(np.broadcast_to(minute, setting.shape[:1]))
    return _in_month(calendar, np.min(launches, axis=0))


def _in_month(calendar: Calendar, minute: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Flags:
    """The month that holds each minute, bool[R, month]."""
    opening, closing = calendar.month_start[:-1], calendar.month_start[1:]
    inside: Flags = (minute[:, None] >= opening) & (minute[:, None] < closing)
    return inside


def first(flags: Flags) -> Flags:
    """The first True of each row alone, bool[R, month]."""
    found = np.zeros_like(flags)
    row = np.flatnonzero(flags.any(axis=1))
    found[row, flags[row].argmax(axis=1)] = True
    return found


def first_passing(calendar: Calendar, sales: Floats, level: Floats) -> Flags:
    """The month in which sales of a calendar year first exceed a level, bool[R, month].

    ``sales`` is float64[R, month], ``level`` float64[R]; each row holds at most one True. Sales of
    the first calendar year from before the run are not known and count as none.
    """
    return first(in_year(calendar, sales) > level[:, None])


def in_year(calendar: Calendar, sales: Floats) -> Floats:
    """Sales since the beginning of the calendar year, at the end of each month."""
    cumulative = np.empty_like(sales)
    for year in calendar.months_of_years:
        np.cumsum(sales[:, year], axis=1, out=cumulative[:, year])
    return cumulative
