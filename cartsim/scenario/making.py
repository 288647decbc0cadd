"""What belongs together, or excludes each other, in how a product is made.

Like the references, these checks look at the tree and so work beside other problems.
"""

from __future__ import annotations

from collections.abc import Iterator

from cartsim.errors import Problem
from cartsim.scenario.references import entries, texts
from cartsim.scenario.tree import Map, Scalar, Sequence

MOST_STEPS = 60
MOST_CLASSES = 8


def making_problems(tree: Map) -> list[Problem]:
    """Everything about products' workflows, routes, banks and resources that cannot be."""
    problems: list[Problem] = []
    for name, product in entries(tree, "products"):
        problems.extend(_plants(name, product))
        problems.extend(_workflow(name, product))
        problems.extend(_risk_classes(name, product))
        bank = product.get("bank")
        for owner in (product, bank):
            route = owner.get("route") if isinstance(owner, Map) else None
            if isinstance(route, Map):
                problems.extend(_steps(route))
        if isinstance(bank, Map):
            problems.extend(_bank(bank))
    for _, plant in entries(tree, "plants"):
        for _, resource in entries(plant, "resources"):
            if "slots" in resource and "start_days" in resource:
                node = resource["start_days"]
                message = "'slots' and 'start_days' exclude each other"
                hint = "let the slots' first day be one on which lots may start"
                problems.append(Problem(message, node.path, node.position, hint))
    return problems


def _plants(name: str, product: Map) -> Iterator[Problem]:
    path = f"products.{name}.plant"
    if "plant" in product and "plants" in product:
        message = "'plant' and 'plants' exclude each other"
        yield Problem(message, path, product.key_position("plant"), "keep one of them")
    elif "plant" not in product and not texts(product.get("plants")):
        hint = "or 'plants', a list" if "plants" not in product else "name at least one"
        yield Problem("missing key 'plant'", path, product.position, hint)


def _workflow(name: str, product: Map) -> Iterator[Problem]:
    workflow = str(product.get("workflow"))
    path = f"products.{name}"
    if workflow == "allogeneic" and "bank" not in product:
        message = "missing key 'bank', which an allogeneic product needs"
        yield Problem(message, f"{path}.bank", product.position)
    for key in ("bank", "doses_per_patient", "dose_interval"):
        if workflow == "autologous" and key in product:
            message = f"{key!r} belongs to an allogeneic product"
            yield Problem(message, f"{path}.{key}", product.key_position(key))
    if workflow == "allogeneic" and "starting_material" in product:
        message = "'starting_material' belongs to an autologous product"
        where = product.key_position("starting_material")
        yield Problem(message, f"{path}.starting_material", where)


def _risk_classes(name: str, product: Map) -> Iterator[Problem]:
    classes, priority = product.get("risk_classes"), product.get("priority")
    if isinstance(classes, Sequence) and len(classes) > MOST_CLASSES:
        message = f"at most {MOST_CLASSES} risk classes are told apart; got {len(classes)}"
        yield Problem(message, classes.path, classes.position)
    if "risk" in map(str, texts(priority)) and not isinstance(classes, Sequence):
        message = "priority by 'risk' needs 'risk_classes'"
        where = product.key_position("priority")
        yield Problem(message, f"products.{name}.priority", where)
    given = [str(item) for item in texts(priority)]
    if len(set(given)) < len(given):
        message = "a priority stands twice"
        yield Problem(message, f"products.{name}.priority", product.key_position("priority"))


def _steps(route: Map) -> Iterator[Problem]:
    order = [str(item) for item in texts(route.get("order"))]
    if len(order) > MOST_STEPS:
        node = route["order"]
        message = f"a route has at most {MOST_STEPS} steps; got {len(order)}"
        yield Problem(message, node.path, node.position)
    for name, step in entries(route, "steps"):
        if "duration" in step and "tests" in step:
            message = "'duration' and 'tests' exclude each other"
            hint = "a step with tests lasts as long as the longest"
            yield Problem(message, step.path, step.key_position("tests"), hint)
        elif "duration" not in step and "tests" not in step:
            yield Problem("missing key 'duration'", f"{step.path}.duration", step.position)
        for key in ("success", "success_on_retry", "out_of_specification"):
            if "causes" in step and key in step:
                message = f"'causes' and {key!r} exclude each other"
                yield Problem(message, step.path, step.key_position(key), "keep one of them")
        for key in ("hands_on", "held_until"):
            if key in step and "resource" not in step:
                message = f"{key!r} says nothing without 'resource'"
                yield Problem(message, f"{step.path}.{key}", step.key_position(key))
        until = step.get("held_until")
        if isinstance(until, Scalar) and order:
            if until not in order:
                message = f"unknown step {str(until)!r}"
                yield Problem(message, until.path, until.position)
            elif name in order and order.index(until) <= order.index(name):
                message = f"{str(until)!r} does not come after {name!r}"
                yield Problem(message, until.path, until.position)


def _bank(bank: Map) -> Iterator[Problem]:
    if ("reorder" in bank) == ("campaigns" in bank):
        message = "a bank has 'reorder' or 'campaigns', exactly one of them"
        yield Problem(message, bank.path, bank.position)
