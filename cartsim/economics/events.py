"""Which facts of the timelines are events that money or a measure asks about."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from cartsim.compiled import fixed
from cartsim.economics.reading import read_attempts
from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import NO_STEP, Kind, Plan, RoutePlan
from cartsim.simulation.timelines import (
    DISCARDED,
    IN_STOCK,
    INFUSED,
    INFUSED_OUT_OF_SPECIFICATION,
    LOST_MANUFACTURING,
    LOST_WAITING,
    Timelines,
)
from cartsim.units import NEVER, Flags, Ints

Events = tuple[Ints, Ints]
"""Parallel arrays (row, minute), one entry per event, in order of row and attempt; a row may have
several events of a kind (a second collection, say)."""
Code = TypeVar("Code", bound=np.generic)


class _Attempts(NamedTuple):
    """What :func:`~cartsim.economics.reading.read_attempts` reads; the flags in its order."""

    row: Ints
    last: Flags
    ended_badly: Flags
    exception: Flags
    delivered: Flags
    over: Flags


@dataclass(frozen=True)
class Records:
    """The facts of one block, asked for their events; N rows, A attempts as in ``Journeys``."""

    plan: Plan
    journeys: Journeys
    timelines: Timelines

    @property
    def market_names(self) -> tuple[str, ...]:
        """``product.market`` of every market of the plan, in its order."""
        return tuple(f"{self.plan.products[m.product]}.{m.name}" for m in self.plan.markets)

    @cached_property
    def replication(self) -> Ints:
        """The replication (of the block) of each row, int64[N]."""
        return np.repeat(np.arange(self.journeys.replications), np.diff(self.journeys.first))

    @property
    def row(self) -> Ints:
        """The row of each attempt, int64[A]."""
        return self._read.row

    @cached_property
    def route(self) -> Ints:
        """The route of each attempt, int64[A]."""
        return self.journeys.route[self.row]

    @property
    def last(self) -> Flags:
        """Which attempts are the last that was begun of their row, bool[A]."""
        return self._read.last

    @property
    def ended_badly(self) -> Flags:
        """Attempts of which a step failed, was rejected, disrupted or discarded, bool[A]."""
        return self._read.ended_badly

    @property
    def delivered(self) -> Flags:
        """Which attempts ended in a delivered dose, or in the release of a stock lot, bool[A]."""
        return self._read.delivered

    @property
    def over(self) -> Flags:
        """Attempts that failed, or were the last of a patient who is lost, bool[A]."""
        return self._read.over

    @cached_property
    def _read(self) -> _Attempts:
        attempts = self.timelines.result.shape[0]
        row, flags = np.empty(attempts, dtype=np.int64), np.empty((5, attempts), dtype=np.bool_)
        read_attempts(
            row,
            flags,
            DISCARDED,
            IN_STOCK,
            LOST_WAITING,
            LOST_MANUFACTURING,
            *fixed(
                self.journeys.attempt_first,
                self.timelines.attempt,
                self.journeys.route,
                self.timelines.state,
                self.timelines.result,
                self.steps("delivery"),
                self.of_kind(Kind.STOCK_LOT),
            ),
        )
        return _Attempts(row, *flags)

    @cached_property
    def wasted(self) -> Flags:
        """Attempts that ended without a delivery, bool[A]."""
        return self.over & ~self.delivered

    @cached_property
    def released_under_exception(self) -> Flags:
        """Attempts whose product is out of specification, bool[A]."""
        found = self._read.exception
        if self.plan.stocks:
            lots = np.zeros(self.journeys.route.size, dtype=np.bool_)
            lots[self.row[found]] = True
            source = self.timelines.source
            found = found | ((source >= 0) & lots[np.maximum(source, 0)])
        return found

    def steps(self, role: str) -> Ints:
        """The step of each route that has a role (``delivery``, say), or ``NO_STEP``."""
        return np.asarray([getattr(route, role) for route in self.plan.routes], dtype=np.int64)

    def of_kind(self, *kinds: Kind) -> Flags:
        """Which routes are of a kind, bool[route]."""
        return np.asarray([route.kind in kinds for route in self.plan.routes], dtype=np.bool_)

    @cached_property
    def delivered_at(self) -> Ints:
        """The minute at which each attempt's dose was delivered to a patient who was still there,
        int64[A]; -1: none."""
        delivery = self.steps("delivery")
        there = self.delivered & (delivery >= 0)[self.route]
        return np.where(there, self.at(delivery, self.timelines.end), -1)

    @cached_property
    def infused_at(self) -> Ints:
        """The minute at which each attempt's dose was infused, int64[A]; -1: none."""
        infusion = self.steps("infusion")
        return np.where((infusion >= 0)[self.route], self.at(infusion, self.timelines.start), -1)

    def deliveries(self) -> Events:
        """Ends of the delivery step that went well for a patient who was still there."""
        attempt = np.flatnonzero(self.delivered_at >= 0)
        return self.row[attempt], self.delivered_at[attempt]

    def infusions(self) -> Events:
        """Patients infused, at the start of the first infusion."""
        state = self.timelines.state
        row = np.flatnonzero((state == INFUSED) | (state == INFUSED_OUT_OF_SPECIFICATION))
        return row, self.timelines.left[row]

    def doses_made(self) -> Events:
        """Releases of stock lots, initial stocks apart; each stands for ``Timelines.made``
        doses."""
        row = np.flatnonzero((self.timelines.state == IN_STOCK) & (self.lot_number > 0))
        return row, self.timelines.left[row]

    def doses_expired(self) -> Events:
        """Expiries of stock lots; each stands for ``Timelines.expired`` doses."""
        row = np.flatnonzero(self.timelines.expired > 0)
        return row, np.minimum(self.timelines.left[row] + self.journeys.shelf_life[row], NEVER)

    def doses_taken(self) -> tuple[Ints, Ints]:
        """Attempts with a dose from stock, int64[n], and the minute at which it was taken."""
        attempt = np.flatnonzero(self.timelines.source >= 0)
        start = self.at(self.dose_steps, self.timelines.start)
        return attempt, start[attempt]

    def doses_lost(self) -> tuple[Ints, Ints]:
        """Attempts whose dose did not come to its patient, delivered or not, and when that was
        clear."""
        missed = (self.timelines.source >= 0) & self.over & (self.infused_at < 0)
        attempt = np.flatnonzero(missed)
        minute = self.timelines.end[attempt].max(axis=1, initial=-1)
        left = self.timelines.left[self.row[attempt]]
        return attempt, np.maximum(minute, np.where(minute < 0, left, minute))

    @cached_property
    def stock_changes(self) -> tuple[tuple[Ints, Ints, Ints], ...]:
        """Of each stock its changes: replication, minute and doses (+ in, - out), int64[n] each,
        in the order of the first two; those before the horizon."""
        number, timelines = len(self.plan.stocks), self.timelines
        begins = np.diff(self.journeys.lots_first[:, : number + 1], axis=1)
        stock = np.full(self.replication.size, -1, dtype=np.int64)
        stock[self.lot_number >= 0] = np.repeat(
            np.tile(np.arange(number), len(begins)), begins.ravel()
        )
        made = np.flatnonzero((stock >= 0) & (timelines.made > 0))
        gone, gone_at = self.doses_expired()
        attempt, taken_at = self.doses_taken()
        source = timelines.source[attempt]
        row = np.concatenate([made, gone, source])
        minute = np.concatenate([timelines.left[made], gone_at, taken_at])
        change = np.concatenate(
            [timelines.made[made], -timelines.expired[gone], np.full(source.size, -1)]
        )
        return tuple(
            self._in_order(self.replication[row[mine]], minute[mine], change[mine])
            for mine in (stock[row] == index for index in range(number))
        )

    @cached_property
    def supply_changes(self) -> tuple[tuple[Ints, Ints, Ints], ...]:
        """The same of each supply, in units: what is there at the start, deliveries and uses."""
        journeys, found = self.journeys, []
        for index in range(len(self.plan.consumables)):
            there = np.arange(journeys.replications)
            parts = [(there, np.zeros(there.size, dtype=np.int64), journeys.supply[:, index])]
            arrived = self.timelines.arrived[:, index]
            at, order = np.nonzero(arrived >= 0)
            parts.append((at, arrived[at, order], journeys.quantity[at, index]))
            for number, route in enumerate(self.plan.routes):
                for position, step in enumerate(route.steps):
                    units = dict(step.consumes).get(index, 0)
                    if units == 0:
                        continue
                    start = self.timelines.start[:, position]
                    used = np.flatnonzero((self.route == number) & (start >= 0))
                    of = self.replication[self.row[used]]
                    parts.append((of, start[used], np.full(used.size, -units)))
            at, minute, change = (np.concatenate(column) for column in zip(*parts, strict=True))
            found.append(self._in_order(at, minute, change))
        return tuple(found)

    def _in_order(self, replication: Ints, minute: Ints, change: Ints) -> tuple[Ints, Ints, Ints]:
        order = np.lexsort((minute, replication))
        order = order[minute[order] < self.plan.horizon]
        return replication[order], minute[order], change[order]

    @property
    def dose_steps(self) -> Ints:
        """The step of each route at which a dose is taken, or ``NO_STEP``."""
        found = [
            next((i for i, step in enumerate(route.steps) if step.dose), NO_STEP)
            for route in self.plan.routes
        ]
        return np.asarray(found, dtype=np.int64)

    @cached_property
    def lot_number(self) -> Ints:
        """Of each stock lot its number within replication and stock, 0 for the initial stock;
        -1 for patients, int64[N]."""
        number = np.full(self.journeys.route.size, -1, dtype=np.int64)
        for stock in range(len(self.plan.stocks)):
            first = self.journeys.lots_first[:, stock]
            count = self.journeys.lots_first[:, stock + 1] - first
            within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
            number[np.repeat(first, count) + within] = within
        return number

    def at(self, step_of_route: Ints, facts: npt.NDArray[Code]) -> npt.NDArray[Code]:
        """The facts ``[A, S]`` at one step of each route, ``[A]``; any where a route has none."""
        if facts.shape[1] == 0:  # a company without products
            return np.zeros(len(facts), dtype=facts.dtype)
        steps = np.maximum(step_of_route, 0)
        if steps.size == 1 or (steps == steps[:1]).all():
            return facts[:, int(steps[0]) if steps.size else 0]
        return facts[np.arange(facts.shape[0]), steps[self.route]]


def first_production(route: RoutePlan) -> int:
    """The first production step of a route, or ``NO_STEP``."""
    steps = enumerate(route.steps)
    return next((i for i, step in steps if step.role == "production"), NO_STEP)
