"""Capital expenditure on an expansion, and its depreciation from the first use on."""

from __future__ import annotations

import numpy as np
import pytest
from unit.economics.company_by_hand import company


def test_an_expansion_is_paid_when_ordered_and_depreciated_from_its_use_on() -> None:
    resource = {
        "line": {
            "capacity": 1,
            "expansions": {
                "second": {
                    "ordered": "2024-03-01",
                    "places": 1,
                    "lead_time": 6,
                    "cost": "12m",
                    "depreciated_over_months": 12,
                }
            },
        }
    }
    made = company({"plants.works.resources": resource}).statement([])
    assert {int(m) for m in np.flatnonzero(made.lines["capital_expenditure"][0])} == {2}
    worn = made.lines["depreciation"][0]
    assert worn.sum() == pytest.approx(12e6)
    assert not worn[:7].any()
    assert worn[10] == pytest.approx(12e6 * 30 / 365.25)
    cost = made.lines["cost_of_goods_fixed"] + made.lines["research"]
    assert cost[0] == pytest.approx(worn)
    # no cash moves after the order
    assert made.lines["closing_cash"][0, -1] == pytest.approx(1e6 - 12e6)
