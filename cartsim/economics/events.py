"""Which facts of the timelines are events that money or a measure asks about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from cartsim.simulation.plan import (
    FAILED,
    REJECTED,
    RELEASED_UNDER_EXCEPTION,
    SUCCESS,
    Journeys,
    Plan,
)
from cartsim.simulation.timelines import (
    IN_PROCESS,
    INFUSED_OUT_OF_SPECIFICATION,
    LOST_MANUFACTURING,
    LOST_WAITING,
    Timelines,
)
from cartsim.units import Ints

Events = tuple[Ints, Ints]
"""Parallel arrays (patient, minute), one entry per event, in order of patient and attempt; a
patient may have several events of a kind (a second collection, say)."""
Flags = npt.NDArray[np.bool_]
Code = TypeVar("Code", bound=np.generic)


@dataclass(frozen=True)
class Records:
    """The facts of one block, asked for their events."""

    plan: Plan
    journeys: Journeys
    timelines: Timelines

    @property
    def market_names(self) -> tuple[str, ...]:
        """``product.market`` of every market of the plan, in its order."""
        routes = self.plan.routes
        return tuple(f"{routes[product].product}.{name}" for product, name in self.plan.markets)

    def orders(self) -> Events:
        """Orders: one per patient."""
        return np.arange(self.journeys.order.size, dtype=np.int64), self.journeys.order

    def collections(self) -> Events:
        """Starts of the collection step (apheresis)."""
        return self._starts([route.collection for route in self.plan.routes])

    def lots_started(self) -> Events:
        """Starts of the first production step of each attempt."""
        return self._starts(
            [
                next((i for i, step in enumerate(route.steps) if step.role == "production"), -1)
                for route in self.plan.routes
            ]
        )

    def lots_failed(self) -> Events:
        """Ends of the steps at which an attempt failed or was rejected."""
        result = self.timelines.result
        patient, attempt, step = np.nonzero((result == FAILED) | (result == REJECTED))
        return patient, self.timelines.end[patient, attempt, step]

    def deliveries(self) -> Events:
        """Ends of the delivery step that went well for a patient who was still there."""
        patient, attempt = np.nonzero(self.delivered())
        return patient, self._at(self._delivery_step, self.timelines.end)[patient, attempt]

    def infusions(self) -> Events:
        """Starts of the infusion step."""
        return self._starts([route.infusion for route in self.plan.routes])

    def infusions_out_of_specification(self) -> Events:
        """Starts of the infusion step of patients who got a dose out of specification."""
        patient, minute = self.infusions()
        chosen = self.timelines.state[patient] == INFUSED_OUT_OF_SPECIFICATION
        return patient[chosen], minute[chosen]

    def lost_waiting(self) -> Events:
        """Patients who died or withdrew, when they left."""
        return self._in_state(LOST_WAITING)

    def lost_manufacturing(self) -> Events:
        """Patients for whom no lot could be made, when the last attempt failed."""
        return self._in_state(LOST_MANUFACTURING)

    def delivered(self) -> Flags:
        """Which attempts ended in a delivered dose, bool[N, attempt]."""
        step = self._delivery_step
        result = self._at(step, self.timelines.result)
        good: Flags = (result == SUCCESS) | (result == RELEASED_UNDER_EXCEPTION)
        good &= (step >= 0)[:, None]
        return good

    def wasted(self) -> Flags:
        """Attempts that neither ended in a delivery nor are still in process, bool[N, attempt]."""
        running = np.zeros(self.timelines.result.shape[:2], dtype=np.bool_)
        patients = np.arange(self.timelines.state.size)
        running[patients, self.timelines.attempt] = self.timelines.state == IN_PROCESS
        wasted: Flags = ~(running | self.delivered())
        return wasted

    @property
    def _delivery_step(self) -> Ints:
        return self._of_patient([route.delivery for route in self.plan.routes])

    def _starts(self, step_of_route: Sequence[int]) -> Events:
        step = self._of_patient(step_of_route)
        start = self._at(step, self.timelines.start)
        patient, attempt = np.nonzero((start >= 0) & (step >= 0)[:, None])
        return patient, start[patient, attempt]

    def _in_state(self, state: int) -> Events:
        patient = np.flatnonzero(self.timelines.state == state)
        return patient, self.timelines.left[patient]

    def _of_patient(self, step_of_route: Sequence[int]) -> Ints:
        """Each patient's index of a step of the routes, int64[N]; -1 where there is none."""
        return np.asarray(step_of_route, dtype=np.int64)[self.journeys.product]

    def _at(self, step: Ints, facts: npt.NDArray[Code]) -> npt.NDArray[Code]:
        """The facts ``[N, attempt, step]`` at one step of each patient, ``[N, attempt]``."""
        chosen = np.maximum(step, 0)[:, None, None]
        picked: npt.NDArray[Code] = np.take_along_axis(facts, chosen, axis=2)[:, :, 0]
        return picked


RECOGNISED_ON: Mapping[str, Callable[[Records], Events]] = {
    "order": Records.orders,
    "delivery": Records.deliveries,
    "infusion": Records.infusions,
}
"""The events on which a market may recognise its revenue."""
