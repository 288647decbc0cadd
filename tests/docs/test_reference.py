"""The reference pages are complete and do not depend on the day on which they are made."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from cartsim.cli import COMMANDS
from cartsim.distributions import FAMILIES
from cartsim.measures import MEASURES
from cartsim.scenario import contracts, manufacturing, market, model, outcomes
from cartsim.scenario.part import Part

DOCS = Path(__file__).parents[2] / "docs"
PARTS = sorted(
    {
        part
        for module in (model, manufacturing, market, contracts, outcomes)
        for part in vars(module).values()
        if isinstance(part, type) and issubclass(part, Part)
    },
    key=lambda part: part.__name__,
)


@pytest.fixture(scope="module")
def tables() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference_tables", DOCS / "reference_tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def models(tables: ModuleType) -> dict[str, str]:
    """The schema's section for each model."""
    return dict(sections(tables.schema(), "###"))


def sections(text: str, level: str) -> Iterator[tuple[str, str]]:
    """Heading and text of each section of a page."""
    parts = re.split(rf"^{level} (.+)$", text, flags=re.MULTILINE)
    yield from zip(parts[1::2], parts[2::2], strict=True)


@pytest.mark.parametrize("part", [p for p in PARTS if p is not Part], ids=lambda p: p.__name__)
def test_every_key_of_the_schema_has_its_row(part: type[Part], models: dict[str, str]) -> None:
    section = models[part.__name__]
    rows = re.findall(r"^\| `([^`]+)` \|", section, flags=re.MULTILINE)
    assert rows == list(part.keys())


@pytest.mark.parametrize("part", [p for p in PARTS if p is not Part], ids=lambda p: p.__name__)
def test_every_key_has_one_meaning(
    part: type[Part], models: dict[str, str], tables: ModuleType
) -> None:
    section = models[part.__name__]
    shown = dict(re.findall(r"^\| `([^`]+)` \|.*\| ([^|]*) \|$", section, flags=re.MULTILINE))
    assert {key for key, meaning in shown.items() if not meaning.strip()} == set()
    elsewhere = tables.MEANINGS.get(part.__name__, {})
    assert {key for key in elsewhere if shown.get(key) != elsewhere[key]} == set()


def test_rows_say_unit_default_and_scope(models: dict[str, str]) -> None:
    number, series = "[number](#forms-of-a-number)", "[series](#forms-of-a-number)"
    assert (
        f"| `duration` | {number} | days, at least 0 | none | replication, **lot** |"
        in (models["Step"])
    )
    assert f"| `success` | {number} | share, 0 to 1 | `100%` | **replication** |" in models["Step"]
    assert (
        f"| `share_of_list` | {series} | share, 0 to 1 | none | **replication** |"
        in (models["SupplyPrice"])
    )
    assert "| `received` | date |  | required |" in models["Upfront"]
    assert "Written at `products.NAME.markets.NAME.price`." in models["Price"]


def test_every_family_of_distributions_is_listed(tables: ModuleType) -> None:
    names = re.findall(r"^\| (\w+) \| `\{", tables.distributions(), flags=re.MULTILINE)
    assert names == sorted(FAMILIES)


def test_every_measure_and_command_is_listed(tables: ModuleType) -> None:
    measures = re.findall(r"^\| `(\w+)` \|", tables.measures(), flags=re.MULTILINE)
    assert measures == list(MEASURES)
    commands = [heading for heading, _ in sections(tables.commands(), "##")]
    assert commands == [f"cartsim {name}" for name in COMMANDS]


def test_the_tables_do_not_depend_on_the_process() -> None:
    code = "from reference_tables import PAGES\n"
    code += "print([make() for marks in PAGES.values() for make in marks.values()])"
    made = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=DOCS,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert made[0] == made[1]
    assert len(made[0]) > 10_000
