"""Pictures of regions in which something happens."""

from __future__ import annotations

from cartsim.analysis.discovery import Discovery
from cartsim.report.discovery import in_words
from cartsim.report.drawing import axis_of, finished
from cartsim.report.style import BLUE, INK, SKY, VERMILLION, Picture
from cartsim.report.told import event_in_words
from cartsim.report.wording import share


def discovery_picture(found: Discovery, headline: str, source: str) -> Picture:
    """How often it happens in each region, wide where the region is large."""
    from textwrap import fill

    names = [fill(in_words(region, marked=True), 52) for region in found.regions]
    lines = sum(name.count("\n") + 1 for name in names)
    figure = Picture(figsize=(9.4, 1.7 + 0.2 * lines + 0.22 * len(names)), layout="constrained")
    axes = figure.subplots()
    rows = range(len(names))
    colours = [BLUE if r.density > found.overall else SKY for r in found.regions]
    axes.barh(
        rows,
        [region.density for region in found.regions],
        xerr=[1.96 * region.se for region in found.regions],
        color=colours,
        height=0.6,
        error_kw={"elinewidth": 1, "ecolor": INK},
    )
    for row, region in zip(rows, found.regions, strict=True):
        axes.annotate(
            f"{share(region.coverage)} of cases",
            (min(region.density + 1.96 * region.se, 1.0), row),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=INK,
        )
    axes.axvline(found.overall, color=VERMILLION, lw=1.2)
    axes.annotate(
        "anywhere",
        (found.overall, -0.6),
        xytext=(4, 0),
        textcoords="offset points",
        fontsize=8,
        color=VERMILLION,
        va="bottom",
    )
    axes.set_yticks(list(rows), names, fontsize=8)
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlim(0, 1.15)
    axis_of(axes, "share")
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1.0])
    axes.set_xlabel(
        f"share of replications in which {event_in_words(found.event, found.column)}", color=INK
    )
    return finished(figure, headline, source)
