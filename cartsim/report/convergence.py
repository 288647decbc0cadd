"""How the statistics of a measure settle as replications are added, and how precise they are."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from cartsim.montecarlo.precision import Standing, place, running
from cartsim.montecarlo.result import Result
from cartsim.report.figures import scaled, source_line
from cartsim.report.style import BLUE, GREY, INK, VERMILLION, Picture, bare
from cartsim.report.wording import currency_name
from cartsim.units import readable


def convergence(result: Result, measure: str = "npv", period: str | None = None) -> Picture:
    """Mean with its standard error, median, P5 and P95 of the first n replications, over n."""
    position = place(result.table, measure, period)
    column = result.columns[position]
    numbers, (mean, low, median, high) = running(result.table.values(position))
    figure = Picture(figsize=(9.0, 4.6), layout="constrained")
    axes = figure.subplots()
    money = column.unit == result.loaded.model.currency
    scale, scale_name = scaled([*np.abs(low), *np.abs(high)]) if money else (1.0, "")
    axes.fill_between(numbers, low / scale, high / scale, color=BLUE, alpha=0.12, lw=0)
    for values, label, dashes in (
        (high, "P95", "-"),
        (median, "median", "--"),
        (mean, "mean", "-"),
        (low, "P5", "-"),
    ):
        bold = label == "mean"
        colour, width = (BLUE, 2.0) if bold else (GREY, 1.0)
        axes.plot(numbers, values / scale, color=colour, linestyle=dashes, linewidth=width)
        # median and mean are often too close for two labels; the dashes are in the title
        if numbers.size and label != "median":
            axes.annotate(
                label,
                (numbers[-1], values[-1] / scale),
                xytext=(5, 0),
                textcoords="offset points",
                va="center",
                color=INK,
                fontsize=9,
            )
    final = result.statistic(measure, column.period)
    se = result.statistic(measure, column.period, "se")
    if np.isfinite(se):
        axes.axhspan(
            (final - 2 * se) / scale, (final + 2 * se) / scale, color=VERMILLION, alpha=0.18, lw=0
        )
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:,.6g}"))
    axes.set_xlabel("replications, logarithmic")
    unit = f"{scale_name}{currency_name(column.unit)}" if money else column.unit
    over = "over the whole run" if column.period == "all" else column.period
    name = {"npv": "net present value"}.get(measure, measure)
    axes.set_ylabel(f"{name}, {over}, {unit}")
    axes.set_title(
        f"The mean of {name} has settled to {readable(final)} ± {readable(2 * se)} "
        f"after {result.replications:,} replications\n"
        "(red: two standard errors either side; blue: P5 to P95, which does not shrink; "
        "dashed: median)",
        loc="left",
        fontsize=11,
    )
    bare(axes)
    source_line(figure, result)
    return figure


def precision_line(standing: Standing) -> str:
    """How precise a statistic is, and how many replications its goal takes, in a sentence."""
    goal = standing.goal
    of = f"{goal.statistic} of {goal.measure}" + (f" in {goal.period}" if goal.period else "")
    share = f", {standing.se / abs(standing.value):.1%} of it" if standing.value else ""
    told = (
        f"The {of} is {readable(standing.value)} with a standard error of {readable(standing.se)}"
    )
    aim = f"{goal.target:.1%}" if goal.relative else readable(goal.target)
    if standing.reached:
        return f"{told}{share}: {aim} is reached."
    if standing.needed is None:
        return f"{told}{share}: how many replications {aim} takes cannot be told."
    return f"{told}{share}; for {aim} about {_rounded(standing.needed):,} replications are needed."


def _rounded(number: int) -> int:
    """Two digits: more would promise too much."""
    unit: int = 10 ** max(len(str(number)) - 2, 0)
    return -(-number // unit) * unit
