"""Tables on a terminal: aligned, within its width, as many parts as that takes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from cartsim.report.cells import Row, Sheet, widths

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

GAPS = (2, 1)
"""Blank columns between a table's columns; the second where it spares a part."""


def tables(sheet: Sheet, width: int) -> Iterator[Table | Text]:
    """Title, table and caption. A table that is too wide comes in parts, each with the labels."""
    from rich.text import Text

    yield Text(sheet.title, style="bold")
    gap = min(GAPS, key=lambda gap: len(columns_by_part(sheet, width, gap)))
    for columns in columns_by_part(sheet, width, gap):
        yield _table(sheet, columns, gap)
    yield Text(sheet.caption, style="dim")


def columns_by_part(sheet: Sheet, width: int, gap: int = GAPS[0]) -> list[range]:
    """Which columns stand in which part, about the same number in each."""
    needed = [size + gap for size in widths(sheet)]
    room = width - max((len(row.label) for row in sheet.rows), default=0)
    total = len(needed)
    for parts in range(1, total + 1):
        ends = [round(total * part / parts) for part in range(parts + 1)]
        sums = [0, *accumulate(needed)]
        if all(sums[end] - sums[begin] <= room for begin, end in pairwise(ends)):
            return [range(begin, end) for begin, end in pairwise(ends)]
    return [range(index, index + 1) for index in range(total)]


def _table(sheet: Sheet, columns: range, gap: int) -> Table:
    from rich.table import Table

    table = Table(
        box=None,
        padding=(0, 0, 0, gap),
        pad_edge=False,
        show_edge=False,
        header_style="bold",
    )
    table.add_column("", no_wrap=True)
    for index in columns:
        table.add_column(sheet.header[index], justify="right", no_wrap=True)
    for row in sheet.rows:
        table.add_row(*_texts(row, columns), style="bold" if row.total else None)
    return table


def _texts(row: Row, columns: range) -> Iterator[str | Text]:
    from rich.text import Text

    yield row.label
    for index in columns:
        cell = row.cells[index]
        text = Text(cell.main, justify="right")
        if cell.below:
            text.append(f"\n{cell.below}", style="not bold dim")
        yield text
