"""The folder of a run: what was run, every block's outcomes, and what they amount to.

    manifest.json                    what was run: scenario, hash, seed, replications, versions
    scenario.yaml                    the scenario as resolved, without variants left to choose
    outcomes/block-00000.HASH.parquet  one file per block: one row per measure and period
    summary.json                     statistics of every measure and period; written last

A block's file appears under its name only when it is whole, and its name holds a hash of its bytes.
So a folder whose run was interrupted at any instant holds finished blocks and no summary, and a run
that finds it goes on from there. A lock, which ends with the process that holds it, keeps two runs
out of one folder.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cartsim.errors import RunError, UsageError
from cartsim.measures import PERIOD_KINDS
from cartsim.montecarlo.identity import differences, run_key
from cartsim.montecarlo.stored import StoredBlock, checksum
from cartsim.scenario.loaded import Loaded
from cartsim.scenario.write_yaml import write_yaml

MANIFEST, SCENARIO, SUMMARY, OUTCOMES = "manifest.json", "scenario.yaml", "summary.json", "outcomes"
LOCK = ".lock"


@dataclass(frozen=True)
class RunFolder:
    """The files of one run; ``blocks`` are those that are there, by number, and ``notices`` what
    was found that a reader should know."""

    path: Path
    key: str
    blocks: dict[int, StoredBlock] = field(default_factory=dict, repr=False)
    notices: list[str] = field(default_factory=list)

    @classmethod
    @contextmanager
    def opened(
        cls, path: Path, loaded: Loaded, manifest: dict[str, Any], fresh: bool = False
    ) -> Iterator[RunFolder]:
        """The folder of a run, made or gone on with, and nobody else's until it is left.

        Raises ``UsageError`` where no such folder can be made, where another process is at work in
        it, and where it holds another run, unless it is to be begun afresh.
        """
        from filelock import FileLock, Timeout

        try:
            (path / OUTCOMES).mkdir(parents=True, exist_ok=True)
            lock = FileLock(path / LOCK, blocking=False)
            lock.acquire()
        except Timeout:
            raise UsageError(
                f"another process is running into {path}; choose another --out"
            ) from None
        except OSError as error:
            raise UsageError(f"cannot write into {path}: {error.strerror or error}") from error
        try:
            folder = cls(path, run_key(manifest))
            if fresh:
                folder._clear()
            else:
                folder._go_on(manifest)
            (path / SUMMARY).unlink(missing_ok=True)
            folder.write_text(MANIFEST, json_text(manifest))
            folder.write_text(SCENARIO, write_yaml(loaded.tree))
            yield folder
        finally:
            lock.release()

    def write_block(self, number: int, replications: range, content: bytes) -> StoredBlock:
        """Store the file of a block, in the place of an older one if there is one."""
        target = self.path / OUTCOMES / block_name(number, content)
        with self._guarded(), replacing(target) as temporary:
            temporary.write_bytes(content)
        for older in self._files(number):
            if older != target:
                older.unlink(missing_ok=True)
        found = self.blocks[number] = StoredBlock(target, replications)
        return found

    def write_text(self, name: str, text: str) -> Path:
        """Write a text file of the run, whole or not at all."""
        with self._guarded(), replacing(self.path / name) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="\n")
        return self.path / name

    def _files(self, number: int | None = None) -> list[Path]:
        name = "*" if number is None else f"{number:05d}"
        return sorted((self.path / OUTCOMES).glob(f"block-{name}.*.parquet"))

    def _clear(self) -> None:
        for stale in [*self._files(), *self._left_over()]:
            stale.unlink(missing_ok=True)

    def _left_over(self) -> list[Path]:
        """What a process left that was killed while it wrote."""
        return [*(self.path / OUTCOMES).glob(".*.part"), *self.path.glob(".*.part")]

    def _go_on(self, manifest: dict[str, Any]) -> None:
        """Keep the blocks that are whole and belong to this run."""
        for stale in self._left_over():
            stale.unlink(missing_ok=True)
        files = self._files()
        if not files:
            return
        old = read_manifest(self.path)
        other = differences(old, manifest) if old else []
        if other:
            raise UsageError(
                f"{self.path} holds another run ({'; '.join(other)}); choose another --out, or "
                "--fresh to put this one in its place"
            )
        for file in files:
            number = file.name.split(".")[0].removeprefix("block-")
            found = StoredBlock.found(file, self.key)
            if found is not None and number.isdigit():
                self.blocks[int(number)] = found
        useless = len(files) - len(self.blocks)
        if useless:
            made = old.get("program") if old else None
            why = (
                "damaged"
                if made == manifest["program"] and old.get("versions") == manifest["versions"]
                else "damaged, or made by another version of cartsim or its libraries"
            )
            self.notices.append(
                f"{useless} of {len(files)} stored blocks were {why}: computed again"
            )

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Whatever the disk says when it is written to, in plain words."""
        try:
            yield
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
            raise RunError(
                f"{'no room is left for' if full else 'cannot write into'} {self.path}: "
                f"{error.strerror or error}; {len(self.blocks):,} finished blocks are kept, and "
                "the same command goes on from them"
            ) from error


def block_name(number: int, content: bytes) -> str:
    """The name of a block's file, by which its bytes are checked."""
    return f"block-{number:05d}.{checksum(content)}.parquet"


def read_manifest(path: Path) -> dict[str, Any]:
    """A folder's manifest; empty where there is none that can be read."""
    try:
        found = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name to write to, which becomes ``path`` once it is written."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def folder_name(
    loaded: Loaded, seed: int, engine: str = "fast", kinds: tuple[str, ...] = PERIOD_KINDS
) -> str:
    """``<scenario>-<variant>-<short hash>-<seed>``, and what else is not as usual."""
    stem = Path(loaded.path).stem
    unusual = [engine] if engine != "fast" else []
    if kinds != PERIOD_KINDS:
        unusual.append("-".join(kinds))
    parts = [stem, *filter(None, [loaded.variant]), loaded.hash[:8], str(seed), *unusual]
    return "-".join(parts)


def json_text(document: Any) -> str:
    """A document as JSON text; numbers that JSON does not know are errors, not ``NaN``."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
