"""The company's income statement and cash flow, by month and replication."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cartsim.demand.orders import Demand
from cartsim.economics.activity import Activity, activity
from cartsim.economics.bridge import bridge
from cartsim.economics.cash import roll_forward
from cartsim.economics.contracts import US, Ledger, ledger
from cartsim.economics.costs import PeriodCosts, period_costs
from cartsim.economics.events import Records
from cartsim.economics.grid import Grid
from cartsim.economics.identities import broken_identities
from cartsim.economics.making import MakingCosts, making_costs
from cartsim.economics.prices import MarketSales, market_sales
from cartsim.errors import RunError
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Scenario
from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import Plan
from cartsim.simulation.timelines import Timelines
from cartsim.units import Calendar, Floats

Lines = dict[str, Floats]


@dataclass(frozen=True)
class Statement:
    """The statement of one block; every array is float64[R, month], in reporting currency.

    ``lines`` holds the lines of :mod:`~cartsim.economics.lines` and, beside them,
    ``depreciation`` (inside the costs), ``capital_expenditure``, ``deferred_income`` (received
    and not yet earned, at the month's end) and ``funding_gap`` (how far closing cash is below
    zero). Income and results are positive when they are gains; costs, tax and impairment are
    positive amounts.

    ``by_market`` holds ``product_sales``, ``licence_income`` (that of a contract in equal parts to
    the markets that it covers) and ``revenue`` by (line, ``product.market``), and the lots' costs
    and the counts of :class:`~cartsim.economics.activity.Activity` by (line, group).
    ``bridge`` holds the amounts of :data:`~cartsim.economics.bridge.BRIDGE`; ``records`` and
    ``grid`` are the facts that all of it was counted from.
    """

    calendar: Calendar
    lines: Lines
    by_market: dict[tuple[str, str], Floats]
    bridge: Lines
    activity: Activity
    ledger: Ledger
    grid: Grid
    records: Records

    def check(self) -> None:
        """Raise ``RunError`` naming every identity that does not hold to rounding."""
        wrong = broken_identities(self)
        if wrong:
            raise RunError("the statement does not add up: " + "; ".join(wrong))


def statement(
    scenario: Scenario,
    drawn: Drawn,
    demands: tuple[Demand, ...],
    plan: Plan,
    journeys: Journeys,
    timelines: Timelines,
) -> Statement:
    """Turn the facts of a block of R replications into money.

    Raises ``UsageError`` for contracts that name parties which they do not have.
    """
    grid, records = Grid.of(drawn.calendar, plan, journeys), Records(plan, journeys, timelines)
    acts = activity(scenario, drawn, grid, records)
    sales = market_sales(scenario, drawn, acts)
    book = ledger(scenario, drawn, sales)
    costs = period_costs(scenario, drawn)
    making = making_costs(scenario, drawn, grid, records)
    by_market = {**_counts_by_market(acts, demands), **_revenue_by_market(sales, book)}
    income = _income(by_market, acts, costs, making, book)
    steps = bridge(
        scenario,
        grid,
        records,
        sales,
        income["product_sales"],
        income["licence_income"],
    )
    lines = {**income, **_cash(scenario, drawn, income, costs, book)}
    return Statement(drawn.calendar, lines, by_market, steps, acts, book, grid, records)


def _counts_by_market(acts: Activity, demands: tuple[Demand, ...]) -> dict[tuple[str, str], Floats]:
    """Counts and lot costs of each group; the orders are those of the demand."""
    return {
        **{("orders", f"{d.product}.{d.market}"): d.orders.astype(np.float64) for d in demands},
        **{
            (line, group): acts.of(table, group)
            for line, table in _TABLES.items()
            for group in acts.groups
        },
    }


def _revenue_by_market(
    sales: tuple[MarketSales, ...], book: Ledger
) -> dict[tuple[str, str], Floats]:
    """Product sales, licence income and revenue of each market.

    Where legs pay the company a supply price, product sales are what they pay; elsewhere the
    company sells at the net price itself.
    """
    found: dict[tuple[str, str], Floats] = {}
    for market in sales:
        name = market.market
        paid = [t.income for t in book.received_by(US, "sales") if name in t.markets]
        licences = [t for t in book.received_by(US, "licence") if name in t.markets]
        licence = sum((t.income / len(t.markets) for t in licences), np.zeros(book.shape))
        product_sales = np.sum(paid, axis=0) if paid else market.net_sales
        found["product_sales", name] = product_sales
        found["licence_income", name] = licence
        found["revenue", name] = product_sales + licence
    return found


def _income(
    by_market: dict[tuple[str, str], Floats],
    acts: Activity,
    costs: PeriodCosts,
    making: MakingCosts,
    book: Ledger,
) -> Lines:
    """The income statement down to the operating result.

    What the company itself owes under its contracts lowers ``other_income``.
    """
    in_markets = [by_market["product_sales", market] for market in acts.markets]
    product_sales = sum(in_markets, np.zeros(book.shape))
    licence_income = book.earned(US, "licence")
    revenue = product_sales + licence_income
    parts = {
        "cost_of_goods_variable": acts.total("cost_variable"),
        "cost_of_goods_failed": acts.total("cost_failed"),
        "cost_of_goods_expired": acts.total("cost_expired"),
        "cost_of_goods_supplies": making.supplies,
        "cost_of_goods_storage": making.storage,
        "cost_of_goods_contract_manufacturer": making.contract_manufacturer,
        "cost_of_goods_fixed": costs.plant_cost_of_goods,
    }
    cost_of_goods = np.sum(list(parts.values()), axis=0)
    gross_profit = revenue - cost_of_goods
    other_income = costs.other_income - book.owed(US)
    expenses = costs.research + costs.selling + costs.administration
    return {
        "product_sales": product_sales,
        "licence_income": licence_income,
        "revenue": revenue,
        **parts,
        "cost_of_goods": cost_of_goods,
        "gross_profit": gross_profit,
        "research": costs.research,
        "selling": costs.selling,
        "administration": costs.administration,
        "other_income": other_income,
        "impairment": costs.impairment,
        "operating_result": gross_profit - expenses + other_income - costs.impairment,
    }


def _cash(
    scenario: Scenario, drawn: Drawn, income: Lines, costs: PeriodCosts, book: Ledger
) -> Lines:
    """The rest of the income statement, which needs the cash, and the cash flow."""
    own_sales = income["product_sales"] - book.earned(US, "sales")
    received = own_sales + book.cash(US) + costs.other_income
    costs_of_month = income["cost_of_goods"] + costs.research + costs.selling + costs.administration
    operations = received - (costs_of_month - costs.depreciation)
    flows = roll_forward(
        scenario, drawn, income["operating_result"], operations - costs.capital_expenditure
    )
    before_tax = income["operating_result"] + flows.interest + flows.foreign_exchange
    return {
        "interest": flows.interest,
        "foreign_exchange": flows.foreign_exchange,
        "result_before_tax": before_tax,
        "tax": flows.tax,
        "net_result": before_tax - flows.tax,
        "opening_cash": flows.opening_cash,
        "cash_from_operations": operations + flows.interest - flows.tax,
        "cash_from_investing": -costs.capital_expenditure,
        "cash_from_financing": np.zeros(book.shape),
        "foreign_exchange_on_cash": flows.foreign_exchange,
        "closing_cash": flows.closing_cash,
        "depreciation": costs.depreciation,
        "capital_expenditure": costs.capital_expenditure,
        "deferred_income": book.deferred(US),
        "funding_gap": np.maximum(-flows.closing_cash, 0.0),
    }


_TABLES = {
    "collections": "collections",
    "lots_started": "lots_started",
    "lots_failed": "lots_failed",
    "deliveries": "deliveries",
    "infusions": "infusions",
    "infused_out_of_specification": "infused_out_of_specification",
    "lost_waiting": "lost_waiting",
    "lost_manufacturing": "lost_manufacturing",
    "cost_of_goods_variable": "cost_variable",
    "cost_of_goods_failed": "cost_failed",
    "cost_of_goods_expired": "cost_expired",
}
"""Lines by group and the tables of the activity that hold them."""
