"""From facts in minutes to cells of a table: one per market, replication and calendar month."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cartsim.simulation.plan import Journeys, Plan
from cartsim.units import MINUTES_PER_DAY, Calendar, Floats, Ints


@dataclass(frozen=True)
class Grid:
    """Sorts the facts of N patients into tables ``[market, replication, month]``.

    ``replication`` and ``market`` are int64[N]. A minute that is negative or not before the
    horizon falls into no cell.
    """

    calendar: Calendar
    markets: int
    replications: int
    replication: Ints
    market: Ints

    @classmethod
    def of(cls, calendar: Calendar, plan: Plan, journeys: Journeys) -> Grid:
        """The grid of a block."""
        patients = np.diff(journeys.first)
        replication = np.repeat(np.arange(patients.size, dtype=np.int64), patients)
        return cls(calendar, len(plan.markets), patients.size, replication, journeys.market)

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.markets, self.replications, self.calendar.months

    @cached_property
    def _month_of_day(self) -> Ints:
        # One look-up by day: far quicker than a search among the months for every fact.
        days = np.diff(self.calendar.month_start) // MINUTES_PER_DAY
        return np.repeat(np.arange(self.calendar.months, dtype=np.int64), days)

    def month(self, minute: Ints) -> Ints:
        """Index of the month that holds each minute; every minute must lie within the run."""
        return self._month_of_day[minute // MINUTES_PER_DAY]

    def table(self, patient: Ints, minute: Ints, weights: Floats | None = None) -> Floats:
        """Number (or summed weight) of the facts in each cell, float64[market, replication, month].

        ``patient``, ``minute`` and ``weights`` are parallel: one entry per fact.
        """
        inside = (minute >= 0) & (minute < self.calendar.horizon)
        if not inside.all():
            patient, minute = patient[inside], minute[inside]
            weights = weights[inside] if weights is not None else None
        row = self.market[patient] * self.replications + self.replication[patient]
        cell = row * self.calendar.months + self.month(minute)
        table = np.bincount(cell, weights=weights, minlength=int(np.prod(self.shape)))
        return table.astype(np.float64, copy=False).reshape(self.shape)
