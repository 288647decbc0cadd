"""The outcomes of a run, column by column: held in memory, or in the files of its blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from cartsim.measures import Column, Outcomes
from cartsim.montecarlo.regrouped import Regrouped
from cartsim.montecarlo.stored import StoredBlock, chunks
from cartsim.units import Floats

READS = 2_000
"""Reads of a block's file that a pass over all columns may take; beyond it all of them are read
once into another order."""
BUDGET = 2**21
"""Numbers that are worked on at a time (16 MiB), whatever the number of replications."""


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
    _regrouped: list[Regrouped] = field(default_factory=list, repr=False, compare=False)

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
        if self._regrouped:
            return np.asarray(self._regrouped[0].rows(position, position + 1)[0])
        return np.asarray(self._rows(position, position + 1)[0])

    def chunks(self) -> Iterator[Floats]:
        """All columns, some at a time, float64[column, R]."""
        ranges = list(chunks(len(self.columns), len(self.replications), BUDGET))
        if len(ranges) * len(self.blocks) > READS:
            for first, last in ranges:
                yield self.regrouped().rows(first, last)
            return
        for first, last in ranges:
            yield self._rows(first, last)

    def regrouped(self) -> Regrouped:
        """The same numbers, quick to read by column; made once."""
        if not self._regrouped:
            made = Regrouped.of(self.blocks, len(self.columns), self.replications, self._of)
            self._regrouped.append(made)
        return self._regrouped[0]

    def _rows(self, first: int, last: int | None) -> Floats:
        return self._of(self.blocks, self.replications, first, last)

    def _of(
        self,
        blocks: Sequence[StoredBlock],
        replications: range,
        first: int = 0,
        last: int | None = None,
    ) -> Floats:
        """Columns of some blocks, float64[column, R]; replications that none holds have NaN."""
        rows = (len(self.columns) if last is None else last) - first
        table = np.full((rows, len(replications)), np.nan)
        for block in blocks:
            values = block.rows(first, last)
            begin = block.replications.start - replications.start
            width = min(values.shape[1], table.shape[1] - begin)
            table[:, begin : begin + width] = values[:, :width]
        return table
