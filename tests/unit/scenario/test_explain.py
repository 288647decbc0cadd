from __future__ import annotations

from pathlib import Path

import pytest

from cartsim.errors import UsageError
from cartsim.scenario.explain import explain
from cartsim.scenario.load import load_text
from cartsim.scenario.loaded import Loaded

VALID = (Path(__file__).parents[2] / "wrong" / "valid_base.yaml").read_text("utf-8")
PRICE = "products.cel.markets.mainland.price.list"
DURATION = "products.cel.route.steps.production.duration"


@pytest.fixture(scope="module")
def base() -> Loaded:
    return load_text(VALID, name="base.yaml")


def test_a_number_with_a_source(base: Loaded):
    made = explain(base, "company.opening_cash")
    assert (made.value, made.unit, made.source, made.scope) == (
        "100m",
        "money",
        "annual report",
        "replication",
    )
    assert str(made.position) == "base.yaml:6:17"
    assert not made.is_default
    assert (made.distribution, made.history) == ("", ())


def test_a_distribution_that_varies_per_lot(base: Loaded):
    made = explain(base, DURATION)
    assert (made.distribution, made.scope, made.unit) == ("pert", "lot", "days")
    assert explain(base, f"{DURATION}.pert.mode").value == "10"


def test_series_say_their_form(base: Loaded):
    assert explain(base, "company.research").distribution == "series by year"
    assert explain(base, "company.research").value == "{2024: 20m, 2025: 10m}"
    assert explain(base, "company.research.2025").value == "10m"
    assert explain(base, "products.cel.markets.mainland.centres").distribution == "ramp"


def test_a_default_is_told_apart(base: Loaded):
    made = explain(base, "company.depreciation")
    assert (made.value, made.is_default, made.position) == ("0", True, None)
    assert "no cash leaves" in made.meaning
    assert explain(base, "run.seed").value == "1"
    assert explain(base, "run.seed").is_default
    assert explain(base, "contracts.partner.legs.supply_price.to").value == "us"


def test_values_that_are_no_numbers(base: Loaded):
    assert explain(base, "products.cel.launch").value == "2024-02-01"
    part = explain(base, "company.tax")
    assert part.value == "{rate: 25%}"
    assert part.meaning.startswith("Corporate income tax")


def test_what_was_replaced_newest_first():
    made = load_text(VALID, "base.yaml", variant="cheap", overrides={PRICE: "0.3m"})
    explained = explain(made, PRICE)
    assert (explained.value, str(explained.position)) == ("0.3m", "--set:1:1")
    assert [str(origin) for origin in explained.history] == [
        "0.5m at base.yaml:48:53",
        "1.15m at base.yaml:35:23",
    ]
    assert explained.as_dict()["history"][0] == {"value": "0.5m", "position": "base.yaml:48:53"}


def test_an_entry_of_a_series_knows_what_the_replaced_series_said():
    made = load_text(VALID, "base.yaml", overrides={"company.research": "{2024: 5m, 2026: 1m}"})
    assert [origin.text for origin in explain(made, "company.research.2024").history] == ["20m"]
    assert explain(made, "company.research.2026").history == ()


def test_a_quantile_form_is_noted():
    made = load_text(VALID, overrides={"company.opening_cash": "{p5: 80m, p95: 120m}"})
    assert made.notices == ("company.opening_cash: {p5, p95} read as lognormal",)
    assert explain(made, "company.opening_cash").note == "{p5, p95} read as lognormal"


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("company.opening_csh", "did you mean 'company.opening_cash'?"),
        ("run.sede", "did you mean 'run.seed'?"),
        ("company.depreciaton", "did you mean 'company.depreciation'?"),
        (f"{DURATION}.pert.modus", f"did you mean '{DURATION}.pert.mode'?"),
        ("zzz", ""),
        ("", ""),
    ],
)
def test_an_unknown_path_is_an_error_with_the_nearest(base: Loaded, path: str, hint: str):
    with pytest.raises(UsageError) as caught:
        explain(base, path)
    assert str(caught.value).startswith(f"base.yaml has no {path!r}")
    assert hint in str(caught.value)
