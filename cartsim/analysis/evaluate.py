"""Many variations of a scenario that meet the same draws: the engine room of every analysis.

Each case is a scenario, perhaps with some of its inputs given instead of drawn. All cases have the
same seed, so that two of them differ by what was changed and not by chance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cartsim.errors import RunError, UsageError
from cartsim.measures import Column, Outcomes
from cartsim.montecarlo.block import block_size, blocks, compute_block
from cartsim.montecarlo.executors import available_workers, compute_all, usual_executor
from cartsim.montecarlo.precision import measured, position
from cartsim.montecarlo.run import options_of, pool
from cartsim.montecarlo.task import Task
from cartsim.sampling.design import design
from cartsim.sampling.given import NOTHING, Given
from cartsim.scenario.loaded import Loaded
from cartsim.units import Floats, Ints

Progress = Callable[[int, int], None]
"""Called with the replications done and those wanted, over all cases."""


@dataclass(frozen=True)
class Wanted:
    """A measure and one of its periods; if none is named the whole run, or the last period."""

    measure: str
    period: str | None = None

    @classmethod
    def parsed(cls, text: str) -> Wanted:
        """``revenue[2026]`` or ``npv``; raises ``UsageError`` for anything else."""
        name, bracket, period = text.strip().partition("[")
        if not name or (bracket and not (period.endswith("]") and len(period) > 1)):
            raise UsageError(f"{text!r} is not NAME[PERIOD], such as revenue[2026]")
        return cls(name, period.rstrip("]") or None)

    def __str__(self) -> str:
        return self.measure + (f"[{self.period}]" if self.period else "")


@dataclass(frozen=True)
class Case:
    """A scenario, the uniforms that are given in it, and the seed of what merely varies where that
    is another one."""

    loaded: Loaded
    given: Given = NOTHING
    chance: int | None = None


@dataclass(frozen=True)
class Settings:
    """How the cases of an analysis are computed; the scenario's own numbers where none is given."""

    replications: int | None = None
    seed: int | None = None
    engine: str = "fast"
    executor: str | None = None
    workers: int | None = None

    def of(self, loaded: Loaded) -> tuple[int, int]:
        """Replications and seed for a scenario."""
        run = loaded.model.run
        number = run.replications if self.replications is None else self.replications
        if number < 1:
            raise UsageError(f"at least one replication is needed; got {number}")
        if self.workers is not None and self.workers < 1:
            raise UsageError(f"at least one worker is needed; got {self.workers}")
        return number, run.seed if self.seed is None else self.seed


USUAL = Settings()
"""What a scenario says of itself, on the fast engine."""


@dataclass(frozen=True)
class Evaluated:
    """What the cases came to: ``values`` is float64[case, wanted, R]."""

    columns: tuple[Column, ...]
    values: Floats
    batches: Ints | None
    seed: int

    @property
    def replications(self) -> int:
        """How many replications each case has."""
        return int(self.values.shape[2])

    def told(self, values: Floats) -> tuple[float, float]:
        """Mean of numbers [R], one a replication, and its standard error."""
        return measured(values, self.batches)["mean"]

    def mean(self, case: int, wanted: int = 0) -> tuple[float, float]:
        """Mean of a case and its standard error."""
        return self.told(self.values[case, wanted])


def evaluate(
    cases: Sequence[Case],
    wanted: Sequence[Wanted],
    settings: Settings = USUAL,
    progress: Progress | None = None,
) -> Evaluated:
    """The measures that are wanted, of each case, in each replication.

    Raises ``UsageError`` for a measure or period that a scenario does not have, ``RunError`` where
    a replication cannot be computed.
    """
    number, seed = settings.of(cases[0].loaded)
    names = tuple(dict.fromkeys(each.measure for each in wanted))
    tasks = [_task(case, seed, settings.engine, names) for case in cases]
    columns: tuple[Column, ...] | None = None
    rows = blocks(number, block_size(cases[0].loaded.model))
    values = np.full((len(cases), len(wanted), number), np.nan)
    workers = min(settings.workers or available_workers(), len(cases) * len(rows))
    executor = settings.executor or usual_executor(settings.engine)

    def jobs() -> Iterator[tuple[Task, int, range]]:
        for case, task in enumerate(tasks):
            for block, replications in enumerate(rows):
                yield task, case * len(rows) + block, replications

    through = 0
    with pool(executor, workers, None, needed=True) as submit:
        for done in compute_all(submit, jobs(), workers):
            if done.failures:
                raise RunError(str(done.failures[0]))
            assert isinstance(done.content, Outcomes)
            if columns is None:
                columns = _columns(done.content.columns, wanted, cases[0].loaded, seed)
            place = [_place(done.content.columns, column) for column in columns]
            case, here = done.number // len(rows), done.replications
            values[case, :, here.start : here.stop] = done.content.values[:, place].T
            through += len(here)
            if progress is not None:
                progress(through, number * len(cases))
    assert columns is not None
    batches = design(cases[0].loaded.model.run.design, ()).batches(range(number))
    return Evaluated(columns, values, batches, seed)


def _task(case: Case, seed: int, engine: str, names: tuple[str, ...]) -> Task:
    return Task(
        case.loaded.model,
        seed,
        engine,
        options_of(case.loaded, seed),
        chance=case.chance,
        given=case.given,
        names=names,
    )


def _columns(
    there: Sequence[Column], wanted: Sequence[Wanted], loaded: Loaded, seed: int
) -> tuple[Column, ...]:
    """The columns that are wanted; an error has every name that a run knows."""
    known = {column.name for column in there}
    if any(each.measure not in known for each in wanted):
        known = {c.name for c in compute_block(loaded.model, seed, range(1), "fast").columns}
    return tuple(there[position(there, each.measure, each.period, known)] for each in wanted)


def _place(columns: Sequence[Column], wanted: Column) -> int:
    for place, column in enumerate(columns):
        if (column.name, column.period) == (wanted.name, wanted.period):
            return place
    raise UsageError(f"a scenario has no {wanted}, so it cannot be compared by that")
