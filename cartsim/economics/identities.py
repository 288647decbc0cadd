"""What must add up in every statement, in every replication and month."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from cartsim.economics.bridge import BRIDGE
from cartsim.economics.contracts import US
from cartsim.economics.financing import change
from cartsim.economics.lines import ASSETS, CASH_LINES, CLAIMS, INCOME_LINES
from cartsim.economics.tables import is_nothing, less, nothing, total
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
        if left is right or (is_nothing(left) and is_nothing(right)):
            continue
        apart = left - right
        difference = max(float(apart.max(initial=0.0)), -float(apart.min(initial=0.0)))
        # written so that NaN is broken, too; most hold beside the cash alone
        if not difference <= TOLERANCE * cash:
            scale = max(cash, float(np.abs(left).max(initial=0.0)))
            if not difference <= TOLERANCE * scale:
                wrong.append(f"{name} (differs by {difference:g})")
    return wrong


def identities(statement: Statement) -> Iterator[tuple[str, Floats, Floats]]:
    """Every identity that a statement must satisfy: its name and its two sides."""
    line, shape = statement.lines, statement.ledger.shape
    sources = ("product_sales", "licence_income", "royalty_income", "service_income")
    yield "revenue", line["revenue"], total([line[name] for name in sources], shape)
    parts = [name for name in INCOME_LINES if name.startswith("cost_of_goods_")]
    yield "cost_of_goods", line["cost_of_goods"], total([line[p] for p in parts], shape)
    yield "gross_profit", line["gross_profit"], less(line["revenue"], line["cost_of_goods"])
    expenses = total(
        [line[n] for n in ("research", "selling", "administration", "impairment")], shape
    )
    result = total([less(line["gross_profit"], expenses), line["other_income"]], shape)
    yield "operating_result", line["operating_result"], result
    parts = ["operating_result", "interest", "foreign_exchange"]
    financial = total([line[name] for name in parts], shape)
    yield "result_before_tax", line["result_before_tax"], financial
    yield "net_result", line["net_result"], less(line["result_before_tax"], line["tax"])
    owners = total([line["net_result_of_owners"], line["minority_interest"]], shape)
    yield "net_result of owners and others", line["net_result"], owners
    flows = total([line[name] for name in CASH_LINES[:-1]], shape)
    yield "opening cash and flows", line["closing_cash"], flows
    yield "opening and closing cash", line["opening_cash"][:, 1:], line["closing_cash"][:, :-1]
    # The same operating cash flow the other way round: from the net result back to cash.
    deferred = change(line["deferred_income"])
    at_start = statement.ledger.deferred_at_start(US)
    if not is_nothing(deferred) and at_start.any():
        deferred[:, 0] -= at_start
    sources_of_cash = [
        *(line[name] for name in ("net_result", "depreciation", "impairment")),
        *(deferred, change(line["payables"])),
    ]
    uses_of_cash = [
        line["foreign_exchange"],
        *(change(line[name]) for name in ("receivables", "inventory")),
    ]
    indirect = less(total(sources_of_cash, shape), total(uses_of_cash, shape))
    yield "operating cash from the net result", line["cash_from_operations"], indirect
    assets, claims = (total([line[name] for name in names], shape) for names in (ASSETS, CLAIMS))
    yield "assets and claims", assets, claims
    added, taken = (
        total([statement.bridge[name] for name, sign in BRIDGE.items() if sign == side], shape)
        for side in (1, -1)
    )
    yield "revenue bridge", line["revenue"], less(added, taken)
    markets, groups = statement.activity.markets, statement.activity.groups
    sold = [statement.by_market["product_sales", market] for market in markets]
    yield "product_sales by market", line["product_sales"], total(sold, shape)
    for name in ("cost_of_goods_variable", "cost_of_goods_failed", "cost_of_goods_expired"):
        by_group = [statement.by_market[name, group] for group in groups]
        yield f"{name} by market and stock", line[name], total(by_group, shape)
    ordered = total([statement.by_market["orders", market] for market in markets], shape)
    yield "orders demanded and orders in the facts", ordered, statement.activity.total("orders")
    ledger = statement.ledger
    for side in (ledger.cash, ledger.income, ledger.deferred):
        parties = [side(party) for party in ledger.parties]
        yield f"ledger, {side.__name__}", total(parties, shape), nothing(shape)
