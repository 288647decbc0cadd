"""What is asked of a run: registered functions of its facts, one file per family."""

from __future__ import annotations

# isort: off
# The order in which results list the measures.
from cartsim.measures import patients, lots, stock, times, resources, statement, value

# isort: on
from cartsim.measures.facts import Facts
from cartsim.measures.outcomes import Column, Outcomes, bare_name, merge, outcomes
from cartsim.measures.periods import PERIOD_KINDS
from cartsim.measures.registry import AGGREGATIONS, MEASURES, Measure

__all__ = [
    "AGGREGATIONS",
    "FAMILIES",
    "MEASURES",
    "PERIOD_KINDS",
    "Column",
    "Facts",
    "Measure",
    "Outcomes",
    "bare_name",
    "merge",
    "outcomes",
]

FAMILIES = (patients, lots, stock, times, resources, statement, value)
"""The modules that register the measures when they are imported."""
