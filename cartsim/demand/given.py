"""Orders that are given instead of modelled: a fixed interval, or a number a month."""

from __future__ import annotations

from datetime import date

import numpy as np

from cartsim.demand.axes import by_month, by_replication
from cartsim.demand.months import Window, window
from cartsim.errors import Problem, ScenarioError
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.market import GivenOrders
from cartsim.scenario.values import Quantity, Series
from cartsim.units import Floats, Ints, minutes

HALF_A_PATIENT = 0.5 + 1e-9
"""An order is placed when the accumulated number passes a whole number less a half; the remainder
is what adding twelfths may be off by."""


def given_window(given: GivenOrders, launch: date, drawn: Drawn) -> Window:
    """When given orders are placed: from ``from`` (or the launch) on, before ``until``."""
    return window(drawn.calendar, given.begin or launch, given.until)


def number_a_month(number: Series, inside: Window, drawn: Drawn) -> Floats:
    """The given number of orders of each month as it stands, [R, M], whole or not.

    A month of which only a part lies inside the window has that part of its number.
    """
    shape = (len(drawn.replications), drawn.calendar.months)
    return np.broadcast_to(by_month(drawn, number) * inside.whole_month_share, shape)


def spaced_orders(given: GivenOrders, launch: date, drawn: Drawn) -> Ints:
    """The whole number of evenly spaced orders of each month, int64[R, M].

    Raises ``ScenarioError`` when the interval between orders is less than a minute.
    """
    inside = given_window(given, launch, drawn)
    if given.every_days is None:
        reached = np.ceil(_accumulated(given, inside, drawn) - HALF_A_PATIENT).astype(np.int64)
        return np.diff(np.maximum(reached, 0), axis=1)
    first = drawn.calendar.minute(given.begin or launch)
    step = _interval(given.every_days, drawn)
    counts = _orders_before(inside.end - first, step) - _orders_before(inside.start - first, step)
    return np.broadcast_to(counts, (len(drawn.replications), drawn.calendar.months))


def spaced_minutes(given: GivenOrders, launch: date, drawn: Drawn, orders: Ints) -> Ints:
    """The minutes of evenly spaced orders, int64[N], by replication and time; ``orders`` [R, M] are
    those of :func:`spaced_orders`."""
    counts = orders.sum(axis=1)
    inside = given_window(given, launch, drawn)
    replication = np.repeat(np.arange(counts.size), counts)
    number = np.arange(replication.size) - np.repeat(np.cumsum(counts) - counts, counts)
    if given.every_days is not None:
        first = drawn.calendar.minute(given.begin or launch)
        step = np.broadcast_to(_interval(given.every_days, drawn), (counts.size, 1))[:, 0]
        missed = _orders_before(int(inside.start[0]) - first, step)
        return np.asarray(first + (missed[replication] + number) * step[replication])
    accumulated = _accumulated(given, inside, drawn)
    months = np.broadcast_to(np.arange(orders.shape[1]), orders.shape)
    month = np.repeat(months.ravel(), orders.ravel())
    opening = accumulated[replication, month]
    through = (number + 0.5 - opening) / (accumulated[replication, month + 1] - opening)
    start, end = inside.start[month], inside.end[month]
    placed = start + np.floor(through * (end - start) + 0.5).astype(np.int64)
    return np.asarray(np.clip(placed, start, end - 1))


def _accumulated(given: GivenOrders, inside: Window, drawn: Drawn) -> Floats:
    """The given number up to each month's edge, [R, M + 1]."""
    assert given.per_month is not None  # the loader sees to it that one of two keys is there
    number = number_a_month(given.per_month, inside, drawn)
    return np.concatenate([np.zeros((number.shape[0], 1)), np.cumsum(number, axis=1)], axis=1)


def _interval(every_days: Quantity, drawn: Drawn) -> Ints:
    """Minutes between orders, [R, 1] or [1, 1]."""
    interval = minutes(by_replication(drawn, every_days))
    if np.any(interval < 1):
        message = "the interval between orders must be above 0"
        raise ScenarioError([Problem(message, every_days.path, every_days.position)])
    return interval


def _orders_before(elapsed: Ints | int, step: Ints) -> Ints:
    """How many of the orders at 0, step, 2 step, ... lie before a minute."""
    return np.asarray(np.maximum(-(-np.asarray(elapsed, dtype=np.int64) // step), 0))
