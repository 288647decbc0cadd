"""A stored run is verified bit by bit, and the first number that differs is named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from unit.montecarlo.small_run import small

from cartsim.errors import UsageError
from cartsim.measures import Outcomes
from cartsim.montecarlo.block import BLOCK
from cartsim.montecarlo.identity import run_key
from cartsim.montecarlo.replay import replay
from cartsim.montecarlo.run import run
from cartsim.montecarlo.storage import block_name
from cartsim.montecarlo.stored import StoredBlock, encode


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    run(small("dear"), BLOCK + 6, 5, executor="serial", out=tmp_path)
    return tmp_path


@pytest.mark.parametrize("engine", [None, "reference"])
def test_a_stored_run_is_verified(stored: Path, engine: str | None) -> None:
    found = replay(stored, engine, executor="serial")
    assert found.verified
    assert (found.blocks, found.compared, found.differing) == (2, BLOCK + 6, 0)


def test_the_last_bit_of_one_number_is_found(stored: Path) -> None:
    key = run_key(json.loads((stored / "manifest.json").read_text()))
    file = sorted((stored / "outcomes").iterdir())[1]
    block = StoredBlock(file, range(BLOCK, BLOCK + 6)).read()
    position = next(i for i, c in enumerate(block.columns) if c.name == "revenue")
    values = block.values.copy()
    values[4, position] = np.nextafter(values[4, position], np.inf)
    content = encode(Outcomes(block.replications, block.columns, values), key)
    file.unlink()
    file.with_name(block_name(1, content)).write_bytes(content)
    found = replay(stored, executor="serial")
    assert not found.verified
    assert found.differing == 1
    assert found.first is not None
    column = block.columns[position]
    assert (found.first.replication, found.first.measure) == (BLOCK + 4, "revenue")
    assert (found.first.period, found.first.stored) == (column.period, values[4, position])
    document = found.document()
    assert document["first_difference"]["replication"] == BLOCK + 4


def test_what_is_missing_or_damaged_is_named(stored: Path) -> None:
    first, second = sorted((stored / "outcomes").iterdir())
    first.unlink()
    second.write_bytes(second.read_bytes()[:-1])
    found = replay(stored, executor="serial")
    assert found.problems == (
        "block 0: missing",
        "block 1: damaged, or of another run",
    )
    assert not found.verified


def test_a_summary_that_says_something_else_is_named(stored: Path) -> None:
    summary = json.loads((stored / "summary.json").read_text())
    summary["measures"][0]["mean"] += 1
    (stored / "summary.json").write_text(json.dumps(summary))
    assert replay(stored, executor="serial").problems == (
        "summary.json: not what the stored blocks amount to",
    )


def test_a_scenario_that_was_changed_is_named(stored: Path) -> None:
    scenario = stored / "scenario.yaml"
    scenario.write_text(scenario.read_text().replace("title: ", "title: not "))
    found = replay(stored, executor="serial")
    assert any("is not the scenario that was run" in problem for problem in found.problems)


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no run"):
        replay(tmp_path)
