"""Contracts between parties: each kind of leg is one function in one file of this folder.

A leg type takes its terms (a part of the scenario) and the contract's :class:`Setting` and returns
:class:`Transfer` values. To add one: a model in ``scenario.model`` with a field on ``Leg``, a file
here with the function, and a line in ``LEGS``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from cartsim.economics.contracts.equity import equity
from cartsim.economics.contracts.fee import fee, reservation
from cartsim.economics.contracts.ledger import PAYERS, US, Ledger, Transfer
from cartsim.economics.contracts.milestone import contingent_value_right, milestone
from cartsim.economics.contracts.outcome import instalment_plan, refund, staged_payment
from cartsim.economics.contracts.rights import rights
from cartsim.economics.contracts.royalty import royalty
from cartsim.economics.contracts.setting import Deals, Setting, covered_markets
from cartsim.economics.contracts.sharing import cost_share, profit_share
from cartsim.economics.contracts.supply_price import supply_price
from cartsim.economics.contracts.upfront import upfront
from cartsim.scenario.contracts import Contract

__all__ = [
    "LEGS",
    "PAYERS",
    "US",
    "Deals",
    "Ledger",
    "Setting",
    "Transfer",
    "contract_transfers",
    "covered_markets",
    "ledger",
]

LEGS: Mapping[str, Callable[[Any, Setting], tuple[Transfer, ...]]] = {
    "upfront": upfront,
    "supply_price": supply_price,
    "milestone": milestone,
    "royalty": royalty,
    "profit_share": profit_share,
    "cost_share": cost_share,
    "fee": fee,
    "reservation": reservation,
    "equity": equity,
    "refund": refund,
    "staged_payment": staged_payment,
    "instalment_plan": instalment_plan,
    "contingent_value_right": contingent_value_right,
    "rights": rights,
}
"""Kinds of legs, by the key with which a scenario writes them."""


def ledger(deals: Deals) -> Ledger:
    """The transfers of all contracts of a scenario."""
    transfers: list[Transfer] = []
    for name, contract in deals.scenario.contracts.items():
        transfers.extend(contract_transfers(name, contract, deals))
    shape = (len(deals.drawn.replications), deals.drawn.calendar.months)
    return Ledger(shape, tuple(transfers))


def contract_transfers(name: str, contract: Contract, deals: Deals) -> tuple[Transfer, ...]:
    """The transfers of one contract, leg by leg."""
    setting = Setting(name, contract.parties, covered_markets(contract, deals.sales), deals)
    transfers: list[Transfer] = []
    for leg in contract.legs:
        for kind, function in LEGS.items():
            terms = getattr(leg, kind)
            if terms is not None:
                made = function(terms, setting)
                transfers.extend(replace(transfer, leg_kind=kind) for transfer in made)
    return tuple(transfers)
