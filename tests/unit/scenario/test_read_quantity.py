from __future__ import annotations

import math
from datetime import date

import pytest

from cartsim.distributions import FAMILIES
from cartsim.errors import Problem
from cartsim.scenario.read_quantity import QuantityReader
from cartsim.scenario.read_yaml import read_yaml
from cartsim.scenario.tree import assign_paths
from cartsim.scenario.values import (
    ByYear,
    Distribution,
    DriverReference,
    Flat,
    Growth,
    Quantity,
    Ramp,
    Scope,
    Series,
    Steps,
)


def reader(
    unit: str = "money",
    low: float = -math.inf,
    high: float = math.inf,
    scope: Scope = "replication",
    scopes: tuple[Scope, ...] = ("replication",),
) -> QuantityReader:
    return QuantityReader(unit, low, high, scope, scopes, [])


def node(text: str):
    problems: list[Problem] = []
    made = read_yaml(text, "file.yaml", problems)
    assert made is not None
    assert problems == []
    assign_paths(made, "a.b")
    return made


def quantity(text: str, **rules) -> Quantity:
    used = reader(**rules)
    made = used.quantity(node(text))
    assert used.problems == []
    return made


def series(text: str, **rules) -> Series:
    used = reader(**rules)
    made = used.series(node(text))
    assert used.problems == []
    return made


def problems(text: str, *, of_series: bool = False, **rules) -> list[Problem]:
    used = reader(**rules)
    made = used.series(node(text)) if of_series else used.quantity(node(text))
    assert isinstance(made, Series if of_series else Quantity)
    return used.problems


def distribution(text: str, **rules) -> Distribution:
    value = quantity(text, **rules).value
    assert isinstance(value, Distribution)
    return value


def constants(made: Distribution) -> dict[str, float | None]:
    return {name: parameter.constant for name, parameter in made.parameters.items()}


def test_a_constant_knows_its_path_unit_text_and_position():
    made = quantity("1.15m")
    assert (made.path, made.value, made.unit, made.text) == ("a.b", 1_150_000.0, "money", "1.15m")
    assert str(made.position) == "file.yaml:1:1"


def test_an_annotation_travels_with_the_number_and_is_no_part_of_its_name():
    made = quantity("{value: 8%, source: a report, note: rounded}", unit="share")
    assert (made.path, made.value, made.source, made.note) == ("a.b", 0.08, "a report", "rounded")
    inner = distribution("{value: {pert: [1m, 2m, 3m]}, note: assumption}")
    assert [parameter.path for parameter in inner.parameters.values()] == [
        "a.b.pert.low",
        "a.b.pert.mode",
        "a.b.pert.high",
    ]


@pytest.mark.parametrize(
    ("text", "kind", "parameters"),
    [
        ("{triangular: [1m, 2m, 4m]}", "triangular", {"low": 1e6, "mode": 2e6, "high": 4e6}),
        ("{pert: [1m, 2m, 4m]}", "pert", {"low": 1e6, "mode": 2e6, "high": 4e6}),
        ("{normal: {mean: 2m, sd: 10k}}", "normal", {"mean": 2e6, "sd": 1e4}),
        ("{lognormal: {mean: 2m, sd: 10k}}", "lognormal", {"mean": 2e6, "sd": 1e4}),
        ("{lognormal: {median: 2m, sigma: 0.5}}", "lognormal", {"median": 2e6, "sigma": 0.5}),
        ("{uniform: [1m, 2m]}", "uniform", {"low": 1e6, "high": 2e6}),
        ("{gamma: {mean: 2m, sd: 10k}}", "gamma", {"mean": 2e6, "sd": 1e4}),
        ("{exponential: {mean: 2m}}", "exponential", {"mean": 2e6}),
        ("{weibull: {shape: 1.5, scale: 2m}}", "weibull", {"shape": 1.5, "scale": 2e6}),
        ("{bernoulli: 30%}", "bernoulli", {"p": 0.3}),
        ("{poisson: 3}", "poisson", {"mean": 3.0}),
        ("{p5: 1m, p95: 2m}", "p5_p95", {"p5": 1e6, "p95": 2e6}),
        ("{p10: 1m, p50: 2m, p90: 4m}", "p10_p50_p90", {"p10": 1e6, "p50": 2e6, "p90": 4e6}),
    ],
)
def test_each_kind_in_its_written_style(text: str, kind: str, parameters: dict[str, float]):
    made = distribution(text)
    assert made.kind == kind
    assert constants(made) == parameters


def test_beta_of_a_share():
    assert constants(distribution("{beta: {mean: 30%, sd: 10%}}", unit="share", low=0, high=1)) == {
        "mean": 0.3,
        "sd": 0.1,
    }


def test_points_of_choice_and_empirical():
    assert distribution("{choice: {2m: 1, 1.5m: 3}}").points == ((1.5e6, 3.0), (2e6, 1.0))
    assert distribution("{choice: {0.5: 30%, -1: 70%}}", unit="number").points == (
        (-1.0, 0.7),
        (0.5, 0.3),
    )
    assert distribution("{empirical: [3m, 1m, 3m]}").points == ((1e6, 1.0), (3e6, 1.0), (3e6, 1.0))


def test_every_registered_family_is_named_in_a_test_above():
    named = {"triangular", "pert", "normal", "lognormal", "uniform", "gamma", "exponential"}
    named |= {"weibull", "bernoulli", "poisson", "p5_p95", "p10_p50_p90", "beta", "choice"}
    assert set(FAMILIES) == named | {"empirical"}


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("{p5: 1m, p95: 2m}", "lognormal"),
        ("{p5: -1m, p95: 2m}", "normal"),
        ("{p10: 1m, p50: 2m, p90: 4m}", "two-piece lognormal"),
        ("{p10: -1m, p50: 2m, p90: 4m}", "two-piece normal"),
    ],
)
def test_quantile_forms_say_which_family_they_became(text: str, family: str):
    made = distribution(text)
    assert made.note.endswith(f"read as {family}")
    assert FAMILIES[made.kind].became(**constants(made)) == family  # type: ignore[attr-defined]


def test_a_parameter_may_be_uncertain_itself():
    made = quantity(
        "{lognormal: {mean: {uniform: [9, 11]}, sd: 2}}",
        unit="days",
        low=0,
        scope="lot",
        scopes=("replication", "lot"),
    )
    assert made.scope == "lot"
    assert isinstance(made.value, Distribution)
    mean = made.value.parameters["mean"]
    assert (mean.path, mean.scope) == ("a.b.lognormal.mean", "replication")
    assert [leaf.path for leaf in made.leaves()] == [
        "a.b",
        "a.b.lognormal.mean",
        "a.b.lognormal.mean.uniform.low",
        "a.b.lognormal.mean.uniform.high",
        "a.b.lognormal.sd",
    ]


def test_scope_truncation_loadings_and_drivers():
    scopes: tuple[Scope, ...] = ("replication", "lot")
    made = quantity("{pert: [1, 2, 3], per: replication}", unit="days", scope="lot", scopes=scopes)
    assert made.scope == "replication"
    truncated = distribution("{normal: {mean: 5m, sd: 2m}, truncate: [0, null]}", low=0)
    assert truncated.low is not None
    assert (truncated.low.constant, truncated.high) == (0.0, None)
    loaded = distribution("{normal: {mean: 5m, sd: 2m}, loadings: {demand: 0.7, price: -60%}}")
    assert loaded.loadings == {"demand": 0.7, "price": -0.6}
    assert quantity("{driver: demand}").value == DriverReference("demand")
    annotated = quantity("{value: {driver: demand}, note: shared}")
    assert (annotated.value, annotated.note) == (DriverReference("demand"), "shared")


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("{normal: {mean: 50%, sd: 8%}}", {"unit": "share", "low": 0.0, "high": 1.0}),
        ("{lognormal: {mean: 3m, sd: 1m}}", {"low": 0.0}),
        ("{normal: {mean: {normal: {mean: 50%, sd: 2%}}, sd: 5%}}", {"unit": "share", "low": 0.0}),
        ("{uniform: [0, 1]}", {"unit": "share", "low": 1e-12, "high": 1.0}),
        ("{normal: {mean: 0, sd: 1}, truncate: [0, 1]}", {"unit": "share", "low": 0.0}),
    ],
)
def test_a_negligible_chance_outside_the_bounds_is_accepted(text: str, rules: dict):
    assert problems(text, **rules) == []


@pytest.mark.parametrize(
    "text",
    [
        "{normal: {mean: 50%, sd: 8.5%}}",
        "{normal: {mean: {uniform: [30%, 80%]}, sd: 7%}}",
        "{normal: {mean: 50%, sd: {uniform: [1%, 9%]}}}",
        "{lognormal: {median: 20%, sigma: 0.5}}",
        "{choice: {0.5: 1, 1.5: 1}}",
        "{poisson: 0.001}",
        "{normal: {mean: 50%, sd: 30%}, truncate: [0, 1.1]}",
        "{normal: {mean: 50%, sd: 30%}, truncate: [0, null]}",
    ],
)
def test_a_chance_of_impossible_values_asks_for_a_truncation(text: str):
    (problem,) = problems(text, unit="share", low=0.0, high=1.0)
    assert "must be between 0 and 100%" in problem.message
    assert problem.hint == "add truncate: [0, 1]"


def test_the_bound_lies_at_a_chance_of_one_in_a_billion():
    """P(N(0, 1) < -5.9978) = 1e-9 (standard normal quantile)."""
    for sd, expected in ((1 / 5.999, 0), (1 / 5.996, 1)):
        text = f"{{normal: {{mean: 1, sd: {sd}}}}}"
        assert len(problems(text, unit="number", low=0.0)) == expected


def test_a_driver_is_no_parameter_of_a_distribution():
    (problem,) = problems("{normal: {mean: {driver: demand}, sd: 1m}}")
    assert "driver cannot be a parameter" in problem.message


def test_series_in_their_four_forms():
    flat = series("{pert: [1m, 2m, 3m]}").form
    assert isinstance(flat, Flat)
    assert flat.level.path == "a.b"
    by_year = series("{2024: 1m, 2026: {pert: [1m, 2m, 3m]}}").form
    assert isinstance(by_year, ByYear)
    assert [(year, item.path) for year, item in by_year.years] == [
        (2024, "a.b.2024"),
        (2026, "a.b.2026"),
    ]
    steps = series("{steps: [{from: 2024-03-01, value: 1m}, {from: 2025-01-01, value: 2m}]}").form
    assert isinstance(steps, Steps)
    assert [(day, item.path, item.constant) for day, item in steps.steps] == [
        (date(2024, 3, 1), "a.b.steps.2024-03-01", 1e6),
        (date(2025, 1, 1), "a.b.steps.2025-01-01", 2e6),
    ]
    ramp = series("{ramp: {from: 2024-01-01, to: 2025-01-01, start: 1m, end: 2m}}").form
    assert isinstance(ramp, Ramp)
    assert (ramp.begin, ramp.finish, ramp.shape) == (date(2024, 1, 1), date(2025, 1, 1), "linear")
    assert (ramp.start.path, ramp.end.path) == ("a.b.ramp.start", "a.b.ramp.end")
    growth = series("{start: 1m, growth: {2024: 3%, 2025: 2%}}").form
    assert isinstance(growth, Growth)
    assert growth.start.path == "a.b.start"
    assert growth.growth.unit == "rate/year"
    assert [item.path for item in growth.growth.quantities()] == [
        "a.b.growth.2024",
        "a.b.growth.2025",
    ]


def test_sources_around_a_series_and_around_its_entries():
    made = series("{value: {2024: 1m, 2025: {value: 2m, source: b}}, source: a}")
    assert made.source == "a"
    assert [item.source for item in made.quantities()] == ["a", "b"]
    steps = series("{steps: [{from: 2024-03-01, value: 1m, source: c}]}")
    assert [(item.source, item.path) for item in steps.quantities()] == [
        ("c", "a.b.steps.2024-03-01")
    ]
    flat = series("{value: 3m, source: d}")
    assert [item.source for item in flat.quantities()] == [flat.source] == ["d"]


def test_entries_of_a_series_keep_the_fields_bounds():
    for text in (
        "{2024: 8}",
        "{steps: [{from: 2024-01-01, value: 8}]}",
        "{ramp: {from: 2024-01-01, to: 2025-01-01, start: 10%, end: 8}}",
        "{start: 8, growth: 1%}",
    ):
        (problem,) = problems(text, of_series=True, unit="share", low=0.0, high=1.0)
        assert problem.hint == "did you mean 8%?"
