"""Contracts between parties: each kind of leg is one function in one file of this folder.

A leg type takes its terms (a part of the scenario) and the contract's :class:`Setting` and returns
:class:`Transfer` values. To add one: a model in ``scenario.model`` with a field on ``Leg``, a file
here with the function, and a line in ``LEGS``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cartsim.economics.contracts.ledger import US, Ledger, Transfer
from cartsim.economics.contracts.milestone import milestone
from cartsim.economics.contracts.setting import Setting
from cartsim.economics.contracts.supply_price import supply_price
from cartsim.economics.contracts.upfront import upfront
from cartsim.economics.prices import MarketSales
from cartsim.sampling.drawn import Drawn
from cartsim.scenario.model import Contract, Scenario

__all__ = ["LEGS", "US", "Ledger", "Setting", "Transfer", "contract_transfers", "ledger"]

LEGS: Mapping[str, Callable[[Any, Setting], tuple[Transfer, ...]]] = {
    "upfront": upfront,
    "supply_price": supply_price,
    "milestone": milestone,
}
"""Kinds of legs, by the key with which a scenario writes them."""


def ledger(scenario: Scenario, drawn: Drawn, sales: tuple[MarketSales, ...]) -> Ledger:
    """The transfers of all contracts of a scenario."""
    transfers: list[Transfer] = []
    for name, contract in scenario.contracts.items():
        transfers.extend(contract_transfers(name, contract, drawn, sales))
    return Ledger((len(drawn.replications), drawn.calendar.months), tuple(transfers))


def contract_transfers(
    name: str, contract: Contract, drawn: Drawn, sales: tuple[MarketSales, ...]
) -> tuple[Transfer, ...]:
    """The transfers of one contract, leg by leg."""
    covered = tuple(
        market
        for market in sales
        if market.market in contract.covers or market.market.partition(".")[0] in contract.covers
    )
    setting = Setting(name, contract.parties, covered, drawn)
    transfers: list[Transfer] = []
    for leg in contract.legs:
        for kind, function in LEGS.items():
            terms = getattr(leg, kind)
            if terms is not None:
                transfers.extend(function(terms, setting))
    return tuple(transfers)
