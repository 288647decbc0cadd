"""Where the blocks of a run come together: in its folder, or in memory where it is not saved."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

from cartsim.errors import RunError
from cartsim.measures import Outcomes
from cartsim.montecarlo.block import block_size, blocks
from cartsim.montecarlo.identity import manifest
from cartsim.montecarlo.storage import MANIFEST, SUMMARY, RunFolder, block_name, json_text
from cartsim.montecarlo.stored import StoredBlock, encode
from cartsim.montecarlo.table import Filed, Held, Table
from cartsim.montecarlo.task import Done, Failure, Task
from cartsim.scenario.loaded import Loaded

HELD = 2**26
"""Bytes of outcomes that are kept in memory; beyond it they are read from files when asked for."""


Kept = TypeVar("Kept")


class _Scratch:
    """A folder that ends when nobody needs it any more, or with the process."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="cartsim-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


class Store(Protocol):
    """The blocks of a run that are done."""

    task: Task
    failures: list[Failure]
    notices: list[str]

    def missing(self, replications: int) -> dict[int, range]:
        """The blocks of so many replications that are not there yet."""
        ...

    def add(self, done: Done) -> None:
        """Keep a block."""
        ...

    def table(self, replications: int) -> Table:
        """The outcomes of the first replications, all of which are done."""
        ...


@dataclass
class Memory:
    """A run that is not saved. What becomes too much for memory goes into files, which end with
    the table that is made of them."""

    task: Task
    failures: list[Failure] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    _blocks: dict[int, Outcomes] = field(default_factory=dict)
    _files: dict[int, StoredBlock] = field(default_factory=dict)
    _folder: _Scratch | None = None
    _bytes: int = 0

    def missing(self, replications: int) -> dict[int, range]:
        """The blocks of so many replications that are not there yet."""
        there = {number: len(block.replications) for number, block in self._blocks.items()}
        there |= {number: len(block.replications) for number, block in self._files.items()}
        return _short(there, blocks(replications, block_size(self.task.scenario)))

    def add(self, done: Done) -> None:
        """Keep a block."""
        self.failures += done.failures
        if not isinstance(done.content, Outcomes):
            return
        self._blocks[done.number] = done.content
        self._bytes += done.content.values.nbytes
        # once there are files, every block goes into one: memory is for the blocks in work
        if self._bytes > (HELD if self._folder is None else 0):
            self._spill()

    def table(self, replications: int) -> Table:
        """The outcomes of the first replications."""
        if not self._files:
            return Held.of(_in_order(self._blocks), range(replications))
        self._spill()
        return Filed.of(_in_order(self._files), range(replications), self._folder)

    def _spill(self) -> None:
        if self._folder is None:
            self._folder = _Scratch()
        while self._blocks:  # each is let go before the next one is written
            number, block = self._blocks.popitem()
            content = encode(block, "")
            path = self._folder.path / block_name(number, content)
            path.write_bytes(content)
            self._files[number] = StoredBlock(path, block.replications)
        self._bytes = 0


@dataclass
class Saved:
    """A run with a folder, from which it goes on."""

    task: Task
    folder: RunFolder
    document: dict[str, Any]
    failures: list[Failure] = field(default_factory=list)

    @property
    def notices(self) -> list[str]:
        """What the folder has to say."""
        return self.folder.notices

    def missing(self, replications: int) -> dict[int, range]:
        """The blocks of so many replications that are not there yet."""
        there = {number: len(block.replications) for number, block in self.folder.blocks.items()}
        return _short(there, blocks(replications, block_size(self.task.scenario)))

    def add(self, done: Done) -> None:
        """Keep a block. One with a replication that failed is computed again by the next run."""
        self.failures += done.failures
        if isinstance(done.content, bytes):
            self.folder.write_block(done.number, done.replications, done.content)

    def table(self, replications: int) -> Table:
        """The outcomes of the first replications."""
        wanted = range(replications)
        found = [
            block for block in _in_order(self.folder.blocks) if block.replications.start in wanted
        ]
        table = Filed.of(found, wanted)
        return table.held() if table.bytes <= HELD else table

    def finish(self, document: dict[str, Any], replications: int) -> None:
        """Write what the run amounts to, and how far it went."""
        self.folder.write_text(MANIFEST, json_text({**self.document, "replications": replications}))
        self.folder.write_text(SUMMARY, json_text(document))


@contextmanager
def opened(
    loaded: Loaded, task: Task, replications: int, out: Path | None, fresh: bool
) -> Iterator[Memory | Saved]:
    """The store of a run; its folder, if it has one, is locked until it is left."""
    if out is None:
        yield Memory(task)
        return
    document = manifest(loaded, task, replications)
    with RunFolder.opened(out, loaded, document, fresh) as folder:
        yield Saved(replace(task, key=folder.key), folder, document)


def _short(there: dict[int, int], wanted: tuple[range, ...]) -> dict[int, range]:
    return {n: rows for n, rows in enumerate(wanted) if there.get(n, 0) < len(rows)}


def _in_order(blocks: dict[int, Kept]) -> list[Kept]:
    if not blocks:
        raise RunError("no replication could be computed")
    return [blocks[number] for number in sorted(blocks)]
