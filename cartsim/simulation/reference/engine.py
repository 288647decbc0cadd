"""The reference engine: what happens to patients and lots in time, told with SimPy.

Five things can happen at a minute, and each is a method of :class:`Replication`:

- an order *arrives*: the patient is ready at the first step of the product's route;
- a step *ends*: its place is free again, and the lot goes on to the next step, or fails and goes
  back for another attempt, or is lost;
- a patient's clock *runs out*: the patient has died or withdrawn, and leaves;
- a capacity *changes*: a plant has more or fewer places from now on;
- starts are *granted*: whoever is ready takes a free place, in the order of the queue.

The first four take effect at once, in any order; granting comes last in its minute. That is the
tie rule, told in :mod:`cartsim.simulation.rules` with every other rule; the numbers in comments
here are those of that text. SimPy keeps the calendar: the first four are timeouts of SimPy's normal
priority, granting is an event of a lower one. No number is drawn here: all chance comes in as
``Journeys``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from heapq import heappop, heappush
from typing import Any, TypeVar

import numpy as np
from simpy import Environment
from simpy.events import Event, EventPriority

from cartsim.simulation import rules
from cartsim.simulation.plan import (
    NO_RESOURCE,
    RELEASED_UNDER_EXCEPTION,
    SUCCESS,
    Journeys,
    Plan,
    RoutePlan,
)
from cartsim.simulation.timelines import (
    IN_PROCESS,
    INFUSED,
    INFUSED_OUT_OF_SPECIFICATION,
    LOST_MANUFACTURING,
    LOST_WAITING,
    NOT_DONE,
    Timelines,
)
from cartsim.units import Ints

Subject = TypeVar("Subject")
AFTER_ALL_ELSE = EventPriority(2)
"""SimPy's own are 0 (urgent) and 1 (normal); the higher number goes later within a minute."""

NEVER_HAPPENED = -1
NO_PRIORITY = 0
"""The schema knows no priorities yet: whoever is ready first goes first."""


class Patient:
    """One patient, and where the journey stands.

    ``leaves`` is the minute at which the clock runs out as things stand now. ``cell`` is where the
    present attempt and step are found in the lists of :class:`Replication`.
    """

    __slots__ = (
        "attempt",
        "cell",
        "clock_after",
        "collected",
        "first_cell",
        "leaves",
        "left",
        "number",
        "order",
        "patience_after",
        "released_at",
        "route",
        "state",
        "step",
    )

    def __init__(
        self,
        number: int,
        first_cell: int,
        route: RoutePlan,
        order: int,
        patience: int,
        patience_after: float,
        clock_after: int,
    ) -> None:
        self.number = number
        self.first_cell = first_cell
        self.route = route
        self.order = order
        self.leaves = order + patience
        self.patience_after = patience_after
        self.clock_after = clock_after

        self.attempt = 0
        self.step = 0
        self.cell = first_cell
        self.collected = False
        self.released_at = rules.NOWHERE
        self.state = IN_PROCESS
        self.left = NEVER_HAPPENED


class Granting(Event):
    """The event that comes last in its minute (tie rule, phase 2)."""

    def __init__(self, calendar: Environment, action: Callable[[], None]) -> None:
        super().__init__(calendar)
        self._ok, self._value = True, None
        self.callbacks.append(lambda _: action())
        calendar.schedule(self, AFTER_ALL_ELSE)


class Replication:
    """One replication: its patients, and the resources for which they queue.

    What was drawn (``duration``, ``outcome``) and what happens (``ready``, ``start``, ``end``,
    ``result``) are lists with one entry for each patient, attempt and step, in that order.
    """

    def __init__(self, plan: Plan, journeys: Journeys, replication: int) -> None:
        first, following = journeys.first[replication : replication + 2].tolist()
        rows = slice(first, following)
        self.shape = journeys.duration[rows].shape
        self.duration: list[int] = journeys.duration[rows].ravel().tolist()
        self.outcome: list[int] = journeys.outcome[rows].ravel().tolist()
        self.ready = [NEVER_HAPPENED] * len(self.duration)
        self.start = [NEVER_HAPPENED] * len(self.duration)
        self.end = [NEVER_HAPPENED] * len(self.duration)
        self.result = [NOT_DONE] * len(self.duration)

        self.horizon = plan.horizon
        self.steps = plan.steps
        change = journeys.capacity_time.tolist()
        capacity = journeys.capacity[replication].tolist()
        self.capacity: list[int] = capacity[0]
        self.busy = [0] * len(plan.resources)
        self.queues: list[list[tuple[tuple[int, int, int], Patient]]] = [[] for _ in plan.resources]
        self.ready_without_queue: list[Patient] = []
        self.granting_due = False

        self.calendar: Any = Environment()  # Any: SimPy's own minutes may be float
        for minute, places in zip(change[1:], capacity[1:], strict=True):
            self.at(minute, self.capacity_changes, places)
        self.patients = _patients(plan, journeys, rows)
        for patient in self.patients:
            self.at(patient.order, self.order_arrives, patient)

    def run(self) -> None:
        """Let everything before the horizon happen."""
        self.calendar.run()

    def facts(self) -> Timelines:
        """What has happened, as arrays."""

        def by_step(facts: list[int]) -> Ints:
            return np.asarray(facts, dtype=np.int64).reshape(self.shape)

        def by_patient(facts: list[int]) -> Ints:
            return np.asarray(facts, dtype=np.int64)

        return Timelines(
            ready=by_step(self.ready),
            start=by_step(self.start),
            end=by_step(self.end),
            result=by_step(self.result).astype(np.int8),
            state=by_patient([patient.state for patient in self.patients]).astype(np.int8),
            step=by_patient([patient.step for patient in self.patients]),
            attempt=by_patient([patient.attempt for patient in self.patients]),
            left=by_patient([patient.left for patient in self.patients]),
        )

    def at(self, minute: int, action: Callable[[Subject], None], subject: Subject) -> None:
        """Write something into the calendar, unless it lies beyond the horizon (rule 1)."""
        if minute < self.horizon:
            event = self.calendar.timeout(minute - self.calendar.now)
            event.callbacks.append(lambda _: action(subject))

    # Phase 1: what ends or arrives.

    def order_arrives(self, patient: Patient) -> None:
        self.at(patient.leaves, self.clock_runs_out, patient)
        self.becomes_ready(patient, attempt=0, step=0)

    def step_ends(self, patient: Patient) -> None:
        now = self.calendar.now
        attempt, step = patient.attempt, patient.step
        plan = patient.route.steps[step]
        outcome = self.outcome[patient.cell]
        self.end[patient.cell] = now
        self.result[patient.cell] = rules.result(outcome, patient.state, patient.left, now)
        if plan.resource != NO_RESOURCE:
            self.busy[plan.resource] -= 1
            self.grant_at_the_end_of_this_minute()

        if patient.state != IN_PROCESS:
            return  # left (rule 5) or infused (rule 11)
        if patient.leaves == now:
            self.leaves(patient, LOST_WAITING)  # the clock was not looked at yet (rules 5 and 6)
        elif outcome in (SUCCESS, RELEASED_UNDER_EXCEPTION):
            if outcome == RELEASED_UNDER_EXCEPTION and patient.released_at == rules.NOWHERE:
                patient.released_at = step
            self.becomes_ready(patient, attempt, step + 1)
        elif rules.tries_again(attempt, plan.attempts):
            patient.released_at = rules.released_at_after_retry(
                patient.released_at, plan.retry_from
            )
            self.becomes_ready(patient, attempt + 1, plan.retry_from)
        else:
            self.leaves(patient, LOST_MANUFACTURING)

    def clock_runs_out(self, patient: Patient) -> None:
        # A clock that was changed meanwhile (rule 10) has an entry of its own in the calendar.
        if patient.state == IN_PROCESS and patient.leaves == self.calendar.now:
            self.leaves(patient, LOST_WAITING)

    def capacity_changes(self, places: list[int]) -> None:
        self.capacity = places
        self.grant_at_the_end_of_this_minute()

    def becomes_ready(self, patient: Patient, attempt: int, step: int) -> None:
        now = self.calendar.now
        patient.attempt, patient.step = attempt, step
        patient.cell = patient.first_cell + attempt * self.steps + step
        self.ready[patient.cell] = now
        resource = patient.route.steps[step].resource
        if resource == NO_RESOURCE:
            self.ready_without_queue.append(patient)
        else:
            key = rules.queue_key(NO_PRIORITY, now, patient.number)
            heappush(self.queues[resource], (key, patient))
        self.grant_at_the_end_of_this_minute()

    def leaves(self, patient: Patient, state: int) -> None:
        """The patient's state is final. Those in a queue are passed over when it is their turn."""
        patient.state = state
        patient.left = self.calendar.now

    # Phase 2: who starts.

    def grant_at_the_end_of_this_minute(self) -> None:
        if not self.granting_due:
            self.granting_due = True
            Granting(self.calendar, self.grant)

    def grant(self) -> None:
        self.granting_due = False
        for resource, queue in enumerate(self.queues):
            while queue and self.busy[resource] < self.capacity[resource]:
                _, patient = heappop(queue)
                if patient.state == IN_PROCESS:
                    self.busy[resource] += 1
                    self.starts(patient)
        starting, self.ready_without_queue = self.ready_without_queue, []
        for patient in starting:
            if patient.state == IN_PROCESS:
                self.starts(patient)

    def starts(self, patient: Patient) -> None:
        now = self.calendar.now
        step, route = patient.step, patient.route
        self.start[patient.cell] = now
        self.at(now + self.duration[patient.cell], self.step_ends, patient)
        if step == route.collection and not patient.collected:
            patient.collected = True
            patient.leaves = rules.leaves_after_collection(
                now, patient.leaves, patient.patience_after, patient.clock_after
            )
            self.at(patient.leaves, self.clock_runs_out, patient)
        if step == route.infusion:
            within = patient.released_at == rules.NOWHERE
            self.leaves(patient, INFUSED if within else INFUSED_OUT_OF_SPECIFICATION)


def simulate(plan: Plan, journeys: Journeys) -> Timelines:
    """The facts of a block, replication by replication; shapes are those of :class:`Timelines`."""
    told: list[Timelines] = []
    for number in range(journeys.first.size - 1):
        replication = Replication(plan, journeys, number)
        replication.run()
        told.append(replication.facts())
    joined = {
        fact.name: np.concatenate([getattr(timelines, fact.name) for timelines in told])
        for fact in fields(Timelines)
    }
    return Timelines(**joined)


def _patients(plan: Plan, journeys: Journeys, rows: slice) -> list[Patient]:
    """The patients of one replication, numbered from 0 in the order of their rows."""
    columns = zip(
        journeys.product[rows].tolist(),
        journeys.order[rows].tolist(),
        journeys.patience[rows].tolist(),
        journeys.patience_after[rows].tolist(),
        journeys.clock_after[rows].tolist(),
        strict=True,
    )
    cells = plan.attempts * plan.steps
    return [
        Patient(number, number * cells, plan.routes[product], *chance)
        for number, (product, *chance) in enumerate(columns)
    ]
