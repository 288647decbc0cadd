"""The facts of one replication as tables that people and programs can read.

One row for each patient, each stock lot, each step that a patient or lot became ready for, each
dose made and each order of a supply. Minutes are whole numbers since the start of the run; what
never happened is empty. Nothing says which engine told it, nor for how many lots chance was drawn,
so the traces of two engines compare byte by byte."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cartsim.errors import UsageError
from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import (
    FAILED,
    REJECTED,
    RELEASED_UNDER_EXCEPTION,
    SUCCESS,
    Plan,
)
from cartsim.simulation.timelines import (
    DISCARDED,
    DISRUPTED,
    INFUSED,
    INFUSED_OUT_OF_SPECIFICATION,
    LOST_MANUFACTURING,
    LOST_WAITING,
    NOT_DONE,
    NOT_NEEDED,
    STATES,
    Timelines,
)
from cartsim.units import Ints

if TYPE_CHECKING:
    import pandas as pd

    from cartsim.scenario.model import Scenario

RESULTS = {
    SUCCESS: "success",
    FAILED: "failed",
    RELEASED_UNDER_EXCEPTION: "released under exception",
    REJECTED: "rejected",
}
"""How the kinds of a drawn outcome are written; a step that was not completed has none."""
OTHER_RESULTS = {DISCARDED: "discarded", DISRUPTED: "disrupted", NOT_DONE: None}

MINUTE_COLUMNS = ("order", "left", "ready", "start", "end", "made", "expiry", "gone", "arrived")
COLUMNS = (
    *("record", "patient", "lot", "product", "market", "order", "state", "left"),
    *("attempt", "step", "plant", "resource", "ready", "start", "end", "result", "cause"),
    *("doses", "expired", "dose", "made", "expiry", "fate", "gone", "supply", "arrived"),
)
"""Columns of the one table that :func:`write` writes."""


@dataclass(frozen=True)
class Trace:
    """The facts of one replication; minutes are Int64, empty where it never happened.

    ``patients``: patient (from 0), product, market, order, state, left, attempt (from 1), step (the
    last ones). ``lots``: lot (of its product, from 1; 0 is the initial stock), product, order (when
    it was begun), state, left, doses, expired. ``steps``: of patients and lots, with plant,
    resource, ready, start, end, result and cause. ``doses``: dose (of its lot, from 1), made,
    expiry, fate, patient and gone. ``supplies``: each order of a supply, with its arrival."""

    replication: int
    seed: int
    patients: pd.DataFrame
    steps: pd.DataFrame
    lots: pd.DataFrame
    doses: pd.DataFrame
    supplies: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """All in one, told apart by ``record``: patients and lots each followed by their steps,
        then doses and supplies."""
        import pandas as pd

        def marked(frame: pd.DataFrame, record: str, place: int) -> pd.DataFrame:
            return frame.assign(record=record, place=place)

        told = [
            marked(self.patients, "patient", 0),
            marked(self.steps[self.steps["patient"].notna()], "step", 0),
            marked(self.lots, "lot", 1),
            marked(self.steps[self.steps["patient"].isna()], "step", 1),
            marked(self.doses, "dose", 2),
            marked(self.supplies, "supply", 3),
        ]
        told = [frame for frame in told if len(frame)]
        if not told:
            return pd.DataFrame({column: [] for column in COLUMNS})
        table = pd.concat(told, ignore_index=True)
        for column in COLUMNS:
            if column not in table:
                table[column] = None
        first = table["place"] == 0
        keys = pd.DataFrame(
            {
                "place": table["place"],
                "product": table["product"].where(~first, "").fillna(""),
                "number": table["patient"].where(first, table["lot"]).fillna(-1),
            }
        )
        order = keys.sort_values(["place", "product", "number"], kind="stable").index
        return table.loc[order, list(COLUMNS)].reset_index(drop=True)


def trace(scenario: Scenario, engine: str, replication: int, seed: int) -> Trace:
    """Simulate one replication of a scenario (numbered from 0) and tabulate its facts.

    Raises :class:`UsageError` for an engine that is not registered or a negative replication.
    """
    from cartsim.demand.arrivals import arrivals
    from cartsim.demand.orders import demand
    from cartsim.sampling.drawn import draw
    from cartsim.simulation.compile import compile_plan
    from cartsim.simulation.simulate import simulate

    if replication < 0:
        raise UsageError(f"replications are numbered from 0; got {replication}")
    plan = compile_plan(scenario)
    drawn = draw(scenario, seed, range(replication, replication + 1))
    coming = arrivals(scenario, drawn, demand(scenario, drawn))
    return tabulate(plan, *simulate(scenario, plan, drawn, coming, engine), replication, seed)


def tabulate(
    plan: Plan, journeys: Journeys, timelines: Timelines, replication: int, seed: int
) -> Trace:
    """The facts of a block of one replication as tables."""
    told = _Telling(plan, journeys, timelines)
    return Trace(
        replication,
        seed,
        patients=_frame(told.patients()),
        steps=_frame(told.steps()),
        lots=_frame(told.lots()),
        doses=_frame(told.doses()),
        supplies=_frame(told.supplies()),
    )


@dataclass(frozen=True)
class _Telling:
    """Facts of one replication, row numbers being those of its journeys."""

    plan: Plan
    journeys: Journeys
    timelines: Timelines

    @property
    def products(self) -> Any:
        return np.asarray([route.product for route in self.plan.routes], dtype=object)

    def patients(self) -> dict[str, Any]:
        row = np.flatnonzero(self.journeys.order >= 0)
        names = _names(self.plan)
        route = self.journeys.route[row]
        return {
            "patient": row,
            "product": self.products[route],
            "market": _market_names(self.plan)[self.journeys.market[row]],
            "order": self.journeys.order[row],
            "state": np.asarray(STATES, dtype=object)[self.timelines.state[row]],
            "left": self.timelines.left[row],
            "attempt": self.timelines.attempt[row] + 1,
            "step": names[route, self.timelines.step[row]],
        }

    def lots(self) -> dict[str, Any]:
        row, number = self._lots()
        attempt = np.minimum(
            self.journeys.attempt_first[row], max(len(self.timelines.ready) - 1, 0)
        )
        begun = self.timelines.ready[attempt, 0] if len(self.timelines.ready) else attempt
        return {
            "lot": number,
            "product": self.products[self.journeys.route[row]],
            "order": np.where(number > 0, begun, -1),
            "state": np.asarray(STATES, dtype=object)[self.timelines.state[row]],
            "left": self.timelines.left[row],
            "doses": self.timelines.made[row],
            "expired": self.timelines.expired[row],
        }

    def _lots(self) -> tuple[Ints, Ints]:
        """Rows of the stock lots that were begun, and of initial stocks with doses."""
        row = np.flatnonzero(self.journeys.order < 0)
        first = self.journeys.lots_first[0]
        number = row - first[np.searchsorted(first, row, side="right") - 1]
        used = (self.timelines.state[row] != NOT_NEEDED) & (
            (number > 0) | (self.journeys.doses[row] > 0)
        )
        return row[used], number[used]

    def steps(self) -> dict[str, Any]:
        attempts, step = np.nonzero(self.timelines.ready >= 0)
        count = np.diff(self.journeys.attempt_first)
        row = np.repeat(np.arange(count.size), count)[attempts]
        route = self.journeys.route[row]
        number = np.full(self.journeys.route.size, -1, dtype=np.int64)
        of_lots, numbers = self._lots()
        number[of_lots] = numbers
        is_patient = self.journeys.order[row] >= 0
        outcome = self.timelines.result[attempts, step]
        plant, resource = self._places(route, step, self.timelines.chosen[attempts])
        market = np.where(
            is_patient, _market_names(self.plan)[np.maximum(self.journeys.market[row], 0)], None
        )
        return {
            "patient": _known(row, is_patient),
            "lot": _known(number[row], ~is_patient),
            "product": self.products[route],
            "market": market,
            "attempt": attempts - self.journeys.attempt_first[row] + 1,
            "step": _names(self.plan)[route, step],
            "plant": plant,
            "resource": resource,
            "ready": self.timelines.ready[attempts, step],
            "start": self.timelines.start[attempts, step],
            "end": self.timelines.end[attempts, step],
            "result": np.asarray([_result(code) for code in outcome.tolist()], dtype=object),
            "cause": np.asarray(
                [
                    _cause(self.plan, r, s, code)
                    for r, s, code in zip(
                        route.tolist(), step.tolist(), outcome.tolist(), strict=True
                    )
                ],
                dtype=object,
            ),
        }

    def _places(self, route: Ints, step: Ints, chosen: Any) -> tuple[Any, Any]:
        plants: list[str | None] = []
        resources: list[str | None] = []
        for r, s, c in zip(route.tolist(), step.tolist(), chosen.tolist(), strict=True):
            planned = self.plan.routes[r]
            resource = planned.steps[s].resource
            several = len(planned.plants) > 1
            plants.append(None if several and c < 0 else planned.plants[max(c, 0)])
            undecided = several and c < 0 and len(set(resource)) > 1
            known = resource and not undecided
            resources.append(self.plan.resources[resource[max(c, 0)]] if known else None)
        return np.asarray(plants, dtype=object), np.asarray(resources, dtype=object)

    def doses(self) -> dict[str, Any]:
        row, number = self._lots()
        made = self.timelines.made[row]
        lot = np.repeat(np.arange(row.size), made)
        dose = np.arange(int(made.sum())) - np.repeat(np.cumsum(made) - made, made)
        release = self.timelines.left[row][lot]
        expiry = release + self.journeys.shelf_life[row][lot]
        fate = np.full(lot.size, "in stock", dtype=object)
        patient = np.full(lot.size, -1, dtype=np.int64)
        gone = np.full(lot.size, -1, dtype=np.int64)
        count = np.diff(self.journeys.attempt_first)
        of_attempt = np.repeat(np.arange(count.size), count)
        begins = np.concatenate([[0], np.cumsum(made)])
        for index, source in enumerate(row.tolist()):
            # doses of a lot are alike: they are numbered in the order in which they were taken
            taken = np.flatnonzero(self.timelines.source == source)
            at = self._dose_start(taken)
            taken = taken[np.lexsort((taken, at))]
            for place, attempt in enumerate(taken.tolist(), start=int(begins[index])):
                patient[place] = of_attempt[attempt]
                fate[place], gone[place] = self._fate(attempt, int(of_attempt[attempt]))
            last = int(begins[index + 1])
            written_off = int(self.timelines.expired[source])
            fate[last - written_off : last] = "expired"
            gone[last - written_off : last] = expiry[last - written_off : last]
        return {
            "lot": number[lot],
            "product": self.products[self.journeys.route[row]][lot],
            "dose": dose + 1,
            "made": release,
            "expiry": expiry,
            "fate": fate,
            "patient": _known(patient, patient >= 0),
            "gone": gone,
        }

    def _dose_start(self, attempt: Ints) -> Ints:
        count = np.diff(self.journeys.attempt_first)
        route = self.journeys.route[np.repeat(np.arange(count.size), count)[attempt]]
        step = np.asarray(
            [next((i for i, s in enumerate(r.steps) if s.dose), 0) for r in self.plan.routes],
            dtype=np.int64,
        )
        start: Ints = self.timelines.start[attempt, step[route]]
        return start

    def _fate(self, attempt: int, row: int) -> tuple[str, int]:
        infusion = self.plan.routes[self.journeys.route[row]].infusion
        start = int(self.timelines.start[attempt, infusion]) if infusion >= 0 else -1
        if start >= 0:
            return "infused", start
        result = self.timelines.result[attempt]
        bad = bool((((result & 1) == 1) & (result > 0)).any() or (result <= DISCARDED).any())
        last = attempt == self.journeys.attempt_first[row] + self.timelines.attempt[row]
        state = int(self.timelines.state[row])
        lost = last and state in (LOST_WAITING, LOST_MANUFACTURING)
        if bad or lost or not (last or state in (INFUSED, INFUSED_OUT_OF_SPECIFICATION)):
            end = int(self.timelines.end[attempt].max())
            return "lost", max(end, int(self.timelines.left[row]) if lost else end)
        return "in transit", -1

    def supplies(self) -> dict[str, Any]:
        which, order = np.nonzero(self.timelines.ordered[0] >= 0)
        names = np.asarray([c.name for c in self.plan.consumables], dtype=object)
        return {
            "supply": names[which],
            "order": self.timelines.ordered[0, which, order],
            "arrived": self.timelines.arrived[0, which, order],
        }


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


def _names(plan: Plan) -> Any:
    """The name of each step, object[route, step]."""
    table = np.full((len(plan.routes), max(plan.steps, 1)), None, dtype=object)
    for index, route in enumerate(plan.routes):
        table[index, : len(route.steps)] = [step.name for step in route.steps]
    return table


def _market_names(plan: Plan) -> Any:
    return np.asarray([market.name for market in plan.markets], dtype=object)


def _known(numbers: Ints, where: Any) -> Any:
    """Whole numbers that are empty elsewhere."""
    import pandas as pd

    return pd.array(numbers, dtype="Int64").copy() if where.all() else _masked(numbers, where)


def _masked(numbers: Ints, where: Any) -> Any:
    import pandas as pd

    return pd.arrays.IntegerArray(np.asarray(numbers, dtype=np.int64), ~np.asarray(where))


def _result(code: int) -> str | None:
    return OTHER_RESULTS[code] if code < 0 else RESULTS[code & 3]


def _cause(plan: Plan, route: int, step: int, code: int) -> str | None:
    failures = plan.routes[route].steps[step].failures
    if code <= 0 or code & 1 == 0 or len(failures) < 2:
        return None
    return failures[code >> 2].name


def _frame(columns: dict[str, Any]) -> Any:
    import pandas as pd

    frame = pd.DataFrame(columns)
    for column in MINUTE_COLUMNS:
        if column in frame:
            minute = frame[column].astype("Int64")
            frame[column] = minute.where(minute >= 0)
    return frame
