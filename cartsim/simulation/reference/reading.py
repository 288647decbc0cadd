"""From the arrays of a block to the journeys of one replication, as objects."""

from __future__ import annotations

from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import Plan
from cartsim.simulation.reference.journey import Journey, Way

Cells = list[list[int]]


def read_ways(plan: Plan, journeys: Journeys, replication: int) -> list[Way]:
    """The routes, with what holds for them in a replication."""
    by_route = zip(
        plan.routes,
        journeys.hazard_before[replication].tolist(),
        journeys.hazard_after[replication].tolist(),
        journeys.hazard_shape[replication].tolist(),
        journeys.hands_on[replication].tolist(),
        journeys.interval[replication].tolist(),
        journeys.service[replication].tolist(),
        strict=True,
    )
    return [Way(*values) for values in by_route]


def read_journeys(plan: Plan, journeys: Journeys, replication: int) -> list[Journey]:
    """The journeys of a replication, by number."""
    first, following = journeys.first[replication : replication + 2].tolist()
    ways = read_ways(plan, journeys, replication)
    rows = slice(first, following)
    by_row = zip(
        journeys.route[rows].tolist(),
        (journeys.attempt_first[rows] - journeys.attempt_first[first]).tolist(),
        journeys.order[rows].tolist(),
        journeys.doses[rows].tolist(),
        journeys.shelf_life[rows].tolist(),
        (journeys.order[rows] + journeys.patience[rows]).tolist(),
        journeys.clock[rows].tolist(),
        journeys.bridging[rows].tolist(),
        journeys.risk[rows].tolist(),
        journeys.acceptable[rows].tolist(),
        strict=True,
    )
    return [
        Journey(first + number, number, ways[route], *drawn)
        for number, (route, *drawn) in enumerate(by_row)
    ]


def read_cells(journeys: Journeys, replication: int) -> tuple[Cells, Cells]:
    """Durations and outcomes of a replication, by attempt and step."""
    first, following = journeys.first[replication : replication + 2]
    attempts = slice(journeys.attempt_first[first], journeys.attempt_first[following])
    return journeys.duration[attempts].tolist(), journeys.outcome[attempts].tolist()
