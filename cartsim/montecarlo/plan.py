"""What a run will take, from one of its blocks."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from cartsim.measures import PERIOD_KINDS
from cartsim.montecarlo.block import block_size, blocks
from cartsim.montecarlo.executors import available_workers
from cartsim.montecarlo.identity import manifest, run_key
from cartsim.montecarlo.run import kept
from cartsim.montecarlo.storage import OUTCOMES
from cartsim.montecarlo.store import HELD
from cartsim.montecarlo.stored import StoredBlock
from cartsim.montecarlo.task import Task
from cartsim.scenario.loaded import Loaded

OVERHEAD = 1.2
"""More than one block tells: workers start, share memory and wait for each other."""


@dataclass(frozen=True)
class RunPlan:
    """What a run will take. Times and sizes are measured on one block and multiplied; ``memory`` is
    the most that a process has taken to compute it, with all that it imports."""

    replications: int
    blocks: int
    done: int
    columns: int
    workers: int
    block_seconds: float
    seconds: float
    block_bytes: int
    disk_bytes: int
    free_bytes: int
    memory_bytes: int
    held_bytes: int

    def document(self) -> dict[str, Any]:
        """The plan as one JSON document."""
        return asdict(self)


def plan(
    loaded: Loaded,
    replications: int | None = None,
    seed: int | None = None,
    engine: str = "fast",
    workers: int | None = None,
    out: Path | None = None,
    periods: Sequence[str] = PERIOD_KINDS,
) -> RunPlan:
    """Compute one block of a run and tell what all of them will take; nothing is written."""
    settings = loaded.model.run
    wanted = settings.replications if replications is None else replications
    kinds = kept(periods)
    chosen = settings.seed if seed is None else seed
    task = Task(loaded.model, chosen, engine, (), kinds)
    key = run_key(manifest(loaded, task, wanted))
    task = replace(task, key=key)
    task.compute(0, range(1))  # compile what is to be compiled
    size = block_size(loaded.model)
    rows = range(min(wanted, size))
    begin = time.perf_counter()
    content = task.compute(0, rows).content
    seconds = time.perf_counter() - begin
    assert isinstance(content, bytes)
    number = len(blocks(wanted, size))
    share = wanted / len(rows)
    with tempfile.TemporaryDirectory(prefix="cartsim-") as folder:
        file = Path(folder) / "block"
        file.write_bytes(content)
        columns = len(StoredBlock(file, rows).columns)
    done = _stored(out, key, wanted)
    count = min(workers or available_workers(), number)
    left = max(share - done, 0.0)
    return RunPlan(
        replications=wanted,
        blocks=number,
        done=done,
        columns=columns,
        workers=count,
        block_seconds=seconds,
        seconds=left * seconds / count * (OVERHEAD if count > 1 else 1.0),
        block_bytes=len(content),
        disk_bytes=int(len(content) * share),
        free_bytes=_free(out or Path()),
        memory_bytes=_peak_memory(),
        held_bytes=min(8 * columns * wanted, HELD),
    )


def _stored(out: Path | None, key: str, wanted: int) -> int:
    """Blocks that a folder holds already."""
    if out is None:
        return 0
    found = (StoredBlock.found(file, key) for file in (out / OUTCOMES).glob("block-*.parquet"))
    return sum(block is not None and block.replications.start < wanted for block in found)


def _free(place: Path) -> int:
    """Room on the disk that a folder is on, or will be."""
    import shutil

    while not place.exists() and place != place.parent:
        place = place.parent
    return shutil.disk_usage(place).free


def _peak_memory() -> int:
    """The most memory that this process has had, in bytes; 0 where the system does not tell."""
    if os.name != "posix":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
