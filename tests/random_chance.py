"""Random journeys through a small plan: every duration, outcome, clock and calendar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from simulated import journeys_of

from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import (
    FAILED,
    NO_MARKET,
    NO_RETRY,
    OWN_PLACE,
    REJECTED,
    RELEASED_UNDER_EXCEPTION,
    SUCCESS,
    Kind,
    Plan,
    Policy,
    RoutePlan,
)
from cartsim.simulation.rules import cause, kind, tries_again
from cartsim.units import NEVER

LOTS = 20
"""Lots of each stock, and orders of each consumable: as a rule, but not always, enough."""


def chance(rng: np.random.Generator, probability: float) -> bool:
    return bool(rng.random() < probability)


def random_journeys(plan: Plan, rng: np.random.Generator, patients: int, shortest: int) -> Journeys:
    replications = int(rng.integers(1, 4))
    sizes = rng.integers(0, patients + 1, replications)
    columns: dict[str, list[Any]] = {"route": [], "market": [], "order": []}
    first, lots_first = [0], []
    for size in sizes:
        came = sorted(
            (int(rng.integers(0, 16)), int(rng.integers(0, len(plan.markets)))) for _ in range(size)
        )
        columns["order"] += [order for order, _ in came]
        columns["market"] += [market for _, market in came]
        columns["route"] += [plan.markets[market].route for _, market in came]
        lots_first.append([len(columns["order"])])
        for stock in plan.stocks:
            columns["order"] += [-1] * (LOTS + 1)
            columns["market"] += [NO_MARKET] * (LOTS + 1)
            columns["route"] += [stock.route] * (LOTS + 1)
            lots_first[-1].append(len(columns["order"]))
        first.append(len(columns["order"]))

    by_replication = random_by_replication(plan, replications, rng)
    by_row = random_by_row(plan, columns["route"], columns["order"], rng)
    initial = {row for bounds in lots_first for row in bounds[:-1]}
    replication_of = np.repeat(np.arange(replications), np.diff(first))
    by_row["patience"] = random_patience(
        replication_of, np.asarray(columns["route"], dtype=np.int64), by_row, by_replication, rng
    )
    by_attempt = random_attempts(plan, columns, by_row["doses"], initial, shortest, rng)
    return journeys_of(
        plan,
        first=first,
        lots_first=lots_first,
        **columns,
        **by_row,
        **by_attempt,
        **by_replication,
        **random_calendar(plan, replications, rng),
    )


def random_by_row(
    plan: Plan, route: list[int], order: list[int], rng: np.random.Generator
) -> dict[str, Any]:
    count = len(route)
    kinds = [plan.routes[index].kind for index in route]
    lots = np.asarray([of == Kind.STOCK_LOT for of in kinds], dtype=bool)
    from_stock = np.asarray([of == Kind.FROM_STOCK for of in kinds], dtype=bool)
    doses = np.where(from_stock, rng.choice([1, 1, 2, 3], count), 1)
    shelf_life = np.where(rng.random(count) < 0.2, NEVER, rng.integers(1, 16, count))
    acceptable = np.where(rng.random(count) < 0.3, NEVER, rng.integers(0, 12, count))
    ratio = rng.choice([0.5, 1.0, 2.0], count)
    return {
        "doses": np.where(lots, rng.integers(0, 4, count), doses),
        "shelf_life": np.where(lots, shelf_life, 0),
        "clock": np.where(lots, np.inf, rng.exponential(1.0, count) / ratio),
        "bridging": np.where(lots, 1.0, rng.choice([0.0, 0.5, 1.0], count, p=[0.1, 0.3, 0.6])),
        "risk": np.where(lots, 0, rng.integers(0, 8, count)),
        "acceptable": np.where(lots, NEVER, acceptable),
    }


def random_patience(
    replication: Any,
    route: Any,
    by_row: dict[str, Any],
    by_replication: dict[str, Any],
    rng: np.random.Generator,
) -> Any:
    """What follows from the clock, or (for some) a few minutes that have nothing to do with it."""
    before = by_replication["hazard_before"][replication, route]
    shape = by_replication["hazard_shape"][replication, route]
    patients = np.isfinite(by_row["clock"])
    patience = np.full(route.size, NEVER)
    runs = patients & (before > 0)
    patience[runs] = np.floor(by_row["clock"][runs] ** (1 / shape[runs]) / before[runs])
    other = patients & (rng.random(route.size) < 0.25)
    patience[other] = rng.integers(0, 25, int(other.sum()))
    return patience


def random_by_replication(
    plan: Plan, replications: int, rng: np.random.Generator
) -> dict[str, Any]:
    routes, resources, stocks, consumables = (
        len(axis) for axis in (plan.routes, plan.resources, plan.stocks, plan.consumables)
    )
    lots = np.asarray([route.kind == Kind.STOCK_LOT for route in plan.routes])
    by_route = (replications, routes)
    hands_on = np.full((replications, routes, plan.steps), -1)
    for index, route in enumerate(plan.routes):
        for position, step in enumerate(route.steps):
            if step.resource and step.place == OWN_PLACE and chance(rng, 0.3):
                hands_on[:, index, position] = rng.integers(0, 8, replications)
    return {
        "hazard_before": np.where(lots, 0.0, rng.choice([0.0, 0.02, 0.08], by_route)),
        "hazard_after": np.where(lots, 0.0, rng.choice([0.0, 0.03, 0.2], by_route)),
        "hazard_shape": rng.choice([1.0, 0.7, 2.0], by_route, p=[0.6, 0.2, 0.2]),
        "hands_on": hands_on,
        "interval": rng.integers(0, 9, by_route),
        "service": rng.integers(0, 6, by_route),
        "changeover": rng.choice([0, 0, 0, 1, 2, 4], (replications, resources)),
        "reorder_point": rng.integers(-2, 4, (replications, stocks)),
        "stock_opens": rng.choice([0, 0, 0, 7, 20, 10**6], (replications, stocks)),
        "order_level": rng.integers(0, 7, (replications, stocks)),
        "planned_yield": rng.integers(1, 4, (replications, stocks)),
        "supply": rng.integers(0, 7, (replications, consumables)),
        "minimum": rng.integers(-1, 4, (replications, consumables)),
        "quantity": rng.integers(1, 6, (replications, consumables)),
        "lead": rng.integers(0, 9, (replications, consumables, LOTS)),
    }


def random_calendar(plan: Plan, replications: int, rng: np.random.Generator) -> dict[str, Any]:
    """Capacities, openings, campaigns and disruptions."""
    resources = len(plan.resources)
    changes = np.unique(rng.integers(1, 50, int(rng.integers(0, 4))))
    openings = np.unique(rng.integers(0, 40, int(rng.choice([0, 0, 2, 5, 8]))))
    holds = [i for i, stock in enumerate(plan.stocks) if stock.policy == Policy.CAMPAIGN]
    campaigns = int(rng.integers(0, 6)) if holds else 0
    sizes = rng.integers(0, 7, replications) if plan.disruptions else np.zeros(replications, int)
    events: list[tuple[int, int]] = []
    for size in sizes:
        events += sorted(
            (int(rng.integers(0, 30)), int(rng.integers(0, len(plan.disruptions))))
            for _ in range(size)
        )
    places = [0, 1, 1, 2, 2, 3]
    return {
        "capacity_time": [0, *changes],
        "capacity": rng.choice(places, (replications, changes.size + 1, resources)),
        "opening_time": openings,
        "opening": rng.choice([-2, -1, 0, 1, 2], (openings.size, resources)),
        "campaign_time": np.sort(rng.integers(0, 45, campaigns)),
        "campaign_stock": rng.choice(holds, campaigns) if holds else [],
        "campaign_lots": rng.integers(0, 3, (replications, campaigns)),
        "disruption_first": [0, *np.cumsum(sizes)],
        "disruption_time": [minute for minute, _ in events],
        "disruption_length": rng.integers(1, 10, len(events)),
        "disruption_kind": [index for _, index in events],
    }


def random_attempts(
    plan: Plan,
    columns: dict[str, list[Any]],
    doses: Any,
    initial: set[int],
    shortest: int,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Durations and outcomes of every attempt that a row may need, and of no other."""
    may_be_lost = any(disruption.lost for disruption in plan.disruptions)
    attempt_first, drawn = [0], []
    for row, index in enumerate(columns["route"]):
        route = plan.routes[index]
        needed = 1 if route.kind == Kind.STOCK_LOT else int(doses[row])
        if row not in initial:
            drawn += attempts_of(route, needed, may_be_lost, shortest, rng)
        attempt_first.append(len(drawn))
    duration = np.full((len(drawn), plan.steps), -1)
    outcome = np.full((len(drawn), plan.steps), SUCCESS)
    for attempt, (begin, minutes, outcomes) in enumerate(drawn):
        reached = slice(begin, begin + len(minutes))
        duration[attempt, reached], outcome[attempt, reached] = minutes, outcomes
    return {"attempt_first": attempt_first, "duration": duration, "outcome": outcome}


def attempts_of(
    route: RoutePlan, doses: int, may_be_lost: bool, shortest: int, rng: np.random.Generator
) -> Iterator[tuple[int, list[int], list[int]]]:
    """The step at which each attempt begins, and durations and outcomes from there on."""
    begin = 0
    for _ in range(doses):
        for attempt in range(most_attempts(route)):
            outcomes = random_outcomes(route, rng)
            minutes = rng.integers(shortest, 6, len(route.steps)).tolist()
            if route.kind == Kind.STOCK_LOT and chance(rng, 0.9):
                minutes[0] = max(minutes[0], 1)  # else lots that fail would follow without end
            if may_be_lost:
                yield 0, minutes, outcomes
                continue
            last, again = what_follows(route, attempt, begin, outcomes)
            yield begin, minutes[begin : last + 1], outcomes[begin : last + 1]
            if again is None:
                break
            if again == NO_RETRY:
                return
            begin = again
        begin = route.next_dose


def most_attempts(route: RoutePlan) -> int:
    granted = (f.attempts for s in route.steps for f in s.failures if f.retry_from != NO_RETRY)
    return max([1, *granted])


def random_outcomes(route: RoutePlan, rng: np.random.Generator) -> list[int]:
    """Only a step that has causes can fail; but an infusion, where it means nothing."""
    of_all = [SUCCESS, FAILED, RELEASED_UNDER_EXCEPTION, REJECTED]
    outcomes = rng.choice(of_all, p=[0.66, 0.16, 0.09, 0.09], size=len(route.steps)).tolist()
    for position, step in enumerate(route.steps):
        if outcomes[position] in (FAILED, REJECTED):
            if step.failures:
                outcomes[position] += 4 * int(rng.integers(0, len(step.failures)))
            elif position != route.infusion:
                outcomes[position] = SUCCESS
    return outcomes


def what_follows(
    route: RoutePlan, attempt: int, begin: int, outcomes: list[int]
) -> tuple[int, int | None]:
    """The last step that an attempt comes to, and the step at which the next one begins; ``None``
    where the attempt goes well."""
    for position in range(begin, len(route.steps)):
        if position != route.infusion and kind(outcomes[position]) in (FAILED, REJECTED):
            failure = route.steps[position].failures[cause(outcomes[position])]
            again = failure.retry_from != NO_RETRY and tries_again(attempt, failure.attempts)
            return position, failure.retry_from if again else NO_RETRY
    return len(route.steps) - 1, None
