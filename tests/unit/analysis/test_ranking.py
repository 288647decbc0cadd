"""Rankings of a run that is there: rank regression and PAWN."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cartsim.analysis.evaluate import Wanted
from cartsim.analysis.ranking import pawn, rank, regression, years
from cartsim.errors import UsageError
from cartsim.montecarlo.run import run
from cartsim.montecarlo.saved import read_result
from tests.unit.analysis.linear import ADMINISTRATION, OPENING, RESEARCH, linear


def test_standardised_coefficients_of_independent_ranks() -> None:
    random = np.random.default_rng(1)
    x = random.random((3, 4000))
    y = np.stack([2 * x[0] - x[1], np.exp(5 * x[0]), np.ones(4000)])
    coefficients, se, explained = regression(x, y)
    # the ranks of any increasing function of one input are that input's ranks
    assert coefficients[:, 1] == pytest.approx([1, 0, 0], abs=1e-9)
    assert explained[1] == pytest.approx(1)
    assert coefficients[0, 0] / -coefficients[1, 0] == pytest.approx(2, rel=0.1)
    assert abs(coefficients[2, 0]) < 4 * se[2, 0]
    assert explained[0] > 0.95
    assert np.isnan(coefficients[:, 2]).all()


def test_undefined_replications_and_constant_inputs_are_left_out() -> None:
    random = np.random.default_rng(2)
    x = np.stack([random.random(500), np.full(500, 3.0)])
    y = x[:1].copy()
    y[0, ::7] = np.nan
    coefficients, _, explained = regression(x, y)
    assert coefficients[:, 0] == pytest.approx([1, 0])
    assert explained[0] == pytest.approx(1)
    with pytest.raises(UsageError, match="run at least"):
        regression(x[:, :5], y[:, :5])


def test_errors_hold_the_truth() -> None:
    """Of 200 samples of an input that does nothing, 95% lie within 1.96 standard errors of 0."""
    random, inside = np.random.default_rng(3), 0
    for _ in range(200):
        x = random.random((2, 100))
        coefficients, se, _ = regression(x, (x[0] + random.normal(size=100))[None, :])
        inside += abs(coefficients[1, 0]) < 1.96 * se[1, 0]
    assert 180 <= inside <= 199


def test_a_run_is_ranked_by_what_it_drew(tmp_path: Path) -> None:
    result = run(linear(), 512, out=tmp_path / "run", executor="serial")
    found = rank(result, [Wanted("closing_cash", "all")])
    assert {each.path for each in found.inputs[:2]} == {OPENING, RESEARCH}
    by_path = dict(zip([x.path for x in found.inputs], found.coefficients[:, 0], strict=True))
    assert by_path[OPENING] > 0.5
    assert by_path[RESEARCH] < -0.5
    assert found.explained[0] > 0.9
    again = rank(read_result(tmp_path / "run"), [Wanted("closing_cash", "all")])
    assert np.array_equal(found.coefficients, again.coefficients)
    over = rank(result, years(result, "administration"))
    assert [column.period for column in over.columns] == ["2024", "2025"]
    assert over.inputs[0].path == ADMINISTRATION


def test_a_stored_run_that_is_damaged_or_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no run"):
        read_result(tmp_path)
    folder = tmp_path / "run"
    run(linear(), 256, out=folder, executor="serial")
    next(iter(sorted((folder / "outcomes").glob("*")))).unlink()
    with pytest.raises(UsageError, match="unfinished or damaged: block 0"):
        read_result(folder)


def test_pawn_tells_inputs_from_noise() -> None:
    result = run(linear(), 1024, executor="serial")
    found = pawn(result, Wanted("closing_cash", "all"))
    heard = [x.path for x, d in zip(found.inputs, found.distances, strict=True) if d > found.noise]
    assert {RESEARCH, OPENING} <= set(heard)
    assert (np.diff(found.distances) <= 0).all()
    only = pawn(result, Wanted("administration", "2024"))
    assert only.inputs[0].path == ADMINISTRATION
    assert (only.distances[1:] < only.distances[0] / 3).all()
    with pytest.raises(UsageError, match="too few"):
        pawn(run(linear(), 50, executor="serial"), Wanted("closing_cash", "all"))
