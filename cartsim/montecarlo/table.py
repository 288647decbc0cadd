"""The outcomes of a run, column by column: held in memory, or in the files of its blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from cartsim.measures import Column, Outcomes
from cartsim.montecarlo.stored import StoredBlock, chunks
from cartsim.units import Floats

BUDGET = 2**23
"""Numbers that are worked on at a time (64 MiB), whatever the number of replications."""


class Table(Protocol):
    """One number for each column and replication, in their orders."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """What is told."""
        ...

    @property
    def replications(self) -> range:
        """Of which replications."""
        ...

    def values(self, position: int) -> Floats:
        """One column, float64[R]."""
        ...

    def chunks(self) -> Iterator[Floats]:
        """All columns in their order, some at a time, float64[column, R]."""
        ...


@dataclass(frozen=True)
class Held:
    """A table in memory, ``table`` float64[column, R]."""

    columns: tuple[Column, ...]
    replications: range
    table: Floats = field(repr=False)

    @classmethod
    def of(cls, blocks: Sequence[Outcomes], replications: range) -> Held:
        """Blocks put together in their order; replications that none of them holds have NaN."""
        columns = blocks[0].columns
        table = np.full((len(columns), len(replications)), np.nan)
        for block in blocks:
            if block.columns != columns:
                raise ValueError("blocks of different runs cannot be merged: their columns differ")
            first = block.replications.start - replications.start
            width = min(len(block.replications), len(replications) - first)
            table[:, first : first + width] = block.values[:width].T
        return cls(columns, replications, table)

    def values(self, position: int) -> Floats:
        """One column, float64[R]."""
        found: Floats = self.table[position]
        return found

    def chunks(self) -> Iterator[Floats]:
        """All columns, some at a time, float64[column, R]."""
        for first, last in chunks(len(self.columns), len(self.replications), BUDGET):
            yield self.table[first:last]


@dataclass(frozen=True)
class Filed:
    """A table in the files of blocks, which are read anew for what is asked for."""

    columns: tuple[Column, ...]
    replications: range
    blocks: tuple[StoredBlock, ...] = field(repr=False)
    folder: object = field(default=None, repr=False)

    @classmethod
    def of(cls, blocks: Sequence[StoredBlock], replications: range, folder: object = None) -> Filed:
        """The blocks that hold the replications; those that none of them holds have NaN.
        ``folder`` is kept for as long as the table is: a folder that ends when nobody needs it."""
        return cls(blocks[0].columns, replications, tuple(blocks), folder)

    @property
    def bytes(self) -> int:
        """How much memory all of it takes."""
        return 8 * len(self.columns) * len(self.replications)

    def held(self) -> Held:
        """The same table in memory."""
        return Held(self.columns, self.replications, self._rows(0, None))

    def values(self, position: int) -> Floats:
        """One column, float64[R]."""
        found: Floats = self._rows(position, position + 1)[0]
        return found

    def chunks(self) -> Iterator[Floats]:
        """All columns, some at a time, float64[column, R]."""
        for first, last in chunks(len(self.columns), len(self.replications), BUDGET):
            yield self._rows(first, last)

    def _rows(self, first: int, last: int | None) -> Floats:
        rows = (len(self.columns) if last is None else last) - first
        table = np.full((rows, len(self.replications)), np.nan)
        for block in self.blocks:
            values = block.rows(first, last)
            begin = block.replications.start - self.replications.start
            width = min(values.shape[1], table.shape[1] - begin)
            table[:, begin : begin + width] = values[:, :width]
        return table
