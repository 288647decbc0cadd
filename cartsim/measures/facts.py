"""What a measure may look at: everything that is known about one block of replications."""

from __future__ import annotations

from dataclasses import dataclass

from cartsim.demand.orders import Demand
from cartsim.economics.events import Records
from cartsim.economics.grid import Grid
from cartsim.economics.statement import Statement
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Scenario
from cartsim.simulation.plan import Journeys, Plan
from cartsim.simulation.timelines import Timelines
from cartsim.units import Calendar


@dataclass(frozen=True)
class Facts:
    """One block: the scenario, its draws, what happened, and what it cost and earned."""

    scenario: Scenario
    drawn: Drawn
    demands: tuple[Demand, ...]
    plan: Plan
    journeys: Journeys
    timelines: Timelines
    statement: Statement

    @property
    def calendar(self) -> Calendar:
        return self.drawn.calendar

    @property
    def replications(self) -> int:
        """R, the number of replications of the block."""
        return len(self.drawn.replications)

    @property
    def records(self) -> Records:
        """The events among the facts."""
        return Records(self.plan, self.journeys, self.timelines)

    @property
    def grid(self) -> Grid:
        """Sorts facts of patients into tables ``[market, R, month]``."""
        return Grid.of(self.calendar, self.plan, self.journeys)
