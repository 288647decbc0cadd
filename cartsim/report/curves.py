"""Trade-off curves: measures of several scenarios against what was varied."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter

from cartsim.analysis.sweep import Row
from cartsim.report.style import BLUE, GREEN, GREY, INK, ORANGE, PURPLE, VERMILLION, Picture, bare
from cartsim.report.wording import currency_name

COLOURS = (BLUE, ORANGE, GREEN, VERMILLION, PURPLE, GREY)
MARKERS = ("o", "s", "^", "D", "v", "P")
WIDE = 8.0
"""An axis whose largest value is so many times its smallest is logarithmic."""


def curves(rows: Sequence[Row], along: Sequence[float] | str, label: str, source: str) -> Picture:
    """One panel a measure, one line a scenario: mean, and P5 to P95 as a band.

    ``along`` holds the value of each point, or names the measure whose mean is drawn along; it is
    then not drawn itself.
    """
    measures = [m for m in dict.fromkeys(row.measure for row in rows) if m != along]
    lines = list(dict.fromkeys(row.line for row in rows))
    figure = Picture(figsize=(8.6, 0.9 + 2.7 * len(measures)), layout="constrained")
    panels = figure.subplots(len(measures), 1, squeeze=False, sharex=True)[:, 0]
    for axes, measure in zip(panels, measures, strict=True):
        for index, line in enumerate(lines):
            _line(axes, rows, measure, line, along, index)
        found = next(row for row in rows if row.measure == measure)
        name = measure.partition("@")[0].replace("_", " ").removesuffix(" days")
        axes.set_title(
            f"{name.capitalize()}, {found.period}", loc="left", fontsize=11, fontweight="bold"
        )
        axes.set_ylabel(_unit(found.unit), color=INK)
        if found.unit == "share":
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
        else:
            axes.yaxis.set_major_formatter(FuncFormatter(_short))
        axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
        bare(axes)
    low, high = panels[0].get_xlim()
    if low > 0 and high > WIDE * low:
        panels[0].set_xscale("log")
        panels[0].xaxis.set_minor_formatter(NullFormatter())
    points = sorted({x for line in lines for x in _along(rows, line, along)})
    if len(points) <= 9:
        panels[-1].set_xticks(points)
    panels[-1].xaxis.set_major_formatter(FuncFormatter(_rounded))
    panels[-1].set_xlabel(label, color=INK)
    panels[0].legend(frameon=False, fontsize=9, loc="best")
    figure.supxlabel(source, x=0.01, ha="left", fontsize=8, color=GREY)
    return figure


def _line(
    axes: Axes,
    rows: Sequence[Row],
    measure: str,
    line: str,
    along: Sequence[float] | str,
    index: int,
) -> None:
    x = _along(rows, line, along)
    own = [row for row in rows if row.line == line and row.measure == measure]
    table = np.asarray([[row.mean, row.p5, row.p95] for row in own])
    order = np.argsort(x)
    at, table = np.asarray(x)[order], table[order]
    colour, marker = COLOURS[index % len(COLOURS)], MARKERS[index % len(MARKERS)]
    axes.fill_between(at, table[:, 1], table[:, 2], color=colour, alpha=0.15, lw=0)
    name = line.replace("_", " ")
    axes.plot(at, table[:, 0], color=colour, marker=marker, ms=5, label=f"{name}: mean, P5–P95")


def _along(rows: Sequence[Row], line: str, along: Sequence[float] | str) -> list[float]:
    if isinstance(along, str):
        return [row.mean for row in rows if row.line == line and row.measure == along]
    return list(along)


def _unit(unit: str) -> str:
    currency, slash, each = unit.partition("/")
    if len(currency) == 3 and currency.isupper():
        return f"{currency_name(currency)}{' a ' + each if slash else ''}"
    return unit


def _rounded(value: float, _: object = None) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"


def _short(value: float, _: object = None) -> str:
    if abs(value) >= 1e6:
        return f"{value / 1e6:,.10g}m"
    return f"{value / 1e3:,.10g}k" if abs(value) >= 1e4 else f"{value:,.10g}"
