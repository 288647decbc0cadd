"""The folder of a run holds what was computed, to the last bit, and whole files only."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from unit.montecarlo.small_run import SMALL, small

import cartsim
from cartsim.errors import UsageError
from cartsim.measures import Column, Outcomes
from cartsim.montecarlo.block import BLOCK
from cartsim.montecarlo.run import run
from cartsim.montecarlo.storage import RunFolder, folder_name, replacing
from cartsim.scenario.load import load, load_text


def test_what_was_computed_is_stored_bit_by_bit(tmp_path: Path) -> None:
    result = run(small(), BLOCK + 7, executor="serial", out=tmp_path / "kept")
    folder = RunFolder(tmp_path / "kept")
    assert [path.name for path in folder.block_files()] == [
        "block-00000.parquet",
        "block-00001.parquet",
    ]
    for number, rows in enumerate((range(BLOCK), range(BLOCK, BLOCK + 7))):
        stored = folder.read_block(number)
        assert stored.replications == rows
        assert stored.columns == result.computed.columns
        expected = result.computed.values[rows.start : rows.stop]
        assert np.array_equal(stored.values, expected, equal_nan=True)
    assert json.loads((folder.path / "summary.json").read_text()) == result.document()


def test_odd_numbers_come_back_as_they_went(tmp_path: Path) -> None:
    odd = np.asarray([[np.nan, -0.0, 5e-324], [1 / 3, -1e308, 0.1 + 0.2]])
    columns = tuple(Column(f"m{i}", "all", "CNY") for i in range(3))
    folder = RunFolder(tmp_path)
    (tmp_path / "outcomes").mkdir()
    folder.write_block(7, Outcomes(range(900, 902), columns, odd))
    stored = folder.read_block(7)
    assert stored.replications == range(900, 902)
    assert stored.values.tobytes() == odd.tobytes()


def test_a_block_is_a_table_of_replications(tmp_path: Path) -> None:
    run(small(), 3, executor="serial", out=tmp_path)
    table = pq.read_table(tmp_path / "outcomes" / "block-00000.parquet")
    assert table.column("replication").to_pylist() == [0, 1, 2]
    assert {"orders[2024]", "revenue@cel[2024H1]", "closing_cash[2024Q4]"} <= set(
        table.column_names
    )


def test_the_manifest_tells_what_was_run(tmp_path: Path) -> None:
    loaded = small("dear", **{"company.tax.rate": "15%"})
    run(loaded, 3, 99, executor="serial", out=tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    versions = manifest.pop("versions")
    assert manifest == {
        "scenario": "small.yaml",
        "variant": "dear",
        "overrides": {"company.tax.rate": "15%"},
        "files": ["small.yaml"],
        "hash": loaded.hash,
        "seed": 99,
        "replications": 3,
        "block": 128,
        "engine": "fast",
    }
    assert versions["cartsim"] == cartsim.__version__
    assert {"python", "numpy", "scipy", "simpy"} <= set(versions)


def test_the_stored_scenario_is_the_one_that_was_run(tmp_path: Path) -> None:
    loaded = small("dear", **{"company.administration": "{pert: [1m, 2m, 3m]}"})
    run(loaded, 1, executor="serial", out=tmp_path)
    again = load(tmp_path / "scenario.yaml")
    assert again.hash == loaded.hash
    assert again.variants == ()


@pytest.mark.parametrize(
    "text",
    ["a: b # not a comment", "it's", '"quoted"', "- dash", "null", "~", "a\nb", "yes", "007", ""],
)
def test_any_text_reads_back(tmp_path: Path, text: str) -> None:
    quoted = json.dumps(text)
    loaded = load_text(SMALL.replace("title: a small product", f"title: {quoted}"))
    run(loaded, 1, executor="serial", out=tmp_path)
    assert load(tmp_path / "scenario.yaml").model.title == text


def test_a_new_run_leaves_nothing_of_the_old_one(tmp_path: Path) -> None:
    run(small(), BLOCK + 1, executor="serial", out=tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    run(small(), 2, executor="serial", out=tmp_path)
    assert len(RunFolder(tmp_path).block_files()) == 1
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_an_interrupted_run_keeps_whole_blocks_and_no_summary(tmp_path: Path) -> None:
    def interrupt(done: int, wanted: int) -> None:
        raise KeyboardInterrupt

    run(small(), 1, executor="serial", out=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        run(small(), BLOCK + 1, executor="serial", out=tmp_path, progress=interrupt)
    folder = RunFolder(tmp_path)
    assert [path.name for path in folder.block_files()] == ["block-00000.parquet"]
    assert folder.read_block(0).replications == range(BLOCK)
    assert not (tmp_path / "summary.json").exists()


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("old")

    def write_half() -> None:
        with replacing(target) as temporary:
            temporary.write_text("ha")
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        write_half()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_in_the_way_is_a_plain_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(UsageError, match=r"cannot write into .*taken"):
        run(small(), 1, executor="serial", out=tmp_path / "taken")


def test_the_folder_is_named_after_what_is_run() -> None:
    plain, dear = small(), small("dear")
    assert folder_name(plain, 11) == f"small-{plain.hash[:8]}-11"
    assert folder_name(dear, 11) == f"small-dear-{dear.hash[:8]}-11"
    assert plain.hash != dear.hash
