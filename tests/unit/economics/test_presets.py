"""Every deal of the library stands in a contract as it is, and its statement adds up."""

from __future__ import annotations

import pytest
from unit.economics.company_by_hand import company
from unit.economics.test_contracts import after

from cartsim.economics.contracts import US
from cartsim.scenario.extends import library_names

DEALS = sorted(name for name in library_names() if name.startswith("deal_"))


def test_there_are_deals() -> None:
    assert len(DEALS) >= 10


@pytest.mark.parametrize("name", DEALS)
def test_a_deal_stands_in_a_contract(name: str) -> None:
    more = f"contracts:\n  deal: {{extends: library/{name}, covers: [alpha.home]}}\n"
    made = company({"products.alpha.outcomes.response": "60%"}, more=more)
    told = after(made, 24)
    assert told.ledger.transfers
    assert US in told.ledger.parties
    told.check()
