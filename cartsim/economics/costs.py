"""Costs that do not follow the lots: plants, programmes, selling, overheads, write-downs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from cartsim.demand.coverage import certified_centres
from cartsim.demand.development import approved_at, course, stage_costs
from cartsim.demand.launch import launched_at
from cartsim.demand.months import share_after
from cartsim.economics.dated import add_on
from cartsim.economics.prices import exchange_rate
from cartsim.economics.tables import nothing, or_nothing, times, total
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.manufacturing import Expansion, Plant
from cartsim.scenario.model import Product, Scenario
from cartsim.scenario.values import Series
from cartsim.units import DAYS_PER_MONTH, MINUTES_PER_DAY, Calendar, Floats


@dataclass(frozen=True)
class PeriodCosts:
    """Costs by month, float64[R, month], positive amounts in reporting currency.

    ``plant_cost_of_goods`` and ``plant_research`` are the two parts of the plants' fixed cost;
    ``research`` holds the second. ``depreciation`` is a part of the costs that moves no cash,
    ``other_income`` is signed.
    """

    plant_cost_of_goods: Floats
    plant_research: Floats
    research: Floats
    selling: Floats
    administration: Floats
    other_income: Floats
    depreciation: Floats
    capital_expenditure: Floats
    impairment: Floats
    by_product: dict[tuple[str, str], Floats]
    """Research (development stages included) and selling of each product."""


def period_costs(scenario: Scenario, drawn: Drawn) -> PeriodCosts:
    """All costs that are given a year, by month, and the dated impairments."""
    company = scenario.company
    shape = _shape(drawn)
    absorbed, in_research, worn = [], [], []
    for plant in scenario.plants.values():
        wear = depreciation(plant, drawn)
        worn.append(wear)
        cost = total([plant_fixed_cost(plant, drawn), wear], shape)
        share = drawn.value(plant.charged_to_cost_of_goods)[:, None]
        absorbed.append(times(cost, share))
        in_research.append(times(cost, 1.0 - share))
    by_product = {
        (line, name): spent
        for name, product in scenario.products.items()
        for line, spent in (
            ("research", _product_research(product, drawn)),
            ("selling", _product_selling(product, drawn)),
        )
    }

    def of_products(line: str) -> Floats:
        return total((by_product[line, name] for name in scenario.products), shape)

    return PeriodCosts(
        plant_cost_of_goods=total(absorbed, shape),
        plant_research=total(in_research, shape),
        by_product=by_product,
        research=total(
            [
                _by_month(drawn, company.research),
                of_products("research"),
                total(in_research, shape),
                technology_transfers(scenario, drawn),
            ],
            shape,
        ),
        selling=total(
            [
                _by_month(drawn, company.selling),
                of_products("selling"),
                centres(scenario, drawn),
            ],
            shape,
        ),
        administration=_by_month(drawn, company.administration),
        other_income=_by_month(drawn, company.other_income),
        depreciation=total([_by_month(drawn, company.depreciation), total(worn, shape)], shape),
        capital_expenditure=total(
            [_by_month(drawn, company.capital_expenditure), expansions(scenario, drawn)], shape
        ),
        impairment=impairments(scenario, drawn),
    )


def plant_fixed_cost(plant: Plant, drawn: Drawn) -> Floats:
    """A plant's fixed cost by month, float64[R, month]; none before ``fixed_cost_from`` and from
    ``fixed_cost_until`` on, and of a month that holds one of these days the share of its days.
    """
    share = np.ones(drawn.calendar.months)
    if plant.fixed_cost_from is not None:
        share = share_of_month_from(drawn.calendar, plant.fixed_cost_from)
    if plant.fixed_cost_until is not None:
        share = np.maximum(share - share_of_month_from(drawn.calendar, plant.fixed_cost_until), 0.0)
    return times(_by_month(drawn, plant.fixed_cost_per_year), share)


def share_of_month_from(calendar: Calendar, day: date) -> Floats:
    """Share of each month's days that lie on or after a day, float64[month]."""
    begin, end = calendar.month_start[:-1], calendar.month_start[1:]
    return np.clip((end - calendar.minute(day)) / (end - begin), 0.0, 1.0)


def technology_transfers(scenario: Scenario, drawn: Drawn) -> Floats:
    """What teaching contract manufacturers costs, evenly over each transfer, float64[R, month]."""
    makers = [plant.contract_manufacturer for plant in scenario.plants.values()]
    if all(maker is None or maker.transfer is None for maker in makers):
        return nothing(_shape(drawn))
    sums = np.zeros(_shape(drawn))
    edges = drawn.calendar.month_start.astype(np.float64)
    for maker in makers:
        if maker is None or maker.transfer is None:
            continue
        begin = float(drawn.calendar.minute(maker.transfer.begin))
        length = drawn.value(maker.transfer.months)[:, None] * DAYS_PER_MONTH * MINUTES_PER_DAY
        done = np.clip((edges - begin) / np.maximum(length, 1.0), 0.0, 1.0)
        sums += np.diff(done, axis=1) * drawn.value(maker.transfer.cost)[:, None]
    return or_nothing(sums)


def centres(scenario: Scenario, drawn: Drawn) -> Floats:
    """What certifying centres costs and keeping them certified, float64[R, month]: each one that is
    taken on after the run's first month, and from the launch on a year's cost of each that can
    treat."""
    certified = [
        (product, market, market.certification)
        for product in scenario.products.values()
        for market in product.markets.values()
        if market.certification is not None
    ]
    if not certified:
        return nothing(_shape(drawn))
    sums = np.zeros(_shape(drawn))
    for product, market, terms in certified:
        rate = exchange_rate(scenario, drawn, market.currency)
        places = [market.centres, *(region.centres for region in market.regions.values())]
        for series in (centres for centres in places if centres is not None):
            taken_on = drawn.monthly(series)
            new = np.maximum(np.diff(taken_on, axis=1, prepend=taken_on[:, :1]), 0.0)
            kept = certified_centres(series, terms, drawn)
            kept = kept * share_after(drawn.calendar, launched_at(product, market, drawn))
            yearly = drawn.monthly(terms.cost_per_centre_year) * drawn.calendar.month_years
            once = drawn.value(terms.cost_per_centre)[:, None]
            sums += rate * (new * once + kept * yearly)
    return or_nothing(sums)


def expansions(scenario: Scenario, drawn: Drawn) -> Floats:
    """Capital cost of ordered expansions, in the month of the order, float64[R, month]."""
    ordered = [each for plant in scenario.plants.values() for each in _expansions(plant)]
    if not ordered:
        return nothing(_shape(drawn))
    sums = np.zeros(_shape(drawn))
    for expansion in ordered:
        add_on(sums, drawn.calendar, expansion.ordered, drawn.value(expansion.cost))
    return or_nothing(sums)


def _expansions(plant: Plant) -> list[Expansion]:
    return [e for resource in plant.resources.values() for e in resource.expansions.values()]


def depreciation(plant: Plant, drawn: Drawn) -> Floats:
    """What a plant's expansions lose in value by month, float64[R, month]: evenly from the day on
    which their places come into use."""
    worn = [each for each in _expansions(plant) if each.depreciated_over_months is not None]
    if not worn:
        return nothing(_shape(drawn))
    sums = np.zeros(_shape(drawn))
    edges = drawn.calendar.month_start.astype(np.float64)
    month = DAYS_PER_MONTH * MINUTES_PER_DAY
    for expansion in worn:
        assert expansion.depreciated_over_months is not None
        lead = drawn.value(expansion.lead_time)[:, None] * month
        begin = drawn.calendar.minute(expansion.ordered) + lead
        length = np.maximum(drawn.value(expansion.depreciated_over_months)[:, None] * month, 1)
        gone = np.clip((edges - begin) / length, 0.0, 1.0)
        sums += np.diff(gone, axis=1) * drawn.value(expansion.cost)[:, None]
    return or_nothing(sums)


def impairments(scenario: Scenario, drawn: Drawn) -> Floats:
    """Dated write-downs, and those of programmes that fail, float64[R, month]; what falls outside
    the run does not count."""
    calendar, dated = drawn.calendar, scenario.company.impairments.values()
    developed = (product.development for product in scenario.products.values())
    carried = [d for d in developed if d is not None and d.book_value.constant != 0.0]
    if not dated and not carried:
        return nothing(_shape(drawn))
    sums = np.zeros(_shape(drawn))
    for impairment in dated:
        add_on(sums, calendar, impairment.date, drawn.value(impairment.amount))
    for development in carried:
        failed = course(development, drawn).failed_at
        row = np.flatnonzero((failed >= 0) & (failed < calendar.horizon))
        when = calendar.month_of_minute(failed[row])
        sums[row, when] += drawn.value(development.book_value)[row]
    return or_nothing(sums)


def _product_selling(product: Product, drawn: Drawn) -> Floats:
    """Selling of a product; of one in development only from its launch on."""
    spent = _by_month(drawn, product.selling)
    if product.development is None:
        return spent
    return spent * share_after(drawn.calendar, approved_at(product.development, drawn))


def _product_research(product: Product, drawn: Drawn) -> Floats:
    """Research of a product with its development stages; none after a stage has failed."""
    spent = _by_month(drawn, product.research)
    if product.development is None:
        return spent
    failed = course(product.development, drawn).failed_at
    if (failed >= 0).any():
        stops = np.where(failed >= 0, failed, drawn.calendar.horizon)
        spent = spent * (1.0 - share_after(drawn.calendar, stops[:, None]))
    return spent + stage_costs(product.development, drawn)


def _by_month(drawn: Drawn, series: Series) -> Floats:
    constant = series.constant
    if constant == 0.0:
        return nothing(_shape(drawn))
    if constant is not None:
        return np.broadcast_to(constant * drawn.calendar.month_years, _shape(drawn))
    return drawn.monthly(series) * drawn.calendar.month_years


def _shape(drawn: Drawn) -> tuple[int, int]:
    return len(drawn.replications), drawn.calendar.months
