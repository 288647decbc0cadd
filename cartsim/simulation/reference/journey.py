"""A journey: a patient, or a lot that is made to stock, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from cartsim.simulation import rules
from cartsim.simulation.plan import NO_STOCK, Kind, RoutePlan, StepPlan
from cartsim.simulation.reference.places import Resource
from cartsim.simulation.timelines import IN_PROCESS, NOT_CHOSEN

if TYPE_CHECKING:
    from cartsim.simulation.reference.lines import Line

NEVER_HAPPENED = -1


@dataclass(frozen=True, slots=True)
class Way:
    """A route, and what holds for all who go along it in one replication: the hazards of their
    clocks, and ``hands_on`` by step, ``interval`` and ``service`` in minutes.
    """

    plan: RoutePlan
    hazard_before: float
    hazard_after: float
    hazard_shape: float
    hands_on: list[int]
    interval: int
    service: int


class Ask(NamedTuple):
    """What a step asks for: a place on one of the resources ``would_do`` (by plant, rule 14; none
    where a place is held or not needed), units of consumables, and a dose of a stock (or
    ``NO_STOCK``).
    """

    would_do: tuple[int, ...]
    consumes: tuple[tuple[int, int], ...]
    stock: int


NOTHING = Ask((), (), NO_STOCK)


@dataclass(slots=True, eq=False)
class Journey:
    """What was drawn for the journey, and where it stands.

    ``row`` is its row in the block, ``number`` that in the replication, ``first_attempt`` where its
    attempts begin among those of the replication. ``leaves`` is the minute at which the clock runs
    out as things stand now. ``attempt`` counts from 0 over the whole journey, ``attempt_of_dose``
    over that for one dose.
    """

    row: int
    number: int
    way: Way
    first_attempt: int
    order: int
    doses: int
    shelf_life: int
    leaves: int
    clock: float
    bridging: float
    risk: int
    acceptable: int

    state: int = IN_PROCESS
    left: int = NEVER_HAPPENED
    attempt: int = 0
    attempt_of_dose: int = 0
    dose: int = 1
    step: int = 0
    chosen: int = NOT_CHOSEN
    released_at: int = rules.NOWHERE
    collected: bool = False

    waits_in: Line | None = None
    in_progress: bool = False
    started: int = NEVER_HAPPENED
    ends: int = NEVER_HAPPENED
    works_on: Resource | None = None
    """The resource on a place of which the step in progress is done."""
    holds: dict[int, Resource] = field(default_factory=dict)
    """By ``StepPlan.place``, whose place is held until a step gives it back."""

    @property
    def route(self) -> RoutePlan:
        return self.way.plan

    @property
    def plan(self) -> StepPlan:
        """The present step."""
        return self.route.steps[self.step]

    @property
    def place(self) -> int:
        """Under which the place of the present step is held."""
        return self.route.place(self.step)

    def asks(self) -> Ask:
        """What the present step asks for."""
        step = self.plan
        would_do: tuple[int, ...] = ()
        if step.resource and self.place not in self.holds:
            chosen = self.chosen
            would_do = step.resource if chosen == NOT_CHOSEN else (step.resource[chosen],)
        return Ask(would_do, step.consumes, self.route.stock if step.dose else NO_STOCK)

    @property
    def precedence(self) -> int:
        return rules.precedence(
            self.route.rank, self.route.priority, self.attempt_of_dose, self.risk
        )

    @property
    def is_lot(self) -> bool:
        return self.route.kind == Kind.STOCK_LOT

    def begins_again(self, step: int) -> None:
        """A further attempt begins at a step, at the plant chosen before or with a new choice."""
        self.attempt += 1
        if step <= self.route.chooses:
            self.chosen = NOT_CHOSEN
