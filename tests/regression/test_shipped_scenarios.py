"""What every shipped scenario gives, held against the numbers that it gave when they were last
looked at. A release that changes them says so in the changelog; then

    pytest tests/regression --update-golden

writes the new ones. They are few replications: this guards against change, not against error.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import cartsim

SCENARIOS = Path(__file__).parents[2] / "scenarios"
GOLDEN = Path(__file__).parent / "golden"
REPLICATIONS = 8
STATISTICS = ("mean", "p50")


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_shipped_scenario_gives_what_it_gave(path: Path, pytestconfig: pytest.Config) -> None:
    document = cartsim.run(cartsim.load(path), REPLICATIONS, executor="serial").document()
    golden = GOLDEN / f"{path.stem}.json"
    measures = {
        f"{m['name']} {m['period']}": m
        for m in document["measures"]
        if m["period"] == "all" or m["period"].isdigit()
    }
    if pytestconfig.getoption("--update-golden"):
        rows = {key: [measure[s] for s in STATISTICS] for key, measure in measures.items()}
        lines = [f"{json.dumps(key)}: {json.dumps(row)}" for key, row in rows.items()]
        golden.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    expected = json.loads(golden.read_text(encoding="utf-8"))
    assert list(measures) == list(expected)
    for key, row in expected.items():
        given = [measures[key][statistic] for statistic in STATISTICS]
        np.testing.assert_allclose(
            np.asarray(given, dtype=float),
            np.asarray(row, dtype=float),
            rtol=1e-9,
            atol=1e-6,
            err_msg=key,
        )


def test_every_golden_file_belongs_to_a_scenario() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == {
        path.stem for path in SCENARIOS.glob("*.yaml")
    }
