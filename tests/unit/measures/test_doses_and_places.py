"""Where every dose went, and places that are never more than full."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cartsim.measures import outcomes
from cartsim.montecarlo.block import compute_facts
from cartsim.scenario.load import load

SCENARIOS = Path(__file__).parents[3] / "scenarios"


@pytest.mark.parametrize("success", ["99%", "60%"])
def test_doses_are_infused_expired_lost_in_stock_or_on_their_way(success: str) -> None:
    loaded = load(
        SCENARIOS / "versus_allogeneic.yaml",
        overrides={f"products.{_product()}.route.steps.conditioning.success": success},
    )
    facts = compute_facts(loaded.model, 1, range(6), "fast")
    told = outcomes(facts)
    values = {(c.name, c.period): told.values[:, i] for i, c in enumerate(told.columns)}
    product = _product()
    bank = loaded.model.products[product].bank
    assert bank is not None
    assert bank.initial is not None
    made = values[f"doses_made@{product}", "all"] + bank.initial.doses.constant
    gone = sum(values[f"doses_{what}@{product}", "all"] for what in ("expired", "lost", "in_stock"))
    records = facts.statement.records
    attempts = records.timelines.source >= 0
    infused = attempts & (records.timelines.start[:, -1] >= 0)
    under_way = attempts & ~infused & ~records.over
    replication = records.replication[records.row]
    in_hand = np.bincount(replication[infused | under_way], minlength=6)
    np.testing.assert_allclose(made, gone + in_hand)
    assert (values[f"doses_lost@{product}", "all"] > 0).any()


def _product() -> str:
    return next(iter(load(SCENARIOS / "versus_allogeneic.yaml").model.products))


def test_no_resource_is_used_for_more_than_all_of_its_time() -> None:
    facts = compute_facts(load(SCENARIOS / "shared_plant.yaml").model, 1, range(24), "fast")
    told = outcomes(facts)
    used = [i for i, c in enumerate(told.columns) if c.name.startswith("utilisation:")]
    values = told.values[:, used]
    assert np.nanmax(values) <= 1.0
    assert np.nanmax(values) > 0.9
