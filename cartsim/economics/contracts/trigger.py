"""When something that happens once is due."""

from __future__ import annotations

import math

import numpy as np

from cartsim.demand.launch import first_launch
from cartsim.economics.contracts.setting import Setting
from cartsim.economics.tables import nothing, total
from cartsim.scenario.contracts import Trigger
from cartsim.units import DAYS_PER_MONTH, Calendar, Floats, Ints, minutes

YEAR = 12
"""Months of trailing net sales."""
NEVER_DUE = -1
NOT_MET = -(2**61)
"""A minute from which no delay leads into a run."""


def due(when: Trigger, setting: Setting) -> Ints:
    """The month in which a trigger is met and its payment due, int64[R]; ``NEVER_DUE`` where it is
    not. What is met before the run, or due after it, is not due in it."""
    drawn, calendar = setting.drawn, setting.calendar
    met = _met(when, setting)
    if when.until is not None:
        met = np.where(met < calendar.minute(when.until), met, NOT_MET)
    if when.probability.constant != 1.0:
        chance = drawn.uniform(f"{when.path}.probability.comes")
        met = np.where(chance < drawn.value(when.probability), met, NOT_MET)
    if when.delay_months.constant == 0.0:
        return _in_month(calendar, met)
    delay = drawn.value(when.delay_months)
    if when.date is not None:
        return _in_month(calendar, met + minutes(delay * DAYS_PER_MONTH))
    month = _in_month(calendar, met)
    later = month + np.floor(delay + 0.5).astype(np.int64)
    return np.where((month >= 0) & (later < calendar.months), later, NEVER_DUE)


def once(month: Ints, amount: Floats, shape: tuple[int, int]) -> Floats:
    """Amounts, float64[R], in the month of each, float64[R, month]."""
    row = np.flatnonzero(month >= 0)
    if row.size == 0:
        return nothing(shape)
    table = np.zeros(shape)
    table[row, month[row]] = amount[row]
    return table


def _met(when: Trigger, setting: Setting) -> Ints:
    """The minute at which a trigger is met, int64[R]; ``NOT_MET`` where it is not. Sales are known
    by the month only: what they pass in a month they pass in its middle."""
    drawn, calendar = setting.drawn, setting.calendar
    if when.date is not None:
        return np.full(setting.shape[0], calendar.minute(when.date))
    if when.orders_above is not None:
        return _order(setting, math.floor(when.orders_above) + 1)
    if when.first_sale is not None:
        return first_sale(setting)
    if when.annual_net_sales_above is not None:
        level = drawn.value(when.annual_net_sales_above)
        return _middle(calendar, first_above(setting.net_sales_of_year, level))
    if when.trailing_net_sales_above is not None:
        trailing = np.array(setting.net_sales_to_date)
        trailing[:, YEAR:] -= setting.net_sales_to_date[:, :-YEAR]
        level = drawn.value(when.trailing_net_sales_above)
        return _middle(calendar, first_above(trailing, level))
    if when.cumulative_net_sales_above is not None:
        level = drawn.value(when.cumulative_net_sales_above)
        return _middle(calendar, first_above(setting.net_sales_to_date, level))
    launched = first_launch(setting.deals.scenario, setting.markets, drawn)
    return np.broadcast_to(launched[:, 0], setting.shape[:1])


def first_sale(setting: Setting) -> Ints:
    """The minute of the first dose that is sold and charged for in the covered markets, int64[R];
    ``NOT_MET`` where none is."""
    doses = total((sales.doses for sales in setting.covered), setting.shape)
    month = first_above(doses, np.zeros(setting.shape[0]))
    row, minute = setting.deals.recognised
    replication = setting.deals.grid.replication[row]
    begins = setting.calendar.month_start[:-1][month[replication]]
    there = setting.covered_rows[row] & (month[replication] >= 0) & (minute >= begins)
    found = np.full(setting.shape[0], setting.calendar.horizon)
    np.minimum.at(found, replication[there], minute[there])
    return np.where(month >= 0, found, NOT_MET)


def _order(setting: Setting, number: int) -> Ints:
    """The minute of the order of that number in the covered markets, int64[R]; ``NOT_MET`` where
    there are fewer."""
    journeys = setting.deals.records.journeys
    so_far = np.concatenate([[0], np.cumsum((journeys.order >= 0) & setting.covered_rows)])
    # rows of a replication are in order of time, so it is the first one at which so many are there
    row = np.searchsorted(so_far, so_far[journeys.first[:-1]] + number) - 1
    there = row < journeys.first[1:]
    found = np.full(setting.shape[0], NOT_MET)
    found[there] = journeys.order[row[there]]
    return found


def _middle(calendar: Calendar, month: Ints) -> Ints:
    """The minute in the middle of each month."""
    start = calendar.month_start
    return np.where(month >= 0, (start[:-1][month] + start[1:][month]) // 2, NOT_MET)


def _in_month(calendar: Calendar, minute: Ints) -> Ints:
    """The month that holds each minute; ``NEVER_DUE`` of one outside the run."""
    inside = (minute >= 0) & (minute < calendar.horizon)
    return np.where(inside, calendar.month_of_minute(np.maximum(minute, 0)), NEVER_DUE)


def first_above(table: Floats, level: Floats) -> Ints:
    """The first month in which a table, float64[R, month], is above a level, float64[R]."""
    above = table > level[:, None]
    month = above.argmax(axis=1)
    return np.where(above[np.arange(len(above)), month], month, NEVER_DUE)
