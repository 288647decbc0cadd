"""Every number that a scenario's author wrote, with its source, or as an assumption."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from cartsim.scenario.model import Scenario
from cartsim.scenario.parameters import quantities
from cartsim.scenario.values import Quantity

ASSUMPTION = "assumption"
COLUMNS = ("path", "value", "unit", "scope", "source", "note", "written_at")


@dataclass(frozen=True)
class Input:
    """One number of a scenario as written; ``source`` is empty where nobody vouches for it."""

    path: str
    value: str
    unit: str
    scope: str
    source: str
    note: str
    written_at: str

    @property
    def is_assumption(self) -> bool:
        return not self.source


def inputs(scenario: Scenario) -> tuple[Input, ...]:
    """The numbers that were written, sorted by path; defaults and the parameters inside a
    distribution are not counted as inputs of their own."""
    found = list(quantities(scenario))
    inner = {leaf.path for quantity in found for leaf in list(quantity.leaves())[1:]}
    vouched = dict(_sources_of_legs(scenario))
    return tuple(
        _input(quantity, vouched)
        for quantity in found
        if quantity.position is not None and quantity.path not in inner
    )


def counted(scenario: Scenario) -> str:
    """How much of a scenario is assumed, as one sentence."""
    all_inputs = inputs(scenario)
    assumed = sum(entry.is_assumption for entry in all_inputs)
    return f"{assumed} of {len(all_inputs)} inputs are assumptions without a source"


def csv_text(scenario: Scenario) -> str:
    """The table as comma-separated text; where there is no source it says ``assumption``."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in inputs(scenario):
        row = {**vars(entry), "source": entry.source or ASSUMPTION}
        writer.writerow([row[column] for column in COLUMNS])
    return text.getvalue()


def _input(quantity: Quantity, vouched: dict[str, str]) -> Input:
    source = quantity.source
    if not source:
        source = next((s for leg, s in vouched.items() if quantity.path.startswith(leg)), "")
    return Input(
        quantity.path,
        quantity.text,
        quantity.unit,
        quantity.scope,
        source,
        quantity.note,
        str(quantity.position),
    )


def _sources_of_legs(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """A leg of a contract may have one source for all its numbers."""
    for contract in scenario.contracts.values():
        for leg in contract.legs:
            for terms in (leg.upfront, leg.supply_price, leg.milestone):
                if terms is not None and terms.source:
                    yield f"{terms.path}.", terms.source
