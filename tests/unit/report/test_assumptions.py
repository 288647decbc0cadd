"""Every written number is listed, with its source or as an assumption."""

from __future__ import annotations

import csv
import io

import pytest
from unit.montecarlo.small_run import small
from unit.report.partnered import partnered

from cartsim.report.assumptions import COLUMNS, counted, csv_text, inputs
from cartsim.scenario.load import load
from cartsim.scenario.parameters import uncertain


def rows(text: str) -> dict[str, dict[str, str]]:
    return {row["path"]: row for row in csv.DictReader(io.StringIO(text))}


def test_sources_and_assumptions_of_a_company() -> None:
    found = rows(csv_text(partnered().model))
    assert found["company.opening_cash"] == {
        "path": "company.opening_cash",
        "value": "20m",
        "unit": "money",
        "scope": "replication",
        "source": "its annual report",
        "note": "",
        "written_at": "weekly.yaml:8:25",
    }
    assert found["company.administration.2028"]["source"] == "assumption"
    assert found["company.administration.2028"]["note"] == "assumption: planned"
    assert found["products.cel.route.steps.production.duration"]["scope"] == "lot"


def test_a_leg_may_have_one_source_for_its_numbers() -> None:
    found = rows(csv_text(partnered().model))
    assert found["contracts.deal.legs.supply_price.share_of_list"]["source"] == "the contract"
    assert found["contracts.deal.legs.milestone.amount"]["source"] == "assumption"


def test_defaults_and_parts_of_distributions_are_no_inputs_of_their_own() -> None:
    paths = {entry.path for entry in inputs(small().model)}
    assert "company.administration" in paths
    assert "company.administration.pert.low" not in paths
    assert "company.selling" not in paths


def test_the_count_is_of_the_list() -> None:
    # Of the 15 numbers that are written, opening cash and the partner's share have a source.
    assert len(inputs(partnered().model)) == 15
    assert counted(partnered().model) == "13 of 15 inputs are assumptions without a source"


def test_a_change_of_ones_own_is_an_assumption() -> None:
    changed = partnered(**{"company.opening_cash": "30m"})
    assert counted(changed.model) == "14 of 15 inputs are assumptions without a source"
    assert rows(csv_text(changed.model))["company.opening_cash"]["value"] == "30m"


@pytest.mark.parametrize("scenario", ["scenarios/carsgen_zevor_cel.yaml"])
def test_every_uncertain_input_of_a_shipped_scenario_is_listed(scenario: str) -> None:
    from pathlib import Path

    model = load(Path(__file__).parents[3] / scenario).model
    text = csv_text(model)
    assert text.splitlines()[0] == ",".join(COLUMNS)
    assert {quantity.path for quantity in uncertain(model)} <= set(rows(text))
