"""The folder of a run holds what was computed, to the last bit, and whole files only."""

from __future__ import annotations

import errno
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.montecarlo.small_run import SMALL, small

import cartsim
from cartsim.errors import RunError, UsageError
from cartsim.measures import Column, Outcomes
from cartsim.montecarlo import regrouped, store, table
from cartsim.montecarlo.block import BLOCK, compute_block
from cartsim.montecarlo.identity import program, run_key
from cartsim.montecarlo.run import run
from cartsim.montecarlo.storage import block_name, folder_name, replacing
from cartsim.montecarlo.stored import StoredBlock, encode
from cartsim.scenario.load import load, load_text


def blocks_in(folder: Path) -> list[StoredBlock]:
    """The blocks of a run's folder, in order, each checked."""
    key = run_key(json.loads((folder / "manifest.json").read_text()))
    files = sorted((folder / "outcomes").iterdir())
    found = [StoredBlock.found(file, key) for file in files]
    assert None not in found
    return [block for block in found if block is not None]


def bits(folder: Path) -> list[bytes]:
    """What a finished run has stored: every block and the summary."""
    files = [*sorted((folder / "outcomes").iterdir()), folder / "summary.json"]
    return [file.read_bytes() for file in files]


def test_what_was_computed_is_stored_bit_by_bit(tmp_path: Path) -> None:
    result = run(small(), BLOCK + 7, executor="serial", out=tmp_path / "kept")
    first, second = blocks_in(tmp_path / "kept")
    assert first.path.name.startswith("block-00000.")
    everything = compute_block(small().model, 11, range(BLOCK + 7), "fast")
    for stored, rows in ((first, range(BLOCK)), (second, range(BLOCK, BLOCK + 7))):
        assert stored.replications == rows
        assert stored.columns == result.columns
        expected = everything.values[rows.start : rows.stop]
        assert np.array_equal(stored.read().values, expected, equal_nan=True)
    summary = json.loads((tmp_path / "kept" / "summary.json").read_text())
    assert summary == result.document()


def test_odd_numbers_come_back_as_they_went(tmp_path: Path) -> None:
    odd = np.asarray([[np.nan, -0.0, 5e-324], [1 / 3, -1e308, 0.1 + 0.2]])
    columns = tuple(Column(f"m{i}", "all", "CNY") for i in range(3))
    content = encode(Outcomes(range(900, 902), columns, odd), "a run")
    path = tmp_path / block_name(7, content)
    path.write_bytes(content)
    stored = StoredBlock.found(path, "a run")
    assert stored is not None
    assert stored.replications == range(900, 902)
    assert stored.read().values.tobytes() == odd.tobytes()
    assert StoredBlock.found(path, "another run") is None


@given(st.integers(1, 200), st.integers(1, 9), st.data())
@settings(max_examples=25, deadline=None)
def test_any_rows_of_a_block_can_be_read_alone(rows: int, width: int, data: st.DataObject) -> None:
    values = np.arange(rows * width, dtype=np.float64).reshape(width, rows)
    columns = tuple(Column(f"m{i}", "all", "CNY") for i in range(rows))
    first = data.draw(st.integers(0, rows - 1))
    last = data.draw(st.integers(first + 1, rows))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "block"
        path.write_bytes(encode(Outcomes(range(width), columns, values), ""))
        found = StoredBlock(path, range(width)).rows(first, last)
    assert np.array_equal(found, values.T[first:last])


def test_a_block_is_a_table_of_measures(tmp_path: Path) -> None:
    run(small(), 3, executor="serial", out=tmp_path)
    table = pq.read_table(blocks_in(tmp_path)[0].path)
    assert table.column_names == ["measure", "period", "unit", "values"]
    rows = {(row["measure"], row["period"]): row["values"] for row in table.to_pylist()}
    assert len(rows["orders", "2024"]) == 3
    assert {("revenue@cel", "2024H1"), ("closing_cash", "2024Q4"), ("npv", "all")} <= set(rows)


def test_fewer_periods_make_smaller_files(tmp_path: Path) -> None:
    whole = run(small(), 3, executor="serial", out=tmp_path / "whole")
    years = run(small(), 3, executor="serial", out=tmp_path / "years", periods=["year"])
    assert {c.period for c in years.columns} < {c.period for c in whole.columns}
    assert not any("Q" in c.period or "H" in c.period for c in years.columns)
    assert years.statistic("revenue", "2024") == whole.statistic("revenue", "2024")


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
        "periods": ["year", "half", "quarter", "all"],
        "program": program(),
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


def test_another_run_is_refused_unless_it_is_to_begin_afresh(tmp_path: Path) -> None:
    run(small(), BLOCK + 1, executor="serial", out=tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    before = bits(tmp_path)
    with pytest.raises(UsageError, match=r"holds another run \(its seed is 11, not 12\)"):
        run(small(), 2, 12, executor="serial", out=tmp_path)
    assert bits(tmp_path) == before
    run(small(), 2, 12, executor="serial", out=tmp_path, fresh=True)
    assert [block.replications for block in blocks_in(tmp_path)] == [range(2)]
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_an_interrupted_run_keeps_whole_blocks_and_goes_on(tmp_path: Path) -> None:
    def interrupt(done: int, wanted: int) -> None:
        raise KeyboardInterrupt

    told: list[int] = []
    run(small(), 3 * BLOCK, executor="serial", out=tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        run(small(), 3 * BLOCK, executor="serial", out=tmp_path / "cut", progress=interrupt)
    assert [block.replications for block in blocks_in(tmp_path / "cut")] == [range(BLOCK)]
    assert not (tmp_path / "cut" / "summary.json").exists()
    run(
        small(),
        3 * BLOCK,
        executor="serial",
        out=tmp_path / "cut",
        progress=lambda done, wanted: told.append(done),
    )
    assert told == [2 * BLOCK, 3 * BLOCK]
    assert bits(tmp_path / "cut") == bits(tmp_path / "whole")


def test_more_replications_go_on_from_those_that_are_there(tmp_path: Path) -> None:
    run(small(), BLOCK + 9, executor="serial", out=tmp_path / "grown")
    told: list[int] = []
    run(
        small(),
        2 * BLOCK + 4,
        executor="serial",
        out=tmp_path / "grown",
        progress=lambda done, wanted: told.append(done),
    )
    run(small(), 2 * BLOCK + 4, executor="serial", out=tmp_path / "at_once")
    assert told == [2 * BLOCK, 2 * BLOCK + 4]
    assert bits(tmp_path / "grown") == bits(tmp_path / "at_once")


def test_fewer_replications_take_from_those_that_are_there(tmp_path: Path) -> None:
    run(small(), 2 * BLOCK, executor="serial", out=tmp_path)
    fewer = run(small(), 50, executor="serial", out=tmp_path)
    assert fewer.replications == 50
    assert len(blocks_in(tmp_path)) == 2  # nothing finished is lost
    alone = run(small(), 50, executor="serial")
    assert np.array_equal(fewer.outcomes().to_numpy(), alone.outcomes().to_numpy(), equal_nan=True)


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def one_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def of_another_run(file: Path) -> None:
    content = encode(StoredBlock(file, range(BLOCK)).read(), "another run")
    file.unlink()
    file.with_name(block_name(0, content)).write_bytes(content)


def no_parquet(file: Path) -> None:
    file.unlink()
    file.with_name(block_name(0, b"rubbish")).write_bytes(b"rubbish")


@pytest.mark.parametrize("harm", [cut_short, one_bit, emptied, of_another_run, no_parquet])
def test_a_block_that_is_not_whole_is_computed_again(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    run(small(), BLOCK + 3, executor="serial", out=tmp_path)
    before = bits(tmp_path)
    harm(blocks_in(tmp_path)[0].path)
    found = run(small(), BLOCK + 3, executor="serial", out=tmp_path)
    assert "1 of 2 stored blocks were damaged: computed again" in found.notices
    assert bits(tmp_path) == before


def test_blocks_of_another_version_are_computed_again(tmp_path: Path) -> None:
    run(small(), 5, executor="serial", out=tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    manifest["program"] = "older"
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    block = StoredBlock(next((tmp_path / "outcomes").iterdir()), range(5))
    content = encode(block.read(), run_key(manifest))
    block.path.unlink()
    block.path.with_name(block_name(0, content)).write_bytes(content)
    found = run(small(), 5, executor="serial", out=tmp_path)
    assert any("another version of cartsim" in notice for notice in found.notices)
    assert len(blocks_in(tmp_path)) == 1


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    seen: list[str] = []

    def meanwhile(done: int, wanted: int) -> None:
        with pytest.raises(UsageError, match="another process is running into") as raised:
            run(small(), 4, executor="serial", out=tmp_path)
        seen.append(str(raised.value))

    run(small(), 3, executor="serial", out=tmp_path, progress=meanwhile)
    assert len(seen) == 1


def test_a_full_disk_is_told_in_plain_words_and_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, written = Path.write_bytes, []

    def until_full(self: Path, content: bytes) -> int:
        if written:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(self)
        return write(self, content)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", until_full)
        with pytest.raises(RunError, match=r"no room is left .*; 1 finished blocks are kept"):
            run(small(), 3 * BLOCK, executor="serial", out=tmp_path / "cut")
    assert [block.replications for block in blocks_in(tmp_path / "cut")] == [range(BLOCK)]
    run(small(), 3 * BLOCK, executor="serial", out=tmp_path / "cut")
    run(small(), 3 * BLOCK, executor="serial", out=tmp_path / "whole")
    assert bits(tmp_path / "cut") == bits(tmp_path / "whole")


def test_outcomes_beyond_memory_are_read_from_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = run(small(), 2 * BLOCK + 5, executor="serial")
    monkeypatch.setattr(store, "HELD", 1000)
    monkeypatch.setattr(table, "BUDGET", 5000)
    for out in (None, tmp_path):
        filed = run(small(), 2 * BLOCK + 5, executor="serial", out=out)
        assert isinstance(held.table, table.Held)
        assert isinstance(filed.table, table.Filed)
        assert filed.document() == held.document()
        assert np.array_equal(filed.values("npv", "all"), held.values("npv", "all"))


@pytest.mark.parametrize("numbers", [1, 10**9])
def test_very_many_blocks_are_read_once_in_another_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, numbers: int
) -> None:
    held = run(small(), 2 * BLOCK + 5, executor="serial")
    monkeypatch.setattr(store, "HELD", 1000)
    monkeypatch.setattr(table, "BUDGET", 5000)
    monkeypatch.setattr(table, "READS", 0)
    monkeypatch.setattr(regrouped, "NUMBERS", numbers)
    filed = run(small(), 2 * BLOCK + 5, executor="serial", out=tmp_path)
    assert isinstance(filed.table, table.Filed)
    assert filed.document() == held.document()
    there = np.concatenate(list(filed.table.chunks()))
    assert np.array_equal(there.view(np.int64), held.table.table.view(np.int64))
    assert np.array_equal(filed.values("npv", "all"), held.values("npv", "all"))
    # what was put into another order is gone with the table, and no file of the run
    assert {path.suffix for path in (tmp_path / "outcomes").iterdir()} == {".parquet"}


def test_no_room_for_another_order_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "HELD", 1000)
    monkeypatch.setattr(table, "READS", 0)

    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(regrouped.tempfile, "TemporaryFile", full)
    with pytest.raises(RunError, match="No space left on device; that needs up to"):
        run(small(), 2 * BLOCK, executor="serial", out=tmp_path)


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
