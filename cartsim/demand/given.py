"""Orders that are given instead of modelled: a fixed interval, or a number a month."""

from __future__ import annotations

from datetime import date

import numpy as np

from cartsim.demand.axes import by_month, by_replication
from cartsim.demand.months import Window, window
from cartsim.demand.requirements import exactly_one, required
from cartsim.errors import Problem, ScenarioError
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import GivenOrders
from cartsim.units import Floats, Ints, minutes

HALF_A_PATIENT = 0.5 + 1e-9
"""An order is placed when the accumulated number passes a whole number less a half; the remainder
is what adding twelfths may be off by."""


def given_window(given: GivenOrders, launch: date, drawn: Drawn) -> Window:
    """When given orders are placed: from ``from`` (or the launch) through the day ``until``."""
    return window(drawn.calendar, given.begin or launch, given.until)


def given_number(given: GivenOrders, launch: date, drawn: Drawn) -> Floats:
    """The given number of orders of each month as it stands, [R, M], whole or not.

    A month of which only a part lies between ``from`` and ``until`` has that part of its number.
    Raises ``ScenarioError`` unless exactly one of ``every_days`` and ``per_month`` is given.
    """
    kind = exactly_one(given, "every_days", "per_month")
    inside = given_window(given, launch, drawn)
    if given.per_month is not None:
        number = by_month(drawn, given.per_month) * inside.whole_month_share
    else:
        length = (inside.end - inside.start).astype(np.float64)
        number = length / _interval(given, kind, drawn)
    return np.broadcast_to(number, (len(drawn.replications), drawn.calendar.months))


def spaced_orders(given: GivenOrders, launch: date, drawn: Drawn) -> Ints:
    """The whole number of evenly spaced orders of each month, int64[R, M]."""
    if given.per_month is not None:
        reached = np.ceil(_accumulated(given, launch, drawn) - HALF_A_PATIENT).astype(np.int64)
        return np.diff(np.maximum(reached, 0), axis=1)
    inside = given_window(given, launch, drawn)
    first = drawn.calendar.minute(given.begin or launch)
    step = _interval(given, "every_days", drawn)
    counts = _orders_before(inside.end - first, step) - _orders_before(inside.start - first, step)
    return np.broadcast_to(counts, (len(drawn.replications), drawn.calendar.months))


def spaced_minutes(given: GivenOrders, launch: date, drawn: Drawn, orders: Ints) -> Ints:
    """The minutes of evenly spaced orders, int64[N], by replication and time; ``orders`` [R, M] are
    those of :func:`spaced_orders`."""
    counts = orders.sum(axis=1)
    inside = given_window(given, launch, drawn)
    replication = np.repeat(np.arange(counts.size), counts)
    number = np.arange(replication.size) - np.repeat(np.cumsum(counts) - counts, counts)
    if given.per_month is None:
        first = drawn.calendar.minute(given.begin or launch)
        step = np.broadcast_to(_interval(given, "every_days", drawn), (counts.size, 1))[:, 0]
        skipped = _orders_before(int(inside.start[0]) - first, step)
        return np.asarray(first + (skipped[replication] + number) * step[replication])
    accumulated = _accumulated(given, launch, drawn)
    month = np.repeat(
        np.broadcast_to(np.arange(orders.shape[1]), orders.shape).ravel(), orders.ravel()
    )
    opening = accumulated[replication, month]
    through = (number + 0.5 - opening) / (accumulated[replication, month + 1] - opening)
    start, end = inside.start[month], inside.end[month]
    placed = start + np.floor(through * (end - start) + 0.5).astype(np.int64)
    return np.asarray(np.clip(placed, start, end - 1))


def _accumulated(given: GivenOrders, launch: date, drawn: Drawn) -> Floats:
    """The given number up to each month's edge, [R, M + 1]."""
    number = given_number(given, launch, drawn)
    return np.concatenate([np.zeros((number.shape[0], 1)), np.cumsum(number, axis=1)], axis=1)


def _interval(given: GivenOrders, kind: str, drawn: Drawn) -> Ints:
    """Minutes between orders, [R, 1] or [1, 1]."""
    every = required(given.every_days, given, kind, "orders are given by their interval")
    interval = minutes(by_replication(drawn, every))
    if np.any(interval < 1):
        raise ScenarioError(
            [Problem("the interval between orders must be above 0", every.path, every.position)]
        )
    return interval


def _orders_before(elapsed: Ints | int, step: Ints) -> Ints:
    """How many of the orders at 0, step, 2 step, ... lie before a minute."""
    return np.asarray(np.maximum(-(-np.asarray(elapsed, dtype=np.int64) // step), 0))
