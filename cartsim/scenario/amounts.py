"""What numbers and dates of plants, banks and supplies cannot be beside each other.

Only numbers that are written as such are compared; uncertain ones are rounded into range when they
are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator

from cartsim.errors import Problem
from cartsim.scenario.keys import plain
from cartsim.scenario.references import entries
from cartsim.scenario.tree import Map, Node, Scalar, Sequence

LEAST = {
    "supplies": {"order_quantity": 0.5},
    "bank": {"doses_per_lot": 0.5, "planned_doses_per_lot": 0.5, "shelf_life": 1e-9},
}
"""The least that makes sense; a half is rounded up to one."""
NEARLY = 1e-9


def amount_problems(tree: Map) -> Iterator[Problem]:
    """Everything about them that cannot be, in one pass."""
    for _, product in entries(tree, "products"):
        yield from _risk_classes(product)
        bank = product.get("bank")
        for owner in (product, bank):
            route = owner.get("route") if isinstance(owner, Map) else None
            if isinstance(route, Map):
                for _, step in entries(route, "steps"):
                    yield from _causes(route, step)
        if isinstance(bank, Map):
            yield from _least(bank, LEAST["bank"])
            yield from _levels(bank.get("reorder"))
            for _, campaign in entries(bank, "campaigns"):
                yield from _in_order(campaign, "from", "until")
                yield from _interval(campaign)
    for _, supply in entries(tree, "supplies"):
        yield from _least(supply, LEAST["supplies"])
        for _, closed in entries(supply, "closed"):
            yield from _in_order(closed, "from", "until")
    for _, plant in entries(tree, "plants"):
        yield from _plant(plant)


def _plant(plant: Map) -> Iterator[Problem]:
    yield from _in_order(plant, "fixed_cost_from", "fixed_cost_until")
    resources = plant.get("resources")
    for owner in (plant, *(resource for _, resource in entries(plant, "resources"))):
        for _, shutdown in entries(owner, "shutdowns"):
            yield from _in_order(shutdown, "from", "until")
        slots = owner.get("slots")
        if isinstance(slots, Map):
            yield from _interval(slots)
    for _, disruption in entries(plant, "disruptions"):
        named = disruption.get("resource")
        known = sorted(map(str, resources)) if isinstance(resources, Map) else []
        if isinstance(named, Scalar) and known and str(named) not in known:
            message = f"unknown resource {str(named)!r} of this plant"
            hint = f"allowed: {', '.join(known)}"
            yield Problem(message, named.path, named.position, hint)


def _in_order(owner: Map, first: str, second: str) -> Iterator[Problem]:
    begin, until = owner.get(first), owner.get(second)
    if isinstance(begin, Scalar) and isinstance(until, Scalar) and str(until) <= str(begin):
        message = f"{second!r} must be after {first!r}, {begin}; got {until}"
        yield Problem(message, until.path, until.position)


def _interval(owner: Map) -> Iterator[Problem]:
    every = owner.get("every_days")
    value = plain(every)
    if isinstance(every, Scalar) and value is not None and value < 1:
        message = f"an interval is at least 1 day; got {every}"
        yield Problem(message, every.path, every.position)


def _least(owner: Map, least: dict[str, float]) -> Iterator[Problem]:
    for key, smallest in least.items():
        value = plain(owner.get(key))
        if value is not None and 0 <= value < smallest:
            what = "1 or more" if smallest == 0.5 else "more than 0"
            message = f"{key!r} must be {what}; got {value:.10g}"
            yield Problem(message, f"{owner.path}.{key}", owner[key].position)


def _levels(reorder: Node | None) -> Iterator[Problem]:
    if not isinstance(reorder, Map):
        return
    point, level = plain(reorder.get("reorder_point")), plain(reorder.get("order_up_to"))
    if point is not None and level is not None and level <= point:
        message = f"'order_up_to' must be above the reorder point, {point:.10g}; got {level:.10g}"
        where = reorder["order_up_to"].position
        yield Problem(message, f"{reorder.path}.order_up_to", where)


def _risk_classes(product: Map) -> Iterator[Problem]:
    classes = product.get("risk_classes")
    if not isinstance(classes, Sequence):
        return
    shares = [plain(item.get("share")) if isinstance(item, Map) else None for item in classes]
    total = sum(share for share in shares if share is not None)
    whole = None not in shares
    if total > 1 + NEARLY or (whole and total < 1 - NEARLY):
        message = f"the shares of the risk classes add up to {total:.6g}, not to 1"
        yield Problem(message, classes.path, classes.position)


def _causes(route: Map, step: Map) -> Iterator[Problem]:
    causes = entries(step, "causes")
    total = 0.0
    for _, cause in causes:
        total += plain(cause.get("share")) or 0.0
        failure = cause.get("on_failure")
        retry = failure.get("retry_from") if isinstance(failure, Map) else None
        known = route.get("steps")
        if isinstance(retry, Scalar) and isinstance(known, Map) and str(retry) not in known:
            yield Problem(f"unknown step {str(retry)!r}", retry.path, retry.position)
    if total > 1 + NEARLY:
        message = f"the shares of the causes add up to {total:.6g}, which is more than 1"
        yield Problem(message, f"{step.path}.causes", step.key_position("causes"))
