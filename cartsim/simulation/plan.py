"""What the engines are told about structure: routes, resources, stocks, supplies, as plain values.

Names have become indices, and nothing here is drawn: whatever chance decides is in
:class:`~cartsim.simulation.journeys.Journeys`. Two engines given the same plan and journeys must
return the same facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int8]
NO_RETRY = -1
NO_STEP = -1
NO_STOCK = -1
NO_MARKET = -1
OWN_PLACE = -1

SUCCESS, FAILED, RELEASED_UNDER_EXCEPTION, REJECTED = 0, 1, 2, 3
"""Kinds of outcome of a step: went well; failed; out of specification but released; out of
specification and rejected (which is treated like a failure and counted apart). An outcome is the
kind plus four times the index of its cause among the step's failures (``rules.kind``,
``rules.cause``); that of SUCCESS and RELEASED_UNDER_EXCEPTION has no cause."""

ALL_PLACES = 0
"""``DisruptionPlan.places`` of one that hits a whole resource."""
UNLIMITED = -1
"""``Journeys.opening`` where starts are not counted."""


class Kind(IntEnum):
    """What goes along a route."""

    AUTOLOGOUS = 0
    """A patient, from the order on, with the lots made for that patient."""
    STOCK_LOT = 1
    """A lot that is made to stock: it begins when the stock is ordered, and ends as doses."""
    FROM_STOCK = 2
    """A patient who is treated with doses from a stock."""


class Priority(IntEnum):
    """By what those who wait for the same places are put in order, before who was ready first."""

    NONE = 0
    RETRY = 1
    RISK = 2
    RETRY_THEN_RISK = 3
    RISK_THEN_RETRY = 4


class Policy(IntEnum):
    """What makes the lots of a stock begin."""

    ORDER_UP_TO = 0
    """At or below the reorder point, as many lots as bring the position up to a level."""
    FIXED_QUANTITY = 1
    """At or below the reorder point, lots of a fixed quantity until the position is above it."""
    CAMPAIGN = 2
    """At given minutes a given number of lots."""


@dataclass(frozen=True)
class FailurePlan:
    """One cause of failure at a step, and what follows.

    The next attempt begins at the step ``retry_from`` (``NO_RETRY``: none does) while the patient
    has had fewer than ``attempts`` attempts.
    """

    name: str
    retry_from: int
    attempts: int


@dataclass(frozen=True)
class StepPlan:
    """One step of a route.

    ``resource`` is what the step's work is done on: one index into ``Plan.resources`` for each of
    the route's plants, or nothing. Steps of the same ``place`` (the index of the first of them;
    ``OWN_PLACE``: a step by itself) share one place of it: whichever starts without holding it asks
    for it, and it is given back at the end of the one that ``gives_back``. ``consumes`` holds
    ``(consumable, units)`` that are used up at the start; with ``dose`` a dose of the route's stock
    is taken at the start.
    """

    name: str
    role: str | None = None
    resource: tuple[int, ...] = ()
    place: int = OWN_PLACE
    gives_back: bool = True
    failures: tuple[FailurePlan, ...] = ()
    consumes: tuple[tuple[int, int], ...] = ()
    dose: bool = False


@dataclass(frozen=True)
class RoutePlan:
    """A way through steps: of a product's patients (in some of its markets) or of its stock lots.

    ``plants`` names the plants among which the first step with more than one resource chooses: it
    takes the first of them with a free place. ``collection``, ``delivery`` and ``infusion`` are
    indices of steps or ``NO_STEP``; the infusion is the last step of a patient's route. ``stock``
    is the one that a lot goes to or that a patient's doses come from. ``next_dose`` is the step at
    which the way of a further dose begins. ``rank``: those of a lower one go first on shared
    places. ``production`` is the step whose queue is quoted to patients who may go elsewhere.
    """

    product: str
    kind: Kind
    steps: tuple[StepPlan, ...]
    plants: tuple[str, ...] = ("",)
    collection: int = NO_STEP
    production: int = NO_STEP
    delivery: int = NO_STEP
    infusion: int = NO_STEP
    stock: int = NO_STOCK
    next_dose: int = 0
    priority: Priority = Priority.NONE
    rank: int = 0
    balks: bool = False

    @property
    def chooses(self) -> int:
        """The step at which a plant is chosen; ``NO_STEP`` where there is only one."""
        if len(self.plants) < 2:
            return NO_STEP
        several = (i for i, step in enumerate(self.steps) if len(set(step.resource)) > 1)
        return next(several, NO_STEP)

    def place(self, step: int) -> int:
        """Index of the step under which the place of a step is held."""
        own = self.steps[step].place
        return step if own == OWN_PLACE else own


@dataclass(frozen=True)
class StockPlan:
    """Doses of a product that are made before they are asked for; ``route`` is that of its lots."""

    product: str
    route: int
    policy: Policy


@dataclass(frozen=True)
class ConsumablePlan:
    """Something bought that steps use up; ``closed`` holds the windows (minutes, from inclusive,
    until exclusive) in which no delivery arrives, sorted and apart.
    """

    name: str
    closed: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class DisruptionPlan:
    """A kind of event that takes places of a resource out of service for a while.

    ``places``: how many (``ALL_PLACES``: all). ``lost``: the lots in progress on them are lost,
    else they are delayed by the length of the outage.
    """

    name: str
    resource: int
    places: int
    lost: bool


@dataclass(frozen=True)
class MarketPlan:
    """A market, the product sold there and the route of its patients (indices)."""

    name: str
    product: int
    route: int


@dataclass(frozen=True)
class Plan:
    """The structure of a run; every list stands in the scenario's order.

    ``resources`` are named ``plant.resource``. ``horizon`` is the minute at which the run ends.
    """

    horizon: int
    products: tuple[str, ...]
    resources: tuple[str, ...]
    routes: tuple[RoutePlan, ...]
    markets: tuple[MarketPlan, ...]
    stocks: tuple[StockPlan, ...] = ()
    consumables: tuple[ConsumablePlan, ...] = ()
    disruptions: tuple[DisruptionPlan, ...] = ()

    @property
    def steps(self) -> int:
        """Length of the step axis: the longest route."""
        return max((len(route.steps) for route in self.routes), default=0)

    @property
    def attempts(self) -> int:
        """The most attempts that any failure allows."""
        return max(
            (
                failure.attempts
                for route in self.routes
                for step in route.steps
                for failure in step.failures
                if failure.retry_from != NO_RETRY
            ),
            default=1,
        )
