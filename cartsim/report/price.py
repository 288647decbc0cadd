"""A price curve as a sentence, a picture and a table."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.ticker import FuncFormatter, NullFormatter

from cartsim.analysis.price import PriceCurve, standard_error
from cartsim.report.style import BLUE, GREY, INK, ORANGE, VERMILLION, Picture, bare
from cartsim.report.wording import count, currency_name
from cartsim.units import readable

COLUMNS = (
    *("price", "orders", "orders_se", "orders_p5", "orders_p95"),
    *("sales", "sales_se", "sales_p5", "sales_p95"),
)


def headline(curve: PriceCurve) -> str:
    """What the curve says, in two sentences."""
    money = currency_name(curve.currency)
    best = float(curve.prices[curve.best])
    low, high = np.quantile(curve.best_by_replication, [0.05, 0.95])
    here, there = (curve.at(price, curve.orders) for price in (curve.now, best))
    sold, most = (curve.at(price, curve.sales) for price in (curve.now, best))
    slope = curve.elasticity(curve.now)
    answer = f"one percent less would bring {abs(slope):.1f}% more patients. " if slope else ""
    first = (
        f"At {readable(curve.now)} {money} a dose {count(here)} patients are ordered for in "
        f"{curve.period} and sales are {readable(sold)} {money}; {answer}"
    )
    if curve.best in (0, len(curve.prices) - 1):
        end = "lowest" if curve.best == 0 else "highest"
        return f"{first}Sales are largest at the {end} price tried, {readable(best)}."
    return (
        f"{first}Sales are largest at {readable(best)} (P5-P95 {readable(low)} to "
        f"{readable(high)}): {count(there)} patients, {readable(most)} {money}."
    )


def table(curve: PriceCurve) -> Iterator[tuple[float, ...]]:
    """One row a price: its columns are ``COLUMNS``."""
    parts = []
    for values in (curve.orders, curve.sales):
        low, high = np.quantile(values, [0.05, 0.95], axis=0)
        parts += [values.mean(axis=0), standard_error(values), low, high]
    for index, price in enumerate(curve.prices):
        yield (float(price), *(float(part[index]) for part in parts))


def price_picture(curve: PriceCurve, source: str) -> Picture:
    """Patients and sales against the price: mean, P5 to P95, today's price and the best one."""
    figure = Picture(figsize=(8.6, 6.4), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    money = currency_name(curve.currency)
    scale, name = (1e9, "billion") if curve.sales.max() >= 1e10 else (1e6, "million")
    for axes, values, colour in (
        (above, curve.orders, BLUE),
        (below, curve.sales / scale, ORANGE),
    ):
        low, high = np.quantile(values, [0.05, 0.95], axis=0)
        axes.fill_between(curve.prices, low, high, color=colour, alpha=0.18, lw=0, label="P5–P95")
        axes.plot(curve.prices, values.mean(axis=0), color=colour, lw=2, label="mean")
        axes.axvline(curve.now, color=INK, lw=1, ls="--", label=f"price of {curve.period}")
        best = float(curve.prices[curve.best])
        axes.axvline(best, color=VERMILLION, lw=1, ls=":", label="sales largest")
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
        bare(axes)
    above.legend(frameon=False, fontsize=9, loc="upper right")
    above.set_ylabel("expected orders a year", color=INK)
    below.set_ylabel(f"{name} {money} of sales a year", color=INK)
    below.set_xscale("log")
    below.xaxis.set_major_formatter(FuncFormatter(lambda value, _: readable(value)))
    below.xaxis.set_minor_formatter(NullFormatter())
    decades = range(int(np.floor(np.log10(curve.prices[0]))), 15)
    ticks = [digit * 10.0**power for power in decades for digit in (1, 2, 5)]
    ticks = [price for price in ticks if curve.prices[0] <= price <= curve.prices[-1]]
    below.set_xticks(ticks)
    below.set_xlabel(f"list price of a dose, tax included, {money}", color=INK)
    best, at = float(curve.prices[curve.best]), curve.best
    where = curve.market.replace(".", ", ").replace("_", " ")
    above.set_title(
        f"{where}, {curve.period}: sales are largest at "
        f"{readable(best)} {money}, with {count(curve.orders.mean(axis=0)[at])} patients",
        loc="left",
        fontsize=11,
        fontweight="bold",
        color=INK,
    )
    figure.supxlabel(source, x=0.01, ha="left", fontsize=8, color=GREY)
    return figure
