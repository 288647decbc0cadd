"""What a notebook gets from a run."""

from __future__ import annotations

import json

import numpy as np
import pytest
from unit.montecarlo.small_run import small

from cartsim.economics.lines import CASH_LINES, INCOME_LINES
from cartsim.errors import UsageError
from cartsim.montecarlo.result import Result
from cartsim.montecarlo.run import run


@pytest.fixture(scope="module")
def result() -> Result:
    return run(small("dear"), 20, executor="serial")


def test_outcomes_have_a_row_for_each_replication(result: Result) -> None:
    frame = result.outcomes()
    assert frame.shape == (20, len(result.columns))
    assert frame.index.tolist() == list(range(20))
    assert frame["orders"]["2024"].tolist() == result.values("orders", "2024").tolist()
    assert (frame["orders"]["2024H1"] + frame["orders"]["2024H2"] == frame["orders"]["2024"]).all()


def test_the_summary_is_of_the_outcomes(result: Result) -> None:
    summary, outcomes = result.summary(), result.outcomes()
    row = summary.loc[("revenue", "2024")]
    assert row["unit"] == "CNY"
    assert row["mean"] == pytest.approx(outcomes["revenue"]["2024"].mean())
    assert row["se"] == pytest.approx(outcomes["revenue"]["2024"].sem())
    assert row["p95"] == pytest.approx(outcomes["revenue"]["2024"].quantile(0.95))
    assert summary.loc[("vein_to_vein_days", "2024Q1"), "count"] < 20


def test_statements_by_period(result: Result) -> None:
    frame = result.statements("quarter")
    assert list(frame.columns) == ["2024Q1", "2024Q2", "2024Q3", "2024Q4"]
    assert list(frame.index.get_level_values("line").unique()) == [*INCOME_LINES, *CASH_LINES]
    expected = result.outcomes()["closing_cash"]["2024Q3"].quantile(0.05)
    assert frame.loc[("closing_cash", "p5"), "2024Q3"] == pytest.approx(expected)
    assert list(result.statements().columns) == ["2024"]


def test_the_document_is_the_one_that_is_printed(result: Result) -> None:
    document = json.loads(json.dumps(result.document(), allow_nan=False))
    measures = document.pop("measures")
    assert document == {
        "scenario": "small.yaml",
        "variant": "dear",
        "hash": result.loaded.hash,
        "seed": 11,
        "replications": 20,
        "engine": "fast",
        "version": result.version,
    }
    keys = ["name", "period", "unit", "mean", "se", "p5", "p25", "p50", "p75", "p95"]
    assert all(list(entry) == keys for entry in measures)
    by_name = {(entry["name"], entry["period"]): entry for entry in measures}
    assert len(by_name) == len(measures)
    assert by_name["orders", "2024"]["mean"] == np.mean(result.values("orders", "2024"))


def test_an_unknown_name_is_told_with_the_nearest(result: Result) -> None:
    with pytest.raises(UsageError, match="did you mean 'revenue'"):
        result.values("revenu", "2024")
    with pytest.raises(UsageError, match="'npv' has no period '2024'"):
        result.statistic("npv", "2024")
    with pytest.raises(UsageError, match="no statistic 'p51'"):
        result.statistic("npv", "all", "p51")
    with pytest.raises(UsageError, match="no period 'years'"):
        result.statements("years")
