"""The businesses of the library against the figures that were published about them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from cartsim.analysis.risk import risk_adjusted_npv
from cartsim.cli import main
from cartsim.demand.launch import launched_at
from cartsim.economics.events import first_production
from cartsim.montecarlo.block import compute_facts
from cartsim.montecarlo.run import run
from cartsim.report.observed import seen
from cartsim.scenario.load import load
from cartsim.units import MINUTES_PER_DAY

SCENARIOS = Path(__file__).parents[2] / "scenarios"
DEVELOPED = {
    "ucarsgen_stake": 0,
    "crescent_kelun_swap": 0,
    "licence_out_mnc": 0,
    "autologous_to_allogeneic": 0,
    "newco": 0,
}


def test_ucarsgen_is_priced_at_a_thousand_million() -> None:
    model = load(SCENARIOS / "ucarsgen_stake.yaml").model
    (leg,) = model.contracts["round"].legs
    assert leg.equity is not None
    amount, share = leg.equity.amount.constant, leg.equity.share.constant
    assert amount is not None
    assert share is not None
    assert amount / share == pytest.approx(1_000e6)


def test_bluebirds_choice_is_even_at_three_in_ten() -> None:
    model = load(SCENARIOS / "bluebird_cvr.yaml").model
    cash = load(SCENARIOS / "bluebird_cvr.yaml", "cash").model
    upfront = [leg.upfront for leg in model.contracts["takeover"].legs if leg.upfront]
    alone = [leg.upfront for leg in cash.contracts["takeover"].legs if leg.upfront]
    rights = [leg.contingent_value_right for leg in model.contracts["takeover"].legs]
    right = next(each for each in rights if each is not None)
    even = (alone[0].amount.constant - upfront[0].amount.constant) / right.amount.constant  # type: ignore[operator]
    assert even == pytest.approx(0.29, abs=0.005)
    found = run(load(SCENARIOS / "bluebird_cvr.yaml"), replications=400)
    paid = found.values("other_income", "all")
    assert set(np.round(np.unique(paid), 2)) <= {0.0, 6.84e6}
    assert (paid > 0).mean() < even


def test_carsgen_as_a_whole_holds_what_was_published_for_2024() -> None:
    found, missing = seen(run(load(SCENARIOS / "carsgen_company.yaml"), replications=200))
    assert not missing
    for each in found:
        assert each.p5 <= each.value <= each.p95, each


def test_both_sides_of_the_swap_add_up() -> None:
    found = run(load(SCENARIOS / "crescent_kelun_swap.yaml"), replications=60)
    parties = [name for name in found.measures if name.startswith("contract_value:")]
    assert {"contract_value:us", "contract_value:Kelun-Biotech"} <= set(parties)
    total = sum(found.values(name, "all") for name in parties)
    np.testing.assert_allclose(total, 0, atol=1.0)


@pytest.mark.parametrize("name", sorted(DEVELOPED))
def test_weighted_and_simulated_risk_agree(name: str) -> None:
    found = risk_adjusted_npv(load(SCENARIOS / f"{name}.yaml"), replications=96)
    total = sum((way.probability for way in found.ways), np.zeros(96))
    np.testing.assert_allclose(total, 1.0, rtol=1e-12)
    difference = found.weighted - found.simulated
    error = difference.std(ddof=1) / np.sqrt(difference.size)
    assert abs(difference.mean()) < 4 * error
    assert found.weighted.std() <= found.simulated.std() * 1.05


def test_the_value_is_told_in_words_and_as_a_table() -> None:
    file = str(SCENARIOS / "newco.yaml")
    said = CliRunner().invoke(main, ["value", file, "--replications", "16"])
    assert said.exit_code == 0, said.output
    assert said.stdout.startswith("The risk-adjusted net present value is")
    assert "abroad fails at pivotal trial" in said.stdout
    wrong = CliRunner().invoke(main, ["value", str(SCENARIOS / "carsgen_zevor_cel.yaml")])
    assert wrong.exit_code == 2
    assert "no product of this scenario has a 'development'" in wrong.output


def test_a_bank_opens_where_its_product_is_approved_and_not_before() -> None:
    facts = compute_facts(
        load(SCENARIOS / "autologous_to_allogeneic.yaml").model, 5, range(60), "fast"
    )
    drawn, records = facts.drawn, facts.statement.records
    product = facts.scenario.products["allogeneic"]
    launch = launched_at(product, product.markets["mainland"], drawn)[:, 0]
    horizon = drawn.calendar.horizon
    assert 5 < (launch < horizon).sum() < 40  # some are approved
    steps = np.asarray([first_production(route) for route in records.plan.routes])
    production = records.at(steps, records.timelines.start)
    made = (steps >= 0)[records.route] & (production >= 0)
    row, begun = records.row[made], production[made]
    lots = records.lot_number[row] > 0
    replication = records.replication[row[lots]]
    assert set(replication) == set(np.flatnonzero(launch < horizon - 60 * MINUTES_PER_DAY))
    # the donor comes first, then production, all of it after the bank has opened
    assert (begun[lots] >= (launch - 120 * MINUTES_PER_DAY)[replication]).all()
    first = np.array([begun[lots][replication == r].min() for r in np.unique(replication)])
    early = launch[np.unique(replication)] - first
    assert (early > 0).mean() > 0.9  # the first lots begin ahead of the launch
