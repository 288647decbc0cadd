"""Pictures of the value of information."""

from __future__ import annotations

from cartsim.analysis.information import Information
from cartsim.report.drawing import axis_of, finished, height, rows_named
from cartsim.report.information import SHOWN, name_of
from cartsim.report.style import BLUE, GREEN, INK, ORANGE, SKY, Picture


def information_picture(found: Information, headline: str, source: str) -> Picture:
    """What each piece of knowledge is worth, with the bounds above."""
    worths = [
        *((worth, BLUE) for worth in (found.everything, found.inputs)),
        *((worth, GREEN) for worth in found.groups),
        *((worth, ORANGE) for worth in found.samples),
        *((worth, SKY) for worth in found.singles[:SHOWN] if worth.value > 0),
    ]
    figure = Picture(figsize=(9.4, height(len(worths))), layout="constrained")
    axes = figure.subplots()
    axes.barh(
        range(len(worths)),
        [worth.value for worth, _ in worths],
        xerr=[1.96 * worth.se for worth, _ in worths],
        color=[colour for _, colour in worths],
        height=0.62,
        error_kw={"elinewidth": 1, "ecolor": INK},
    )
    axes.set_xlim(left=0)
    if not any(worth.value for worth, _ in worths):
        axes.set_xlim(0, 1)
    for colour, label in (
        (BLUE, "bounds"),
        (GREEN, "group of inputs"),
        (ORANGE, "experiment"),
        (SKY, "input"),
    ):
        if any(own == colour for _, own in worths):
            axes.barh([0], [0], color=colour, label=label)
    axes.legend(frameon=False, fontsize=9, loc="lower right")
    rows_named(axes, [name_of(worth) for worth, _ in worths])
    axis_of(axes, found.column.unit)
    axes.set_xlabel(f"worth of knowing it, {axes.get_xlabel()}, with 95% interval", color=INK)
    return finished(figure, headline, source)
