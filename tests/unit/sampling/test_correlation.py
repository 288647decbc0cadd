"""The copula: achieved ranks, perfect ties, repairs, and who is left alone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from cartsim.errors import ScenarioError
from cartsim.sampling.correlation import (
    Coupling,
    coupling,
    factor,
    loaded,
    nearest_correlation,
    pearson,
    spearman,
)
from cartsim.scenario.model import Correlation


def pairs(*given: tuple[str, str, float]) -> list[Correlation]:
    return [Correlation.model_construct(between=[a, b], rank=rank) for a, b, rank in given]


def matrix_of(found: Coupling, paths: str) -> np.ndarray:
    """The normal correlations that the terms lead to."""
    weights = np.array([[dict(found.own(p)).get(source, 0.0) for source in paths] for p in paths])
    return weights @ weights.T


def test_rank_and_normal_correlation_are_inverse_to_each_other() -> None:
    ranks = np.linspace(-1, 1, 41)
    np.testing.assert_allclose(spearman(pearson(ranks)), ranks, atol=1e-15)
    assert pearson(np.array([-1.0, 0.0, 1.0])).tolist() == [-1.0, 0.0, 1.0]


def test_a_pair_makes_the_normal_correlation_of_its_rank() -> None:
    found = coupling(pairs(("b", "a", 0.6)))
    assert found.notices == ()
    assert found.own("a") == (("a", 1.0),)
    np.testing.assert_allclose(matrix_of(found, "ab")[0, 1], 2 * np.sin(np.pi * 0.1), rtol=1e-14)


def test_order_of_pairs_and_of_their_ends_does_not_matter() -> None:
    given = [("a", "b", 0.5), ("c", "b", -0.3), ("x", "y", 1.0)]
    turned = [(b, a, rank) for a, b, rank in reversed(given)]
    assert coupling(pairs(*given)) == coupling(pairs(*turned))


def test_groups_do_not_touch_each_other_or_anyone_else() -> None:
    found = coupling(pairs(("a", "b", 0.5), ("c", "d", -0.4), ("e", "f", 0.0)))
    assert {source for source, _ in found.own("d")} == {"c", "d"}
    assert found.own("elsewhere") == (("elsewhere", 1.0),)
    assert found.own("e") == (("e", 1.0),)
    alone = coupling(pairs(("a", "b", 0.5)))
    assert alone.own("b") == found.own("b")


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_tie_is_the_same_stream_or_its_mirror_image(sign: float) -> None:
    found = coupling(pairs(("a", "b", sign)))
    assert found.own("b") == (("a", sign),)
    assert found.notices == ()


def test_what_is_tied_takes_the_correlations_of_the_other() -> None:
    found = coupling(pairs(("a", "c", 0.5), ("b", "c", -1.0), ("c", "d", 1.0)))
    assert found.notices == ()
    expected = spearman(matrix_of(found, "abcd"))
    np.testing.assert_allclose(
        expected,
        [[1, -0.5, 0.5, 0.5], [-0.5, 1, -1, -1], [0.5, -1, 1, 1], [0.5, -1, 1, 1]],
        atol=1e-7,
    )
    assert found.own("b") == tuple((source, -weight) for source, weight in found.own("c"))
    assert found.own("d") == found.own("c")


def test_a_contradiction_is_repaired_and_said() -> None:
    found = coupling(pairs(("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", -0.9)))
    (notice,) = found.notices
    assert notice.startswith("correlations: the ranks given contradict each other")
    assert "a ~ b 0.9 -> 0." in notice
    assert "a ~ c -0.9 -> -0." in notice
    used = matrix_of(found, "abc")
    np.testing.assert_allclose(np.diag(used), 1.0, rtol=1e-14)
    np.testing.assert_allclose(np.abs(used[~np.eye(3, dtype=bool)]), 0.5, atol=1e-6)


def test_a_pair_that_was_not_given_is_marked_in_the_repair() -> None:
    found = coupling(pairs(("a", "b", 0.9), ("b", "c", 0.9)))
    (notice,) = found.notices
    assert "a ~ c 0 (not given) -> 0." in notice


def test_ties_that_contradict_each_other_are_repaired() -> None:
    found = coupling(pairs(("a", "b", 1.0), ("b", "c", 1.0), ("a", "c", -1.0)))
    assert len(found.notices) == 1
    used = matrix_of(found, "abc")
    np.testing.assert_allclose(np.diag(used), 1.0)
    np.testing.assert_allclose([used[0, 1], used[1, 2], used[0, 2]], [0.5, 0.5, -0.5], atol=1e-6)


def test_nearest_correlation_of_highams_example() -> None:
    """Higham (2002), section 4: the nearest matrix to the tridiagonal one, to 4 decimals."""
    given = np.array([[2.0, -1, 0, 0], [-1, 2, -1, 0], [0, -1, 2, -1], [0, 0, -1, 2]])
    expected = np.array(
        [
            [1.0000, -0.8084, 0.1916, 0.1068],
            [-0.8084, 1.0000, -0.6562, 0.1916],
            [0.1916, -0.6562, 1.0000, -0.8084],
            [0.1068, 0.1916, -0.8084, 1.0000],
        ]
    )
    np.testing.assert_allclose(nearest_correlation(given), expected, atol=6e-5)


def test_nearest_correlation_keeps_what_is_valid() -> None:
    valid = np.array([[1.0, 0.3, -0.2], [0.3, 1.0, 0.6], [-0.2, 0.6, 1.0]])
    np.testing.assert_allclose(nearest_correlation(valid), valid, atol=1e-12)


def test_nearest_correlation_is_nearer_than_any_valid_one_around() -> None:
    generator = np.random.Generator(np.random.Philox(5))
    given = np.eye(5) + np.triu(generator.uniform(-1, 1, (5, 5)), 1)
    given = given + given.T - np.eye(5)
    best = nearest_correlation(given)
    assert np.linalg.eigvalsh(best)[0] > -1e-12
    distance = np.linalg.norm(best - given)
    for _ in range(300):
        low = factor(best) + 0.02 * generator.standard_normal((5, 5))
        low /= np.linalg.norm(low, axis=1, keepdims=True)
        assert np.linalg.norm(low @ low.T - given) >= distance - 1e-7


@pytest.mark.parametrize("rank", [1, 2, 3, 5])
def test_factor_of_singular_matrices(rank: int) -> None:
    generator = np.random.Generator(np.random.Philox(7))
    root = generator.standard_normal((5, rank))
    root /= np.linalg.norm(root, axis=1, keepdims=True)
    matrix = root @ root.T
    lower = factor(matrix)
    np.testing.assert_allclose(lower @ lower.T, matrix, atol=1e-7)
    assert np.all(np.triu(lower, 1) == 0)


def test_loaded_has_variance_one_and_the_loading_as_correlation() -> None:
    terms = dict(loaded((("own", 1.0),), [(0.6, (("d", 1.0),)), (-0.3, (("e", 1.0),))], "own"))
    assert terms["d"] == 0.6
    assert terms["e"] == -0.3
    assert terms["own"] == pytest.approx(np.sqrt(1 - 0.36 - 0.09))


def test_loaded_on_drivers_that_move_together_keeps_variance_one() -> None:
    second = (("d", 0.8), ("e", 0.6))
    terms = dict(loaded((("own", 1.0),), [(0.5, (("d", 1.0),)), (0.5, second)], "own"))
    assert sum(weight**2 for weight in terms.values()) == pytest.approx(1.0)
    assert terms["d"] == pytest.approx(0.9)
    assert terms["e"] == pytest.approx(0.3)


def test_loaded_whose_own_part_moves_with_the_driver_keeps_variance_one() -> None:
    own = (("d", 0.5), ("own", np.sqrt(0.75)))
    terms = dict(loaded(own, [(0.7, (("d", 1.0),))], "own"))
    assert sum(weight**2 for weight in terms.values()) == pytest.approx(1.0)
    assert terms["d"] > 0.7


def test_drivers_that_move_together_can_explain_too_much() -> None:
    with pytest.raises(ScenarioError, match="x: the drivers explain 196% of its variance"):
        loaded((("x", 1.0),), [(0.7, (("d", 1.0),)), (0.7, (("d", 1.0),))], "x")


def test_coupling_of_nothing() -> None:
    assert coupling([]) == Coupling({}, ())


def test_pearson_gives_the_rank_correlation_back() -> None:
    """The formula itself, on a large bivariate normal sample of its own."""
    generator = np.random.Generator(np.random.Philox(9))
    first, second = generator.standard_normal((2, 200_000))
    for rank in (-0.8, 0.3, 0.95):
        rho = float(pearson(np.array(rank)))
        mixed = rho * first + np.sqrt(1 - rho**2) * second
        assert stats.spearmanr(first, mixed).statistic == pytest.approx(rank, abs=0.005)
