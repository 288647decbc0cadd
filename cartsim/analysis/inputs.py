"""The uncertain inputs of a scenario: what we do not know, and what of it moves together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import numpy as np

from cartsim.distributions import FAMILIES
from cartsim.errors import UsageError
from cartsim.sampling.drawn import draw
from cartsim.sampling.given import Given
from cartsim.scenario.model import Scenario
from cartsim.scenario.parameters import series, uncertain
from cartsim.scenario.part import nearest
from cartsim.scenario.values import ByYear, Distribution, Quantity
from cartsim.units import Calendar, Floats

PLAIN = {
    *("products", "markets", "route", "steps", "costs", "legs", "resources", "value", "company"),
    *("growth", "ramp", "linear", "logistic", "bass", "funnel"),
}
"""Names on the way to an input that a label leaves out."""


@dataclass(frozen=True)
class Input:
    """One uncertain input of replication scope.

    ``label`` is as much of the path as tells it from the other inputs; ``with_others`` are the
    paths of inputs that move with it, through a correlation or a driver; ``sourced`` says whether
    somebody vouches for it; ``home`` is the scenario that it was found in.
    """

    path: str
    label: str
    unit: str
    text: str
    sourced: bool
    with_others: tuple[str, ...] = ()
    quantity: Quantity = field(repr=False, compare=False, kw_only=True)
    home: Scenario = field(repr=False, compare=False, kw_only=True)

    @property
    def money(self) -> str:
        """The currency that an amount of money of this input is in."""
        return money_of(self.home, self.path)


def inputs_of(*scenarios: Scenario, patterns: Sequence[str] = ()) -> tuple[Input, ...]:
    """The uncertain inputs whose paths match one of the patterns (all, without patterns), by path.

    Of several scenarios, those of any of them; ``home`` is the first that has it. ``*`` in a
    pattern stands for any text. Raises ``UsageError`` for a pattern that matches none.
    """
    known: dict[str, tuple[Quantity, Scenario]] = {}
    together: dict[str, frozenset[str]] = {}
    for scenario in scenarios:
        for each in uncertain(scenario):
            if each.scope == "replication":
                known.setdefault(each.path, (each, scenario))
        for path, others in coupled(scenario).items():
            together[path] = together.get(path, frozenset()) | others
    paths = sorted(known)
    for pattern in patterns:
        if not any(matches(path, pattern) for path in paths):
            raise UsageError(f"{pattern!r} is no uncertain input; {hinted(pattern, paths)}")
    labels = labelled(paths)
    for path in _going_on(scenarios):
        if path in labels:
            labels[path] = re.sub(r" ?(\d{4})$", r" from \1 on", labels[path]).strip()
    return tuple(
        Input(
            path,
            labels[path],
            quantity.unit,
            quantity.text,
            bool(quantity.source),
            tuple(sorted(together.get(path, frozenset()) - {path})),
            quantity=quantity,
            home=home,
        )
        for path, (quantity, home) in ((path, known[path]) for path in paths)
        if not patterns or any(matches(path, pattern) for pattern in patterns)
    )


def _going_on(scenarios: Sequence[Scenario]) -> Iterator[str]:
    """Entries of a year that hold for later years of the run too."""
    for scenario in scenarios:
        last = Calendar(scenario.run.start, scenario.run.years).years_covered[-1]
        for each in series(scenario):
            if isinstance(each.form, ByYear) and each.form.years[-1][0] < last:
                yield each.form.years[-1][1].path


def hinted(pattern: str, paths: Sequence[str]) -> str:
    """The nearest path, or how many there are to choose from."""
    hint = nearest(pattern, paths)
    if hint.startswith("did you mean"):
        return hint
    return f"there are {len(paths)}, such as {paths[0]}" if paths else "there are none"


def money_of(scenario: Scenario, path: str) -> str:
    """The currency of the amounts at a path: that of its market, if it has one of its own."""
    parts = path.split(".")
    if parts[0] == "products" and parts[2:3] == ["markets"] and len(parts) > 4:
        return scenario.products[parts[1]].markets[parts[3]].currency or scenario.currency
    return scenario.currency


def matches(path: str, pattern: str) -> bool:
    """Whether a path is what a pattern names, or lies below it."""
    return fnmatchcase(path, pattern) or fnmatchcase(path, f"{pattern}.*")


def values(found: Sequence[Input], seed: int, replications: int) -> Floats:
    """What a run draws for each input, float64[input, R]."""
    drawn = {id(each.home): draw(each.home, seed, range(replications)) for each in found}
    rows = [drawn[id(each.home)].value(each.quantity) for each in found]
    return np.asarray(rows).reshape(-1, replications)


def value_at(found: Input, quantile: float, seed: int) -> float:
    """The value of an input at a quantile of its distribution; where that has uncertain parameters,
    the mean over some replications."""
    given = Given(values={found.path: quantile})
    return float(draw(found.home, seed, range(256), given=given).value(found.quantity).mean())


def coupled(scenario: Scenario) -> dict[str, frozenset[str]]:
    """By path, all inputs that it moves with, itself among them, however indirectly."""
    pairs = [tuple(pair.between) for pair in scenario.correlations]
    for each in uncertain(scenario):
        if isinstance(each.value, Distribution) and each.scope == "replication":
            pairs += [(each.path, scenario.drivers[name].path) for name in each.value.loadings]
    groups: dict[str, frozenset[str]] = {}
    for first, second in pairs:
        joined = groups.get(first, frozenset({first})) | groups.get(second, frozenset({second}))
        groups.update(dict.fromkeys(joined, joined))
    return groups


def labelled(paths: Sequence[str]) -> dict[str, str]:
    """For each path the shortest ending that tells it from the others, as words."""
    said = {path: _words(path) for path in paths}
    found = {}
    for path in paths:
        words = said[path]
        # a year says nothing without what it is the year of
        fewest = 3 if words[-1].isdecimal() else 2
        for length in range(min(fewest, len(words)), len(words) + 1):
            ending = words[-length:]
            same = [o for o in paths if said[o][-length:] == ending]
            if len(same) == 1:
                break
        *above, last = (_readable(word) for word in words[-length:])
        joint = " " if last.isdecimal() else ": "
        found[path] = f"{' '.join(above)}{joint}{last}" if above else last
    return found


def _readable(word: str) -> str:
    if word in ("us", "eu", "uk"):
        return word.upper()
    return word.replace("_", " ").replace("car t", "CAR-T")


def _words(path: str) -> list[str]:
    every = path.split(".")
    kept = [word for word in every if word not in PLAIN and word not in FAMILIES]
    return kept or every
