"""What of contracts, developments and financing cannot be beside each other."""

from __future__ import annotations

from collections.abc import Iterator

from cartsim.errors import Problem
from cartsim.scenario.keys import clash, count, in_order, needs, plain
from cartsim.scenario.part import nearest
from cartsim.scenario.references import entries, markets, texts
from cartsim.scenario.tree import Map, Node, Scalar, Sequence

ON_OUTCOMES = ("refund", "staged_payment")
"""Legs that depend on what becomes of the patients."""


def deal_problems(tree: Map) -> Iterator[Problem]:
    """Everything about them that cannot be, in one pass."""
    for name, product in entries(tree, "products"):
        yield from _development(tree, name, product)
    for _, contract in entries(tree, "contracts"):
        covered = _covered(tree, contract)
        legs = contract.get("legs")
        for leg in legs if isinstance(legs, Sequence) else []:
            for kind, terms in leg.items() if isinstance(leg, Map) else ():
                if isinstance(terms, Map):
                    yield from _leg(tree, str(kind), terms, covered)
    for _, loan in entries(tree.get("company"), "loans"):
        yield from in_order(loan, "drawn", "repaid")
    for name, platform in entries(tree, "platforms"):
        users = [
            product
            for _, product in entries(tree, "products")
            if isinstance(product.get("development"), Map)
            and str(product["development"].get("platform", "")) == name
        ]
        if not users:
            message = f"no product's development depends on the platform {name!r}"
            yield Problem(message, platform.path, tree["platforms"].key_position(name))


def _development(tree: Map, name: str, product: Map) -> Iterator[Problem]:
    if "development" not in product:
        if "launch" not in product and not product.damaged:
            own = [market for _, market in entries(product, "markets")]
            if not own or any("launch" not in market for market in own):
                path = f"products.{name}.launch"
                yield Problem("missing key 'launch', or 'development'", path, product.position)
        return
    yield from clash(product, ["launch"], ["development"])
    for _, market in entries(product, "markets"):
        if "orders" in market:
            message = "orders that are given do not wait for an approval; model them"
            where = market.key_position("orders")
            yield Problem(message, f"{market.path}.orders", where, "give incidence_per_year")
    development = product["development"]
    if not isinstance(development, Map):
        return
    stages = development.get("stages")
    if isinstance(stages, Map) and not stages:
        message = "a development has at least one stage"
        yield Problem(message, f"{development.path}.stages", development.key_position("stages"))
    platform, known = development.get("platform"), tree.get("platforms")
    names = sorted(map(str, known)) if isinstance(known, Map) else []
    if isinstance(platform, Scalar) and str(platform) not in names:
        message = f"unknown platform {str(platform)!r}"
        hint = nearest(str(platform), names) or "add it under platforms"
        yield Problem(message, platform.path, platform.position, hint)


def _leg(tree: Map, kind: str, terms: Map, covered: list[str]) -> Iterator[Problem]:
    if kind in ON_OUTCOMES:
        products = dict(entries(tree, "products"))
        for product in dict.fromkeys(name.partition(".")[0] for name in covered):
            stages = terms.get("stages")
            chancy = not isinstance(stages, Sequence) or any(
                isinstance(stage, Map) and str(stage.get("when", "always")) != "always"
                for stage in stages
            )
            if chancy and product in products and "outcomes" not in products[product]:
                message = f"{product!r} has no 'outcomes', on which this leg depends"
                hint = f"add products.{product}.outcomes"
                yield Problem(message, terms.path, terms.position, hint)
    if kind == "royalty":
        yield from _tiers(terms.get("tiers"))
        yield from needs(terms, "step_down_to", "step_down_from")
    if kind == "staged_payment":
        stages = terms.get("stages")
        shares = [plain(stage.get("share")) for stage in _maps(stages)]
        known = [share for share in shares if share is not None]
        if isinstance(stages, Sequence) and sum(known) > 1 + 1e-9:
            message = f"the stages sum to {sum(known):.4g} of the price, more than 1"
            yield Problem(message, stages.path, stages.position)
    if kind == "instalment_plan":
        number = count(terms, "number")
        if number is not None and not 1 <= number <= 120:
            where = terms["number"].position
            message = f"a plan has 1 to 120 instalments; got {number}"
            yield Problem(message, f"{terms.path}.number", where)
    if kind == "equity":
        buy_back, received = terms.get("buy_back"), terms.get("received")
        later = buy_back.get("date") if isinstance(buy_back, Map) else None
        dated = isinstance(received, Scalar) and isinstance(later, Scalar)
        if isinstance(later, Scalar) and dated and str(later) <= str(received):
            message = f"the shares are bought back ({later}) before they are sold ({received})"
            yield Problem(message, later.path, later.position)
        if str(terms.get("subsidiary", "no")) == "yes" and "share" not in terms:
            message = "missing key 'share': which part of the subsidiary is sold"
            yield Problem(message, f"{terms.path}.share", terms.position)
    if kind == "fee" and str(terms.get("per", "")) not in ("month", "year"):
        for key in ("since", "until"):
            if key in terms:
                message = f"{key!r} is for fees by time; what is counted has its own time"
                yield Problem(message, f"{terms.path}.{key}", terms.key_position(key))
    if kind == "rights" and str(terms.get("to", "")) == "us":
        message = "rights are given to another party; without them the company sells itself"
        yield Problem(message, f"{terms.path}.to", terms["to"].position)
    when = terms.get("when")
    if isinstance(when, Map) and "until" in when and "date" in when:
        yield from in_order(when, "date", "until")


def _tiers(tiers: Node | None) -> Iterator[Problem]:
    if isinstance(tiers, Sequence) and not tiers:
        yield Problem("a royalty has at least one tier", tiers.path, tiers.position)
    last = -1.0
    for tier in _maps(tiers):
        level = plain(tier.get("above", Scalar("0")))
        if level is not None and level <= last:
            message = f"tiers are not in the order of their levels: {level:.10g} after {last:.10g}"
            yield Problem(message, tier.path, tier.position)
        last = level if level is not None else last


def _maps(node: Node | None) -> Iterator[Map]:
    for item in node if isinstance(node, Sequence) else ():
        if isinstance(item, Map):
            yield item


def _covered(tree: Map, contract: Map) -> list[str]:
    named = {str(item) for item in texts(contract.get("covers"))}
    return [m for m in markets(tree) if m in named or m.partition(".")[0] in named]
