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

Subject = TypeVar("Subject")
AFTER_ALL_ELSE = EventPriority(2)
"""SimPy's own are 0 (urgent) and 1 (normal); the higher number goes later within a minute."""

NEVER_HAPPENED = -1
NO_PRIORITY = 0
"""The schema knows no priorities yet: whoever is ready first goes first."""


class Patient:
    """One patient with the chance that was drawn for the journey, and where the journey stands.

    ``duration``, ``outcome``, ``ready``, ``start``, ``end`` and ``result`` are lists by attempt,
    then by step. ``leaves`` is the minute at which the clock runs out as things stand now.
    """

    __slots__ = (
        "attempt",
        "clock_after",
        "collected",
        "duration",
        "end",
        "leaves",
        "left",
        "number",
        "order",
        "outcome",
        "patience_after",
        "ready",
        "released_at",
        "result",
        "route",
        "start",
        "state",
        "step",
    )

    def __init__(
        self,
        number: int,
        route: RoutePlan,
        order: int,
        patience: int,
        patience_after: float,
        clock_after: int,
        duration: list[list[int]],
        outcome: list[list[int]],
    ) -> None:
        self.number = number
        self.route = route
        self.order = order
        self.leaves = order + patience
        self.patience_after = patience_after
        self.clock_after = clock_after
        self.duration = duration
        self.outcome = outcome

        self.attempt = 0
        self.step = 0
        self.collected = False
        self.released_at = rules.NOWHERE
        self.state = IN_PROCESS
        self.left = NEVER_HAPPENED
        blank = [NEVER_HAPPENED] * len(duration[0])
        self.ready = [blank.copy() for _ in duration]
        self.start = [blank.copy() for _ in duration]
        self.end = [blank.copy() for _ in duration]
        self.result = [[NOT_DONE] * len(blank) for _ in duration]


class Granting(Event):
    """The event that comes last in its minute (tie rule, phase 2)."""

    def __init__(self, calendar: Environment, action: Callable[[], None]) -> None:
        super().__init__(calendar)
        self._ok, self._value = True, None
        self.callbacks.append(lambda _: action())
        calendar.schedule(self, AFTER_ALL_ELSE)


class Replication:
    """One replication: its patients, and the resources for which they queue."""

    def __init__(
        self, plan: Plan, patients: list[Patient], change: list[int], capacity: list[list[int]]
    ) -> None:
        self.horizon = plan.horizon
        self.patients = patients
        self.capacity = capacity[0]
        self.busy = [0] * len(plan.resources)
        self.queues: list[list[tuple[tuple[int, int, int], Patient]]] = [[] for _ in plan.resources]
        self.ready_without_queue: list[Patient] = []
        self.granting_due = False

        self.calendar: Any = Environment()  # Any: SimPy's own minutes may be float
        for minute, places in zip(change[1:], capacity[1:], strict=True):
            self.at(minute, self.capacity_changes, places)
        for patient in patients:
            self.at(patient.order, self.order_arrives, patient)

    def run(self) -> None:
        """Let everything before the horizon happen."""
        self.calendar.run()

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
        outcome = patient.outcome[attempt][step]
        patient.end[attempt][step] = now
        patient.result[attempt][step] = rules.result(outcome, patient.state, patient.left, now)
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
        patient.ready[attempt][step] = now
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
        attempt, step, route = patient.attempt, patient.step, patient.route
        patient.start[attempt][step] = now
        self.at(now + patient.duration[attempt][step], self.step_ends, patient)
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
    done: list[Timelines] = []
    change = journeys.capacity_time.tolist()
    for replication, capacity in enumerate(journeys.capacity.tolist()):
        rows = slice(*journeys.first[replication : replication + 2].tolist())
        patients = _patients(plan, journeys, rows)
        Replication(plan, patients, change, capacity).run()
        done.append(_timelines(patients, journeys.duration.shape[1:]))
    return Timelines(
        **{
            fact.name: np.concatenate([getattr(timelines, fact.name) for timelines in done])
            for fact in fields(Timelines)
        }
    )


def _patients(plan: Plan, journeys: Journeys, rows: slice) -> list[Patient]:
    """The patients of one replication, numbered from 0 in the order of their rows."""
    columns = zip(
        journeys.product[rows].tolist(),
        journeys.order[rows].tolist(),
        journeys.patience[rows].tolist(),
        journeys.patience_after[rows].tolist(),
        journeys.clock_after[rows].tolist(),
        journeys.duration[rows].tolist(),
        journeys.outcome[rows].tolist(),
        strict=True,
    )
    return [
        Patient(number, plan.routes[product], *chance)
        for number, (product, *chance) in enumerate(columns)
    ]


def _timelines(patients: list[Patient], shape: tuple[int, ...]) -> Timelines:
    """What happened to the patients, as arrays."""

    def by_step(facts: list[list[list[int]]], kind: type[np.signedinteger]) -> Any:
        return np.asarray(facts, dtype=kind).reshape(len(patients), *shape)

    return Timelines(
        ready=by_step([p.ready for p in patients], np.int64),
        start=by_step([p.start for p in patients], np.int64),
        end=by_step([p.end for p in patients], np.int64),
        result=by_step([p.result for p in patients], np.int8),
        state=np.asarray([p.state for p in patients], dtype=np.int8),
        step=np.asarray([p.step for p in patients], dtype=np.int64),
        attempt=np.asarray([p.attempt for p in patients], dtype=np.int64),
        left=np.asarray([p.left for p in patients], dtype=np.int64),
    )
