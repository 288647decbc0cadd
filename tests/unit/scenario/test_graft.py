"""Some of the changes between two scenarios, put into the first: none, some, all."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from cartsim.errors import ScenarioError
from cartsim.scenario.graft import changes, grafted
from cartsim.scenario.load import load

SCENARIOS = sorted((Path(__file__).parents[3] / "scenarios").glob("*.yaml"))
PAIRS = [(path, name) for path in SCENARIOS for name in load(path).variants]


@pytest.mark.parametrize(("path", "variant"), PAIRS, ids=[f"{p.stem}-{v}" for p, v in PAIRS])
def test_all_changes_make_the_variant_and_none_leave_the_scenario(path: Path, variant: str) -> None:
    base, other = load(path), load(path, variant)
    found = changes(base, other)
    assert found
    assert grafted(base, other, []).hash == base.hash
    assert grafted(base, other, found).hash == other.hash
    assert grafted(other, base, changes(other, base)).hash == base.hash


def test_another_file() -> None:
    folder = SCENARIOS[0].parent
    first, second = load(folder / "carsgen_zevor_cel.yaml"), load(folder / "carsgen_company.yaml")
    found = changes(first, second)
    assert changes(grafted(first, second, found), second) == ()
    assert not any(change.path.startswith(("title", "observed", "run.seed")) for change in found)
    with pytest.raises(ScenarioError, match="unknown product"):
        grafted(first, second, [c for c in found if c.path == "contracts.ucarsgen"])


def test_changes_can_be_put_in_one_by_one_in_any_order() -> None:
    path = SCENARIOS[0].parent / "carsgen_zevor_cel.yaml"
    base, other = load(path), load(path, "own_sales_force")
    found = changes(base, other)
    assert {change.path for change in found} == {"company.selling", "contracts.huadong"}
    for size in range(len(found) + 1):
        for chosen in combinations(found, size):
            made = grafted(base, other, chosen)
            left = {change.path for change in changes(made, other)}
            assert left == {c.path for c in found} - {c.path for c in chosen}


def test_a_default_written_out_is_no_change() -> None:
    path = SCENARIOS[0].parent / "carsgen_zevor_cel.yaml"
    base = load(path)
    assert changes(base, load(path, overrides={"company.receivable_days": "0"})) == ()
