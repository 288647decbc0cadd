"""From the scenario's products and plants to the plan that engines read: names become indices.

Loading a scenario has checked already that every name points somewhere and that every route has
exactly one collection, delivery and infusion, and ends with the infusion.
"""

from __future__ import annotations

from cartsim.scenario.model import Product, Role, Scenario
from cartsim.simulation.plan import NO_RESOURCE, NO_RETRY, Plan, RoutePlan, StepPlan
from cartsim.units import Calendar


def compile_plan(scenario: Scenario) -> Plan:
    """The structure of a run: products, markets, plants and resources in the scenario's order.

    Every resource of every plant is in the plan, used or not.
    """
    resources = tuple(
        f"{plant_name}.{resource_name}"
        for plant_name, plant in scenario.plants.items()
        for resource_name in plant.resources
    )
    return Plan(
        horizon=Calendar(scenario.run.start, scenario.run.years).horizon,
        resources=resources,
        routes=tuple(
            _route(name, product, resources) for name, product in scenario.products.items()
        ),
        markets=tuple(
            (index, market)
            for index, product in enumerate(scenario.products.values())
            for market in product.markets
        ),
    )


def _route(name: str, product: Product, resources: tuple[str, ...]) -> RoutePlan:
    return RoutePlan(
        product=name,
        steps=tuple(_step(step, product, resources) for step in product.route.order),
        collection=_index(product, "collection"),
        delivery=_index(product, "delivery"),
        infusion=_index(product, "infusion"),
    )


def _step(name: str, product: Product, resources: tuple[str, ...]) -> StepPlan:
    step = product.route.steps[name]
    resource, retry_from, attempts = NO_RESOURCE, NO_RETRY, 1
    if step.resource is not None:
        resource = resources.index(f"{product.plant}.{step.resource}")
    if step.on_failure is not None:
        retry_from = product.route.order.index(step.on_failure.retry_from)
        attempts = step.on_failure.attempts
    return StepPlan(str(name), step.role, resource, retry_from, attempts)


def _index(product: Product, role: Role) -> int:
    """Index of the one step of a route that has a role."""
    roles = [product.route.steps[step].role for step in product.route.order]
    return roles.index(role)
