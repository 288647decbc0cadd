"""A stored run, computed again and compared bit by bit."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cartsim.errors import ScenarioError, UsageError
from cartsim.measures import Outcomes
from cartsim.montecarlo.block import block_size, blocks
from cartsim.montecarlo.executors import available_workers, compute, usual_executor
from cartsim.montecarlo.identity import program, run_key, versions
from cartsim.montecarlo.result import Result
from cartsim.montecarlo.run import pool
from cartsim.montecarlo.saved import block_of, manifest_of
from cartsim.montecarlo.storage import MANIFEST, SCENARIO, SUMMARY
from cartsim.montecarlo.stored import StoredBlock
from cartsim.montecarlo.table import Filed
from cartsim.montecarlo.task import Task
from cartsim.scenario.load import load


@dataclass(frozen=True, order=True)
class Difference:
    """A number that is not what was stored."""

    replication: int
    position: int
    measure: str
    period: str
    stored: float
    found: float

    def __str__(self) -> str:
        return (
            f"replication {self.replication}, {self.measure}[{self.period}]: stored "
            f"{self.stored!r}, computed {self.found!r}"
        )


@dataclass(frozen=True)
class Replayed:
    """What became of a stored run: how much was compared, and everything that was not as stored.

    ``first`` is the first number that differs, by replication and then by the order of measures;
    ``differing`` is how many blocks hold one; ``problems`` are files that are missing, damaged or
    say something else than the blocks do; ``notices`` may explain a difference.
    """

    folder: Path
    replications: int
    blocks: int
    compared: int
    first: Difference | None
    differing: int
    problems: tuple[str, ...]
    notices: tuple[str, ...] = field(default=())

    def document(self) -> dict[str, Any]:
        """The comparison as one JSON document."""
        first = None
        if self.first is not None:
            first = {
                "replication": self.first.replication,
                "name": self.first.measure,
                "period": self.first.period,
                "stored": _or_none(self.first.stored),
                "computed": _or_none(self.first.found),
            }
        return {
            "folder": str(self.folder),
            "verified": self.verified,
            "replications": self.replications,
            "blocks": self.blocks,
            "compared": self.compared,
            "blocks_that_differ": self.differing,
            "first_difference": first,
            "problems": list(self.problems),
            "notices": list(self.notices),
        }

    @property
    def verified(self) -> bool:
        """Whether everything is as it was stored."""
        return self.first is None and not self.problems


def replay(
    folder: Path,
    engine: str | None = None,
    executor: str | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Replayed:
    """Compute a stored run again and compare every number with what was stored.

    ``engine`` may be another one than the run's: engines tell the same. Raises ``UsageError`` for
    a folder that holds no run.
    """
    manifest = manifest_of(folder)
    try:
        loaded = load(str(folder / SCENARIO))
        key, replications = run_key(manifest), int(manifest["replications"])
        task = Task(
            loaded.model,
            int(manifest["seed"]),
            engine or str(manifest["engine"]),
            (str(folder / SCENARIO), "--seed", str(manifest["seed"])),
            tuple(manifest["periods"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{folder / MANIFEST} lacks what a replay needs: {error}") from None
    except ScenarioError as error:
        raise UsageError(f"{folder / SCENARIO} cannot be used:\n{error}") from None
    problems, notices = [], _notices(manifest)
    if loaded.hash != manifest["hash"]:
        was = str(manifest["hash"])[:8]
        problems.append(
            f"{SCENARIO} is not the scenario that was run ({loaded.hash[:8]}, not {was})"
        )
    there: dict[int, StoredBlock] = {}
    todo: dict[int, range] = {}
    cut = blocks(replications, block_size(loaded.model))
    for number, rows in enumerate(cut):
        found, is_file = block_of(folder, number, rows, key)
        if found is None:
            problems.append(
                f"block {number}: {'damaged, or of another run' if is_file else 'missing'}"
            )
        else:
            there[number], todo[number] = found, rows
    first, differing, compared = None, 0, 0
    count = min(workers or available_workers(), max(len(todo), 1))
    executor = executor or usual_executor(task.engine)
    with pool(executor, count, None, bool(todo)) as submit:
        for done in compute(submit, task, todo, count):
            computed = done.content if isinstance(done.content, Outcomes) else None
            one = _difference(there[done.number].read(), computed, done.replications)
            differing += one is not None
            first = min((each for each in (first, one) if each is not None), default=None)
            compared += len(done.replications)
            if progress is not None:
                progress(compared, replications)
    if len(there) == len(cut):
        table = Filed.of([there[n] for n in sorted(there)], range(replications))
        result = Result(loaded, task.seed, str(manifest["engine"]), "", table)
        problems += _summary_problems(folder, result)
    return Replayed(
        folder,
        replications,
        len(cut),
        compared,
        first,
        differing,
        tuple(problems),
        tuple(notices),
    )


def _difference(stored: Outcomes, computed: Outcomes | None, rows: range) -> Difference | None:
    """The first number of a block that differs in a bit; what is undefined may be so anyhow."""
    if computed is None or stored.columns != computed.columns:
        column = stored.columns[0]
        nan = float("nan")
        return Difference(rows.start, -1, column.name, column.period, nan, nan)
    before = stored.values[: len(rows)]
    same = (before.view(np.int64) == computed.values.view(np.int64)) | (
        np.isnan(before) & np.isnan(computed.values)
    )
    if same.all():
        return None
    row, position = (int(i) for i in np.argwhere(~same)[0])
    column = stored.columns[position]
    return Difference(
        rows[row],
        position,
        column.name,
        column.period,
        float(before[row, position]),
        float(computed.values[row, position]),
    )


def _summary_problems(folder: Path, result: Result) -> list[str]:
    """Whether the summary says what the blocks amount to."""
    try:
        stored = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))["measures"]
    except (OSError, ValueError, KeyError):
        return [f"{SUMMARY}: missing or damaged; run the scenario again to have it written"]
    if stored == result.document()["measures"]:
        return []
    return [f"{SUMMARY}: not what the stored blocks amount to"]


def _or_none(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _notices(manifest: dict[str, Any]) -> list[str]:
    now = versions()
    old = manifest.get("versions", {})
    changed = [f"{n} {old.get(n, '?')} then, {v} now" for n, v in now.items() if old.get(n) != v]
    if manifest.get("program") != program():
        changed.append("the sources of cartsim have changed")
    return [f"another program made the run: {'; '.join(changed)}"] if changed else []
