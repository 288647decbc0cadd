"""What pictures of analyses share: axes of money, bars with names, the line below."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from cartsim.report.style import GREY, INK, Picture, bare
from cartsim.report.told import SHARES, is_money, unit_name
from cartsim.units import readable

MOST = 15
"""Bars in a picture; the table has the rest."""


def axis_of(axes: Axes, unit: str, side: str = "x") -> None:
    """Ticks of an axis in a measure's unit, and its name."""
    axis = axes.xaxis if side == "x" else axes.yaxis
    if unit in SHARES:
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
    elif is_money(unit):
        axis.set_major_formatter(FuncFormatter(lambda value, _: readable(value) if value else "0"))
    else:
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    if side == "x":
        axis.set_major_locator(MaxNLocator(6))
    axis.set_label_text(unit_name(unit), color=INK)


def rows_named(axes: Axes, names: Sequence[str], width: int = 34) -> None:
    """Names of rows from the top down, and no frame but the lower side."""
    axes.set_yticks(range(len(names)), [fill(name, width) for name in names], fontsize=9)
    axes.invert_yaxis()
    bare(axes)
    axes.tick_params(axis="y", length=0)


def finished(figure: Picture, title: str, source: str, width: int = 88) -> Picture:
    """The finding above, how to get it again below."""
    figure.suptitle(
        fill(title, width), x=0.01, ha="left", fontsize=12, fontweight="bold", color=INK
    )
    figure.supxlabel(fill(source, 120), x=0.01, ha="left", fontsize=8, color=GREY)
    return figure


def height_of(names: Sequence[str], width: int = 34) -> float:
    """Of a picture with a row for each name, in inches."""
    lines = sum(fill(name, width).count("\n") for name in names)
    return height(len(names)) + 0.16 * lines


def height(rows: int) -> float:
    """Of a picture with so many rows, in inches."""
    return 1.7 + 0.34 * max(rows, 3)
