"""CARsgen's first commercial year, predicted from what could be known before it.

The scenario holds priors of the end of 2023; what the company published for 2024 stands under
``observed`` and is compared here, never fed back.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import cartsim
from cartsim.report.assumptions import inputs

SCENARIO = Path(__file__).parents[2] / "scenarios" / "carsgen_zevor_cel.yaml"
PUBLISHED_2024 = {
    "orders": 154,
    "revenue": 39.43e6,
    "operating_result": -562e6,
    "closing_cash": 1_480e6,
}
"""CARsgen's results for 2024; the impairment of 189.1m is apart."""


@pytest.fixture(scope="module")
def result() -> cartsim.Result:
    return cartsim.run(cartsim.load(SCENARIO), 256)


def _row(result: cartsim.Result, name: str, period: str) -> dict[str, float]:
    (row,) = [
        m for m in result.document()["measures"] if m["name"] == name and m["period"] == period
    ]
    return row


@pytest.mark.parametrize("name", PUBLISHED_2024)
def test_published_results_of_2024_fall_inside_the_band(result: cartsim.Result, name: str) -> None:
    row = _row(result, name, "2024")
    assert row["p5"] <= PUBLISHED_2024[name] <= row["p95"]


def test_the_band_of_orders_is_of_use(result: cartsim.Result) -> None:
    row = _row(result, "orders", "2024")
    assert row["p95"] / row["p5"] < 4


def test_the_launch_levels_off_where_the_class_had(result: cartsim.Result) -> None:
    for year in ("2025", "2026"):
        row = _row(result, "orders", year)
        assert 12 * 12 <= row["p50"] <= 20 * 12
    # and it stays there: no curve that climbs towards the eligible pool
    assert _row(result, "orders", "2030")["p50"] <= 1.1 * _row(result, "orders", "2025")["p50"]


def test_the_headline_says_why_revenue_is_not_orders_times_list_price(
    result: cartsim.Result,
) -> None:
    for words in ("Huadong Medicine pays", "of the list price", "not delivered", "is booked"):
        assert words in result.headline
    orders, revenue = _row(result, "orders", "2024"), _row(result, "revenue", "2024")
    assert orders["mean"] * 1.15e6 > 2.5 * revenue["mean"]


def test_no_published_outcome_is_an_input() -> None:
    """Observed values change nothing: the run is the same without them."""
    loaded = cartsim.load(SCENARIO)
    blind = loaded.with_overrides({"observed": []})
    with_them = cartsim.run(loaded, 4, executor="serial").outcomes()
    without = cartsim.run(blind, 4, executor="serial").outcomes()
    assert with_them.equals(without)
    written = SCENARIO.read_text(encoding="utf-8").split("observed:")[0]
    for value in ("154", "39.43", "562m", "1_480m", "24.68", "162.8", "464m", "477m"):
        assert value not in written


def test_every_input_has_a_source_or_says_that_it_is_an_assumption() -> None:
    table = inputs(cartsim.load(SCENARIO).model)
    assert len(table) > 60
    assert [
        entry.path for entry in table if entry.is_assumption and "assum" not in entry.note
    ] == []
