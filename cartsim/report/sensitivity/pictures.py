"""Pictures of sensitivity analyses: each title says the finding."""

from __future__ import annotations

from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm

from cartsim.analysis.one_at_a_time import ALONG, Map, Spider, Tornado
from cartsim.analysis.ranking import Pawn, Ranked
from cartsim.analysis.screening import Effects
from cartsim.analysis.variance import Indices
from cartsim.report.curves import COLOURS, MARKERS
from cartsim.report.drawing import MOST, axis_of, finished, height, rows_named
from cartsim.report.sensitivity.wording import group_name
from cartsim.report.style import BLUE, GREY, INK, ORANGE, SKY, VERMILLION, Picture, bare
from cartsim.report.told import SHARES, amount, own_unit, said, unit_name

LINES = 6
"""Lines of a spider that have a colour; the others are grey."""
DIVERGING = LinearSegmentedColormap.from_list("cartsim", [VERMILLION, "#F7F7F7", BLUE])


def tornado_picture(found: Tornado, headline: str, source: str) -> Picture:
    """One bar for each input from the mean at its P10 to the mean at its P90."""
    swings = [swing for swing in found.swings if swing.reaches][:MOST]
    figure = Picture(figsize=(9.4, height(len(swings))), layout="constrained")
    axes = figure.subplots()
    for row, swing in enumerate(swings):
        rising = swing.at_high >= swing.at_low
        for value, at, colour, right in (
            (swing.low, swing.at_low, SKY, not rising),
            (swing.high, swing.at_high, BLUE, rising),
        ):
            axes.barh(row, at - found.base, left=found.base, color=colour, height=0.62)
            # on either side of the bars, even where both go the same way
            edge = max(at, found.base) if right else min(at, found.base)
            axes.annotate(
                amount(value, swing.input.unit),
                (edge, row),
                xytext=(4 if right else -4, 0),
                textcoords="offset points",
                ha="left" if right else "right",
                va="center",
                fontsize=8,
                color=INK,
            )
    axes.axvline(found.base, color=INK, lw=0.9)
    axes.margins(x=0.14)
    rows_named(axes, [f"{said(swing.input)}, {own_unit(swing.input)}" for swing in swings], 40)
    axis_of(axes, found.column.unit)
    for colour, label in ((SKY, "input at its P10"), (BLUE, "input at its P90")):
        axes.barh([0], [0], left=found.base, color=colour, label=label)
    axes.legend(frameon=False, fontsize=9, loc="lower right")
    return finished(figure, headline, source)


def spider_picture(found: Spider, headline: str, source: str) -> Picture:
    """The mean along the quantiles of each input, the steepest in colour."""
    figure = Picture(figsize=(9.4, 5.2), layout="constrained")
    axes = figure.subplots()
    for line in found.lines[LINES:]:
        axes.plot(ALONG, line.means, color=GREY, lw=0.7, alpha=0.5, zorder=1)
    ends = []
    for number, line in enumerate(found.lines[:LINES]):
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)]
        axes.plot(ALONG, line.means, color=colour, marker=marker, ms=4, lw=1.8, zorder=2)
        ends.append((float(line.means[-1]), said(line.input), colour))
    _labels_apart(axes, ends)
    axes.set_xlim(0.03, 1.0)
    axes.axhline(found.base, color=GREY, lw=0.8, ls=":", zorder=0)
    low, high = axes.get_ylim()
    if low <= found.threshold <= high:
        axes.axhline(found.threshold, color=INK, lw=1.0)
    axes.set_xticks(ALONG, [f"P{q * 100:.0f}" for q in ALONG])
    axes.set_xlabel("quantile of the input's own distribution", color=INK)
    axis_of(axes, found.column.unit, "y")
    bare(axes)
    return finished(figure, headline, source)


def map_picture(found: Map, headline: str, source: str) -> Picture:
    """The mean over two inputs; blue above the threshold, orange below, a line between them."""
    figure = Picture(figsize=(8.6, 6.0), layout="constrained")
    axes = figure.subplots()
    apart = found.means - found.threshold
    reach = float(np.abs(apart).max()) or 1.0
    norm: Any = TwoSlopeNorm(0.0, -reach, reach)
    axes.contourf(
        found.y_values,
        found.x_values,
        apart,
        levels=21,
        cmap=DIVERGING,
        norm=norm,
        antialiased=True,
    )
    if apart.min() < 0 < apart.max():
        axes.contour(found.y_values, found.x_values, apart, levels=[0.0], colors=INK, linewidths=2)
    for i, x in enumerate(found.x_values):
        for j, y in enumerate(found.y_values):
            if i % 2 == 0 and j % 2 == 0:
                axes.annotate(
                    amount(float(found.means[i, j]), found.column.unit),
                    (float(y), float(x)),
                    ha="left" if j == 0 else "right" if j == len(found.y_values) - 1 else "center",
                    va="bottom" if i == 0 else "top" if i == len(found.x_values) - 1 else "center",
                    fontsize=8,
                    color=INK,
                )
    axis_of(axes, _unit(found.y.unit, found.column.unit))
    axis_of(axes, _unit(found.x.unit, found.column.unit), "y")
    axes.set_xlabel(said(found.y) + _named(found.y.unit, found.column.unit), color=INK)
    axes.set_ylabel(said(found.x) + _named(found.x.unit, found.column.unit), color=INK)
    bare(axes)
    return finished(figure, headline, source, 80)


def rank_picture(found: Ranked, headline: str, source: str) -> Picture:
    """Coefficients as bars, or as a heat map where there are several periods."""
    number = min(MOST, len(found.inputs))
    names = [said(each) for each in found.inputs[:number]]
    table = found.coefficients[:number]
    figure = Picture(figsize=(9.4, height(number)), layout="constrained")
    axes = figure.subplots()
    if table.shape[1] == 1:
        column, se = table[:, 0], found.se[:number, 0]
        axes.barh(
            range(number),
            column,
            xerr=1.96 * se,
            color=np.where(column > 0, BLUE, ORANGE).tolist(),
            height=0.62,
            error_kw={"elinewidth": 1, "ecolor": INK},
        )
        axes.axvline(0, color=INK, lw=0.9)
        axes.set_xlabel("standardised rank regression coefficient, with 95% interval", color=INK)
        rows_named(axes, names)
        return finished(figure, headline, source)
    axes.imshow(table, cmap=DIVERGING, norm=TwoSlopeNorm(0.0, -1.0, 1.0), aspect="auto")
    for i in range(number):
        for j in range(table.shape[1]):
            size = table[i, j]
            if abs(size) >= max(0.05, 2 * found.se[i, j]):
                colour = "white" if abs(size) > 0.75 else INK
                axes.annotate(
                    f"{size:+.2f}", (j, i), ha="center", va="center", fontsize=8, color=colour
                )
    axes.set_xticks(range(table.shape[1]), [column.period for column in found.columns])
    axes.set_yticks(range(number), [fill(name, 34) for name in names], fontsize=9)
    axes.set_xlabel(
        "blue: goes up with the input; orange: goes down; no number: not more than chance",
        color=INK,
    )
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return finished(figure, headline, source)


def pawn_picture(found: Pawn, headline: str, source: str) -> Picture:
    """Distances as bars, and the line that an input which does nothing reaches."""
    number = min(MOST, len(found.inputs))
    figure = Picture(figsize=(9.4, height(number)), layout="constrained")
    axes = figure.subplots()
    heard = found.distances[:number] > found.noise
    axes.barh(
        range(number),
        found.distances[:number],
        color=np.where(heard, BLUE, "#BBBBBB").tolist(),
        height=0.62,
    )
    axes.axvline(found.noise, color=VERMILLION, lw=1.2)
    axes.annotate(
        "largest of those that do nothing",
        (found.noise, number - 0.5),
        xytext=(4, 0),
        textcoords="offset points",
        fontsize=8,
        color=VERMILLION,
        va="bottom",
    )
    axes.set_xlabel("PAWN index: median distance of distributions, 0 to 1", color=INK)
    rows_named(axes, [said(each) for each in found.inputs[:number]])
    return finished(figure, headline, source)


def sobol_picture(found: Indices, headline: str, source: str) -> Picture:
    """First and total index of each group, with their 95% intervals."""
    shown = [i for i in found.indices if i.group not in found.unreached][:MOST]
    figure = Picture(figsize=(9.4, height(len(shown))), layout="constrained")
    axes = figure.subplots()
    rows = np.arange(len(shown))
    for shift, colour, name, values, errors in (
        (-0.18, BLUE, "alone", [i.first for i in shown], [i.first_ci for i in shown]),
        (0.18, SKY, "with interactions", [i.total for i in shown], [i.total_ci for i in shown]),
    ):
        axes.barh(
            rows + shift,
            np.maximum(values, 0.0),
            xerr=errors,
            color=colour,
            height=0.34,
            label=name,
            error_kw={"elinewidth": 1, "ecolor": INK},
        )
    axes.set_xlim(left=0)
    axis_of(axes, "share")
    axes.set_xlabel("share of the variance, with 95% interval", color=INK)
    axes.legend(frameon=False, fontsize=9, loc="lower right")
    rows_named(axes, [group_name(index.group) for index in shown])
    return finished(figure, headline, source)


def morris_picture(found: Effects, headline: str, source: str) -> Picture:
    """Mean size of the effects as bars, their spread as a mark."""
    shown = [e for e in found.effects if e.group not in found.unreached][:MOST]
    figure = Picture(figsize=(9.4, height(len(shown))), layout="constrained")
    axes = figure.subplots()
    rows = np.arange(len(shown))
    axes.barh(
        rows,
        [effect.mu_star for effect in shown],
        xerr=[effect.mu_star_ci for effect in shown],
        color=BLUE,
        height=0.62,
        label="mean size, with 95% interval",
        error_kw={"elinewidth": 1, "ecolor": INK},
    )
    spread = [effect.sigma for effect in shown]
    axes.plot(spread, rows, "D", color=ORANGE, ms=6, mec=INK, mew=0.6, label="spread")
    axes.set_xlim(left=0)
    axis_of(axes, found.column.unit)
    axes.set_xlabel(f"effect from P5 to P95, {unit_name(found.column.unit)}", color=INK)
    axes.legend(frameon=False, fontsize=9, loc="lower right")
    rows_named(axes, [group_name(effect.group) for effect in shown])
    return finished(figure, headline, source)


def _unit(own: str, measure: str) -> str:
    """The unit of an input for an axis: an amount of money in the measure's currency."""
    currency = measure.partition("/")[0]
    return currency if own.startswith("money") and len(currency) == 3 else own


def _named(own: str, measure: str) -> str:
    return "" if own in SHARES else f", {unit_name(_unit(own, measure))}"


def _labels_apart(axes: Axes, ends: list[tuple[float, str, str]]) -> None:
    """Names at the ends of lines, moved apart where they would lie on each other."""
    low, high = axes.get_ylim()
    least = (high - low) / 16
    places: list[float] = []
    for value, name, colour in sorted(ends):
        place = max(value, places[-1] + least) if places else value
        places.append(place)
        axes.annotate(
            fill(name, 30),
            (ALONG[-1], value),
            xytext=(0.965, place),
            textcoords="data",
            fontsize=8,
            color=colour,
            va="center",
            annotation_clip=False,
        )
