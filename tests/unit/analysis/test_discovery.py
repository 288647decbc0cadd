"""Regions of inputs: what is known to decide is found, and what is luck is said to be."""

from __future__ import annotations

import pytest

from cartsim.analysis.discovery import discover
from cartsim.analysis.statistic import Event
from cartsim.errors import UsageError
from cartsim.montecarlo.run import run
from cartsim.report.discovery import in_words, told_discovery
from tests.unit.analysis.linear import RESEARCH, linear


def test_the_region_that_was_built_in_is_found() -> None:
    result = run(linear(), 2000, executor="serial")
    found = discover(result, Event.parsed("research[2024] > 17m"), depth=2)
    assert found.overall == pytest.approx(0.3, abs=0.03)
    top = found.regions[0]
    (bound,) = top.bounds
    assert bound.input.path == RESEARCH
    assert bound.low == pytest.approx(17e6, rel=0.01)
    assert top.density > 0.98
    assert top.coverage > 0.98
    assert found.told_apart > 0.99
    assert sum(region.share for region in found.regions) == pytest.approx(1)
    assert sum(region.coverage for region in found.regions) == pytest.approx(1)
    assert in_words(top).startswith("research is above 17.0m yuan a year")
    assert "research in 2024 is above 17.0m yuan" in told_discovery(found, "x").title


def test_two_inputs_together() -> None:
    result = run(linear(), 4000, executor="serial")
    found = discover(result, Event.parsed("closing_cash[2025] < 52m"))
    used = {bound.input.path for region in found.regions for bound in region.bounds}
    assert {RESEARCH, "company.opening_cash"} <= used
    assert found.regions[0].density > 3 * found.overall
    assert found.told_apart > 0.85


def test_what_happens_always_or_never_has_no_region() -> None:
    result = run(linear(), 400, executor="serial")
    with pytest.raises(UsageError, match="too one-sided"):
        discover(result, Event.parsed("closing_cash[2025] > 0"))
    with pytest.raises(UsageError, match="too few"):
        discover(run(linear(), 64, executor="serial"), Event.parsed("npv > 0"))
    with pytest.raises(UsageError, match="no event"):
        Event.parsed("closing_cash")
