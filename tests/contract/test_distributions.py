"""What every family of the registry must do, whatever it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cartsim.distributions import FAMILIES, truncated_ppf, truncation_problem

POINTS = {"values": np.array([3.0, 1.0, 2.0]), "weights": np.array([1.0, 1.0, 2.0])}
EXAMPLES: dict[str, list[dict[str, Any]]] = {
    "triangular": [
        {"low": 8.0, "mode": 10.0, "high": 14.0},
        {"low": 0.0, "mode": 0.0, "high": 1.0},
        {"low": -3.0, "mode": 1.0, "high": 1.0},
    ],
    "pert": [
        {"low": 8.0, "mode": 10.0, "high": 14.0},
        {"low": 0.0, "mode": 0.0, "high": 1.0},
        {"low": -3.0, "mode": 1.0, "high": 1.0},
    ],
    "normal": [{"mean": -1.0, "sd": 2.0}],
    "lognormal": [{"mean": 10.0, "sd": 3.0}, {"median": 180e3, "sigma": 1.1}],
    "uniform": [{"low": -1.0, "high": 3.0}],
    "beta": [{"mean": 0.3, "sd": 0.1}, {"mean": 0.02, "sd": 0.05}],
    "gamma": [{"mean": 9.0, "sd": 2.0}, {"mean": 1.0, "sd": 2.0}],
    "exponential": [{"mean": 4.0}],
    "weibull": [{"shape": 1.5, "scale": 10.0}, {"shape": 0.7, "scale": 2.0}],
    "bernoulli": [{"p": 0.3}],
    "poisson": [{"mean": 3.0}, {"mean": 0.05}, {"mean": 400.0}],
    "choice": [POINTS],
    "empirical": [{"values": POINTS["values"], "weights": np.ones(3)}],
    "p5_p95": [{"p5": 2.0, "p95": 9.0}, {"p5": -2.0, "p95": 9.0}],
    "p10_p50_p90": [
        {"p10": 2.0, "p50": 3.0, "p90": 9.0},
        {"p10": -2.0, "p50": 3.0, "p90": 4.0},
    ],
}
CASES = [
    pytest.param(name, parameters, id=f"{name}-{number}")
    for name in FAMILIES
    for number, parameters in enumerate(EXAMPLES[name])
]
GRID = (np.arange(4000) + 0.5) / 4000
TAILS = np.array([1e-15, 1e-9, 1e-4, 0.5, 1 - 1e-4, 1 - 1e-9, 1 - 2.0**-53])
CONSTANTS = [
    ("triangular", {"low": 2.0, "mode": 2.0, "high": 2.0}, 2.0),
    ("pert", {"low": 2.0, "mode": 2.0, "high": 2.0}, 2.0),
    ("normal", {"mean": -2.0, "sd": 0.0}, -2.0),
    ("lognormal", {"mean": 2.0, "sd": 0.0}, 2.0),
    ("lognormal", {"median": 2.0, "sigma": 0.0}, 2.0),
    ("uniform", {"low": 2.0, "high": 2.0}, 2.0),
    ("beta", {"mean": 0.3, "sd": 0.0}, 0.3),
    ("gamma", {"mean": 2.0, "sd": 0.0}, 2.0),
    ("exponential", {"mean": 0.0}, 0.0),
    ("bernoulli", {"p": 1.0}, 1.0),
    ("bernoulli", {"p": 0.0}, 0.0),
    ("poisson", {"mean": 0.0}, 0.0),
    ("choice", {"values": np.array([2.0]), "weights": np.array([0.5])}, 2.0),
    ("empirical", {"values": np.array([2.0, 2.0]), "weights": np.ones(2)}, 2.0),
    ("p5_p95", {"p5": 2.0, "p95": 2.0}, 2.0),
    ("p10_p50_p90", {"p10": 2.0, "p50": 2.0, "p90": 2.0}, 2.0),
]
IMPOSSIBLE = [
    ("triangular", {"low": 3.0, "mode": 2.0, "high": 4.0}, "must ascend"),
    ("pert", {"low": 1.0, "mode": 5.0, "high": 4.0}, "low 1, mode 5, high 4; they must ascend"),
    ("normal", {"mean": 0.0, "sd": -1.0}, "sd is -1; it must be 0 or more"),
    ("lognormal", {"mean": 0.0, "sd": 1.0}, "mean is 0; it must be above 0"),
    ("lognormal", {"median": 2.0, "sigma": -0.1}, "sigma is -0.1"),
    ("uniform", {"low": 3.0, "high": 1.0}, "must ascend"),
    ("beta", {"mean": 1.2, "sd": 0.1}, "mean is 1.2; it must lie between 0 and 1"),
    ("beta", {"mean": 0.5, "sd": 0.5}, "must be below 0.5"),
    ("gamma", {"mean": -1.0, "sd": 1.0}, "mean is -1"),
    ("exponential", {"mean": -1.0}, "mean is -1"),
    ("weibull", {"shape": 0.0, "scale": 1.0}, "shape is 0"),
    ("bernoulli", {"p": 1.1}, "p is 1.1; it must lie between 0 and 1"),
    ("poisson", {"mean": -3.0}, "mean is -3"),
    ("choice", {"values": np.array([1.0]), "weights": np.array([-1.0])}, "weight -1 is negative"),
    ("choice", {"values": np.array([1.0]), "weights": np.array([0.0])}, "weights are all 0"),
    ("empirical", {"values": np.empty(0), "weights": np.empty(0)}, "at least one value"),
    ("p5_p95", {"p5": 3.0, "p95": 1.0}, "p5 3, p95 1; they must ascend"),
    ("p10_p50_p90", {"p10": 3.0, "p50": 1.0, "p90": 5.0}, "must ascend"),
]


def test_examples_cover_the_registry() -> None:
    assert set(EXAMPLES) == set(FAMILIES)
    assert {name for name, _, _ in CONSTANTS} >= set(FAMILIES) - {"weibull"}
    assert {name for name, _, _ in IMPOSSIBLE} == set(FAMILIES)
    for name, family in FAMILIES.items():
        assert family.name == name
        written = {
            form for form in family.forms if any(set(form) == set(e) for e in EXAMPLES[name])
        }
        assert written == set(family.forms)


def test_the_registry_is_read_only() -> None:
    with pytest.raises(TypeError):
        FAMILIES["normal"] = FAMILIES["uniform"]  # type: ignore[index]


@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_inverse_ascends_within_the_support(name: str, parameters: dict[str, Any]) -> None:
    family = FAMILIES[name]
    assert family.problem(**parameters) == ""
    values = family.ppf(np.sort(np.concatenate([GRID, TAILS])), **parameters)
    low, high = family.support(**parameters)
    assert np.all(np.isfinite(values))
    assert np.all(np.diff(values) >= 0)
    assert values[0] >= low
    assert values[-1] <= high
    assert values[0] < values[-1]


@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_cdf_undoes_the_inverse(name: str, parameters: dict[str, Any]) -> None:
    family = FAMILIES[name]
    u = np.concatenate([GRID, TAILS])
    back = family.cdf(family.ppf(u, **parameters), **parameters)
    if family.discrete:
        assert np.all(back >= u * (1 - 1e-15))
        values = family.ppf(u, **parameters)
        assert np.all(family.cdf(np.nextafter(values, -np.inf), **parameters) < u)
    else:
        np.testing.assert_allclose(back, u, rtol=0, atol=1e-12)
        if family.support(**parameters)[0] in (0.0, -np.inf) and name != "triangular":
            # around 0 floating point is fine enough to keep the tail's relative precision
            np.testing.assert_allclose(back, u, rtol=1e-7, atol=0)


@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_upper_tail_is_the_lower_tail_turned_round(name: str, parameters: dict[str, Any]) -> None:
    family = FAMILIES[name]
    x = family.ppf(GRID, **parameters)
    np.testing.assert_allclose(
        family.sf(x, **parameters), 1 - family.cdf(x, **parameters), atol=1e-13
    )
    if not family.discrete:
        np.testing.assert_allclose(family.isf(1 - GRID, **parameters), x, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_mean_is_the_average_over_the_quantiles(name: str, parameters: dict[str, Any]) -> None:
    family = FAMILIES[name]
    # midpoints of cells that shrink towards both ends, weighted by their width
    edges = 0.5 * (1 + np.tanh(np.linspace(-17, 17, 400_001)))
    width = np.diff(edges)
    middle = np.clip(0.5 * (edges[1:] + edges[:-1]), 1e-15, 1 - 2.0**-53)
    average = np.sum(width * family.ppf(middle, **parameters)) / np.sum(width)
    assert average == pytest.approx(float(family.mean(**parameters)), rel=2e-4, abs=1e-6)


@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_parameters_may_differ_by_replication(name: str, parameters: dict[str, Any]) -> None:
    family = FAMILIES[name]
    if family.style == "points":
        assert family.ppf(GRID.reshape(40, 100), **parameters).shape == (40, 100)
        return
    u = GRID[:90].reshape(3, 30)
    scale = np.array([[1.0], [1.01], [0.99]]) if name != "bernoulli" else np.ones((3, 1))
    several = {key: scale * value for key, value in parameters.items()}
    together = family.ppf(u, **several)
    assert together.shape == (3, 30)
    for row in range(3):
        alone = {key: float(value[row, 0]) for key, value in several.items()}
        np.testing.assert_allclose(together[row], family.ppf(u[row], **alone), rtol=1e-13)
        mean = np.broadcast_to(family.mean(**several), (3, 1))[row, 0]
        assert float(mean) == pytest.approx(float(family.mean(**alone)), rel=1e-13)


@pytest.mark.parametrize(("name", "parameters", "value"), CONSTANTS)
def test_no_spread_is_the_constant(name: str, parameters: dict[str, Any], value: float) -> None:
    family = FAMILIES[name]
    assert family.problem(**parameters) == ""
    np.testing.assert_allclose(family.ppf(TAILS, **parameters), value, rtol=1e-15)
    np.testing.assert_array_equal(
        family.cdf(np.array([value - 1, value + 1]), **parameters), [0, 1]
    )
    assert float(family.mean(**parameters)) == pytest.approx(value)
    assert family.support(**parameters) == (value, value)
    inside = truncated_ppf(family, TAILS, value - 1, value + 1, **parameters)
    np.testing.assert_allclose(inside, value, rtol=1e-15)
    assert "no probability" in truncation_problem(family, value + 1, value + 2, **parameters)


@pytest.mark.parametrize(("name", "parameters", "message"), IMPOSSIBLE)
def test_impossible_parameters_are_named(
    name: str, parameters: dict[str, Any], message: str
) -> None:
    assert message in FAMILIES[name].problem(**parameters)


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [case for case in IMPOSSIBLE if FAMILIES[case[0]].style != "points"],
)
def test_one_impossible_replication_is_found(
    name: str, parameters: dict[str, Any], message: str
) -> None:
    family = FAMILIES[name]
    good = next(example for example in EXAMPLES[name] if set(example) == set(parameters))
    assert family.problem(**{key: np.array([value, value]) for key, value in good.items()}) == ""
    mixed = {key: np.array([good[key], value]) for key, value in parameters.items()}
    assert family.problem(**mixed) == family.problem(**parameters)


@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_truncation_is_the_distribution_given_the_interval(
    name: str, parameters: dict[str, Any]
) -> None:
    family = FAMILIES[name]
    low, high = family.ppf(np.array([0.2, 0.9]), **parameters)
    if low == high:
        high = low + 1
    values = truncated_ppf(family, GRID, low, high, **parameters)
    assert np.all((values >= low) & (values <= high))
    assert np.all(np.diff(values) >= 0)
    before = family.cdf(np.nextafter(low, -np.inf), **parameters)
    mass = family.cdf(high, **parameters) - before
    if family.discrete:
        for value in np.unique(values):
            share = float(np.mean(values <= value))
            expected = float((family.cdf(value, **parameters) - before) / mass)
            assert share == pytest.approx(expected, abs=1 / GRID.size)
    else:
        back = (family.cdf(values, **parameters) - before) / mass
        np.testing.assert_allclose(back, GRID, atol=1e-12)


@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_truncation_to_an_endless_interval_changes_nothing(
    name: str, parameters: dict[str, Any]
) -> None:
    family = FAMILIES[name]
    plain = family.ppf(GRID, **parameters)
    for low, high in ((-np.inf, np.inf), (-np.inf, 1e30), (-1e30, np.inf)):
        found = truncated_ppf(family, GRID, low, high, **parameters)
        np.testing.assert_allclose(found, plain, rtol=1e-9, atol=1e-12)
