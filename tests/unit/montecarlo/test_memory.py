"""Freed memory is kept between blocks, where the C library can be asked for it."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest
from finance_only import FINANCE_ONLY

from cartsim.montecarlo.memory import OWN_SETTINGS, give_back, keep_freed_memory

BLOCKS = """
import resource
import sys
from cartsim.montecarlo.block import LARGE_BLOCK, compute_block
from cartsim.scenario.load import load_text

scenario = load_text(sys.argv[1]).model
for _ in range(6):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    found = compute_block(scenario, 1, range(LARGE_BLOCK), "fast", ("year", "all"))
    pages = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
print(pages, float(found.values.sum()))
"""

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")


def last_block(**settings: str) -> tuple[int, str]:
    """Pages that a sixth block had to be given by the system, and what it came to."""
    plain = {name: value for name, value in os.environ.items() if name not in OWN_SETTINGS}
    done = subprocess.run(
        [sys.executable, "-c", BLOCKS, FINANCE_ONLY],
        env={**plain, **settings},
        capture_output=True,
        text=True,
        check=True,
    )
    pages, total = done.stdout.split()
    return int(pages), total


def test_a_block_finds_the_memory_of_the_one_before() -> None:
    kept, total = last_block()
    # the same names in the environment mean that the user wants it otherwise
    given_back, same = last_block(MALLOC_TRIM_THRESHOLD_="131072", MALLOC_MMAP_THRESHOLD_="131072")
    assert kept * 5 < given_back
    assert total == same


def test_settings_of_the_user_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "131072")
    assert not keep_freed_memory.__wrapped__()
    monkeypatch.delenv("MALLOC_TRIM_THRESHOLD_")
    assert keep_freed_memory.__wrapped__()
    give_back()
