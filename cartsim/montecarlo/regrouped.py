"""A long run's outcomes in one scratch file that is quick to read by column.

The files of blocks are quick to write and to check, and slow to read a few columns from: each of
thousands is opened and unpacked for each. Read once, their numbers go into a scratch file in which
the numbers of a column stand together for several blocks. Columns that do not vary take no room.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import IO

import numpy as np

from cartsim.errors import RunError
from cartsim.montecarlo.stored import StoredBlock
from cartsim.units import Floats, Ints

NUMBERS = 2**21
"""So many numbers, 16 MiB, are put together at a time: those of as many blocks as that makes."""


@dataclass(frozen=True)
class _Part:
    """Some blocks that follow each other: ``first`` of their replications and how many; of each
    column its one value, float64[column], and the place in the file, int64[column], -1 where it
    does not vary."""

    first: int
    size: int
    value: Floats
    place: Ints


@dataclass
class Regrouped:
    """The numbers of ``columns`` of some blocks; the file ends with this object."""

    columns: int
    replications: range
    parts: list[_Part] = field(default_factory=list, repr=False)
    file: IO[bytes] | None = field(default=None, repr=False)

    @classmethod
    def of(
        cls,
        blocks: Sequence[StoredBlock],
        columns: int,
        replications: range,
        read: Callable[[Sequence[StoredBlock], range], Floats],
    ) -> Regrouped:
        """Read all blocks once; ``read`` puts some of them together, float64[column, R].

        Raises ``RunError`` where there is no room for the file.
        """
        made = cls(columns, replications)
        try:
            made.file = tempfile.TemporaryFile(dir=blocks[0].path.parent)  # noqa: SIM115
            weakref.finalize(made, made.file.close)
            together = max(NUMBERS // (columns * len(blocks[0].replications)), 1)
            for begin in range(0, len(blocks), together):
                chosen = blocks[begin : begin + together]
                last = min(chosen[-1].replications.stop, replications.stop)
                made._add(read(chosen, range(chosen[0].replications.start, last)))
            made.file.flush()
        except OSError as error:
            raise RunError(
                f"the outcomes cannot be summarised: {error.strerror or error}; that needs up to "
                f"{8 * columns * len(replications) / 1e9:,.1f} GB beside the blocks, less with "
                "fewer --periods; what is computed is kept"
            ) from error
        return made

    def _add(self, values: Floats) -> None:
        assert self.file is not None
        bits = np.ascontiguousarray(values).view(np.int64)
        varies = (bits != bits[:, :1]).any(axis=1)
        place = np.full(len(values), -1, dtype=np.int64)
        begin = self.file.tell()
        width = values.shape[1] * values.itemsize
        place[varies] = begin + width * np.arange(int(varies.sum()))
        self.file.write(np.ascontiguousarray(values[varies]).data)
        first = sum(part.size for part in self.parts)
        self.parts.append(_Part(first, values.shape[1], values[:, 0].copy(), place))

    def rows(self, first: int, last: int) -> Floats:
        """Columns from ``first`` to before ``last``, float64[column, R]."""
        assert self.file is not None
        table = np.full((last - first, len(self.replications)), np.nan)
        for part in self.parts:
            here = table[:, part.first : part.first + part.size]
            here[:] = part.value[first:last, None]
            stored = np.flatnonzero(part.place[first:last] >= 0)
            if stored.size:
                # those that are stored follow each other in the file, whatever lies between them
                begin = int(part.place[first + stored[0]])
                content = os.pread(self.file.fileno(), 8 * part.size * stored.size, begin)
                here[stored] = np.frombuffer(content).reshape(stored.size, part.size)
        return table
