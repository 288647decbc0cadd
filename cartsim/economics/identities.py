"""What must add up in every statement, in every replication and month."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from cartsim.economics.bridge import BRIDGE
from cartsim.economics.contracts import US
from cartsim.economics.lines import ASSETS, CASH_LINES, CLAIMS, INCOME_LINES
from cartsim.units import Floats

if TYPE_CHECKING:
    from cartsim.economics.statement import Statement

TOLERANCE = 1e-9
"""Relative to the largest amount that an identity, or the balance of cash, holds."""


def broken_identities(statement: Statement) -> list[str]:
    """The identities that do not hold, each with the greatest difference."""
    cash = float(np.abs(statement.lines["closing_cash"]).max(initial=1.0))
    wrong = []
    for name, left, right in identities(statement):
        scale = max(cash, float(np.abs(left).max(initial=0.0)))
        difference = float(np.abs(left - right).max(initial=0.0))
        if not difference <= TOLERANCE * scale:  # so that NaN is broken, too
            wrong.append(f"{name} (differs by {difference:g})")
    return wrong


def identities(statement: Statement) -> Iterator[tuple[str, Floats, Floats]]:
    """Every identity that a statement must satisfy: its name and its two sides."""
    line = statement.lines
    sources = ("product_sales", "licence_income", "royalty_income", "service_income")
    yield "revenue", line["revenue"], np.sum([line[name] for name in sources], axis=0)
    parts = [name for name in INCOME_LINES if name.startswith("cost_of_goods_")]
    yield "cost_of_goods", line["cost_of_goods"], np.sum([line[p] for p in parts], axis=0)
    yield "gross_profit", line["gross_profit"], line["revenue"] - line["cost_of_goods"]
    expenses = np.sum(
        [line[n] for n in ("research", "selling", "administration", "impairment")], axis=0
    )
    result = line["gross_profit"] - expenses + line["other_income"]
    yield "operating_result", line["operating_result"], result
    financial = line["operating_result"] + line["interest"] + line["foreign_exchange"]
    yield "result_before_tax", line["result_before_tax"], financial
    yield "net_result", line["net_result"], line["result_before_tax"] - line["tax"]
    owners = line["net_result_of_owners"] + line["minority_interest"]
    yield "net_result of owners and others", line["net_result"], owners
    flows = np.sum([line[name] for name in CASH_LINES[:-1]], axis=0)
    yield "opening cash and flows", line["closing_cash"], flows
    yield "opening and closing cash", line["opening_cash"][:, 1:], line["closing_cash"][:, :-1]
    # The same operating cash flow the other way round: from the net result back to cash.
    at_start = statement.ledger.deferred_at_start(US)[:, None]
    change = np.diff(line["deferred_income"], axis=1, prepend=at_start)
    indirect = (
        line["net_result"]
        + line["depreciation"]
        + line["impairment"]
        - line["foreign_exchange"]
        + change
        - np.diff(line["receivables"], axis=1, prepend=0.0)
        - np.diff(line["inventory"], axis=1, prepend=0.0)
        + np.diff(line["payables"], axis=1, prepend=0.0)
    )
    yield "operating cash from the net result", line["cash_from_operations"], indirect
    assets, claims = (sum(line[name] for name in names) for names in (ASSETS, CLAIMS))
    yield "assets and claims", np.asarray(assets), np.asarray(claims)
    signed = [sign * statement.bridge[name] for name, sign in BRIDGE.items()]
    yield "revenue bridge", line["revenue"], np.sum(signed, axis=0)
    markets, groups = statement.activity.markets, statement.activity.groups
    sold = [statement.by_market["product_sales", market] for market in markets]
    yield "product_sales by market", line["product_sales"], np.sum(sold, axis=0)
    for name in ("cost_of_goods_variable", "cost_of_goods_failed", "cost_of_goods_expired"):
        by_group = [statement.by_market[name, group] for group in groups]
        yield f"{name} by market and stock", line[name], np.sum(by_group, axis=0)
    ordered = np.sum([statement.by_market["orders", market] for market in markets], axis=0)
    yield "orders demanded and orders in the facts", ordered, statement.activity.total("orders")
    ledger = statement.ledger
    for side in (ledger.cash, ledger.income, ledger.deferred):
        parties = [side(party) for party in ledger.parties]
        yield f"ledger, {side.__name__}", np.sum(parties, axis=0), np.zeros(ledger.shape)
