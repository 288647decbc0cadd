"""A run on a Dask cluster over TCP: the same bits, also when a worker dies on the way."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from unit.montecarlo.small_run import small

from cartsim.errors import UsageError
from cartsim.montecarlo.block import BLOCK
from cartsim.montecarlo.run import run

distributed = pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[object]:
    """Two worker processes and their scheduler, on this machine and over TCP."""
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        protocol="tcp://",
        dashboard_address=":0",
        silence_logs=50,
    ) as found:
        yield found


def test_a_worker_that_is_killed_changes_no_bit(cluster: object) -> None:
    number = 24 * BLOCK
    address = cluster.scheduler_address  # type: ignore[attr-defined]
    assert address.startswith("tcp://")
    with distributed.Client(address) as client:
        victim = next(iter(client.run(os.getpid).values()))
    killed = threading.Event()

    def kill(done: int, wanted: int) -> None:
        if not killed.is_set() and done >= 2 * BLOCK:
            killed.set()
            os.kill(victim, signal.SIGKILL)

    found = run(small(), number, executor="dask", workers=2, scheduler=address, progress=kill)
    assert killed.is_set()
    limit = time.monotonic() + 10
    while time.monotonic() < limit:  # it is really gone
        try:
            os.kill(victim, 0)
        except ProcessLookupError:
            break
        time.sleep(0.05)
    expected = run(small(), number, executor="serial")
    assert np.array_equal(
        found.outcomes().to_numpy(), expected.outcomes().to_numpy(), equal_nan=True
    )
    assert found.failures == ()


def test_a_local_cluster_comes_by_itself() -> None:
    found = run(small(), 2 * BLOCK, executor="dask", workers=2)
    expected = run(small(), 2 * BLOCK, executor="serial")
    assert found.document() == expected.document()


def test_a_scheduler_that_does_not_answer_is_a_plain_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cartsim.montecarlo.cluster.PATIENCE", "1s")
    with pytest.raises(UsageError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        run(small(), 2 * BLOCK, executor="dask", scheduler="tcp://127.0.0.1:9")


def test_a_scheduler_is_for_dask_alone() -> None:
    with pytest.raises(UsageError, match="a scheduler is for the executor dask, not for threads"):
        run(small(), 2, executor="threads", scheduler="tcp://127.0.0.1:9")
