"""Which facts of the timelines are events that money or a measure asks about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import NO_STEP, Codes, Kind, Plan, RoutePlan
from cartsim.simulation.timelines import (
    DISCARDED,
    DISRUPTED,
    IN_STOCK,
    INFUSED,
    INFUSED_OUT_OF_SPECIFICATION,
    LOST_MANUFACTURING,
    LOST_WAITING,
    WENT_ELSEWHERE,
    Timelines,
)
from cartsim.units import NEVER, Ints

Events = tuple[Ints, Ints]
"""Parallel arrays (row, minute), one entry per event, in order of row and attempt; a row may have
several events of a kind (a second collection, say)."""
Flags = npt.NDArray[np.bool_]
Code = TypeVar("Code", bound=np.generic)


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

    @cached_property
    def row(self) -> Ints:
        """The row of each attempt, int64[A]."""
        return np.repeat(np.arange(self.journeys.route.size), np.diff(self.journeys.attempt_first))

    @cached_property
    def route(self) -> Ints:
        """The route of each attempt, int64[A]."""
        return self.journeys.route[self.row]

    @cached_property
    def last(self) -> Flags:
        """Which attempts are the last that was begun of their row, bool[A]."""
        found = np.zeros(self.row.size, dtype=np.bool_)
        has = np.diff(self.journeys.attempt_first) > 0
        found[(self.journeys.attempt_first[:-1] + self.timelines.attempt)[has]] = True
        return found

    @cached_property
    def ended_badly(self) -> Flags:
        """Attempts of which a step failed, was rejected, disrupted or discarded, bool[A]."""
        result = self.timelines.result
        bad = (((result & 1) == 1) & (result > 0)) | (result <= DISCARDED)
        return _any_step(bad)

    @cached_property
    def delivered(self) -> Flags:
        """Which attempts ended in a delivered dose, or in the release of a stock lot, bool[A]."""
        result = self.at([route.delivery for route in self.plan.routes], self.timelines.result)
        good: Flags = (result >= 0) & ((result & 1) == 0) & self._has("delivery")
        released = self.of_kind(Kind.STOCK_LOT)[self.route] & self.last
        return np.where(released, (self.timelines.state == IN_STOCK)[self.row], good)

    @cached_property
    def wasted(self) -> Flags:
        """Attempts that ended without a delivery, bool[A]."""
        return self.over & ~self.delivered

    @cached_property
    def over(self) -> Flags:
        """Attempts that failed, or were the last of a patient who is lost, bool[A]."""
        lost = among(self.timelines.state, LOST_WAITING, LOST_MANUFACTURING)
        found: Flags = self.ended_badly | (lost[self.row] & self.last)
        return found

    @cached_property
    def released_under_exception(self) -> Flags:
        """Attempts whose product is out of specification, bool[A]."""
        own = ((self.timelines.result & 3) == 2) & (self.timelines.result > 0)
        found = _any_step(own)
        if self.plan.stocks:
            lots = np.zeros(self.journeys.route.size, dtype=np.bool_)
            lots[self.row[found]] = True
            source = self.timelines.source
            found = found | ((source >= 0) & lots[np.maximum(source, 0)])
        return found

    def of_kind(self, *kinds: Kind) -> Flags:
        """Which routes are of a kind, bool[route]."""
        return np.asarray([route.kind in kinds for route in self.plan.routes], dtype=np.bool_)

    def orders(self) -> Events:
        """Orders: one per patient."""
        row = np.flatnonzero(self.journeys.order >= 0)
        return row, self.journeys.order[row]

    def collections(self) -> Events:
        """Starts of the collection step (apheresis)."""
        return self.starts([route.collection for route in self.plan.routes])

    def lots_started(self) -> Events:
        """Starts of the first production step of each attempt at a lot."""
        return self.starts([first_production(route) for route in self.plan.routes])

    def lots_failed(self) -> Events:
        """Ends of the steps at which an attempt at a lot failed or was rejected or disrupted."""
        of_lots = self.of_kind(Kind.AUTOLOGOUS, Kind.STOCK_LOT)[self.route]
        which = np.flatnonzero(self.ended_badly & of_lots)
        result = self.timelines.result[which]
        attempt, step = np.nonzero((((result & 1) == 1) & (result > 0)) | (result == DISRUPTED))
        attempt = which[attempt]
        return self.row[attempt], self.timelines.end[attempt, step]

    def deliveries(self) -> Events:
        """Ends of the delivery step that went well for a patient who was still there."""
        return self._deliveries

    @cached_property
    def _deliveries(self) -> Events:
        attempt = np.flatnonzero(self.delivered & self._has("delivery"))
        end = self.at([route.delivery for route in self.plan.routes], self.timelines.end)
        return self.row[attempt], end[attempt]

    def infusions(self) -> Events:
        """Patients infused, at the start of the first infusion."""
        return self._in_state(INFUSED, INFUSED_OUT_OF_SPECIFICATION)

    def doses_infused(self) -> Events:
        """Starts of the infusion step, of every dose."""
        return self.starts([route.infusion for route in self.plan.routes])

    def infusions_out_of_specification(self) -> Events:
        """Patients whose first dose was out of specification."""
        return self._in_state(INFUSED_OUT_OF_SPECIFICATION)

    def lost_waiting(self) -> Events:
        """Patients who died or withdrew, when they left."""
        return self._in_state(LOST_WAITING)

    def lost_manufacturing(self) -> Events:
        """Patients for whom no lot could be made, when the last attempt failed."""
        row, minute = self._in_state(LOST_MANUFACTURING)
        patients = self.journeys.order[row] >= 0
        return row[patients], minute[patients]

    def went_elsewhere(self) -> Events:
        """Patients who did not accept the wait that they were quoted."""
        return self._in_state(WENT_ELSEWHERE)

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
        infused = self.at([route.infusion for route in self.plan.routes], self.timelines.start)
        attempt = np.flatnonzero((self.timelines.source >= 0) & self.over & (infused < 0))
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
        order = np.lexsort((minute, self.replication[row]))
        order = order[minute[order] < self.plan.horizon]
        row, minute, change = row[order], minute[order], change[order]
        return tuple(
            (self.replication[row[mine]], minute[mine], change[mine])
            for mine in (stock[row] == index for index in range(number))
        )

    @property
    def dose_steps(self) -> list[int]:
        """The step of each route at which a dose is taken."""
        return [
            next((i for i, step in enumerate(route.steps) if step.dose), NO_STEP)
            for route in self.plan.routes
        ]

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

    def starts(self, step_of_route: list[int]) -> Events:
        """Starts of one step of each route."""
        start = self.at(step_of_route, self.timelines.start)
        there = np.asarray(step_of_route, dtype=np.int64)[self.route] >= 0
        attempt = np.flatnonzero((start >= 0) & there)
        return self.row[attempt], start[attempt]

    def at(self, step_of_route: list[int], facts: npt.NDArray[Code]) -> npt.NDArray[Code]:
        """The facts ``[A, S]`` at one step of each route, ``[A]``; any where a route has none."""
        if facts.shape[1] == 0:  # a company without products
            return np.zeros(len(facts), dtype=facts.dtype)
        steps = np.maximum(np.asarray(step_of_route, dtype=np.int64), 0)
        if steps.size == 1 or (steps == steps[:1]).all():
            return facts[:, int(steps[0]) if steps.size else 0]
        return facts[np.arange(facts.shape[0]), steps[self.route]]

    def _has(self, role: str) -> Flags:
        found = np.asarray([getattr(r, role) != NO_STEP for r in self.plan.routes], dtype=np.bool_)
        chosen: Flags = found[self.route]
        return chosen

    def _in_state(self, *states: int) -> Events:
        state = self.timelines.state
        row = np.flatnonzero(among(state, *states))
        return row, self.timelines.left[row]


def among(states: Codes, *wanted: int) -> Flags:
    """Which of the states are among those that are wanted."""
    return np.asarray(np.logical_or.reduce([states == code for code in wanted]))


def first_production(route: RoutePlan) -> int:
    """The first production step of a route, or ``NO_STEP``."""
    steps = enumerate(route.steps)
    return next((i for i, step in steps if step.role == "production"), NO_STEP)


def _any_step(flags: npt.NDArray[np.bool_]) -> Flags:
    """Whether any step of each attempt has a flag, bool[A] of bool[A, S]."""
    # column by column: a reduction along a short last axis is many times slower
    none = np.zeros(len(flags), dtype=np.bool_)
    return np.asarray(np.logical_or.reduce([none, *flags.T]))


RECOGNISED_ON: Mapping[str, Callable[[Records], Events]] = {
    "order": Records.orders,
    "delivery": Records.deliveries,
    "infusion": Records.doses_infused,
}
"""The events on which a market may recognise its revenue."""
