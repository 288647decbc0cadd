"""The pictures of the documentation that no command makes: ``python docs/pictures.py``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.ticker import FuncFormatter

from cartsim.demand.orders import demand
from cartsim.report.style import BLUE, GREY, INK, ORANGE, VERMILLION, Picture, bare
from cartsim.sampling.drawn import draw
from cartsim.scenario.load import load

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


if __name__ == "__main__":
    plateau().savefig(HERE / "images" / "plateau.png", dpi=130)
