"""The folder of a run: what was run, every block's outcomes, and what they amount to.

    manifest.json                what was run: scenario, hash, seed, replications, versions
    scenario.yaml                the scenario as resolved, without variants left to choose
    outcomes/block-00000.parquet one file per block: one row per replication
    summary.json                 statistics of every measure and period; written last

A block's file appears under its name only when it is whole, so a folder whose run was interrupted
holds finished blocks and no summary.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from cartsim.errors import UsageError
from cartsim.measures import Column, Outcomes
from cartsim.montecarlo.block import BLOCK
from cartsim.scenario.loaded import Loaded
from cartsim.scenario.write_yaml import write_yaml

MANIFEST, SCENARIO, SUMMARY, OUTCOMES = "manifest.json", "scenario.yaml", "summary.json", "outcomes"
LIBRARIES = ("numpy", "pandas", "pyarrow", "pydantic", "scipy", "simpy")
"""Whose versions a manifest records."""


@dataclass(frozen=True)
class RunFolder:
    """The files of one run."""

    path: Path

    @classmethod
    def create(cls, path: Path, loaded: Loaded, manifest: dict[str, Any]) -> RunFolder:
        """The folder made ready for a run; what an earlier run left in it is removed.

        Raises ``UsageError`` where no such folder can be made.
        """
        folder = cls(path)
        try:
            (path / OUTCOMES).mkdir(parents=True, exist_ok=True)
            for stale in (path / SUMMARY, *folder.block_files()):
                stale.unlink(missing_ok=True)
            folder.write_text(MANIFEST, json_text(manifest))
            folder.write_text(SCENARIO, write_yaml(loaded.tree))
        except OSError as error:
            raise UsageError(f"cannot write into {path}: {error.strerror or error}") from error
        return folder

    def block_file(self, number: int) -> Path:
        """Where a block's outcomes are kept."""
        return self.path / OUTCOMES / f"block-{number:05d}.parquet"

    def block_files(self) -> list[Path]:
        """The blocks that are there, in order."""
        return sorted((self.path / OUTCOMES).glob("block-*.parquet"))

    def write_block(self, number: int, outcomes: Outcomes) -> None:
        """Store the outcomes of a block."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        names = ["replication", *map(str, outcomes.columns)]
        values = np.ascontiguousarray(outcomes.values.T)
        arrays = [
            pa.array(np.asarray(outcomes.replications, dtype=np.int64)),
            *map(pa.array, values),
        ]
        units = json.dumps([(c.name, c.period, c.unit) for c in outcomes.columns])
        table = pa.Table.from_arrays(arrays, names).replace_schema_metadata({"columns": units})
        with replacing(self.block_file(number)) as temporary:
            pq.write_table(table, temporary, use_dictionary=False, write_statistics=False)

    def read_block(self, number: int) -> Outcomes:
        """The outcomes of a stored block, as they were computed to the last bit."""
        import pyarrow.parquet as pq

        table = pq.read_table(self.block_file(number))
        columns = tuple(Column(*entry) for entry in json.loads(table.schema.metadata[b"columns"]))
        replications = table.column("replication").to_numpy()
        values = np.stack([table.column(i + 1).to_numpy() for i in range(len(columns))], axis=1)
        return Outcomes(range(int(replications[0]), int(replications[-1]) + 1), columns, values)

    def write_text(self, name: str, text: str) -> Path:
        """Write a text file of the run, whole or not at all."""
        with replacing(self.path / name) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="\n")
        return self.path / name


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name to write to, which becomes ``path`` once it is written."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def folder_name(loaded: Loaded, seed: int) -> str:
    """``<scenario>-<variant>-<short hash>-<seed>``, without a variant one part less."""
    stem = Path(loaded.path).stem
    return "-".join([stem, *filter(None, [loaded.variant]), loaded.hash[:8], str(seed)])


def manifest(loaded: Loaded, seed: int, replications: int, engine: str) -> dict[str, Any]:
    """What was run, and with what."""
    return {
        "scenario": loaded.path,
        "variant": loaded.variant,
        "overrides": {path: str(value) for path, value in loaded.overrides.items()},
        "files": list(loaded.files),
        "hash": loaded.hash,
        "seed": seed,
        "replications": replications,
        "block": BLOCK,
        "engine": engine,
        "versions": {
            "cartsim": version("cartsim"),
            "python": platform.python_version(),
            **{name: version(name) for name in LIBRARIES},
        },
    }


def json_text(document: Any) -> str:
    """A document as JSON text; numbers that JSON does not know are errors, not ``NaN``."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
