"""Where a value came from: its file and line, what it replaced, who vouches for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cartsim.errors import Position, UsageError
from cartsim.scenario.docstrings import meanings
from cartsim.scenario.loaded import Loaded
from cartsim.scenario.parameters import quantities, series
from cartsim.scenario.part import Part, nearest
from cartsim.scenario.read_quantity import plain_text
from cartsim.scenario.shape import Shape
from cartsim.scenario.tree import Map, Node, Sequence, item_names
from cartsim.scenario.values import Distribution, DriverReference, Quantity, Scope, Series


@dataclass(frozen=True)
class Origin:
    """A value as it was written, and where."""

    text: str
    position: Position | None

    def __str__(self) -> str:
        return f"{self.text} at {self.position}" if self.position else self.text


@dataclass(frozen=True)
class Explanation:
    """What is known about the value at a dotted path.

    ``history`` holds what the value replaced (through ``extends``, a variant or an override),
    newest first. ``unit``, ``scope`` and ``distribution`` are empty where the value is no number.
    """

    path: str
    value: str
    """As written; of a part of the model, its keys."""
    position: Position | None
    """None for a default, which no file wrote."""
    is_default: bool
    history: tuple[Origin, ...] = ()
    source: str = ""
    note: str = ""
    unit: str = ""
    scope: Scope | None = None
    distribution: str = ""
    """Kind of distribution, or ``driver``, or the form of a series; empty for a constant."""
    meaning: str = ""
    """What the model says about the key."""

    def as_dict(self) -> dict[str, Any]:
        """The explanation as plain JSON values."""
        position = self.position
        return {
            "path": self.path,
            "value": self.value,
            "position": str(position) if position else None,
            "default": self.is_default,
            "history": [
                {
                    "value": origin.text,
                    "position": str(origin.position) if origin.position else None,
                }
                for origin in self.history
            ],
            "source": self.source,
            "note": self.note,
            "unit": self.unit,
            "scope": self.scope,
            "distribution": self.distribution,
            "meaning": self.meaning,
        }


def explain(loaded: Loaded, path: str) -> Explanation:
    """Where the value at a dotted path came from.

    Raises :class:`~cartsim.errors.UsageError` for a path that the scenario does not have, with
    the nearest one that it has.
    """
    walk = _walk(loaded.tree, path)
    known: dict[str, Quantity | Series] = {item.path: item for item in quantities(loaded.model)}
    known.update({item.path: item for item in series(loaded.model)})
    number = known.get(path)
    position, text = None, ""
    if walk is not None:
        node = walk[-1][0]
        position, text = node.position, plain_text(node)
    is_default = position is None
    meaning, default = _of_model(loaded, path)
    history = _history(walk) if walk is not None else ()
    if number is not None:
        return Explanation(
            path=path,
            value=text if text and not is_default else (_number_text(number) or default),
            position=None if is_default else position,
            is_default=is_default,
            history=history,
            source=number.source,
            note=" ".join(part for part in (number.note, _family_note(number)) if part),
            unit=number.unit,
            scope=_scope(number),
            distribution=_distribution(number),
            meaning=meaning,
        )
    if walk is None and not default:
        names = sorted({*known, *_paths(loaded.tree), *_keys(loaded.model)})
        hint = nearest(path, names)
        hint = f" ({hint})" if hint.startswith("did you mean") else ""
        raise UsageError(f"{loaded.path} has no {path!r}{hint}")
    return Explanation(
        path=path,
        value=default if is_default else text,
        position=position,
        is_default=is_default,
        history=history,
        meaning=meaning,
    )


def _walk(tree: Map, path: str) -> list[tuple[Node, str]] | None:
    """The nodes from the root to a path, each with the rest of the path below it.

    Annotations are seen through, as in the names of quantities.
    """
    current: Node = tree
    parts = path.split(".")
    steps: list[tuple[Node, str]] = []
    while parts:
        part = parts[0]
        if isinstance(current, Map) and part not in current and "value" in current:
            current = current["value"]
            continue
        if isinstance(current, Map) and part in current:
            current = current[part]
        elif isinstance(current, Sequence):
            names = item_names(current)
            if part in names:
                current = current[names.index(part)]
            elif part.isdecimal() and int(part) < len(current):
                current = current[int(part)]
            else:
                return None
            if isinstance(current, Map) and len(current) == 1 and part in current:
                current = current[part]
        else:
            return None
        parts = parts[1:]
        steps.append((current, ".".join(parts)))
    return steps


def _history(walk: list[tuple[Node, str]]) -> tuple[Origin, ...]:
    """What stood at the path before: what the node, or else the nearest map around it, replaced."""
    for node, rest in reversed(walk):
        origins = []
        for old in node.history:
            below = old
            if rest:
                inner = _walk(old, rest) if isinstance(old, Map) else None
                if inner is None:
                    continue
                below = inner[-1][0]
            origins.append(Origin(plain_text(below), below.position))
        if origins:
            return tuple(origins)
    return ()


def _number_text(number: Quantity | Series) -> str:
    if isinstance(number, Quantity):
        return number.text
    return next(iter(number.quantities())).text


def _scope(number: Quantity | Series) -> Scope:
    return number.scope if isinstance(number, Quantity) else "replication"


def _distribution(number: Quantity | Series) -> str:
    if isinstance(number, Series):
        form = type(number.form).__name__
        return {
            "ByYear": "series by year",
            "Steps": "series in steps",
            "Ramp": "ramp",
            "Growth": "growth",
        }.get(form, "") or _distribution(next(iter(number.quantities())))
    if isinstance(number.value, DriverReference):
        return "driver"
    return number.value.kind if isinstance(number.value, Distribution) else ""


def _family_note(number: Quantity | Series) -> str:
    value = number.value if isinstance(number, Quantity) else None
    return value.note if isinstance(value, Distribution) else ""


def _of_model(loaded: Loaded, path: str) -> tuple[str, str]:
    """What the model says about a path's key, and its default as text."""
    shape: Shape | None = Shape("part", part=type(loaded.model))
    value: Any = loaded.model
    meaning, default = "", ""
    for segment in path.split("."):
        if shape is None:
            break
        if shape.part is not None and isinstance(value, Part):
            name = shape.part.keys().get(segment)
            if name is None:
                break
            meaning = meanings(shape.part).get(name, "")
            written = shape.part.model_fields[name].default
            default = str(written) if isinstance(written, str) else ""
            value, shape = getattr(value, name, None), shape.field(segment)
            if shape is not None and shape.part is not None and not meaning:
                meaning = (shape.part.__doc__ or "").strip()
        elif shape.kind == "names" and isinstance(value, dict):
            value, shape, default = value.get(segment), shape.inner, ""
        elif shape.kind == "list" and isinstance(value, list):
            value, shape = _item(value, segment), shape.inner
            default = ""
            if isinstance(value, Part) and shape is not None:
                value, shape = _kind(value, shape)
        else:
            default = ""
            break
    return meaning, default


def _item(items: list[Any], segment: str) -> Any:
    """The part of a list that is named by the last segment of its path."""
    named = (item for item in items if getattr(item, "path", "").endswith(f".{segment}"))
    return next(named, None)


def _kind(part: Part, shape: Shape) -> tuple[Any, Shape | None]:
    """Of a part that is one of several kinds, the kind that it is (a contract's leg)."""
    for key in part.one_of:
        value = getattr(part, key, None)
        if isinstance(value, Part) and value.path == part.path:
            return value, shape.field(key)
    return part, shape


def _keys(part: Part) -> Iterator[str]:
    """The dotted paths of the keys that a model has, written or not."""
    for key, name in type(part).keys().items():
        yield f"{part.path}.{key}" if part.path else key
        value = getattr(part, name)
        below = value.values() if isinstance(value, dict) else value
        for item in below if isinstance(value, dict | list) else [value]:
            if isinstance(item, Part):
                yield from _keys(item)


def _paths(node: Any) -> list[str]:
    found = [node.path] if getattr(node, "path", "") else []
    children = (
        node.values() if isinstance(node, Map) else node if isinstance(node, Sequence) else ()
    )
    for child in children:
        found.extend(_paths(child))
    return found
