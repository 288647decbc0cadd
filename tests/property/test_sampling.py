"""Draws as functions of their place: any cut, any prefix, any company gives the same bits."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.sampling.scenarios import PLAIN, company

from cartsim.sampling import draw, uniforms
from cartsim.sampling.correlation import coupling, factor, nearest_correlation
from cartsim.scenario.model import Correlation
from cartsim.scenario.parameters import uncertain

seeds = st.integers(0, 2**64)
paths = st.text(min_size=1, max_size=30)
starts = st.one_of(st.integers(0, 100), st.integers(0, 2**59))


@settings(deadline=None)
@given(seeds, paths, starts, st.integers(1, 40), st.integers(0, 40), st.data())
def test_any_part_of_a_stream_is_cut_out_of_the_whole(
    seed: int, path: str, start: int, count: int, more: int, data: st.DataObject
) -> None:
    size = data.draw(st.integers(1, 150))
    prefix = data.draw(st.integers(0, size))
    first = data.draw(st.integers(0, count))
    last = data.draw(st.integers(first, count))
    whole = uniforms(seed, path, range(start, start + count + more), size)
    part = uniforms(seed, path, range(start + first, start + last), prefix)
    np.testing.assert_array_equal(part, whole[first:last, :prefix])
    scalars = uniforms(seed, path, range(start, start + count + more))
    part = uniforms(seed, path, range(start + first, start + last))
    np.testing.assert_array_equal(part, scalars[first:last])
    assert np.all((whole > 0) & (whole < 1))


@settings(deadline=None)
@given(seeds, seeds, paths, paths)
def test_streams_of_different_names_share_nothing(a: int, b: int, x: str, y: str) -> None:
    one, other = uniforms(a, x, range(3), 5), uniforms(b, y, range(3), 5)
    if (a, x) == (b, y):
        np.testing.assert_array_equal(one, other)
    else:
        assert not np.intersect1d(one, other).size


@settings(max_examples=20, deadline=None)
@given(
    st.permutations(sorted(set(PLAIN) - {"discount_rate"})).flatmap(
        lambda keys: st.integers(0, len(keys)).map(lambda kept: keys[:kept])
    ),
    st.integers(0, 1000),
)
def test_an_input_keeps_its_draws_whatever_others_become_certain(
    certain: list[str], seed: int
) -> None:
    full = draw(company(), seed, range(8))
    values = {q.path: full.value(q) for q in uncertain(full.scenario)}
    fewer = draw(company(**dict.fromkeys(certain, "1")), seed, range(8))
    left = uncertain(fewer.scenario)
    assert len(left) == len(values) - len(certain)
    for quantity in left:
        np.testing.assert_array_equal(fewer.value(quantity), values[quantity.path])


@st.composite
def symmetric(draw_: st.DrawFn) -> np.ndarray:
    size = draw_(st.integers(2, 6))
    entries = st.floats(-1, 1, allow_subnormal=False).map(lambda x: round(x, 3))
    matrix = np.eye(size)
    for i in range(size):
        for j in range(i):
            matrix[i, j] = matrix[j, i] = draw_(entries)
    return matrix


@settings(deadline=None)
@given(symmetric())
def test_a_repaired_matrix_is_a_correlation_matrix(matrix: np.ndarray) -> None:
    repaired = nearest_correlation(matrix)
    np.testing.assert_allclose(np.diag(repaired), 1.0)
    np.testing.assert_array_equal(repaired, repaired.T)
    assert np.linalg.eigvalsh(repaired)[0] > -1e-9
    lower = factor(repaired)
    np.testing.assert_allclose(lower @ lower.T, repaired, atol=1e-4)


@settings(deadline=None)
@given(symmetric())
def test_any_set_of_pairs_leads_to_scores_of_variance_one(matrix: np.ndarray) -> None:
    names = "abcdef"[: len(matrix)]
    pairs = [
        Correlation.model_construct(between=[names[i], names[j]], rank=float(matrix[i, j]))
        for i in range(len(matrix))
        for j in range(i)
    ]
    found = coupling(pairs)
    for name in names:
        assert abs(sum(weight**2 for _, weight in found.own(name)) - 1) < 1e-12
