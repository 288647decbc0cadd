"""Paired differences, who is best, and the bridge, against closed forms."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartsim.analysis.comparison import bridge, bundled, compare, names_of, shapley
from cartsim.analysis.evaluate import Settings, Wanted
from cartsim.errors import UsageError
from cartsim.scenario.load import load, load_text
from tests.unit.analysis.linear import LINEAR, YEARS, linear

CASH = Wanted("closing_cash", "all")
SCENARIOS = Path(__file__).parents[3] / "scenarios"


def test_paired_differences_of_a_sum() -> None:
    found = compare([linear(), linear("cheaper"), linear("outsourced")], [CASH])
    cheaper, outsourced = found.differences[0]
    # administration is 6m in the mean and 5m at the cheaper one, selling 3m less a year
    assert cheaper.mean == pytest.approx(YEARS * (1e6 + 3e6), abs=4 * cheaper.se)
    assert cheaper.p5 > YEARS * 3e6
    assert cheaper.larger == 1.0
    assert outsourced.mean == pytest.approx(YEARS * -0.5e6, abs=4 * outsourced.se)
    # research is below 15.5m, so that in-house leaves more, in 55% of the replications
    assert outsourced.larger == pytest.approx(0.45, abs=0.05)
    assert cheaper.worth > 20
    assert found.names == ("as written", "cheaper", "outsourced")
    assert [c.path for c in found.changes(2)] == ["company.research"]


def test_who_is_best_and_what_it_costs_to_be_wrong() -> None:
    found = compare([linear(), linear("outsourced")], [CASH], settings=Settings(4096))
    inside, outside = found.choices
    assert inside.best == pytest.approx(0.55, abs=0.02)
    assert inside.best + outside.best == pytest.approx(1)
    # E max(0, research - 15.5m) and E max(0, 15.5m - research), research uniform in 10m to 20m
    assert inside.regret == pytest.approx(YEARS * 4.5**2 / 20 * 1e6, abs=4 * inside.se)
    assert outside.regret == pytest.approx(YEARS * 5.5**2 / 20 * 1e6, abs=4 * outside.se)
    lowest = compare([linear(), linear("outsourced")], [CASH], lowest=True)
    assert lowest.choices[1].best == pytest.approx(0.55, abs=0.05)


def test_scenarios_that_are_the_same_share_the_first_place() -> None:
    found = compare([linear(), linear()], [CASH])
    assert [choice.best for choice in found.choices] == [0.5, 0.5]
    assert found.differences[0][0].mean == 0.0


def test_a_price_cut_is_told_far_more_sharply_by_pairs() -> None:
    path = SCENARIOS / "carsgen_zevor_cel.yaml"
    found = compare([load(path), load(path, "price_1m")], [Wanted("npv")], settings=Settings(128))
    assert found.differences[0][0].worth > 20


@given(st.lists(st.floats(-10, 10), min_size=8, max_size=8))
def test_shapley_values_are_the_mean_over_all_orders_and_add_up(made: list[float]) -> None:
    at = {
        frozenset(i for i in range(3) if number >> i & 1): np.asarray([value])
        for number, value in enumerate(made)
    }
    shares = [float(shapley(at, player, 3)[0]) for player in range(3)]
    for player in range(3):
        steps = []
        for order in permutations(range(3)):
            before = frozenset(order[: order.index(player)])
            steps.append(float((at[before | {player}] - at[before])[0]))
        assert shares[player] == pytest.approx(np.mean(steps), abs=1e-9)
    assert sum(shares) == pytest.approx(made[7] - made[0], abs=1e-9)


def test_the_bridge_adds_up_and_names_the_changes() -> None:
    found = bridge(linear(), linear("cheaper"), CASH)
    parts = {step.name: step for step in found.steps}
    assert parts["company.selling"].mean == pytest.approx(YEARS * 3e6)
    assert parts["company.administration"].mean == pytest.approx(
        YEARS * 1e6, abs=4 * parts["company.administration"].se
    )
    total = sum(step.mean for step in found.steps)
    assert total == pytest.approx(found.finish - found.start, rel=1e-12)
    assert found.runs == 4


def test_the_bridge_of_a_real_scenario_adds_up() -> None:
    path = SCENARIOS / "carsgen_zevor_cel.yaml"
    found = bridge(load(path), load(path, "own_sales_force"), Wanted("npv"), settings=Settings(64))
    assert {step.name for step in found.steps} == {"company.selling", "contracts.huadong"}
    assert sum(step.mean for step in found.steps) == pytest.approx(
        found.finish - found.start, rel=1e-9
    )


def test_changes_that_need_each_other_are_one_step() -> None:
    first = load(SCENARIOS / "carsgen_zevor_cel.yaml")
    second = load(SCENARIOS / "carsgen_company.yaml")
    groups = bundled(first, second, 6)
    with_contract = next(g for _, g in groups if any(c.path.startswith("contracts.u") for c in g))
    assert any(change.path == "products.allo_bcma" for change in with_contract)
    alone = [g[0].path for _, g in groups if len(g) == 1]
    assert set(alone) == {"company.impairments", "run.years"}


def test_many_changes_are_put_together_by_what_they_belong_to() -> None:
    groups = bundled(linear(), linear("cheaper"), 1)
    assert [(name, len(inside)) for name, inside in groups] == [("company (2)", 2)]


def test_what_cannot_be_compared() -> None:
    with pytest.raises(UsageError, match="at least two"):
        compare([linear()], [CASH])
    dollars = load_text(LINEAR.replace("currency: CNY", "currency: USD"))
    with pytest.raises(UsageError, match="different currencies"):
        compare([linear(), dollars], [CASH])
    with pytest.raises(UsageError, match="do not differ"):
        bridge(linear(), linear(), CASH)


def test_names() -> None:
    path = SCENARIOS / "newco.yaml"
    set_ = load(path, overrides={"company.discount_rate": "12%"})
    assert names_of([load(path), load(path, "licensed"), set_]) == (
        "as written",
        "licensed",
        "discount rate 12%",
    )
    assert names_of([load(path), load(SCENARIOS / "iaso_partnership.yaml", "shared")]) == (
        "newco",
        "iaso_partnership, shared",
    )
    assert names_of([load(path), load(path)]) == ("as written (1)", "as written (2)")
