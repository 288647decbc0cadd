"""What a market must give for its demand to be computed."""

from __future__ import annotations

from typing import TypeVar

from cartsim.errors import Problem, ScenarioError
from cartsim.scenario.part import Part

T = TypeVar("T")


def required(value: T | None, part: Part, key: str, why: str) -> T:
    """The value of a key that another key makes necessary; raises ``ScenarioError`` without it."""
    if value is None:
        raise ScenarioError([Problem(f"missing key {key!r}: {why}", f"{part.path}.{key}")])
    return value


def exactly_one(part: Part, *keys: str) -> str:
    """Which one of several keys is given; raises ``ScenarioError`` when it is none or several."""
    given = [key for key in keys if getattr(part, key) is not None]
    if len(given) != 1:
        found = f"got {' and '.join(given)}" if given else "got none"
        raise ScenarioError(
            [Problem(f"exactly one of {', '.join(keys)} is needed; {found}", part.path)]
        )
    return given[0]
