"""The names of the statement's lines, in reading order."""

from __future__ import annotations

INCOME_LINES = (
    "product_sales",
    "licence_income",
    "royalty_income",
    "service_income",
    "revenue",
    "cost_of_goods_variable",
    "cost_of_goods_failed",
    "cost_of_goods_expired",
    "cost_of_goods_supplies",
    "cost_of_goods_storage",
    "cost_of_goods_contract_manufacturer",
    "cost_of_goods_fixed",
    "cost_of_goods_royalties",
    "cost_of_goods",
    "gross_profit",
    "research",
    "selling",
    "administration",
    "other_income",
    "impairment",
    "operating_result",
    "interest",
    "foreign_exchange",
    "result_before_tax",
    "tax",
    "net_result",
    "minority_interest",
    "net_result_of_owners",
)
CASH_LINES = (
    "opening_cash",
    "cash_from_operations",
    "cash_from_investing",
    "cash_from_financing",
    "foreign_exchange_on_cash",
    "closing_cash",
)
ASSETS = ("closing_cash", "receivables", "inventory", "long_lived_assets")
CLAIMS = ("payables", "deferred_income", "debt", "equity")
"""The balance sheet: what is owned is what is owed and what belongs to the owners."""
BALANCE_LINES = ("opening_cash", *ASSETS, *CLAIMS, "funding_gap")
"""Lines that are balances, not flows: ``opening_cash`` at a month's start, the others at its
end."""
