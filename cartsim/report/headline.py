"""A run in a few plain sentences: who, how much, why not more, and how long the cash lasts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cartsim.economics.bridge import BRIDGE
from cartsim.economics.contracts.subsidiaries import sellers
from cartsim.montecarlo.result import Result
from cartsim.report.wording import currency_name, listed, plural, share, span
from cartsim.scenario.model import Scenario
from cartsim.units import Calendar, readable

WORTH_SAYING = 0.02
"""Steps from orders to revenue below this share of the orders' value are not said."""
LEAST_ORDERS = 0.5
OTHER_REVENUE = {
    "licence_income": "upfront and milestone income",
    "royalty_income": "royalties, shared profits and costs",
    "service_income": "services to others",
}


def headline(result: Result) -> str:
    """The headline of a run, a sentence a line.

    Amounts are medians with P5 to P95 in brackets; the explanation of booked revenue is in means
    over the replications, because only means add up.
    """
    return "\n".join(filter(None, [_year(result), _explanation(result), _cash(result)]))


def first_year_of_orders(result: Result) -> str | None:
    """The first calendar year in which patients are ordered for in most replications, or None."""
    for year in result.periods("year"):
        if result.statistic("orders", year, "p50") >= LEAST_ORDERS:
            return year
    return None


def year_to_show(result: Result) -> str:
    """The first year of orders; of a programme that may fail, or come at any time, the first with
    orders on average; otherwise the first of the run."""
    found = first_year_of_orders(result)
    if found is not None:
        return found
    years = result.periods("year")
    return next((y for y in years if result.statistic("orders", y) >= LEAST_ORDERS), years[0])


def _year(result: Result) -> str:
    scenario = result.loaded.model
    currency = currency_name(scenario.currency)
    year = first_year_of_orders(result)
    if year is None and (result.values("orders", "all") > 0).any():
        return _in_some(result)
    if year is None:
        year = result.periods("year")[0]
        start = f"In {year}, {scenario.company.name} has no orders; the "
    else:
        orders, infusions = (result.statistic(n, year, "p50") for n in ("orders", "infusions"))
        ordered = (
            f"{plural(orders, 'order', 'orders')} for {listed(list(scenario.products))}"
            f"{_range(result, 'orders', year, 'P5–P95 ')}"
        )
        infused = plural(infusions, "patient", "patients")
        name, revenue = scenario.company.name, _money(result, "revenue", year, currency)
        sold_by = sellers(scenario)
        if len(sold_by) == len(scenario.markets):
            others = list(dict.fromkeys(sold_by.values()))
            get = "gets" if len(others) == 1 else "get"
            start = (
                f"In {year}, {listed(others)} {get} {ordered} and {infused} are infused; {name} "
                f"books revenue of {revenue}, the "
            )
        else:
            start = (
                f"In {year}, {name} gets {ordered}, infuses {infused} and books revenue of "
                f"{revenue}; the "
            )
    return (
        f"{start}operating result is {_money(result, 'operating_result', year, currency)} and cash "
        f"at the end of {year} {_money(result, 'closing_cash', year, currency)}."
    )


def _in_some(result: Result) -> str:
    """Of a company that has something to sell in no year of most replications: a programme that
    may fail, or come at any time."""
    scenario, years = result.loaded.model, result.periods("year")
    currency, last = currency_name(scenario.currency), years[-1]
    ordered = np.stack([result.values("orders", year) > 0 for year in years], axis=1)
    ever = ordered.any(axis=1)
    first = years[int(np.median(ordered[ever].argmax(axis=1)))]
    name, often = scenario.company.name, share(float(ever.mean()))
    earned = _money(result, "operating_result", "all", currency)
    left = _money(result, "closing_cash", last, currency)
    return (
        f"{name} gets orders for {listed(list(scenario.products))} in {often} of the replications "
        f"by the end of {last}, from {first} on in the median of them; over the whole run the "
        f"operating result is {earned} and cash at the end of {last} {left}."
    )


def _explanation(result: Result) -> str:
    year = first_year_of_orders(result)
    if year is None:
        return ""
    names = ("orders", "product_sales", "revenue", *BRIDGE)
    mean = {name: result.statistic(name, year) for name in names}
    value, orders, booked = (mean[n] for n in ("gross_order_value", "orders", "revenue"))
    if not value > 0:
        return ""
    currency = currency_name(result.loaded.model.currency)
    reasons = list(_reasons(result.loaded.model, mean))
    products = result.loaded.model.products.values()
    one_each = all(product.doses_per_patient.constant == 1.0 for product in products)
    each = "a dose" if one_each else "a patient"
    asked = (
        f"{plural(orders, 'order', 'orders')} at {readable(value / orders)} {currency} {each} "
        f"would be {readable(value)}"
    )
    because = f", because {listed(reasons, most=len(reasons))}" if reasons else ""
    others = [
        f"{readable(mean[line])} {said}"
        for line, said in OTHER_REVENUE.items()
        if mean[line] > WORTH_SAYING * booked
    ]
    if booked > value:  # mostly not from orders, so the reasons are those of the product sales
        sales = readable(mean["product_sales"])
        besides = listed([said.replace(" ", " of ", 1) for said in others])
        besides = besides or "other income from contracts"
        return (
            f"On average {asked}; {sales} of it is booked{because}. With {besides} revenue is "
            f"{readable(booked)}."
        )
    earned = f" ({listed(others).replace(' ', ' of it is ', 1)})" if others else ""
    return f"On average {asked}; {readable(booked)} is booked{earned}{because}."


def _reasons(scenario: Scenario, mean: dict[str, float]) -> Iterator[str]:
    """Why product sales are less than the orders at list price, in the order of their weight."""
    value = mean["gross_order_value"]
    event = _recognition(scenario)
    waiting = mean["never_delivered"] + mean["not_yet_delivered"]
    recognised = value - waiting - mean["price_change_since_order"]
    before_tax = recognised - mean["value_added_tax"]
    found: list[tuple[float, str]] = [
        (waiting, f"{share(waiting / value)} of the orders are not {event} within the year"),
        (mean["value_added_tax"], f"{readable(mean['value_added_tax'])} is value-added tax"),
        (mean["given_free"], f"{readable(mean['given_free'])} is given free under exception"),
        (mean["deductions"], f"{readable(mean['deductions'])} goes into rebates and programmes"),
        (mean["price_change_since_order"], "the price fell between order and recognition"),
    ]
    partners = distributors(scenario)
    elsewhere = list(dict.fromkeys(sellers(scenario).values()))
    if elsewhere and not partners:
        sell, own = ("sells", "its") if len(elsewhere) == 1 else ("sell", "their")
        sold = readable(mean["partner_share"])
        text = f"{listed(elsewhere)} {sell} {sold} at {own} own account"
        found.append((mean["partner_share"], text))
    if partners and before_tax > 0:
        pays = "pays" if len(partners) == 1 else "pay"
        part = share(mean["product_sales"] / before_tax)
        text = f"{listed(partners)} {pays} {part} of the list price before tax per {event} dose"
        found.append((mean["partner_share"], text))
    for amount, text in sorted(found, key=lambda item: -item[0]):
        if amount > WORTH_SAYING * value:
            yield text


def distributors(scenario: Scenario) -> list[str]:
    """Names of the parties that buy doses from the company at a supply price."""
    names = []
    for contract in scenario.contracts.values():
        for leg in contract.legs:
            if leg.supply_price is not None:
                names.append(contract.parties.get(leg.supply_price.begin, leg.supply_price.begin))
    return list(dict.fromkeys(names))


def _recognition(scenario: Scenario) -> str:
    events = {
        market.revenue_recognised_on
        for product in scenario.products.values()
        for market in product.markets.values()
    }
    return "infused" if events == {"infusion"} else "delivered"


def _cash(result: Result) -> str:
    calendar = Calendar(result.loaded.model.run.start, result.loaded.model.run.years)
    last = result.periods("year")[-1]
    short = result.values("out_of_cash", "all") > 0
    risk = float(np.mean(short))
    if risk == 0:
        return f"Cash lasts to the end of {last} in all replications."
    text = f"Cash runs out before the end of {last} in {share(risk)} of the replications"
    if risk > 0.5:
        months = int(result.statistic("runway_months", "all", "p50"))
        when = calendar.month_first[min(months, calendar.months)]
        text += f", in the median one after {months} months ({when:%B %Y})"
    return text + "."


def _money(result: Result, name: str, period: str, currency: str) -> str:
    middle = readable(result.statistic(name, period, "p50"))
    return f"{middle} {currency}{_range(result, name, period)}"


def _range(result: Result, name: str, period: str, said: str = "") -> str:
    """P5 to P95 in brackets; nothing where there is no chance."""
    low, high = (result.statistic(name, period, q) for q in ("p5", "p95"))
    return f" ({said}{span(low, high)})" if low < high else ""
