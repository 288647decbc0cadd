"""Supplies and disruptions: orders' lead times, and events that take places out of service."""

from __future__ import annotations

import numpy as np

from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Scenario
from cartsim.scenario.values import Quantity
from cartsim.units import MINUTES_PER_DAY, Floats, Ints, minutes


def whole(drawn: Drawn, quantity: Quantity, least: int = 0) -> Ints:
    """A quantity in whole units, halves up, int64[R]."""
    return np.maximum(np.floor(drawn.value(quantity) + 0.5).astype(np.int64), least)


def supplies(scenario: Scenario, drawn: Drawn, orders: int) -> tuple[Ints, Ints, Ints, Ints]:
    """``supply``, ``minimum``, ``quantity`` and ``lead`` of ``Journeys``, for so many orders."""
    rows = len(drawn.replications)
    names = list(scenario.supplies)
    stock, minimum, quantity = (np.zeros((rows, len(names)), dtype=np.int64) for _ in range(3))
    lead = np.zeros((rows, len(names), max(orders, 1)), dtype=np.int64)
    for index, supply in enumerate(scenario.supplies.values()):
        stock[:, index] = whole(drawn, supply.initial_stock)
        minimum[:, index] = whole(drawn, supply.minimum_stock)
        quantity[:, index] = whole(drawn, supply.order_quantity, least=1)
        lead[:, index] = minutes(drawn.by_index(supply.lead_time, max(orders, 1)))
    return stock, minimum, quantity, lead


def disruptions(scenario: Scenario, drawn: Drawn) -> tuple[Ints, Ints, Ints, Ints]:
    """``disruption_first``, ``_time``, ``_length`` and ``_kind`` of ``Journeys``."""
    rows = len(drawn.replications)
    parts: list[tuple[Ints, Ints, Ints, Ints]] = []
    kind = 0
    for plant in scenario.plants.values():
        for disruption in plant.disruptions.values():
            time = _times(disruption.path, disruption.per_year, drawn)
            row, number = np.nonzero(time < drawn.calendar.horizon)
            at = time[row, number].astype(np.int64)
            length = minutes(drawn.by_index(disruption.duration, max(time.shape[1], 1)))
            lasting = np.maximum(length[row, number], 1)
            parts.append((row.astype(np.int64), at, lasting, np.full(row.size, kind)))
            kind += 1
    none = np.zeros(0, dtype=np.int64)
    row, at, lasting, kinds = (
        np.concatenate([none, *(part[i] for part in parts)]) for i in range(4)
    )
    order = np.lexsort((kinds, at, row))
    first = np.searchsorted(row[order], np.arange(rows + 1))
    return first.astype(np.int64), at[order], lasting[order], kinds[order]


def _times(path: str, per_year: Quantity, drawn: Drawn) -> Floats:
    """Minutes of the events of a Poisson process, float64[R, n], past the horizon in each row."""
    year = 365.25 * MINUTES_PER_DAY
    rate = drawn.value(per_year)[:, None] / year
    size = 8
    while True:
        gaps = -np.log1p(-drawn.uniform(f"{path}.times", size))
        with np.errstate(divide="ignore"):
            time = np.where(rate > 0, np.cumsum(gaps, axis=1) / rate, np.inf)
        if (time[:, -1] >= drawn.calendar.horizon).all():
            return np.asarray(time)
        size *= 2
