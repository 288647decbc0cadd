"""Observed values beside predicted ones: where each falls, and what cannot be compared."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cartsim.montecarlo.run import run
from cartsim.report.figures import COSTS, result_steps
from cartsim.report.observed import observed, seen
from cartsim.scenario.load import load

SCENARIOS = Path(__file__).parents[3] / "scenarios"


def test_ranks_and_quantiles_are_those_of_the_replications() -> None:
    result = run(load(SCENARIOS / "carsgen_zevor_cel.yaml"), replications=40)
    found, missing = seen(result)
    assert missing == []
    orders = found[0]
    values = result.values("orders", "2024")
    below = (values < 154).mean() + (values == 154).mean() / 2
    assert (orders.measure, orders.period, orders.value) == ("orders", "2024", 154)
    assert orders.rank == below
    assert orders.p50 == np.quantile(values, 0.5)
    assert not orders.fit
    titles = [axes.get_title(loc="left") for axes in observed(result).axes]
    inside = sum(0.05 <= each.rank <= 0.95 for each in found)
    assert titles == [f"{inside} of 9 observed values lie between P5 and P95"]


def test_what_the_run_does_not_have_is_told() -> None:
    path = SCENARIOS / "carvykti_global.yaml"
    result = run(load(path, overrides={"run.years": "2"}), replications=4)
    found, missing = seen(result)
    assert [each.period for each in found] == ["2022", "2023Q1", "2023Q2", "2023Q3", "2023Q4"]
    assert all(each.fit for each in found)
    assert missing[0] == (
        "observed revenue of 2024Q1: this run has no such period, so it is not compared"
    )
    course, single = observed(result).axes
    assert course.get_title(loc="left").startswith("Revenue: ")
    assert single.get_title(loc="left").endswith("of 1 observed values lie between P5 and P95")


def test_the_steps_from_revenue_to_result_add_up() -> None:
    result = run(load(SCENARIOS / "carsgen_company.yaml"), replications=8)
    total = result.statistic("revenue", "2024")
    for name, _ in COSTS:
        sign = 1 if name == "other_income" else -1
        total += sign * result.statistic(name, "2024")
    np.testing.assert_allclose(total, result.statistic("operating_result", "2024"), rtol=1e-9)
    picture = result_steps(result, "2024")
    assert "and a loss of" in picture.axes[0].get_title(loc="left")
    labels = [text.get_text() for text in picture.axes[0].get_xticklabels()]
    assert labels[0] == "Revenue"
    assert labels[-1] == "Operating\nresult"
