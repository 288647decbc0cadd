"""A company without chance, worked out by hand.

One patient is ordered for every Monday from 1 January 2024 on. Every lot fails its first release
test and is made again from the kept material, so the days of a patient are known from the order:

    day  0 order         day  4 production   day 20 production again   day 36 shipment to hospital
    day  3 apheresis     day 13 first test   day 29 second test        day 38 delivered

All amounts below are plain arithmetic on calendar dates; nothing of the package is used for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pytest

from cartsim.demand.arrivals import arrivals
from cartsim.demand.orders import demand
from cartsim.economics.statement import Statement, statement
from cartsim.economics.valuation import npv, peak_funding, runway_censored, runway_months
from cartsim.sampling.drawn import draw
from cartsim.scenario.load import load_text
from cartsim.simulation.compile import compile_plan
from cartsim.simulation.simulate import simulate

SCENARIO = """
cartsim: 1
title: one patient a week, by hand
run: {start: 2024-01-01, years: 3, replications: 2, seed: 1}
currency: CNY
fx: {USD: 7.1}
company:
  opening_cash: 30m
  research: {2024: 14m, 2025: 20m, 2026: 2m}
  selling: 1m
  administration: {2024: 6m, 2025: 5m}
  other_income: 0.5m
  depreciation: 1.5m
  capital_expenditure: {2024: 3m, 2025: 0.6m, 2026: 0}
  impairments: {old_line: {date: 2025-03-31, amount: 4m}}
  interest_rate_on_cash: 2.4%
  cash_held_abroad: {USD: 40%}
  tax: {rate: 25%, loss_carry_forward_years: 5, opening_loss: 1m, usable_share_of_profit: 80%}
  discount_rate: 12%
products:
  cel:
    workflow: autologous
    launch: 2024-01-01
    plant: works
    research: 2m
    attrition: {}
    route:
      order: [scheduling, apheresis, production, testing, shipment, conditioning, infusion]
      steps:
        scheduling: {duration: 3}
        apheresis: {role: collection, duration: 1, costs: {kit: 10k}}
        production: {role: production, duration: 9, costs: {vector: 60k, media: 30k}}
        testing:
          role: testing
          duration: 7
          success: 0%
          success_on_retry: 100%
          on_failure: {retry_from: production, attempts: 2}
          costs: {tests: 20k}
        shipment: {role: delivery, duration: 2, costs: {courier: 8k}}
        conditioning: {duration: 5}
        infusion: {role: infusion, duration: 14}
    markets:
      home:
        orders: {every_days: 7}
        price: {list: 1_236_000, value_added_tax: 3%, deductions: 5%}
plants:
  works:
    resources: {}
    fixed_cost_per_year: 9m
    fixed_cost_from: 2024-07-01
    charged_to_cost_of_goods: 75%
contracts:
  sun:
    parties: {distributor: Sun Pharma}
    covers: [cel]
    legs:
      - upfront:
          from: distributor
          amount: 60m
          received: 2023-06-15
          recognised: {from: 2023-07-01, over_months: 60}
      - supply_price: {from: distributor, share_of_list: 40%}
      - milestone: {from: distributor, when: {annual_net_sales_above: 55m}, amount: 20m}
"""
START, END = date(2024, 1, 1), date(2027, 1, 1)
YEARS = (2024, 2025, 2026)
MONTHS = [(year, month) for year in YEARS for month in range(1, 13)]
Month = tuple[int, int]
Amounts = dict[Month, float]

WORKED_OUT = (
    *("revenue", "cost_of_goods", "gross_profit", "operating_result", "interest"),
    *("foreign_exchange", "result_before_tax", "tax", "net_result", "opening_cash"),
    *("cash_from_operations", "cash_from_investing", "cash_from_financing"),
    *("foreign_exchange_on_cash", "closing_cash"),
)
LIST = 1_236_000  # 1.2m and 3% of tax
NET_OF_THE_DISTRIBUTOR = 1_140_000  # 5% off 1.2m
SUPPLY_PRICE = 480_000  # 40% of 1.2m


def orders() -> Iterator[date]:
    day = START
    while day < END:
        yield day
        day += timedelta(days=7)


def per_month(after_days: int) -> Counter[Month]:
    """How many patients reach a day of their journey in each month of the run."""
    days = (order + timedelta(days=after_days) for order in orders())
    return Counter((day.year, day.month) for day in days if day < END)


def part_of_year(year: int, month: int) -> float:
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - date(year, month, 1)).days / (366 if year == 2024 else 365)


def spread(amount_of_year: dict[int, float]) -> Amounts:
    return {(y, m): amount_of_year[y] * part_of_year(y, m) for y, m in MONTHS}


def by_hand() -> dict[str, Amounts]:
    """Every line of the statement, month by month."""
    delivered = per_month(38)
    sales = {month: delivered[month] * SUPPLY_PRICE for month in MONTHS}

    # 60m over 60 months from July 2023: 6m are earned before the run, a million each month in it.
    licence = dict.fromkeys(MONTHS, 1_000_000.0)
    # 47 doses are delivered in 2024: 53.58m of net sales. In 2025 the 49th takes them above 55m.
    doses = 0
    for month in [(2025, m) for m in range(1, 13)]:
        if (
            doses * NET_OF_THE_DISTRIBUTOR
            <= 55e6
            < (doses + delivered[month]) * NET_OF_THE_DISTRIBUTOR
        ):
            licence[month] += 20_000_000
        doses += delivered[month]

    # A patient whose first test is over by the end of the run has a failed lot: collection, first
    # production, first test. What is still in its first attempt at the end counts as variable.
    failed: Amounts = dict.fromkeys(MONTHS, 0.0)
    variable: Amounts = dict.fromkeys(MONTHS, 0.0)
    for order in orders():
        first_lot = failed if order + timedelta(days=20) < END else variable
        for lot, after_days, cost in [
            (first_lot, 3, 10_000),
            (first_lot, 4, 90_000),
            (first_lot, 13, 20_000),
            (variable, 20, 90_000),
            (variable, 29, 20_000),
            (variable, 36, 8_000),
        ]:
            day = order + timedelta(days=after_days)
            if day < END:
                lot[day.year, day.month] += cost

    plant = spread(dict.fromkeys(YEARS, 9e6))
    for month in range(1, 7):
        plant[2024, month] = 0.0
    programmes = spread({2024: 14e6 + 2e6, 2025: 20e6 + 2e6, 2026: 2e6 + 2e6})
    selling = spread(dict.fromkeys(YEARS, 1e6))
    administration = spread({2024: 6e6, 2025: 5e6, 2026: 5e6})
    other = spread(dict.fromkeys(YEARS, 0.5e6))
    depreciation = spread(dict.fromkeys(YEARS, 1.5e6))
    investment = spread({2024: 3e6, 2025: 0.6e6, 2026: 0.0})

    lines: dict[str, Amounts] = {
        "product_sales": sales,
        "licence_income": licence,
        "cost_of_goods_variable": variable,
        "cost_of_goods_failed": failed,
        "cost_of_goods_fixed": {month: 0.75 * plant[month] for month in MONTHS},
        "research": {month: programmes[month] + 0.25 * plant[month] for month in MONTHS},
        "selling": selling,
        "administration": administration,
        "other_income": other,
        "impairment": {month: 4e6 if month == (2025, 3) else 0.0 for month in MONTHS},
        **{name: {} for name in WORKED_OUT},
    }
    cash, result_of_year, losses = 30e6, 0.0, 1e6
    for month in MONTHS:
        of = {name: amounts[month] for name, amounts in lines.items() if month in amounts}
        of["revenue"] = of["product_sales"] + of["licence_income"]
        of["cost_of_goods"] = (
            of["cost_of_goods_variable"] + of["cost_of_goods_failed"] + of["cost_of_goods_fixed"]
        )
        of["gross_profit"] = of["revenue"] - of["cost_of_goods"]
        of["operating_result"] = (
            of["gross_profit"]
            - of["research"]
            - of["selling"]
            - of["administration"]
            + of["other_income"]
            - of["impairment"]
        )
        of["interest"] = max(cash, 0.0) * 0.024 * part_of_year(*month)
        of["foreign_exchange"] = 0.0
        of["result_before_tax"] = of["operating_result"] + of["interest"]
        result_of_year += of["result_before_tax"]
        of["tax"] = 0.0
        if month[1] == 12:
            if result_of_year < 0:
                losses += -result_of_year
            else:
                used = min(losses, 0.8 * result_of_year)
                losses -= used
                of["tax"] = 0.25 * (result_of_year - used)
            result_of_year = 0.0
        of["net_result"] = of["result_before_tax"] - of["tax"]
        of["opening_cash"] = cash
        # The upfront was received before the run: its income is no cash. The impairment is none.
        of["cash_from_operations"] = of["net_result"] - 1e6 + of["impairment"] + depreciation[month]
        of["cash_from_investing"] = -investment[month]
        of["cash_from_financing"] = of["foreign_exchange_on_cash"] = 0.0
        cash += of["cash_from_operations"] + of["cash_from_investing"]
        of["closing_cash"] = cash
        for name, amount in of.items():
            lines[name][month] = amount
    return lines


@dataclass(frozen=True)
class Run:
    """What the package makes of the same company."""

    statement: Statement
    npv: float
    peak_funding: float
    runway_months: float
    runway_censored: bool


@pytest.fixture(scope="module")
def run() -> Run:
    scenario = load_text(SCENARIO).model
    drawn = draw(scenario, scenario.run.seed, range(2))
    demands = demand(scenario, drawn)
    plan = compile_plan(scenario)
    coming = arrivals(scenario, drawn, demands)
    chance, timelines = simulate(scenario, plan, drawn, coming, "reference")
    made = statement(scenario, drawn, demands, plan, chance, timelines)
    return Run(
        made,
        float(npv(scenario, drawn, made)[0]),
        float(peak_funding(made)[0]),
        float(runway_months(made)[0]),
        bool(runway_censored(made)[0]),
    )


def test_days_counted_by_hand() -> None:
    """The counts that the rest stands on.

    2024 has 366 days, so a patient reaches day 38 in it when ordered on day 0, 7, ..., 322 of the
    run, which are 47; by the end of 2025 (731 days) up to day 686, which are 99; and so on.
    """
    of_year = {
        after: [sum(per_month(after)[y, m] for m in range(1, 13)) for y in YEARS]
        for after in (0, 3, 38, 43)
    }
    assert of_year == {0: [53, 52, 52], 3: [52, 52, 53], 38: [47, 52, 53], 43: [47, 52, 52]}


@pytest.mark.parametrize("line", sorted(by_hand()))
def test_every_line_of_every_month_to_the_yuan(line: str, run: Run) -> None:
    made = run.statement
    expected = [by_hand()[line][month] for month in MONTHS]
    assert made.lines[line].tolist() == [pytest.approx(expected, abs=0.01)] * 2


def test_year_by_year_as_a_reader_would_check_it(run: Run) -> None:
    made = run.statement
    years = {name: line[0].reshape(3, 12).sum(axis=1) for name, line in made.lines.items()}

    # Doses at 480,000; the upfront's 12 months of a million, and the milestone once, in 2025.
    assert years["product_sales"] == pytest.approx([47 * 480e3, 52 * 480e3, 53 * 480e3])
    assert years["licence_income"] == pytest.approx([12e6, 32e6, 12e6])
    assert years["revenue"] == pytest.approx([34.56e6, 56.96e6, 37.44e6])

    # 2024: 52 collections and first productions, 51 first tests; then 50 second productions, 49
    # second tests and 48 shipments.
    assert years["cost_of_goods_failed"][0] == pytest.approx(52 * 100e3 + 51 * 20e3)
    assert years["cost_of_goods_variable"][0] == pytest.approx(50 * 90e3 + 49 * 20e3 + 48 * 8e3)
    # In all: 154 first lots have failed by the end of 2026. The last three are in process, three
    # of them collected, two in production, one tested; 154, 153 and 152 second lots got as far as
    # production, test and shipment.
    assert years["cost_of_goods_failed"].sum() == pytest.approx(154 * 120e3)
    assert years["cost_of_goods_variable"].sum() == pytest.approx(
        3 * 10e3 + 2 * 90e3 + 20e3 + 154 * 90e3 + 153 * 20e3 + 152 * 8e3
    )
    assert years["cost_of_goods_fixed"] == pytest.approx([0.75 * 9e6 * 184 / 366, 6.75e6, 6.75e6])
    assert years["research"] == pytest.approx(
        [16e6 + 0.25 * 9e6 * 184 / 366, 22e6 + 2.25e6, 4e6 + 2.25e6]
    )
    assert years["selling"] == pytest.approx([1e6] * 3)
    assert years["administration"] == pytest.approx([6e6, 5e6, 5e6])
    assert years["impairment"] == pytest.approx([0, 4e6, 0])

    # A loss in 2024 joins the 1m brought in; 80% of the profit of 2025 is covered, then the rest.
    before_tax = years["result_before_tax"]
    carried = 1e6 - before_tax[0]
    covered_2025 = 0.8 * before_tax[1]
    covered_2026 = carried - covered_2025
    assert before_tax[0] < 0 < before_tax[1]
    assert 0 < covered_2026 < 0.8 * before_tax[2]
    assert years["tax"] == pytest.approx(
        [0, 0.25 * 0.2 * before_tax[1], 0.25 * (before_tax[2] - covered_2026)]
    )
    assert np.flatnonzero(made.lines["tax"][0]).tolist() == [23, 35]
    assert made.lines["deferred_income"][0, [11, 23, 35]] == pytest.approx([42e6, 30e6, 18e6])


def test_identities(run: Run) -> None:
    run.statement.check()


def test_bridge_from_orders_to_revenue(run: Run) -> None:
    made = run.statement
    total = {name: float(amount[0].sum()) for name, amount in made.bridge.items()}
    assert total == pytest.approx(
        {
            "gross_order_value": 157 * LIST,
            "given_free": 0,
            "never_delivered": 0,
            "not_yet_delivered": 5 * LIST,
            "price_change_since_order": 0,
            "value_added_tax": 152 * 36_000,
            "deductions": 152 * 60_000,
            "partner_share": 152 * (NET_OF_THE_DISTRIBUTOR - SUPPLY_PRICE),
            "licence_income": 56e6,
            "royalty_income": 0,
            "service_income": 0,
        }
    )


def test_value_and_runway(run: Run) -> None:
    lines = by_hand()
    expected, elapsed, losses, earned = 0.0, 0.0, 1e6, 0.0
    for month in MONTHS:
        middle = elapsed + part_of_year(*month) / 2
        earned += lines["operating_result"][month]
        tax = 0.0  # of the business alone, without the interest on its cash
        if month[1] == 12:
            used = min(losses, 0.8 * max(earned, 0.0))
            losses += max(-earned, 0.0) - used
            tax, earned = 0.25 * (max(earned, 0.0) - used), 0.0
        flow = (
            lines["cash_from_operations"][month]
            + lines["tax"][month]
            - tax
            - lines["interest"][month]
            + lines["cash_from_investing"][month]
        )
        expected += flow / 1.12**middle
        elapsed += part_of_year(*month)
    assert run.npv == pytest.approx(expected, abs=0.01)

    # Cash is gone in July 2025, and comes back with the milestone in December.
    closing = lines["closing_cash"]
    assert next(month for month in MONTHS if closing[month] < 0) == (2025, 7)
    assert run.runway_months == 18.0
    assert not run.runway_censored
    assert run.peak_funding == pytest.approx(-min(closing.values()), abs=0.01)
