"""The base of a scenario's models: frozen, no unknown keys, problems collected, not raised."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, model_validator
from pydantic.functional_validators import ModelWrapValidatorHandler
from pydantic_core import ErrorDetails

from cartsim.errors import Position, Problem
from cartsim.scenario.tree import Map, Scalar, Sequence

MANY, SHOWN = 60, 12
"""Of more names than the first, so many are shown."""


def nearest(name: str, names: Iterable[str]) -> str:
    """A hint with the nearest valid name, else the list of valid names."""
    known = sorted(set(names))
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    if len(known) > MANY:
        return f"allowed: {', '.join(known[:SHOWN])} and {len(known) - SHOWN} more"
    return f"allowed: {', '.join(known)}" if known else ""


def written(text: str, **more: Any) -> Any:
    """A default, given as the author of a scenario would write it."""
    return Field(default=text, validate_default=True, **more)


def collected(info: ValidationInfo) -> list[Problem]:
    """The list of problems that the loader passes as validation context."""
    problems: list[Problem] | None = info.context
    if problems is None:
        raise TypeError("scenario models are validated through cartsim.scenario.load")
    return problems


def report(info: ValidationInfo, problem: Problem) -> None:
    """Add a problem to the list that the loader passes as validation context."""
    collected(info).append(problem)


class Part(BaseModel):
    """A map of the scenario. Validation never stops at the first problem: each one is added to the
    context's list, with its position, and the loader raises them together.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    one_of: ClassVar[tuple[str, ...]] = ()
    """Keys of which exactly one is written (the kinds of a curve, of a trigger)."""

    path: str = Field(default="", exclude=True, repr=False, json_schema_extra={"internal": True})
    """Dotted path of this part; set by the loader, not written by users."""

    @classmethod
    def keys(cls) -> dict[str, str]:
        """The keys a user may write, each with the name of its field."""
        return {
            info.alias or name: name for name, info in cls.model_fields.items() if name != "path"
        }

    @model_validator(mode="wrap")
    @classmethod
    def _collect(
        cls, data: Any, handler: ModelWrapValidatorHandler[Any], info: ValidationInfo
    ) -> Any:
        if isinstance(data, cls):
            return data
        keys = cls.keys()
        path = getattr(data, "path", "")
        position: Position | None = getattr(data, "position", None)
        if not isinstance(data, Map):
            message = f"expected a map of {', '.join(keys)}; got {shown(data)}"
            report(info, Problem(message, path, position))
            return cls.model_construct(path=path)
        values: dict[str, Any] = {"path": path}
        for key, item in data.items():
            if key in keys:
                values[str(key)] = item
            else:
                # an item of a list may be named by its only key, which is then in its path
                named = bool(cls.one_of) and path.endswith(f".{key}")
                where = path if named else f"{path}.{key}" if path else str(key)
                problem = Problem(
                    f"unknown key {str(key)!r}", where, data.key_position(key), nearest(key, keys)
                )
                report(info, problem)
        cls._check_one_of(data, info)
        for key, name in keys.items():
            default = cls.model_fields[name].default
            if key not in values and isinstance(default, str):
                node = Scalar(default)
                node.path = f"{path}.{key}" if path else key
                values[key] = node
        try:
            return handler(values)
        except ValidationError as error:
            for details in error.errors(include_url=False, include_context=True):
                location = [str(part) for part in details["loc"]]
                where = ".".join([path, *location]) if path else ".".join(location)
                if details["type"] == "missing" and data.damaged:
                    continue
                if details["type"] == "missing":
                    message = f"missing key {location[-1]!r}"
                    report(info, Problem(message, where, position))
                    continue
                given_node: Any = data
                for part in location:
                    inner = _below(given_node, part)
                    given_node = inner if inner is not None else given_node
                message, hint = _said(details, given_node)
                place = getattr(given_node, "position", position)
                report(info, Problem(message, where, place, hint))
            return cls.model_construct(path=path)

    @classmethod
    def _check_one_of(cls, data: Map, info: ValidationInfo) -> None:
        chosen = [str(key) for key in data if key in cls.one_of]
        if not cls.one_of or len(chosen) == 1 or set(data) - set(cls.keys()):
            return
        choices = ", ".join(cls.one_of)
        got = f"got {' and '.join(chosen)}" if chosen else "got none"
        place = data.key_position(chosen[1]) if chosen else data.position
        report(info, Problem(f"expected exactly one of {choices}; {got}", data.path, place))


def _below(node: Any, part: str) -> Any:
    """What stands under a name of a map or a place of a list, if anything does."""
    if isinstance(node, Map):
        return node.get(part)
    if isinstance(node, Sequence) and part.isdecimal() and int(part) < len(node):
        return node[int(part)]
    return None


def shown(node: Any) -> str:
    """What was given, for a message."""
    if isinstance(node, Map):
        return "a map"
    if isinstance(node, list):
        return "a list"
    return "nothing" if getattr(node, "null", False) else repr(str(node))


def _said(details: ErrorDetails, given: Any) -> tuple[str, str]:
    """A pydantic error in words of ours: the message and the hint."""
    kind = details["type"]
    if kind == "dict_type":
        return f"expected a map of names; got {shown(given)}", ""
    if kind == "list_type":
        return f"expected a list; got {shown(given)}", ""
    if kind == "literal_error":
        names = [str(name).strip("' ") for name in re.split(" or |,", details["ctx"]["expected"])]
        return f"{shown(given)} is not allowed", nearest(str(given), names)
    return f"{details['msg'].removeprefix('Value error, ')}; got {shown(given)}", ""
