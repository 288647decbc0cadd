"""The event loop in plain C, compiled where there is a compiler, with the facts that it tells."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np

from cartsim.simulation.journeys import Journeys
from cartsim.simulation.plan import Plan
from cartsim.simulation.timelines import (
    DISCARDED,
    IN_PROCESS,
    INFUSED,
    LOST_MANUFACTURING,
    LOST_WAITING,
    NOT_DONE,
)

SOURCE = Path(__file__).with_name("kernel.c")
FACTS = ("ready", "start", "end", "result", "state", "left", "step", "attempt")


def compiled(folder: Path) -> Callable[[Plan, Journeys], dict[str, np.ndarray]] | None:
    """The C loop as a function of a plan (of the kind that is timed) and its journeys; None where
    there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    library = folder / "kernel.so"
    command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(SOURCE)]
    subprocess.run(command, check=True)
    run = ctypes.CDLL(str(library)).run

    def kernel(plan: Plan, journeys: Journeys) -> dict[str, np.ndarray]:
        (route,) = plan.routes
        codes = [IN_PROCESS, INFUSED, LOST_WAITING, LOST_MANUFACTURING, NOT_DONE, DISCARDED]
        shape, rows = journeys.duration.shape, journeys.order.size
        facts = {name: np.empty(shape, dtype=np.int64) for name in FACTS[:3]}
        facts["result"] = np.empty(shape, dtype=np.int8)
        facts["state"] = np.empty(rows, dtype=np.int8)
        facts |= {name: np.empty(rows, dtype=np.int64) for name in FACTS[5:]}
        resource = [step.resource[0] if step.resource else -1 for step in route.steps]
        retry = [step.failures[0].retry_from if step.failures else -1 for step in route.steps]
        attempts = [step.failures[0].attempts if step.failures else 1 for step in route.steps]
        given = [
            *(journeys.first, journeys.order, journeys.patience, journeys.clock),
            *(journeys.attempt_first, journeys.duration, journeys.outcome),
        ]
        of_plan = [np.asarray(x, dtype=np.int64) for x in (resource, retry, attempts)]
        capacity = np.ascontiguousarray(journeys.capacity[0, 0])
        status = run(
            *map(ctypes.c_int64, (journeys.replications, plan.steps, capacity.size, plan.horizon)),
            *(x.ctypes.data_as(ctypes.c_void_p) for x in given),
            ctypes.c_double(journeys.hazard_before[0, 0]),
            ctypes.c_double(journeys.hazard_after[0, 0]),
            *(x.ctypes.data_as(ctypes.c_void_p) for x in (*of_plan, capacity)),
            ctypes.c_int64(route.collection),
            np.asarray(codes, dtype=np.int8).ctypes.data_as(ctypes.c_void_p),
            *(facts[name].ctypes.data_as(ctypes.c_void_p) for name in FACTS),
        )
        assert status == 0
        return facts

    return kernel
