"""The inputs of a scenario: which there are, what they are called, what moves together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cartsim.analysis.inputs import coupled, inputs_of, labelled, matches, value_at, values
from cartsim.errors import UsageError
from cartsim.report.result import run
from cartsim.sampling.drawn import draw
from tests.unit.analysis.linear import ADMINISTRATION, INCOME, OPENING, RESEARCH, linear

COUPLED = """
drivers:
  market: {uniform: [0.5, 1.5]}
correlations:
  - {between: [company.research, company.administration], rank: 0.5}
"""


def test_uncertain_inputs_with_unit_and_source() -> None:
    found = inputs_of(linear().model)
    assert [each.path for each in found] == [ADMINISTRATION, OPENING, INCOME, RESEARCH]
    by_path = {each.path: each for each in found}
    assert by_path[OPENING].sourced
    assert not by_path[RESEARCH].sourced
    assert by_path[RESEARCH].unit == "money/year"
    assert by_path[RESEARCH].label == "research"


def test_patterns_choose_and_a_wrong_one_is_named() -> None:
    model = linear().model
    assert [x.path for x in inputs_of(model, patterns=["*re*"])] == [RESEARCH]
    assert matches("company.research.2025", "company.research")
    assert not matches("company.researcher", "company.research")
    with pytest.raises(UsageError, match=r"did you mean 'company\.research'"):
        inputs_of(model, patterns=["company.reserch"])


def test_inputs_of_two_scenarios_are_those_of_either() -> None:
    both = inputs_of(linear("outsourced").model, linear().model)
    assert [each.path for each in both] == [ADMINISTRATION, OPENING, INCOME, RESEARCH]
    assert len(inputs_of(linear("outsourced").model)) == 3


def test_values_are_those_of_the_run() -> None:
    model = linear().model
    found = inputs_of(model)
    drawn = draw(model, 3, range(200))
    table = values(found, 3, 200)
    assert table.shape == (4, 200)
    for each, row in zip(found, table, strict=True):
        assert np.array_equal(row, drawn.value(each.quantity))
    assert value_at(found[3], 0.25, 3) == pytest.approx(12.5e6)


def test_what_moves_together_is_found_however_indirectly() -> None:
    model = linear(more=COUPLED).model
    assert coupled(model)[RESEARCH] == {RESEARCH, ADMINISTRATION}
    by_path = {each.path: each for each in inputs_of(model)}
    assert by_path[RESEARCH].with_others == (ADMINISTRATION,)
    assert by_path[INCOME].with_others == ()


def test_labels_tell_inputs_apart() -> None:
    paths = [
        "products.a.markets.home.adoption.linear.peak",
        "products.b.markets.home.adoption.linear.peak",
        "company.research.2025",
        "fx.USD.growth.2025",
        "products.a.markets.home.ability_to_pay.lognormal.median",
    ]
    told = labelled(paths)
    assert len(set(told.values())) == len(paths)
    assert told[paths[0]] == "a home adoption: peak"
    assert told[paths[2]] == "research 2025"
    assert told[paths[3]] == "fx USD 2025"
    assert told[paths[4]] == "ability to pay: median"


def test_pandas_goes_in_and_comes_out() -> None:
    by_year = linear().with_overrides({RESEARCH: pd.Series({2024: 12e6, 2025: np.float64(14e6)})})
    result = run(by_year, 8)
    assert result.statistic("research", "2024") == pytest.approx(12e6)
    assert result.statistic("research", "2025") == pytest.approx(14e6)
    steps = pd.Series([1e6, 2e6], index=pd.to_datetime(["2024-01-01", "2025-07-01"]))
    stepped = run(linear().with_overrides({RESEARCH: steps}), 8)
    assert stepped.statistic("research", "2025H2") == pytest.approx(1e6, rel=0.01)
    frame = run(linear(), 16).inputs()
    assert frame.shape == (16, 4)
    assert list(frame.columns) == [each.path for each in inputs_of(linear().model)]
    assert frame[RESEARCH].between(10e6, 20e6).all()
