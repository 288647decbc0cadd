"""Goals of precision: how they are written, when reached, how many replications they take."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartsim.errors import UsageError
from cartsim.montecarlo.precision import (
    GROWTH,
    ROUND,
    Goal,
    Standing,
    measured,
    needed,
    next_number,
    running,
)
from cartsim.montecarlo.run import run
from cartsim.sampling.design import design
from tests.unit.montecarlo.small_run import small


def test_goals_are_read_as_they_are_written() -> None:
    assert Goal.parsed("se=1%") == Goal("npv", None, "mean", 0.01, relative=True)
    assert Goal.parsed("revenue[2026]:se(p5)=0.5m") == Goal(
        "revenue", "2026", "p5", 500_000.0, relative=False
    )
    assert Goal.parsed("utilisation:own.line[2027]:se=1%") == Goal(
        "utilisation:own.line", "2027", target=0.01
    )
    assert Goal.parsed(" orders@zevor_cel : se = 2 % ") == Goal("orders@zevor_cel", target=0.02)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1%", "such as"),
        ("se=", "such as"),
        ("npv:se(p7)=1%", "did you mean"),
        ("se=many", "many"),
        ("se=0%", "larger than 0"),
        ("se=-1m", "larger than 0"),
        ("npv[]:se=1%", "such as"),
    ],
)
def test_a_wrong_goal_says_what_is_allowed(text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        Goal.parsed(text)


def test_a_measure_or_period_that_is_not_there_is_named() -> None:
    table = run(small(), 4, executor="serial").table
    with pytest.raises(UsageError, match="revenue"):
        Goal("revenues").position(table)
    with pytest.raises(UsageError, match="no period '1999'"):
        Goal("revenue", "1999").position(table)


def test_the_law_of_the_square_root() -> None:
    assert needed(1000, 2.0, Goal(target=0.01), 100.0) == 4000
    assert needed(1000, 2.0, Goal(target=4.0, relative=False), 100.0) == 250
    assert needed(1000, math.nan, Goal(), 100.0) is None
    assert needed(1000, 1.0, Goal(), 0.0) is None


def standing(se: float, enough: int | None) -> Standing:
    return Standing(Goal(target=1.0, relative=False), 10.0, se, enough)


def test_a_run_ends_when_every_goal_is_reached() -> None:
    assert next_number([standing(0.9, 500), standing(1.0, 100)], ROUND, 10**6) == ROUND


@given(
    st.lists(st.one_of(st.none(), st.integers(1, 10**7)), min_size=1, max_size=4),
    st.integers(1, 200),
    st.integers(1, 10**6),
)
def test_a_run_grows_by_whole_rounds_and_never_beyond_the_most(
    enough: list[int | None], rounds: int, more: int
) -> None:
    present = rounds * ROUND
    most = present + more
    found = next_number([standing(2.0, each) for each in enough], present, most)
    assert present < found <= most
    assert found == most or found % ROUND == 0
    assert found <= GROWTH * present + ROUND


def test_batches_tell_the_error_of_values_that_belong_together() -> None:
    # a value that is the same throughout a batch is known only as well as batches are many
    batches = design("latin_hypercube", ()).batches(range(128 * 50))
    assert batches is not None
    chance = np.random.default_rng(5).normal(size=50)
    _, se = measured(chance[batches], batches)["mean"]
    assert se == pytest.approx(chance.std(ddof=1) / math.sqrt(50))
    _, alone = measured(chance[batches], None)["mean"]
    assert alone < se / 10


def test_errors_of_quantiles_cover_the_quantile() -> None:
    # of 400 runs of 500 normal values, P5 lies within two standard errors in about 95%
    random, truth, inside = np.random.default_rng(7), -1.6448536269514722, 0
    for _ in range(400):
        value, se = measured(random.normal(size=500), None)["p5"]
        inside += abs(value - truth) <= 1.96 * se
    assert 0.90 < inside / 400 < 0.985


def test_running_statistics_end_at_those_of_all() -> None:
    values = np.random.default_rng(3).gamma(2.0, size=1000)
    values[::100] = math.nan
    numbers, table = running(values)
    known = values[~np.isnan(values)]
    assert numbers[0] == 16
    assert numbers[-1] == known.size
    assert (np.diff(numbers) > 0).all()
    expected = [known.mean(), *np.quantile(known, [0.05, 0.5, 0.95])]
    assert np.allclose(table[:, -1], expected)
    assert running(np.full(5, math.nan))[0].size == 0
