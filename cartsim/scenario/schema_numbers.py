"""The JSON Schema of a number: every form in which a quantity or a series may be written.

There is one set of definitions for each way of writing a unit (``money`` with k, m and bn,
``percent``, ``days`` with d and h, ``plain``), because a suffix that does not fit is an error.
"""

from __future__ import annotations

from typing import Any

from cartsim.distributions import FAMILIES
from cartsim.distributions.family import Family
from cartsim.scenario.numbers import suffixes
from cartsim.scenario.read_distribution import QUANTILES, parameter_unit
from cartsim.scenario.values import SCOPES

Schema = dict[str, Any]

WRITING = {"money": "money", "percent": "share", "days": "days", "plain": "places"}
"""Each way of writing numbers, with a unit that is written so."""
_DIGITS = r"[+-]?(\d+(_\d+)*(\.\d+)?|\.\d+)([eE][+-]?\d+)?"
DATE: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "format": "date"}
TEXT: Schema = {"type": ["string", "number", "boolean"]}


def writing(unit: str) -> str:
    """The way in which numbers of a unit are written."""
    for name, example in WRITING.items():
        if suffixes(unit) == suffixes(example):
            return name
    return "plain"


def ref(name: str) -> Schema:
    """A reference to a definition."""
    return {"$ref": f"#/$defs/{name}"}


def number(unit: str) -> Schema:
    """A plain number of a unit: a JSON number, or text with separators and a suffix."""
    endings = "|".join(suffixes(unit))
    pattern = f"^{_DIGITS}( ?({endings}))?$" if endings else f"^{_DIGITS}$"
    return {"anyOf": [{"type": "number"}, {"type": "string", "pattern": pattern}]}


def number_definitions() -> dict[str, Schema]:
    """``quantity``, ``series``, ``distribution`` and ``annotated`` for each way of writing."""
    definitions: dict[str, Schema] = {}
    for name, unit in WRITING.items():
        definitions[f"number.{name}"] = number(unit)
        definitions[f"distribution.{name}"] = {"oneOf": _distributions(unit, name)}
        definitions[f"varying.{name}"] = {"anyOf": _varying(name)}
        definitions[f"quantity.{name}"] = {
            "anyOf": [
                ref(f"number.{name}"),
                ref(f"distribution.{name}"),
                _closed({"driver": {"type": "string"}}, ["driver"]),
                annotated([ref(f"number.{name}"), ref(f"distribution.{name}"),
                           _closed({"driver": {"type": "string"}}, ["driver"])]),
            ]
        }  # fmt: skip
        definitions[f"series.{name}"] = {
            "anyOf": [
                ref(f"quantity.{name}"),
                ref(f"varying.{name}"),
                annotated([ref(f"varying.{name}")]),
            ]
        }
    definitions["quantity"] = {"anyOf": [ref(f"quantity.{name}") for name in WRITING]}
    definitions["series"] = {"anyOf": [ref(f"series.{name}") for name in WRITING]}
    return definitions


def annotated(inner: list[Schema]) -> Schema:
    """``{value, source, note}`` around one of the given forms."""
    properties = {"value": {"anyOf": inner}, "source": TEXT, "note": TEXT}
    return _closed(properties, ["value"])


def _closed(properties: dict[str, Schema], required: list[str]) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _options(name: str) -> dict[str, Schema]:
    bound = {"anyOf": [ref(f"quantity.{name}"), {"type": "null"}]}
    loading = {"anyOf": [{"type": "number", "minimum": -1, "maximum": 1}, {"type": "string"}]}
    return {
        "truncate": {"type": "array", "prefixItems": [bound, bound], "minItems": 2, "maxItems": 2},
        "per": {"enum": list(SCOPES)},
        "loadings": {"type": "object", "minProperties": 1, "additionalProperties": loading},
    }


def _distributions(unit: str, name: str) -> list[Schema]:
    found = []
    for kind, family in FAMILIES.items():
        if kind in QUANTILES.values():
            properties = {key: ref(f"quantity.{name}") for key in family.forms[0]}
            required = list(family.forms[0])
        else:
            properties, required = {kind: _parameters(family, unit, name)}, [kind]
        found.append(_closed({**properties, **_options(name)}, required))
    return found


def _parameters(family: Family, unit: str, name: str) -> Schema:
    def parameter(key: str) -> Schema:
        return ref(f"quantity.{writing(parameter_unit(family, key, unit))}")

    if family.style == "scalar":
        return parameter(family.forms[0][0])
    if family.style == "list":
        items = [parameter(key) for key in family.forms[0]]
        count = len(items)
        return {"type": "array", "prefixItems": items, "minItems": count, "maxItems": count}
    if family.style == "map":
        forms = [
            _closed({key: parameter(key) for key in form}, list(form)) for form in family.forms
        ]
        return forms[0] if len(forms) == 1 else {"oneOf": forms}
    if family.name == "choice":
        weight = ref("number.percent")
        return {"type": "object", "minProperties": 1, "additionalProperties": weight}
    return {"type": "array", "minItems": 1, "items": ref(f"number.{name}")}


def _varying(name: str) -> list[Schema]:
    quantity = ref(f"quantity.{name}")
    step = _closed(
        {"from": DATE, "value": quantity, "source": TEXT, "note": TEXT}, ["from", "value"]
    )
    ramp = _closed(
        {
            "from": DATE,
            "to": DATE,
            "start": quantity,
            "end": quantity,
            "shape": {"enum": ["linear", "logistic"]},
        },
        ["from", "to", "start", "end"],
    )
    by_year = {
        "type": "object",
        "minProperties": 1,
        "patternProperties": {r"^\d{4}$": quantity},
        "additionalProperties": False,
    }
    return [
        by_year,
        _closed({"steps": {"type": "array", "minItems": 1, "items": step}}, ["steps"]),
        _closed({"ramp": ramp}, ["ramp"]),
        _closed({"start": quantity, "growth": ref("series.percent")}, ["start", "growth"]),
    ]
