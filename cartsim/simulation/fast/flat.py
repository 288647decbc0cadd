"""The plan as arrays of whole numbers, which is what compiled code reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cartsim.errors import UsageError
from cartsim.simulation.plan import NO_RETRY, Kind, Plan, Policy, RoutePlan
from cartsim.simulation.rules import CLASSES
from cartsim.units import Ints

NONE = -1
MOST_STEPS = 60
MOST_ROWS = 2**24
LONGEST = 2**36
"""Steps of a route, rows of a replication, minutes of a run: what fits the packed events and the
places held, as bits of one whole number."""


LEVELS_OF = (1, 2, CLASSES, 2 * CLASSES, 2 * CLASSES)
"""Levels of precedence of each :class:`~cartsim.simulation.plan.Priority`."""
ROUTE_FIELDS = 10
(
    KIND,
    STEPS,
    COLLECTION,
    INFUSION,
    STOCK,
    NEXT_DOSE,
    PRIORITY,
    RANK,
    BALKS,
    CHOOSES,
) = range(ROUTE_FIELDS)
"""Columns of ``Flat.routes``."""
STEP_FIELDS = 6
PLACED, PLACE, GIVES_BACK, DOSE, CONSUMES, SHARED_PLACE = range(STEP_FIELDS)
"""Columns of ``Flat.steps``: whether the step is done on a resource; under which step its place is
held; whether that is given back; whether a dose is taken, consumables are used up; whether other
steps have the same place."""
QUEUE_FIELDS = 7
QUEUE_ROUTE, QUEUE_STEP, ASKS, LEVELS, EXACT, SHARED, QUEUE_STOCK = range(QUEUE_FIELDS)
"""Columns of ``Flat.queues``: whether a place is asked for; levels of precedence within the route;
whether somebody looks at its length, so that who leaves must leave it at the minute; whether it
competes with others for something; the stock from which a dose is asked for, or ``NONE``."""


class Flat(NamedTuple):
    """Routes, their steps and plants, and the queues in which journeys wait.

    A *queue* holds those who wait at one step of one route for the same things: a step has one for
    each plant that may have been chosen (0: none yet), and for those who hold its place already.
    """

    horizon: int
    routes: Ints  # [route, field]
    steps: Ints  # [route, step, field]
    resource: Ints  # [route, step, plant]
    units: Ints  # [route, step, consumable]
    failures: Ints  # [route, step, cause, (retry from, attempts)]
    queue: Ints  # [route, step, holds the place, plant chosen + 1]
    queues: Ints  # [queue, field]
    would_do: Ints  # [queue, plant], the resources that would do, in order; NONE beyond
    ahead: Ints  # [route, queue], whether those in a queue are ahead of a new order
    production: Ints  # [route, plant], resources of the production step, each once; NONE beyond
    policy: Ints  # [stock]
    closed: Ints  # [consumable, window, (from, until)]
    disruptions: Ints  # [kind, (resource, places, lost)]


def flatten(plan: Plan) -> Flat:
    """The plan as arrays; raises ``UsageError`` where it is too large for the packed numbers."""
    if plan.steps > MOST_STEPS:
        raise UsageError(f"the fast engine takes routes of up to {MOST_STEPS} steps")
    if plan.horizon > LONGEST:
        raise UsageError(f"the fast engine takes runs of up to {LONGEST:,} minutes")
    routes, count = plan.routes, (max(len(plan.routes), 1), max(plan.steps, 1))
    plants = max((len(route.plants) for route in routes), default=1)
    causes = max((len(s.failures) for r in routes for s in r.steps), default=0)
    table = np.zeros((count[0], ROUTE_FIELDS), dtype=np.int64)
    steps = np.zeros((*count, STEP_FIELDS), dtype=np.int64)
    resource = np.full((*count, plants), NONE, dtype=np.int64)
    units = np.zeros((*count, len(plan.consumables)), dtype=np.int64)
    failures = np.full((*count, max(causes, 1), 2), NO_RETRY, dtype=np.int64)
    production = np.full((count[0], plants), NONE, dtype=np.int64)
    for index, route in enumerate(routes):
        table[index] = _route(route)
        if route.production >= 0:
            found = list(dict.fromkeys(route.steps[route.production].resource))
            production[index, : len(found)] = found
        for position, step in enumerate(route.steps):
            at = (index, position)
            if step.resource:
                resource[at][: len(step.resource)] = step.resource
                resource[at][len(step.resource) :] = step.resource[-1]
            for consumable, number in step.consumes:
                units[(*at, consumable)] += number
            place = route.place(position)
            steps[at] = (
                bool(step.resource),
                place,
                step.gives_back,
                step.dose,
                bool(units[at].any()),
                sum(route.place(other) == place for other in range(len(route.steps))) > 1,
            )
            for cause, failure in enumerate(step.failures):
                failures[(*at, cause)] = failure.retry_from, failure.attempts
    queue, queues, would_do, ahead = _queues(plan, steps, resource, units, production)
    return Flat(
        horizon=plan.horizon,
        routes=table,
        steps=steps,
        resource=resource,
        units=units,
        failures=failures,
        queue=queue,
        queues=queues,
        would_do=would_do,
        ahead=ahead,
        production=production,
        policy=_table([int(stock.policy) for stock in plan.stocks], ()),
        closed=_windows(plan),
        disruptions=_table([(d.resource, d.places, d.lost) for d in plan.disruptions], (3,)),
    )


def _route(route: RoutePlan) -> tuple[int, ...]:
    return (
        int(route.kind),
        len(route.steps),
        route.collection,
        route.infusion,
        route.stock,
        route.next_dose,
        int(route.priority),
        route.rank,
        route.balks,
        route.chooses,
    )


def _table(rows: Sequence[object], width: tuple[int, ...]) -> Ints:
    return np.asarray(rows, dtype=np.int64).reshape(len(rows), *width)


def _windows(plan: Plan) -> Ints:
    most = max((len(c.closed) for c in plan.consumables), default=0)
    windows = np.full((len(plan.consumables), most, 2), -1, dtype=np.int64)
    for index, consumable in enumerate(plan.consumables):
        for number, window in enumerate(consumable.closed):
            windows[index, number] = window
    return windows


def _queues(
    plan: Plan, steps: Ints, resource: Ints, units: Ints, production: Ints
) -> tuple[Ints, Ints, Ints, Ints]:
    """The queues, and who competes with whom for places, doses and consumables."""
    plants = resource.shape[2]
    table = np.full((*resource.shape[:2], 2, plants + 1), NONE, dtype=np.int64)
    rows: list[tuple[int, int, int, int]] = []
    would_do: list[list[int]] = []
    needs: list[set[tuple[str, int]]] = []
    for index, route in enumerate(plan.routes):
        several = route.chooses
        for position, step in enumerate(route.steps):
            others = {("units", int(c)) for c in np.flatnonzero(units[index, position])}
            others |= {("dose", route.stock)} if step.dose else set()
            stock = route.stock if step.dose else NONE
            for plant in range(len(route.plants)) if 0 <= several < position else (NONE,):
                if step.resource:
                    found = list(step.resource)
                    if position != several:
                        found = [int(resource[index, position, max(plant, 0)])]
                    table[index, position, 0, plant + 1] = len(rows)
                    rows.append((index, position, 1, stock))
                    would_do.append(found)
                    needs.append(others | {("place", r) for r in found})
                if others and (not step.resource or steps[index, position, SHARED_PLACE]):
                    table[index, position, 1, plant + 1] = len(rows)
                    rows.append((index, position, 0, stock))
                    would_do.append([])
                    needs.append(others)
    candidates = np.full((len(rows), plants), NONE, dtype=np.int64)
    ahead = np.zeros((len(plan.routes), len(rows)), dtype=np.int64)
    for queue, found in enumerate(would_do):
        candidates[queue, : len(found)] = found
        for index, route in enumerate(plan.routes):
            ahead[index, queue] = route.balks and bool(set(production[index].tolist()) & set(found))
    counted = {i for i, s in enumerate(plan.stocks) if s.policy != Policy.CAMPAIGN}
    counted |= {r.stock for r in plan.routes if r.balks and r.kind == Kind.FROM_STOCK}
    queues = np.zeros((len(rows), QUEUE_FIELDS), dtype=np.int64)
    for queue, (index, position, asks, stock) in enumerate(rows):
        exact = bool(ahead[:, queue].any()) or stock in counted
        rivals = any(needs[queue] & need for other, need in enumerate(needs) if other != queue)
        levels = LEVELS_OF[int(plan.routes[index].priority)]
        queues[queue] = (index, position, asks, levels, exact, rivals, stock)
    return table, queues, candidates, ahead
