"""How months become periods, and blocks become one run."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartsim.measures.outcomes import Column, Outcomes, merge
from cartsim.measures.periods import PERIOD_KINDS, periods
from cartsim.measures.registry import Ratio, by_product_and_market
from cartsim.measures.resources import minutes_by_month
from cartsim.units import Calendar


def test_periods_are_those_of_the_calendar() -> None:
    calendar = Calendar(date(2024, 6, 15), 1)
    kept = periods(calendar)
    assert dict(zip(kept.labels, kept.first.tolist(), strict=True)) == {
        **{"2024": 0, "2025": 7},
        **{"2024H1": 0, "2024H2": 1, "2025H1": 7},
        **{"2024Q2": 0, "2024Q3": 1, "2024Q4": 4, "2025Q1": 7, "2025Q2": 10},
        "all": 0,
    }
    assert kept.last.tolist() == [6, 11, 0, 6, 11, 0, 3, 6, 9, 11, 11]
    assert periods(calendar, ("all", "year")).labels == ("2024", "2025", "all")


def test_each_aggregation() -> None:
    # January to April: two quarters and the year that they are in
    kept = periods(Calendar(date(2024, 1, 1), 1), ("quarter", "all"))
    table = np.zeros((1, 12))
    table[0, :4] = [1.0, 2.0, 4.0, 8.0]
    assert kept.of(table, "sum").tolist() == [[7, 8, 0, 0, 15]]
    assert kept.of(table, "first").tolist() == [[1, 8, 0, 0, 1]]
    assert kept.of(table, "last").tolist() == [[4, 0, 0, 0, 0]]
    # A mean over patients weighs months by their patients: (10 + 50) / (1 + 3).
    numerator, denominator = np.zeros((2, 1, 12))
    numerator[0, :2], denominator[0, :2] = [10.0, 50.0], [1.0, 3.0]
    found = kept.of(Ratio(numerator, denominator), "ratio")[0]
    assert found[[0, 4]].tolist() == [15, 15]
    assert np.isnan(found[1:4]).all()


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(1, 3), st.integers(0, 9))
def test_sums_are_those_of_the_months_of_each_period(start: date, years: int, seed: int) -> None:
    calendar = Calendar(start, years)
    table = np.random.default_rng(seed).normal(size=(3, calendar.months)) * 1e6
    kept = periods(calendar)
    expected = [
        [math.fsum(table[row, mask]) for row in range(3)]
        for kind in PERIOD_KINDS
        for _, mask in calendar.periods(kind)
    ]
    assert kept.sums(table) == pytest.approx(np.transpose(expected), rel=1e-9, abs=1e-6)
    # seen as a table whose rows lie apart, or are all the same one
    assert np.array_equal(kept.sums(np.asfortranarray(table)), kept.sums(table))
    same = np.broadcast_to(table[:1], table.shape)
    assert np.array_equal(kept.sums(same), kept.sums(same.copy()))


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
