"""What must add up in every statement, in every replication and month."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from cartsim.economics.bridge import BRIDGE
from cartsim.economics.contracts import US
from cartsim.economics.financing import change
from cartsim.economics.lines import ASSETS, CASH_LINES, CLAIMS, INCOME_LINES, Lines
from cartsim.economics.tables import is_nothing, less, nothing, total
from cartsim.units import Floats

if TYPE_CHECKING:
    from cartsim.economics.statement import Statement

Sides = Iterator[tuple[str, Floats, Floats]]
"""What distinguishes one of several of a kind, and the two sides of it."""
TOLERANCE = 1e-9
"""Relative to the largest amount that an identity, or the balance of cash, holds."""


def broken_identities(statement: Statement, asked_only: bool = False) -> list[str]:
    """The identities that do not hold, each with the greatest difference; of all, or of those whose
    lines have been asked for."""
    lines = statement.lines
    asked = lines.asked if asked_only and isinstance(lines, Lines) else lines.__contains__
    cash: float | None = None
    wrong = []
    for name, needs, sides in IDENTITIES:
        if not all(map(asked, needs)):
            continue
        for which, left, right in sides(statement):
            if left is right or (is_nothing(left) and is_nothing(right)):
                continue
            difference = _greatest(left - right)
            if cash is None:
                known = "closing_cash" if asked("closing_cash") else "operating_result"
                cash = max(_greatest(lines[known]), 1.0)
            # written so that NaN is broken, too; most hold beside the cash alone
            if not difference <= TOLERANCE * cash:
                scale = max(cash, _greatest(left))
                if not difference <= TOLERANCE * scale:
                    wrong.append(f"{name}{which} (differs by {difference:g})")
    return wrong


def _greatest(table: Floats) -> float:
    """The greatest amount, whatever its sign."""
    return max(float(table.max(initial=0.0)), -float(table.min(initial=0.0)))


def _sum(statement: Statement, names: tuple[str, ...]) -> Floats:
    return total([statement.lines[name] for name in names], statement.ledger.shape)


def _revenue(statement: Statement) -> Sides:
    yield "", statement.lines["revenue"], _sum(statement, REVENUE_PARTS)


def _cost_of_goods(statement: Statement) -> Sides:
    yield "", statement.lines["cost_of_goods"], _sum(statement, COST_PARTS)


def _gross_profit(statement: Statement) -> Sides:
    line = statement.lines
    yield "", line["gross_profit"], less(line["revenue"], line["cost_of_goods"])


def _operating_result(statement: Statement) -> Sides:
    line = statement.lines
    expenses = _sum(statement, ("research", "selling", "administration", "impairment"))
    parts = [less(line["gross_profit"], expenses), line["other_income"]]
    yield "", line["operating_result"], total(parts, statement.ledger.shape)


def _result_before_tax(statement: Statement) -> Sides:
    parts = ("operating_result", "interest", "foreign_exchange")
    yield "", statement.lines["result_before_tax"], _sum(statement, parts)


def _net_result(statement: Statement) -> Sides:
    line = statement.lines
    yield "", line["net_result"], less(line["result_before_tax"], line["tax"])
    owners = _sum(statement, ("net_result_of_owners", "minority_interest"))
    yield " of owners and others", line["net_result"], owners


def _cash(statement: Statement) -> Sides:
    line = statement.lines
    yield " and flows", line["closing_cash"], _sum(statement, CASH_LINES[:-1])
    yield " of the month before", line["opening_cash"][:, 1:], line["closing_cash"][:, :-1]


def _free_cash_flow(statement: Statement) -> Sides:
    """The same from the cash flow of the company as it is financed."""
    line = statement.lines
    flows = _sum(statement, ("cash_from_operations", "cash_from_investing", "tax"))
    financing = _sum(statement, ("interest", "tax_without_financing"))
    yield "", line["free_cash_flow"], less(flows, financing)


def _operating_cash(statement: Statement) -> Sides:
    """The operating cash flow the other way round: from the net result back to cash."""
    line, shape = statement.lines, statement.ledger.shape
    deferred = change(line["deferred_income"])
    at_start = statement.ledger.deferred_at_start(US)
    if not is_nothing(deferred) and at_start.any():
        deferred[:, 0] -= at_start
    sources = [
        *(line[name] for name in ("net_result", "depreciation", "impairment")),
        *(deferred, change(line["payables"])),
    ]
    uses = [
        line["foreign_exchange"],
        *(change(line[name]) for name in ("receivables", "inventory")),
    ]
    yield "", line["cash_from_operations"], less(total(sources, shape), total(uses, shape))


def _assets(statement: Statement) -> Sides:
    yield "", _sum(statement, ASSETS), _sum(statement, CLAIMS)


def _bridge(statement: Statement) -> Sides:
    shape = statement.ledger.shape
    added, taken = (
        total([statement.bridge[name] for name, sign in BRIDGE.items() if sign == side], shape)
        for side in (1, -1)
    )
    yield "", statement.lines["revenue"], less(added, taken)


def _by_market(statement: Statement) -> Sides:
    shape, found = statement.ledger.shape, statement.by_market
    markets, groups = statement.activity.markets, statement.activity.groups
    sold = [found["product_sales", market] for market in markets]
    yield ", product_sales", statement.lines["product_sales"], total(sold, shape)
    for name in ("cost_of_goods_variable", "cost_of_goods_failed", "cost_of_goods_expired"):
        by_group = [found[name, group] for group in groups]
        yield f", {name}", statement.lines[name], total(by_group, shape)
    ordered = total([found["orders", market] for market in markets], shape)
    yield ", orders demanded and in the facts", ordered, statement.activity.total("orders")


def _ledger(statement: Statement) -> Sides:
    ledger, shape = statement.ledger, statement.ledger.shape
    for side in (ledger.cash, ledger.income, ledger.deferred):
        parties = [side(party) for party in ledger.parties]
        yield f", {side.__name__}", total(parties, shape), nothing(shape)


REVENUE_PARTS = ("product_sales", "licence_income", "royalty_income", "service_income")
COST_PARTS = tuple(name for name in INCOME_LINES if name.startswith("cost_of_goods_"))
ALL_CASH = ("closing_cash", "cash_from_operations")

IDENTITIES: tuple[tuple[str, tuple[str, ...], Callable[[Statement], Sides]], ...] = (
    ("revenue", (), _revenue),
    ("cost_of_goods", (), _cost_of_goods),
    ("gross_profit", (), _gross_profit),
    ("operating_result", (), _operating_result),
    ("result_before_tax", ("result_before_tax",), _result_before_tax),
    ("net_result", ("net_result", "net_result_of_owners"), _net_result),
    ("closing cash", ALL_CASH, _cash),
    ("free cash flow", ("free_cash_flow", *ALL_CASH), _free_cash_flow),
    ("operating cash from the net result", ("net_result", *ALL_CASH), _operating_cash),
    ("assets and claims", (*ASSETS, *CLAIMS), _assets),
    ("revenue bridge", ALL_CASH, _bridge),
    ("by market and stock", (), _by_market),
    ("ledger", ("deferred_income",), _ledger),
)
"""Every identity that a statement must satisfy: its name, the lines without which it is not worth
asking about (of all it needs those that are there anyway), and its two sides."""
