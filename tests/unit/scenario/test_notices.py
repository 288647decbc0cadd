from __future__ import annotations

from pathlib import Path

import pytest

from cartsim.scenario.load import load, load_text

ROOT = Path(__file__).parents[3]
VALID = (ROOT / "tests" / "wrong" / "valid_base.yaml").read_text("utf-8")


def test_an_ordinary_scenario_needs_no_notice():
    assert load_text(VALID).notices == ()


@pytest.mark.parametrize("file", sorted((ROOT / "scenarios").glob("*.yaml")), ids=lambda f: f.stem)
def test_shipped_scenarios_hold_nothing_without_effect(file: Path):
    assert all("read as" in notice for notice in load(file).notices)


@pytest.mark.parametrize(
    ("path", "value", "notice"),
    [
        (
            "company.opening_cash",
            "{p10: 80m, p50: 100m, p90: 110m}",
            "company.opening_cash: {p10, p50, p90} read as two-piece lognormal",
        ),
        (
            "drivers",
            "{demand: {uniform: [1, 2]}}",
            "drivers.demand: no number uses this driver",
        ),
        (
            "fx",
            "{USD: 7.2}",
            "fx.USD: no market sells and no cash is held in this currency",
        ),
        (
            "plants",
            "{wuxi: {resources: {}}}",
            "plants.wuxi: no product is made here; only its fixed cost counts",
        ),
        (
            "company.impairments",
            "{line: {date: 2030-01-01, amount: 1m}}",
            "company.impairments.line: 2030-01-01 is outside the run from 2024-01-01 until "
            "2027-01-01",
        ),
        (
            "products.cel.launch",
            "2027-01-01",
            "products.cel.launch: 2027-01-01 is after the run from 2024-01-01 until 2027-01-01",
        ),
        (
            "contracts.partner.legs",
            "[{milestone: {from: distributor, when: {date: 2023-12-31}, amount: 1m}}]",
            "contracts.partner.legs.milestone.when.date: 2023-12-31 is outside the run from "
            "2024-01-01 until 2027-01-01",
        ),
        (
            "plants.suzhou.resources.line.capacity",
            "2.5",
            "plants.suzhou.resources.line.capacity: 2.5 places are rounded to 3",
        ),
        (
            "plants.suzhou.resources.line.capacity",
            "{2024: 2, 2025: 2.4}",
            "plants.suzhou.resources.line.capacity.2025: 2.4 places are rounded to 2",
        ),
        (
            "products.cel.route.steps.apheresis",
            "{role: collection, duration: 1, resource: line, hands_on: 3}",
            "products.cel.route.steps.apheresis.hands_on: a place is held for 3 days, longer than "
            "the 1 days that the step lasts",
        ),
    ],
)
def test_what_the_reader_must_be_told(path: str, value: str, notice: str):
    assert load_text(VALID, overrides={path: value}).notices == (notice,)
