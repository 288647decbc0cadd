"""The company's income statement and cash flow, by month and replication."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cartsim.demand.orders import Demand
from cartsim.economics.activity import Activity, activity
from cartsim.economics.bridge import bridge
from cartsim.economics.cash_and_balances import CashAndBalances
from cartsim.economics.contracts import US, Deals, Ledger, ledger
from cartsim.economics.contracts.ledger import Kind
from cartsim.economics.contracts.subsidiaries import made_by_others, minority, sellers
from cartsim.economics.costs import PeriodCosts, period_costs
from cartsim.economics.events import Records
from cartsim.economics.grid import Grid
from cartsim.economics.identities import broken_identities
from cartsim.economics.lines import Lines
from cartsim.economics.making import MakingCosts, making_costs
from cartsim.economics.prices import MarketSales, market_sales
from cartsim.economics.tables import less, nothing, signed_total, total
from cartsim.errors import RunError
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Scenario
from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import Plan
from cartsim.simulation.timelines import Timelines
from cartsim.units import Calendar, Floats


@dataclass(frozen=True)
class Statement:
    """The statement of one block; every array is float64[R, month], in reporting currency.

    ``lines`` holds the lines of :mod:`~cartsim.economics.lines` and, beside them,
    ``depreciation`` (inside the costs), ``capital_expenditure``, ``deferred_income`` (received
    and not yet earned, at the month's end), the other balances of the balance sheet,
    ``tax_without_financing`` (see :mod:`~cartsim.economics.tax`), ``free_cash_flow`` and
    ``funding_gap`` (how far closing cash is below zero). Those that need the cash are worked out
    when they are asked for. Income and results are positive when they are gains; costs, tax and
    impairment are positive amounts.

    ``by_market`` holds ``product_sales``, ``licence_income``, ``royalty_income`` and
    ``service_income`` (those of a contract in equal parts to the markets that it covers) and
    ``revenue`` by (line, ``product.market``), and the lots' costs
    and the counts of :class:`~cartsim.economics.activity.Activity` by (line, group).
    ``records`` and ``grid`` are the facts that all of it was counted from, ``sales`` what the
    markets' doses are worth.
    """

    scenario: Scenario
    calendar: Calendar
    lines: Mapping[str, Floats]
    by_market: dict[tuple[str, str], Floats]
    activity: Activity
    ledger: Ledger
    grid: Grid
    records: Records
    sales: tuple[MarketSales, ...]

    @cached_property
    def bridge(self) -> dict[str, Floats]:
        """The amounts of :data:`~cartsim.economics.bridge.BRIDGE`."""
        other_revenue = {line: self.lines[line] for line in REVENUE_OF}
        product_sales = self.lines["product_sales"]
        return bridge(
            self.scenario, self.grid, self.records, self.sales, product_sales, other_revenue
        )

    def check(self, asked_only: bool = False) -> None:
        """Raise ``RunError`` naming every identity that does not hold to rounding; ``asked_only``:
        of those whose lines have been asked for."""
        wrong = broken_identities(self, asked_only)
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
    return reckoned(
        scenario, drawn, demands, activity(scenario, drawn, grid, records), grid, records
    )


def reckoned(
    scenario: Scenario,
    drawn: Drawn,
    demands: tuple[Demand, ...],
    acts: Activity,
    grid: Grid,
    records: Records,
) -> Statement:
    """The same from what was counted."""
    sales = market_sales(scenario, drawn, acts)
    costs = period_costs(scenario, drawn)
    deals = Deals(scenario, drawn, sales, acts, grid, records, costs.by_product)
    book = ledger(deals)
    making = making_costs(scenario, drawn, grid, records)
    by_market = {
        **_counts_by_market(acts, demands, made_by_others(scenario, acts)),
        **_revenue_by_market(scenario, sales, book),
    }
    income = _income(by_market, acts, costs, making, book)
    others = minority(scenario, deals, by_market)
    carried = total((by_market["inventory", group] for group in acts.groups), book.shape)
    lines = Lines(income, CashAndBalances(scenario, drawn, income, costs, carried, book, others))
    return Statement(scenario, drawn.calendar, lines, by_market, acts, book, grid, records, sales)


def _counts_by_market(
    acts: Activity, demands: tuple[Demand, ...], elsewhere: frozenset[str]
) -> dict[tuple[str, str], Floats]:
    """Counts and lot costs of each group; the orders are those of the demand. Costs of lots that
    another party makes at its own account (``elsewhere``) are not the company's, nor are their
    doses among ``doses_of_own_making``."""
    return {
        **{
            ("doses_of_own_making", market): nothing(acts.orders.shape[1:])
            if market in elsewhere
            else acts.of("doses_infused", market)
            for market in acts.markets
        },
        **{("orders", f"{d.product}.{d.market}"): d.orders.astype(np.float64) for d in demands},
        **{
            (line, group): nothing(acts.orders.shape[1:])
            if line in (*LOT_COSTS, "inventory") and group in elsewhere
            else acts.of(table, group)
            for line, table in _TABLES.items()
            for group in acts.groups
        },
    }


def _revenue_by_market(
    scenario: Scenario, sales: tuple[MarketSales, ...], book: Ledger
) -> dict[tuple[str, str], Floats]:
    """Product sales, other revenue of contracts, and revenue of each market.

    Where legs pay the company a supply price, product sales are what they pay; where another party
    has the rights it is nothing but that; elsewhere the company sells at the net price itself. What
    is paid back, or later, changes them.
    """
    taken = sellers(scenario)
    found: dict[tuple[str, str], Floats] = {}
    for market in sales:
        name = market.market
        prices = [t for t in book.transfers if t.kind == "sales" and name in t.markets]
        supplied = [t for t in prices if t.leg_kind == "supply_price" and t.payee == US]
        adjusted = [t for t in prices if t.leg_kind not in ("supply_price", "rights")]
        own = nothing(book.shape)
        if supplied:
            own = total((t.income for t in supplied), book.shape)
        elif name not in taken:
            own = market.net_sales
        seen = [(1.0, own), *((t.sign(US), t.income) for t in adjusted)]
        found["product_sales", name] = signed_total(seen, book.shape)
        for line, kinds in REVENUE_OF.items():
            earned = (t for t in book.received_by(US, *kinds) if name in t.markets)
            equal = (t.income / n if (n := len(t.markets)) > 1 else t.income for t in earned)
            found[line, name] = total(equal, book.shape)
        parts = ("product_sales", *REVENUE_OF)
        found["revenue", name] = total((found[part, name] for part in parts), book.shape)
    return found


def _income(
    by_market: dict[tuple[str, str], Floats],
    acts: Activity,
    costs: PeriodCosts,
    making: MakingCosts,
    book: Ledger,
) -> dict[str, Floats]:
    """The income statement down to the operating result.

    Royalties that the company owes are cost of goods; what else it owes under its contracts lowers
    ``other_income``, what it earns as a contingent value right raises it.
    """

    def in_groups(line: str) -> Floats:
        return total((by_market[line, group] for group in acts.groups), book.shape)

    product_sales = total(
        (by_market["product_sales", market] for market in acts.markets), book.shape
    )
    contract_income = {
        line: total((book.earned(US, kind) for kind in kinds), book.shape)
        for line, kinds in REVENUE_OF.items()
    }
    revenue = total([product_sales, *contract_income.values()], book.shape)
    parts = {
        **{line: in_groups(line) for line in LOT_COSTS},
        "cost_of_goods_supplies": making.supplies,
        "cost_of_goods_storage": making.storage,
        "cost_of_goods_contract_manufacturer": making.contract_manufacturer,
        "cost_of_goods_fixed": costs.plant_cost_of_goods,
        "cost_of_goods_royalties": book.owed(US, "royalty"),
    }
    cost_of_goods = total(parts.values(), book.shape)
    gross_profit = less(revenue, cost_of_goods)
    owed = book.owed(US, "licence", "service", "collaboration", "other")
    other_income = less(total([costs.other_income, book.earned(US, "other")], book.shape), owed)
    expenses = total([costs.research, costs.selling, costs.administration], book.shape)
    before = less(gross_profit, expenses)
    return {
        "product_sales": product_sales,
        **contract_income,
        "revenue": revenue,
        **parts,
        "cost_of_goods": cost_of_goods,
        "gross_profit": gross_profit,
        "research": costs.research,
        "selling": costs.selling,
        "administration": costs.administration,
        "other_income": other_income,
        "impairment": costs.impairment,
        "operating_result": less(total([before, other_income], book.shape), costs.impairment),
    }


REVENUE_OF: dict[str, tuple[Kind, ...]] = {
    "licence_income": ("licence",),
    "royalty_income": ("royalty", "collaboration"),
    "service_income": ("service",),
}
"""Revenue other than product sales, by line, and the kinds of transfers that make it."""
LOT_COSTS = ("cost_of_goods_variable", "cost_of_goods_failed", "cost_of_goods_expired")

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
    "inventory": "inventory",
}
"""Lines by group and the tables of the activity that hold them."""
