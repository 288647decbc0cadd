"""The facts of one replication as tables, and as files that compare byte by byte."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from simulated import failing, journeys_by_hand, patients_route, places, plan_of, step

from cartsim.errors import UsageError
from cartsim.scenario.load import load_text
from cartsim.simulation import ENGINES
from cartsim.simulation.plan import FAILED, SUCCESS
from cartsim.simulation.trace import COLUMNS, Trace, tabulate, trace, write

SCENARIO = """
cartsim: 1
title: one product
run: {start: 2024-01-01, years: 1, replications: 4, seed: 5}
currency: CNY
company: {opening_cash: 1bn, tax: {rate: 25%}, discount_rate: 10%}
products:
  some_cel:
    workflow: autologous
    launch: 2024-01-01
    plant: works
    route:
      order: [apheresis, production, transport, infusion]
      steps:
        apheresis: {role: collection, duration: 1}
        production:
          role: production
          duration: {gamma: {mean: 9, sd: 2}}
          resource: line
          success: 80%
          on_failure: {retry_from: apheresis, attempts: 2}
        transport: {role: delivery, duration: 1}
        infusion: {role: infusion, duration: 14}
    attrition: {before_collection: 5%, after_collection: 5%}
    markets: {mainland: {orders: {per_month: 5, arrivals: poisson}, price: {list: 1m}}}
plants: {works: {resources: {line: {capacity: 2}}}}
"""


def two_patients() -> Trace:
    """The first fails once and is then lost; the second waits for the line and leaves."""
    plan = plan_of(
        patients_route(
            step(0, name="production", role="production", failures=failing(0, 2)),
            step(name="infusion", role="infusion"),
        ),
        horizon=100,
    )
    journeys = journeys_by_hand(
        plan,
        [
            {"order": 3, "outcome": [[FAILED, SUCCESS]] * 2},
            {"order": 4, "patience": 5},
        ],
        **places({0: 1}),
    )
    return tabulate(plan, journeys, ENGINES["reference"](plan, journeys), replication=7, seed=1)


def test_one_table_tells_each_patient_and_then_the_steps(tmp_path: Path) -> None:
    write(two_patients(), tmp_path / "trace.csv")
    columns = ",".join(COLUMNS)
    assert (tmp_path / "trace.csv").read_text() == (
        f"{columns}\n"
        "patient,0,,product,market_0,3,manufacturing failure,23,2,production" + 16 * "," + "\n"
        "step,0,,product,market_0,,,,1,production,,plant.resource_0,3,3,13,failed" + 10 * "," + "\n"
        "step,0,,product,market_0,,,,2,production,,plant.resource_0,13,13,23,failed"
        + 10
        * ","
        + "\n"
        "patient,1,,product,market_0,4,died or withdrew waiting,9,1,production" + 16 * "," + "\n"
        "step,1,,product,market_0,,,,1,production,,plant.resource_0,4,,," + 10 * "," + "\n"
    )


def test_minutes_are_whole_and_what_never_happened_is_empty() -> None:
    traced = two_patients()
    assert traced.steps["start"].dtype == "Int64"
    assert traced.steps["start"].isna().tolist() == [False, False, True]
    assert traced.patients["left"].tolist() == [23, 9]
    assert (traced.replication, traced.seed) == (7, 1)


def test_parquet_holds_the_same_table(tmp_path: Path) -> None:
    traced = two_patients()
    write(traced, tmp_path / "trace.parquet")
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "trace.parquet").convert_dtypes(),
        traced.table().convert_dtypes(),
        check_dtype=False,
    )


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"written as \.csv or \.parquet; got 'trace\.xls'"):
        write(two_patients(), tmp_path / "trace.xls")


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_replication_has_the_same_bytes_each_time(tmp_path: Path, ending: str) -> None:
    model = load_text(SCENARIO).model
    for name in ("one", "two"):
        write(trace(model, "reference", 2, 5), tmp_path / f"{name}.{ending}")
    one, two = ((tmp_path / f"{name}.{ending}").read_bytes() for name in ("one", "two"))
    assert one == two
    write(trace(model, "reference", 3, 5), tmp_path / f"other.{ending}")
    assert one != (tmp_path / f"other.{ending}").read_bytes()
    assert b"reference" not in one


def test_the_tables_agree_with_each_other() -> None:
    traced = trace(load_text(SCENARIO).model, "reference", 0, 5)
    assert len(traced.patients) > 30
    assert traced.patients["order"].is_monotonic_increasing
    first = traced.steps.groupby("patient")["ready"].min()
    assert first.to_dict() == traced.patients.set_index("patient")["order"].to_dict()
    last = traced.steps.groupby("patient").last()[["attempt", "step"]]
    told = traced.patients.set_index("patient")[["attempt", "step"]]
    assert last.to_dict("index") == told.to_dict("index")
    infused = traced.patients[traced.patients["state"] == "infused"]
    starts = traced.steps[traced.steps["step"] == "infusion"].dropna(subset=["start"])
    assert infused["left"].tolist() == starts["start"].tolist()


@pytest.mark.parametrize(
    ("engine", "replication", "message"),
    [("other", 0, r"there is no engine 'other' \(allowed: "), ("reference", -1, "from 0; got -1")],
)
def test_what_cannot_be_traced_is_said(engine: str, replication: int, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        trace(load_text(SCENARIO).model, engine, replication, 5)


def test_a_replication_without_patients_has_empty_tables(tmp_path: Path) -> None:
    path = "products.some_cel.markets.mainland.orders.per_month"
    model = load_text(SCENARIO, overrides={path: 0}).model
    write(trace(model, "reference", 0, 5), tmp_path / "trace.csv")
    assert (tmp_path / "trace.csv").read_text() == ",".join(COLUMNS) + "\n"
