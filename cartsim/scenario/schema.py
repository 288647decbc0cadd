"""The JSON Schema of scenario files, so that editors complete and check them as they are typed.

A map that says ``extends`` may leave out any key, and so may everything inside it: each part of
the model therefore has two definitions, ``Name`` and ``Name.partial``.
"""

from __future__ import annotations

import inspect
import math
from typing import Any

from cartsim.scenario.docstrings import meanings
from cartsim.scenario.model import Scenario
from cartsim.scenario.part import Part
from cartsim.scenario.schema_numbers import number_definitions, ref, writing
from cartsim.scenario.shape import Shape, part_shapes

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_EXTENDS: Schema = {
    "description": "files that this map is built on: library/<name>, or a path beside this file",
    "anyOf": [
        {"type": "string"},
        {"type": "array", "items": {"type": "string"}, "minItems": 1},
    ],
}
_VARIANTS: Schema = {
    "description": "named sets of overrides: dotted path to value",
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "propertyNames": {"pattern": r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$"},
    },
}
_NAME = r"^[A-Za-z0-9_-]+$"


def schema() -> Schema:
    """The JSON Schema (draft 2020-12) of a scenario file, as plain values."""
    definitions = number_definitions()
    definitions["delete"] = {"description": "!delete removes an extended key", "type": "null"}
    _define(Scenario, definitions)
    return {
        "$schema": DRAFT,
        "$id": "https://cartsim.org/schema/scenario-1.json",
        "title": "cartsim scenario, format 1",
        **ref("Scenario"),
        "$defs": dict(sorted(definitions.items())),
    }


def _define(part: type[Part], definitions: dict[str, Schema]) -> None:
    name = part.__name__
    if name in definitions:
        return
    definitions[name] = {
        "description": inspect.cleandoc(part.__doc__ or ""),
        "if": {"type": "object", "required": ["extends"]},
        "then": ref(f"{name}.partial"),
        "else": ref(f"{name}.complete"),
    }
    definitions[f"{name}.partial"] = _part(part, partial=True)
    definitions[f"{name}.complete"] = _part(part, partial=False)
    for shape in part_shapes(part).values():
        below: Shape | None = shape
        while below is not None:
            if below.part is not None:
                _define(below.part, definitions)
            below = below.inner


def _part(part: type[Part], *, partial: bool) -> Schema:
    shapes, said = part_shapes(part), meanings(part)
    properties: dict[str, Schema] = {"extends": _EXTENDS}
    required = []
    for key, name in part.keys().items():
        info = part.model_fields[name]
        field = _place(shapes[key], partial=partial)
        if name in said:
            field = {**field, "description": said[name]}
        if isinstance(info.default, str):
            field = {**field, "default": info.default}
        if partial:
            field = {"anyOf": [field, ref("delete")]}
        properties[key] = field
        if info.is_required():
            required.append(key)
    if part is Scenario:
        properties["variants"] = _VARIANTS
    made: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if required and not partial:
        made["required"] = required
    if part.one_of and not partial:
        made["oneOf"] = [{"required": [key]} for key in part.one_of]
    return made


def _place(shape: Shape, *, partial: bool) -> Schema:
    """What may stand at a place."""
    if shape.kind == "number" and shape.number is not None:
        rules = shape.number
        form = "series" if rules.series else "quantity"
        made = ref(f"{form}.{writing(rules.unit)}")
        made["x-unit"] = rules.unit
        made["x-scope"] = rules.scope
        if math.isfinite(rules.low):
            made["minimum"] = rules.low
        if math.isfinite(rules.high):
            made["maximum"] = rules.high
        return made
    if shape.part is not None:
        return ref(f"{shape.part.__name__}.partial" if partial else shape.part.__name__)
    if shape.kind == "names" and shape.inner is not None:
        inner = _place(shape.inner, partial=partial)
        if partial:
            inner = {"anyOf": [inner, ref("delete")]}
        properties = {"extends": _EXTENDS}
        names: Schema = {"type": "object", "propertyNames": {"pattern": _NAME}}
        return {**names, "properties": properties, "additionalProperties": inner}
    if shape.kind == "list" and shape.inner is not None:
        return {"type": "array", "items": _place(shape.inner, partial=False)}
    return dict(shape.json or {})
