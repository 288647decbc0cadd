"""What a notebook may hand to an analysis: files and variants as scenarios, numbers as text, one
text for several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from os import PathLike
from typing import Any

from cartsim.analysis.evaluate import Settings
from cartsim.errors import UsageError
from cartsim.montecarlo.result import Result
from cartsim.scenario.load import load
from cartsim.scenario.loaded import Loaded
from cartsim.scenario.numbers import parse_number
from cartsim.scenario.part import nearest


def as_scenario(given: object, of: Loaded | None = None) -> Loaded:
    """A scenario: as it is, that of a result, a file, or a variant of another scenario.

    Raises ``UsageError`` for anything else.
    """
    if isinstance(given, Loaded):
        return given
    if isinstance(given, Result):
        return given.loaded
    if isinstance(given, str) and of is not None and given in of.variants:
        return of.with_variant(given)
    if isinstance(given, str | PathLike):
        return load(str(given))
    kind = type(given).__name__
    raise UsageError(f"a scenario is what cartsim.load returns, or the path of a file; got {kind}")


def as_scenarios(given: Sequence[Loaded | str], things: str) -> list[Loaded]:
    """Several scenarios, each as :func:`as_scenario` has it, a variant being one of the first."""
    if isinstance(given, str):
        raise UsageError(f"name at least two {things}, as a list")
    found: list[Loaded] = []
    for each in given:
        found.append(as_scenario(each, found[0] if found else None))
    return found


def texts(given: str | Sequence[str]) -> list[str]:
    """One text or several, as several."""
    return [given] if isinstance(given, str) else list(given)


def number_of(given: float | str, what: str) -> float:
    """A number, or one as a scenario has it (``300k``, ``80%``)."""
    if not isinstance(given, str):
        return float(given)
    try:
        return parse_number(given, "share" if given.endswith("%") else "money")
    except ValueError as error:
        raise UsageError(f"{what}: {error}") from None


def settings_of(given: Mapping[str, Any]) -> Settings:
    """Settings by keyword; raises ``UsageError`` for one that there is not."""
    known = {each.name for each in fields(Settings)}
    for name, value in given.items():
        if name not in known:
            raise UsageError(f"there is no setting {name!r} ({nearest(name, known)})")
        if name in ("replications", "seed", "workers") and not isinstance(value, int | None):
            raise UsageError(f"{name} is a whole number; got {value!r}")
    return Settings(**given)
