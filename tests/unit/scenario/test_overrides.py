from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from cartsim.errors import ScenarioError
from cartsim.scenario.explain import explain
from cartsim.scenario.load import load_text
from cartsim.scenario.loaded import Loaded
from cartsim.scenario.parameters import quantities
from cartsim.scenario.values import ByYear, Distribution, Quantity, Steps

VALID = (Path(__file__).parents[2] / "wrong" / "valid_base.yaml").read_text("utf-8")
PRICE = "products.cel.markets.mainland.price.list"
DURATION = "products.cel.route.steps.production.duration"


@pytest.fixture(scope="module")
def base() -> Loaded:
    return load_text(VALID)


def number(loaded: Loaded, path: str) -> Quantity:
    (found,) = [item for item in quantities(loaded.model) if item.path == path]
    return found


def test_a_value_is_parsed_as_yaml(base: Loaded):
    made = base.with_overrides({PRICE: "0.8m", "company.research": "{2024: 1m, 2025: 2m}"})
    assert number(made, PRICE).constant == 0.8e6
    assert number(made, "company.research.2025").constant == 2e6
    assert str(number(made, PRICE).position) == "--set:1:1"
    assert base.model.company.research.constant is None
    assert number(base, PRICE).constant == 1.15e6


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (800_000, 8e5),
        (8e5, 8e5),
        (np.float64(8e5), 8e5),
        (np.int64(800_000), 8e5),
        (1e-7, 1e-7),
        ("800k", 8e5),
    ],
)
def test_python_numbers(base: Loaded, value: object, expected: float):
    assert number(base.with_overrides({PRICE: value}), PRICE).constant == expected


def test_python_maps_lists_and_dates(base: Loaded):
    made = base.with_overrides(
        {
            "products.cel.launch": date(2024, 5, 1),
            DURATION: {"pert": [7, 8.5, 9], "per": "replication"},
            "levers": [PRICE, DURATION],
            "company.research": {2024: 1e6, 2025: {"value": 2e6, "source": "plan"}},
            "title": "Two: a colon is text",
        }
    )
    assert made.model.products["cel"].launch == date(2024, 5, 1)
    assert number(made, DURATION).scope == "replication"
    assert number(made, f"{DURATION}.pert.mode").constant == 8.5
    assert made.model.levers == [PRICE, DURATION]
    assert number(made, "company.research.2025").source == "plan"
    assert made.model.title == "Two: a colon is text"


def test_none_and_nan_are_no_numbers(base: Loaded):
    for value in (None, float("nan"), float("inf"), True, ""):
        with pytest.raises(ScenarioError):
            base.with_overrides({PRICE: value})


def test_a_map_merges_into_a_part_and_may_add_names(base: Loaded):
    market = {"orders": {"every_days": 10}, "price": {"list": "1m"}}
    made = base.with_overrides(
        {"products.cel.markets": {"abroad": market}, "company.tax": {"opening_loss": "5m"}}
    )
    assert sorted(made.model.products["cel"].markets) == ["abroad", "mainland"]
    assert made.model.company.tax.rate.constant == 0.25
    assert number(made, "company.tax.opening_loss").constant == 5e6


def test_a_key_that_was_not_written_may_be_added(base: Loaded):
    made = base.with_overrides({"company.tax.opening_loss": "5m", "run.seed": 9})
    assert number(made, "company.tax.opening_loss").constant == 5e6
    assert made.model.run.seed == 9
    pool = "products.cel.markets.mainland.prevalent_pool"
    made = base.with_overrides({f"{pool}.patients": 100, f"{pool}.exit_per_year": "30%"})
    assert number(made, f"{pool}.patients").constant == 100.0


def test_deleting(base: Loaded):
    made = base.with_overrides({"contracts": "!delete", "company.research": "!delete"})
    assert made.model.contracts == {}
    assert explain(made, "company.research").is_default
    with pytest.raises(ScenarioError, match="!delete of 'selling', which is not there"):
        base.with_overrides({"company.selling": "!delete"})


@pytest.mark.parametrize(
    ("path", "value", "inner"),
    [
        ("company.research.2025", "7m", "company.research.2025"),
        ("company.research.2026", "7m", "company.research.2026"),
        (f"{DURATION}.pert.mode", "9", f"{DURATION}.pert.mode"),
        (
            "products.cel.markets.mainland.centres.ramp.end",
            "120",
            "products.cel.markets.mainland.centres.ramp.end",
        ),
        (
            "products.cel.markets.mainland.incidence_per_year.normal.sd",
            "20",
            "products.cel.markets.mainland.incidence_per_year.normal.sd",
        ),
        (
            "contracts.partner.legs.supply_price.share_of_list",
            "40%",
            "contracts.partner.legs.supply_price.share_of_list",
        ),
        (
            "contracts.partner.legs.0.supply_price.share_of_list",
            "40%",
            "contracts.partner.legs.supply_price.share_of_list",
        ),
    ],
)
def test_the_name_of_every_quantity_is_the_path_of_its_override(
    base: Loaded, path: str, value: str, inner: str
):
    made = base.with_overrides({path: value})
    assert number(made, inner).text == value
    others = {item.path: item.text for item in quantities(made.model)}
    before = {item.path: item.text for item in quantities(base.model)}
    changed = {name for name in others if others[name] != before.get(name)}
    assert {name for name in changed if name not in inner} <= {inner}


def test_every_written_quantity_can_be_overridden_by_its_name(base: Loaded):
    for item in [item for item in quantities(base.model) if item.position]:
        value = {"mode": "60%" if "funnel" in item.path else "9.5"}.get(
            item.path.rpartition(".")[2], item.text
        )
        made = base.with_overrides({item.path: value})
        assert str(number(made, item.path).position) == "--set:1:1"


def test_a_step_and_its_annotation():
    text = VALID.replace(
        "price: {list: 1.15m}",
        "price: {list: {value: {steps: [{from: 2024-01-01, value: 1m}, "
        "{from: 2025-01-01, value: 0.9m}]}, source: tender}}",
    )
    made = load_text(text).with_overrides({f"{PRICE}.steps.2025-01-01": "0.5m"})
    form = made.model.products["cel"].markets["mainland"].price.list.form
    assert isinstance(form, Steps)
    assert [(item.constant, item.source) for _, item in form.steps] == [
        (1e6, "tender"),
        (0.5e6, ""),
    ]


def test_an_entry_no_longer_has_the_source_of_what_it_replaced():
    text = VALID.replace(
        "research: {2024: 20m, 2025: 10m}",
        "research: {value: {2024: 20m, 2025: 10m}, source: budget}",
    )
    made = load_text(text).with_overrides({"company.research.2025": "5m"})
    form = made.model.company.research.form
    assert isinstance(form, ByYear)
    assert [(year, item.constant, item.source) for year, item in form.years] == [
        (2024, 20e6, "budget"),
        (2025, 5e6, ""),
    ]


def test_overrides_come_on_top_of_the_variant_and_of_earlier_overrides():
    made = load_text(VALID, variant="cheap", overrides={"company.discount_rate": "5%"})
    assert number(made, PRICE).constant == 0.5e6
    again = made.with_overrides({PRICE: "0.4m"})
    assert number(again, PRICE).constant == 0.4e6
    assert number(again, "company.discount_rate").constant == 0.05
    assert again.variant == "cheap"
    assert set(again.overrides) == {PRICE, "company.discount_rate"}
    history = explain(again, PRICE).history
    assert [origin.text for origin in history] == ["0.5m", "1.15m"]


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("company.opening_csh", "did you mean 'opening_cash'?"),
        ("compny.opening_cash", "did you mean 'company'?"),
        ("products.cel.markets.mainland.funnel.fitt", "did you mean 'fit'?"),
        ("products.cel.markets.abroad", "to add 'abroad', override products.cel.markets"),
        ("company.impairments.x.amount", "to add 'x', override company.impairments"),
        (f"{DURATION}.pert.middle", "did you mean 'mode'?"),
        (f"{DURATION}.normal.mean", ""),
        ("contracts.partner.legs.milestone.amount", "allowed: supply_price"),
        ("company.opening_cash.value.more", ""),
        ("", "allowed: "),
        ("company..research", "allowed: "),
    ],
)
def test_an_unknown_path_is_a_problem_with_the_nearest_name(base: Loaded, path: str, hint: str):
    with pytest.raises(ScenarioError) as caught:
        base.with_overrides({path: "1"})
    problem = caught.value.problems[0]
    assert problem.message.startswith("unknown path")
    assert problem.hint.startswith(hint)
    assert str(problem.position) == "--set:1:1"


def test_wrong_values_are_reported_together_with_their_place(base: Loaded):
    with pytest.raises(ScenarioError) as caught:
        base.with_overrides({PRICE: "8%", "run.years": "{a: [1}", "company.tax.rate": 3})
    assert sorted(str(problem) for problem in caught.value.problems) == [
        "--set:1:1: company.tax.rate: '3' must be between 0 and 100% (did you mean 3%?)",
        "--set:1:1: products.cel.markets.mainland.price.list: '8%' has a suffix that does not "
        "fit here; expected a number such as 850_000, 180k, 1.15m or 3bn",
        "--set:1:7: run.years: not valid YAML: while parsing a flow sequence, did not find "
        "expected ',' or ']'",
    ]


def test_an_unknown_variant(base: Loaded):
    with pytest.raises(ScenarioError, match=r"unknown variant 'cheep' \(did you mean 'cheap'\?\)"):
        load_text(VALID, variant="cheep")
    without = VALID.split("variants:")[0]
    with pytest.raises(ScenarioError, match="the scenario has no variants"):
        load_text(without, variant="cheap")


def test_quantities_of_a_distribution_replaced_inside_keep_their_kind(base: Loaded):
    made = base.with_overrides({f"{DURATION}.pert.high": 20})
    value = number(made, DURATION).value
    assert isinstance(value, Distribution)
    assert {name: item.constant for name, item in value.parameters.items()} == {
        "low": 8.0,
        "mode": 10.0,
        "high": 20.0,
    }
