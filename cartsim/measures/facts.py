"""What a measure may look at: everything that is known about one block of replications."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from cartsim.demand.orders import Demand
from cartsim.economics.events import Records
from cartsim.economics.grid import Grid
from cartsim.economics.statement import Statement
from cartsim.measures.holdings import Holdings, PlaceTime, holdings, place_time
from cartsim.measures.spans import Spans, spans
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Scenario
from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import Plan
from cartsim.simulation.timelines import Timelines
from cartsim.units import MINUTES_PER_DAY, Calendar

SOON = 30
"""Days within which a patient is said to be infused soon."""


@dataclass(frozen=True)
class Facts:
    """One block: the scenario, its draws, what happened, and what it cost and earned."""

    scenario: Scenario
    drawn: Drawn
    demands: tuple[Demand, ...]
    statement: Statement

    @property
    def calendar(self) -> Calendar:
        return self.drawn.calendar

    @property
    def replications(self) -> int:
        """R, the number of replications of the block."""
        return len(self.drawn.replications)

    @property
    def plan(self) -> Plan:
        return self.records.plan

    @property
    def journeys(self) -> Journeys:
        return self.records.journeys

    @property
    def timelines(self) -> Timelines:
        return self.records.timelines

    @property
    def records(self) -> Records:
        """The events among the facts."""
        return self.statement.records

    @property
    def grid(self) -> Grid:
        """Sorts facts of rows into tables ``[group, R, month]``."""
        return self.statement.grid

    @cached_property
    def holdings(self) -> Holdings:
        """Who held or waited for places."""
        return holdings(self.records, self.calendar)

    @cached_property
    def place_time(self) -> PlaceTime:
        """How long places were held and waited for, by month."""
        return place_time(self.records, self.calendar)

    @cached_property
    def spans(self) -> Spans:
        """How long patients waited from one event to another."""
        return spans(self.grid, self.records, SOON * MINUTES_PER_DAY)
