"""From facts in minutes to cells of a table: by group, replication and calendar month.

A *group* is a market, or a product's stock lots, which are made for no market.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cartsim.economics.tally import add_facts
from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import Plan
from cartsim.units import Calendar, Floats, Ints


@dataclass(frozen=True)
class Grid:
    """Sorts the facts of N rows into tables ``[group, replication, month]``.

    ``replication`` and ``group`` are int64[N]; ``groups`` names them: ``product.market`` of the
    markets, then ``product`` for the lots of each stock. A minute that is negative or not before
    the horizon falls into no cell.
    """

    calendar: Calendar
    groups: tuple[str, ...]
    replications: int
    replication: Ints
    group: Ints

    @classmethod
    def of(cls, calendar: Calendar, plan: Plan, journeys: Journeys) -> Grid:
        """The grid of a block."""
        rows = np.diff(journeys.first)
        replication = np.repeat(np.arange(rows.size, dtype=np.int64), rows)
        markets = [f"{plan.products[m.product]}.{m.name}" for m in plan.markets]
        groups = (*markets, *(stock.product for stock in plan.stocks))
        group = journeys.market
        if plan.stocks:
            stock = np.asarray([route.stock for route in plan.routes], dtype=np.int64)
            group = np.where(group >= 0, group, len(markets) + stock[journeys.route])
        return cls(calendar, groups, rows.size, replication, group)

    @property
    def shape(self) -> tuple[int, int, int]:
        return len(self.groups), self.replications, self.calendar.months

    @cached_property
    def first_cell(self) -> Ints:
        """The cell, in a flat table, of the first month of each row, int64[N]."""
        return (self.group * self.replications + self.replication) * self.calendar.months

    def table(self, row: Ints, minute: Ints, weights: Floats | None = None) -> Floats:
        """Number (or summed weight) of the facts in each cell, float64[group, replication, month].

        ``row``, ``minute`` and ``weights`` are parallel: one entry per fact.
        """
        total = np.zeros(int(np.prod(self.shape)))
        add_facts(
            total,
            self.first_cell,
            np.ascontiguousarray(row),  # so that one form is compiled
            np.ascontiguousarray(minute),
            np.ascontiguousarray(np.zeros(0) if weights is None else weights),
            self.calendar.month_of_day,
        )
        return total.reshape(self.shape)
