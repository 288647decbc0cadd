"""Where blocks are computed: here, in threads, in processes, or on a Dask cluster. The numbers are
the same.

An executor opens a *pool*, which takes one block after the other and answers with futures; how many
are under way at a time, and what becomes of their results, is the same for all of them.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import (
    FIRST_COMPLETED,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from types import MappingProxyType

from cartsim.errors import RunError
from cartsim.montecarlo.task import Done, Task

Submit = Callable[[Task, int, range], "Future[Done]"]
"""Gives a block to a pool."""
AHEAD = 2
"""Blocks for each worker that are under way or wait for it: enough to keep it busy, and few enough
for memory not to grow with the length of a run."""


def compute(
    submit: Submit, task: Task, blocks: Mapping[int, range], workers: int
) -> Iterator[Done]:
    """Blocks as they are done, in any order; putting them in order is the caller's part."""
    return compute_all(submit, ((task, *block) for block in blocks.items()), workers)


def compute_all(
    submit: Submit, jobs: Iterable[tuple[Task, int, range]], workers: int
) -> Iterator[Done]:
    """Blocks of one or several tasks, each with a number of its own, as they are done."""
    coming = iter(jobs)
    number_of: dict[Future[Done], int] = {}
    while True:
        for task, number, replications in coming:
            future = submit(task, number, replications)
            number_of[future] = number
            if future.done() or len(number_of) >= AHEAD * workers:
                break
        if not number_of:
            return
        done, _ = wait(number_of, return_when=FIRST_COMPLETED)
        for future in sorted(done, key=number_of.__getitem__):
            del number_of[future]
            yield future.result()


@contextmanager
def serial(workers: int) -> Iterator[Submit]:  # noqa: ARG001
    """One block after the other, in this process and thread."""

    def submit(task: Task, number: int, replications: range) -> Future[Done]:
        future: Future[Done] = Future()
        future.set_result(task.compute(number, replications))
        return future

    yield submit


@contextmanager
def threads(workers: int) -> Iterator[Submit]:
    """In threads of this process: for engines that do their work outside Python's lock."""
    with ThreadPoolExecutor(workers) as pool:
        try:
            yield lambda task, number, replications: pool.submit(task.compute, number, replications)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@contextmanager
def processes(workers: int) -> Iterator[Submit]:
    """In worker processes, each started afresh."""
    before = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")

    def submit(task: Task, number: int, replications: range) -> Future[Done]:
        with _starting_workers():
            return pool.submit(_Worker.compute, task, number, replications)

    with ProcessPoolExecutor(workers, context, _Worker.begin) as pool:
        try:
            yield submit
        except BrokenProcessPool as error:
            pool.shutdown(wait=False, cancel_futures=True)
            raise RunError(
                "a worker process ended unexpectedly (out of memory, or killed); what is done is "
                "kept where the run is saved, and the same command goes on; try fewer workers"
            ) from error
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            # Whoever interrupts does not want to wait until the blocks in progress are done.
            # Workers stop when they may: one that was killed while it sent a result would leave
            # this process waiting for the rest of it.
            for process in set(multiprocessing.active_children()) - before:
                process.terminate()
            raise


@contextmanager
def dask(workers: int, scheduler: str | None = None) -> Iterator[Submit]:
    """On a Dask cluster: the one with this scheduler, or a local one of worker processes."""
    from cartsim.montecarlo.cluster import cluster

    with cluster(workers, scheduler) as submit:
        yield submit


EXECUTORS: Mapping[str, Callable[..., AbstractContextManager[Submit]]] = MappingProxyType(
    {"processes": processes, "threads": threads, "serial": serial, "dask": dask}
)
"""The executors by name; each takes the number of workers."""


def usual_executor(engine: str) -> str:
    """The quickest: compiled loops leave Python's lock to others, Python keeps it."""
    return "processes" if engine == "reference" else "threads"


def available_workers() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Worker:
    """A worker process, which stops at once in the middle of a block and never in between blocks,
    where it may be sending a result."""

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
            # No exception: it may be raised in the middle of a library, which complains about it.
            os._exit(1)

    @classmethod
    def compute(cls, task: Task, number: int, replications: range) -> Done:
        cls.computing = True
        try:
            if cls.told_to_stop:
                os._exit(1)
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
