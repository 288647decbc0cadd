"""What differs between two scenarios, as they resolve: values first, then who vouches for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from cartsim.errors import Position
from cartsim.scenario.fingerprint import canonical
from cartsim.scenario.loaded import Loaded
from cartsim.scenario.part import Part
from cartsim.scenario.read_quantity import plain_text
from cartsim.scenario.tree import find
from cartsim.scenario.values import ByYear, Flat, Growth, Quantity, Ramp, Series, Steps

Aspect = Literal["value", "source", "note"]


@dataclass(frozen=True)
class Difference:
    """One path at which two scenarios differ; None where a scenario does not have it."""

    path: str
    aspect: Aspect
    left: str | None
    right: str | None
    left_position: Position | None = None
    right_position: Position | None = None


@dataclass(frozen=True)
class _Entry:
    content: Any
    text: str
    source: str = ""
    note: str = ""
    position: Position | None = field(default=None, compare=False)
    entries: dict[str, _Entry] = field(default_factory=dict)
    """The entries of a number that varies in time; compared one by one where both have the same."""


def diff(left: Loaded, right: Loaded) -> list[Difference]:
    """Every difference between two resolved scenarios, sorted by path, values before sources.

    A default and the same value written out do not differ.
    """
    entries = [dict(_entries(loaded.model, "", loaded)) for loaded in (left, right)]
    found: list[Difference] = []
    for path in {*entries[0], *entries[1]}:
        found.extend(_compared(path, entries[0].get(path), entries[1].get(path)))
    return sorted(found, key=lambda item: (item.aspect != "value", item.path, item.aspect))


def _compared(path: str, one: _Entry | None, other: _Entry | None) -> Iterator[Difference]:
    if (
        one is not None
        and other is not None
        and one.entries.keys() == other.entries.keys() != set()
    ):
        for inner in one.entries:
            yield from _compared(inner, one.entries[inner], other.entries[inner])
        return
    places = (one.position if one else None, other.position if other else None)
    if one is None or other is None or one.content != other.content:
        texts = (one.text if one else None, other.text if other else None)
        yield Difference(path, "value", *texts, *places)
    if one is not None and other is not None:
        if one.source != other.source:
            yield Difference(path, "source", one.source, other.source, *places)
        if one.note != other.note:
            yield Difference(path, "note", one.note, other.note, *places)


def _entries(value: Any, path: str, loaded: Loaded) -> Iterator[tuple[str, _Entry]]:
    """The leaves of a model, by dotted path; parts of a list are named as in the tree."""
    if value is None:
        return
    if isinstance(value, Part):
        # a leg and its only kind share one path
        path = value.path or path
        for key, name in type(value).keys().items():
            inner = f"{path}.{key}" if path else key
            yield from _entries(getattr(value, name), inner, loaded)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _entries(item, f"{path}.{key}", loaded)
    elif isinstance(value, list) and value and isinstance(value[0], Part):
        for item in value:
            yield from _entries(item, item.path, loaded)
    elif isinstance(value, Quantity):
        yield value.path, _quantity(value)
    elif isinstance(value, Series):
        yield value.path, _series(value, loaded)
    elif not (isinstance(value, list) and not value):
        node = find(loaded.tree, path)
        text = value.isoformat() if isinstance(value, date) else str(value)
        if isinstance(value, list):
            text = f"[{', '.join(map(str, value))}]"
        yield path, _Entry(value, text, position=node.position if node is not None else None)


def _quantity(value: Quantity) -> _Entry:
    content = canonical(value)
    content = {key: item for key, item in content.items() if key not in ("source", "note")}
    if value.constant is not None:
        content = {"value": value.constant}
    return _Entry(content, value.text, value.source, value.note, value.position)


def _series(value: Series, loaded: Loaded) -> _Entry:
    form = value.form
    if isinstance(form, Flat):
        return _quantity(form.level)
    parts: dict[str, _Entry] = {}
    if isinstance(form, ByYear | Steps):
        entries = form.years if isinstance(form, ByYear) else form.steps
        parts = {quantity.path: _quantity(quantity) for _, quantity in entries}
    elif isinstance(form, Ramp):
        ramp = f"from {form.begin} to {form.finish}, {form.shape}"
        parts = {
            f"{value.path}.ramp": _Entry(ramp, ramp, position=value.position),
            form.start.path: _quantity(form.start),
            form.end.path: _quantity(form.end),
        }
    elif isinstance(form, Growth):
        growth = _series(form.growth, loaded)
        parts = {form.start.path: _quantity(form.start), form.growth.path: growth}
    content = [[path, part.content] for path, part in parts.items()]
    node = find(loaded.tree, value.path)
    text = "" if node is None else plain_text(node)
    return _Entry(content, text, value.source, value.note, value.position, parts)
