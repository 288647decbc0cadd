"""Who walks, and what they hold."""

from __future__ import annotations

from dataclasses import dataclass, field

from cartsim.simulation.plan import RoutePlan, StepPlan
from cartsim.simulation.timelines import NOT_CHOSEN
from cartsim.units import NEVER


@dataclass(eq=False)
class Place:
    """A place of a resource that was taken, and since when it is free again."""

    resource: int
    worked_on_until: int = NEVER
    free_from: int = NEVER


@dataclass(eq=False)
class Walker:
    """A patient or a lot."""

    row: int
    number: int
    route: RoutePlan
    index: int
    here: bool = False
    attempt: int = 0
    tries: int = 0
    dose: int = 1
    step: int = 0
    ready: int = -1
    waits: bool = False
    runs: bool = False
    started: int = -1
    ends: int = -1
    wants_dose_at: int = NEVER
    leaves: int = NEVER
    collected: bool = False
    plant: int = NOT_CHOSEN
    released: tuple[int, ...] = ()
    place: Place | None = None
    held: dict[int, Place] = field(default_factory=dict)

    @property
    def plan(self) -> StepPlan:
        return self.route.steps[self.step]

    @property
    def group(self) -> int:
        return self.route.place(self.step)

    @property
    def candidates(self) -> list[int]:
        """The resources of which one is asked for."""
        if not self.plan.resource or self.group in self.held:
            return []
        if self.plant == NOT_CHOSEN:
            return list(self.plan.resource)
        return [self.plan.resource[self.plant]]


@dataclass(eq=False)
class Doses:
    row: int
    stock: int
    expires: int
    left: int
    released: bool
