"""Outcomes do not depend on how replications are cut into ranges, nor on who computes which."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.montecarlo.small_run import small

from cartsim.measures import Outcomes, merge
from cartsim.montecarlo.block import BLOCK, blocks, compute_block
from cartsim.montecarlo.executors import EXECUTORS, compute
from cartsim.montecarlo.task import Task

REPLICATIONS = 24


@cache
def whole() -> Outcomes:
    return compute_block(small().model, 3, range(REPLICATIONS), "reference")


@given(st.sets(st.integers(1, REPLICATIONS - 1), max_size=5))
@settings(max_examples=12, deadline=None)
def test_any_cut_gives_the_same_bits(cuts: set[int]) -> None:
    edges = [0, *sorted(cuts), REPLICATIONS]
    pieces = [
        compute_block(small().model, 3, range(low, high), "reference")
        for low, high in pairwise(edges)
    ]
    merged = merge(pieces)
    assert merged.columns == whole().columns
    assert merged.replications == whole().replications
    assert np.array_equal(merged.values, whole().values, equal_nan=True)


@given(
    st.sampled_from(["serial", "threads"]),
    st.integers(1, 4),
    st.permutations([range(0, 5), range(5, 6), range(6, 17), range(17, REPLICATIONS)]),
)
@settings(max_examples=8, deadline=None)
def test_any_order_of_work_gives_the_same_bits(
    executor: str, workers: int, order: list[range]
) -> None:
    task = Task(small().model, 3, "reference")
    with EXECUTORS[executor](workers) as submit:
        pieces = compute(submit, task, {piece.start: piece for piece in order}, workers)
        done = {piece.number: piece.content for piece in pieces}
    merged = merge([done[start] for start in sorted(done)])  # type: ignore[misc]
    assert np.array_equal(merged.values, whole().values, equal_nan=True)


@given(st.integers(1, 5_000))
def test_blocks_are_contiguous_and_full_but_the_last(replications: int) -> None:
    cut = blocks(replications)
    assert [i for block in cut for i in block] == list(range(replications))
    assert all(len(block) == BLOCK for block in cut[:-1])
    assert 0 < len(cut[-1]) <= BLOCK


def test_a_replication_alone_has_the_bits_it_has_among_others() -> None:
    alone = compute_block(small().model, 3, range(17, 18), "reference")
    assert np.array_equal(alone.values, whole().values[17:18], equal_nan=True)


@pytest.mark.parametrize("seed", [0, 1, 2**40])
def test_a_seed_is_repeated(seed: int) -> None:
    first, second = (compute_block(small().model, seed, range(3), "reference") for _ in range(2))
    assert np.array_equal(first.values, second.values, equal_nan=True)
