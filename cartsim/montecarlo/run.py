"""The run: blocks computed anywhere, kept and put together in their order. The only loop over
blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import cartsim
from cartsim.errors import UsageError
from cartsim.measures import PERIOD_KINDS
from cartsim.montecarlo.block import block_size, blocks
from cartsim.montecarlo.executors import (
    EXECUTORS,
    Submit,
    available_workers,
    compute,
    usual_executor,
)
from cartsim.montecarlo.memory import give_back
from cartsim.montecarlo.precision import ROUND, Goal, next_number, standing
from cartsim.montecarlo.result import Result
from cartsim.montecarlo.store import Memory, Saved, opened
from cartsim.montecarlo.task import Task
from cartsim.sampling.design import design
from cartsim.sampling.drawn import draw
from cartsim.scenario.loaded import Loaded
from cartsim.scenario.part import nearest
from cartsim.simulation import ENGINES

Progress = Callable[[int, int], None]
"""Called after each block with the replications done and those wanted."""
MOST = 1_000_000
"""Replications at which a run that is to become precise gives up."""


def run(
    loaded: Loaded,
    replications: int | None = None,
    seed: int | None = None,
    engine: str = "fast",
    executor: str | None = None,
    workers: int | None = None,
    out: Path | None = None,
    progress: Progress | None = None,
    *,
    scheduler: str | None = None,
    until: Sequence[Goal] = (),
    periods: Sequence[str] = PERIOD_KINDS,
    fresh: bool = False,
    chance: int | None = None,
) -> Result:
    """Run a scenario many times; numbers of replications and seed are the scenario's if not given.

    The outcomes are bit-identical for any executor and number of workers; without an ``executor``
    it is threads, or processes for the reference engine, which is all Python. With ``out`` the
    run is saved into that folder, block by block, and what the folder holds of it already is not
    computed again (unless ``fresh``). ``until`` makes the run go on until all goals are reached,
    up to ``replications`` or a million. ``periods`` are the kinds of periods that are kept; years
    and the whole run always are. ``chance`` is the seed of what merely varies, where it is to
    differ from ``seed``, which is then that of what is not known alone.

    Raises ``UsageError`` for options that cannot be carried out, ``RunError`` for a run of which
    nothing could be computed.
    """
    settings = loaded.model.run
    most = MOST if until else settings.replications
    wanted = most if replications is None else replications
    chosen_seed = settings.seed if seed is None else seed
    _check(wanted, chosen_seed, engine, workers, periods)
    kinds = kept(periods)
    options = options_of(loaded, chosen_seed)
    task = Task(loaded.model, chosen_seed, engine, options, kinds, None, chance)
    count = min(workers or available_workers(), len(blocks(wanted, block_size(loaded.model))))
    executor = executor or usual_executor(engine)
    batches = design(settings.design, ()).batches(range(wanted))
    with opened(loaded, task, wanted, out, fresh) as store:
        done = min(ROUND, wanted) if until else wanted
        with pool(executor, count, scheduler, bool(store.missing(done))) as submit:
            while True:
                _go(submit, store, done, count, progress)
                if not until or done >= wanted:
                    break
                further = next_number(standing(store.table(done), until, batches), done, wanted)
                if further <= done:
                    break
                done = further
        give_back()
        result = Result(
            loaded,
            chosen_seed,
            engine,
            cartsim.__version__,
            store.table(done),
            (*loaded.notices, *store.notices, *draw(loaded.model, chosen_seed, range(1)).notices),
            out,
            failures=tuple(sorted(store.failures, key=lambda each: each.replication)),
            until=tuple(until),
        )
        if isinstance(store, Saved):
            store.finish(result.document(), done)
    return result


def kept(periods: Sequence[str]) -> tuple[str, ...]:
    """The kinds of periods that a run keeps: those wanted, years and the whole run."""
    return tuple(kind for kind in PERIOD_KINDS if kind in {*periods, "year", "all"})


def _go(
    submit: Submit,
    store: Memory | Saved,
    replications: int,
    workers: int,
    progress: Progress | None,
) -> None:
    """Compute what is missing of so many replications."""
    missing = store.missing(replications)
    there = replications - sum(map(len, missing.values()))
    for done in compute(submit, store.task, missing, workers):
        store.add(done)
        there += len(done.replications)
        if progress is not None:
            progress(there, replications)


def pool(
    executor: str, workers: int, scheduler: str | None, needed: bool
) -> AbstractContextManager[Submit]:
    """The pool of an executor; a cheap one where nothing is to be done."""
    if executor not in EXECUTORS:
        raise UsageError(f"there is no executor {executor!r} ({nearest(executor, EXECUTORS)})")
    if scheduler is not None and executor != "dask":
        raise UsageError(f"a scheduler is for the executor dask, not for {executor}")
    if executor == "dask" and needed:
        return EXECUTORS["dask"](workers, scheduler)
    # One worker in a process of its own would only cost its start.
    alone = executor in {"processes", "dask"} and (workers == 1 or not needed)
    return EXECUTORS["serial" if alone else executor](workers)


def _check(
    replications: int, seed: int, engine: str, workers: int | None, periods: Sequence[str]
) -> None:
    if replications < 1:
        raise UsageError(f"at least one replication is needed; got {replications}")
    if seed < 0:
        raise UsageError(f"a seed is a whole number from 0; got {seed}")
    if workers is not None and workers < 1:
        raise UsageError(f"at least one worker is needed; got {workers}")
    if engine not in ENGINES:
        raise UsageError(f"there is no engine {engine!r} ({nearest(engine, ENGINES)})")
    for kind in periods:
        if kind not in PERIOD_KINDS:
            raise UsageError(f"there is no kind of period {kind!r} ({nearest(kind, PERIOD_KINDS)})")


def options_of(loaded: Loaded, seed: int) -> tuple[str, ...]:
    """How a command line names a scenario and a seed."""
    options = [loaded.path]
    if loaded.variant:
        options += ["--variant", loaded.variant]
    for path, value in loaded.overrides.items():
        options += ["--set", f"{path}={value}"]
    return (*options, "--seed", str(seed))
