"""The shape of the scenario models: what may stand at each place of a tree.

It is derived from the models' annotations, so that merging, overrides and the JSON Schema all
follow the same contract: a map of the model merges, a number is replaced as a whole.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from cartsim.scenario.fields import Number, Plain
from cartsim.scenario.part import Part

Kind = Literal["part", "names", "list", "number", "text", "scalar"]


@dataclass(frozen=True)
class Shape:
    """What may stand at a place: a part of the model, named entries, a list, a number, a scalar."""

    kind: Kind
    part: type[Part] | None = None
    inner: Shape | None = None
    number: Number | None = None
    json: dict[str, Any] | None = None

    def field(self, key: str) -> Shape | None:
        """The shape under a key, or None where the key is not known (any name is, in ``names``)."""
        if self.kind == "names":
            return self.inner
        if self.kind == "part" and self.part is not None:
            return part_shapes(self.part).get(key)
        return None

    def at(self, path: str) -> Shape | None:
        """The shape at a dotted path below, or None where there is none (as inside numbers)."""
        found: Shape | None = self
        for segment in path.split("."):
            if found is None:
                return None
            found = found.inner if found.kind == "list" else found.field(segment)
        return found

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that a user may write at this place (none are fixed for ``names``)."""
        return tuple(part_shapes(self.part)) if self.part is not None else ()


@cache
def part_shapes(part: type[Part]) -> dict[str, Shape]:
    """The shape of each key of a part."""
    keys = part.keys()
    return {key: _field_shape(part.model_fields[name]) for key, name in keys.items()}


def _field_shape(info: FieldInfo) -> Shape:
    return _marked(info.metadata) or _shape(info.annotation)


def _marked(metadata: Iterable[Any]) -> Shape | None:
    """The shape that a field type of ``fields.py`` stands for."""
    for item in metadata:
        if isinstance(item, Number):
            return Shape("number", number=item)
        if isinstance(item, Plain):
            return Shape("text" if item.kind == "text" else "scalar", json=item.json)
    return None


def _shape(annotation: Any) -> Shape:
    origin = get_origin(annotation)
    if origin is typing.Annotated:
        inner, *metadata = get_args(annotation)
        return _marked(metadata) or _shape(inner)
    if origin in (typing.Union, types.UnionType):
        (kept,) = [part for part in get_args(annotation) if part is not type(None)]
        return _shape(kept)
    if origin is dict:
        return Shape("names", inner=_shape(get_args(annotation)[1]))
    if origin is list:
        return Shape("list", inner=_shape(get_args(annotation)[0]))
    if origin is Literal:
        return Shape("scalar", json={"enum": list(get_args(annotation))})
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return Shape("part", part=annotation)
    return Shape("scalar")
