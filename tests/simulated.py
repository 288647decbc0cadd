"""Plans and journeys for tests: every field has a value at which it does nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import (
    NO_MARKET,
    NO_STOCK,
    SUCCESS,
    ConsumablePlan,
    DisruptionPlan,
    FailurePlan,
    Kind,
    MarketPlan,
    Plan,
    Policy,
    RoutePlan,
    StepPlan,
    StockPlan,
)
from cartsim.units import NEVER

LONG = 2**36
"""A horizon that nothing reaches; the longest one that every engine takes."""


def step(*resource: int, name: str = "step", **rest: Any) -> StepPlan:
    """A step on a resource (one for each plant), or on none."""
    return StepPlan(name, resource=resource, **rest)


def failing(retry_from: int, attempts: int, name: str = "failure") -> tuple[FailurePlan, ...]:
    """The one cause of failure of a step, and the retry that follows."""
    return (FailurePlan(name, retry_from, attempts),)


def patients_route(*steps: StepPlan, kind: Kind = Kind.AUTOLOGOUS, **rest: Any) -> RoutePlan:
    """A route that ends with the infusion."""
    return RoutePlan("product", kind, steps, infusion=len(steps) - 1, **rest)


def lots_route(*steps: StepPlan, stock: int = 0, **rest: Any) -> RoutePlan:
    """The route of a stock's lots."""
    return RoutePlan("product", Kind.STOCK_LOT, steps, stock=stock, **rest)


def plan_of(
    *routes: RoutePlan,
    horizon: int = 1000,
    policies: Sequence[Policy] = (),
    closed: Sequence[tuple[tuple[int, int], ...]] = (),
    disruptions: Sequence[DisruptionPlan] = (),
) -> Plan:
    """A plan of these routes, one market for each route of patients.

    Resources are as many as the steps and disruptions name; ``policies`` are those of the stocks,
    ``closed`` the windows of the consumables.
    """
    named = [r for route in routes for s in route.steps for r in s.resource]
    named += [disruption.resource for disruption in disruptions]
    lots = {r.stock: i for i, r in enumerate(routes) if r.kind == Kind.STOCK_LOT}
    return Plan(
        horizon=horizon,
        products=("product",),
        resources=tuple(f"plant.resource_{index}" for index in range(max(named, default=-1) + 1)),
        routes=routes,
        markets=tuple(
            MarketPlan(f"market_{index}", 0, index)
            for index, route in enumerate(routes)
            if route.kind != Kind.STOCK_LOT
        ),
        stocks=tuple(
            StockPlan("product", lots.get(stock, NO_STOCK), policy)
            for stock, policy in enumerate(policies)
        ),
        consumables=tuple(
            ConsumablePlan(f"consumable_{index}", windows) for index, windows in enumerate(closed)
        ),
        disruptions=tuple(disruptions),
    )


def journeys_of(plan: Plan, **given: Any) -> Journeys:
    """Journeys of which only what matters is given; the rest is what does nothing.

    ``order`` says how many rows there are and ``first`` which replication has which (one has all,
    where it is not given). What is given is broadcast to the shape that ``Journeys`` states:
    ``duration=[7, 0, 1]`` is the same for all attempts. Rows have equally many attempts unless
    ``attempt_first`` is given: as many as ``duration`` or ``outcome`` has for each row, or one.
    """
    order = np.asarray(given["order"])
    rows, routes, resources = order.size, len(plan.routes), len(plan.resources)
    first = np.asarray(given.get("first", [0, rows]))
    replications = first.size - 1
    attempts = max([rows, *(len(given[x]) for x in _BY_ATTEMPT if np.ndim(given.get(x, 0)) == 2)])
    attempts = int(np.asarray(given.get("attempt_first", attempts)).max(initial=0))
    each = attempts // max(rows, 1)
    changes, openings, campaigns = (
        np.asarray(given.get(name, otherwise)).size
        for name, otherwise in (
            ("capacity_time", [0]),
            ("opening_time", []),
            ("campaign_time", []),
        )
    )
    events = np.asarray(given.get("disruption_time", [])).size
    markets = [
        next((i for i, m in enumerate(plan.markets) if m.route == route), NO_MARKET)
        for route in range(routes)
    ]
    route = np.broadcast_to(np.asarray(given.get("route", 0), dtype=np.int64), rows)
    consumables = len(plan.consumables)
    orders = max((np.shape(given["lead"])[-1:] if "lead" in given else ()), default=0)

    default: dict[str, tuple[Any, tuple[int, ...]]] = {
        "first": (first, first.shape),
        "lots_first": (first[1:, None], (replications, len(plan.stocks) + 1)),
        "route": (0, (rows,)),
        "market": (np.asarray(markets, dtype=np.int64)[route], (rows,)),
        "order": (order, (rows,)),
        "doses": (1, (rows,)),
        "shelf_life": (0, (rows,)),
        "patience": (NEVER, (rows,)),
        "clock": (np.inf, (rows,)),
        "bridging": (1.0, (rows,)),
        "risk": (0, (rows,)),
        "acceptable": (NEVER, (rows,)),
        "attempt_first": (np.arange(rows + 1) * each, (rows + 1,)),
        "duration": (10, (attempts, plan.steps)),
        "outcome": (SUCCESS, (attempts, plan.steps)),
        "hazard_before": (0.0, (replications, routes)),
        "hazard_after": (0.0, (replications, routes)),
        "hazard_shape": (1.0, (replications, routes)),
        "hands_on": (-1, (replications, routes, plan.steps)),
        "interval": (0, (replications, routes)),
        "service": (0, (replications, routes)),
        "changeover": (0, (replications, resources)),
        "capacity_time": ([0], (changes,)),
        "capacity": (1, (replications, changes, resources)),
        "opening_time": ([], (openings,)),
        "opening": (-1, (openings, resources)),
        "reorder_point": (-1, (replications, len(plan.stocks))),
        "order_level": (0, (replications, len(plan.stocks))),
        "planned_yield": (1, (replications, len(plan.stocks))),
        "stock_opens": (0, (replications, len(plan.stocks))),
        "campaign_time": ([], (campaigns,)),
        "campaign_stock": (0, (campaigns,)),
        "campaign_lots": (1, (replications, campaigns)),
        "supply": (0, (replications, consumables)),
        "minimum": (-1, (replications, consumables)),
        "quantity": (1, (replications, consumables)),
        "lead": (0, (replications, consumables, orders)),
        "disruption_first": (
            np.arange(replications + 1) * (events // replications),
            (replications + 1,),
        ),
        "disruption_time": ([], (events,)),
        "disruption_length": (1, (events,)),
        "disruption_kind": (0, (events,)),
    }
    assert set(given) <= set(default), set(given) - set(default)
    assert set(default) == {field.name for field in fields(Journeys)}
    columns = {}
    for name, (otherwise, shape) in default.items():
        kind = _KINDS.get(name, np.int64)
        value = np.asarray(given.get(name, otherwise), dtype=kind)
        columns[name] = np.ascontiguousarray(np.broadcast_to(value, shape))
    return Journeys(**columns)


_BY_ATTEMPT = ("duration", "outcome")
_KINDS: dict[str, Any] = {
    "outcome": np.int8,
    "risk": np.int8,
    **dict.fromkeys(
        ["clock", "bridging", "hazard_before", "hazard_after", "hazard_shape"], np.float64
    ),
}

Row = Mapping[str, Any]


def journeys_by_hand(
    plan: Plan,
    patients: Sequence[Row] = (),
    lots: Sequence[Sequence[Row]] = (),
    **given: Any,
) -> Journeys:
    """Journeys of one replication, row by row.

    A patient or lot is a map of what is not a matter of course: ``order``, ``route``, ``doses``,
    ``patience``, ..., and ``duration`` and ``outcome`` by step, or by attempt and step. ``lots``
    are those of each stock, and the first of each is the initial stock.
    """
    rows: list[Row] = [{"order": 0, **patient} for patient in patients]
    lots_first = [len(rows)]
    for stock, plan_of_stock in enumerate(plan.stocks):
        for number, lot in enumerate(lots[stock] if lots else [{"doses": 0}]):
            attempts = {"attempts": 0} if number == 0 else {}
            made = {"order": -1, "route": plan_of_stock.route, "shelf_life": NEVER}
            rows.append({**made, **attempts, **lot})
        lots_first.append(len(rows))

    by_attempt: dict[str, list[Any]] = {"duration": [], "outcome": []}
    attempt_first = [0]
    for row in rows:
        values = [np.asarray(row.get(x, y)) for x, y in (("duration", 10), ("outcome", SUCCESS))]
        several = [value.shape[0] for value in values if value.ndim == 2]
        count = row.get("attempts", max(several, default=1))
        for name, value in zip(by_attempt, values, strict=True):
            by_attempt[name].extend(np.broadcast_to(value, (count, plan.steps)))
        attempt_first.append(attempt_first[-1] + count)
    shape = (attempt_first[-1], plan.steps)
    columns = {
        name: [row.get(name, otherwise) for row in rows]
        for name, otherwise in {
            "order": 0,
            "route": 0,
            "doses": 1,
            "shelf_life": 0,
            "patience": NEVER,
            "clock": np.inf,
            "bridging": 1.0,
            "risk": 0,
            "acceptable": NEVER,
        }.items()
    }
    return journeys_of(
        plan,
        lots_first=np.asarray([lots_first]),
        attempt_first=attempt_first,
        **columns,
        **{name: np.asarray(value).reshape(shape) for name, value in by_attempt.items()},
        **given,
    )


def places(capacity: Mapping[int, int | Sequence[int]]) -> dict[str, Any]:
    """Capacities by the minute from which they hold: of all resources, or of each."""
    each = [np.atleast_1d(value) for value in capacity.values()]
    return {"capacity_time": list(capacity), "capacity": np.stack(each)}


def starts(opening: Mapping[int, int | Sequence[int]]) -> dict[str, Any]:
    """Starts that are allowed, by the minute from which they are: of all resources, or of each."""
    each = [np.atleast_1d(value) for value in opening.values()]
    return {"opening_time": list(opening), "opening": np.stack(each)}
