"""Random small plans over every feature, in which ties are the rule.

Durations, orders and clocks are a few minutes long, so that nearly everything is tied with
something: that is where engines differ.
"""

from __future__ import annotations

import numpy as np
from random_chance import chance, random_journeys

from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import (
    NO_RETRY,
    NO_STEP,
    NO_STOCK,
    OWN_PLACE,
    ConsumablePlan,
    DisruptionPlan,
    FailurePlan,
    Kind,
    MarketPlan,
    Plan,
    Policy,
    Priority,
    RoutePlan,
    StepPlan,
    StockPlan,
)

Case = tuple[Plan, Journeys]


def random_case(seed: int, *, patients: int = 10, shortest: int = 0) -> Case:
    """A plan, and journeys of one to three replications of up to so many patients each; steps last
    at least ``shortest`` minutes."""
    rng = np.random.default_rng(seed)
    plan = random_plan(rng)
    return plan, random_journeys(plan, rng, patients, shortest)


def random_plan(rng: np.random.Generator) -> Plan:
    resources = int(rng.integers(0, 5))
    consumables = int(rng.integers(0, 3)) if chance(rng, 0.5) else 0
    stocks = int(rng.choice([0, 1, 2], p=[0.35, 0.45, 0.2]))
    routes: list[RoutePlan] = []
    for index in range(int(rng.integers(1, 4))):
        from_stock = stocks > 0 and chance(rng, 0.6)
        stock = int(rng.integers(0, stocks)) if from_stock else NO_STOCK
        routes.append(random_patients_route(f"product_{index}", stock, resources, consumables, rng))
    products = tuple(route.product for route in routes)
    markets = [MarketPlan(f"market_{index}", index, index) for index in range(len(routes))]
    if chance(rng, 0.3):
        markets.append(MarketPlan("another_market", 0, 0))
    of_lots = []
    for stock in range(stocks):
        of_lots.append(len(routes))
        routes.append(random_lots_route(products[0], stock, resources, consumables, rng))
    return Plan(
        horizon=int(rng.integers(10, 60)),
        products=products,
        resources=tuple(f"plant.{index}" for index in range(resources)),
        routes=tuple(routes),
        markets=tuple(markets),
        stocks=tuple(
            StockPlan(products[0], route, Policy(int(rng.integers(0, 3)))) for route in of_lots
        ),
        consumables=tuple(
            ConsumablePlan(f"consumable_{index}", random_windows(rng))
            for index in range(consumables)
        ),
        disruptions=random_disruptions(resources, rng),
    )


def random_windows(rng: np.random.Generator) -> tuple[tuple[int, int], ...]:
    edges = np.sort(rng.choice(50, size=2 * int(rng.integers(0, 4)), replace=False)).tolist()
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def random_disruptions(resources: int, rng: np.random.Generator) -> tuple[DisruptionPlan, ...]:
    count = int(rng.integers(1, 4)) if resources and chance(rng, 0.6) else 0
    return tuple(
        DisruptionPlan(
            f"disruption_{index}",
            int(rng.integers(0, resources)),
            int(rng.integers(0, 3)),
            chance(rng, 0.5),
        )
        for index in range(count)
    )


def random_patients_route(
    name: str, stock: int, resources: int, consumables: int, rng: np.random.Generator
) -> RoutePlan:
    count = int(rng.integers(2, 7))
    last = count - 1
    from_stock = stock != NO_STOCK
    dose = int(rng.integers(0, count)) if from_stock else NO_STEP
    plants = random_plants(rng)
    return RoutePlan(
        product=name,
        kind=Kind.FROM_STOCK if from_stock else Kind.AUTOLOGOUS,
        steps=random_steps(count, len(plants), dose, resources, consumables, rng),
        plants=plants,
        collection=NO_STEP if chance(rng, 0.3) else int(rng.integers(0, last)),
        production=int(rng.integers(0, count)),
        delivery=NO_STEP if chance(rng, 0.3) else int(rng.integers(0, last)),
        infusion=last,
        stock=stock,
        next_dose=int(rng.integers(0, dose + 1)) if from_stock else 0,
        priority=Priority(int(rng.integers(0, len(Priority)))),
        rank=int(rng.choice([0, 0, 1, 2])),
        balks=chance(rng, 0.35),
    )


def random_lots_route(
    product: str, stock: int, resources: int, consumables: int, rng: np.random.Generator
) -> RoutePlan:
    plants = random_plants(rng)
    count = int(rng.integers(1, 5))
    return RoutePlan(
        product=product,
        kind=Kind.STOCK_LOT,
        steps=random_steps(count, len(plants), NO_STEP, resources, consumables, rng),
        plants=plants,
        production=NO_STEP if chance(rng, 0.3) else int(rng.integers(0, count)),
        stock=stock,
        priority=Priority(int(rng.integers(0, len(Priority)))),
        rank=int(rng.choice([0, 0, 1, 2])),
    )


def random_plants(rng: np.random.Generator) -> tuple[str, ...]:
    return ("first", "second", "third")[: int(rng.choice([1, 2, 3], p=[0.6, 0.25, 0.15]))]


def random_steps(
    count: int,
    plants: int,
    dose: int,
    resources: int,
    consumables: int,
    rng: np.random.Generator,
) -> tuple[StepPlan, ...]:
    resource: list[tuple[int, ...]] = []
    for _ in range(count):
        if resources == 0 or chance(rng, 0.3):
            resource.append(())
        elif chance(rng, 0.5):
            resource.append((int(rng.integers(0, resources)),) * plants)
        else:
            resource.append(tuple(rng.integers(0, resources, plants).tolist()))
    place, gives_back = [OWN_PLACE] * count, [True] * count
    for _ in range(int(rng.choice([0, 1, 2], p=[0.5, 0.3, 0.2])) if resources else 0):
        share_a_place(resource, place, gives_back, rng)
    return tuple(
        StepPlan(
            name=f"step_{index}",
            resource=resource[index],
            place=place[index],
            gives_back=gives_back[index],
            failures=random_failures(index, rng),
            consumes=random_units(consumables, rng),
            dose=index == dose,
        )
        for index in range(count)
    )


def share_a_place(
    resource: list[tuple[int, ...]],
    place: list[int],
    gives_back: list[bool],
    rng: np.random.Generator,
) -> None:
    """Some steps that have no shared place yet hold one from the first to the last of them, as a
    rule (it may be given back in between, too)."""
    free = [index for index, of in enumerate(place) if of == OWN_PLACE]
    members = [index for index in free if chance(rng, 0.6)]
    taken_at = next((index for index in members if resource[index]), None)
    members = [index for index in members if taken_at is not None and index >= taken_at]
    if taken_at is None or len(members) < 2:
        return
    for index in members:
        resource[index], place[index] = resource[taken_at], taken_at
        gives_back[index] = index == members[-1] or chance(rng, 0.15)


def random_failures(index: int, rng: np.random.Generator) -> tuple[FailurePlan, ...]:
    causes = int(rng.choice([0, 1, 2, 3], p=[0.3, 0.4, 0.2, 0.1]))
    failures = []
    for number in range(causes):
        again = chance(rng, 0.75)
        retry_from = int(rng.integers(0, index + 1)) if again else NO_RETRY
        attempts = int(rng.choice([1, 2, 2, 3, 4])) if again else 1
        failures.append(FailurePlan(f"cause_{number}", retry_from, attempts))
    return tuple(failures)


def random_units(consumables: int, rng: np.random.Generator) -> tuple[tuple[int, int], ...]:
    used = [index for index in range(consumables) if chance(rng, 0.3)]
    return tuple((index, int(rng.integers(1, 3))) for index in used)
