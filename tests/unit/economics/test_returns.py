"""Internal rates of return, their number, and payback, against published and hand-made tables."""

from __future__ import annotations

import numpy as np
import pytest

from cartsim.economics.valuation import irr, irr_roots, payback_months


def yearly(*flows: float) -> np.ndarray:
    """Flows of the years, each at the year's beginning, as months."""
    months = np.zeros((1, 12 * len(flows)))
    months[0, ::12] = flows
    return months


@pytest.mark.parametrize(
    ("flows", "rate"),
    [
        # Brealey and Myers, Principles of Corporate Finance: -4,000, 2,000, 4,000 has 28.08%
        ((-4_000, 2_000, 4_000), 0.2808),
        # an annuity of 1,000 for 5 years that costs 3,790.79 earns 10%
        ((-3_790.79, 1_000, 1_000, 1_000, 1_000, 1_000), 0.10),
        ((-100, 110), 0.10),
    ],
)
def test_rates_of_the_tables(flows: tuple[float, ...], rate: float) -> None:
    assert irr(yearly(*flows))[0] == pytest.approx(rate, abs=5e-5)
    assert irr_roots(yearly(*flows))[0] == 1


def test_two_rates_are_counted() -> None:
    # -1,000, 2,250, -1,265: 10% and 15%
    flows = yearly(-1_000, 2_250, -1_265)
    assert irr_roots(flows)[0] == 2
    assert min(abs(irr(flows)[0] - 0.1), abs(irr(flows)[0] - 0.15)) < 1e-6


def test_flows_of_one_sign_have_no_rate() -> None:
    assert np.isnan(irr(yearly(1, 2, 3)))[0]
    assert np.isnan(irr(yearly(10, -2, 3)))[0]  # nothing is invested first
    assert irr_roots(yearly(-1, -2))[0] == 0


def test_payback_is_when_what_was_spent_has_come_back_for_good() -> None:
    flows = np.asarray(
        [[-3.0, 1, 1, 1, 5], [-3.0, 4, -2, 1, 1], [-3.0, 1, 1, 0, 0], [1.0, 1, 1, 1, 1]]
    )
    np.testing.assert_array_equal(payback_months(flows), [3, 3, np.nan, 0])
