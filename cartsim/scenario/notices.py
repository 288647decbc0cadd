"""What the reader of a scenario must be told although nothing is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Iterator

from cartsim.scenario.model import Scenario
from cartsim.scenario.parameters import quantities
from cartsim.scenario.values import ByYear, Distribution, DriverReference, Flat, Steps
from cartsim.units import Calendar, readable


def notices(model: Scenario) -> tuple[str, ...]:
    """One sentence each: the families that quantile forms became, and what changes nothing."""
    return (
        *_families(model),
        *_unused(model),
        *_outside(model),
        *_places(model),
        *_held_longer(model),
        *_written_off(model),
        *_shared_out(model),
        *_risk_twice(model),
    )


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
        bank, development = product.bank, product.development
        if bank is not None and bank.initial is not None and development is not None:
            yield (
                f"{bank.initial.path}: these doses are there when the run starts, although {name} "
                "is in development"
            )
    for name, round_ in model.company.rounds.items():
        if not first <= round_.date < end:
            yield f"company.rounds.{name}: {round_.date} is outside {run}"
    for contract in model.contracts.values():
        for leg in contract.legs:
            if leg.upfront is not None and leg.upfront.received >= end:
                yield f"{leg.upfront.path}.received: {leg.upfront.received} is after {run}"
            milestone = leg.milestone
            due = milestone.when.date if milestone is not None else None
            if milestone is not None and due is not None and not first <= due < end:
                yield f"{milestone.path}.when.date: {due} is outside {run}"


def _places(model: Scenario) -> Iterator[str]:
    for plant in model.plants.values():
        for resource in plant.resources.values():
            if resource.capacity.constant == 0.0 and not resource.expansions:
                yield f"{resource.path}.capacity: 0 places, so nothing that needs one is ever done"
            if isinstance(resource.capacity.form, Flat | ByYear | Steps):
                for level in resource.capacity.quantities():
                    places = level.constant
                    if places is not None and not places.is_integer():
                        whole = math.floor(places + 0.5)
                        yield f"{level.path}: {places:g} places are rounded to {whole}"


def _held_longer(model: Scenario) -> Iterator[str]:
    """Places that are held beyond the end of the step that takes them, where both are constants."""
    for product in model.products.values():
        routes = [product.route, *((product.bank.route,) if product.bank is not None else ())]
        for step in (step for route in routes for step in route.steps.values()):
            held = step.hands_on.constant if step.hands_on is not None else None
            lasts = step.duration.constant if step.duration is not None else None
            if held is not None and lasts is not None and held > lasts:
                yield (
                    f"{step.path}.hands_on: a place is held for {held:g} days, longer than the "
                    f"{lasts:g} days that the step lasts"
                )


def _written_off(model: Scenario) -> Iterator[str]:
    """More than there is, where all of it is given as constants."""
    company, calendar = model.company, Calendar(model.run.start, model.run.years)
    given = company.opening_long_lived_assets
    if given is None or given.constant is None or company.depreciation.constant is None:
        return
    if company.capital_expenditure.constant != 0.0 or any(
        resource.expansions
        for plant in model.plants.values()
        for resource in plant.resources.values()
    ):
        return
    gone = company.depreciation.constant * float(calendar.month_years.sum())
    gone += sum(impairment.amount.constant or 0.0 for impairment in company.impairments.values())
    gone += sum(
        product.development.book_value.constant or 0.0
        for product in model.products.values()
        if product.development is not None
    )
    if gone > given.constant * (1 + 1e-9):
        yield (
            f"company.opening_long_lived_assets: {readable(given.constant)} is less than the "
            f"{readable(gone)} that depreciation and impairments may write off"
        )


def _shared_out(model: Scenario) -> Iterator[str]:
    """Costs of which more than all is borne by others."""
    for name, contract in model.contracts.items():
        for of in ("research", "selling"):
            shares = [
                leg.cost_share.share.constant or 0.0
                for leg in contract.legs
                if leg.cost_share is not None and leg.cost_share.of == of
            ]
            if sum(shares) > 1.0:
                yield (
                    f"contracts.{name}: its legs of kind cost_share pay {sum(shares):.0%} of the "
                    f"cost of {of}"
                )


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
