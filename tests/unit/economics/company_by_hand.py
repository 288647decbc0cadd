"""A small company and facts built by hand: what was done to each patient, in days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
from simulated import journeys_of

from cartsim.economics.statement import Statement, statement
from cartsim.sampling.drawn import Drawn, draw
from cartsim.scenario.load import load_text
from cartsim.scenario.model import Scenario
from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import (
    NO_RETRY,
    SUCCESS,
    FailurePlan,
    Kind,
    MarketPlan,
    Plan,
    RoutePlan,
    StepPlan,
)
from cartsim.simulation.timelines import INFUSED, NO_DOSE, NOT_CHOSEN, NOT_DONE, Timelines
from cartsim.units import MINUTES_PER_DAY, Ints

LONGEST = 731
"""Days of the company's run."""
APHERESIS, PRODUCTION, TESTING, DELIVERY, INFUSION = range(5)
STEPS = ("apheresis", "production", "testing", "delivery", "infusion")
ROLES = ("collection", "production", "testing", "delivery", "infusion")

COMPANY = """
cartsim: 1
title: a company by hand
run: {start: 2024-01-01, years: 2, replications: 2, seed: 7}
currency: CNY
fx: {USD: {2024: 7, 2025: 8}}
company:
  opening_cash: 1m
  tax: {rate: 0%}
  discount_rate: 10%
products:
  alpha:
    workflow: autologous
    launch: 2024-01-01
    plant: works
    route:
      order: [apheresis, production, testing, delivery, infusion]
      steps:
        apheresis: {role: collection, duration: 1, costs: {kit: 1000}}
        production:
          role: production
          duration: 8
          costs: {vector: 20_000, media: 30_000}
          on_failure: {retry_from: apheresis, attempts: 2}
        testing:
          role: testing
          duration: 7
          costs: {tests: 10_000}
          on_failure: {retry_from: apheresis, attempts: 2}
        delivery: {role: delivery, duration: 1, costs: {courier: 4000}}
        infusion: {role: infusion, duration: 1}
    attrition: {}
    markets:
      home:
        orders: {every_days: 7}
        price: {list: 1.03m, value_added_tax: 3%, deductions: 10%}
      abroad:
        currency: USD
        orders: {every_days: 7}
        price: {list: 200k}
        revenue_recognised_on: infusion
plants:
  works: {resources: {}}
"""


@dataclass(frozen=True)
class Visit:
    """A step of an attempt, from a day to a day; ``end`` and ``result`` as in ``Timelines``."""

    step: int
    start: int
    end: int = -1
    result: int = NOT_DONE
    attempt: int = 0


@dataclass(frozen=True)
class Patient:
    """One patient of a replication: when ordered, what was done, how it ended."""

    order: int
    visits: tuple[Visit, ...] = ()
    state: int = INFUSED
    left: int = -1
    market: int = 0
    replication: int = 0


def well(order: int, start: int, market: int = 0, replication: int = 0) -> Patient:
    """Apheresis on ``start``, production, testing and delivery without waiting (17 days)."""
    at = [start, start + 1, start + 9, start + 16, start + 17]
    visits = [Visit(step, at[step], at[step + 1], SUCCESS) for step in range(4)]
    visits.append(Visit(INFUSION, at[4], at[4] + 1, SUCCESS))
    return Patient(order, tuple(visits), INFUSED, at[4], market, replication)


def plan_of(horizon_days: int) -> Plan:
    failure = (FailurePlan("failure", NO_RETRY, 2),)
    steps = tuple(
        StepPlan(name, role, failures=failure) for name, role in zip(STEPS, ROLES, strict=True)
    )
    route = RoutePlan(
        "alpha",
        Kind.AUTOLOGOUS,
        steps,
        collection=APHERESIS,
        production=PRODUCTION,
        delivery=DELIVERY,
        infusion=INFUSION,
    )
    return Plan(
        horizon_days * MINUTES_PER_DAY,
        ("alpha",),
        (),
        (route,),
        (MarketPlan("home", 0, 0), MarketPlan("abroad", 0, 0)),
    )


def integers(values: Any) -> Ints:
    return np.asarray(values, dtype=np.int64)


def facts(patients: list[Patient], replications: int) -> tuple[Journeys, Timelines]:
    rows = sorted(patients, key=lambda p: (p.replication, p.order, p.market))
    count = len(rows)
    ready, start, end = (np.full((count, 2, len(STEPS)), -1, dtype=np.int64) for _ in range(3))
    result = np.full((count, 2, len(STEPS)), NOT_DONE, dtype=np.int8)
    for row, patient in enumerate(rows):
        for visit in patient.visits:
            cell = row, visit.attempt, visit.step
            ready[cell] = start[cell] = visit.start * MINUTES_PER_DAY
            end[cell] = visit.end * MINUTES_PER_DAY if visit.end >= 0 else -1
            result[cell] = visit.result
    of_replication = np.bincount([p.replication for p in rows], minlength=replications)
    left = [p.left * MINUTES_PER_DAY if p.left >= 0 else -1 for p in rows]
    last = [max((v.attempt for v in p.visits), default=0) for p in rows]
    cells = (2 * count, len(STEPS))
    journeys = journeys_of(
        plan_of(LONGEST),
        first=[0, *np.cumsum(of_replication)],
        market=[p.market for p in rows],
        order=integers([p.order * MINUTES_PER_DAY for p in rows]),
        attempt_first=2 * np.arange(count + 1),
        duration=np.ones(cells, dtype=np.int64),
    )
    timelines = Timelines(
        ready=ready.reshape(cells),
        start=start.reshape(cells),
        end=end.reshape(cells),
        result=result.reshape(cells),
        chosen=np.full(2 * count, NOT_CHOSEN, dtype=np.int8),
        source=np.full(2 * count, NO_DOSE, dtype=np.int64),
        state=np.asarray([p.state for p in rows], dtype=np.int8),
        step=np.zeros(count, dtype=np.int64),
        attempt=integers(last),
        left=integers(left),
        made=np.zeros(count, dtype=np.int64),
        expired=np.zeros(count, dtype=np.int64),
        ordered=np.zeros((replications, 0, 0), dtype=np.int64),
        arrived=np.zeros((replications, 0, 0), dtype=np.int64),
    )
    return journeys, timelines


@dataclass(frozen=True)
class Company:
    """A loaded scenario with its draws, ready to be given facts."""

    scenario: Scenario
    drawn: Drawn
    plan: Plan
    replications: int

    def statement(self, patients: list[Patient]) -> Statement:
        """The checked statement that follows from the facts of some patients."""
        journeys, timelines = facts(patients, self.replications)
        demands: Any = [
            SimpleNamespace(product="alpha", market=name, orders=self._orders(journeys, index))
            for index, name in enumerate(market.name for market in self.plan.markets)
        ]
        made = statement(self.scenario, self.drawn, demands, self.plan, journeys, timelines)
        made.check()
        return made

    def _orders(self, journeys: Journeys, market: int) -> Any:
        calendar = self.drawn.calendar
        orders = np.zeros((self.replications, calendar.months), dtype=np.int64)
        for replication in range(self.replications):
            rows = slice(*journeys.first[replication : replication + 2])
            minutes = journeys.order[rows][journeys.market[rows] == market]
            np.add.at(orders[replication], calendar.month_of_minute(minutes), 1)
        return orders


def company(
    overrides: Mapping[str, object] | None = None, more: str = "", replications: int = 1
) -> Company:
    """A company from the text above, with more text and overrides by dotted path."""
    scenario = load_text(COMPANY + more, overrides=overrides).model
    drawn = draw(scenario, scenario.run.seed, range(replications))
    plan = plan_of(drawn.calendar.horizon // MINUTES_PER_DAY)
    return Company(scenario, drawn, plan, replications)
