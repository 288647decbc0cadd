"""Tornado, spider and map of a model that is a sum: its coefficients, to rounding."""

from __future__ import annotations

import numpy as np
import pytest

from cartsim.analysis.evaluate import Settings, Wanted
from cartsim.analysis.one_at_a_time import ALONG, crossings, differs, spider, tornado, two_way
from cartsim.errors import UsageError
from tests.unit.analysis.linear import (
    ADMINISTRATION,
    INCOME,
    OPENING,
    RESEARCH,
    YEARS,
    linear,
)

CASH = Wanted("closing_cash", "all")
FEW = Settings(replications=64)


def test_a_tornado_of_a_sum_has_its_coefficients() -> None:
    found = tornado(linear(), CASH, settings=FEW)
    change = {swing.input.path: swing.change for swing in found.swings}
    # P10 to P90 of a uniform distribution is 0.8 of its range
    assert change[OPENING] == pytest.approx(0.8 * 20e6)
    assert change[RESEARCH] == pytest.approx(-YEARS * 0.8 * 10e6)
    assert change[ADMINISTRATION] == pytest.approx(-YEARS * 0.8 * 2e6)
    assert change[INCOME] == pytest.approx(YEARS * 2 * 1.2815515655446004 * 1e6)
    assert found.swings[0].input.path in {OPENING, RESEARCH}
    # without interactions the pairs are exact
    assert all(swing.se < 1e-6 * abs(swing.change) for swing in found.swings)
    low = next(swing for swing in found.swings if swing.input.path == RESEARCH)
    assert (low.low, low.high) == pytest.approx((11e6, 19e6))
    assert low.at_low - low.at_high == pytest.approx(YEARS * 8e6)


def test_an_input_that_cannot_reach_the_measure_is_named() -> None:
    found = tornado(linear(), Wanted("research", "all"), settings=FEW)
    assert {each.path for each in found.unreached} == {OPENING, ADMINISTRATION, INCOME}
    assert found.swings[0].input.path == RESEARCH


def test_a_difference_to_another_scenario() -> None:
    found = tornado(linear(), CASH, against=linear("outsourced"), settings=FEW)
    change = {swing.input.path: swing.change for swing in found.swings if swing.reaches}
    assert change == {RESEARCH: pytest.approx(-YEARS * 8e6)}
    assert found.against == "outsourced"


def test_inputs_that_move_together_are_told() -> None:
    more = """
correlations:
  - {between: [company.research, company.administration], rank: 0.9}
"""
    found = tornado(linear(more=more), CASH, settings=FEW)
    assert {each.path for each in found.coupled} == {RESEARCH, ADMINISTRATION}
    # the others stay as drawn, so the change is still the input's own
    change = {swing.input.path: swing.change for swing in found.swings}
    assert change[RESEARCH] == pytest.approx(-YEARS * 0.8 * 10e6)


def test_a_spider_finds_where_the_decision_flips() -> None:
    # in-house is better where research costs less than the 15.5m that the other way costs
    found = spider(linear(), CASH, [RESEARCH, OPENING], against=linear("outsourced"), settings=FEW)
    lines = {line.input.path: line for line in found.lines}
    assert lines[RESEARCH].flips == (pytest.approx(15.5e6),)
    assert lines[OPENING].flips == ()
    expected = [YEARS * (15.5e6 - (10e6 + 10e6 * q)) for q in ALONG]
    assert lines[RESEARCH].means == pytest.approx(expected)
    assert found.lines[0].input.path == RESEARCH


def test_a_map_is_the_sum_of_both() -> None:
    found = two_way(linear(), CASH, RESEARCH, OPENING, settings=FEW)
    apart = found.means - found.means[0, 0]
    expected = (found.y_values - found.y_values[0])[None, :] - YEARS * (
        found.x_values - found.x_values[0]
    )[:, None]
    assert apart == pytest.approx(expected, abs=1.0)


def test_a_map_needs_two_different_inputs() -> None:
    with pytest.raises(UsageError, match="two different"):
        two_way(linear(), CASH, RESEARCH, RESEARCH, settings=FEW)
    with pytest.raises(UsageError, match="stands for 4 inputs"):
        two_way(linear(), CASH, "*", OPENING, settings=FEW)


def test_a_measure_or_period_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="did you mean 'revenue'"):
        tornado(linear(), Wanted("revenu"), settings=FEW)
    with pytest.raises(UsageError, match="no period '2031'"):
        tornado(linear(), Wanted("revenue", "2031"), settings=FEW)


def test_workers_and_executors_change_no_bit() -> None:
    first = tornado(linear(), CASH, settings=Settings(200, workers=1))
    for executor, workers in (("threads", 2), ("processes", 2)):
        other = tornado(linear(), CASH, settings=Settings(200, executor=executor, workers=workers))
        assert first == other


def test_crossings() -> None:
    x = np.asarray([0.0, 1.0, 2.0, 3.0])
    assert crossings(x, np.asarray([-1.0, 1.0, 1.0, -3.0])) == (0.5, 2.25)
    assert crossings(x, np.asarray([0.0, 1.0, 2.0, 0.0])) == (0.0, 3.0)
    assert crossings(x, np.ones(4)) == ()


def test_rounding_is_no_difference() -> None:
    values = np.asarray([1.0, np.nan, 3.0])
    assert not differs(values, values * (1 + 1e-15))
    assert differs(values, values * (1 + 1e-9))
    assert differs(values, np.asarray([1.0, 2.0, 3.0]))
