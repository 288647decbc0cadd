"""Measures of money: every line of the statement, and the steps from orders to revenue."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cartsim.economics.bridge import BRIDGE
from cartsim.measures.facts import Facts
from cartsim.measures.registry import Aggregation, Measure, Tables, by_product_and_market, register
from cartsim.units import Floats

FLOWS = {
    "product_sales": "Sales of doses at the price that the company is entitled to.",
    "licence_income": "Upfront payments and milestones earned.",
    "royalty_income": "Royalties, and shares of profit and of cost, earned.",
    "service_income": "Fees earned for what is made or done for others.",
    "revenue": "Product sales, licence, royalty and service income.",
    "cost_of_goods_variable": "Cost of the lots that were delivered or are still in process.",
    "cost_of_goods_failed": "Cost of the lots that failed or whose patient was gone.",
    "cost_of_goods_expired": "That part of the cost of stock lots which their expired doses bear.",
    "cost_of_goods_supplies": "Supplies paid for by the order, when they arrive.",
    "cost_of_goods_storage": "Keeping doses in stock.",
    "cost_of_goods_contract_manufacturer": "Fees of contract manufacturers, take-or-pay included.",
    "cost_of_goods_fixed": "Fixed cost of the plants charged to cost of goods.",
    "cost_of_goods_royalties": "Royalties owed to others.",
    "cost_of_goods": "All cost of goods.",
    "gross_profit": "Revenue less cost of goods.",
    "research": "Research and development.",
    "selling": "Selling expenses.",
    "administration": "Administration expenses.",
    "other_income": "Other income, less what partners are paid.",
    "impairment": "Write-downs; no cash moves.",
    "operating_result": "Gross profit less expenses and impairment, plus other income.",
    "interest": "Interest earned on cash, less that paid on loans.",
    "foreign_exchange": "Gain on cash held in foreign currencies.",
    "result_before_tax": "Operating result, interest and foreign exchange.",
    "tax": "Income tax.",
    "net_result": "Result after tax.",
    "minority_interest": "Part of the result that belongs to other holders of subsidiaries.",
    "net_result_of_owners": "Net result less minority interest.",
    "cash_from_operations": "Cash flow from operations, interest and tax included.",
    "cash_from_investing": "Cash flow from investing; capital expenditure is negative.",
    "cash_from_financing": "Money from owners and lenders, less what is paid back.",
    "foreign_exchange_on_cash": "Revaluation of cash held in foreign currencies.",
    "free_cash_flow": "Cash of the business before financing, which npv discounts: no interest, "
    "no exchange differences and no tax on them.",
    "depreciation": "Depreciation inside the costs; no cash moves.",
    "capital_expenditure": "Capital expenditure.",
}
"""Lines that are summed over a period, with their meaning."""

BALANCES: dict[str, tuple[Aggregation, str]] = {
    "opening_cash": ("first", "Cash at the start of the period."),
    "closing_cash": ("last", "Cash at the end of the period; negative is a funding gap."),
    "deferred_income": ("last", "Received and not yet earned, at the end of the period."),
    "receivables": ("last", "Sold and not yet paid for, at the end of the period."),
    "payables": ("last", "Costs not yet paid, at the end of the period."),
    "inventory": ("last", "Lots' costs carried until the sale, at the end of the period."),
    "long_lived_assets": ("last", "Book value of what is kept for years, at the period's end."),
    "debt": ("last", "Loans outstanding at the end of the period."),
    "equity": ("last", "What belongs to the owners by the books, at the end of the period."),
    "funding_gap": ("last", "How far closing cash is below zero, at the end of the period."),
}
"""Lines that are balances, with how they are read off and their meaning."""

BY_MARKET = (
    "product_sales",
    "licence_income",
    "royalty_income",
    "service_income",
    "revenue",
    "cost_of_goods_variable",
    "cost_of_goods_failed",
    "cost_of_goods_expired",
)
"""Lines that are also told by product and by market."""

STEPS = {
    "gross_order_value": "Orders at the list price of their month, tax included.",
    "never_delivered": "Value of the orders lost in the period without a delivery.",
    "not_yet_delivered": "Value by which the orders waiting for delivery grew.",
    "price_change_since_order": "What delivered doses lost in list price since their order.",
    "given_free": "Doses released under exception and not charged for, at list price.",
    "value_added_tax": "Value-added tax in the list price of delivered doses.",
    "deductions": "Rebates and patient programmes on delivered doses.",
    "partner_share": "What is left of net sales to those who sell for the company.",
}
"""Steps of the bridge from the value of the orders to revenue (see ``economics.bridge``)."""


def line(name: str) -> Callable[[Facts], Tables]:
    """The measure of a line of the statement: in total and, where it is known, by market."""

    def tables(facts: Facts) -> Tables:
        statement = facts.statement
        if name not in BY_MARKET:
            return {"": statement.lines[name]}
        groups = statement.activity.groups
        nothing = np.zeros_like(statement.lines[name])
        by_market = by_product_and_market(
            groups, np.asarray([statement.by_market.get((name, g), nothing) for g in groups])
        )
        # The statement's own total stands: licence income need not belong to any market.
        return {**by_market, "": statement.lines[name]}

    return tables


def step(name: str) -> Callable[[Facts], Tables]:
    """The measure of a step of the bridge."""

    def tables(facts: Facts) -> Tables:
        amount: Floats = facts.statement.bridge[name]
        return {"": amount}

    return tables


for _name, _meaning in FLOWS.items():
    register(Measure(_name, "money", _meaning, "sum", line(_name)))
for _name, (_aggregation, _meaning) in BALANCES.items():
    register(Measure(_name, "money", _meaning, _aggregation, line(_name)))
for _name in BRIDGE:
    if _name not in FLOWS:
        register(Measure(_name, "money", STEPS[_name], "sum", step(_name)))
