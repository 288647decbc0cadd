"""On every shipped scenario both engines tell the same, minute by minute and dose by dose."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from cartsim.montecarlo.block import compute_facts
from cartsim.scenario.load import load
from cartsim.simulation.timelines import Timelines

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_engines_agree(path: Path) -> None:
    model = load(path).model
    replications = range(3, 6)
    fast, reference = (
        compute_facts(model, 11, replications, engine).timelines for engine in ("fast", "reference")
    )
    assert fast.state.size
    for fact in fields(Timelines):
        np.testing.assert_array_equal(
            getattr(fast, fact.name), getattr(reference, fact.name), fact.name
        )
