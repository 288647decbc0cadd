"""When something that happens once is due."""

from __future__ import annotations

import numpy as np

from cartsim.demand.launch import launched_at
from cartsim.economics.contracts.setting import Setting
from cartsim.economics.tables import nothing, running, total
from cartsim.scenario.contracts import Trigger
from cartsim.units import DAYS_PER_MONTH, Calendar, Floats, Ints, minutes

YEAR = 12
"""Months of trailing net sales."""
NEVER_DUE = -1


def due(when: Trigger, setting: Setting) -> Ints:
    """The month in which a trigger is met and its payment due, int64[R]; ``NEVER_DUE`` where it is
    not. What is met before the run, or due after it, is not due in it."""
    month = _met(when, setting)
    if when.until is not None:
        ends = setting.calendar.month_start[1:][month]
        month = np.where(ends <= setting.calendar.minute(when.until), month, NEVER_DUE)
    if when.probability.constant != 1.0:
        chance = setting.drawn.uniform(f"{when.path}.probability.comes")
        month = np.where(chance < setting.drawn.value(when.probability), month, NEVER_DUE)
    if when.delay_months.constant == 0.0 or when.date is not None:
        return month
    later = month + np.floor(setting.drawn.value(when.delay_months) + 0.5).astype(np.int64)
    return np.where((month >= 0) & (later < setting.calendar.months), later, NEVER_DUE)


def once(month: Ints, amount: Floats, shape: tuple[int, int]) -> Floats:
    """Amounts, float64[R], in the month of each, float64[R, month]."""
    row = np.flatnonzero(month >= 0)
    if row.size == 0:
        return nothing(shape)
    table = np.zeros(shape)
    table[row, month[row]] = amount[row]
    return table


def _met(when: Trigger, setting: Setting) -> Ints:
    drawn, calendar = setting.drawn, setting.calendar
    if when.date is not None:
        minute = np.full(setting.shape[0], calendar.minute(when.date))
        if when.delay_months.constant != 0.0:
            minute = minute + minutes(drawn.value(when.delay_months) * DAYS_PER_MONTH)
        return _in_month(calendar, minute)
    if when.annual_net_sales_above is not None:
        level = drawn.value(when.annual_net_sales_above)
        return first_above(setting.net_sales_of_year, level)
    if when.trailing_net_sales_above is not None:
        trailing = np.array(setting.net_sales_to_date)
        trailing[:, YEAR:] -= setting.net_sales_to_date[:, :-YEAR]
        return first_above(trailing, drawn.value(when.trailing_net_sales_above))
    if when.cumulative_net_sales_above is not None:
        level = drawn.value(when.cumulative_net_sales_above)
        return first_above(setting.net_sales_to_date, level)
    if when.orders_above is not None:
        orders = running(setting.counted("orders"))
        return first_above(orders, np.full(setting.shape[0], float(when.orders_above)))
    if when.first_sale is not None:
        doses = total((s.doses for s in setting.covered), setting.shape)
        return first_above(doses, np.zeros(setting.shape[0]))
    launches = []
    for market in setting.markets:
        product, _, name = market.partition(".")
        owner = setting.deals.scenario.products[product]
        minute = launched_at(owner, owner.markets[name], drawn)[:, 0]
        launches.append(np.broadcast_to(minute, setting.shape[:1]))
    return _in_month(calendar, np.min(launches, axis=0))


def _in_month(calendar: Calendar, minute: Ints) -> Ints:
    """The month that holds each minute; ``NEVER_DUE`` of one outside the run."""
    inside = (minute >= 0) & (minute < calendar.horizon)
    return np.where(inside, calendar.month_of_minute(np.maximum(minute, 0)), NEVER_DUE)


def first_above(table: Floats, level: Floats) -> Ints:
    """The first month in which a table, float64[R, month], is above a level, float64[R]."""
    above = table > level[:, None]
    month = above.argmax(axis=1)
    return np.where(above[np.arange(len(above)), month], month, NEVER_DUE)
