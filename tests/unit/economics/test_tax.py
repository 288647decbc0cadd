"""Losses carried forward, against tables worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartsim.economics.tax import opening_losses
from cartsim.economics.tax import taxes as taxes_of
from cartsim.units import Floats


def assess(losses: Floats, result: Floats, rate: Floats, usable: Floats) -> tuple[Floats, Floats]:
    """Tax of a single year of one month, and the losses after it."""
    year = np.asarray([0, 1])
    tax, left = taxes_of(losses, result[:, None], year, rate[:, None], usable)
    return tax[:, 0], left


def taxes(
    results: Sequence[float],
    years: int,
    opening: float = 0.0,
    rate: float = 0.25,
    usable: float = 1.0,
) -> list[float]:
    """Tax of each year in turn for one company, from years of two months."""
    losses, months = opening_losses(np.array([opening]), years), np.repeat(results, 2)[None] / 2
    edges, rates = np.arange(0, months.size + 1, 2), np.full((1, len(results)), rate)
    tax, _ = taxes_of(losses, months, edges, rates, np.array([usable]))
    assert not tax[:, ::2].any()
    return [float(year) for year in tax[0, 1::2]]


@pytest.mark.parametrize(
    ("results", "years", "opening", "usable", "expected"),
    [
        ([100], 5, 0, 1, [25]),
        ([-100], 5, 0, 1, [0]),
        ([-100, 60, 60], 5, 0, 1, [0, 0, 5]),
        ([-100, 60, 60], 0, 0, 1, [0, 15, 15]),
        ([-100, 0, 100], 1, 0, 1, [0, 0, 25]),
        ([-100, 0, 100], 2, 0, 1, [0, 0, 0]),
        # 80% of each profit may be covered: 60 leaves 12 to tax, the next 60 uses the last 52 - 40.
        ([-100, 60, 60, 60], 5, 0, 0.8, [0, 3, 3, 14]),
        # The opening loss counts as that of the year before: of use once, in the first year.
        ([40, 40], 1, 100, 1, [0, 10]),
        ([40, 40, 40], 5, 100, 1, [0, 0, 5]),
        # The oldest first: the old 50 covers year 3, so that the loss of year 2 lives for year 4.
        ([0, -30, 50, 30], 3, 50, 1, [0, 0, 0, 0]),
    ],
)
def test_tax_by_hand(
    results: list[float], years: int, opening: float, usable: float, expected: list[float]
) -> None:
    assert taxes(results, years, opening, usable=usable) == pytest.approx(expected)


def test_oldest_losses_are_used_first() -> None:
    losses = np.array([[10.0, 20.0, 30.0]])
    tax, left = assess(losses, np.array([25.0]), np.array([0.3]), np.array([1.0]))
    assert tax.tolist() == [0.0]
    assert left.tolist() == [[5.0, 30.0, 0.0]]


def test_replications_do_not_mix() -> None:
    losses = np.array([[100.0], [0.0], [30.0]])
    tax, left = assess(losses, np.array([60.0, 60.0, -5.0]), np.full(3, 0.5), np.ones(3))
    assert tax.tolist() == [0.0, 30.0, 0.0]
    assert left.tolist() == [[0.0], [0.0], [5.0]]


@given(
    results=st.lists(st.integers(-100, 100), min_size=1, max_size=12),
    years=st.integers(0, 12),
    usable=st.floats(0, 1),
    opening=st.integers(0, 100),
)
def test_more_relief_never_costs_more(
    results: list[float], years: int, usable: float, opening: float
) -> None:
    paid = taxes(results, years, opening, usable=usable)
    profits = [0.25 * max(result, 0) for result in results]
    assert all(-1e-9 <= tax <= full + 1e-9 for tax, full in zip(paid, profits, strict=True))
    relief = sum(profits) - sum(paid)
    assert relief <= 0.25 * (opening + sum(max(-result, 0) for result in results)) + 1e-9
    assert sum(taxes(results, years + 1, opening, usable=usable)) <= sum(paid) + 1e-9
    assert sum(taxes(results, years, opening + 10, usable=usable)) <= sum(paid) + 1e-9
