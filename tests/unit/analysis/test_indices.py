"""Sobol' indices and elementary effects against closed forms, through our own interface."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from cartsim.analysis.evaluate import Settings, Wanted
from cartsim.analysis.groups import CHANCE, OTHERS, grouped
from cartsim.analysis.screening import effects, morris
from cartsim.analysis.variance import indices, sobol
from cartsim.errors import UsageError
from cartsim.units import Floats
from tests.unit.analysis.linear import ADMINISTRATION, INCOME, RESEARCH, YEARS, linear

CASH = Wanted("closing_cash", "all")
COUPLED = """
correlations:
  - {between: [company.research, company.administration], rank: 0.9}
"""


def ishigami(u: Floats, _: Sequence[int] = ()) -> Floats:
    x = -np.pi + 2 * np.pi * u
    return np.asarray(
        np.sin(x[..., 0]) + 7 * np.sin(x[..., 1]) ** 2 + 0.1 * x[..., 2] ** 4 * np.sin(x[..., 0])
    )


def test_ishigami() -> None:
    """Ishigami and Homma (1990): a = 7, b = 0.1."""
    variance = 7**2 / 8 + 0.1 * np.pi**4 / 5 + 0.1**2 * np.pi**8 / 18 + 0.5
    first = np.asarray([0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2, 7**2 / 8, 0.0]) / variance
    joint = 8 * 0.1**2 * np.pi**8 / 225 / variance
    total = first + np.asarray([joint, 0.0, joint])
    found, _ = indices([1, 1, 1], 4096, ishigami, seed=1)
    assert found[:3, 0] == pytest.approx(first, abs=0.02)
    assert found[:3, 2] == pytest.approx(total, abs=0.02)
    # the intervals hold what they are said to hold, and nothing merely varies
    assert (np.abs(found[:3, 0] - first) < 2 * found[:3, 1]).all()
    assert found[3] == pytest.approx([0, 0, 0, 0], abs=1e-12)


def test_g_function() -> None:
    """Sobol' G function with a = (0, 1, 4.5, 9): Saltelli et al. (2010)."""
    a = np.asarray([0.0, 1.0, 4.5, 9.0])

    def g(u: Floats, _: Sequence[int]) -> Floats:
        return np.asarray(((np.abs(4 * u - 2) + a) / (1 + a)).prod(axis=-1))

    alone = 1 / (3 * (1 + a) ** 2)
    variance = (1 + alone).prod() - 1
    found, _ = indices([1] * 4, 4096, g, seed=2)
    assert found[:4, 0] == pytest.approx(alone / variance, abs=0.03)
    total = alone * np.asarray([np.delete(1 + alone, i).prod() for i in range(4)]) / variance
    assert found[:4, 2] == pytest.approx(total, abs=0.03)


def test_groups_and_chance_have_indices_of_their_own() -> None:
    """A sum of inputs in groups of 2 and 1 and of chance: shares of the variance, exactly."""
    chance = {0: np.random.default_rng(1).random(2048), 1: np.random.default_rng(2).random(2048)}

    def total(u: Floats, chances: Sequence[int]) -> Floats:
        luck = np.asarray([chance[which] for which in chances])
        return np.asarray(u[..., 0] + 2 * u[..., 1] + 3 * u[..., 2] + 2 * luck)

    found, _ = indices([2, 1], 2048, total, seed=3)
    shares = np.asarray([5, 9, 4]) / 18
    assert found[:, 0] == pytest.approx(shares, abs=0.05)
    assert found[:, 2] == pytest.approx(shares, abs=0.05)


def test_shares_of_a_sum_of_inputs_of_a_scenario() -> None:
    found = sobol(linear(), CASH, 512)
    first = {index.group.name: index.first for index in found.indices}
    parts = {
        "opening cash": 20**2 / 12,
        "research": YEARS**2 * 10**2 / 12,
        "administration": YEARS**2 * 2**2 / 12,
        "other income": YEARS**2 * 1,
    }
    whole = sum(parts.values())
    for name, part in parts.items():
        assert first[name] == pytest.approx(part / whole, abs=0.04), name
    assert found.variance == pytest.approx(whole * 1e12, rel=0.1)
    assert first[CHANCE] == pytest.approx(0, abs=1e-9)
    assert found.replications == 512 * 7
    assert CHANCE in {group.name for group in found.unreached}


def test_what_moves_together_is_one_group() -> None:
    groups = grouped(linear(more=COUPLED))
    together = [g for g in groups if len(g.inputs) > 1]
    assert [[x.path for x in g.inputs] for g in together] == [[ADMINISTRATION, RESEARCH]]
    # even where they were asked to be apart
    apart = grouped(linear(more=COUPLED), (), {"one": [RESEARCH], "two": [INCOME]})
    joined = next(g for g in apart if RESEARCH in [x.path for x in g.inputs])
    assert {x.path for x in joined.inputs} == {RESEARCH, ADMINISTRATION}
    assert "one" in joined.name
    found = sobol(linear(more=COUPLED), CASH, 256)
    assert sum(index.first for index in found.indices) == pytest.approx(1, abs=0.1)


def test_inputs_that_are_not_asked_about_are_a_group() -> None:
    groups = grouped(linear(), [RESEARCH])
    assert {g.name for g in groups} == {"research", OTHERS}
    assert sum(len(g.inputs) for g in groups) == 4
    with pytest.raises(UsageError, match="in two groups"):
        grouped(linear(), (), {"a": [RESEARCH], "b": ["company.*"]})


def test_a_base_is_a_power_of_two() -> None:
    with pytest.raises(UsageError, match="power of two"):
        sobol(linear(), CASH, 100)


def test_elementary_effects_of_a_sum_are_its_coefficients() -> None:
    found = morris(linear(), CASH, 16)
    told = {effect.group.name: effect for effect in found.effects}
    # from P5 to P95 of a uniform distribution is 0.9 of its range
    assert told["research"].mu == pytest.approx(-YEARS * 9e6)
    assert told["research"].mu_star == pytest.approx(YEARS * 9e6)
    assert told["research"].sigma == pytest.approx(0, abs=1)
    assert told["opening cash"].mu == pytest.approx(18e6)
    assert {e.group.name for e in found.effects[:2]} == {"opening cash", "research"}
    assert found.replications == 16 * 5


def test_effects_see_interactions_and_what_does_nothing() -> None:
    told, felt = effects([1, 1, 1], 200, lambda u: 10 * u[..., 0] * u[..., 1], seed=4)
    assert felt == [True, True, False]
    assert told[2] == pytest.approx([0, 0, 0, 0], abs=1e-12)
    assert told[0, 3] > 0.3 * told[0, 0]


def test_a_group_of_several_has_a_size_and_no_direction() -> None:
    told, felt = effects([2, 1], 50, lambda u: u[..., 0] - u[..., 1] + u[..., 2], seed=5)
    assert felt == [True, True]
    assert np.isnan(told[0, 2])
    assert np.isnan(told[0, 3])
    assert told[1, 0] == pytest.approx(0.9)


def test_a_measure_that_is_undefined_is_refused() -> None:
    with pytest.raises(UsageError, match="undefined"):
        sobol(linear(), Wanted("order_to_infusion_days", "all"), 4, settings=Settings())
