"""Pictures of goal seek and optimisation."""

from __future__ import annotations

from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from cartsim.analysis.optimum import Candidate, Optimum
from cartsim.analysis.seek import LEVEL, Sought
from cartsim.analysis.statistic import Statistic
from cartsim.measures import Column
from cartsim.report.decisions import name_of, setting_of
from cartsim.report.drawing import axis_of, finished, height_of, rows_named
from cartsim.report.style import BLUE, GREY, INK, ORANGE, SKY, VERMILLION, Picture, bare
from cartsim.report.told import SHARES, in_words, unit_name
from cartsim.units import readable

MOST = 16


def seek_picture(found: Sought, headline: str, source: str, own: str) -> Picture:
    """The statistic over the values tried, the target, and where they meet."""
    figure = Picture(figsize=(9.4, 4.8), layout="constrained")
    axes = figure.subplots()
    x = np.asarray([t.value for t in found.tried])
    y = np.asarray([t.statistic for t in found.tried])
    se = np.asarray([t.se for t in found.tried])
    axes.fill_between(x, y - LEVEL * se, y + LEVEL * se, color=BLUE, alpha=0.15, lw=0)
    axes.plot(x, y, color=BLUE, marker="o", ms=4)
    axes.axhline(found.condition.target, color=VERMILLION, lw=1.2)
    axes.plot([found.value], [found.statistic], "o", color=VERMILLION, ms=9, zorder=4)
    axes.annotate(
        _text(found.value, own),
        (found.value, found.statistic),
        xytext=(10, 10),
        textcoords="offset points",
        color=VERMILLION,
        fontweight="bold",
    )
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _text(value, own)))
    axes.set_xlabel(found.path, color=INK)
    _axis(axes, found.condition.statistic, found.column, "y")
    bare(axes)
    return finished(figure, headline, source)


def optimum_picture(found: Optimum, headline: str, source: str) -> Picture:
    """Two goals against each other; one goal along a lever that is a number; else bars."""
    if len(found.goals) > 1:
        return _front(found, headline, source)
    numbers = [lever for lever in found.levers if _is_number(found, lever.path)]
    if len(found.levers) == 1 and numbers:
        return _along(found, headline, source)
    return _bars(found, headline, source)


def _front(found: Optimum, headline: str, source: str) -> Picture:
    figure = Picture(figsize=(9.4, 5.4), layout="constrained")
    axes = figure.subplots()
    front = found.front
    for candidates, colour, label in (
        ([c for c in found.candidates if not c.feasible], "#CCCCCC", "breaks a condition"),
        ([c for c in found.candidates if c.feasible and c not in front], SKY, "beaten in both"),
    ):
        if candidates:
            axes.scatter(*_goals(candidates), color=colour, s=26, label=label)
    x, y = _goals(front)
    order = np.argsort(x)
    axes.plot(
        np.asarray(x)[order], np.asarray(y)[order], color=BLUE, marker="o", lw=1, label="not beaten"
    )
    for position in {0, len(front) - 1}:
        axes.annotate(
            setting_of(front[position]),
            (x[position], y[position]),
            xytext=(6, 6),
            textcoords="offset points",
            fontsize=8,
            color=INK,
        )
    axes.legend(frameon=False, fontsize=9)
    _axis(axes, found.goals[0].statistic, found.columns[0], "x")
    _axis(axes, found.goals[1].statistic, found.columns[1], "y")
    axes.margins(0.12)
    bare(axes)
    return finished(figure, headline, source)


def _along(found: Optimum, headline: str, source: str) -> Picture:
    figure = Picture(figsize=(9.4, 4.8), layout="constrained")
    axes = figure.subplots()
    (lever,) = found.levers
    for feasible, colour, label in (
        (True, BLUE, "meets all conditions"),
        (False, GREY, "does not"),
    ):
        chosen = [c for c in found.candidates if c.feasible is feasible]
        chosen.sort(key=lambda c: float(_plain(c.setting[lever.path])))
        if chosen:
            x = [float(_plain(c.setting[lever.path])) for c in chosen]
            y = [c.goals[0][0] for c in chosen]
            error = [LEVEL * c.behind_se for c in chosen]
            axes.errorbar(
                x, y, yerr=error, color=colour, marker="o", ms=5, lw=1, capsize=3, label=label
            )
    best, robust = found.best, found.robust
    for candidate, colour, name in ((robust, ORANGE, "least regret"), (best, VERMILLION, "best")):
        if candidate is not None:
            axes.plot(
                [float(_plain(candidate.setting[lever.path]))],
                [candidate.goals[0][0]],
                "D",
                color=colour,
                ms=9,
                label=name,
                zorder=4,
            )
    axes.xaxis.set_major_formatter(FuncFormatter(_readable))
    axes.set_xlabel(name_of(lever), color=INK)
    _axis(axes, found.goals[0].statistic, found.columns[0], "y")
    axes.legend(frameon=False, fontsize=9)
    bare(axes)
    return finished(figure, headline, source)


def _bars(found: Optimum, headline: str, source: str) -> Picture:
    """How far each candidate lies behind the best."""
    shown = [c for c in found.candidates if c.feasible][:MOST] or list(found.candidates[:MOST])
    names = [setting_of(c) + (" (least regret)" if c is found.robust else "") for c in shown]
    figure = Picture(figsize=(9.4, height_of(names, 40)), layout="constrained")
    axes = figure.subplots()
    alike = found.alike
    colours = [BLUE if c is found.best else SKY if c in alike else "#BBBBBB" for c in shown]
    axes.barh(
        range(len(shown)),
        [c.behind for c in shown],
        xerr=[LEVEL * c.behind_se for c in shown],
        color=colours,
        height=0.62,
        error_kw={"elinewidth": 1, "ecolor": INK},
    )
    axes.axvline(0, color=INK, lw=0.9)
    rows_named(axes, names, 40)
    _axis(axes, found.goals[0].statistic, found.columns[0], "x")
    axes.set_xlabel(f"behind the best: {axes.get_xlabel()}, with 95% interval", color=INK)
    return finished(figure, headline, source)


def _axis(axes: Axes, statistic: Statistic, column: Column, side: str) -> None:
    axis_of(axes, "share" if statistic.is_probability else column.unit, side)
    unit = "" if statistic.is_probability else f", {unit_name(column.unit)}"
    axis = axes.xaxis if side == "x" else axes.yaxis
    axis.set_label_text(fill(f"{in_words(statistic, column)}{unit}", 44), color=INK)


def _goals(candidates: list[Candidate] | tuple[Candidate, ...]) -> tuple[list[float], list[float]]:
    return [c.goals[0][0] for c in candidates], [c.goals[1][0] for c in candidates]


def _plain(text: str) -> str:
    from cartsim.scenario.numbers import parse_number

    return repr(parse_number(text, "money"))


def _is_number(found: Optimum, path: str) -> bool:
    try:
        for candidate in found.candidates:
            _plain(candidate.setting[path])
    except ValueError:
        return False
    return True


def _text(value: float, unit: str) -> str:
    return f"{value * 100:.3g}%" if unit in SHARES else _readable(value)


def _readable(value: float, _: Any = None) -> str:
    return readable(value) if abs(value) >= 1e6 else f"{value:,.6g}"
