"""Every number of a scenario, walked in one fixed order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cartsim.scenario.part import Part
from cartsim.scenario.values import Distribution, Quantity, Series


def quantities(model: Part) -> Iterator[Quantity]:
    """All quantities of a model, parameters of distributions included, sorted by path.

    Entries of a series and parameters of a distribution have paths of their own; each path comes
    once.
    """
    found = {quantity.path: quantity for quantity in _walk(model)}
    for path in sorted(found):
        yield found[path]


def uncertain(model: Part) -> tuple[Quantity, ...]:
    """The quantities that hold a distribution, of whatever scope, sorted by path."""
    return tuple(
        quantity for quantity in quantities(model) if isinstance(quantity.value, Distribution)
    )


def series(model: Part) -> tuple[Series, ...]:
    """All series of a model, sorted by path."""
    return tuple(sorted(_series(model), key=lambda item: item.path))


def _children(value: Any) -> Iterator[Any]:
    if isinstance(value, Part):
        for name in type(value).model_fields:
            yield getattr(value, name, None)
    elif isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list | tuple):
        yield from value


def _walk(value: Any) -> Iterator[Quantity]:
    if isinstance(value, Quantity):
        yield from value.leaves()
    elif isinstance(value, Series):
        yield from value.quantities()
    else:
        for child in _children(value):
            yield from _walk(child)


def _series(value: Any) -> Iterator[Series]:
    if isinstance(value, Series):
        yield value
    else:
        for child in _children(value):
            yield from _series(child)
