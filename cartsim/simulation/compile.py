"""From the scenario's products and plants to the plan that engines read: names become indices."""

from __future__ import annotations

from cartsim.errors import Problem, ScenarioError
from cartsim.scenario.model import Product, Scenario, Step
from cartsim.scenario.model import Route as ScenarioRoute
from cartsim.simulation.plan import NO_RESOURCE, NO_RETRY, Plan, RoutePlan, StepPlan
from cartsim.units import Calendar


def compile_plan(scenario: Scenario) -> Plan:
    """The structure of a run: products, markets, plants and resources in the scenario's order.

    Every resource of every plant is in the plan, used or not. Raises :class:`ScenarioError` with
    all problems when a route cannot be followed.
    """
    problems: list[Problem] = []
    resources = tuple(
        f"{plant_name}.{resource_name}"
        for plant_name, plant in scenario.plants.items()
        for resource_name in plant.resources
    )
    routes = tuple(
        _route(name, product, resources, problems) for name, product in scenario.products.items()
    )
    markets = tuple(
        (index, market)
        for index, product in enumerate(scenario.products.values())
        for market in product.markets
    )
    if problems:
        raise ScenarioError(problems)
    horizon = Calendar(scenario.run.start, scenario.run.years).horizon
    return Plan(horizon=horizon, resources=resources, routes=routes, markets=markets)


def _route(
    name: str, product: Product, resources: tuple[str, ...], problems: list[Problem]
) -> RoutePlan:
    route = product.route
    _check_order(route, problems)
    order = [step for step in route.order if step in route.steps]
    steps = tuple(
        _step(index, order, route.steps[step], product.plant, resources, problems)
        for index, step in enumerate(order)
    )
    roles = {
        role: _only(role, steps, route, problems) for role in ("collection", "delivery", "infusion")
    }
    infusion = roles["infusion"]
    if infusion is not None:
        _check_infusion(order, infusion, route, problems)
    return RoutePlan(
        product=name, steps=steps, **{role: index or 0 for role, index in roles.items()}
    )


def _step(
    index: int,
    order: list[str],
    step: Step,
    plant: str,
    resources: tuple[str, ...],
    problems: list[Problem],
) -> StepPlan:
    resource, retry_from, attempts = NO_RESOURCE, NO_RETRY, 1
    if step.resource is not None:
        wanted = f"{plant}.{step.resource}"
        if wanted in resources:
            resource = resources.index(wanted)
        else:
            message = f"plant {plant!r} has no resource {step.resource!r}"
            problems.append(Problem(message, f"{step.path}.resource"))
    if step.on_failure is not None:
        attempts = step.on_failure.attempts
        if attempts < 1:
            message = "attempts count the first one too, so there is at least 1; got 0"
            problems.append(Problem(message, f"{step.path}.on_failure.attempts"))
        earlier = order[: index + 1]
        if step.on_failure.retry_from in earlier:
            retry_from = earlier.index(step.on_failure.retry_from)
        else:
            message = f"{step.on_failure.retry_from!r} is neither this step nor one before it"
            hint = f"allowed: {', '.join(earlier)}"
            problems.append(Problem(message, f"{step.path}.on_failure.retry_from", hint=hint))
    return StepPlan(
        name=order[index],
        role=step.role,
        resource=resource,
        retry_from=retry_from,
        attempts=attempts,
    )


def _check_order(route: ScenarioRoute, problems: list[Problem]) -> None:
    """``order`` must name every step of the route once."""
    path = f"{route.path}.order"
    for step in dict.fromkeys(route.order):
        if step not in route.steps:
            hint = f"allowed: {', '.join(route.steps)}"
            problems.append(Problem(f"the route has no step {step!r}", path, hint=hint))
        elif route.order.count(step) > 1:
            problems.append(Problem(f"step {step!r} is named more than once", path))
    problems.extend(
        Problem(f"step {step!r} of the route is not in its order", path)
        for step in route.steps
        if step not in route.order
    )


def _only(
    role: str, steps: tuple[StepPlan, ...], route: ScenarioRoute, problems: list[Problem]
) -> int | None:
    """Index of the one step that has a role."""
    found = [index for index, step in enumerate(steps) if step.role == role]
    if len(found) == 1:
        return found[0]
    names = ", ".join(repr(steps[index].name) for index in found) or "none"
    message = f"a route has exactly one step with the role {role}; got {names}"
    problems.append(Problem(message, f"{route.path}.steps"))
    return None


def _check_infusion(
    order: list[str], infusion: int, route: ScenarioRoute, problems: list[Problem]
) -> None:
    """The infusion ends the route, and nothing follows from how it went."""
    step = route.steps[order[infusion]]
    if infusion != len(order) - 1:
        message = f"the infusion ends a route; {order[infusion + 1]!r} comes after it"
        problems.append(Problem(message, f"{route.path}.order"))
    may_fail = (
        step.success.constant != 1.0
        or step.out_of_specification.constant != 0.0
        or step.success_on_retry is not None
        or step.on_failure is not None
    )
    if may_fail:
        message = "an infusion that has started is not made undone: it cannot fail or be retried"
        problems.append(Problem(message, step.path))
