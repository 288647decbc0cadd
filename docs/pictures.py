"""The pictures of the documentation that no command makes: ``python docs/pictures.py``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.ticker import FuncFormatter

from cartsim.analysis.evaluate import Case, Settings, Wanted, evaluate
from cartsim.demand.orders import demand
from cartsim.montecarlo.precision import measured
from cartsim.report.style import BLUE, GREEN, GREY, INK, ORANGE, VERMILLION, Picture, bare
from cartsim.sampling.design import design
from cartsim.sampling.drawn import draw
from cartsim.scenario.load import load, load_text
from cartsim.units import readable

HERE = Path(__file__).parent
SCENARIO = HERE.parent / "scenarios" / "carsgen_zevor_cel.yaml"
OBSERVED = ((2, 7, 10.4), (7, 12, 20.4), (12, 18, 18.5))
"""Orders a month that were published: from and before a month of the run, and how many."""
REPLICATIONS = 600


def plateau() -> Picture:
    """A launch that levels off because few can pay, and the S-curve on all who are eligible."""
    figure = Picture(figsize=(9.0, 5.0), layout="constrained")
    axes = figure.subplots()
    curves = (
        (None, BLUE, "who can pay, is in reach and chooses this product: levels off within a year"),
        ("s_curve_on_pool", ORANGE, "S-curve to half of all who are eligible: the wrong model"),
    )
    for variant, colour, label in curves:
        model = load(SCENARIO, variant).model
        drawn = draw(model, model.run.seed, range(REPLICATIONS))
        (found,) = demand(model, drawn)
        months = np.arange(found.expected.shape[1])[:48]
        low, middle, high = np.quantile(found.expected[:, :48], [0.05, 0.5, 0.95], axis=0)
        axes.fill_between(months, low, high, color=colour, alpha=0.2, lw=0)
        axes.plot(months, middle, color=colour, lw=2, label=label)
    for index, (first, last, number) in enumerate(OBSERVED):
        label = "published, mean of the months" if index == 0 else None
        axes.plot([first, last], [number, number], color=VERMILLION, lw=3, label=label)
    axes.set_yscale("log")
    axes.set_ylim(1, 400)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axes.set_xticks([0, 12, 24, 36, 48], ["2024", "2025", "2026", "2027", "2028"])
    axes.set_ylabel("orders a month, median and P5–P95", color=INK)
    axes.set_title(
        "At 1.15m yuan a dose a launch levels off below 25 patients a month",
        loc="left",
        fontweight="bold",
        color=INK,
    )
    axes.legend(frameon=False, fontsize=9, loc="upper left")
    bare(axes)
    figure.supxlabel(
        f"CARsgen scenario, expected orders in {REPLICATIONS} replications; published: company "
        "results for 2024 and the first half of 2025.",
        x=0.01,
        ha="left",
        fontsize=8,
        color=GREY,
    )
    return figure


def pairs() -> Picture:
    """The difference of two prices, told by pairs and by independent runs."""
    figure = Picture(figsize=(9.0, 3.6), layout="constrained")
    axes = figure.subplots()
    settings = Settings(REPLICATIONS)
    base, other = load(SCENARIO), load(SCENARIO, "price_1m")
    same = evaluate([Case(base), Case(other)], [Wanted("npv")], settings)
    apart = evaluate(
        [Case(other)], [Wanted("npv")], Settings(REPLICATIONS, base.model.run.seed + 1)
    )
    rows = (
        ("pairs on the same draws", same.values[1, 0] - same.values[0, 0], BLUE),
        ("two independent runs", apart.values[0, 0] - same.values[0, 0], ORANGE),
    )
    for row, (_, values, colour) in enumerate(rows):
        p5, p25, p75, p95 = np.quantile(values, [0.05, 0.25, 0.75, 0.95])
        axes.plot([p5, p95], [row, row], color=colour, lw=2)
        axes.plot([p25, p75], [row, row], color=colour, lw=9, solid_capstyle="butt")
        error = values.std(ddof=1) / np.sqrt(values.size)
        axes.annotate(
            f"mean {readable(values.mean())} ± {readable(error)}",
            (p95, row),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            color=INK,
        )
    ratio = float(rows[1][1].var() / rows[0][1].var())
    axes.axvline(0, color=INK, lw=0.9)
    axes.set_yticks([0, 1], [name for name, _, _ in rows])
    axes.set_ylim(1.6, -0.6)
    axes.margins(x=0.3)
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: readable(value) if value else "0")
    )
    axes.set_xlabel(
        "NPV at 1.0m less that at 1.15m yuan a dose, yuan: P5 to P95, P25 to P75", color=INK
    )
    axes.set_title(
        f"Pairs tell a price cut with {ratio:,.0f} times less variance",
        loc="left",
        fontweight="bold",
        color=INK,
    )
    bare(axes)
    figure.supxlabel(
        f"CARsgen scenario, {REPLICATIONS} replications of each price.",
        x=0.01,
        ha="left",
        fontsize=8,
        color=GREY,
    )
    return figure


FINANCE_ONLY = """
cartsim: 1
title: a company without products
run: {{start: 2024-01-01, years: 2, design: {design}}}
currency: CNY
company:
  opening_cash: {{lognormal: {{mean: 10, sd: 2}}}}
  research: {{pert: [1, 2, 4]}}
  selling: {{uniform: [1, 3]}}
  administration: {{gamma: {{mean: 3, sd: 1}}}}
  other_income: {{normal: {{mean: 0, sd: 1}}}}
  depreciation: {{exponential: {{mean: 2}}}}
  discount_rate: {{uniform: [6%, 14%]}}
  tax: {{rate: 25%}}
products: {{}}
"""


def designs() -> Picture:
    """The error of a mean over the number of replications, by design: as it is, and as told."""
    figure = Picture(figsize=(9.0, 4.8), layout="constrained")
    axes = figure.subplots()
    numbers, seeds = (256, 512, 1024, 2048, 4096, 8192), range(1, 13)
    at_end = {}
    for name, colour in (("independent", ORANGE), ("latin_hypercube", GREEN), ("sobol", BLUE)):
        loaded = load_text(FINANCE_ONLY.format(design=name))
        runs = [
            evaluate([Case(loaded)], [Wanted("npv")], Settings(numbers[-1], seed)).values[0, 0]
            for seed in seeds
        ]
        spread = [np.std([values[:n].mean() for values in runs], ddof=1) for n in numbers]
        batches = design(name, ()).batches(range(numbers[-1]))
        told = [
            np.sqrt(
                np.mean(
                    [
                        measured(v[:n], None if batches is None else batches[:n])["mean"][1] ** 2
                        for v in runs
                    ]
                )
            )
            for n in numbers
        ]
        label = name.replace("_", " ").replace("sobol", "Sobol'")
        axes.plot(numbers, spread, color=colour, marker="o", lw=2, label=f"{label}, over 12 seeds")
        axes.plot(numbers, told, color=colour, ls="--", lw=1, label=f"{label}, told by the run")
        at_end[name] = told[-1]
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.3g}"))
    axes.set_xlabel("replications", color=INK)
    axes.set_ylabel("standard error of the mean net present value, yuan", color=INK)
    times = {name: at_end["independent"] / error for name, error in at_end.items()}
    axes.set_title(
        f"At 8,192 replications Sobol' is {times['sobol']:,.0f} times, a Latin hypercube "
        f"{times['latin_hypercube']:,.0f} times as precise",
        loc="left",
        fontweight="bold",
        fontsize=11,
        color=INK,
    )
    axes.legend(frameon=False, fontsize=8, ncols=2, loc="lower left")
    bare(axes)
    figure.supxlabel(
        "A company without products: seven uncertain inputs, two years by month.",
        x=0.01,
        ha="left",
        fontsize=8,
        color=GREY,
    )
    return figure


if __name__ == "__main__":
    designs().savefig(HERE / "images" / "designs.png", dpi=130)
    pairs().savefig(HERE / "images" / "pairs.png", dpi=130)
    plateau().savefig(HERE / "images" / "plateau.png", dpi=130)
