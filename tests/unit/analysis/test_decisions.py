"""Statistics as they are written; goal seek and optimisation against closed forms."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from cartsim.analysis.evaluate import Settings, Wanted
from cartsim.analysis.levers import Lever, parsed_aims
from cartsim.analysis.optimise import optimise
from cartsim.analysis.price import price_grid
from cartsim.analysis.seek import seek
from cartsim.analysis.statistic import Condition, Event, Statistic
from cartsim.errors import ScenarioError, UsageError
from cartsim.scenario.load import load, load_text
from tests.unit.analysis.linear import ADMINISTRATION, LINEAR, RESEARCH, YEARS, linear

SELLING = "company.selling"
SCENARIOS = Path(__file__).parents[3] / "scenarios"


def test_statistics_are_read_as_they_are_written() -> None:
    assert Statistic.parsed("npv") == Statistic(Wanted("npv"))
    assert Statistic.parsed("p5( closing_cash[2026] )") == Statistic(
        Wanted("closing_cash", "2026"), "p5"
    )
    found = Condition.parsed("P(npv > -1.2bn) >= 80%")
    assert found.statistic.event == Event(Wanted("npv"), ">", -1.2e9)
    assert (found.sign, found.target) == (">=", 0.8)
    assert Condition.parsed("mean(npv)=0").target == 0
    assert Condition.parsed("P(orders[2025] <= 100) <= 5%").statistic.event == Event(
        Wanted("orders", "2025"), "<", 100
    )
    assert Condition.parsed("npv = 0") == Condition.parsed("mean(npv) = 0")
    assert Condition.parsed("mean(npv) > 1m").sign == ">="
    assert str(found) == "P(npv > -1.20bn) >= 80.0%"


@pytest.mark.parametrize(
    "text",
    ["", "P(npv) = 3", "mean(npv)", "q5(npv) = 1", "mean(npv) = much", "P(a>b)=1", "P(a>1)<=5"],
)
def test_wrong_conditions_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        Condition.parsed(text)


def test_the_value_of_a_statistic() -> None:
    values = np.asarray([1.0, 2.0, 3.0, math.nan])
    assert Statistic.parsed("mean(x)").of(values)[0] == 2
    assert Statistic.parsed("P(x > 1.5)").of(values)[0] == pytest.approx(2 / 3)
    condition = Condition.parsed("P(x > 1.5) <= 50%")
    assert condition.violation(0.4) == 0
    assert condition.violation(0.75) == pytest.approx(0.25)
    assert condition.violation(math.nan) == math.inf


def test_goal_seek_of_a_sum() -> None:
    """Mean closing cash of 74m: opening 110m, income 3m, research 15m, administration 6m a year."""
    found = seek(linear(), SELLING, 0, 20e6, Condition.parsed("mean(closing_cash[2025]) = 60m"))
    expected = (110e6 + YEARS * (3e6 - 15e6 - 6e6) - 60e6) / YEARS
    assert found.value == pytest.approx(expected, abs=4 * found.se / YEARS)
    assert found.low < found.value < found.high
    assert found.high - found.low == pytest.approx(2 * 1.96 * found.se / YEARS, rel=0.02)
    assert abs(found.statistic - 60e6) <= YEARS * 1e-3 * 20e6
    # all values meet the same draws: the statistic is exactly a line
    slopes = np.diff([t.statistic for t in found.tried]) / np.diff([t.value for t in found.tried])
    assert slopes == pytest.approx(np.full(len(slopes), -YEARS))


def test_goal_seek_on_a_probability() -> None:
    condition = Condition.parsed("P(research[2024] > 15m) = 50%")
    never = Condition.parsed("P(research[2024] > 15m) = 40%")
    with pytest.raises(UsageError, match="does not cross 40"):
        seek(linear(), SELLING, 0, 20e6, never)
    # uniform from the value to 20m is above 15m in half of the cases where it starts at 10m
    found = seek(linear(), f"{RESEARCH}.uniform.low", 2e6, 14e6, condition)
    assert found.value == pytest.approx(10e6, abs=1e6)


def test_goal_seek_in_whole_numbers() -> None:
    path = "plants.jinshan.resources.production_line.capacity"
    condition = Condition.parsed("P(order_to_infusion_days[2026] > 60) <= 10%")
    found = seek(
        load(SCENARIOS / "carsgen_zevor_cel.yaml"),
        path,
        1,
        20,
        condition,
        whole=True,
        settings=Settings(64),
    )
    told = {t.value: t.statistic for t in found.tried}
    assert found.value == int(found.value)
    assert told[found.value] <= 0.1 < told[found.value - 1]


def test_goal_seek_of_what_is_not_there() -> None:
    condition = Condition.parsed("mean(npv) = 0")
    with pytest.raises(ScenarioError, match="unknown path"):
        seek(linear(), "company.salling", 0, 1, condition)
    with pytest.raises(UsageError, match="must be below"):
        seek(linear(), SELLING, 2, 1, condition)


def test_levers_are_read_as_they_are_written() -> None:
    assert Lever.parsed("a.b=6:12:2").choices == ("6", "8", "10", "12")
    assert Lever.parsed("a.b = 0.8m, 1.0m").choices == ("0.8m", "1.0m")
    found = Lever.parsed("a.b=1m:2m")
    assert (found.low, found.high, found.choices) == (1e6, 2e6, ())
    for wrong in (
        "a.b",
        "a.b=",
        "=1",
        "a=2:1",
        "a=1:2:0",
        "a=1:2:3:4",
        "a=0:1:0.3",
        "a=0:1:2",
        "a=1,1",
        "a=1,,2",
        "a=x:y",
    ):
        with pytest.raises(UsageError):
            Lever.parsed(wrong)


def test_a_known_optimum_among_all_combinations() -> None:
    found = optimise(
        linear(),
        [Lever.parsed(f"{SELLING}=1m,2m,4m"), Lever.parsed(f"{ADMINISTRATION}=2m:6m:2m")],
        parsed_aims(["mean(closing_cash)"], []),
        [Condition.parsed("mean(administration[2024]) >= 4m")],
    )
    assert found.exhaustive
    assert len(found.candidates) == 9
    assert found.best is not None
    assert dict(found.best.setting) == {SELLING: "1m", ADMINISTRATION: "4000000"}
    second = found.candidates[1]
    # one million a year more for selling: the pairs are exact
    assert second.behind == pytest.approx(YEARS * 1e6)
    assert second.behind_se == pytest.approx(0, abs=1)
    assert second.regret == pytest.approx(YEARS * 1e6)
    assert sum(candidate.feasible for candidate in found.candidates) == 6
    assert found.robust is found.best


def test_a_search_finds_the_best_price_of_a_fine_grid() -> None:
    loaded = load(SCENARIOS / "carsgen_zevor_cel.yaml", overrides={"run.years": "1"})
    path = "products.zevor_cel.markets.mainland.price.list"
    settings, goals = Settings(32), parsed_aims(["mean(gross_order_value)"], [])
    found = optimise(loaded, [Lever.parsed(f"{path}=200k:2m")], goals, trials=25, settings=settings)
    prices = ",".join(f"{price:.0f}" for price in price_grid(200e3, 2e6, 25))
    grid = optimise(loaded, [Lever.parsed(f"{path}={prices}")], goals, settings=settings)
    assert not found.exhaustive
    assert grid.exhaustive
    assert found.best is not None
    assert grid.best is not None
    assert 200e3 < float(grid.best.setting[path]) < 2e6
    assert found.best.goals[0][0] >= 0.99 * grid.best.goals[0][0]


def test_two_goals_have_a_front() -> None:
    found = optimise(
        linear(),
        [Lever.parsed(f"{SELLING}=1m,2m,4m"), Lever.parsed(f"{RESEARCH}=5m,6m")],
        parsed_aims(["mean(closing_cash)", "mean(selling)"], []),
    )
    # whatever is spent on selling, less research leaves more
    assert {c.setting[RESEARCH] for c in found.front} == {"5m"}
    assert len(found.front) == 3
    searched = optimise(
        linear(),
        [Lever.parsed(f"{SELLING}=1m:4m")],
        parsed_aims(["mean(closing_cash)"], ["mean(selling)"]),
        trials=12,
        settings=Settings(32),
    )
    assert len(searched.front) == 1
    again = optimise(
        linear(),
        [Lever.parsed(f"{SELLING}=1m:4m")],
        parsed_aims(["mean(closing_cash)"], ["mean(selling)"]),
        trials=12,
        settings=Settings(32, workers=1),
    )
    assert searched.candidates == again.candidates


def test_the_choice_that_regrets_least_over_futures() -> None:
    """As written more administration is waste; nothing else differs, so regret is what it costs."""
    found = optimise(
        linear(),
        [Lever.parsed(f"{SELLING}=1m,3m")],
        parsed_aims(["mean(closing_cash)"], []),
        futures=["outsourced", "cheaper"],
        settings=Settings(64),
    )
    told = {c.setting[SELLING]: c.regret for c in found.candidates}
    assert told == {"1m": pytest.approx(0, abs=1), "3m": pytest.approx(YEARS * 2e6)}
    assert found.robust is found.best


def test_variants_can_be_chosen() -> None:
    found = optimise(
        linear(), [Lever.parsed("variant=-,outsourced,cheaper")], parsed_aims(["mean(npv)"], [])
    )
    assert found.best is not None
    assert found.best.setting == {"variant": "cheaper"}


def test_a_value_with_which_nothing_works_is_refused_before_anything_is_run() -> None:
    goals = parsed_aims(["npv"], [])
    with pytest.raises(UsageError, match=r"no setting with company.tax.rate=120% makes"):
        optimise(linear(), [Lever.parsed("company.tax.rate=10%,120%")], goals)
    with pytest.raises(UsageError, match="abc"):
        optimise(linear(), [Lever.parsed(f"{SELLING}=1m,abc")], goals)


def test_settings_that_make_no_scenario_together_are_left_out_and_said() -> None:
    """A loan that is to be repaid before it is drawn."""
    loan = "loans: {bank: {amount: 1m, drawn: 2024-02-01, repaid: 2024-06-01, interest_rate: 5%}}"
    text = LINEAR.replace("  tax:", f"  {loan}\n  tax:")
    found = optimise(
        load_text(text),
        [
            Lever.parsed("company.loans.bank.drawn=2024-02-01,2024-08-01"),
            Lever.parsed("company.loans.bank.repaid=2024-06-01,2024-12-01"),
        ],
        parsed_aims(["mean(npv)"], []),
        settings=Settings(16),
    )
    assert len(found.candidates) == 3
    assert len(found.refused) == 1
    assert "2024-08-01" in found.refused[0]


def test_nothing_meets_the_condition() -> None:
    found = optimise(
        linear(),
        [Lever.parsed(f"{SELLING}=1m,3m")],
        parsed_aims(["mean(npv)"], []),
        [Condition.parsed("P(closing_cash > 1bn) >= 50%")],
    )
    assert found.best is None
    assert found.alike == ()
    assert found.robust is None


def test_wrong_levers_are_named_before_anything_is_run() -> None:
    goals = parsed_aims(["mean(npv)"], [])
    with pytest.raises(ScenarioError, match="unknown path"):
        optimise(linear(), [Lever.parsed("company.sellling=1m,2m")], goals)
    with pytest.raises(UsageError, match="no variant 'none'"):
        optimise(linear(), [Lever.parsed("variant=none")], goals)
    with pytest.raises(UsageError, match="twice"):
        optimise(linear(), [Lever.parsed(f"{SELLING}=1m"), Lever.parsed(f"{SELLING}=2m")], goals)
    with pytest.raises(UsageError, match="one or two goals"):
        optimise(linear(), [Lever.parsed(f"{SELLING}=1m,2m")], goals * 3)
    with pytest.raises(UsageError, match="lever or futures"):
        optimise(linear(), [Lever.parsed("variant=-")], goals, futures=["cheaper"])
