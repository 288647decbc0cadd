"""Tables of inverses: how exact, where used, and that a value does not depend on its company."""

from __future__ import annotations

import numpy as np
import pytest

from cartsim.distributions import FAMILIES, tabulated_ppf

TAILS = np.concatenate([[2.0**-53], 10.0 ** -np.arange(1, 16)])
U = np.concatenate([(np.arange(20_011) + 0.5) / 20_011, TAILS, 1 - TAILS])
WORTH = [
    ("pert", {"low": 8.0, "mode": 9.0, "high": 14.0}),
    ("pert", {"low": 0.0, "mode": 0.0, "high": 1.0}),
    ("pert", {"low": -3.0, "mode": 1.0, "high": 1.0}),
    ("pert", {"low": 3.0, "mode": 12.0, "high": 400.0}),
    ("beta", {"mean": 0.92, "sd": 0.03}),
    ("beta", {"mean": 0.5, "sd": 0.288}),
    ("beta", {"mean": 0.01, "sd": 0.0098}),
    ("gamma", {"mean": 9.0, "sd": 2.0}),
    ("gamma", {"mean": 1.0, "sd": 1.0}),
    ("gamma", {"mean": 1000.0, "sd": 1.0}),
]
NOT_WORTH = [
    ("pert", {"low": 2.0, "mode": 2.0, "high": 2.0}),
    ("beta", {"mean": 0.5, "sd": 0.45}),
    ("beta", {"mean": 0.5, "sd": 0.0}),
    ("gamma", {"mean": 1.0, "sd": 2.0}),
    ("gamma", {"mean": 1.0, "sd": 0.0}),
    ("normal", {"mean": 1.0, "sd": 2.0}),
]


@pytest.mark.parametrize(("name", "parameters"), WORTH)
def test_tables_are_exact_to_a_hundred_millionth_of_the_spread(
    name: str, parameters: dict[str, float]
) -> None:
    family = FAMILIES[name]
    assert family.worth_tabulating(**parameters)
    exact = family.ppf(U, **parameters)
    found = tabulated_ppf(family, U, parameters)
    assert np.max(np.abs(found - exact)) < 1e-8 * np.std(exact)
    low, high = family.support(**parameters)
    assert np.all((found >= low) & (found <= high))
    assert not np.array_equal(found, exact)


def test_durations_in_days_are_exact_to_far_below_half_a_minute() -> None:
    family, parameters = FAMILIES["pert"], {"low": 3.0, "mode": 12.0, "high": 60.0}
    error = tabulated_ppf(family, U, parameters) - family.ppf(U, **parameters)
    assert np.max(np.abs(error)) * 24 * 60 < 1e-3


@pytest.mark.parametrize(("name", "parameters"), NOT_WORTH)
def test_elsewhere_the_inverse_itself_is_used(name: str, parameters: dict[str, float]) -> None:
    family = FAMILIES[name]
    np.testing.assert_array_equal(tabulated_ppf(family, U, parameters), family.ppf(U, **parameters))


@pytest.mark.parametrize(("name", "parameters"), WORTH)
def test_a_value_does_not_depend_on_how_many_are_drawn(
    name: str, parameters: dict[str, float]
) -> None:
    family = FAMILIES[name]
    together = tabulated_ppf(family, U, parameters)
    for piece in (slice(0, 1), slice(7, 24), slice(16_383, 16_386), slice(3, None)):
        np.testing.assert_array_equal(tabulated_ppf(family, U[piece], parameters), together[piece])
    rows = U[:20_000].reshape(40, 500)
    np.testing.assert_array_equal(
        tabulated_ppf(family, rows, parameters), together[:20_000].reshape(40, 500)
    )


def test_order_of_parameters_does_not_matter() -> None:
    parameters = {"low": 8.0, "mode": 9.0, "high": 14.0}
    turned = dict(reversed(parameters.items()))
    family = FAMILIES["pert"]
    np.testing.assert_array_equal(
        tabulated_ppf(family, U, parameters), tabulated_ppf(family, U, turned)
    )
