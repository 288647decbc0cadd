"""The base of every model of a scenario: frozen, no unknown keys, problems collected, not raised."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, model_validator
from pydantic.functional_validators import ModelWrapValidatorHandler

from cartsim.errors import Position, Problem
from cartsim.scenario.tree import Map, Scalar


def nearest(name: str, names: Iterable[str]) -> str:
    """A hint with the nearest valid name, else the list of valid names."""
    known = sorted(set(names))
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"allowed: {', '.join(known)}" if known else ""


def written(text: str, **more: Any) -> Any:
    """A default, given as the author of a scenario would write it."""
    return Field(default=text, validate_default=True, **more)


def report(info: ValidationInfo, problem: Problem) -> None:
    """Add a problem to the list that the loader passes as validation context."""
    problems: list[Problem] | None = info.context
    if problems is None:
        raise TypeError("scenario models are validated through cartsim.scenario.load")
    problems.append(problem)


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
            given = f"got {str(data)!r}" if isinstance(data, Scalar) else "got a list"
            report(info, Problem(f"expected a map of {', '.join(keys)}; {given}", path, position))
            return cls.model_construct(path=path)
        values: dict[str, Any] = {"path": path}
        for key, item in data.items():
            if key in keys:
                values[str(key)] = item
            else:
                where = f"{path}.{key}" if path else str(key)
                problem = Problem(
                    f"unknown key {str(key)!r}", where, data.key_position(key), nearest(key, keys)
                )
                report(info, problem)
        for key, name in keys.items():
            default = cls.model_fields[name].default
            if key not in values and isinstance(default, str):
                node = Scalar(default)
                node.path = f"{path}.{key}" if path else key
                values[key] = node
        try:
            return handler(values)
        except ValidationError as error:
            for details in error.errors():
                location = [str(part) for part in details["loc"]]
                where = ".".join([path, *location]) if path else ".".join(location)
                if details["type"] == "missing":
                    message = f"missing key {location[-1]!r}"
                    report(info, Problem(message, where, position))
                    continue
                given_node: Any = data
                for part in location:
                    inner = given_node.get(part) if isinstance(given_node, Map) else None
                    given_node = inner if inner is not None else given_node
                shown = f"; got {str(given_node)!r}" if isinstance(given_node, Scalar) else ""
                text = details["msg"].removeprefix("Value error, ")
                report(
                    info,
                    Problem(f"{text}{shown}", where, getattr(given_node, "position", position)),
                )
            return cls.model_construct(path=path)
