"""A block as the bytes of a Parquet file: one row for each measure and period.

The columns are ``measure``, ``period``, ``unit`` and ``values``, a list with one number for each of
the block's replications. A row for each replication would need thousands of columns, for which
Parquet is not made: it would take ten times as long, and up to nine times the room.

A file's name holds a hash of its bytes, so that a damaged one is known without being opened, and
its metadata say which run it belongs to, which block it is and which replications it holds.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np

from cartsim.measures import Column, Outcomes
from cartsim.units import Floats

GROUP = 64
"""Rows that are read together, so that some columns of very many blocks can be read at a time."""
RUN, FIRST, COUNT = b"cartsim.run", b"cartsim.first", b"cartsim.count"
"""Keys of a file's metadata."""


def encode(outcomes: Outcomes, key: str) -> bytes:
    """The bytes of a block's file; ``key`` names the run."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    count = len(outcomes.replications)
    values = np.ascontiguousarray(outcomes.values.T)
    ends = np.arange(0, values.size + 1, count, dtype=np.int32)
    table = pa.table(
        {
            "measure": pa.array([column.name for column in outcomes.columns]),
            "period": pa.array([column.period for column in outcomes.columns]),
            "unit": pa.array([column.unit for column in outcomes.columns]),
            "values": pa.ListArray.from_arrays(pa.array(ends), pa.array(values.reshape(-1))),
        }
    )
    table = table.replace_schema_metadata(
        {
            RUN: key,
            FIRST: str(outcomes.replications.start),
            COUNT: str(count),
        }
    )
    sink = io.BytesIO()
    pq.write_table(
        table,
        sink,
        row_group_size=GROUP,
        use_dictionary=["measure", "period", "unit"],
        write_statistics=False,
        compression="zstd",
        compression_level=1,
    )
    return sink.getvalue()


def checksum(content: bytes) -> str:
    """What a file's name says about its bytes."""
    return blake2b(content, digest_size=8).hexdigest()


def intact(path: Path) -> bool:
    """Whether a file holds the bytes that its name promises."""
    try:
        return checksum(path.read_bytes()) == path.name.split(".")[-2]
    except OSError:
        return False


@dataclass(frozen=True)
class StoredBlock:
    """A block's file and the replications that it holds."""

    path: Path
    replications: range

    @classmethod
    def found(cls, path: Path, key: str) -> StoredBlock | None:
        """The block in a file; ``None`` if it is damaged or belongs to another run."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        if not intact(path):
            return None
        try:
            metadata = pq.ParquetFile(path).schema_arrow.metadata or {}
            if metadata.get(RUN, b"").decode() != key:
                return None
            first = int(metadata[FIRST])
            return cls(path, range(first, first + int(metadata[COUNT])))
        except (pa.ArrowException, KeyError, ValueError, OSError):
            return None

    def read(self) -> Outcomes:
        """All of it, as it was computed to the last bit."""
        values = np.ascontiguousarray(self.rows(0, None).T)
        return Outcomes(self.replications, self.columns, values)

    @property
    def columns(self) -> tuple[Column, ...]:
        """What its rows are."""
        import pyarrow.parquet as pq

        table = pq.read_table(self.path, columns=["measure", "period", "unit"])
        return tuple(map(Column, *(table.column(i).to_pylist() for i in range(3))))

    def rows(self, first: int, last: int | None) -> Floats:
        """Rows from ``first`` to before ``last`` (to the end if ``None``), float64[row, R]."""
        import pyarrow.parquet as pq

        with pq.ParquetFile(self.path) as file:
            groups = file.metadata.num_row_groups
            end = groups if last is None else -(-last // GROUP)
            chosen = list(range(first // GROUP, end))
            lists = file.read_row_groups(chosen, columns=["values"]).column("values")
        flat = lists.combine_chunks().flatten().to_numpy()
        values = flat.reshape(-1, len(self.replications))[first % GROUP :]
        return np.asarray(values if last is None else values[: last - first])


def chunks(rows: int, replications: int, budget: int) -> Iterator[tuple[int, int]]:
    """Ranges of rows, of up to ``budget`` numbers each; whole
    groups where they are not too many."""
    most = max(budget // max(replications, 1), 1)
    size = most // GROUP * GROUP or most
    for first in range(0, rows, size):
        yield first, min(first + size, rows)
