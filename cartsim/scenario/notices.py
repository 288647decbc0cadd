"""What the reader of a scenario must be told although nothing is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator

from cartsim.scenario.model import Scenario
from cartsim.scenario.parameters import quantities
from cartsim.scenario.values import Distribution, DriverReference
from cartsim.units import Calendar


def notices(model: Scenario) -> tuple[str, ...]:
    """One sentence each: the families that quantile forms became, and what changes nothing."""
    return (*_families(model), *_unused(model), *_outside(model), *_risk_twice(model))


def _families(model: Scenario) -> Iterator[str]:
    for quantity in quantities(model):
        if isinstance(quantity.value, Distribution) and quantity.value.note:
            yield f"{quantity.path}: {quantity.value.note}"


def _unused(model: Scenario) -> Iterator[str]:
    used: set[str] = set()
    for quantity in quantities(model):
        if isinstance(quantity.value, DriverReference):
            used.add(quantity.value.driver)
        elif isinstance(quantity.value, Distribution):
            used.update(quantity.value.loadings)
    for driver in model.drivers:
        if driver not in used:
            yield f"drivers.{driver}: no number uses this driver"
    currencies = set(model.company.cash_held_abroad)
    for product in model.products.values():
        currencies |= {market.currency for market in product.markets.values() if market.currency}
    for currency in model.fx:
        if currency not in currencies:
            yield f"fx.{currency}: no market sells and no cash is held in this currency"
    plants: set[str | None] = set()
    for product in model.products.values():
        plants |= {product.plant, *product.plants}
        plants |= {market.plant for market in product.markets.values()}
    for plant in model.plants:
        if plant not in plants:
            yield f"plants.{plant}: no product is made here; only its fixed cost counts"


def _outside(model: Scenario) -> Iterator[str]:
    calendar = Calendar(model.run.start, model.run.years)
    first, end = calendar.month_first[0], calendar.month_first[-1]
    run = f"the run from {first} until {end}"
    for name, impairment in model.company.impairments.items():
        if not first <= impairment.date < end:
            yield f"company.impairments.{name}: {impairment.date} is outside {run}"
    for name, product in model.products.items():
        if product.launch is not None and product.launch >= end:
            yield f"products.{name}.launch: {product.launch} is after {run}"
    for contract in model.contracts.values():
        for leg in contract.legs:
            milestone = leg.milestone
            due = milestone.when.date if milestone is not None else None
            if milestone is not None and due is not None and not first <= due < end:
                yield f"{milestone.path}.when.date: {due} is outside {run}"


HIGH_RATE = 0.15
"""A discount rate above this is taken to hold a premium for the risk of development."""


def _risk_twice(model: Scenario) -> Iterator[str]:
    """Stages that may fail are a risk that is counted by their probabilities."""
    rate = model.company.discount_rate
    if rate.constant is None or rate.constant <= HIGH_RATE:
        return
    for name, product in model.products.items():
        stages = product.development.stages.values() if product.development is not None else ()
        if any(stage.probability.constant != 1.0 for stage in stages):
            yield (
                f"products.{name}.development: its risk may be counted twice, in the probabilities "
                f"of its stages and in company.discount_rate, {rate.constant:.3g} a year"
            )
