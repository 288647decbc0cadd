"""The streams: where each number comes from, how it is spread, and that it never changes."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import pytest
from scipy import stats

from cartsim.sampling.streams import (
    LARGEST_REPLICATION,
    PAGE,
    _to_open_interval,
    uniforms,
    uniforms_at,
)

MASK = 2**64 - 1
GOLDEN = [
    "0x1.69064ef7d43cdp-1",
    "0x1.108c7b67cf312p-2",
    "0x1.dd930c25c8b14p-3",
    "0x1.95b568dd515cfp-1",
]


def philox(counter: list[int], key: list[int]) -> list[int]:
    """Philox4x64-10, written out from Salmon et al. (SC'11)."""
    for _ in range(10):
        high0, low0 = divmod(0xD2E7470EE14C6C93 * counter[0], 2**64)
        high1, low1 = divmod(0xCA5A826395121157 * counter[2], 2**64)
        counter = [high1 ^ counter[1] ^ key[0], low1, high0 ^ counter[3] ^ key[1], low0]
        key = [(key[0] + 0x9E3779B97F4A7C15) & MASK, (key[1] + 0xBB67AE8584CAA73B) & MASK]
    return counter


def expected(seed: int, path: str, replication: int, index: int | None = None) -> float:
    """One number by the definition of the streams alone."""
    digest = blake2b(f"{seed}:{path}".encode(), digest_size=16, person=b"cartsim-stream-1").digest()
    key = [int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")]
    if index is None:
        place, word = [replication // 4, 0, 0, 0], replication % 4
    else:
        place, word = [16 * replication + (index % 64) // 4, 1 + index // 64, 0, 0], index % 4
    return ((philox(place, key)[word] >> 12) + 0.5) * 2.0**-52


def test_the_written_out_generator_meets_the_published_vectors() -> None:
    """Known answers of the Random123 library for philox4x64 with 10 rounds."""
    assert [f"{word:016x}" for word in philox([0] * 4, [0] * 2)] == [
        "16554d9eca36314c",
        "db20fe9d672d0fdc",
        "d7e772cee186176b",
        "7e68b68aec7ba23b",
    ]
    assert [f"{word:016x}" for word in philox([MASK] * 4, [MASK] * 2)] == [
        "87b092c3013fe90b",
        "438c3c67be8d0224",
        "9cc7d7c69cd777b6",
        "a09caebf594f0ba0",
    ]


@pytest.mark.parametrize("seed", [0, 1, 20240223, 2**80])
@pytest.mark.parametrize("start", [0, 1, 6, 1021, 10**9, LARGEST_REPLICATION - 2])
def test_every_number_is_where_its_definition_puts_it(seed: int, start: int) -> None:
    path = "products.zevor_cel.route.steps.production.duration"
    replications = range(start, start + 3)
    scalar, rows = uniforms(seed, path, replications), uniforms(seed, path, replications, 200)
    for row, replication in enumerate(replications):
        assert scalar[row] == expected(seed, path, replication)
        for index in (0, 1, 3, 4, 62, 63, 64, 65, 127, 128, 199):
            assert rows[row, index] == expected(seed, path, replication, index)


def test_golden_values() -> None:
    """Pinned: a change of these numbers changes every published result."""
    found = [*uniforms(1, "a.b", range(2)), *uniforms(1, "a.b", range(7, 8), 65)[0, [0, 64]]]
    assert [float(u).hex() for u in found] == GOLDEN


@pytest.mark.parametrize("size", [None, 1, 4, 63, 64, 65, 130])
@pytest.mark.parametrize("cut", [1, 3, 256, 257, 600])
def test_whole_and_chunked_are_the_same_bits(size: int | None, cut: int) -> None:
    whole = uniforms(5, "x", range(7, 607), size)
    parts = [
        uniforms(5, "x", range(start, min(start + cut, 607)), size) for start in range(7, 607, cut)
    ]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_shapes_and_order() -> None:
    assert uniforms(1, "x", range(0)).shape == (0,)
    assert uniforms(1, "x", range(3), 0).shape == (3, 0)
    assert uniforms(1, "x", range(0), 5).shape == (0, 5)
    assert uniforms(1, "x", range(2, 7), 3).shape == (5, 3)
    assert uniforms(1, "x", range(2, 7), 3).flags.c_contiguous


@pytest.mark.parametrize("wrong", [range(0, 10, 2), range(-1, 3), range(5, 0, -1)])
def test_only_plain_ranges_of_replications(wrong: range) -> None:
    with pytest.raises(ValueError, match="range of step 1 from 0 or more"):
        uniforms(1, "x", wrong)


def test_replications_end_where_counters_would_meet() -> None:
    with pytest.raises(ValueError, match="go up to"):
        uniforms(1, "x", range(LARGEST_REPLICATION, LARGEST_REPLICATION + 2))


def test_extreme_bits_stay_inside_the_open_interval() -> None:
    words = np.array([0, MASK, 2**63, 2**12 - 1, 2**12], dtype=np.uint64)
    exact = [((int(word) >> 12) + 0.5) * 2.0**-52 for word in words]
    found = _to_open_interval(words, np.empty(5))
    assert found.tolist() == exact
    assert found[0] == 2.0**-53
    assert found[1] == 1 - 2.0**-53
    assert np.all((found > 0) & (found < 1) & (1 - found > 0) & (1 - (1 - found) == found))


def test_uniform_by_every_cut() -> None:
    rows = uniforms(11, "uniformity", range(4000), PAGE)
    samples = {
        "all": rows.ravel(),
        "one index": rows[:, 17],
        "one replication": uniforms(11, "uniformity", range(9, 10), 20_000)[0],
        "replication scope": uniforms(11, "uniformity", range(20_000)),
        "paths": np.array([uniforms(11, f"path.{k}", range(1))[0] for k in range(2000)]),
        "seeds": np.array([uniforms(k, "path", range(1))[0] for k in range(2000)]),
    }
    for name, sample in samples.items():
        assert stats.kstest(sample, "uniform").pvalue > 1e-3, name
        # the low bits too: the place inside one of 2**20 cells
        assert stats.kstest(sample * 2**20 % 1, "uniform").pvalue > 1e-3, name


def test_neighbours_are_not_correlated() -> None:
    count = 40_000
    bound = 4.5 / np.sqrt(count)
    first = uniforms(3, "company.research.2024", range(count))
    rows = uniforms(3, "company.research.2024", range(count), 8)
    pairs = {
        "paths": (first, uniforms(3, "company.research.2025", range(count))),
        "seeds": (first, uniforms(4, "company.research.2024", range(count))),
        "attempts": (rows[:, 0], uniforms(3, "company.research.2024#2", range(count), 8)[:, 0]),
        "scopes": (first, rows[:, 0]),
        "replications": (first[:-1], first[1:]),
        "rows": (rows[:-1, 0], rows[1:, 0]),
        "last of a row, first of the next": (rows[:-1, -1], rows[1:, 0]),
        "indices": (rows[:, 0], rows[:, 1]),
    }
    for name, (a, b) in pairs.items():
        assert abs(np.corrcoef(a, b)[0, 1]) < bound, name
        assert abs(np.corrcoef((a - 0.5) ** 2, (b - 0.5) ** 2)[0, 1]) < bound, name


def test_no_number_comes_twice() -> None:
    rows = uniforms(3, "x", range(500), 150)
    every = np.concatenate([rows.ravel(), uniforms(3, "x", range(500))])
    assert np.unique(every).size == every.size


def test_seed_and_path_are_told_apart() -> None:
    values = [
        uniforms(seed, path, range(1))[0]
        for seed, path in [(1, "2:x"), (12, ":x"), (1, "2x"), (12, "x"), (0, "x"), (-1, "x")]
    ]
    assert len(set(values)) == len(values)


@pytest.mark.parametrize("first", [0, 5, 2**59, LARGEST_REPLICATION - 9])
def test_single_places_hold_what_the_whole_table_holds(first: int) -> None:
    # single ones, neighbours in one counter, both sides of a page's end, backwards and twice
    replications = range(first, first + 10)
    table = uniforms(3, "some.path", replications, 3 * PAGE)
    index = np.asarray([0, 1, 2, 3, 4, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE - 1, 7, 7, 0])
    row = np.asarray([0, 0, 0, 0, 0, 9, 9, 8, 8, 3, 3, 3])
    np.testing.assert_array_equal(
        uniforms_at(3, "some.path", replications, row, index), table[row, index]
    )
    rows, indices = np.divmod(np.arange(table.size), table.shape[1])
    everywhere = uniforms_at(3, "some.path", replications, rows, indices)
    np.testing.assert_array_equal(everywhere, table.ravel())
    none = np.zeros(0, dtype=np.int64)
    assert uniforms_at(3, "some.path", replications, none, none).shape == (0,)
