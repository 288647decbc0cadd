"""Costs that fall with every doubling of the lots, and costs that grow with the years."""

from __future__ import annotations

import numpy as np
import pytest
from unit.economics.company_by_hand import company
from unit.economics.test_contracts import after

LOT = 65_000.0


def test_costs_fall_by_the_learning_with_each_doubling() -> None:
    learning = {"products.alpha.route.learning": "20%", "products.alpha.route.lots_before": "1"}
    cost = after(company(learning), 24).lines["cost_of_goods_variable"][0]
    lots = 1 + np.arange(24)
    assert cost == pytest.approx(LOT * lots ** np.log2(0.8))
    assert cost[3] / cost[1] == pytest.approx(0.8)
    assert cost[7] / cost[3] == pytest.approx(0.8)


def test_costs_grow_a_year_at_a_time() -> None:
    made = after(company({"products.alpha.route.cost_growth": "5%"}), 24)
    cost = made.lines["cost_of_goods_variable"][0]
    assert cost == pytest.approx(LOT * 1.05 ** np.cumsum(made.calendar.month_years))
    assert cost[11] == pytest.approx(1.05 * LOT)
