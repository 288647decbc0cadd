"""From the scenario's products and plants to the plan that engines read: names become indices.

Loading a scenario has checked already that every name points somewhere and that every route has the
steps that its workflow needs.
"""

from __future__ import annotations

from collections.abc import Sequence

from cartsim.scenario.manufacturing import OnFailure, Route, Step
from cartsim.scenario.market import Market
from cartsim.scenario.model import Product, Scenario
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
from cartsim.units import NEVER, Calendar

BOOKING = "booking"
"""The step before the collection of fresh cells, at which a place for production is taken."""
PRIORITIES = {
    (): Priority.NONE,
    ("retry",): Priority.RETRY,
    ("risk",): Priority.RISK,
    ("retry", "risk"): Priority.RETRY_THEN_RISK,
    ("risk", "retry"): Priority.RISK_THEN_RETRY,
}


def compile_plan(scenario: Scenario) -> Plan:
    """The structure of a run, everything in the scenario's order.

    Every resource of every plant is in the plan, used or not. There is one route for each product
    and list of plants that a market's lots may go to, and after them one for the lots of each bank.
    """
    calendar = Calendar(scenario.run.start, scenario.run.years)
    resources = resource_names(scenario)
    supplies = tuple(scenario.supplies)
    stocks = [name for name, product in scenario.products.items() if product.bank is not None]
    routes: list[RoutePlan] = []
    markets: list[MarketPlan] = []
    of_patients: dict[tuple[str, tuple[str, ...]], int] = {}
    for number, (name, product) in enumerate(scenario.products.items()):
        for market_name, market in product.markets.items():
            plants = plants_of(product, market)
            if (name, plants) not in of_patients:
                of_patients[name, plants] = len(routes)
                stock = stocks.index(name) if name in stocks else NO_STOCK
                routes.append(_patients(name, product, plants, stock, resources, supplies))
            markets.append(MarketPlan(market_name, number, of_patients[name, plants]))
    plans: list[StockPlan] = []
    for stock, name in enumerate(stocks):
        product = scenario.products[name]
        plans.append(StockPlan(name, len(routes), policy_of(product)))
        routes.append(_lots(name, product, stock, resources, supplies))
    return Plan(
        horizon=calendar.horizon,
        products=tuple(scenario.products),
        resources=resources,
        routes=tuple(routes),
        markets=tuple(markets),
        stocks=tuple(plans),
        consumables=tuple(
            ConsumablePlan(
                name,
                _windows(
                    [
                        (calendar.minute(closed.begin), calendar.minute(closed.until))
                        for closed in supply.closed.values()
                    ]
                ),
            )
            for name, supply in scenario.supplies.items()
        ),
        disruptions=tuple(
            DisruptionPlan(
                f"{plant_name}.{name}",
                resources.index(f"{plant_name}.{disruption.resource}"),
                disruption.places,
                disruption.lots_in_progress == "lost",
            )
            for plant_name, plant in scenario.plants.items()
            for name, disruption in plant.disruptions.items()
        ),
    )


def resource_names(scenario: Scenario) -> tuple[str, ...]:
    """``plant.resource`` of every resource."""
    return tuple(
        f"{plant_name}.{resource_name}"
        for plant_name, plant in scenario.plants.items()
        for resource_name in plant.resources
    )


def plants_of(product: Product, market: Market | None = None) -> tuple[str, ...]:
    """The plants among which the lots of a market's patients (or those of the bank) are made."""
    if market is not None and market.plant is not None:
        return (str(market.plant),)
    if product.plant is not None:
        return (str(product.plant),)
    return tuple(map(str, product.plants))


def policy_of(product: Product) -> Policy:
    """What makes the lots of a product's bank begin."""
    assert product.bank is not None
    if product.bank.reorder is None:
        return Policy.CAMPAIGN
    by_level = product.bank.reorder.order_up_to is not None
    return Policy.ORDER_UP_TO if by_level else Policy.FIXED_QUANTITY


def _patients(
    name: str,
    product: Product,
    plants: tuple[str, ...],
    stock: int,
    resources: Sequence[str],
    supplies: Sequence[str],
) -> RoutePlan:
    steps = _steps(product.route, plants, resources, supplies)
    if product.starting_material == "fresh":
        steps = _booked(steps)
    roles = [step.role for step in steps]
    autologous = product.bank is None
    return RoutePlan(
        product=name,
        kind=Kind.AUTOLOGOUS if autologous else Kind.FROM_STOCK,
        steps=steps,
        plants=plants,
        collection=_first(roles, "collection"),
        production=_first(roles, "production") if autologous else NO_STEP,
        delivery=_first(roles, "delivery"),
        infusion=_first(roles, "infusion"),
        stock=stock,
        next_dose=max(_first(roles, "allocation"), 0),
        priority=PRIORITIES[tuple(product.priority)],
        rank=product.rank,
        balks=product.balking is not None,
    )


def _lots(
    name: str, product: Product, stock: int, resources: Sequence[str], supplies: Sequence[str]
) -> RoutePlan:
    assert product.bank is not None
    plants = plants_of(product)
    steps = _steps(product.bank.route, plants, resources, supplies)
    roles = [step.role for step in steps]
    return RoutePlan(
        product=name,
        kind=Kind.STOCK_LOT,
        steps=steps,
        plants=plants,
        collection=_first(roles, "collection"),
        production=_first(roles, "production"),
        stock=stock,
        priority=Priority.RETRY if "retry" in product.priority else Priority.NONE,
        rank=product.rank,
    )


def _first(roles: Sequence[str | None], role: str) -> int:
    return roles.index(role) if role in roles else NO_STEP


def _steps(
    route: Route, plants: tuple[str, ...], resources: Sequence[str], supplies: Sequence[str]
) -> tuple[StepPlan, ...]:
    order = list(map(str, route.order))
    places = _places(route)
    found = []
    for position, name in enumerate(order):
        step = route.steps[name]
        resource: tuple[int, ...] = ()
        if step.resource is not None:
            full = [
                str(step.resource) if "." in step.resource else f"{plant}.{step.resource}"
                for plant in plants
            ]
            resource = tuple(resources.index(item) for item in full)
        place, gives_back = places.get(position, (OWN_PLACE, True))
        found.append(
            StepPlan(
                name=name,
                role=step.role,
                resource=resource,
                place=place,
                gives_back=gives_back,
                failures=failures(step, order),
                consumes=tuple(
                    (supplies.index(supply), units) for supply, units in step.consumes.items()
                ),
                dose=step.role == "allocation",
            )
        )
    return tuple(found)


def failures(step: Step, order: Sequence[str]) -> tuple[FailurePlan, ...]:
    """The causes of a step's failures, in the order in which outcomes count them."""
    if not step.causes:
        return (_failure("failure", step.on_failure, order),)
    return tuple(
        _failure(name, cause.on_failure or step.on_failure, order)
        for name, cause in step.causes.items()
    )


def _failure(name: str, follows: OnFailure | None, order: Sequence[str]) -> FailurePlan:
    if follows is None:
        return FailurePlan(name, NO_RETRY, 1)
    return FailurePlan(name, order.index(follows.retry_from), follows.attempts)


def _places(route: Route) -> dict[int, tuple[int, bool]]:
    """For the steps that share a place: under which step it is held, and whether they give it
    back."""
    order = list(map(str, route.order))
    found: dict[int, tuple[int, bool]] = {}
    for position, name in enumerate(order):
        step = route.steps[name]
        if step.held_until is None or position in found:
            continue
        last = order.index(step.held_until)
        for other in range(position, last + 1):
            same = route.steps[order[other]].resource == step.resource
            if same:
                found[other] = (position, other == last)
        if last not in found:  # held to the end of a step that is done elsewhere
            last_done = max(other for other in found if found[other][0] == position)
            found[last_done] = (position, True)
    return found


def _booked(steps: tuple[StepPlan, ...]) -> tuple[StepPlan, ...]:
    """The steps with a booking before the collection, whose place the production then has."""
    collection = next(i for i, step in enumerate(steps) if step.role == "collection")
    production = next(i for i, step in enumerate(steps) if step.role == "production")
    resource = steps[production].resource
    shifted = []
    held = steps[production].place if steps[production].place != OWN_PLACE else production
    for position, step in enumerate(steps):
        place = step.place
        shares = position == production or (place == held and place != OWN_PLACE)
        if shares:
            place = collection
        elif place != OWN_PLACE:
            place = place + (place >= collection)
        shifted.append(
            StepPlan(
                step.name,
                step.role,
                step.resource,
                place,
                step.gives_back,
                tuple(
                    FailurePlan(f.name, _after_booking(f.retry_from, collection), f.attempts)
                    for f in step.failures
                ),
                step.consumes,
                step.dose,
            )
        )
    booking = StepPlan(BOOKING, None, resource, collection, gives_back=False)
    return (*shifted[:collection], booking, *shifted[collection:])


def _after_booking(retry_from: int, collection: int) -> int:
    # what leads back to the collection leads back to the booking, which stands at its old index
    return retry_from + 1 if retry_from > collection else retry_from


def _windows(windows: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Windows sorted and apart: those that touch or overlap become one."""
    apart: list[tuple[int, int]] = []
    for begin, until in sorted(windows):
        if apart and begin <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(apart[-1][1], until))
        else:
            apart.append((begin, min(until, NEVER)))
    return tuple(apart)
