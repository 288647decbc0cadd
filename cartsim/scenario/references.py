"""Names that point to other places of a scenario: plants, steps, parties, drivers, paths.

These checks look at the tree, so that they also work on a scenario that has other problems; only
what concerns chance (correlations, drivers) looks at the model's quantities.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from cartsim.errors import Problem
from cartsim.scenario.model import Scenario
from cartsim.scenario.parameters import quantities, series
from cartsim.scenario.part import nearest
from cartsim.scenario.reach import NEGLIGIBLE, ImpossibleError, range_of, reach
from cartsim.scenario.tree import Map, Node, Scalar, Sequence, find
from cartsim.scenario.values import Distribution, DriverReference, Quantity

PERIOD = re.compile(r"[0-9]{4}(?:H[12]|Q[1-4])?|all")
US = "us"
"""The company's role and name in every contract."""
PAYERS = "payers"
"""Those who pay for doses, patients and insurers together: a party of every contract."""


def dangling_references(tree: Map, model: Scenario) -> list[Problem]:
    """Every name in a scenario that points to nothing, or to what it may not point to."""
    problems: list[Problem] = []
    for name, product in entries(tree, "products"):
        problems.extend(_product(tree, name, product))
    for _, contract in entries(tree, "contracts"):
        problems.extend(_contract(tree, contract))
    problems.extend(_supply_prices(tree))
    problems.extend(_currencies(tree))
    problems.extend(_observed(tree))
    known = {quantity.path: quantity for quantity in quantities(model)}
    paths = {*known, *(item.path for item in series(model))}
    for lever in texts(tree.get("levers")):
        if find(tree, lever) is None and lever not in paths:
            hint = nearest_path(lever, paths)
            message = f"lever {str(lever)!r} is not a path of this scenario"
            problems.append(Problem(message, lever.path, lever.position, hint))
    problems.extend(_correlations(tree, known))
    problems.extend(_drivers(tree, model, known))
    return problems


def entries(node: Node | None, key: str) -> Iterator[tuple[str, Map]]:
    """The named maps under a key."""
    below = node.get(key) if isinstance(node, Map) else None
    if isinstance(below, Map):
        for name, item in below.items():
            if isinstance(item, Map):
                yield str(name), item


def texts(node: Node | None) -> list[Scalar]:
    """The scalars of a list."""
    if not isinstance(node, Sequence):
        return []
    return [item for item in node if isinstance(item, Scalar) and not item.null]


def nearest_path(path: str, paths: Iterable[str]) -> str:
    """A hint with the nearest of many paths, or nothing where none is near."""
    hint = nearest(path, paths)
    return hint if hint.startswith("did you mean") else ""


def _unknown(node: Scalar, what: str, names: Iterable[str]) -> Problem:
    hint = nearest(str(node), names)
    return Problem(f"unknown {what} {str(node)!r}", node.path, node.position, hint)


def _scalar(node: Node | None, key: str) -> Scalar | None:
    found = node.get(key) if isinstance(node, Map) else None
    return found if isinstance(found, Scalar) and not found.null else None


def _names(node: Node | None, key: str) -> list[str]:
    below = node.get(key) if isinstance(node, Map) else None
    return [str(name) for name in below] if isinstance(below, Map) else []


def _broken(node: Node | None, key: str) -> bool:
    """Whether something else than a map stands where names should be (reported elsewhere)."""
    return isinstance(node, Map) and key in node and not isinstance(node[key], Map)


def _product(tree: Map, name: str, product: Map) -> Iterator[Problem]:
    known = _names(tree, "plants")
    named = [node for node in (_scalar(product, "plant"), *texts(product.get("plants"))) if node]
    for _, market in entries(product, "markets"):
        own = _scalar(market, "plant")
        if own is not None:
            named.append(own)
    plants: list[str] = []
    for plant in named:
        if plant in known:
            plants.append(str(plant))
        elif not _broken(tree, "plants"):
            yield _unknown(plant, "plant", known)
    yield from _route(tree, f"products.{name}.route", product.get("route"), plants)
    bank = product.get("bank")
    if isinstance(bank, Map):
        yield from _route(tree, f"products.{name}.bank.route", bank.get("route"), plants)


def _route(tree: Map, path: str, route: Node | None, plants: list[str]) -> Iterator[Problem]:
    steps = dict(entries(route, "steps"))
    for step in steps.values():
        resource = _scalar(step, "resource")
        if resource is not None:
            yield from _resource(tree, resource, plants)
        supplies = step.get("consumes")
        if not isinstance(supplies, Map):
            continue
        for supply in supplies:
            if supply not in _names(tree, "supplies"):
                message = f"unknown supply {str(supply)!r}"
                hint = nearest(str(supply), _names(tree, "supplies")) or "add it under supplies"
                yield Problem(message, supplies.path, supplies.key_position(supply), hint)
    if isinstance(route, Map) and isinstance(route.get("order"), Sequence) and "steps" in route:
        yield from _order(route, steps, f"{path}.order")


def _resource(tree: Map, resource: Scalar, plants: list[str]) -> Iterator[Problem]:
    """``name`` must be a resource of every plant that the product may go to, ``plant.name`` one of
    that plant."""
    plant, dot, name = str(resource).rpartition(".")
    if dot:
        if plant not in _names(tree, "plants"):
            yield _unknown(resource, "plant of resource", _names(tree, "plants"))
            return
        plants = [plant]
    for each in dict.fromkeys(plants):
        resources = _names(find(tree, f"plants.{each}"), "resources")
        if name not in resources:
            yield _unknown(resource, f"resource of plant {each!r}", resources)


def _order(route: Map, steps: dict[str, Map], path: str) -> Iterator[Problem]:
    order = texts(route["order"])
    seen: set[str] = set()
    for item in order:
        if item not in steps:
            yield _unknown(item, "step", steps)
        if item in seen:
            yield Problem(f"step {str(item)!r} stands twice in the order", item.path, item.position)
        seen.add(str(item))
    for name in steps:
        if name not in seen:
            where = route["steps"].key_position(name)
            message = f"step {name!r} does not stand in the order"
            yield Problem(
                message, f"{path.removesuffix('.order')}.steps.{name}", where, f"add it to {path}"
            )
    places = {str(item): index for index, item in enumerate(order)}
    for name, step in steps.items():
        failure = step.get("on_failure")
        retry = _scalar(failure, "retry_from")
        if retry is None or name not in places:
            continue
        if retry not in places:
            yield _unknown(retry, "step", steps)
        elif places[retry] > places[name]:
            message = f"a failure of {name!r} cannot go on from {str(retry)!r}, which comes later"
            yield Problem(message, retry.path, retry.position)


def _contract(tree: Map, contract: Map) -> Iterator[Problem]:
    parties = contract.get("parties")
    known = [US, PAYERS]
    if isinstance(parties, Map):
        for role, party in parties.items():
            known.extend([str(role), *([str(party)] if isinstance(party, Scalar) else [])])
    named = {str(role): str(party) for role, party in _items(parties)}
    legs = contract.get("legs")
    for leg in legs if isinstance(legs, Sequence) else []:
        for kind, terms in _items(leg):
            payer, payee = _scalar(terms, "from"), _scalar(terms, "to")
            for side in (payer, payee):
                if side is not None and side not in known:
                    yield _unknown(side, "party", known)
            paid = named.get(payee or US, payee or US)
            if payer is not None and named.get(payer, payer) == paid:
                message = f"{str(payer)!r} pays itself"
                yield Problem(message, payer.path, payer.position)
            elif kind == "supply_price" and payee in known and US not in (payee, paid):
                message = f"a supply price is paid to us, who make the dose; got {str(payee)!r}"
                yield Problem(message, payee.path, payee.position)
    covered = markets(tree)
    if any(_broken(product, "markets") for _, product in entries(tree, "products")):
        return
    covers = contract.get("covers")
    if isinstance(covers, Sequence) and not covers:
        yield Problem("a contract covers at least one market", covers.path, covers.position)
    for item in texts(covers):
        if item not in covered and item not in _names(tree, "products"):
            names = [*_names(tree, "products"), *covered]
            yield _unknown(item, "product or market", names)


def _items(node: Node | None) -> Iterator[tuple[str, Any]]:
    yield from node.items() if isinstance(node, Map) else ()


def markets(tree: Map) -> list[str]:
    """``product.market`` of every market, in order."""
    return [
        f"{name}.{market}"
        for name, product in entries(tree, "products")
        for market in _names(product, "markets")
    ]


def _supply_prices(tree: Map) -> Iterator[Problem]:
    """A dose is sold once: at most one supply price covers a market."""
    taken: dict[str, str] = {}
    for name, contract in entries(tree, "contracts"):
        covers = {str(item) for item in texts(contract.get("covers"))}
        covered = [
            market
            for market in markets(tree)
            if market in covers or market.partition(".")[0] in covers
        ]
        legs = contract.get("legs")
        for leg in legs if isinstance(legs, Sequence) else []:
            terms = leg.get("supply_price") if isinstance(leg, Map) else None
            if not isinstance(terms, Map):
                continue
            for market in covered:
                if market in taken:
                    message = f"{market} has two supply prices; the other is in {taken[market]}"
                    yield Problem(message, terms.path, terms.position)
                taken.setdefault(market, f"contracts.{name}")


def _currencies(tree: Map) -> Iterator[Problem]:
    reporting = _scalar(tree, "currency")
    rates = _names(tree, "fx")
    if reporting is not None and reporting in rates:
        fx: Map = tree["fx"]
        message = f"{str(reporting)!r} is the reporting currency; it needs no rate"
        yield Problem(message, f"fx.{reporting}", fx.key_position(str(reporting)))
    for _, product in entries(tree, "products"):
        for _, market in entries(product, "markets"):
            currency = _scalar(market, "currency")
            if currency is not None and currency != reporting and currency not in rates:
                message = f"no exchange rate for {str(currency)!r}"
                hint = f"add {currency} under fx"
                yield Problem(message, currency.path, currency.position, hint)
    abroad = find(tree, "company.cash_held_abroad")
    if isinstance(abroad, Map):
        for key in abroad:
            if key not in rates:
                path = f"company.cash_held_abroad.{key}"
                message = f"no exchange rate for {str(key)!r}"
                where = abroad.key_position(key)
                yield Problem(message, path, where, f"add {key} under fx")


def _observed(tree: Map) -> Iterator[Problem]:
    observed = tree.get("observed")
    for item in observed if isinstance(observed, Sequence) else []:
        period = _scalar(item, "period")
        if period is not None and not PERIOD.fullmatch(period):
            message = f"unknown period {str(period)!r}"
            hint = "write 2024, 2024H1, 2024Q1 or all"
            yield Problem(message, period.path, period.position, hint)


def _correlations(tree: Map, known: dict[str, Quantity]) -> Iterator[Problem]:
    correlations = tree.get("correlations")
    uncertain = [
        path
        for path, quantity in known.items()
        if isinstance(quantity.value, Distribution) and quantity.scope == "replication"
    ]
    pairs: set[frozenset[str]] = set()
    for item in correlations if isinstance(correlations, Sequence) else []:
        between = item.get("between") if isinstance(item, Map) else None
        if not isinstance(between, Sequence):
            continue
        paths = texts(between)
        if len(between) != 2 or len(paths) != 2:
            message = f"a correlation is between two paths; got {len(between)}"
            yield Problem(message, between.path, between.position)
            continue
        for path in paths:
            quantity = known.get(path)
            if path in uncertain:
                continue
            if quantity is not None and isinstance(quantity.value, Distribution):
                message = f"{str(path)!r} varies per {quantity.scope}"
                hint = "correlations are between inputs that are uncertain per replication"
            elif quantity is not None or find(tree, path) is not None:
                message = f"{str(path)!r} is not uncertain"
                hint = nearest_path(path, uncertain)
            else:
                message = f"{str(path)!r} is not a path of this scenario"
                hint = nearest_path(path, known)
            yield Problem(message, path.path, path.position, hint)
        pair = frozenset(map(str, paths))
        if len(pair) == 1 or pair in pairs:
            twice = "an input with itself" if len(pair) == 1 else "the same two inputs twice"
            yield Problem(f"a correlation of {twice}", between.path, between.position)
        pairs.add(pair)


def _drivers(tree: Map, model: Scenario, known: dict[str, Quantity]) -> Iterator[Problem]:
    names = _names(tree, "drivers")
    drivers = getattr(model, "drivers", None)
    for quantity in known.values():
        used: list[str] = []
        if isinstance(quantity.value, DriverReference):
            used = [quantity.value.driver]
        elif isinstance(quantity.value, Distribution):
            used = list(quantity.value.loadings)
        inside = quantity.path.startswith("drivers.")
        for name in used:
            if inside:
                message = "a driver cannot depend on another driver"
                yield Problem(message, quantity.path, quantity.position)
            elif name not in names:
                hint = nearest(name, names) or "add it under drivers"
                message = f"unknown driver {name!r}"
                yield Problem(message, quantity.path, quantity.position, hint)
        driver = drivers.get(used[0]) if used and isinstance(drivers, dict) else None
        refers = isinstance(quantity.value, DriverReference) and not inside
        if refers and isinstance(driver, Quantity):
            yield from _driver_bounds(quantity, driver)


def _driver_bounds(quantity: Quantity, driver: Quantity) -> Iterator[Problem]:
    try:
        ends = reach(driver.value) if isinstance(driver.value, Distribution) else range_of(driver)
    except ImpossibleError:
        return
    low, high = ends[0], ends[-1]
    if low < quantity.low - NEGLIGIBLE or high > quantity.high + NEGLIGIBLE:
        message = (
            f"driver {driver.path.removeprefix('drivers.')!r} reaches {low:.4g} to {high:.4g}; "
            f"here {quantity.low:g} to {quantity.high:g} is possible"
        )
        yield Problem(message, quantity.path, quantity.position, "truncate the driver")
