from __future__ import annotations

import pickle
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cartsim.scenario.fingerprint import fingerprint
from cartsim.scenario.load import load, load_text, validate
from cartsim.scenario.parameters import quantities, series, uncertain
from cartsim.scenario.tree import find

ROOT = Path(__file__).parents[3]
VALID = (ROOT / "tests" / "wrong" / "valid_base.yaml").read_text("utf-8")
SHIPPED = sorted((ROOT / "scenarios").glob("*.yaml"))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_shipped_scenarios_and_their_variants_are_valid(file: Path):
    assert validate(file) == ()


def test_the_hash_is_of_what_is_said_not_of_how(tmp_path: Path):
    made = load_text(VALID)
    assert len(made.hash) == 64
    file = tmp_path / "other_name.yaml"
    file.write_text("# a comment\n" + VALID.replace("1.15m", "1_150k"), "utf-8")
    assert load(file).hash == made.hash
    explicit = VALID.replace("title:", "description: ''\ntitle:")
    assert load_text(explicit).hash == made.hash


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("list: 1.15m", "list: 1.16m"),
        ("pert: [8, 10, 14]", "triangular: [8, 10, 14]"),
        ("pert: [8, 10, 14]", "pert: [8, 10, 14], per: replication"),
        ("source: annual report", "source: interim report"),
        ("title: A small company", "title: A big company"),
        ("2025: 10m", "2026: 10m"),
        ("to: 2025-01-01", "to: 2025-01-02"),
    ],
)
def test_the_hash_changes_with_everything_that_is_said(before: str, after: str):
    assert before in VALID
    assert load_text(VALID.replace(before, after)).hash != load_text(VALID).hash


def test_named_entries_come_in_one_order_whatever_their_order_in_the_file():
    steps = """
        shipment: {role: delivery, duration: 1}
        infusion: {role: infusion, duration: 14}
"""
    turned = """
        infusion: {role: infusion, duration: 14}
        shipment: {role: delivery, duration: 1}
"""
    assert steps in VALID
    one, other = load_text(VALID), load_text(VALID.replace(steps, turned))
    assert one.hash == other.hash
    assert [item.path for item in quantities(one.model)] == [
        item.path for item in quantities(other.model)
    ]
    assert list(one.model.products["cel"].route.steps) == list(
        other.model.products["cel"].route.steps
    )


def test_quantities_come_sorted_once_and_with_their_paths():
    model = load_text(VALID).model
    paths = [item.path for item in quantities(model)]
    assert paths == sorted(set(paths))
    assert [item.path for item in uncertain(model)] == [
        "products.cel.markets.mainland.funnel.fit",
        "products.cel.markets.mainland.incidence_per_year",
        "products.cel.route.steps.production.duration",
    ]
    assert "company.research" in [item.path for item in series(model)]
    assert "company.opening_cash" not in [item.path for item in series(model)]


def test_the_tree_knows_the_place_of_every_written_quantity():
    made = load_text(VALID, "base.yaml")
    lines = VALID.splitlines()
    for item in quantities(made.model):
        if item.position is None:
            continue
        assert item.position.file == "base.yaml"
        rest = lines[item.position.line - 1][item.position.column - 1 :]
        assert rest.startswith(item.text.partition(":")[0])
    node = find(made.tree, "contracts.partner.legs.supply_price.share_of_list")
    assert str(node) == "35%"


def test_models_are_frozen():
    model = load_text(VALID).model
    with pytest.raises(ValueError, match="frozen"):
        model.title = "Another"  # type: ignore[misc]


def test_a_typical_scenario_loads_in_a_tenth_of_a_second():
    """Measured as the best of several runs: a busy machine must not fail it."""
    load(SHIPPED[0])
    best = float("inf")
    for _ in range(5):
        begin = time.perf_counter()
        load(SHIPPED[0])
        best = min(best, time.perf_counter() - begin)
    assert best < 0.1


def test_the_import_takes_no_heavy_library():
    code = "import sys, cartsim.scenario.load; print(sorted(sys.modules))"
    listed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    for heavy in ("scipy", "pandas", "matplotlib", "pyarrow", "simpy"):
        assert f"'{heavy}'" not in listed


def test_a_loaded_scenario_travels_to_other_processes():
    made = load(SHIPPED[0])
    there = pickle.loads(pickle.dumps(made))
    assert there.hash == made.hash == fingerprint(there.model)
    changed = there.with_overrides({"run.seed": 3})
    assert changed.hash == made.with_overrides({"run.seed": 3}).hash
