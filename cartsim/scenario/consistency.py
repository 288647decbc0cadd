"""Keys that belong together or exclude each other.

Like the references, these checks look at the tree and so work beside other problems.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import get_args

from cartsim.errors import Problem
from cartsim.scenario.amounts import amount_problems
from cartsim.scenario.deal_keys import deal_problems
from cartsim.scenario.keys import count, needs
from cartsim.scenario.making import making_problems
from cartsim.scenario.manufacturing import Role
from cartsim.scenario.market_keys import market_problems
from cartsim.scenario.numbers import parse_number
from cartsim.scenario.references import entries, texts
from cartsim.scenario.tree import Map, Scalar, Sequence

MAXIMUM_YEARS = 60


def inconsistencies(tree: Map) -> list[Problem]:
    """Every key that clashes with another, and every count and date that cannot be."""
    problems = list(_run(tree))
    for name, product in entries(tree, "products"):
        route = product.get("route")
        if isinstance(route, Map):
            stocked = str(product.get("workflow")) == "allogeneic"
            first = "allocation" if stocked else "collection"
            once = (first, "delivery", "infusion")
            problems.extend(_roles(route, f"products.{name}.route", once, makes=not stocked))
            problems.extend(_infusion(route, f"products.{name}.route"))
            problems.extend(_steps(route))
        bank = product.get("bank")
        lots = bank.get("route") if isinstance(bank, Map) else None
        if isinstance(lots, Map):
            problems.extend(_roles(lots, f"products.{name}.bank.route", (), makes=True))
            problems.extend(_steps(lots))
        for key, market in entries(product, "markets"):
            problems.extend(market_problems(tree, name, key, market))
    for _, contract in entries(tree, "contracts"):
        legs = contract.get("legs")
        for leg in legs if isinstance(legs, Sequence) else []:
            upfront = leg.get("upfront") if isinstance(leg, Map) else None
            recognised = upfront.get("recognised") if isinstance(upfront, Map) else None
            problems.extend(needs(recognised, "from", "over_months"))
    problems.extend(_correlation_ranks(tree))
    problems.extend(making_problems(tree))
    problems.extend(amount_problems(tree))
    problems.extend(deal_problems(tree))
    return problems


def _run(tree: Map) -> Iterator[Problem]:
    run = tree.get("run")
    if not isinstance(run, Map):
        return
    years, replications = count(run, "years"), count(run, "replications")
    if years is not None and not 1 <= years <= MAXIMUM_YEARS:
        node = run["years"]
        message = f"a run has 1 to {MAXIMUM_YEARS} years; got {node}"
        yield Problem(message, node.path, node.position)
    if replications is not None and replications < 1:
        node = run["replications"]
        yield Problem("a run has at least one replication", node.path, node.position)


def _roles(route: Map, path: str, once: tuple[str, ...], makes: bool) -> Iterator[Problem]:
    steps = dict(entries(route, "steps"))
    order = [str(name) for name in texts(route.get("order")) if str(name) in steps]
    places: dict[str, list[int]] = {}
    if sorted(order) != sorted(steps) or not isinstance(route.get("order"), Sequence):
        return
    roles = {str(steps[name].get("role")) for name in order if "role" in steps[name]}
    if not roles <= set(get_args(Role)):
        return
    for index, name in enumerate(order):
        role = steps[name].get("role")
        if isinstance(role, Scalar):
            places.setdefault(str(role), []).append(index)
    for role in once:
        found = places.get(role, [])
        if len(found) != 1:
            names = ", ".join(order[index] for index in found) or "none"
            message = f"a route has exactly one step with role {role}; got {names}"
            yield Problem(message, path, route.position)
    if makes and not places.get("production"):
        message = "a route has at least one step with role production; got none"
        yield Problem(message, path, route.position)
    sequence = [(role, places[role][0]) for role in once if len(places.get(role, [])) == 1]
    for (role, place), (later, later_place) in pairwise(sequence):
        if place > later_place:
            message = f"the {later} stands before the {role} in the order"
            yield Problem(message, f"{path}.order", route["order"].position)


def _infusion(route: Map, path: str) -> Iterator[Problem]:
    """The infusion ends the route, and nothing follows from how it went."""
    steps = dict(entries(route, "steps"))
    order = [str(name) for name in texts(route.get("order"))]
    for name, step in steps.items():
        if str(step.get("role")) != "infusion":
            continue
        if sorted(order) == sorted(steps) and name != order[-1]:
            following = order[order.index(name) + 1]
            message = f"the infusion ends a route; {following!r} comes after it"
            yield Problem(message, f"{path}.order", route["order"].position)
        for key in ("success", "out_of_specification", "on_failure"):
            if key in step:
                message = "an infusion that has started is not undone: it cannot fail or be retried"
                where = step.key_position(key)
                yield Problem(message, f"{path}.steps.{name}.{key}", where, "leave it out")


def _steps(route: Map) -> Iterator[Problem]:
    steps = dict(entries(route, "steps"))
    places = {str(name): index for index, name in enumerate(texts(route.get("order")))}
    repeated: set[int] = set()
    for name, step in steps.items():
        failure = step.get("on_failure")
        if not isinstance(failure, Map):
            continue
        retry = failure.get("retry_from")
        if isinstance(retry, Scalar) and retry in places and name in places:
            repeated.update(range(places[retry], places[name] + 1))
        attempts = count(failure, "attempts")
        if attempts is not None and attempts < 1:
            node = failure["attempts"]
            yield Problem("at least one attempt is made", node.path, node.position)
    for name, step in steps.items():
        if "success_on_retry" in step and name in places and places[name] not in repeated:
            node = step["success_on_retry"]
            message = "no failure leads back to this step, so it is never tried again"
            hint = "add on_failure here or at a later step"
            yield Problem(message, node.path, node.position, hint)
        yield from needs(step, "released_under_exception", "out_of_specification")


def _correlation_ranks(tree: Map) -> Iterator[Problem]:
    correlations = tree.get("correlations")
    for item in correlations if isinstance(correlations, Sequence) else []:
        rank = item.get("rank") if isinstance(item, Map) else None
        if not isinstance(rank, Scalar):
            continue
        try:
            value = parse_number(str(rank), "money")
        except ValueError:
            continue
        if not -1 <= value <= 1:
            message = f"a rank correlation is between -1 and 1; got {str(rank)!r}"
            yield Problem(message, rank.path, rank.position)
