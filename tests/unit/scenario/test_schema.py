"""The JSON Schema accepts what the loader accepts, and fails on what has the wrong form."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cartsim.errors import Problem
from cartsim.scenario.extends import library_folder
from cartsim.scenario.model import Scenario
from cartsim.scenario.read_yaml import read_yaml
from cartsim.scenario.schema import schema
from cartsim.scenario.shape import part_shapes
from cartsim.scenario.tree import Map, Sequence

ROOT = Path(__file__).parents[3]
WRONG = ROOT / "tests" / "wrong"
ONLY_THE_LOADER_SEES = {
    "16_out_of_order",
    "17_reaches_beyond_bounds",
    "27_plant_and_resource",
    "28_route_order",
    "29_retry",
    "31_demand_clashes",
    "34_two_supply_prices",
    "35_correlations",
    "37_currencies",
    "39_run",
    "41_extends_missing",
    "42_extends_circle",
    "43_error_in_base",
    "50_infusion",
    "51_only_under_a_variant",
    "52_growth_and_totals",
    "53_paid_to",
    "56_bank_missing",
    "57_route_in_detail",
    "59_bank_rules",
    "60_regions_and_payers",
    "61_class",
}
"""What a schema cannot say: order, references, other files, chances."""


@cache
def validator(part: str = "") -> Draft202012Validator:
    made = schema()
    return Draft202012Validator({**made, "$ref": f"#/$defs/{part}"} if part else made)


def as_json(node: Any) -> Any:
    """A tree as an editor's YAML reader sees it (core schema of YAML 1.2)."""
    if isinstance(node, Map):
        return {str(key): as_json(item) for key, item in node.items()}
    if isinstance(node, Sequence):
        return [as_json(item) for item in node]
    if node.null:
        return None
    try:
        return str(node) if node.quoted else json.loads(node)
    except ValueError:
        return str(node)


def document(file: Path) -> tuple[Any, bool]:
    problems: list[Problem] = []
    root = read_yaml(file.read_bytes(), file.name, problems)
    return (None if root is None else as_json(root)), not problems


def test_it_is_a_valid_schema():
    Draft202012Validator.check_schema(schema())
    json.dumps(schema(), allow_nan=False)


@pytest.mark.parametrize(
    "file",
    [*sorted((ROOT / "scenarios").glob("*.yaml")), WRONG / "valid_base.yaml"],
    ids=lambda file: file.stem,
)
def test_shipped_scenarios_are_valid(file: Path):
    content, _ = document(file)
    assert [error.message for error in validator().iter_errors(content)] == []


@pytest.mark.parametrize(
    "file", sorted(library_folder().rglob("*.yaml")), ids=lambda file: file.stem
)
def test_library_files_are_valid_parts(file: Path):
    content, _ = document(file)
    parts = [name for name in schema()["$defs"] if name.endswith(".partial")]
    assert any(validator(part).is_valid(content) for part in parts)


@pytest.mark.parametrize("file", sorted(WRONG.glob("[0-9]*.yaml")), ids=lambda file: file.stem)
def test_wrong_files_fail_unless_only_the_loader_can_see_it(file: Path):
    content, readable = document(file)
    if not readable:
        return
    expected = file.stem in ONLY_THE_LOADER_SEES
    assert validator().is_valid(content) == expected


@pytest.mark.parametrize(
    ("form", "content", "valid"),
    [
        ("quantity.money", 5, True),
        ("quantity.money", "1_850m", True),
        ("quantity.money", "8%", False),
        ("quantity.percent", "8%", True),
        ("quantity.percent", "8m", False),
        ("quantity.days", "36h", True),
        ("quantity.plain", "36h", False),
        ("quantity.money", {"pert": ["1m", "2m", "3m"], "per": "lot"}, True),
        ("quantity.money", {"pert": ["1m", "2m"]}, False),
        ("quantity.money", {"p5": 1, "p95": 2, "truncate": [0, None]}, True),
        ("quantity.money", {"pert": [1, 2, 3], "uniform": [1, 2]}, False),
        ("quantity.money", {"lognormal": {"median": "1m", "sigma": 0.5}}, True),
        ("quantity.money", {"lognormal": {"median": "1m", "sd": 0.5}}, False),
        ("quantity.money", {"normal": {"mean": {"uniform": [1, 2]}, "sd": 1}}, True),
        ("quantity.money", {"choice": {"1m": 1, "2m": "30%"}}, True),
        ("quantity.money", {"empirical": [1, "2m"]}, True),
        ("quantity.money", {"value": {"driver": "x"}, "source": "s"}, True),
        ("quantity.money", {"value": 1, "sources": "s"}, False),
        ("quantity.money", {"2024": 1}, False),
        ("series.money", {"2024": 1, "2025": {"value": "2m", "note": "n"}}, True),
        ("series.money", {"value": {"2024": 1}, "source": "s"}, True),
        ("series.money", {"steps": [{"from": "2024-01-01", "value": 1}]}, True),
        ("series.money", {"steps": [{"form": "2024-01-01", "value": 1}]}, False),
        ("series.percent", {"start": "8%", "growth": {"2024": "3%"}}, True),
        (
            "series.plain",
            {"ramp": {"from": "2024-01-01", "to": "2025-01-01", "start": 1, "end": 2}},
            True,
        ),
    ],
)
def test_forms_of_numbers(form: str, content: Any, valid: bool):
    assert validator(form).is_valid(content) == valid


def test_every_key_of_the_model_is_there_with_its_description():
    properties = schema()["$defs"]["Scenario.complete"]["properties"]
    assert set(properties) == {*part_shapes(Scenario), "extends", "variants"}
    step = schema()["$defs"]["Step.complete"]["properties"]
    assert step["out_of_specification"]["description"].startswith("Share of the *successful* lots")
    assert step["success"]["default"] == "100%"
    assert (step["success"]["minimum"], step["success"]["maximum"]) == (0.0, 1.0)
    assert step["duration"]["x-unit"] == "days"
    assert step["duration"]["x-scope"] == "lot"
