"""Figures of a run: each title says the finding, each source line how to get it again.

Figures are made without pyplot, so none stays open and nothing depends on a display.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from cartsim.economics.bridge import BRIDGE
from cartsim.montecarlo.result import Result
from cartsim.report.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    PURPLE,
    SKY,
    VERMILLION,
    YELLOW,
    Picture,
    bare,
)
from cartsim.report.wording import currency_name
from cartsim.units import readable

BALANCES = {"closing_cash", "deferred_income", "cumulative_net_result"}
"""Measures read off at a quarter's end."""

STEP_LABELS = {
    "gross_order_value": "Orders at list price",
    "never_delivered": "Lost before delivery",
    "not_yet_delivered": "Not yet delivered",
    "price_change_since_order": "Price change",
    "given_free": "Given free",
    "value_added_tax": "Value-added tax",
    "deductions": "Rebates",
    "partner_share": "Partner's share",
    "licence_income": "Upfront and milestones",
    "royalty_income": "Royalties",
    "service_income": "Services",
}


def fan(result: Result, measures: Sequence[str] = ("revenue", "closing_cash")) -> Picture:
    """Fan charts by quarter (by year where quarters are not kept), one panel per measure: P5 to
    P95, P25 to P75, median."""
    figure = Picture(figsize=(9.0, 0.9 + 3.3 * len(measures)), layout="constrained")
    panels = figure.subplots(len(measures), 1, squeeze=False)[:, 0]
    for axes, measure in zip(panels, measures, strict=True):
        _fan_panel(axes, result, measure)
    low, high = panels[0].get_ylim()
    panels[0].set_ylim(low, high + 0.14 * (high - low))  # room for the legend
    figure.align_ylabels(panels)
    panels[0].legend(loc="upper left", frameon=False, ncols=3, fontsize=9)
    source_line(figure, result)
    return figure


def bridge(result: Result, year: str) -> Picture:
    """From the orders of a year at list price to its booked revenue, in means over replications."""
    steps = [(name, sign * result.statistic(name, year)) for name, sign in BRIDGE.items()]
    gross = max(steps[0][1], 1.0)
    steps = [step for step in steps if step[0] == "gross_order_value" or abs(step[1]) > gross / 500]
    revenue = result.statistic("revenue", year)
    scale, scale_name = scaled([max(gross, revenue)])
    figure = Picture(figsize=(9.0, 4.8), layout="constrained")
    axes = figure.subplots()
    level = 0.0
    for position, (_, amount) in enumerate(steps):
        colour = BLUE if position == 0 else GREEN if amount > 0 else VERMILLION
        axes.bar(position, amount / scale, bottom=level / scale, color=colour, width=0.62)
        label = (
            readable(amount) if position == 0 else f"{'+' if amount > 0 else ''}{readable(amount)}"
        )
        axes.annotate(
            label,
            (position, max(level, level + amount) / scale),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            color=INK,
        )
        level += amount
        axes.plot([position + 0.31, position + 0.69], [level / scale] * 2, color=GREY, lw=0.8)
    low, high = (result.statistic("revenue", year, q) for q in ("p5", "p95"))
    axes.bar(len(steps), revenue / scale, color=BLUE, width=0.62)
    axes.errorbar(
        len(steps),
        revenue / scale,
        yerr=[[max(revenue - low, 0.0) / scale], [max(high - revenue, 0.0) / scale]],
        color=INK,
        capsize=4,
        linewidth=1,
    )
    axes.annotate(
        f"{readable(revenue)}\nP5–P95\n{readable(low)} to {readable(high)}",
        (len(steps), max(revenue, high) / scale),
        xytext=(0, 4),
        textcoords="offset points",
        ha="center",
        color=INK,
    )
    labels = [fill(STEP_LABELS[name], 13) for name, _ in steps] + ["Booked\nrevenue"]
    axes.set_xticks(range(len(labels)), labels, fontsize=9)
    axes.set_ylim(top=1.12 * max(gross, high) / scale)
    currency = currency_name(result.loaded.model.currency)
    _axes(axes, f"{scale_name}{currency} in {year}, mean")
    ordered = f"{readable(steps[0][1])} {currency}"
    title = f"Of {ordered} ordered in {year}, {readable(revenue)} is booked"
    if revenue > steps[0][1]:  # mostly other revenue
        title = f"{ordered} is ordered in {year}; with other revenue {readable(revenue)} is booked"
    axes.set_title(title, loc="left", fontweight="bold", color=INK)
    source_line(figure, result)
    return figure


COSTS = (
    ("cost_of_goods", "Cost of goods"),
    ("research", "Research"),
    ("selling", "Selling"),
    ("administration", "Adminis-\ntration"),
    ("other_income", "Other\nincome"),
    ("impairment", "Impair-\nment"),
)
"""What lies between revenue and the operating result, with what it is called."""


def result_steps(result: Result, year: str) -> Picture:
    """From the revenue of a year to its operating result, in means over replications."""
    revenue, left = (result.statistic(name, year) for name in ("revenue", "operating_result"))
    steps = [
        (label, result.statistic(name, year) * (1.0 if name == "other_income" else -1.0))
        for name, label in COSTS
    ]
    largest = max(abs(revenue), abs(left), *(abs(amount) for _, amount in steps), 1.0)
    steps = [step for step in steps if abs(step[1]) > largest / 500]
    scale, scale_name = scaled([largest])
    figure = Picture(figsize=(9.0, 4.8), layout="constrained")
    axes = figure.subplots()
    axes.bar(0, revenue / scale, color=BLUE, width=0.62)
    level = revenue
    bars = [(0, revenue, max(revenue, 0.0))]
    for position, (_, amount) in enumerate(steps, 1):
        colour = GREEN if amount > 0 else VERMILLION
        axes.bar(position, amount / scale, bottom=level / scale, color=colour, width=0.62)
        bars.append((position, amount, max(level, level + amount)))
        level += amount
        axes.plot([position + 0.31, position + 0.69], [level / scale] * 2, color=GREY, lw=0.8)
    low, high = (result.statistic("operating_result", year, q) for q in ("p5", "p95"))
    axes.bar(len(steps) + 1, left / scale, color=BLUE, width=0.62)
    axes.errorbar(
        len(steps) + 1,
        left / scale,
        yerr=[[max(left - low, 0.0) / scale], [max(high - left, 0.0) / scale]],
        color=INK,
        capsize=4,
        linewidth=1,
    )
    for position, amount, top in bars:
        text = readable(amount) if position == 0 or amount < 0 else f"+{readable(amount)}"
        axes.annotate(
            text,
            (position, top / scale),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            color=INK,
        )
    axes.annotate(
        f"{readable(left)}\nP5–P95 {readable(low)}\nto {readable(high)}",
        (len(steps) + 1, max(left, high, 0.0) / scale),
        xytext=(0, 4),
        textcoords="offset points",
        ha="center",
        color=INK,
    )
    axes.axhline(0, color=INK, lw=0.8)
    labels = ["Revenue", *(label for label, _ in steps), "Operating\nresult"]
    axes.set_xticks(range(len(labels)), labels, fontsize=9)
    low_end, high_end = axes.get_ylim()
    axes.set_ylim(low_end, high_end + 0.16 * (high_end - low_end))
    currency = currency_name(result.loaded.model.currency)
    _axes(axes, f"{scale_name}{currency} in {year}, mean")
    title = f"Of {readable(revenue)} {currency} of revenue in {year}, {readable(left)} is left"
    if left < 0:
        title = f"{readable(revenue)} {currency} of revenue in {year}, and a loss of "
        title += readable(-left)
    axes.set_title(title, loc="left", fontweight="bold", color=INK)
    source_line(figure, result)
    return figure


ENDS = (
    ("infusions", "Infused", GREEN),
    ("infused_out_of_specification", "Infused, out of specification", YELLOW),
    ("lost_waiting", "Died or withdrew waiting", VERMILLION),
    ("lost_manufacturing", "No dose could be made", INK),
    ("went_elsewhere", "Went elsewhere for the wait", PURPLE),
)
"""How a patient's way ends: measure, label, colour."""


def funnel(result: Result) -> Picture:
    """Where the patients of the whole run end, in means over replications, as bars."""
    years = result.periods("year")

    def of_run(name: str) -> float:
        return sum(result.statistic(name, year) for year in years)

    orders = of_run("orders")
    ends = [(label, of_run(name), colour) for name, label, colour in ENDS]
    within = ends[0][1] - ends[1][1]
    ends[0] = (ends[0][0], within, ends[0][2])
    going = max(orders - sum(number for _, number, _ in ends), 0.0)
    ends.append(("Still on their way", going, GREY))
    bars = [("Orders", orders, BLUE)]
    if all(product.bank is None for product in result.loaded.model.products.values()):
        bars.append(("Aphereses, repeats counted", of_run("apheresis"), SKY))
    bars += [bar for bar in ends if bar[1] > 0.0005 * orders]
    figure = Picture(figsize=(9.0, 1.1 + 0.42 * len(bars)), layout="constrained")
    axes = figure.subplots()
    for position, (_, number, colour) in enumerate(bars):
        axes.barh(position, number, color=colour, height=0.66)
        text = f"{number:,.0f}" + (f"  ({number / orders:.1%})" if orders > 0 else "")
        axes.annotate(
            text,
            (number, position),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=INK,
        )
    axes.set_yticks(range(len(bars)), [label for label, _, _ in bars])
    axes.invert_yaxis()
    axes.set_xlim(right=1.18 * max(orders, 1.0))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    bare(axes)
    axes.set_xlabel(f"patients, {years[0]} to {years[-1]}, mean of the replications", color=INK)
    infused = within + of_run("infused_out_of_specification")
    share = infused / orders if orders > 0 else 0.0
    axes.set_title(
        f"Of {orders:,.0f} patients ordered for, {share:.0%} are infused",
        loc="left",
        fontweight="bold",
        color=INK,
    )
    source_line(figure, result)
    return figure


def _fan_panel(axes: Axes, result: Result, measure: str) -> None:
    kind = finest(result)
    quarters = result.periods(kind)
    table = {
        q: np.asarray([result.statistic(measure, label, q) for label in quarters])
        for q in ("p5", "p25", "p50", "p75", "p95")
    }
    unit = result.column(measure, quarters[0]).unit
    scale, scale_name = scaled([*table["p5"], *table["p95"]])
    table = {name: values / scale for name, values in table.items()}
    # a balance is that of the quarter's end; a flow is drawn in the middle of its quarter
    at = np.arange(len(quarters)) + (1.0 if measure in BALANCES else 0.5)
    axes.fill_between(at, table["p5"], table["p95"], color=BLUE, alpha=0.18, lw=0, label="P5–P95")
    axes.fill_between(at, table["p25"], table["p75"], color=BLUE, alpha=0.35, lw=0, label="P25–P75")
    axes.plot(at, table["p50"], color=BLUE, linewidth=2, label="median")
    if np.nanmin(table["p5"]) < 0:
        axes.axhline(0, color=INK, linewidth=0.8)
    first = ("Q1", "H1") if kind != "year" else ("",)
    years = [index for index, label in enumerate(quarters) if label.endswith(first) or index == 0]
    axes.set_xticks(years, [quarters[index][:4] for index in years], ha="left")
    axes.set_xlim(0, len(quarters))
    unit = unit.replace(result.loaded.model.currency, currency_name(result.loaded.model.currency))
    when = f"at the end of the {kind}" if measure in BALANCES else f"a {kind}"
    _axes(axes, f"{scale_name}{unit} {when}")
    axes.set_title(_finding(result, measure), loc="left", fontweight="bold", color=INK, fontsize=11)


def finest(result: Result) -> str:
    """The shortest kind of period whose outcomes were kept."""
    return next(kind for kind in ("quarter", "half", "year") if result.periods(kind))


def _finding(result: Result, measure: str) -> str:
    currency = currency_name(result.loaded.model.currency)
    last = result.periods("year")[-1]
    if measure == "closing_cash":
        for period in result.periods(finest(result)):
            if result.statistic(measure, period, "p50") < 0:
                when = f"{period[:4]} {period[4:]}".strip()
                return f"Cash is gone by {when} in the median replication"
        amount = readable(result.statistic(measure, last, "p50"))
        return f"Cash lasts to {last} in the median replication, with {amount} {currency} left"
    low, middle, high = (result.statistic(measure, last, q) for q in ("p5", "p50", "p95"))
    label = measure.replace("_", " ").capitalize()
    unit = result.column(measure, last).unit.replace(result.loaded.model.currency, currency)
    return (
        f"{label}: {readable(middle)} {unit} in {last} (P5–P95 {readable(low)} to {readable(high)})"
    )


def _axes(axes: Axes, label: str) -> None:
    axes.set_ylabel(label, color=INK)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK)


def scaled(values: Sequence[float]) -> tuple[float, str]:
    """What an axis is divided by, and how its unit begins."""
    largest = float(np.nanmax(np.abs(np.asarray([*values, 0.0]))))
    if largest >= 1e10:
        return 1e9, "billion "
    return (1e6, "million ") if largest >= 1e6 else (1.0, "")


def source_line(figure: Figure, result: Result, of: str = "") -> None:
    """What a figure shows and how to get it again, below it."""
    loaded = result.loaded
    name = f"{loaded.model.title}" + (f", variant {loaded.variant}" if loaded.variant else "")
    text = (
        f"{name}. Seed {result.seed}, {of or f'{result.replications:,} replications'}, "
        f"cartsim {result.version}, scenario {loaded.hash[:8]}."
    )
    figure.supxlabel(fill(text, 150), x=0.01, ha="left", fontsize=8, color=GREY)
