"""The hash of a scenario: what it says, whatever its files are called and how it is written."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from datetime import date
from typing import Any

from cartsim.scenario.part import Part
from cartsim.scenario.values import Distribution, DriverReference, Quantity, Series

FORMAT = 1
"""The version of the scenario format that this cartsim reads."""
_ASIDE = {"path", "position", "text", "unit", "low", "high"}
"""What a quantity carries beside its content: its name, its field's rules, how it was typed."""


def fingerprint(model: Part) -> str:
    """sha256 (hex) of a model's canonical form and the format version."""
    document = {"cartsim": FORMAT, "scenario": canonical(model)}
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(value: Any) -> Any:
    """A part, quantity or series as plain JSON values; equal content gives equal documents."""
    if isinstance(value, Part):
        return {key: canonical(getattr(value, name)) for key, name in type(value).keys().items()}
    if isinstance(value, Distribution):
        return {name: canonical(getattr(value, name)) for name in _FIELDS[Distribution]}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        aside = _ASIDE if isinstance(value, Quantity | Series) else set()
        inner = {name: canonical(getattr(value, name)) for name in names if name not in aside}
        return inner if isinstance(value, Quantity) else {type(value).__name__: inner}
    if isinstance(value, DriverReference):
        return {"driver": value.driver}
    if isinstance(value, dict):
        return {str(key): canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return value


_FIELDS = {Distribution: [field.name for field in dataclasses.fields(Distribution)]}
