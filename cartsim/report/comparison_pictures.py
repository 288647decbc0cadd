"""Pictures of scenarios side by side."""

from __future__ import annotations

from textwrap import fill

import numpy as np
from matplotlib.axes import Axes

from cartsim.analysis.comparison import Bridge, Comparison
from cartsim.report.comparison import named
from cartsim.report.curves import COLOURS
from cartsim.report.drawing import axis_of, finished, height, rows_named
from cartsim.report.style import BLUE, GREEN, GREY, INK, VERMILLION, Picture
from cartsim.report.told import amount, in_period, plainly, sentence, signed


def comparison_picture(found: Comparison, headline: str, source: str) -> Picture:
    """For the first measure: each scenario's range, and the range of the pairs' differences."""
    column, number = found.columns[0], len(found.names)
    figure = Picture(figsize=(9.4, 1.9 + 0.5 * (2 * number)), layout="constrained")
    top, below = figure.subplots(2, 1, gridspec_kw={"height_ratios": [number, max(number - 1, 1)]})
    for case in range(number):
        values = found.values[case, 0]
        _range(top, case, values[~np.isnan(values)], COLOURS[case % len(COLOURS)])
    top.set_title(sentence(in_period(column)), loc="left", fontsize=10, color=INK)
    top.set_ylim(-0.6, number - 0.4)
    rows_named(top, [plainly(name) for name in found.names])
    axis_of(top, column.unit)
    apart = found.values[1:, 0] - found.values[0, 0]
    for case, values in enumerate(apart):
        _range(below, case, values[~np.isnan(values)], COLOURS[(case + 1) % len(COLOURS)])
    below.axvline(0, color=INK, lw=0.9)
    below.set_title(
        f"less {found.names[0]}, replication by replication", loc="left", fontsize=10, color=INK
    )
    below.set_ylim(-0.6, number - 1.4)
    rows_named(below, [plainly(name) for name in found.names[1:]])
    axis_of(below, column.unit)
    below.set_xlabel(f"{below.get_xlabel()}: P5 to P95, thick P25 to P75, dot the mean", color=INK)
    return finished(figure, headline, source)


def bridge_picture(found: Bridge, headline: str, source: str) -> Picture:
    """From one scenario to the other, one step for each change."""
    unit = found.column.unit
    figure = Picture(figsize=(9.4, height(len(found.steps) + 2) + 0.3), layout="constrained")
    axes = figure.subplots()
    level, rows = found.start, len(found.steps) + 2
    axes.plot([level], [0], "o", color=BLUE, ms=9)
    axes.annotate(
        amount(level, unit), (level, 0), xytext=(8, 0), textcoords="offset points", va="center"
    )
    for row, step in enumerate(found.steps, 1):
        colour = GREEN if step.mean > 0 else VERMILLION
        axes.barh(row, step.mean, left=level, color=colour, height=0.6)
        axes.errorbar(
            level + step.mean, row, xerr=1.96 * step.se, color=INK, capsize=3, linewidth=1
        )
        axes.plot([level, level], [row - 1, row + 0.3], color=GREY, lw=0.7, zorder=0)
        end = max(level, level + step.mean) + 1.96 * step.se
        axes.annotate(
            signed(step.mean, unit),
            (end, row),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            color=INK,
        )
        level += step.mean
    axes.plot([level, level], [rows - 2, rows - 1], color=GREY, lw=0.7, zorder=0)
    axes.plot([found.finish], [rows - 1], "o", color=BLUE, ms=9)
    axes.annotate(
        amount(found.finish, unit),
        (found.finish, rows - 1),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
    )
    levels = found.start + np.cumsum([0.0, *(step.mean for step in found.steps)])
    room = 0.22 * float(np.ptp(levels)) or 1.0
    axes.set_xlim(float(levels.min()) - room, float(levels.max()) + room)
    names = [found.names[0], *(named(step.name) for step in found.steps), found.names[1]]
    rows_named(axes, [fill(name.replace("_", " "), 34) for name in names])
    axis_of(axes, unit)
    axes.set_xlabel(f"mean of {in_period(found.column)}, {axes.get_xlabel()}", color=INK)
    return finished(figure, headline, source)


def _range(axes: Axes, row: int, values: np.ndarray, colour: str) -> None:
    if not values.size:
        return
    p5, p25, p75, p95 = np.quantile(values, [0.05, 0.25, 0.75, 0.95])
    axes.plot([p5, p95], [row, row], color=colour, lw=2)
    axes.plot([p25, p75], [row, row], color=colour, lw=7, solid_capstyle="butt")
    axes.plot([values.mean()], [row], "o", color="white", ms=6, mec=INK, mew=1)
