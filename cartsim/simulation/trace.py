"""The facts of one replication as tables that people and programs can read.

One row for each patient and one for each step that a patient's lot became ready for, patients in
the order of their orders, each followed by the steps in the order of attempts. Minutes are whole
numbers since the start of the run; what never happened is empty. Nothing says which engine told it,
so the traces of two engines compare byte by byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cartsim.errors import UsageError
from cartsim.simulation import ENGINES
from cartsim.simulation.plan import (
    FAILED,
    NO_RESOURCE,
    REJECTED,
    RELEASED_UNDER_EXCEPTION,
    SUCCESS,
    Journeys,
    Plan,
)
from cartsim.simulation.timelines import DISCARDED, NOT_DONE, STATES, Timelines

if TYPE_CHECKING:
    import pandas as pd

    from cartsim.scenario.model import Scenario

RESULTS = {
    SUCCESS: "success",
    FAILED: "failed",
    RELEASED_UNDER_EXCEPTION: "released under exception",
    REJECTED: "rejected",
    DISCARDED: "discarded",
}
"""How a step's result is written; a step that was not completed has none."""

MINUTE_COLUMNS = ("order", "left", "ready", "start", "end")
COLUMNS = (
    *("record", "patient", "product", "market", "order", "state", "left"),
    *("attempt", "step", "resource", "ready", "start", "end", "result"),
)
"""Columns of the one table that :func:`write` writes."""


@dataclass(frozen=True)
class Trace:
    """The facts of one replication: one row per patient, one row per patient, attempt and step.

    ``patients``: patient (from 0), product, market, order, state, left, attempt (from 1), step (the
    last ones). ``steps``: patient, product, market, attempt, step, resource, ready, start, end,
    result. ``order``, ``left``, ``ready``, ``start`` and ``end`` are minutes since the start of the
    run (Int64, empty where it never happened).
    """

    replication: int
    seed: int
    patients: pd.DataFrame
    steps: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """Both in one, told apart by ``record``: each ``patient``, followed by each ``step``."""
        import pandas as pd

        both = [self.patients.assign(record="patient"), self.steps.assign(record="step")]
        table = pd.concat(both, ignore_index=True)
        table = table.sort_values("patient", kind="stable", ignore_index=True)
        return table[list(COLUMNS)]


def trace(scenario: Scenario, engine: str, replication: int, seed: int) -> Trace:
    """Simulate one replication of a scenario (numbered from 0) and tabulate its facts.

    Raises :class:`UsageError` for an engine that is not registered or a negative replication.
    """
    from cartsim.demand.arrivals import arrivals
    from cartsim.demand.orders import demand
    from cartsim.sampling.drawn import draw
    from cartsim.simulation.compile import compile_plan
    from cartsim.simulation.journeys import journeys

    if engine not in ENGINES:
        raise UsageError(f"there is no engine {engine!r}; allowed: {', '.join(ENGINES)}")
    if replication < 0:
        raise UsageError(f"replications are numbered from 0; got {replication}")
    plan = compile_plan(scenario)
    drawn = draw(scenario, seed, range(replication, replication + 1))
    coming = arrivals(scenario, drawn, demand(scenario, drawn))
    chance = journeys(scenario, plan, drawn, coming)
    return tabulate(plan, chance, ENGINES[engine](plan, chance), replication, seed)


def tabulate(
    plan: Plan, journeys: Journeys, timelines: Timelines, replication: int, seed: int
) -> Trace:
    """The facts of a block of one replication as tables."""
    import pandas as pd

    step_names = _names(plan, lambda step: step.name)
    resource_names = _names(
        plan, lambda step: plan.resources[step.resource] if step.resource != NO_RESOURCE else None
    )
    products = np.asarray([route.product for route in plan.routes], dtype=object)
    markets = np.asarray([name for _, name in plan.markets], dtype=object)

    def described(patient: Any) -> dict[str, Any]:
        return {
            "patient": patient,
            "product": products[journeys.product[patient]],
            "market": markets[journeys.market[patient]],
        }

    everyone = np.arange(journeys.order.size)
    patients = {
        **described(everyone),
        "order": journeys.order,
        "state": np.asarray(STATES, dtype=object)[timelines.state],
        "left": timelines.left,
        "attempt": timelines.attempt + 1,
        "step": step_names[journeys.product, timelines.step],
    }
    patient, attempt, step = np.nonzero(timelines.ready >= 0)
    results = np.asarray([RESULTS.get(code) for code in (*range(max(RESULTS) + 1), NOT_DONE)])
    steps = {
        **described(patient),
        "attempt": attempt + 1,
        "step": step_names[journeys.product[patient], step],
        "resource": resource_names[journeys.product[patient], step],
        "ready": timelines.ready[patient, attempt, step],
        "start": timelines.start[patient, attempt, step],
        "end": timelines.end[patient, attempt, step],
        "result": results[timelines.result[patient, attempt, step]],
    }
    return Trace(replication, seed, *(_frame(pd, columns) for columns in (patients, steps)))


def write(traced: Trace, path: Path) -> None:
    """Write a trace as CSV or Parquet, by the file's ending; raises :class:`UsageError` for others.

    The same facts give the same bytes. Folders that are missing are made.
    """
    if path.suffix not in (".csv", ".parquet"):
        raise UsageError(f"a trace is written as .csv or .parquet; got {path.name!r}")
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        path.write_text(csv(traced), encoding="utf-8", newline="")
    else:
        traced.table().to_parquet(path, engine="pyarrow", index=False)


def csv(traced: Trace) -> str:
    """The table of a trace as comma-separated text, lines ended by a line feed."""
    text: str = traced.table().to_csv(index=False, lineterminator="\n")
    return text


def _names(plan: Plan, name: Any) -> np.ndarray[tuple[int, int], np.dtype[np.object_]]:
    """A name for each step, object[product, step]."""
    table = np.full((len(plan.routes), plan.steps), None, dtype=object)
    for product, route in enumerate(plan.routes):
        table[product, : len(route.steps)] = [name(step) for step in route.steps]
    return table


def _frame(pd: Any, columns: dict[str, Any]) -> Any:
    frame = pd.DataFrame(columns)
    for column in MINUTE_COLUMNS:
        if column in frame:
            minute = frame[column].astype("Int64")
            frame[column] = minute.where(minute >= 0)
    return frame
