"""Which keys of a market belong together, exclude each other, or say nothing alone."""

from __future__ import annotations

from collections.abc import Iterator

from cartsim.errors import Problem
from cartsim.scenario.keys import clash, count, in_order, needs, together
from cartsim.scenario.part import nearest
from cartsim.scenario.references import entries, markets
from cartsim.scenario.tree import Map, Scalar, find

MODELLED = (
    "incidence_per_year",
    "funnel",
    "labels",
    "prevalent_pool",
    "launch_delay_months",
    "approval_probability",
    "centres",
    "coverage_scale",
    "coverage",
    "certification",
    "regions",
    "payers",
    "ability_to_pay",
    "national_listing",
    "instalments",
    "outcome_guarantee",
    "adoption",
    "attraction",
    "efficacy",
    "wait_days",
    "competitors",
    "choice",
    "class_share",
)
"""Keys of a market whose demand is modelled; ``orders`` replaces them all."""
COMPARED = {"price": "price", "efficacy": "efficacy", "wait_days": "wait"}
"""What sellers are compared by, and the weight of ``choice`` that makes it count."""
OF_A_RIVAL = ("delay_months", "probability", "until", "attraction", *COMPARED)


def market_problems(tree: Map, product: str, name: str, market: Map) -> Iterator[Problem]:
    """Everything that is wrong between the keys of one market."""
    if "orders" in market:
        yield from clash(market, ["orders"], MODELLED)
        orders = market["orders"]
        if isinstance(orders, Map):
            yield from clash(orders, ["every_days"], ["arrivals"])
            yield from in_order(orders, "from", "until")
        return
    if "incidence_per_year" not in market:
        given = any(key in market for key in MODELLED)
        message = (
            "missing key 'incidence_per_year'"
            if given
            else "a market has 'orders' that are given, or 'incidence_per_year' to model them"
        )
        yield Problem(message, market.path, market.position)
    for _, label in entries(market, "labels"):
        if "pool_patients" in label and "prevalent_pool" not in market:
            message = "'pool_patients' join the prevalent pool; this market has none"
            where = label.key_position("pool_patients")
            yield Problem(message, f"{label.path}.pool_patients", where, "add prevalent_pool")
    yield from _access(market)
    yield from _payers(market)
    yield from _class(tree, f"{product}.{name}", market)


def _access(market: Map) -> Iterator[Problem]:
    """Centres, coverage and adoption, of the market and of its regions."""
    regions = [region for _, region in entries(market, "regions")]
    yield from clash(market, ["coverage"], ["centres", "coverage_scale"])
    if "coverage" not in market and not any("centres" in region for region in regions):
        yield from together(market, "centres", "coverage_scale")
    elif "coverage" not in market:
        yield from _missing(market, "coverage_scale", "centres")
    for region in regions:
        yield from clash(region, ["coverage"], ["centres", "coverage_scale"])
        if "coverage_scale" not in market:
            yield from _missing(region, "coverage_scale", "centres")
        yield from needs(region, "coverage_scale", "centres")
    centred = [place for place in (market, *regions) if "centres" in place]
    if "certification" in market and not centred:
        message = "'certification' says nothing without 'centres'"
        where = market.key_position("certification")
        yield Problem(message, f"{market.path}.certification", where)
    for place in (market, *regions):
        curve = place.get("adoption")
        if not isinstance(curve, Map) or str(curve.get("per_centre", "no")) != "yes":
            continue
        reason = ""
        if "constant" in curve:
            reason = "a constant is the same for every centre, however old"
        elif not centred:
            reason = "there are no 'centres' that could start a curve"
        if reason:
            where = curve.key_position("per_centre")
            yield Problem(reason, f"{curve.path}.per_centre", where)


def _payers(market: Map) -> Iterator[Problem]:
    regions = [region for _, region in entries(market, "regions")]
    places = [market, *regions]
    paying = any("payers" in place for place in places)
    if not regions:
        yield from together(market, "payers", "ability_to_pay")
    for region in regions:
        paid_for = market if "payers" in market else region
        if (
            "payers" in paid_for
            and "ability_to_pay" not in market
            and "ability_to_pay" not in region
        ):
            message = "missing key 'ability_to_pay', which 'payers' needs"
            yield Problem(message, f"{region.path}.ability_to_pay", region.position)
    for place in places:
        if regions and "ability_to_pay" in place and not paying:
            message = "missing key 'payers', which 'ability_to_pay' needs"
            where = place.key_position("ability_to_pay")
            yield Problem(message, f"{place.path}.payers", where)
        for _, payer in entries(place, "payers"):
            for key in ("cap", "from", "until", "budget_per_year"):
                yield from needs(payer, key, "reimburses")
            yield from in_order(payer, "from", "until")
    for key in ("national_listing", "instalments", "outcome_guarantee"):
        if key in market and not paying:
            yield from needs(market, key, "payers")
    plan = market.get("instalments")
    number = count(plan, "number") if isinstance(plan, Map) else None
    if isinstance(plan, Map) and number is not None and not 2 <= number <= 60:
        message = f"a plan has 2 to 60 instalments; got {number}"
        yield Problem(message, plan["number"].path, plan["number"].position)


def _missing(node: Map, key: str, other: str) -> Iterator[Problem]:
    """A key without which another one cannot be."""
    if other in node and key not in node:
        message = f"missing key {key!r}, which {other!r} needs"
        yield Problem(message, f"{node.path}.{key}", node.key_position(other))


def _class(tree: Map, here: str, market: Map) -> Iterator[Problem]:
    """Competitors, and what physicians compare."""
    given = [key for key in ("attraction", "efficacy", "wait_days") if key in market]
    yield from clash(market, ["class_share"], ["competitors", "choice", *given])
    if "class_share" in market:
        return
    looked_at = [market, *_rivals_that_look(tree, here)]
    if "attraction" in market and len(looked_at) == 1:
        yield from needs(market, "attraction", "competitors")
    yield from needs(market, "choice", "competitors")
    rivals = [rival for _, rival in entries(market, "competitors")]
    for rival in rivals:
        yield from _rival(tree, here, market, rival)
    for key, weight in COMPARED.items():
        counts = any(weight in _choice(each) for each in looked_at)
        if key != "price" and key in market and not counts:
            yield from _idle(market, key, weight)
        for rival in rivals:
            if key in rival and weight not in _choice(market):
                yield from _idle(rival, key, weight)
        if weight not in _choice(market):
            continue
        choice: Map = market["choice"]
        if key != "price" and key not in market:
            yield from _says_nothing(choice, weight, f"the market has no {key!r} of its own")
        elif not any(key in rival or "product" in rival for rival in rivals):
            yield from _says_nothing(choice, weight, f"no competitor has {key!r}")


def _rivals_that_look(tree: Map, here: str) -> Iterator[Map]:
    """The markets that name this one as a competitor of theirs."""
    for _, product in entries(tree, "products"):
        for _, market in entries(product, "markets"):
            for _, rival in entries(market, "competitors"):
                if str(rival.get("product", "")) == here:
                    yield market


def _choice(market: Map) -> Map:
    choice = market.get("choice")
    return choice if isinstance(choice, Map) else Map((), market.position)


def _idle(node: Map, key: str, weight: str) -> Iterator[Problem]:
    message = f"{key!r} says nothing without 'choice.{weight}' of the market"
    yield Problem(message, f"{node.path}.{key}", node.key_position(key))


def _says_nothing(choice: Map, weight: str, because: str) -> Iterator[Problem]:
    message = f"{weight!r} says nothing: {because}"
    yield Problem(message, f"{choice.path}.{weight}", choice.key_position(weight))


def _rival(tree: Map, here: str, market: Map, rival: Map) -> Iterator[Problem]:
    yield from in_order(rival, "from", "until")
    named = rival.get("product")
    if not isinstance(named, Scalar) or named.null:
        return
    yield from clash(rival, ["product"], OF_A_RIVAL)
    others = [name for name in markets(tree) if name != here]
    if named not in others:
        hint = nearest(str(named), others)
        message = f"unknown product and market {str(named)!r} to compete with"
        yield Problem(message, named.path, named.position, hint)
        return
    product, _, name = str(named).partition(".")
    theirs = find(tree, f"products.{product}.markets.{name}")
    if not isinstance(theirs, Map):
        return
    currencies = [str(each.get("currency", tree.get("currency"))) for each in (market, theirs)]
    if "price" in _choice(market) and currencies[0] != currencies[1]:
        message = f"prices in {currencies[1]} cannot be compared with those in {currencies[0]}"
        yield Problem(message, named.path, named.position)
