"""Who sells in the covered markets at its own account."""

from __future__ import annotations

import numpy as np

from cartsim.economics.contracts.ledger import PAYERS, Transfer
from cartsim.economics.contracts.setting import Setting
from cartsim.scenario.contracts import Rights


def rights(terms: Rights, setting: Setting) -> tuple[Transfer, ...]:
    """The payers of each covered market pay the party that has the rights, and not the company."""
    return tuple(
        Transfer(
            contract=setting.contract,
            leg=terms.name or "rights",
            kind="sales",
            payer=PAYERS,
            payee=setting.party(terms.to),
            markets=(sales.market,),
            cash=sales.net_sales,
            income=sales.net_sales,
            deferred_at_start=np.zeros(setting.shape[0]),
        )
        for sales in setting.covered
    )
