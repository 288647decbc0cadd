"""What was published beside what was predicted: where each observation falls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from cartsim.montecarlo.result import PERIOD_PATTERNS, Result
from cartsim.report.figures import scaled, source_line
from cartsim.report.style import BLUE, GREY, INK, VERMILLION, Picture, bare
from cartsim.report.wording import currency_name
from cartsim.units import readable

COURSE = 3
"""From so many observations of a measure on, its whole course is drawn."""


@dataclass(frozen=True)
class Seen:
    """One observation and what was predicted for it; ``rank`` is the share of the replications that
    came to less (half of those that came to the same)."""

    measure: str
    period: str
    value: float
    fit: bool
    p5: float
    p50: float
    p95: float
    rank: float


def seen(result: Result) -> tuple[list[Seen], list[str]]:
    """The observations of a scenario with their predictions, and what of them the run has not."""
    found, missing = [], []
    known = {(c.name, c.period) for c in result.columns}
    for item in result.loaded.model.observed:
        if (item.measure, item.period) not in known:
            what = "measure" if item.measure not in result.measures else "period"
            of = item.measure if what == "measure" else f"{item.measure} of {item.period}"
            missing.append(f"observed {of}: this run has no such {what}, so it is not compared")
            continue
        values = result.values(item.measure, item.period)
        values = values[np.isfinite(values)]
        below = (values < item.value).mean() + (values == item.value).mean() / 2
        p5, p50, p95 = (
            result.statistic(item.measure, item.period, name) for name in ("p5", "p50", "p95")
        )
        fit = item.used_for == "fit"
        found.append(Seen(item.measure, item.period, item.value, fit, p5, p50, p95, float(below)))
    return found, missing


def observed(result: Result) -> Picture:
    """A course in time for each measure that was observed often, and a line for each of the others:
    where the observed value falls among the predicted ones."""
    found, _ = seen(result)
    courses: dict[tuple[str, str], list[Seen]] = {}
    for each in found:
        courses.setdefault((each.measure, _kind(each.period)), []).append(each)
    often = {key: group for key, group in courses.items() if len(group) >= COURSE}
    single = [each for key, group in courses.items() if key not in often for each in group]
    heights = [3.4] * len(often) + ([0.8 + 0.36 * len(single)] if single else [])
    figure = Picture(figsize=(9.0, 0.9 + sum(heights or [1.0])), layout="constrained")
    count = max(len(heights), 1)
    panels = figure.subplots(count, 1, squeeze=False, height_ratios=heights or [1.0])[:, 0]
    for axes, ((measure, kind), group) in zip(panels, often.items(), strict=False):
        _course(axes, result, measure, kind, group)
    if single:
        _ranks(panels[-1], result, single)
    source_line(figure, result)
    return figure


def _kind(period: str) -> str:
    import re

    return next(kind for kind, text in PERIOD_PATTERNS.items() if re.fullmatch(text, period))


def _course(axes: Axes, result: Result, measure: str, kind: str, group: list[Seen]) -> None:
    periods = result.periods(kind)
    table = {
        name: np.asarray([result.statistic(measure, period, name) for period in periods])
        for name in ("p5", "p50", "p95")
    }
    scale, name = scaled([*table["p95"], *(each.value for each in group)])
    at = np.arange(len(periods))
    axes.fill_between(
        at, table["p5"] / scale, table["p95"] / scale, color=BLUE, alpha=0.18, lw=0, label="P5–P95"
    )
    axes.plot(at, table["p50"] / scale, color=BLUE, lw=2, label="predicted, median")
    for fit, label in ((True, "observed, used to set assumptions"), (False, "observed afterwards")):
        points = [(periods.index(e.period), e.value / scale) for e in group if e.fit == fit]
        if points:
            face = "white" if fit else VERMILLION
            x, y = zip(*points, strict=True)
            axes.scatter(x, y, s=34, c=face, edgecolors=VERMILLION, zorder=3, label=label)
    every = max(len(periods) // 16, 1)
    axes.set_xticks(at[::every], [_short(period) for period in periods[::every]], fontsize=8)
    if table["p5"].min() >= 0:
        axes.set_ylim(bottom=0)
    unit = _unit(result, measure, periods[0])
    axes.set_ylabel(f"{name}{unit} a {kind}" if kind != "all" else f"{name}{unit}", color=INK)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axes.legend(frameon=False, fontsize=8, loc="upper left")
    axes.set_title(_finding(measure, group), loc="left", fontweight="bold", fontsize=11, color=INK)
    bare(axes)


def _finding(measure: str, group: Sequence[Seen]) -> str:
    told = [each for each in group if not each.fit] or list(group)
    inside = sum(each.p5 <= each.value <= each.p95 for each in told)
    kind = "observed afterwards" if any(not each.fit for each in group) else "observed"
    label = measure.replace("_", " ").replace("@", " of ").capitalize()
    return f"{label}: {inside} of {len(told)} {kind} lie between P5 and P95"


def _ranks(axes: Axes, result: Result, single: list[Seen]) -> None:
    axes.axvspan(0.05, 0.95, color=BLUE, alpha=0.12, lw=0)
    axes.axvline(0.5, color=BLUE, lw=1)
    labels = []
    for line, each in enumerate(single):
        face = "white" if each.fit else VERMILLION
        axes.scatter([each.rank], [line], s=40, c=face, edgecolors=VERMILLION, zorder=3)
        unit = _unit(result, each.measure, each.period)
        name = each.measure.replace("_", " ").replace("@", " of ")
        labels.append(
            f"{name} {each.period}: {readable(each.value)} {unit}\n"
            f"P5–P95 {readable(each.p5)} to {readable(each.p95)}"
        )
    axes.set_yticks(range(len(labels)), labels, fontsize=8)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_xlim(-0.02, 1.02)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
    axes.set_xlabel("share of the replications that came to less; shaded: P5 to P95", color=INK)
    inside = sum(0.05 <= each.rank <= 0.95 for each in single)
    axes.set_title(
        f"{inside} of {len(single)} observed values lie between P5 and P95",
        loc="left",
        fontweight="bold",
        fontsize=11,
        color=INK,
    )
    axes.grid(axis="y", color=GREY, alpha=0.2)
    bare(axes)


def _unit(result: Result, measure: str, period: str) -> str:
    currency = result.loaded.model.currency
    return result.column(measure, period).unit.replace(currency, currency_name(currency))


def _short(period: str) -> str:
    return f"{period[:4]}\n{period[4:]}" if len(period) == 6 else period
