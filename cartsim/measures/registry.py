"""What a measure is, and the list of them all.

A measure is a function of :class:`~cartsim.measures.facts.Facts` that returns monthly tables by
suffix; how months become years is told once, by its ``aggregation``. To add one, decorate a
function in the file of its family::

    @measure("orders", unit="patients", meaning="Orders placed.", aggregation="sum")
    def orders(facts: Facts) -> Tables:
        activity = facts.statement.activity
        return by_product_and_market(activity.markets, activity.orders)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

import numpy as np

from cartsim.measures.facts import Facts
from cartsim.units import Floats

Aggregation = Literal["sum", "first", "last", "ratio", "whole run"]

AGGREGATIONS: Mapping[Aggregation, str] = MappingProxyType(
    {
        "sum": "summed over the months of the period",
        "first": "value of the period's first month (a balance at its start)",
        "last": "value of the period's last month (a balance at its end)",
        "ratio": "sum of the numerator over the months divided by that of the denominator; "
        "undefined where that is 0",
        "whole run": "one value for the whole run, period `all` only",
    }
)


class Ratio(NamedTuple):
    """Monthly numerator and denominator, float64[R, month] each; a mean over patients is the sum
    of their values over their number, by the month of the event."""

    numerator: Floats
    denominator: Floats


Tables = Mapping[str, Floats] | Mapping[str, Ratio]
"""By suffix (``""``, ``@product``, ``@product.market``, ``:plant.resource``, ``:supply``,
``:party``): float64[R, month], a :class:`Ratio` of two such, or float64[R] for a value of the whole
run."""


@dataclass(frozen=True)
class Measure:
    """One thing that is asked of a run.

    ``unit`` ``money`` stands for the scenario's currency; ``meaning`` is one line; ``function``
    returns the monthly tables.
    """

    name: str
    unit: str
    meaning: str
    aggregation: Aggregation
    function: Callable[[Facts], Tables]


_registered: dict[str, Measure] = {}
MEASURES: Mapping[str, Measure] = MappingProxyType(_registered)
"""All measures by name, in the order in which results list them."""


def register(new: Measure) -> None:
    """Add a measure while the package is imported; a name can be taken only once."""
    if new.name in _registered:
        raise ValueError(f"the measure {new.name!r} is registered twice")
    _registered[new.name] = new


def measure(
    name: str, *, unit: str, meaning: str, aggregation: Aggregation
) -> Callable[[Callable[[Facts], Tables]], Callable[[Facts], Tables]]:
    """Decorator that registers a function as a measure."""

    def decorate(function: Callable[[Facts], Tables]) -> Callable[[Facts], Tables]:
        register(Measure(name, unit, meaning, aggregation, function))
        return function

    return decorate


def by_product_and_market(groups: tuple[str, ...], table: Floats) -> dict[str, Floats]:
    """A table ``[group, R, month]`` in total, by product and by market, with the suffixes.

    ``groups`` names the first axis: ``product.market``, or ``product`` for lots made to stock,
    which count for their product and for no market."""
    tables = {"": table.sum(axis=0)}
    for product in dict.fromkeys(group.partition(".")[0] for group in groups):
        chosen = np.asarray([group.partition(".")[0] == product for group in groups])
        tables[f"@{product}"] = table[chosen].sum(axis=0)
    for index, group in enumerate(groups):
        if "." in group:
            tables[f"@{group}"] = table[index]
    return tables


def ratios(numerators: Mapping[str, Floats], denominators: Mapping[str, Floats]) -> Tables:
    """Ratios of tables with the same suffixes."""
    return {
        suffix: Ratio(numerator, denominators[suffix]) for suffix, numerator in numerators.items()
    }
