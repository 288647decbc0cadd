"""Figures: bars and bands at the numbers of the run, a finding as title, a source line."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from unit.montecarlo.small_run import small
from unit.report.partnered import partnered

from cartsim.errors import UsageError
from cartsim.report.figures import bridge, fan
from cartsim.report.result import RunResult, run


@pytest.fixture(scope="module")
def weekly() -> RunResult:
    return run(partnered(), 3, executor="serial")


@pytest.fixture(scope="module")
def uncertain() -> RunResult:
    return run(small(), 60, executor="serial")


def test_the_bridge_goes_from_orders_to_revenue(weekly: RunResult) -> None:
    (axes,) = bridge(weekly, "2027").axes
    labels = [label.get_text().replace("\n", " ") for label in axes.get_xticklabels()]
    assert labels == [
        "Orders at list price",
        "Not yet delivered",
        "Value-added tax",
        "Partner's share",
        "Upfront and milestones",
        "Booked revenue",
    ]
    heights = [float(bar.get_height()) for bar in axes.patches]
    # 52 and 2 orders at 1.03m, 50 doses with 0.03m of tax and 0.6m for the partner, 5m, 25m.
    assert heights == pytest.approx([53.56, -2.06, -1.5, -30, 5, 25])
    tops = [float(bar.get_y() + bar.get_height()) for bar in axes.patches]
    assert tops == pytest.approx([53.56, 51.5, 50, 20, 25, 25])
    assert axes.get_title(loc="left") == "Of 53.6m yuan ordered in 2027, 25.0m is booked"
    assert axes.get_ylabel() == "million yuan in 2027, mean"


def test_a_fan_shows_the_quantiles_of_each_quarter(uncertain: RunResult) -> None:
    figure = fan(uncertain)
    revenue, cash = figure.axes
    (median,) = [line for line in revenue.lines if line.get_label() == "median"]
    quarters = uncertain.periods("quarter")
    expected = [uncertain.statistic("revenue", q, "p50") / 1e6 for q in quarters]
    assert np.asarray(median.get_ydata()) == pytest.approx(expected)
    outer = revenue.collections[0].get_paths()[0].vertices[:, 1]  # type: ignore[index]
    assert outer.max() == pytest.approx(
        max(uncertain.statistic("revenue", q, "p95") for q in quarters) / 1e6
    )
    assert revenue.get_ylabel() == "million yuan a quarter"
    assert cash.get_ylabel() == "million yuan at the end of the quarter"
    assert cash.get_title(loc="left").startswith("Cash lasts to 2024 in the median replication")


def test_cash_that_is_gone_is_the_finding() -> None:
    loaded = partnered(**{"contracts": "!delete", "products.cel.markets.home.price.list": "0.103m"})
    _, cash = fan(run(loaded, 1, executor="serial")).axes
    assert cash.get_title(loc="left") == "Cash is gone by 2028 Q2 in the median replication"


def test_the_source_line_tells_how_to_get_the_figure_again(uncertain: RunResult) -> None:
    for figure in (fan(uncertain), bridge(uncertain, "2024")):
        text = figure.get_supxlabel().replace("\n", " ")
        assert "a small product" in text
        assert "Seed 11, 60 replications" in text
        assert f"cartsim {uncertain.version}" in text
        assert uncertain.loaded.hash[:8] in text


def test_figures_are_written_without_a_display(uncertain: RunResult, tmp_path: Path) -> None:
    for name, figure in {"fan": fan(uncertain), "bridge": bridge(uncertain, "2024")}.items():
        figure.savefig(tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_figures_leave_no_state_behind(uncertain: RunResult) -> None:
    import matplotlib.pyplot as plt

    before = dict(matplotlib.rcParams)
    fan(uncertain, ["orders"])
    assert plt.get_fignums() == []
    assert dict(matplotlib.rcParams) == before


def test_a_notebook_shows_result_and_figure(uncertain: RunResult) -> None:
    html = uncertain._repr_html_()
    assert uncertain.headline.split("\n")[0] in html
    assert html.count("<table>") == 4
    assert "Operating result" in html
    picture = uncertain.plot.fan("orders", "infusions")
    assert isinstance(picture, Figure)
    assert len(picture.axes) == 2
    assert picture._repr_png_().startswith(b"\x89PNG")
    assert len(uncertain.plot.waterfall(2024).axes) == 1


def test_what_cannot_be_drawn_is_said(uncertain: RunResult) -> None:
    with pytest.raises(UsageError, match="no measure 'revenues'"):
        uncertain.plot.fan("revenues")
    with pytest.raises(UsageError, match="has no period '2023'"):
        uncertain.plot.bridge(2023)


def test_a_page_is_safe_from_the_names_in_a_scenario() -> None:
    loaded = small(**{"company.name": "A & <b>B</b>"})
    html = run(loaded, 1, executor="serial")._repr_html_()
    assert "A &amp; &lt;b&gt;B&lt;/b&gt;" in html
    assert "<b>B</b>" not in html


def test_nothing_is_drawn_outside_a_picture(uncertain: RunResult) -> None:
    for figure in (fan(uncertain), bridge(uncertain, "2024")):
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        drawn = figure.get_tightbbox(canvas.get_renderer())  # inches
        width, height = figure.get_size_inches()
        assert drawn.x0 >= 0
        assert drawn.y0 >= 0
        assert drawn.x1 <= width
        assert drawn.y1 <= height
