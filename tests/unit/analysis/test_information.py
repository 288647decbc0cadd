"""Values of information against closed forms, and what must hold of all of them."""

from __future__ import annotations

import pytest

from cartsim.analysis.evaluate import Settings, Wanted
from cartsim.analysis.information import value_of_information
from cartsim.errors import UsageError
from cartsim.scenario.load import load_text
from cartsim.scenario.loaded import Loaded
from tests.unit.analysis.linear import OPENING, RESEARCH, YEARS, linear

CASH = Wanted("closing_cash", "all")
# tax is the only thing that differs: an uncertain share against a known one
TAXED = """
cartsim: 1
title: a company that can choose where it is taxed
run: {{start: 2024-01-01, years: 1, replications: 4096, seed: 3}}
currency: CNY
company:
  opening_cash: 0
  other_income: 100m
  research: {{uniform: [0, 1m]}}
  tax: {{rate: {rate}}}
  discount_rate: 10%
products: {{}}
"""
RATE = "company.tax.rate"


def options(known: str = "50%") -> list[Loaded]:
    return [load_text(TAXED.format(rate=r)) for r in ("{uniform: [0%, 100%]}", known)]


def test_perfect_information_about_what_decides() -> None:
    found = value_of_information([linear(), linear("outsourced")], CASH, settings=Settings(4096))
    # in-house costs uniform 10m to 20m a year, the other way 15.5m: in-house is the choice, and to
    # know its cost is worth E max(0, cost - 15.5m)
    expected = YEARS * 4.5**2 / 20 * 1e6
    assert found.options[found.chosen] == "as written"
    assert found.everything.value == pytest.approx(expected, abs=4 * found.everything.se)
    singles = {worth.inputs[0].path: worth for worth in found.singles}
    assert singles[RESEARCH].value == pytest.approx(expected, abs=4 * singles[RESEARCH].se)
    assert singles[RESEARCH].changes == pytest.approx(0.45, abs=0.04)
    assert singles[OPENING].value == pytest.approx(0, abs=1)
    assert found.singles[0].inputs[0].path == RESEARCH


def test_a_sample_of_trials_of_an_uncertain_share() -> None:
    """Prior uniform: after k of n successes the mean is (k + 1) / (n + 2), each k as likely."""
    found = value_of_information(
        options("48%"), Wanted("net_result", "all"), samples={RATE: 10}, settings=Settings(16_384)
    )
    profit, known = 99.5e6, 0.48
    after = [(k + 1) / 12 for k in range(11)]
    expected = profit * sum(max(known - mean, 0) for mean in after) / 11
    (sample,) = found.samples
    assert found.chosen == 1
    assert sample.value == pytest.approx(expected, abs=4 * sample.se)
    assert sample.se < 0.05 * expected
    rate = next(worth for worth in found.singles if worth.inputs[0].path == RATE)
    assert rate.value == pytest.approx(profit * known**2 / 2, abs=4 * rate.se)
    assert sample.value < rate.value
    assert sample.size == 10


def test_more_trials_are_worth_more_and_never_more_than_to_know() -> None:
    told = []
    for size in (1, 3, 10, 100):
        found = value_of_information(
            options(), Wanted("net_result", "all"), samples={RATE: size}, settings=Settings(8192)
        )
        told.append(found.samples[0].value)
    assert told == sorted(told)
    assert told[-1] <= found.inputs.value


@pytest.mark.parametrize("variant", ["outsourced", "cheaper"])
def test_order_of_values(variant: str) -> None:
    """0 <= single <= group <= all inputs <= everything."""
    found = value_of_information(
        [linear(), linear(variant)],
        CASH,
        together={"costs": ["company.research", "company.administration"]},
        settings=Settings(1024),
    )
    (group,) = found.groups
    assert {each.path for each in group.inputs} == {RESEARCH, "company.administration"}
    for single in found.singles:
        assert 0 <= single.value <= found.inputs.value
        if single.inputs[0] in group.inputs:
            assert single.value <= group.value
    assert group.value <= found.inputs.value <= found.everything.value


def test_nothing_is_worth_anything_where_one_option_is_always_better() -> None:
    found = value_of_information([linear(), linear("cheaper")], CASH, settings=Settings(512))
    assert found.everything.value == 0
    assert found.everything.changes == 0
    assert all(worth.value == 0 for worth in found.singles)


def test_what_cannot_be_asked() -> None:
    few = Settings(300)
    with pytest.raises(UsageError, match="at least two options"):
        value_of_information([linear()], CASH)
    with pytest.raises(UsageError, match="too few"):
        value_of_information(options(), CASH, settings=Settings(50))
    with pytest.raises(UsageError, match="no uncertain share"):
        value_of_information(
            [linear(), linear("cheaper")], CASH, samples={RESEARCH: 5}, settings=few
        )
    with pytest.raises(UsageError, match="at least one trial"):
        value_of_information(options(), CASH, samples={RATE: 0}, settings=few)
    with pytest.raises(UsageError, match="no uncertain input"):
        value_of_information(options(), CASH, ["nothing"], settings=few)
