"""What a distributor pays the maker for each dose: the ex-works price."""

from __future__ import annotations

import numpy as np

from cartsim.economics.contracts.ledger import PAYERS, Transfer
from cartsim.economics.contracts.setting import Setting
from cartsim.scenario.contracts import SupplyPrice


def supply_price(terms: SupplyPrice, setting: Setting) -> tuple[Transfer, ...]:
    """For each covered market, its recognised doses times a share of the list price without
    value-added tax, plus an amount per dose where one is given; paid and earned at once.
    """
    share = setting.drawn.monthly(terms.share_of_list) if terms.share_of_list else 0.0
    amount = setting.drawn.monthly(terms.amount) if terms.amount else 0.0
    transfers = []
    for sales in setting.covered:
        paid = sales.doses * (sales.price_before_tax * share + amount)
        markets = (sales.market,)
        transfers.append(setting.transfer(terms, "supply price", "sales", paid, markets=markets))
        if not setting.with_rights:
            # the distributor sells what it has bought
            transfers.append(
                Transfer(
                    contract=setting.contract,
                    leg="sales of the distributor",
                    kind="sales",
                    payer=PAYERS,
                    payee=setting.party(terms.begin),
                    markets=markets,
                    cash=sales.net_sales,
                    income=sales.net_sales,
                    deferred_at_start=np.zeros(setting.shape[0]),
                )
            )
    return tuple(transfers)
