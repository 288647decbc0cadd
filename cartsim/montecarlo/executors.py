"""Where blocks are computed: here, in threads, or in processes. The numbers are the same.

Each executor takes the blocks and yields ``(block number, outcomes)`` as they are done, in any
order; putting them in order is the caller's part.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from types import MappingProxyType

from cartsim.errors import RunError, ScenarioError, UsageError
from cartsim.measures import Outcomes
from cartsim.montecarlo.block import compute_block
from cartsim.scenario.model import Scenario

Done = tuple[int, Outcomes]


@dataclass(frozen=True)
class Task:
    """What the blocks of a run have in common; ``options`` is how a command line names the same
    scenario (file, variant, overrides, seed)."""

    scenario: Scenario
    seed: int
    engine: str
    options: tuple[str, ...] = ()

    def compute(self, number: int, replications: range) -> Outcomes:
        """One block; raises ``RunError`` naming the block and a replication that fails alone."""
        try:
            return compute_block(self.scenario, self.seed, replications, self.engine)
        except (ScenarioError, UsageError):
            raise
        except Exception as error:
            raise RunError(self._report(number, replications, error)) from error

    def _report(self, number: int, replications: range, error: Exception) -> str:
        culprit, reason = self._failing(replications, error)
        trace = shlex.join(["cartsim", "trace", *self.options, "--replication", str(culprit)])
        return (
            f"block {number} (replications {replications[0]} to {replications[-1]}) failed at "
            f"replication {culprit}: {type(reason).__name__}: {reason}\nlook at it with: {trace}"
        )

    def _failing(self, replications: range, error: Exception) -> tuple[int, Exception]:
        """The first replication that fails when computed alone; the first of all if none does."""
        for replication in replications:
            try:
                alone = range(replication, replication + 1)
                compute_block(self.scenario, self.seed, alone, self.engine)
            except Exception as own:
                return replication, own
        return replications[0], error


def serial(task: Task, blocks: Mapping[int, range], workers: int) -> Iterator[Done]:  # noqa: ARG001
    """One block after the other, in this process and thread."""
    for number, replications in blocks.items():
        yield number, task.compute(number, replications)


def threads(task: Task, blocks: Mapping[int, range], workers: int) -> Iterator[Done]:
    """In threads of this process: for engines that do their work outside Python's lock."""
    with ThreadPoolExecutor(workers) as pool:
        yield from _as_done(pool, task, blocks)


def processes(task: Task, blocks: Mapping[int, range], workers: int) -> Iterator[Done]:
    """In worker processes, each started afresh."""
    before = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _Worker.begin) as pool:
        try:
            yield from _as_done(pool, task, blocks, _Worker.compute)
        except BrokenProcessPool as error:
            raise RunError(
                "a worker process ended unexpectedly (out of memory, or killed); "
                "try fewer workers, or the serial executor"
            ) from error
        except BaseException:
            # Whoever interrupts does not want to wait until the blocks in progress are done.
            # Workers stop when they may: one that was killed while it sent a result would leave
            # this process waiting for the rest of it.
            for process in set(multiprocessing.active_children()) - before:
                process.terminate()
            raise


EXECUTORS: Mapping[str, Callable[[Task, Mapping[int, range], int], Iterator[Done]]] = (
    MappingProxyType({"processes": processes, "threads": threads, "serial": serial})
)
"""The executors by name."""


def available_workers() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _as_done(
    pool: Executor,
    task: Task,
    blocks: Mapping[int, range],
    compute: Callable[[Task, int, range], Outcomes] = Task.compute,
) -> Iterator[Done]:
    with _starting_workers():
        submitted = {
            pool.submit(compute, task, number, replications): number
            for number, replications in blocks.items()
        }
    try:
        for future in as_completed(submitted):
            yield submitted[future], future.result()
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise


class _Stopped(BaseException):
    """Raised in a worker that was told to stop while it was computing."""


class _Worker:
    """A worker process, which stops between two instructions of a block and never in between
    blocks, where it may be sending a result."""

    computing = False
    told_to_stop = False

    @classmethod
    def begin(cls) -> None:
        # An interrupt goes to the whole group of processes; answering it is the first one's part.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, cls.stop)

    @classmethod
    def stop(cls, *_: object) -> None:
        cls.told_to_stop = True
        if cls.computing:
            raise _Stopped

    @classmethod
    def compute(cls, task: Task, number: int, replications: range) -> Outcomes:
        cls.computing = True
        try:
            if cls.told_to_stop:
                raise _Stopped
            return task.compute(number, replications)
        finally:
            cls.computing = False


@contextlib.contextmanager
def _starting_workers() -> Iterator[None]:
    """While workers start: they import this package only, and leave interrupts to this process.

    A new process would import the caller's main module again, which runs a script that is not
    guarded by ``if __name__ == "__main__"`` a second time; the workers need nothing from it. A
    signal that is ignored when a process starts stays ignored until that process says otherwise.
    """
    main = sys.modules["__main__"]
    spec, file = getattr(main, "__spec__", None), getattr(main, "__file__", None)
    foremost = threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN) if foremost else None
    try:
        main.__spec__ = None
        if file is not None:
            del main.__file__
        yield
    finally:
        main.__spec__ = spec
        if file is not None:
            main.__file__ = file
        if foremost:
            signal.signal(signal.SIGINT, handler)
