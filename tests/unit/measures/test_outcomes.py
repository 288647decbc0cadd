"""How months become periods, and blocks become one run."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from cartsim.measures.outcomes import Column, Outcomes, aggregate, merge, periods
from cartsim.measures.registry import Ratio, by_product_and_market
from cartsim.measures.resources import minutes_by_month
from cartsim.units import Calendar


def test_periods_are_those_of_the_calendar() -> None:
    calendar = Calendar(date(2024, 6, 15), 1)
    found = {
        kind: dict(zip(labels, first.tolist(), strict=True))
        for kind in ("year", "half", "quarter", "all")
        for labels, first in [periods(calendar, kind)]
    }
    assert found == {
        "year": {"2024": 0, "2025": 7},
        "half": {"2024H1": 0, "2024H2": 1, "2025H1": 7},
        "quarter": {"2024Q2": 0, "2024Q3": 1, "2024Q4": 4, "2025Q1": 7, "2025Q2": 10},
        "all": {"all": 0},
    }


def test_each_aggregation() -> None:
    table = np.asarray([[1.0, 2.0, 4.0]])
    whole, two = np.asarray([0]), np.asarray([0, 1])
    assert aggregate(table, whole, "sum").tolist() == [[7]]
    assert aggregate(table, two, "sum").tolist() == [[1, 6]]
    assert aggregate(table, two, "first").tolist() == [[1, 2]]
    assert aggregate(table, two, "last").tolist() == [[1, 4]]
    # A mean over patients weighs months by their patients: (10 + 50) / (1 + 3).
    ratio = Ratio(np.asarray([[10.0, 50.0, 0.0]]), np.asarray([[1.0, 3.0, 0.0]]))
    assert aggregate(ratio, whole, "ratio").tolist() == [[15]]
    assert np.isnan(aggregate(ratio, np.asarray([0, 2]), "ratio")).tolist() == [[False, True]]


def test_tables_by_product_add_up_their_markets() -> None:
    table = np.arange(3.0)[:, None, None]
    found = by_product_and_market(("a.x", "b.x", "a.y"), table)
    assert {name: float(t[0, 0]) for name, t in found.items()} == {
        "": 3,
        "@a": 2,
        "@b": 1,
        "@a.x": 0,
        "@b.x": 1,
        "@a.y": 2,
    }


def test_minutes_by_month_is_the_overlap_with_each_month() -> None:
    calendar = Calendar(date(2024, 1, 1), 1)
    random = [(0, 1), (44_639, 44_641), (10, 527_040), (200_000, 200_000), (44_640, 86_400)]
    row = np.asarray([0, 1, 0, 1, 1])
    start, end = (np.asarray([pair[i] for pair in random]) for i in (0, 1))
    expected = np.zeros((2, 12))
    for r, (s, e) in zip(row, random, strict=True):
        for month in range(12):
            low, high = calendar.month_start[month : month + 2]
            expected[r, month] += max(0, min(e, high) - max(s, low))
    assert np.array_equal(minutes_by_month(calendar, row, 2, start, end), expected)


def block(replications: range, *values: float, period: str = "2024") -> Outcomes:
    columns = (Column("orders", period, "patients"),)
    return Outcomes(replications, columns, np.asarray(values)[:, None])


def test_blocks_are_merged_in_their_order() -> None:
    merged = merge([block(range(0, 2), 1, 2), block(range(2, 3), 3)])
    assert merged.replications == range(3)
    assert merged.values[:, 0].tolist() == [1, 2, 3]


def test_a_gap_or_a_foreign_block_is_not_merged() -> None:
    with pytest.raises(ValueError, match="replication 2 is missing"):
        merge([block(range(0, 2), 1, 2), block(range(3, 4), 3)])
    with pytest.raises(ValueError, match="columns differ"):
        merge([block(range(0, 1), 1), block(range(1, 2), 3, period="2025")])


def test_a_column_says_measure_and_period() -> None:
    assert str(Column("revenue@a", "2024H1", "CNY")) == "revenue@a[2024H1]"
