"""Analyses as a notebook has them: what is taken, what is refused, how it prints."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import cartsim
from cartsim.errors import UsageError
from cartsim.report.arguments import as_scenario, number_of, settings_of
from cartsim.report.comparison import less_is_better
from cartsim.report.told import (
    plus_minus,
)
from tests.unit.analysis.linear import LINEAR, linear

CASH = "closing_cash[2025]"


def test_a_scenario_may_be_a_file_a_result_or_a_variant(tmp_path: Path) -> None:
    path = tmp_path / "sum.yaml"
    path.write_text(LINEAR)
    assert as_scenario(str(path)).hash == linear().hash
    assert as_scenario(path).hash == linear().hash
    assert as_scenario(cartsim.run(linear(), 4)).hash == linear().hash
    assert as_scenario("cheaper", linear()).hash == linear("cheaper").hash
    with pytest.raises(UsageError, match="got int"):
        as_scenario(3)
    told = cartsim.compare([str(path), "cheaper"], CASH, replications=16)
    assert told.found.names == ("as written", "cheaper")
    with pytest.raises(UsageError, match="as a list"):
        cartsim.compare(str(path))


def test_one_text_stands_for_one() -> None:
    told = cartsim.sensitivity.tornado(
        linear(), CASH, "company.research", against="outsourced", replications=16
    )
    assert isinstance(told.frame(), pd.DataFrame)
    assert list(told.frame()["path"]) == ["company.research"]
    assert "less that of outsourced" in told.title
    best = cartsim.optimise(
        linear(), "company.selling=1m,2m", f"mean({CASH})", replications=8, futures="cheaper"
    )
    assert best.facts["best"] == {"company.selling": "1m"}
    sought = cartsim.seek(
        linear(), "company.selling", "0", "20m", f"mean({CASH}) = 60m", replications=64
    )
    assert "yuan" in sought.headline


def test_what_cannot_be_is_said_in_words() -> None:
    with pytest.raises(UsageError, match="did you mean 'replications'"):
        settings_of({"replication": 3})
    with pytest.raises(UsageError, match="whole number"):
        settings_of({"replications": "ten"})
    with pytest.raises(UsageError, match="threshold"):
        number_of("many", "threshold")
    with pytest.raises(UsageError, match="needs a result"):
        cartsim.sensitivity.rank(linear(), CASH)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="condition are texts"):
        cartsim.seek(linear(), f"mean({CASH}) = 0", "company.selling", 1, 2)  # type: ignore[arg-type]


def test_what_was_found_prints_as_a_table() -> None:
    told = cartsim.sensitivity.tornado(linear(), CASH, replications=16)
    lines = str(told).splitlines()
    assert lines[0] == told.headline
    assert any(line.startswith("research *") and "yuan a year" in line for line in lines)
    assert len(repr(told)) < 500
    assert "<table>" in told._repr_html_()


@pytest.mark.parametrize(
    ("value", "se", "told"),
    [
        (3.02e6, 915_668, "3.02m ± 0.92m"),
        (-2.085e9, 15.7e6, "-2.085bn ± 0.016bn"),
        (-199.4e6, 10.2e6, "-199m ± 10m"),
        (28.9e6, 0.0, "28.9m ± 0.0m"),
        (1_235, 16.2, "1,235 ± 16.2"),
        (0.0, 0.0, "0 ± 0"),
    ],
)
def test_numbers_and_their_errors_share_a_scale(value: float, se: float, told: str) -> None:
    assert plus_minus(value, se, "CNY") == told


def test_less_is_better_of_waits_and_losses() -> None:
    assert less_is_better("order_to_infusion_days")
    assert less_is_better("cost_per_infused_dose@x")
    assert less_is_better("peak_funding")
    assert not less_is_better("npv")
    assert not less_is_better("infusions")
