from __future__ import annotations

from pathlib import Path

from cartsim.scenario.difference import diff
from cartsim.scenario.load import load_text
from cartsim.scenario.loaded import Loaded

VALID = (Path(__file__).parents[2] / "wrong" / "valid_base.yaml").read_text("utf-8")
PRICE = "products.cel.markets.mainland.price.list"


def base() -> Loaded:
    return load_text(VALID, "left.yaml")


def differences(**overrides: object) -> list[tuple[str, str, str | None, str | None]]:
    named = {path.replace("__", "."): value for path, value in overrides.items()}
    other = base().with_overrides(named)
    return [(item.path, item.aspect, item.left, item.right) for item in diff(base(), other)]


def test_nothing_differs_from_itself():
    assert diff(base(), base()) == []


def test_ways_of_writing_are_no_difference():
    assert differences(company__discount_rate="0.1", company__selling="0m", run__seed=1) == []


def test_values_come_before_sources():
    found = differences(
        company__opening_cash="{value: 100m, source: audited}", company__tax__rate="15%"
    )
    assert found == [
        ("company.tax.rate", "value", "25%", "15%"),
        ("company.opening_cash", "source", "annual report", "audited"),
    ]


def test_entries_of_a_series_one_by_one():
    assert differences(company__research="{2024: 20m, 2025: {value: 9m, note: cut}}") == [
        ("company.research.2025", "value", "10m", "9m"),
        ("company.research.2025", "note", "", "cut"),
    ]


def test_another_form_is_shown_as_a_whole():
    assert differences(company__research="5m") == [
        ("company.research", "value", "{2024: 20m, 2025: 10m}", "5m")
    ]


def test_what_only_one_of_them_has():
    found = diff(base(), base().with_overrides({"contracts": "!delete"}))
    assert {(item.path, item.right) for item in found} == {
        ("contracts.partner.parties.distributor", None),
        ("contracts.partner.covers", None),
        ("contracts.partner.legs.supply_price.from", None),
        ("contracts.partner.legs.supply_price.to", None),
        ("contracts.partner.legs.supply_price.source", None),
        ("contracts.partner.legs.supply_price.share_of_list", None),
    }


def test_dates_lists_and_positions():
    other = base().with_overrides({"products.cel.launch": "2025-01-01", "levers": "[run.start]"})
    found = {item.path: item for item in diff(base(), other)}
    assert (found["products.cel.launch"].left, found["products.cel.launch"].right) == (
        "2024-02-01",
        "2025-01-01",
    )
    assert str(found["products.cel.launch"].left_position) == "left.yaml:13:13"
    assert str(found["products.cel.launch"].right_position) == "--set:1:1"
    assert found["levers"].left == f"[{PRICE}]"


def test_a_distribution_differs_by_its_parameters():
    path = "products.cel.route.steps.production.duration"
    found = diff(base(), base().with_overrides({f"{path}.pert.mode": 11}))
    assert [(item.path, item.left, item.right) for item in found] == [
        (path, "{pert: [8, 10, 14]}", "{pert: [8, 11, 14]}")
    ]
