"""A run that is killed at any instant goes on where it was and ends with the same bits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest
from unit.montecarlo.small_run import SMALL
from unit.montecarlo.test_storage import bits

from cartsim.montecarlo.block import BLOCK

BLOCKS = 40


def start(out: Path, executor: str) -> subprocess.Popen[str]:
    """A run of many small blocks in a process (group) of its own."""
    command = [sys.executable, "-m", "cartsim", "run", "small.yaml", "--out", out.name]
    more = ["--replications", str(BLOCKS * BLOCK), "--executor", executor, "--workers", "2"]
    return subprocess.Popen(
        [*command, *more],
        cwd=out.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("whole")
    (folder / "small.yaml").write_text(SMALL)
    begun = start(folder / "run", "serial")
    _, said = begun.communicate(timeout=120)
    assert begun.returncode == 0, said
    return bits(folder / "run")


@pytest.mark.parametrize("executor", ["serial", pytest.param("processes", marks=pytest.mark.slow)])
def test_killed_at_ten_moments_it_ends_with_the_same_bits(
    whole: list[bytes], tmp_path: Path, executor: str
) -> None:
    (tmp_path / "small.yaml").write_text(SMALL)
    out = tmp_path / "run"
    seen: list[int] = []
    for moment in range(10):
        begun = start(out, executor)
        # at so many further blocks, and a little later: somewhere in the next block
        aim = (seen[-1] if seen else 0) + 1 + moment % 3
        limit = time.monotonic() + 60
        while begun.poll() is None and time.monotonic() < limit:
            if len(list((out / "outcomes").glob("block-*"))) >= aim:
                break
            time.sleep(0.002)
        time.sleep(0.003 * moment)
        os.killpg(begun.pid, signal.SIGKILL)
        begun.communicate()
        seen.append(len(list((out / "outcomes").glob("block-*"))))
        if begun.returncode == 0:
            break
    assert len(seen) >= 5
    assert all(later >= earlier for earlier, later in pairwise(seen))
    begun = start(out, executor)
    _, said = begun.communicate(timeout=120)
    assert begun.returncode == 0, said
    assert bits(out) == whole
