"""A run that was saved, read again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cartsim.errors import ScenarioError, UsageError
from cartsim.montecarlo.block import block_size, blocks
from cartsim.montecarlo.identity import run_key
from cartsim.montecarlo.result import Result
from cartsim.montecarlo.storage import MANIFEST, OUTCOMES, SCENARIO, read_manifest
from cartsim.montecarlo.stored import StoredBlock
from cartsim.montecarlo.table import Filed
from cartsim.scenario.load import load


def manifest_of(folder: Path) -> dict[str, Any]:
    """What a run says of itself; raises ``UsageError`` for a folder that holds none."""
    manifest = read_manifest(folder)
    if not manifest:
        raise UsageError(f"{folder} holds no run: there is no {MANIFEST} that can be read")
    return manifest


def block_of(folder: Path, number: int, rows: range, key: str) -> tuple[StoredBlock | None, bool]:
    """A whole block of a run, ``None`` where there is none, and whether there is a file of it."""
    files = sorted((folder / OUTCOMES).glob(f"block-{number:05d}.*.parquet"))
    found = StoredBlock.found(files[0], key) if len(files) == 1 else None
    if found is not None and len(found.replications) < len(rows):
        found = None
    return found, bool(files)


def read_result(folder: Path) -> Result:
    """The result of a run that was saved into a folder and is complete.

    Raises ``UsageError`` for a folder that holds none, or one that is unfinished or damaged.
    """
    manifest = manifest_of(folder)
    try:
        loaded = load(str(folder / SCENARIO))
        key, replications = run_key(manifest), int(manifest["replications"])
        seed, engine = int(manifest["seed"]), str(manifest["engine"])
        version = str(manifest.get("versions", {}).get("cartsim", ""))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"{folder / MANIFEST} lacks what a run says of itself: {error}") from None
    except ScenarioError as error:
        raise UsageError(f"{folder / SCENARIO} cannot be used:\n{error}") from None
    if loaded.hash != manifest.get("hash"):
        raise UsageError(f"{folder / SCENARIO} is not the scenario that was run")
    there = []
    for number, rows in enumerate(blocks(replications, block_size(loaded.model))):
        found, _ = block_of(folder, number, rows, key)
        if found is None:
            raise UsageError(
                f"the run in {folder} is unfinished or damaged: block {number} is missing; the "
                "command that made it goes on where it ended"
            )
        there.append(found)
    return Result(
        loaded, seed, engine, version, Filed.of(there, range(replications)), folder=folder
    )
