"""Blocks on a Dask cluster, which is an engine of its own: it hands out work, replaces workers that
die and does their blocks again."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cartsim.errors import RunError, UsageError
from cartsim.montecarlo.task import Done, Task

if TYPE_CHECKING:
    from cartsim.montecarlo.executors import Submit

PATIENCE = "15s"
"""How long a scheduler may take to answer."""
TRIES = 5
"""How often a block is done again whose worker died."""


@contextmanager
def cluster(workers: int, scheduler: str | None) -> Iterator[Submit]:
    """A pool on the cluster of a scheduler (``tcp://host:port``), or on a local one.

    Raises ``UsageError`` where Dask is not installed or the scheduler does not answer.
    """
    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError:
        message = "Dask is not installed; get it with: pip install 'cartsim[dask]'"
        raise UsageError(message) from None
    # blocks are pure and long: nothing is to be guessed about their time, nothing is to be stolen
    with dask.config.set({"distributed.scheduler.allowed-failures": TRIES}):
        local: Any = None
        try:
            if scheduler is None:
                local = LocalCluster(
                    n_workers=workers, threads_per_worker=1, dashboard_address=":0"
                )
            client = Client(local or scheduler, timeout=PATIENCE)
        except (OSError, ValueError) as error:
            raise UsageError(f"no Dask scheduler answers at {scheduler}: {error}") from None
        try:
            with client.get_executor(pure=False) as pool:

                def submit(task: Task, number: int, replications: range) -> Future[Done]:
                    future: Future[Done] = pool.submit(task.compute, number, replications)
                    return future

                try:
                    yield submit
                except BaseException as error:
                    pool.shutdown(wait=False)
                    if type(error).__name__ == "KilledWorker":
                        raise RunError(f"Dask gave a block up: {error}") from error
                    raise
        finally:
            client.close()
            if local is not None:
                local.close()
